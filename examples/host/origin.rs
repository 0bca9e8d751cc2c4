//! Where a form was sent from, by the `Origin` header of its request.

use url::Url;

/// What an `Origin` header says about the page that sent a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A page of this server. Signing out needs this.
    Same,
    /// The request has no such header. Browsers send it with every form, so this is another
    /// program, and one that needs no protection from forged forms. Signing in allows it.
    Absent,
    /// A page of another site, or one that hides where it is (`null`).
    Foreign,
}

/// Compares scheme, host and port of an `Origin` header with those of the issuer.
pub fn same_origin(origin_header: Option<&str>, issuer: &str) -> Origin {
    let Some(header) = origin_header else {
        return Origin::Absent;
    };
    let (Ok(sender), Ok(own)) = (Url::parse(header), Url::parse(issuer)) else {
        return Origin::Foreign;
    };
    // An opaque origin equals none, not even itself.
    if sender.origin() == own.origin() && own.origin().is_tuple() {
        Origin::Same
    } else {
        Origin::Foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(header: &str, issuer: &str) -> Origin {
        same_origin(Some(header), issuer)
    }

    #[test]
    fn same_scheme_host_and_port() {
        assert_eq!(
            at("http://127.0.0.1:8080", "http://127.0.0.1:8080/tenant"),
            Origin::Same
        );
        assert_eq!(
            at("https://example.com", "https://example.com:443"),
            Origin::Same
        );
        assert_eq!(
            at("https://example.com", "https://EXAMPLE.com/"),
            Origin::Same
        );
    }

    #[test]
    fn anything_else_is_foreign() {
        for header in [
            "https://127.0.0.1:8080",
            "http://127.0.0.1:8081",
            "http://127.0.0.1",
            "http://localhost:8080",
            "http://127.0.0.1:8080.evil.example",
            "http://127.0.0.1:8080@evil.example",
            "null",
            "",
            "127.0.0.1:8080",
        ] {
            assert_eq!(
                at(header, "http://127.0.0.1:8080"),
                Origin::Foreign,
                "{header}"
            );
        }
        assert_eq!(at("data:,", "data:,"), Origin::Foreign);
    }

    #[test]
    fn no_header_is_absent() {
        assert_eq!(same_origin(None, "http://127.0.0.1:8080"), Origin::Absent);
    }
}
