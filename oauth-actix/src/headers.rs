//! Headers of `http` 0.2 as those of `http` 1, and the other way round.

use actix_web::error::HttpError;
use actix_web::http::header as theirs;
use http::header::{self, HeaderMap, HeaderName, HeaderValue, InvalidHeaderName};

/// The headers of actix-web's request, into the empty ones of a request for the core.
pub(crate) fn of_request(
    headers: &theirs::HeaderMap,
    converted: &mut HeaderMap,
) -> Result<(), http::Error> {
    // Room for all of them at once.
    converted.try_reserve(headers.len_keys())?;
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value.as_bytes())?;
        converted.try_append(request_name(name.as_str())?, value)?;
    }
    Ok(())
}

/// The headers of the core's response, into the empty ones of actix-web's, which it makes with room for a dozen.
pub(crate) fn of_response(
    headers: &HeaderMap,
    converted: &mut theirs::HeaderMap,
) -> Result<(), HttpError> {
    for (name, value) in headers {
        let name = response_name(name.as_str())?;
        converted.append(name, response_value(value.as_bytes())?);
    }
    Ok(())
}

/// They are valid and in lower case already, so those that most requests have are matched, which costs a fraction of
/// parsing them again.
fn request_name(name: &str) -> Result<HeaderName, InvalidHeaderName> {
    Ok(match name {
        "accept" => header::ACCEPT,
        "accept-encoding" => header::ACCEPT_ENCODING,
        "accept-language" => header::ACCEPT_LANGUAGE,
        "authorization" => header::AUTHORIZATION,
        "connection" => header::CONNECTION,
        "content-length" => header::CONTENT_LENGTH,
        "content-type" => header::CONTENT_TYPE,
        "cookie" => header::COOKIE,
        "host" => header::HOST,
        "origin" => header::ORIGIN,
        "referer" => header::REFERER,
        "user-agent" => header::USER_AGENT,
        other => HeaderName::from_bytes(other.as_bytes())?,
    })
}

/// The same with the names that the core sends most.
fn response_name(name: &str) -> Result<theirs::HeaderName, theirs::InvalidHeaderName> {
    Ok(match name {
        "access-control-allow-origin" => theirs::ACCESS_CONTROL_ALLOW_ORIGIN,
        "cache-control" => theirs::CACHE_CONTROL,
        "content-type" => theirs::CONTENT_TYPE,
        "location" => theirs::LOCATION,
        "pragma" => theirs::PRAGMA,
        "www-authenticate" => theirs::WWW_AUTHENTICATE,
        other => theirs::HeaderName::from_bytes(other.as_bytes())?,
    })
}

/// Those that the core sends most need no allocation.
fn response_value(value: &[u8]) -> Result<theirs::HeaderValue, theirs::InvalidHeaderValue> {
    Ok(match value {
        b"*" => const { theirs::HeaderValue::from_static("*") },
        b"application/json" => const { theirs::HeaderValue::from_static("application/json") },
        b"no-cache" => const { theirs::HeaderValue::from_static("no-cache") },
        b"no-store" => const { theirs::HeaderValue::from_static("no-store") },
        other => theirs::HeaderValue::from_bytes(other)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 22] = [
        "accept",
        "accept-encoding",
        "accept-language",
        "access-control-allow-origin",
        "allow",
        "authorization",
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "dpop",
        "host",
        "location",
        "origin",
        "pragma",
        "referer",
        "set-cookie",
        "user-agent",
        "www-authenticate",
        "x!#$%&'*+-.^_`|~9",
        "a-name-of-more-than-sixty-four-characters-which-the-parser-keeps-apart",
    ];

    fn request(headers: &[(&str, &[u8])]) -> HeaderMap {
        let mut theirs = theirs::HeaderMap::new();
        for (name, value) in headers {
            let value = theirs::HeaderValue::from_bytes(value).unwrap();
            theirs.append(name.parse().unwrap(), value);
        }
        let mut converted = HeaderMap::new();
        of_request(&theirs, &mut converted).unwrap();
        converted
    }

    fn response(headers: &[(&str, &[u8])]) -> theirs::HeaderMap {
        let mut own = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            own.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        let mut converted = theirs::HeaderMap::new();
        of_response(&own, &mut converted).unwrap();
        converted
    }

    #[test]
    fn every_name_is_the_one_that_the_parser_gives() {
        for name in NAMES {
            assert_eq!(
                request_name(name).unwrap(),
                name.parse::<HeaderName>().unwrap()
            );
            let theirs: theirs::HeaderName = name.parse().unwrap();
            assert_eq!(response_name(name).unwrap(), theirs);
        }
    }

    #[test]
    fn a_request_with_many_headers_keeps_them_all() {
        let headers = NAMES.map(|name| (name, name.as_bytes()));
        let converted = request(&headers);
        assert_eq!(converted.len(), NAMES.len());
        for name in NAMES {
            assert_eq!(converted.get(name).unwrap(), name);
        }
    }

    #[test]
    fn a_response_with_many_headers_keeps_them_all() {
        let headers = NAMES.map(|name| (name, name.as_bytes()));
        let converted = response(&headers);
        assert_eq!(converted.len(), NAMES.len());
        for name in NAMES {
            assert_eq!(converted.get(name).unwrap(), name);
        }
    }

    #[test]
    fn repeated_headers_of_a_request_keep_their_order() {
        let converted = request(&[
            ("authorization", b"Basic one"),
            ("cookie", b"a=1"),
            ("Authorization", b"Bearer \xfftwo"),
            ("x-note", b""),
            ("x-note", b"\tspaced out "),
        ]);
        let all = |name| converted.get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(all("authorization"), [&b"Basic one"[..], b"Bearer \xfftwo"]);
        assert_eq!(all("cookie"), ["a=1"]);
        assert_eq!(all("x-note"), ["", "\tspaced out "]);
    }

    #[test]
    fn repeated_headers_of_a_response_keep_their_order() {
        let converted = response(&[
            ("set-cookie", b"a=1"),
            ("www-authenticate", b"Basic"),
            ("set-cookie", b"b=\xff"),
            ("www-authenticate", b"Bearer"),
            ("set-cookie", b"a=1"),
        ]);
        let all = |name| converted.get_all(name).collect::<Vec<_>>();
        assert_eq!(all("set-cookie"), [&b"a=1"[..], b"b=\xff", b"a=1"]);
        assert_eq!(all("www-authenticate"), ["Basic", "Bearer"]);
    }

    #[test]
    fn every_value_of_a_response_is_the_same_afterwards() {
        let values = [
            "*",
            "application/json",
            "no-cache",
            "no-store",
            "",
            "No-Store",
            "no-stor",
            "no-cache, no-store",
            "application/json; charset=utf-8",
        ];
        for value in values {
            assert_eq!(response_value(value.as_bytes()).unwrap(), value);
        }
        assert_eq!(response_value(b"\xfe\t").unwrap(), &b"\xfe\t"[..]);
    }
}
