//! On whose behalf a token acts.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ClientId;

/// The host's identifier of one of its users, as the host gave it.
///
/// It must never change or be given to another user: grants and consents are kept under it, and it
/// is the `sub` that clients see. An email address is a poor choice for both reasons.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(Arc<str>);

impl UserId {
    /// Takes the host's identifier as it is.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The identifier as the host gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UserId({:?})", self.as_str())
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// On whose behalf a token acts: a user of the host, or a client on its own.
///
/// The two never compare as equal, even when their identifiers are the same text, so a client that
/// picks a user's name as its `client_id` gains nothing (RFC 9700 section 4.15).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A user who agreed.
    User(UserId),
    /// The client itself (RFC 6749 section 4.4).
    Client(ClientId),
}

impl Subject {
    /// The identifier alone. Stores keep [`Subject::kind`] beside it.
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::Client(id) => id.as_str(),
        }
    }

    /// The subject of which a store kept [`Subject::kind`] and [`Subject::id`].
    pub fn from_parts(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "user" => Some(Self::User(UserId::new(id))),
            "client" => ClientId::parse(id).ok().map(Self::Client),
            _ => None,
        }
    }

    /// `user` or `client`, for a store's column.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Client(_) => "client",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_client_of_one_name_differ() {
        let client = Subject::Client(ClientId::parse("alice").unwrap());
        let user = Subject::User(UserId::new("alice"));
        assert_ne!(user, client);
        assert_eq!(user.id(), client.id());
        assert_ne!(user.kind(), client.kind());
        for subject in [user, client] {
            assert_eq!(
                Subject::from_parts(subject.kind(), subject.id()),
                Some(subject)
            );
        }
        assert_eq!(Subject::from_parts("group", "alice"), None);
    }
}
