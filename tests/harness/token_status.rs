//! Revoking tokens and asking about them: RFC 7009 and RFC 7662.

use serde_json::{Map, Value, json};

use super::{Answer, Client, Server};

impl Server {
    /// The client gives a token back.
    pub async fn revoke(&self, client: &Client, token: &str) -> Answer {
        self.form(client, "/revoke", &[("token", token)]).await
    }

    /// The client asks about a token.
    pub async fn introspect(&self, client: &Client, token: &str) -> Answer {
        self.form(client, "/introspect", &[("token", token)]).await
    }

    /// Whether the client is told that a token is active.
    pub async fn is_active(&self, client: &Client, token: &str) -> bool {
        let answer = self.introspect(client, token).await;
        if answer.json().get("active") == Some(&Value::Bool(true)) {
            answer.expect_active();
            return true;
        }
        answer.expect_inactive();
        false
    }
}

impl Answer {
    /// RFC 7009 section 2.2: nothing is said but the status.
    #[track_caller]
    pub fn expect_revoked(&self) {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.body, "", "{self:?}");
        self.expect_not_stored();
    }

    /// RFC 7662 section 2.2: nothing but that it is not active.
    #[track_caller]
    pub fn expect_inactive(&self) {
        assert_eq!(self.status, 200, "{self:?}");
        self.expect_not_stored();
        assert_eq!(Value::Object(self.json()), json!({"active": false}));
    }

    /// What is said of an active token, each member of the kind that RFC 7662 section 2.2 wants.
    #[track_caller]
    pub fn expect_active(&self) -> Map<String, Value> {
        assert_eq!(self.status, 200, "{self:?}");
        self.expect_not_stored();
        let members = self.json();
        assert_eq!(members.get("active"), Some(&Value::Bool(true)), "{self:?}");
        for (name, value) in &members {
            let fits = match name.as_str() {
                "active" => value.is_boolean(),
                "exp" | "iat" | "nbf" | "auth_time" => value.as_i64().is_some_and(|time| time > 0),
                "aud" => value.as_array().is_some_and(|resources| {
                    !resources.is_empty() && resources.iter().all(Value::is_string)
                }),
                _ => value.as_str().is_some_and(|text| !text.is_empty()),
            };
            assert!(fits, "{name}: {self:?}");
        }
        members
    }
}
