//! What the pages send.

use oauth_core::{ClientId, GrantId};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::Secret;

/// The longest form in bytes: a long place to return to, encoded once more.
pub const LONGEST_FORM: usize = 64 * 1024;

/// The query of the login page.
#[derive(Debug, Default, Deserialize)]
pub struct LoginQuery {
    /// Where to go after signing in.
    pub return_to: Option<String>,
}

/// The form of the login page.
#[derive(Debug, Deserialize)]
pub struct LoginForm {
    /// Who signs in.
    pub username: String,
    /// Their password.
    pub password: Secret,
    /// Where to go afterwards.
    pub return_to: Option<String>,
}

/// The query of the page with an app's grants.
#[derive(Debug, Deserialize)]
pub struct GrantsQuery {
    /// The client whose grants are shown.
    pub client_id: ClientId,
}

/// A form of the page with an app's grants.
#[derive(Debug, Deserialize)]
pub struct EndGrantForm {
    /// The client whose grants are shown again afterwards.
    pub client_id: ClientId,
    /// The grant that is to end.
    #[serde(deserialize_with = "grant")]
    pub grant: GrantId,
}

/// A form of the account page.
#[derive(Debug, Deserialize)]
pub struct DisconnectForm {
    /// The client that is to lose its access.
    pub client_id: ClientId,
}

fn grant<'de, D: Deserializer<'de>>(sent: D) -> Result<GrantId, D::Error> {
    String::deserialize(sent)?.parse().map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    const GRANT: GrantId = GrantId::from_bytes([7; 18]);

    #[test]
    fn the_forms_of_the_account_page_name_a_client_and_a_grant() {
        let (client, grant) = (json!({"client_id": "web"}), GRANT.to_string());
        let query: GrantsQuery = from_value(client.clone()).unwrap();
        let disconnect: DisconnectForm = from_value(client).unwrap();
        let end: EndGrantForm = from_value(json!({"client_id": "web", "grant": grant})).unwrap();
        for client_id in [query.client_id, disconnect.client_id, end.client_id] {
            assert_eq!(client_id.as_str(), "web");
        }
        assert_eq!(end.grant, GRANT);
    }

    #[test]
    fn what_is_no_client_or_no_grant_is_refused() {
        let grant = GRANT.to_string();
        for client_id in ["", "a\tb", "\u{fc}"] {
            let client = json!({"client_id": client_id});
            assert!(from_value::<GrantsQuery>(client.clone()).is_err());
            assert!(from_value::<DisconnectForm>(client).is_err());
            let end = json!({"client_id": client_id, "grant": grant});
            assert!(from_value::<EndGrantForm>(end).is_err());
        }
        let end = json!({"client_id": "web", "grant": "none"});
        assert!(from_value::<EndGrantForm>(end).is_err());
    }
}
