//! What the host reads out of its own issuer URL.

use std::net::SocketAddr;

use url::Url;

/// The issuer of a server that was not told one: `http://` and the address it listens on.
pub fn for_address(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// The path under which all pages of the server are, without a trailing slash: empty for
/// `https://host`, `/tenant` for `https://host/tenant`.
pub fn path(issuer: &str) -> String {
    let path = Url::parse(issuer)
        .map(|url| url.path().to_owned())
        .unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}

/// Whether browsers reach the server by `https`, so that its cookies can be `Secure`.
pub fn is_https(issuer: &str) -> bool {
    Url::parse(issuer).is_ok_and(|url| url.scheme() == "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_has_no_trailing_slash() {
        assert_eq!(path("http://127.0.0.1:8080"), "");
        assert_eq!(path("http://127.0.0.1:8080/"), "");
        assert_eq!(path("https://example.com/tenant"), "/tenant");
        assert_eq!(path("https://example.com/a/b/"), "/a/b");
    }

    #[test]
    fn address_may_be_of_version_6() {
        assert_eq!(
            for_address(([127, 0, 0, 1], 80).into()),
            "http://127.0.0.1:80"
        );
        assert_eq!(
            for_address("[::1]:8080".parse().unwrap()),
            "http://[::1]:8080"
        );
    }

    #[test]
    fn only_https_is_https() {
        assert!(is_https("https://example.com"));
        assert!(is_https("HTTPS://example.com"));
        assert!(!is_https("http://example.com/https://"));
    }
}
