//! A client as bytes, for stores.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{Client, ClientSecretDigest, GrantType, InvalidClient, TokenEndpointAuthMethod};

/// The version that [`Client::encode`] writes.
const VERSION: u32 = 1;

/// Bytes that are not a client, or one of a later version, or one that may not be.
#[derive(Debug, thiserror::Error)]
#[error("not a client that this version can read")]
pub struct InvalidClientRecord(#[source] Option<Problem>);

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Text(serde_json::Error),
    #[error("a digest of a secret is not 32 bytes in base64url")]
    Digest,
    #[error(transparent)]
    Client(InvalidClient),
}

/// The names are those of client metadata (RFC 7591 section 2), where there is one.
#[derive(Serialize, Deserialize)]
struct Record<'a> {
    version: u32,
    client_id: Cow<'a, str>,
    client_name: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    client_secret_digests: Vec<String>,
    token_endpoint_auth_method: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    redirect_uris: Vec<Cow<'a, str>>,
    grant_types: Vec<Cow<'a, str>>,
    scope: Cow<'a, str>,
    #[serde(default)]
    first_party: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serves: Option<Vec<Cow<'a, str>>>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Client {
    /// The client as bytes, for a store that keeps clients: JSON that holds the digests of the
    /// secrets and everything else. [`decode`](Self::decode) reads it.
    pub fn encode(&self) -> Vec<u8> {
        let record = Record {
            version: VERSION,
            client_id: self.id.as_str().into(),
            client_name: self.name.as_str().into(),
            client_secret_digests: self
                .secrets
                .iter()
                .map(|digest| URL_SAFE_NO_PAD.encode(digest.as_bytes()))
                .collect(),
            token_endpoint_auth_method: self.token_endpoint_auth_method.as_str().into(),
            redirect_uris: self
                .redirect_uris
                .iter()
                .map(|uri| uri.as_str().into())
                .collect(),
            grant_types: self
                .grant_types
                .iter()
                .map(|grant_type| grant_type.as_str().into())
                .collect(),
            scope: self.scope.to_string().into(),
            first_party: self.first_party,
            serves: self
                .serves
                .as_ref()
                .map(|served| served.iter().map(|one| one.as_str().into()).collect()),
        };
        // Texts, lists of texts and numbers: there is nothing in it that JSON cannot hold.
        serde_json::to_vec(&record).unwrap_or_default()
    }

    /// Reads what [`encode`](Self::encode) gave, of this version or an earlier one, and checks it as
    /// [`ClientBuilder::build`](super::ClientBuilder::build) does.
    ///
    /// # Errors
    ///
    /// [`InvalidClientRecord`] for anything else; a store reports it as
    /// [`StoreError::permanent`](crate::StoreError::permanent).
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidClientRecord> {
        let text = |error| InvalidClientRecord(Some(Problem::Text(error)));
        let Version { version } = serde_json::from_slice(bytes).map_err(text)?;
        if version != VERSION {
            return Err(InvalidClientRecord(None));
        }
        let record: Record<'_> = serde_json::from_slice(bytes).map_err(text)?;
        let method = record.token_endpoint_auth_method.into_owned();
        let grant_types = record.grant_types.into_iter();
        let mut builder = Client::builder(record.client_id)
            .name(record.client_name)
            .token_endpoint_auth_method(TokenEndpointAuthMethod::new(method))
            .grant_types(grant_types.map(|name| GrantType::new(name.into_owned())))
            .scope(record.scope)
            .first_party(record.first_party);
        if let Some(served) = record.serves {
            builder = builder.serves(served);
        }
        for digest in record.client_secret_digests {
            let bytes = URL_SAFE_NO_PAD.decode(digest).ok();
            let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            let bytes = bytes.ok_or(InvalidClientRecord(Some(Problem::Digest)))?;
            builder = builder.secret_digest(ClientSecretDigest::from_bytes(bytes));
        }
        for uri in record.redirect_uris {
            // Whoever made the client has decided about schemes without a dot; the server's own
            // list of them still stands before each use.
            builder = builder.danger_redirect_uri(uri);
        }
        builder
            .build()
            .map_err(|error| InvalidClientRecord(Some(Problem::Client(error))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandomness;

    fn clients() -> [Client; 2] {
        let web = Client::builder("web \"~")
            .name("Fotos & mehr \u{1f4f7}\0")
            .secret("one secret of a client, long enough")
            .secret("another secret, for the rotation")
            .token_endpoint_auth_method(TokenEndpointAuthMethod::CLIENT_SECRET_POST)
            .redirect_uri("https://web.example/callback?x=%22")
            .redirect_uri("http://127.0.0.1/callback")
            .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::new("urn:own")])
            .scope("profile email")
            .first_party(true)
            .serves(["https://API.example"]);
        let native = Client::builder("native").danger_redirect_uri("cursor://callback");
        [web.build().unwrap(), native.build().unwrap()]
    }

    #[test]
    fn comes_back_as_it_was() {
        for client in clients() {
            let decoded = Client::decode(&client.encode()).unwrap();
            assert_eq!(decoded.id(), client.id());
            assert_eq!(decoded.name(), client.name());
            let digests = |client: &Client| -> Vec<[u8; 32]> {
                client.secrets().iter().map(|s| *s.as_bytes()).collect()
            };
            assert_eq!(digests(&decoded), digests(&client));
            assert_eq!(
                decoded.token_endpoint_auth_method(),
                client.token_endpoint_auth_method()
            );
            assert_eq!(decoded.redirect_uris(), client.redirect_uris());
            assert_eq!(decoded.grant_types(), client.grant_types());
            assert_eq!(decoded.scope(), client.scope());
            assert_eq!(decoded.is_first_party(), client.is_first_party());
            assert_eq!(decoded.serves(), client.serves());
        }
    }

    #[test]
    fn holds_no_secret() {
        let [web, _] = clients();
        let text = String::from_utf8(web.encode()).unwrap();
        assert!(!text.contains("one secret"), "{text}");
    }

    #[test]
    fn refuses_other_bytes_later_versions_and_what_may_not_be() {
        let [web, _] = clients();
        let text = String::from_utf8(web.encode()).unwrap();
        assert!(Client::decode(text.as_bytes()).is_ok());
        let changed = [
            String::new(),
            "{\"version\":1}".to_owned(),
            text.replace("\"version\":1", "\"version\":2"),
            text.replace("https://web.example", "http://web.example"),
            text.replace(
                "\"client_secret_digests\":[\"",
                "\"client_secret_digests\":[\"AA",
            ),
            text.replace("client_secret_post", "none"),
        ];
        for text in changed {
            assert!(Client::decode(text.as_bytes()).is_err(), "{text}");
        }
    }
    /// One that had a secret could be written and never read again.
    #[test]
    fn a_public_client_gets_no_secret() {
        let public = Client::builder("native")
            .danger_redirect_uri("cursor://callback")
            .build()
            .unwrap();
        assert!(public.is_public());
        let refused = public.with_new_secret(&SystemRandomness).unwrap_err();
        assert_eq!(refused.problems(), ["the method none goes with no secret"]);

        let [web, _] = clients();
        let (web, secret) = web.with_new_secret(&SystemRandomness).unwrap();
        let read = Client::decode(&web.encode()).unwrap();
        assert!(read.accepts_secret(secret.expose()));
    }
}
