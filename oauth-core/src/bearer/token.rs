use std::sync::Arc;

use time::OffsetDateTime;

use crate::client::ClientId;
use crate::resource::Audience;
use crate::scope::Scope;
use crate::subject::{Subject, UserId};

/// What a valid access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedToken {
    subject: Subject,
    client_id: ClientId,
    expires_at: OffsetDateTime,
    scope: Scope,
    audience: Audience,
    pub(super) acr: Option<Arc<str>>,
    pub(super) auth_time: Option<OffsetDateTime>,
}

impl VerifiedToken {
    /// A token without scope and audience, for a verifier of one's own; the `with_` methods add what
    /// else it says.
    pub fn new(subject: Subject, client_id: ClientId, expires_at: OffsetDateTime) -> Self {
        Self {
            subject,
            client_id,
            expires_at,
            scope: Scope::default(),
            audience: Audience::default(),
            acr: None,
            auth_time: None,
        }
    }

    /// The same with this scope.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// The same with this audience.
    #[must_use]
    pub fn with_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// The same with this authentication context class.
    #[must_use]
    pub fn with_acr(mut self, acr: impl Into<Arc<str>>) -> Self {
        self.acr = Some(acr.into());
        self
    }

    /// The same with the moment at which the user signed in.
    #[must_use]
    pub fn with_auth_time(mut self, auth_time: OffsetDateTime) -> Self {
        self.auth_time = Some(auth_time);
        self
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

    /// Which protected resources the token is for (RFC 8707 section 2); empty when it is not
    /// restricted.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// The authentication context class by which the user signed in, where the host reported one
    /// (RFC 9470 section 6).
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// When the user signed in, in whole seconds, where the host reported it (RFC 9470 section 6).
    pub fn auth_time(&self) -> Option<OffsetDateTime> {
        self.auth_time
    }

    /// When it ends, if nobody ends it before.
    pub fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}
