use time::OffsetDateTime;

use crate::client::ClientId;
use crate::scope::Scope;
use crate::subject::{Subject, UserId};

/// What a valid access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedToken {
    subject: Subject,
    client_id: ClientId,
    scope: Scope,
    expires_at: OffsetDateTime,
}

impl VerifiedToken {
    pub(super) fn new(
        subject: Subject,
        client_id: ClientId,
        scope: Scope,
        expires_at: OffsetDateTime,
    ) -> Self {
        Self {
            subject,
            client_id,
            scope,
            expires_at,
        }
    }

    /// On whose behalf the client acts.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The user, when the client acts for one.
    pub fn user(&self) -> Option<&UserId> {
        match &self.subject {
            Subject::User(user) => Some(user),
            Subject::Client(_) => None,
        }
    }

    /// The client that was given the token.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// What the token may be used for.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// When it ends, if nobody ends it before.
    pub fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

/// The scope that a protected route requires, as a type for the adapters' extractors.
///
/// ```
/// use oauth_core::RequiredScope;
///
/// struct Profile;
///
/// impl RequiredScope for Profile {
///     const SCOPE: &'static str = "profile";
/// }
/// ```
pub trait RequiredScope: Send + Sync + 'static {
    /// One or more values separated by spaces; the token must have all of them. Empty for none.
    const SCOPE: &'static str;
}

/// No scope is required: any valid token will do.
#[derive(Clone, Copy, Debug)]
pub struct NoScope;

impl RequiredScope for NoScope {
    const SCOPE: &'static str = "";
}
