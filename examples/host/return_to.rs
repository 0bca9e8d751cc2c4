//! Where to go after signing in.
//!
//! The login page is told by a parameter where its visitor came from. Anybody can write such a
//! link, so only a place on this server is accepted: otherwise the login page would send people who
//! trust it to a page of the attacker's.

use url::Url;

use crate::issuer;

/// The page after signing in when none was asked for, below the issuer's path.
const DEFAULT: &str = "/account";

/// The place to return to, if it is a page of this server; the account page otherwise.
///
/// Accepted is a path below the issuer's own, with its query, as it came.
pub fn local(return_to: Option<&str>, issuer: &str) -> String {
    match return_to {
        Some(place) if is_local(place, issuer) => place.to_owned(),
        _ => format!("{}{DEFAULT}", issuer::path(issuer)),
    }
}

fn is_local(place: &str, issuer: &str) -> bool {
    let root = format!("{}/", issuer::path(issuer));
    let path = place.split(['?', '#']).next().unwrap_or_default();
    // Browsers read `//host` and `/\host` as another site, and drop tabs and line ends before they
    // read anything. A query may hold slashes: it often carries a redirect URI.
    if !place.bytes().all(|byte| byte.is_ascii_graphic())
        || !path.starts_with(&root)
        || path.contains("//")
        || path.contains('\\')
    {
        return false;
    }
    // Dot segments, percent-encoded or not, could lead out of the issuer's path.
    let Ok(own) = Url::parse(issuer) else {
        return false;
    };
    own.join(place)
        .is_ok_and(|target| target.origin() == own.origin() && target.path().starts_with(&root))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "http://127.0.0.1:8080";
    const TENANT: &str = "http://127.0.0.1:8080/tenant";

    #[test]
    fn own_pages_are_kept_as_they_came() {
        for place in [
            "/",
            "/account",
            "/authorize?redirect_uri=http://127.0.0.1:9999/callback&state=%2F%5C\\",
            "/device?user_code=ABCD-EFGH",
        ] {
            assert_eq!(local(Some(place), ISSUER), place);
            let below = format!("/tenant{place}");
            assert_eq!(local(Some(&below), TENANT), below);
        }
    }

    #[test]
    fn anything_else_leads_to_the_account_page() {
        for place in [
            "",
            "account",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " /account",
            "/account \r\nSet-Cookie: a=b",
            "/..//evil.example",
            "/a//evil.example/?x",
            "https://evil.example/",
            "http://127.0.0.1:8080/account",
            "javascript:alert(1)",
            "?x",
            "#x",
            "/konto/ä",
        ] {
            assert_eq!(local(Some(place), ISSUER), "/account", "{place}");
            assert_eq!(local(Some(place), TENANT), "/tenant/account", "{place}");
        }
        assert_eq!(local(None, ISSUER), "/account");
    }

    #[test]
    fn pages_outside_of_the_issuer_are_not_own() {
        for place in [
            "/account",
            "/tenant",
            "/tenants/account",
            "/tenant/../x",
            "/tenant/%2e%2E/x?y",
        ] {
            assert_eq!(local(Some(place), TENANT), "/tenant/account", "{place}");
        }
    }
}
