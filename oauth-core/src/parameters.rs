//! Request parameters: queries and forms.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::error::Rejection;

/// More parameters than this in one request are refused.
const MAX_PARAMETERS: usize = 100;
/// An authorization request has about as many.
const USUAL_PARAMETERS: usize = 8;

/// The parameters of a query or of a form body (`application/x-www-form-urlencoded`, RFC 6749
/// appendix B).
///
/// An empty parameter counts as absent (RFC 6749 section 3.1). At most 100 parameters. Values
/// borrow from the request where they hold no escape.
pub struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    /// Reads a query or a form body.
    ///
    /// # Errors
    ///
    /// `invalid_request` when it is not UTF-8 once decoded, or holds more than 100 parameters.
    pub fn parse(encoded: &'a [u8]) -> Result<Self, Rejection> {
        let text = std::str::from_utf8(encoded).map_err(|_| NOT_UTF_8)?;
        let mut parameters = Vec::with_capacity(USUAL_PARAMETERS);
        let mut rest = Some(text);
        while let Some(text) = rest {
            let pair = Pair::first_of(text);
            rest = pair.rest;
            if pair.text.is_empty() {
                continue;
            }
            if parameters.len() == MAX_PARAMETERS {
                return Err(Rejection::invalid_request(
                    "the request has too many parameters",
                ));
            }
            parameters.push(pair.decode()?);
        }
        parameters.retain(|(_, value)| !value.is_empty());
        Ok(Self(parameters))
    }

    /// The value of a parameter that may be left out.
    ///
    /// # Errors
    ///
    /// `invalid_request` when it occurs more than once (RFC 6749 sections 3.1 and 3.2).
    pub fn optional(&self, name: &str) -> Result<Option<&str>, Rejection> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Rejection::invalid_request(
                "a parameter occurs more than once",
            )),
            (value, None) => Ok(value),
        }
    }

    /// The value of a parameter that must be there; `missing` says so to the client.
    ///
    /// # Errors
    ///
    /// `invalid_request` when it is absent, empty or repeated.
    pub fn required(&self, name: &str, missing: &'static str) -> Result<&str, Rejection> {
        self.optional(name)?
            .ok_or_else(|| Rejection::invalid_request(missing))
    }

    /// All values of a parameter that may be repeated.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_ref())
    }

    /// Every parameter as it came, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

impl std::fmt::Debug for Parameters<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Names only: values are secrets as often as not.
        formatter
            .debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// A parameter as it is encoded, and what comes behind it.
struct Pair<'a> {
    text: &'a str,
    name: &'a str,
    value: &'a str,
    escaped: bool,
    rest: Option<&'a str>,
}

impl<'a> Pair<'a> {
    /// Looks at each byte once: for texts as short as these, that takes less than a search for each separator.
    fn first_of(text: &'a str) -> Self {
        let (mut equals, mut end, mut escaped) = (None, None, false);
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                // Most of them: the others come before.
                b'>'.. => {}
                b'&' => {
                    end = Some(at);
                    break;
                }
                b'=' => equals = equals.or(Some(at)),
                b'+' | b'%' => escaped = true,
                _ => {}
            }
        }
        // Each cut is beside an ASCII character, where a text can be cut.
        let cut = |text: &'a str, at: Option<usize>| {
            let (before, behind) = text.split_at_checked(at?)?;
            Some((before, behind.get(1..)?))
        };
        let (text, rest) = match cut(text, end) {
            Some((text, rest)) => (text, Some(rest)),
            None => (text, None),
        };
        let (name, value) = cut(text, equals).unwrap_or((text, ""));
        Self {
            text,
            name,
            value,
            escaped,
            rest,
        }
    }

    fn decode(&self) -> Result<(Cow<'a, str>, Cow<'a, str>), Rejection> {
        if !self.escaped {
            return Ok((self.name.into(), self.value.into()));
        }
        Ok((decode(self.name)?, decode(self.value)?))
    }
}

const NOT_UTF_8: Rejection = Rejection::invalid_request("the request is not UTF-8");

fn decode(encoded: &str) -> Result<Cow<'_, str>, Rejection> {
    // Mostly nothing is escaped, so the whole text is looked at without a branch for each byte.
    let escapes = encoded.bytes().fold(0, |escapes, byte| {
        escapes | u8::from(byte == b'+') | u8::from(byte == b'%')
    });
    if escapes == 0 {
        return Ok(Cow::Borrowed(encoded));
    }
    // What is decoded is never longer, so this is the only allocation.
    let mut decoded = Vec::with_capacity(encoded.len());
    for (at, word) in encoded.split('+').enumerate() {
        if at > 0 {
            decoded.push(b' ');
        }
        decoded.extend(percent_decode_str(word));
    }
    let text = String::from_utf8(decoded).map_err(|_| NOT_UTF_8)?;
    Ok(Cow::Owned(text))
}

/// Decodes one value of a form (RFC 6749 section 2.3.1 uses it within Basic credentials).
pub(crate) fn decode_value(encoded: &[u8]) -> Option<Cow<'_, str>> {
    decode(std::str::from_utf8(encoded).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn decodes() {
        let parameters = Parameters::parse(b"a=1+2%2B&b=%C3%A9&c&d=&=e&a%62=x%zz&&f=g=h").unwrap();
        assert_eq!(parameters.optional("a").unwrap(), Some("1 2+"));
        assert_eq!(parameters.optional("b").unwrap(), Some("é"));
        assert_eq!(parameters.optional("c").unwrap(), None);
        assert_eq!(parameters.optional("d").unwrap(), None);
        assert_eq!(parameters.optional("ab").unwrap(), Some("x%zz"));
        assert_eq!(parameters.optional("f").unwrap(), Some("g=h"));
    }

    #[test]
    fn a_repeated_parameter_is_an_error_an_empty_one_is_none() {
        let parameters = Parameters::parse(b"a=1&a=1&b=&b=2").unwrap();
        assert_eq!(
            parameters.optional("a").unwrap_err().code(),
            ErrorCode::InvalidRequest
        );
        assert_eq!(parameters.all("a").count(), 2);
        assert_eq!(parameters.optional("b").unwrap(), Some("2"));
        assert!(parameters.required("c", "c is missing").is_err());
    }

    #[test]
    fn refuses_other_encodings_and_floods() {
        for encoded in [&b"a=%FF"[..], b"%FF=a", b"a=\xff", b"a=+%C3"] {
            assert!(Parameters::parse(encoded).is_err());
        }
        assert!(Parameters::parse("a=1&".repeat(100).as_bytes()).is_ok());
        assert!(Parameters::parse("a=1&".repeat(101).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn gives_back_what_a_form_serializer_wrote(value in ".+") {
            let encoded: String =
                url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            let text = format!("state={encoded}");
            let parameters = Parameters::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(parameters.optional("state").unwrap(), Some(value.as_str()));
        }

        #[test]
        fn reads_what_other_readers_read(text in "([a-c]{0,2}|[=&+]|%[2-7][0-9a-f]|é|%C3%A9){0,24}") {
            let parameters = Parameters::parse(text.as_bytes()).unwrap();
            let others = url::form_urlencoded::parse(text.as_bytes());
            let others: Vec<_> = others.filter(|(_, value)| !value.is_empty()).collect();
            prop_assert_eq!(parameters.0, others);
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Parameters::parse(&bytes);
        }
    }
}
