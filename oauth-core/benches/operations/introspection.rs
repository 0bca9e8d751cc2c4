//! What a resource server does with an access token: asks the authorization server about it, or looks at
//! the same stores itself.

use bytes::Bytes;
use http::{Request, header};
use oauth_core::{AuthorizationServer, Client, ProtectedResource};
use serde::Serialize;
use url::form_urlencoded;

use super::floor::Floor;
use super::{ISSUER, SECRET, form};

const API: &str = "https://api.example.com";

/// The client by which the API is known.
pub(super) fn client() -> Client {
    let api = Client::builder("api").secret(SECRET).grant_types([]);
    api.serves([API]).build().expect("a client")
}

/// The API in a process of its own, over the same stores.
pub(super) fn protected_resource(server: &AuthorizationServer) -> ProtectedResource {
    ProtectedResource::new(API, server.clone()).expect("a protected resource")
}

/// The question of the API.
pub(super) fn request(token: &str) -> Request<Bytes> {
    let form_of_token = format!("token={token}&token_type_hint=access_token");
    let mut request = form("/introspect", Some("api"), form_of_token);
    let json = header::HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::ACCEPT, json);
    request
}

/// As much as the framework's response says.
#[derive(Serialize)]
struct Active<'a> {
    active: bool,
    scope: &'a str,
    client_id: &'a str,
    token_type: &'static str,
    exp: i64,
    sub: &'a str,
    subject_kind: &'static str,
    iss: &'static str,
}

/// The body of the introspection response about an access token.
pub(super) fn introspect(floor: &Floor, authorization: &str, form: &[u8]) -> Option<Vec<u8>> {
    floor.authenticate(authorization)?;
    let mut parameters = form_urlencoded::parse(form);
    let (_, token) = parameters.find(|(name, _)| name == "token")?;
    let token = floor.look_up(&token)?;
    let body = Active {
        active: true,
        scope: &token.scope,
        client_id: &token.client,
        token_type: "Bearer",
        exp: token.expires_at.unix_timestamp(),
        sub: &token.subject,
        subject_kind: "user",
        iss: ISSUER,
    };
    serde_json::to_vec(&body).ok()
}
