//! Redirection endpoints of clients.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use url::Url;

/// Longer redirect URIs are refused.
const MAX_LENGTH: usize = 2048;

/// A redirect URI that a client has registered
/// ([RFC 6749 section 3.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2)).
///
/// `https`, `http` on a loopback host (`127.0.0.1`, `[::1]`, `localhost`), or a private-use scheme
/// that contains a dot (RFC 8252 section 7.1). No userinfo, fragment or wildcard. The text is kept
/// as it was given and compared byte for byte (RFC 9700 section 2.1); see [`RedirectUri::matches`]
/// for the one exception.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri {
    text: Arc<str>,
    kind: Kind,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Kind {
    Https,
    /// The place of the port, colon included; empty when there is none.
    Loopback {
        port: Range<usize>,
    },
    PrivateUse {
        dotted: bool,
    },
}

/// Why a text may not be a redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidRedirectUri(&'static str);

impl RedirectUri {
    /// Checks the URI and keeps its text.
    ///
    /// # Errors
    ///
    /// [`InvalidRedirectUri`] says which of the rules above is broken.
    pub fn parse(text: &str) -> Result<Self, InvalidRedirectUri> {
        let uri = Self::danger_parse(text)?;
        match uri.kind {
            Kind::PrivateUse { dotted: false } => {
                Err(InvalidRedirectUri("has a private-use scheme without a dot"))
            }
            _ => Ok(uri),
        }
    }

    /// As [`RedirectUri::parse`], but a private-use scheme needs no dot (`cursor://callback`).
    ///
    /// A name without a dot belongs to nobody, so any program may claim it and receive the
    /// authorization code; it departs from RFC 9700 section 2.1 and RFC 8252 section 7.1. The
    /// server refuses such a URI unless its builder allows the scheme
    /// ([`danger_private_use_scheme`](crate::AuthorizationServerBuilder::danger_private_use_scheme)).
    ///
    /// # Errors
    ///
    /// As [`RedirectUri::parse`]. Schemes that browsers interpret themselves are always refused.
    pub fn danger_parse(text: &str) -> Result<Self, InvalidRedirectUri> {
        let refuse = |why| Err(InvalidRedirectUri(why));
        if text.len() > MAX_LENGTH {
            return refuse("is longer than 2048 characters");
        }
        // The URL parser would mend these silently; what is compared as text must not need mending.
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte))
        {
            return refuse("holds a character that a URI does not have");
        }
        if text.contains('#') {
            return refuse("has a fragment");
        }
        if text.contains('*') {
            return refuse("has a wildcard");
        }
        let Ok(url) = Url::parse(text) else {
            return refuse("is not an absolute URI");
        };
        let Some(rest) = text
            .strip_prefix(url.scheme())
            .and_then(|rest| rest.strip_prefix(':'))
        else {
            return refuse("has a scheme that is not in lower case");
        };
        let authority = rest
            .strip_prefix("//")
            .map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
        if authority.is_some_and(|authority| authority.contains('@')) {
            return refuse("holds user information");
        }
        let kind = match url.scheme() {
            "https" | "http" => {
                let Some(authority) = authority.filter(|authority| !authority.is_empty()) else {
                    return refuse("has no host");
                };
                if authority.contains('%') {
                    return refuse("has a percent-encoded host");
                }
                if url.scheme() == "https" {
                    Kind::Https
                } else {
                    let start = "http://".len();
                    let Some(length) = loopback_length(authority) else {
                        return refuse(
                            "has http with a host other than 127.0.0.1, [::1] and localhost",
                        );
                    };
                    Kind::Loopback {
                        port: start + length..start + authority.len(),
                    }
                }
            }
            "javascript" | "data" | "vbscript" | "file" | "blob" | "about" | "view-source"
            | "ftp" | "ws" | "wss" | "filesystem" | "mailto" | "tel" | "urn" => {
                return refuse("has a scheme that cannot take a response");
            }
            scheme => Kind::PrivateUse {
                dotted: scheme.contains('.'),
            },
        };
        Ok(Self {
            text: text.into(),
            kind,
        })
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a request with this `redirect_uri` means the registered one.
    ///
    /// Compared byte for byte; only for `http` on a loopback host the port may differ, because a
    /// native application gets it from the operating system (RFC 8252 section 7.3).
    pub fn matches(&self, requested: &str) -> bool {
        if *requested == *self.text {
            return true;
        }
        let Kind::Loopback { port } = &self.kind else {
            return false;
        };
        let (Some(before), Some(after)) = (self.text.get(..port.start), self.text.get(port.end..))
        else {
            return false;
        };
        let Some(rest) = requested
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
        else {
            return false;
        };
        rest.is_empty() || is_port(rest)
    }

    /// Whether other programs on the user's device can receive what is sent here: loopback and
    /// private-use schemes (RFC 8252 section 8.6, RFC 9700 section 4.1).
    pub(crate) fn is_claimable(&self) -> bool {
        !matches!(self.kind, Kind::Https)
    }

    /// The private-use scheme without a dot, if it is one.
    pub(crate) fn undotted_scheme(&self) -> Option<&str> {
        match self.kind {
            Kind::PrivateUse { dotted: false } => self.text.split(':').next(),
            _ => None,
        }
    }
}

/// The length of the host at the beginning of an authority, if it is a loopback one.
fn loopback_length(authority: &str) -> Option<usize> {
    ["127.0.0.1", "[::1]", "localhost"]
        .into_iter()
        .find_map(|host| {
            let port = authority.strip_prefix(host)?;
            (port.is_empty() || is_port(port)).then_some(host.len())
        })
}

/// Whether this is a colon and a port number as one writes it.
fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| {
        digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0')
            && digits.parse::<u16>().is_ok()
    })
}

/// The host of a redirect URI for display, or the scheme of a private-use one.
pub(crate) fn displayed_host(redirect_uri: &str) -> String {
    match Url::parse(redirect_uri) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => {
            url.host_str().unwrap_or_default().to_owned()
        }
        Ok(url) => url.scheme().to_owned(),
        Err(_) => String::new(),
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RedirectUri({:?})", self.as_str())
    }
}

#[cfg(test)]
mod tests;
