//! Resource indicators: which API an access token is for.

use std::fmt;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

/// Longer identifiers are refused.
const MAX_LENGTH: usize = 2048;

/// The identifier of a protected resource
/// ([RFC 8707 section 2](https://www.rfc-editor.org/rfc/rfc8707#section-2)): an absolute URI without a
/// fragment.
///
/// The text is kept as it was given. Two are equal when syntax-based and scheme-based normalization
/// makes them so (RFC 3986 sections 6.2.2 and 6.2.3): case of scheme and host, a default port, an empty
/// path, dot segments and needless percent-encoding make no difference; anything else does.
///
/// ```
/// use oauth_core::ResourceIndicator;
///
/// let api = ResourceIndicator::parse("https://API.example.com:443")?;
/// assert_eq!(api.as_str(), "https://API.example.com:443");
/// assert_eq!(api, ResourceIndicator::parse("https://api.example.com/")?);
/// assert_ne!(api, ResourceIndicator::parse("https://api.example.com/v2")?);
/// # Ok::<(), oauth_core::InvalidResourceIndicator>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourceIndicator {
    text: Arc<str>,
    /// What is compared; `None` when it is the text.
    normalized: Option<Arc<str>>,
}

/// Why a text is not a resource indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidResourceIndicator(&'static str);

impl ResourceIndicator {
    /// Checks the URI and keeps its text; at most 2048 characters.
    ///
    /// # Errors
    ///
    /// [`InvalidResourceIndicator`] when it is not an absolute URI, or has a fragment.
    pub fn parse(text: &str) -> Result<Self, InvalidResourceIndicator> {
        let refuse = |why| Err(InvalidResourceIndicator(why));
        if text.len() > MAX_LENGTH {
            return refuse("is longer than 2048 characters");
        }
        // The URL parser would mend these silently.
        let is_of_uri = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte);
        if !text.bytes().all(is_of_uri) {
            return refuse("holds a character that a URI does not have");
        }
        if text.contains('#') {
            return refuse("has a fragment");
        }
        if !text.split('%').skip(1).all(is_encoded_byte) {
            return refuse("has a percent sign that encodes nothing");
        }
        let Ok(url) = Url::parse(text) else {
            return refuse("is not an absolute URI");
        };
        if url.cannot_be_a_base() && url.path().is_empty() {
            return refuse("is not an absolute URI");
        }
        // The URL parser finds a host after any number of slashes.
        let after_scheme = text.get(url.scheme().len()..).unwrap_or_default();
        if url.has_host() && (!after_scheme.starts_with("://") || after_scheme.starts_with(":///"))
        {
            return refuse("is not an absolute URI");
        }
        let normalized = without_needless_encoding(url.as_str());
        Ok(Self {
            text: text.into(),
            normalized: (normalized != text).then(|| normalized.into()),
        })
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What is compared.
    pub(crate) fn normalized(&self) -> &str {
        self.normalized.as_deref().unwrap_or(&self.text)
    }
}

/// Whether what follows a percent sign begins with two hexadecimal digits.
fn is_encoded_byte(rest: &str) -> bool {
    let digits = rest.as_bytes().first_chunk();
    digits.is_some_and(|digits: &[u8; 2]| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Decodes what needs no percent-encoding, and writes the rest in upper case (RFC 3986 section 6.2.2).
fn without_needless_encoding(uri: &str) -> String {
    let mut parts = uri.split('%');
    let mut normalized = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let encoded = part.get(..2).zip(part.get(2..)).and_then(|(digits, rest)| {
            let byte = u8::from_str_radix(digits, 16).ok();
            byte.filter(|_| !digits.starts_with('+'))
                .map(|byte| (byte, rest))
        });
        match encoded {
            Some((byte, rest)) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                normalized.push(char::from(byte));
                normalized.push_str(rest);
            }
            Some((byte, rest)) => normalized.push_str(&format!("%{byte:02X}{rest}")),
            None => {
                normalized.push('%');
                normalized.push_str(part);
            }
        }
    }
    normalized
}

impl PartialEq for ResourceIndicator {
    fn eq(&self, other: &Self) -> bool {
        self.normalized() == other.normalized()
    }
}

impl Eq for ResourceIndicator {}

impl fmt::Display for ResourceIndicator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for ResourceIndicator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ResourceIndicator({:?})", self.as_str())
    }
}

impl TryFrom<String> for ResourceIndicator {
    type Error = InvalidResourceIndicator;

    fn try_from(text: String) -> Result<Self, InvalidResourceIndicator> {
        Self::parse(&text)
    }
}

impl From<ResourceIndicator> for String {
    fn from(resource: ResourceIndicator) -> Self {
        resource.text.as_ref().to_owned()
    }
}

/// Which protected resources an access token is for; empty for a token that is not restricted
/// ([RFC 8707 section 2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Audience(#[serde(deserialize_with = "named")] Option<Arc<[ResourceIndicator]>>);

impl Audience {
    pub(crate) const ANY: Self = Self(None);

    /// The resources, in the order they were asked for.
    pub fn resources(&self) -> &[ResourceIndicator] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Whether the token is not restricted.
    pub fn is_empty(&self) -> bool {
        self.resources().is_empty()
    }

    /// Whether `resource` is one of them.
    pub fn contains(&self, resource: &ResourceIndicator) -> bool {
        self.resources().contains(resource)
    }

    /// Whether a token with this audience may be used at `resource`: it is not restricted, or
    /// `resource` is one of those it is for.
    pub fn admits(&self, resource: &ResourceIndicator) -> bool {
        self.is_empty() || self.contains(resource)
    }
}

impl FromIterator<ResourceIndicator> for Audience {
    /// Repeated resources are dropped.
    fn from_iter<I: IntoIterator<Item = ResourceIndicator>>(resources: I) -> Self {
        let mut distinct: Vec<ResourceIndicator> = Vec::new();
        for resource in resources {
            if !distinct.contains(&resource) {
                distinct.push(resource);
            }
        }
        Self((!distinct.is_empty()).then(|| distinct.into()))
    }
}

/// A list that names nothing is refused: it would be a restriction that restricts nothing.
fn named<'de, D>(deserializer: D) -> Result<Option<Arc<[ResourceIndicator]>>, D::Error>
where
    D: Deserializer<'de>,
{
    let listed = Option::<Vec<ResourceIndicator>>::deserialize(deserializer)?;
    if listed.as_ref().is_some_and(Vec::is_empty) {
        return Err(D::Error::custom("an audience that names no resource"));
    }
    Ok(Audience::from_iter(listed.into_iter().flatten()).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(text: &str) -> ResourceIndicator {
        ResourceIndicator::parse(text).unwrap()
    }

    #[test]
    fn keeps_its_text() {
        for text in [
            "https://api.example.com",
            "https://API.example.com:443/%7Eme/../a?b=c",
            "http://127.0.0.1:8080/api",
            "urn:example:cooperation-context",
            "api://default",
        ] {
            assert_eq!(resource(text).as_str(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_absolute_uri() {
        let long = format!("https://a.example/{}", "a".repeat(2048));
        for text in [
            "",
            "api.example.com",
            "/api",
            "//api.example.com",
            "https://",
            "https://api.example.com/#part",
            "https://api.example.com/#",
            "https://api example.com",
            " https://api.example.com",
            "https://bücher.example",
            "urn:",
            "https:api.example.com",
            "https:/api.example.com",
            "https:///api.example.com",
            "https://api.example.com/%",
            "https://api.example.com/%2",
            "https://api.example.com/%+f",
            // What is left of it after decoding would encode another character.
            "https://api.example.com/%%32F",
            long.as_str(),
        ] {
            assert!(ResourceIndicator::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn is_compared_after_normalization() {
        for (one, other) in [
            ("https://api.example.com", "https://api.example.com/"),
            ("HTTPS://api.Example.com/", "https://api.example.com:443/"),
            ("https://a.example/%7eme/%3a", "https://a.example/~me/%3A"),
            ("https://a.example/b/../c", "https://a.example/c"),
        ] {
            assert_eq!(resource(one), resource(other));
        }
        for (one, other) in [
            ("https://a.example/api", "https://a.example/api/"),
            ("https://a.example/API", "https://a.example/api"),
            ("https://a.example/%2F", "https://a.example//"),
            ("https://a.example", "http://a.example"),
            ("https://a.example", "https://a.example:8443"),
            ("https://a.example", "https://a.example/?"),
        ] {
            assert_ne!(resource(one), resource(other));
        }
    }

    #[test]
    fn an_audience_admits_its_resources_and_an_empty_one_all() {
        let [one, two] = ["https://one.example", "https://two.example"].map(resource);
        assert!(Audience::default().admits(&one));
        let audience: Audience = [one.clone(), one.clone()].into_iter().collect();
        assert_eq!(audience.resources(), std::slice::from_ref(&one));
        assert!(audience.admits(&one) && !audience.admits(&two));
    }
    #[test]
    fn an_audience_that_was_written_is_read_and_one_of_nothing_is_not() {
        let audience: Audience = ["https://one.example", "urn:x"]
            .map(resource)
            .into_iter()
            .collect();
        for audience in [audience, Audience::default()] {
            let written = serde_json::to_string(&audience).unwrap();
            assert_eq!(
                serde_json::from_str::<Audience>(&written).unwrap(),
                audience
            );
        }
        let repeated = r#"["https://one.example","https://one.example/"]"#;
        let repeated: Audience = serde_json::from_str(repeated).unwrap();
        assert_eq!(repeated.resources().len(), 1);
        assert!(serde_json::from_str::<Audience>("[]").is_err());
        let payload = r#"{"version":1,"access_token":{"audience":[]}}"#;
        assert!(crate::store::Payload::decode(payload.as_bytes()).is_err());
    }
}
