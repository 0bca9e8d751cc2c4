//! The tables that are there any number of times.

use std::collections::HashSet;

use oauth_core::{RedirectUri, ResourceIndicator, Scope};

use super::document::Section;
use crate::secret::Secret;

const GRANT_TYPES: [&str; 6] = [
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
];

/// The session cookie holds the name, and browsers drop a cookie of more than 4096 bytes.
const LONGEST_USERNAME: usize = 255;

/// One of `[[users]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserEntry {
    /// The name to sign in with.
    pub username: String,
    /// The password to sign in with.
    pub password: Secret,
}

/// One of `[[clients]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientEntry {
    /// The client's id.
    pub client_id: String,
    /// Its secret; a public client has none.
    pub client_secret: Option<Secret>,
    /// How it shows who it is. Default: by Basic authentication if it has a secret.
    pub token_endpoint_auth_method: TokenEndpointAuthMethod,
    /// What people see of it. Default: its id.
    pub client_name: String,
    /// Where answers may go, as the framework accepts them.
    pub redirect_uris: Vec<String>,
    /// Registered names of grant types. Default: `authorization_code`, and none without redirect
    /// URIs.
    pub grant_types: Vec<String>,
    /// Scope names with spaces between. Default: none.
    pub scope: String,
    /// Whether it is a resource server, which may introspect tokens without audience.
    pub introspect: bool,
    /// The resources it serves; it may introspect tokens for these.
    pub resources: Vec<String>,
    /// Whether it belongs to this service, so that nobody is asked for consent.
    pub first_party: bool,
}

/// One of `[[scopes]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeEntry {
    /// The scope's name.
    pub name: String,
    /// What people read at the consent page. Default: the name.
    pub description: String,
}

/// How a client shows at the token endpoint who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenEndpointAuthMethod {
    /// By its secret in the `Authorization` header.
    ClientSecretBasic,
    /// By its secret in the form.
    ClientSecretPost,
    /// Not at all: a public client.
    None,
}

impl TokenEndpointAuthMethod {
    const ALL: [Self; 3] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::None];

    /// The registered name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::None => "none",
        }
    }
}

/// An entry that has a key by which it is told from the others.
pub(super) trait Entry {
    const KEY: &'static str;
    fn read(section: &mut Section<'_>) -> Self;
    fn key(&self) -> &str;
}

/// Reads all entries, and notes those that are there twice.
pub(super) fn all<E: Entry>(sections: Vec<Section<'_>>) -> Vec<E> {
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for mut section in sections {
        let entry = E::read(&mut section);
        if !entry.key().is_empty() && !seen.insert(entry.key().to_owned()) {
            section.problem(E::KEY, "is there already, in an entry above");
        }
        section.finish();
        entries.push(entry);
    }
    entries
}

impl Entry for UserEntry {
    const KEY: &'static str = "username";

    fn read(section: &mut Section<'_>) -> Self {
        let username = section.required_string("username");
        if username.len() > LONGEST_USERNAME || username.chars().any(char::is_control) {
            let what =
                format!("must have no control characters, and at most {LONGEST_USERNAME} bytes");
            section.problem("username", &what);
        }
        Self {
            username,
            password: Secret::new(section.required_string("password")),
        }
    }

    fn key(&self) -> &str {
        &self.username
    }
}

impl Entry for ScopeEntry {
    const KEY: &'static str = "name";

    fn read(section: &mut Section<'_>) -> Self {
        let name = section.required_string("name");
        let description = section
            .string("description")
            .unwrap_or_else(|| name.clone());
        Self { name, description }
    }

    fn key(&self) -> &str {
        &self.name
    }
}

impl Entry for ClientEntry {
    const KEY: &'static str = "client_id";

    fn read(section: &mut Section<'_>) -> Self {
        let client_id = section.required_string("client_id");
        if !is_visible_ascii(&client_id) {
            section.problem("client_id", "must be visible ASCII");
        }
        let client_secret = section.string("client_secret").map(Secret::new);
        if client_secret
            .as_ref()
            .is_some_and(|secret| secret.expose().is_empty())
        {
            section.problem(
                "client_secret",
                "must not be empty; a public client has none at all",
            );
        }
        if client_secret
            .as_ref()
            .is_some_and(|secret| !is_visible_ascii(secret.expose()))
        {
            section.problem("client_secret", "must be visible ASCII");
        }
        let token_endpoint_auth_method = auth_method(section);
        let redirect_uris = section.strings("redirect_uris").unwrap_or_default();
        let introspect = section.flag("introspect");
        for (uri, at) in redirect_uris.iter().zip(1..) {
            // Not the text: it may hold a password.
            if let Err(error) = RedirectUri::parse(uri) {
                section.problem("redirect_uris", &format!("number {at} {error}"));
            }
        }
        if introspect && client_secret.is_none() {
            section.problem("introspect", "needs a client_secret");
        }
        let resources = section.strings("resources").unwrap_or_default();
        for (resource, at) in resources.iter().zip(1..) {
            if let Err(error) = ResourceIndicator::parse(resource) {
                section.problem("resources", &format!("number {at} {error}"));
            }
        }
        let grant_types = grant_types(section, introspect, redirect_uris.is_empty());
        let scope = section.string("scope").unwrap_or_default();
        if let Err(error) = Scope::parse(&scope) {
            section.problem("scope", &error.to_string());
        }
        Self {
            client_name: section
                .string("client_name")
                .unwrap_or_else(|| client_id.clone()),
            grant_types,
            scope,
            resources,
            first_party: section.flag("first_party"),
            client_id,
            client_secret,
            token_endpoint_auth_method,
            redirect_uris,
            introspect,
        }
    }

    fn key(&self) -> &str {
        &self.client_id
    }
}

fn auth_method(section: &mut Section<'_>) -> TokenEndpointAuthMethod {
    const KEY: &str = "token_endpoint_auth_method";
    let has_secret = section.has("client_secret");
    let default = match has_secret {
        true => TokenEndpointAuthMethod::ClientSecretBasic,
        false => TokenEndpointAuthMethod::None,
    };
    let Some(name) = section.string(KEY) else {
        return default;
    };
    let Some(method) = TokenEndpointAuthMethod::ALL
        .into_iter()
        .find(|m| m.as_str() == name)
    else {
        let known = TokenEndpointAuthMethod::ALL
            .map(TokenEndpointAuthMethod::as_str)
            .join(", ");
        section.problem(KEY, &format!("must be one of {known}"));
        return default;
    };
    match (method, has_secret) {
        (TokenEndpointAuthMethod::None, true) => {
            section.problem(KEY, "is none, but there is a client_secret");
        }
        (TokenEndpointAuthMethod::ClientSecretBasic, false)
        | (TokenEndpointAuthMethod::ClientSecretPost, false) => {
            section.problem("client_secret", &format!("is missing, but {KEY} needs one"));
        }
        _ => {}
    }
    method
}

fn grant_types(section: &mut Section<'_>, introspect: bool, nowhere_to_go: bool) -> Vec<String> {
    const KEY: &str = "grant_types";
    const CODE: &str = "authorization_code";
    let Some(names) = section.strings(KEY) else {
        return if nowhere_to_go {
            Vec::new()
        } else {
            vec![CODE.to_owned()]
        };
    };
    if nowhere_to_go && names.iter().any(|name| name == CODE) {
        section.problem(KEY, "authorization_code needs redirect_uris");
    }
    if names.is_empty() && !introspect {
        section.problem(
            KEY,
            "must not be empty, but for a resource server (introspect = true)",
        );
    }
    if names
        .iter()
        .any(|name| !GRANT_TYPES.contains(&name.as_str()))
    {
        section.problem(
            KEY,
            &format!("unknown name; known are {}", GRANT_TYPES.join(", ")),
        );
    }
    names
}

/// What RFC 6749 (appendix A) allows in client ids and secrets: visible ASCII and spaces.
fn is_visible_ascii(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
