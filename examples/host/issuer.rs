//! What the host reads out of its own issuer URL.

use std::net::SocketAddr;

use url::Url;

/// The issuer of a server that was not told one: `http://` and the address it listens on.
pub fn for_address(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Whether browsers reach the server by `https`, so that its cookies can be `Secure`.
pub fn is_https(issuer: &str) -> bool {
    Url::parse(issuer).is_ok_and(|url| url.scheme() == "https")
}

#[cfg(test)]
mod tests {
    use super::*;

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
