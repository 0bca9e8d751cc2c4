//! What a client asks for and what it is given.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::Client;
use super::client::fresh;

/// An authorization request, with the verifier kept.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    pub parameters: Vec<(String, String)>,
    pub verifier: String,
    /// Where the answer belongs.
    pub redirect_uri: String,
    /// What the answer has to say about `state`.
    pub state: Option<String>,
}

impl AuthorizationRequest {
    /// A request in which nothing is wrong, at the client's first redirect URI.
    pub fn new(client: &Client) -> Self {
        // 43 characters at least, RFC 7636 section 4.1.
        let verifier = format!("{}{}", fresh("verifier."), "_".repeat(40));
        let redirect_uri = *client
            .redirect_uris
            .first()
            .unwrap_or(&"https://none.example/");
        let request = Self {
            parameters: Vec::new(),
            redirect_uri: redirect_uri.to_owned(),
            state: None,
            verifier: verifier.clone(),
        };
        request
            .with("response_type", "code")
            .with("client_id", client.id)
            .with("redirect_uri", redirect_uri)
            .with("scope", client.scope)
            .with("state", &fresh("state"))
            .with("code_challenge", &challenge_of(&verifier))
            .with("code_challenge_method", "S256")
    }

    /// Sets a parameter.
    pub fn with(self, name: &str, value: &str) -> Self {
        let mut request = self.without(name);
        match name {
            "state" => request.state = Some(value.to_owned()).filter(|state| !state.is_empty()),
            "redirect_uri" => value.clone_into(&mut request.redirect_uri),
            _ => {}
        }
        request.and(name, value)
    }

    /// Adds a parameter, even if it is there already.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a parameter out. The answer is still expected at the redirect URI known before.
    pub fn without(mut self, name: &str) -> Self {
        if name == "state" {
            self.state = None;
        }
        self.parameters.retain(|(parameter, _)| parameter != name);
        self
    }

    /// The answer must not carry a state, although the request has one.
    pub fn expecting_no_state(mut self) -> Self {
        self.state = None;
        self
    }

    /// The form encoding of the parameters.
    pub fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.parameters)
            .finish()
    }
}

/// An authorization code and what its client needs to redeem it.
#[derive(Clone, Debug)]
pub struct Code {
    pub value: String,
    pub verifier: String,
    pub redirect_uri: String,
}

impl Code {
    /// The parameters of RFC 6749 section 4.1.3.
    pub fn parameters(&self) -> Vec<(&str, &str)> {
        vec![
            ("grant_type", "authorization_code"),
            ("code", &self.value),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &self.verifier),
        ]
    }
}

/// A successful token response.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub expires_in: u64,
    pub scope: Option<String>,
}

impl Tokens {
    #[track_caller]
    pub fn refresh_token(&self) -> &str {
        self.refresh_token
            .as_deref()
            .expect("a refresh token in the token response")
    }

    /// The scope in a fixed order.
    #[track_caller]
    pub fn scope(&self) -> Vec<&str> {
        let scope = self
            .scope
            .as_deref()
            .expect("the scope in the token response");
        let mut scope: Vec<_> = scope.split(' ').collect();
        scope.sort_unstable();
        scope
    }
}

/// The S256 challenge of RFC 7636 section 4.2.
pub fn challenge_of(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}
