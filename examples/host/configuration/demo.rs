//! Users and clients for a first look, without a file.

use super::{ClientEntry, Configuration, Lifetimes, Policy, ScopeEntry};
use super::{TokenEndpointAuthMethod, UserEntry};
use crate::pages::DEMO_HINT;
use crate::secret::Secret;

impl Configuration {
    /// The built-in demo: two users, a confidential and a public client, two scopes.
    pub fn demo() -> Self {
        let user = |username: &str, password: &str| UserEntry {
            username: username.to_owned(),
            password: Secret::new(password),
        };
        let scope = |name: &str, description: &str| ScopeEntry {
            name: name.to_owned(),
            description: description.to_owned(),
        };
        Self {
            lifetimes: Lifetimes::default(),
            session_key: None,
            policy: Policy::default(),
            users: vec![user("alice", "wonderland"), user("bob", "builder")],
            clients: vec![web(), cli()],
            scopes: vec![
                scope("profile", "Read your profile"),
                scope("email", "Read your e-mail address"),
            ],
            is_demo: true,
        }
    }
}

fn web() -> ClientEntry {
    ClientEntry {
        client_id: "web".to_owned(),
        client_secret: Some(Secret::new("web-secret-0123456789abcdef")),
        token_endpoint_auth_method: TokenEndpointAuthMethod::ClientSecretBasic,
        client_name: "Demo web app".to_owned(),
        redirect_uris: vec!["http://127.0.0.1:9999/callback".to_owned()],
        grant_types: ["authorization_code", "refresh_token", "client_credentials"]
            .map(str::to_owned)
            .into(),
        scope: "profile email".to_owned(),
        introspect: false,
        resources: Vec::new(),
        first_party: false,
    }
}

fn cli() -> ClientEntry {
    ClientEntry {
        client_id: "cli".to_owned(),
        client_secret: None,
        token_endpoint_auth_method: TokenEndpointAuthMethod::None,
        client_name: "Demo command line tool".to_owned(),
        redirect_uris: vec!["http://127.0.0.1/callback".to_owned()],
        grant_types: ["authorization_code", "refresh_token"]
            .map(str::to_owned)
            .into(),
        scope: "profile email".to_owned(),
        introspect: false,
        resources: Vec::new(),
        first_party: false,
    }
}

/// What a server that runs the demo prints: what to open in a browser, and who to sign in as.
/// `client` is where the other app of the demonstration runs.
pub fn invitation(issuer: &str, client: Option<&str>) -> String {
    match client {
        Some(client) => format!(
            "Open {client}/ in a browser: an app that asks this service for your profile. \
             {DEMO_HINT}\nThe service itself is at {issuer}/."
        ),
        None => format!(
            "Open {issuer}/ in a browser. {DEMO_HINT}\nTo see another app read your profile, run \
             the web-client example beside this server."
        ),
    }
}
