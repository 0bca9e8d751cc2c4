mod grant;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::authorization::ResponseMode;
use crate::client::ClientId;
use crate::pkce::CodeChallenge;
use crate::resource::Audience;
use crate::scope::Scope;
use crate::subject::UserId;
pub(crate) use grant::GrantPayload;

/// The version that [`Payload::encode`] writes.
const VERSION: u32 = 1;

/// What the core keeps in a record, opaque to stores.
///
/// A store writes [`encode`](Self::encode) into a column of bytes and reads it with
/// [`decode`](Self::decode), for [`GrantDirectory::list`](super::GrantDirectory::list) with
/// [`decode_or_keep`](Self::decode_or_keep); one in memory may keep the value itself, which is cheap to clone. What a
/// later version of the framework needs goes in here, so that no store needs a migration for it.
#[derive(Clone)]
pub struct Payload(Kept);

/// Most tokens carry nothing of their own. They share no memory, whose count of references all threads
/// would write to.
#[derive(Clone)]
enum Kept {
    PlainAccessToken,
    PlainRefreshToken,
    Other(Arc<Content>),
}

static PLAIN_ACCESS_TOKEN: Content = Content::AccessToken(AccessTokenPayload::WHOLE);
static PLAIN_REFRESH_TOKEN: Content = Content::RefreshToken(RefreshTokenPayload { nonce: None });

/// Bytes that are not a payload, or one of a later version.
#[derive(Debug, thiserror::Error)]
#[error("not a payload that this version can read")]
pub struct InvalidPayload(#[source] Option<serde_json::Error>);

// `oauth_testkit::sample` has one of each with every field set; what is added here is added there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    Grant(GrantPayload),
    AuthorizationCode(AuthorizationCodePayload),
    RefreshToken(RefreshTokenPayload),
    AccessToken(AccessTokenPayload),
    ParkedAuthorization(Box<ParkedAuthorization>),
    /// What this version cannot read, as it is.
    #[serde(skip)]
    Unreadable(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AuthorizationCodePayload {
    pub(crate) redirect_uri: Arc<str>,
    pub(crate) code_challenge: CodeChallenge,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RefreshTokenPayload {
    /// From which, with a rotation key, the successor is derived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<[u8; 16]>,
}

/// What makes an access token narrower than its grant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccessTokenPayload {
    /// `None` for the grant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    /// Empty for the grant's.
    #[serde(default, skip_serializing_if = "Audience::is_empty")]
    pub(crate) audience: Audience,
}

impl AccessTokenPayload {
    /// As much as the grant.
    const WHOLE: Self = Self {
        scope: None,
        audience: Audience::ANY,
    };
}

/// A validated authorization request that waits for the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ParkedAuthorization {
    pub(crate) client_id: ClientId,
    pub(crate) user: UserId,
    /// SHA-256 of the session that was shown the page.
    pub(crate) session: [u8; 32],
    pub(crate) redirect_uri: Arc<str>,
    pub(crate) scope: Scope,
    #[serde(default, skip_serializing_if = "Audience::is_empty")]
    pub(crate) audience: Audience,
    pub(crate) state: Option<String>,
    pub(crate) response_mode: ResponseMode,
    pub(crate) code_challenge: CodeChallenge,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    #[serde(flatten)]
    content: &'a Content,
}

#[derive(Deserialize)]
struct Read {
    #[serde(flatten)]
    content: Content,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Payload {
    pub(crate) fn new(content: Content) -> Self {
        Self(match content {
            Content::AccessToken(own) if own == AccessTokenPayload::WHOLE => Kept::PlainAccessToken,
            Content::RefreshToken(RefreshTokenPayload { nonce: None }) => Kept::PlainRefreshToken,
            other => Kept::Other(Arc::new(other)),
        })
    }

    pub(crate) fn content(&self) -> &Content {
        match &self.0 {
            Kept::PlainAccessToken => &PLAIN_ACCESS_TOKEN,
            Kept::PlainRefreshToken => &PLAIN_REFRESH_TOKEN,
            Kept::Other(content) => content,
        }
    }

    /// What is in it, copied only where somebody else has it too.
    pub(crate) fn into_content(self) -> Content {
        match self.0 {
            Kept::Other(content) => Arc::unwrap_or_clone(content),
            _ => self.content().clone(),
        }
    }

    /// The bytes to store.
    pub fn encode(&self) -> Vec<u8> {
        if let Content::Unreadable(bytes) = self.content() {
            return bytes.clone();
        }
        let written = Written {
            version: VERSION,
            content: self.content(),
        };
        // Maps with text keys, texts and numbers: there is nothing in it that JSON cannot hold.
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// Reads what [`encode`](Self::encode) gave, of this version or an earlier one.
    ///
    /// # Errors
    ///
    /// [`InvalidPayload`] for anything else; a store reports it as
    /// [`StoreError::permanent`](crate::StoreError::permanent).
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidPayload> {
        let Version { version } =
            serde_json::from_slice(bytes).map_err(|error| InvalidPayload(Some(error)))?;
        if version != VERSION {
            return Err(InvalidPayload(None));
        }
        let Read { content } =
            serde_json::from_slice(bytes).map_err(|error| InvalidPayload(Some(error)))?;
        Ok(Self::new(content))
    }

    /// As [`decode`](Self::decode), but keeps what it cannot read as it is: for
    /// [`GrantDirectory::list`](super::GrantDirectory::list), where one grant must not take away the others, and
    /// where a store does not look into the payload, but reads a record only to write or remove it.
    ///
    /// The server knows of such a grant that it is there, and can end it. It is not for
    /// [`find`](super::GrantStore::find), where an error is due (the server makes one of it), nor for
    /// [`page`](super::GrantDirectory::page): both use [`decode`](Self::decode), and a page says which grants it
    /// [cannot read](super::GrantPage::unreadable).
    ///
    /// ```
    /// use oauth_core::store::Payload;
    ///
    /// let later = br#"{"version":2}"#;
    /// assert!(Payload::decode(later).is_err());
    /// assert_eq!(Payload::decode_or_keep(later).encode(), later);
    /// ```
    pub fn decode_or_keep(bytes: &[u8]) -> Self {
        Self::decode(bytes).unwrap_or_else(|_| Self::new(Content::Unreadable(bytes.to_vec())))
    }

    pub(crate) fn is_readable(&self) -> bool {
        !matches!(self.content(), Content::Unreadable(_))
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.content() == other.content()
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Payload(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::ResourceIndicator;

    fn contents() -> Vec<Content> {
        let challenge =
            CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        let scope = Scope::parse("profile email").unwrap();
        let audience: Audience = ["https://API.example", "urn:x"]
            .map(|text| ResourceIndicator::parse(text).unwrap())
            .into_iter()
            .collect();
        vec![
            Content::Grant(
                GrantPayload::new(scope.clone(), 1)
                    .with_auth_time(Some(-2))
                    .with_authentication(Some("gold \"é\0".into()), vec!["pwd".to_owned()])
                    .with_audience(audience.clone()),
            ),
            Content::Grant(GrantPayload::new(Scope::default(), 1)),
            Content::Grant(
                GrantPayload::new(scope.clone(), 1)
                    .with_authentication(None, vec!["otp".to_owned()]),
            ),
            Content::AuthorizationCode(AuthorizationCodePayload {
                redirect_uri: "https://a.example/".into(),
                code_challenge: challenge.clone(),
            }),
            Content::RefreshToken(RefreshTokenPayload {
                nonce: Some([7; 16]),
            }),
            Content::RefreshToken(RefreshTokenPayload { nonce: None }),
            Content::AccessToken(AccessTokenPayload {
                scope: Some(scope.clone()),
                audience: audience.clone(),
            }),
            Content::AccessToken(AccessTokenPayload::default()),
            Content::ParkedAuthorization(Box::new(ParkedAuthorization {
                client_id: ClientId::parse("web").unwrap(),
                user: UserId::new("alice"),
                session: [3; 32],
                redirect_uri: "https://a.example/".into(),
                scope,
                audience,
                state: Some("'; drop".to_owned()),
                response_mode: ResponseMode::FormPost,
                code_challenge: challenge,
            })),
        ]
    }

    #[test]
    fn comes_back_as_it_was() {
        for content in contents() {
            let payload = Payload::new(content);
            let decoded = Payload::decode(&payload.encode()).unwrap();
            assert!(decoded == payload, "{:?}", payload.content());
        }
    }

    #[test]
    fn refuses_other_bytes_and_later_versions() {
        for bytes in [
            &b""[..],
            b"{}",
            b"{\"version\":1}",
            b"\xff",
            b"{\"version\":1,\"pen\":{}}",
        ] {
            assert!(Payload::decode(bytes).is_err());
        }
        let later = Payload::new(Content::AccessToken(AccessTokenPayload::default())).encode();
        let later = String::from_utf8(later)
            .unwrap()
            .replace("\"version\":1", "\"version\":2");
        assert!(Payload::decode(later.as_bytes()).is_err());
    }

    #[test]
    fn a_parked_request_with_a_malformed_client_id_is_refused() {
        let is_parked = |content: &Content| matches!(content, Content::ParkedAuthorization(_));
        let parked = contents().into_iter().find(is_parked).unwrap();
        let text = String::from_utf8(Payload::new(parked).encode()).unwrap();
        let changed = text.replace(r#""client_id":"web""#, r#""client_id":"w\neb""#);
        assert_ne!(changed, text);
        assert!(Payload::decode(changed.as_bytes()).is_err());
    }

    #[test]
    fn debug_shows_nothing() {
        let payload = Payload::new(Content::AccessToken(AccessTokenPayload {
            scope: Some(Scope::parse("secret").unwrap()),
            audience: Audience::default(),
        }));
        assert_eq!(format!("{payload:?}"), "Payload(..)");
    }
}
