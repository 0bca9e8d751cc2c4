//! The issuer identifier of the authorization server.

use std::fmt;
use std::sync::Arc;

use url::{Host, Url};

use crate::encoding::encode_pairs;

/// The URL that names the authorization server
/// ([RFC 8414 section 2](https://www.rfc-editor.org/rfc/rfc8414#section-2)).
///
/// `https`, or `http` on a loopback address (for development); no query, fragment or userinfo. The
/// path, if any, consists of unreserved characters. The text is kept as it was given: clients
/// compare it byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Issuer {
    text: Arc<str>,
    /// `iss=` and the text, as in a query: part of every authorization response.
    parameter: Arc<str>,
    path_start: usize,
    secure: bool,
}

/// Why a text is not an issuer identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidIssuer(&'static str);

impl Issuer {
    /// Checks the URL and keeps its text.
    ///
    /// # Errors
    ///
    /// [`InvalidIssuer`] says which of the rules above is broken.
    pub fn parse(text: &str) -> Result<Self, InvalidIssuer> {
        let issuer = Self::parse_insecure(text)?;
        if !issuer.secure {
            return Err(InvalidIssuer(
                "the issuer must use https, or http on a loopback address",
            ));
        }
        Ok(issuer)
    }

    /// As [`Issuer::parse`], but `http` on any host is accepted.
    pub(crate) fn parse_insecure(text: &str) -> Result<Self, InvalidIssuer> {
        let url = Url::parse(text).map_err(|_| InvalidIssuer("the issuer is not a URL"))?;
        let rest = match url.scheme() {
            "https" => text.strip_prefix("https://"),
            "http" => text.strip_prefix("http://"),
            _ => return Err(InvalidIssuer("the issuer must use https")),
        };
        // The parser is lenient about case, slashes and spaces; an identifier is not.
        let Some(rest) = rest else {
            return Err(InvalidIssuer(
                "the issuer must begin with https:// in lower case",
            ));
        };
        if !url.username().is_empty() || url.password().is_some() || rest.contains('@') {
            return Err(InvalidIssuer("the issuer must not hold user information"));
        }
        if rest.contains(['?', '#']) {
            return Err(InvalidIssuer(
                "the issuer must have no query and no fragment",
            ));
        }
        let path_start = text.len() - rest.len() + rest.find('/').unwrap_or(rest.len());
        let path = text.get(path_start..).unwrap_or_default();
        let segment = |segment: &str| {
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment.bytes().all(unreserved)
        };
        let trimmed = path.strip_prefix('/').unwrap_or(path);
        let trimmed = trimmed.strip_suffix('/').unwrap_or(trimmed);
        if !trimmed.is_empty() && !trimmed.split('/').all(segment) {
            return Err(InvalidIssuer(
                "the issuer's path may hold letters, digits and -._~ only",
            ));
        }
        let host = text.get(..path_start).unwrap_or_default();
        if !host
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\\%\"".contains(&byte))
        {
            return Err(InvalidIssuer("the issuer's host is malformed"));
        }
        let loopback = match url.host() {
            Some(Host::Domain(domain)) => domain == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(InvalidIssuer("the issuer has no host")),
        };
        let secure = url.scheme() == "https" || loopback;
        Ok(Self {
            text: text.into(),
            parameter: encode_pairs([("iss", text)].into_iter()).into(),
            path_start,
            secure,
        })
    }

    /// The parameter `iss` as it stands in the query of an authorization response (RFC 9207 section 2).
    pub(crate) fn parameter(&self) -> &str {
        &self.parameter
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port, without a slash at the end: `https://auth.example.com`.
    pub fn origin(&self) -> &str {
        self.text.get(..self.path_start).unwrap_or_default()
    }

    /// The path without a slash at the end: `/tenant`, or nothing.
    pub fn path(&self) -> &str {
        let path = self.text.get(self.path_start..).unwrap_or_default();
        path.strip_suffix('/').unwrap_or(path)
    }

    /// The URL of something below the issuer; `path` begins with a slash.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin(), self.path())
    }

    /// The path of a well-known document, the issuer's path inserted (RFC 8414 section 3).
    pub(crate) fn well_known(&self, document: &str) -> String {
        format!("/.well-known/{document}{}", self.path())
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Issuer({:?})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_https_and_loopback() {
        for text in [
            "https://auth.example.com",
            "https://auth.example.com/",
            "https://auth.example.com:8443/tenant/one",
            "http://127.0.0.1:8080",
            "http://localhost:8080/tenant",
            "http://[::1]:8080",
        ] {
            assert_eq!(
                Issuer::parse(text).map(|issuer| issuer.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "auth.example.com",
            "http://auth.example.com",
            "ftp://auth.example.com",
            "https://a@auth.example.com",
            "https://auth.example.com?x",
            "https://auth.example.com#x",
            "https://auth.example.com/a b",
            "https://auth.example.com/../a",
            "https://auth.example.com//a",
            "https://auth.example.com/{id}",
            "HTTPS://auth.example.com",
            " https://auth.example.com",
            "https:auth.example.com",
            "https://auth.example.com/a/*",
            "https://a\"b.example",
            "https://bücher.example",
        ] {
            assert!(Issuer::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn joins_paths() {
        let issuer = Issuer::parse("https://auth.example.com/tenant/").unwrap();
        assert_eq!(
            issuer.join("/token"),
            "https://auth.example.com/tenant/token"
        );
        assert_eq!(issuer.well_known("x"), "/.well-known/x/tenant");
        let issuer = Issuer::parse("https://auth.example.com/").unwrap();
        assert_eq!(issuer.join("/token"), "https://auth.example.com/token");
        assert_eq!(issuer.well_known("x"), "/.well-known/x");
    }
}
