use time::OffsetDateTime;

use crate::client::{Client, GrantType};
use crate::credential::{CredentialKind, GrantId, Secret};
use crate::error::{ErrorCode, Rejection, StoreError};
use crate::event::EventKind;
use crate::parameters::Parameters;
use crate::randomness::random;
use crate::request_origin::RequestOrigin;
use crate::resource::{Audience, ResourceIndicator};
use crate::scope::Scope;
use crate::server::{AuthorizationServer, Inner, RESOURCE_IS_GONE, UNKNOWN_RESOURCE};
use crate::store::{
    AccessTokenPayload, Content, Credential, Exchange, ExchangeId, Exchanged, Grant, GrantPayload,
    Payload, RefreshTokenPayload, Spend, Target,
};
use crate::subject::Subject;

/// A token request of an authenticated client, and what a grant type can do with it.
pub struct TokenRequest<'a> {
    server: &'a AuthorizationServer,
    client: &'a Client,
    grant_type: &'a GrantType,
    parameters: &'a Parameters<'a>,
    now: OffsetDateTime,
    origin: Option<&'a RequestOrigin>,
}

/// The tokens that the client is sent (RFC 6749 section 5.1).
#[derive(Debug)]
pub struct TokenResponse {
    pub(crate) access_token: Secret,
    pub(crate) expires_in: i64,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) scope: Scope,
}

/// An access token, and what is said of it beside its text.
pub(super) struct AccessToken {
    secret: Secret,
    expires_at: OffsetDateTime,
    /// Empty for the grant's.
    audience: Audience,
}

impl<'a> TokenRequest<'a> {
    pub(crate) fn new(
        server: &'a AuthorizationServer,
        client: &'a Client,
        grant_type: &'a GrantType,
        parameters: &'a Parameters<'a>,
        now: OffsetDateTime,
        origin: Option<&'a RequestOrigin>,
    ) -> Self {
        Self {
            server,
            client,
            grant_type,
            parameters,
            now,
            origin,
        }
    }

    /// The client that sent the request.
    pub fn client(&self) -> &Client {
        self.client
    }

    /// The form.
    pub fn parameters(&self) -> &Parameters<'a> {
        self.parameters
    }

    /// The moment of the request, in UTC.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    pub(super) fn inner(&self) -> &Inner {
        self.server.inner()
    }

    /// The scope that is asked for, which may not exceed `most`; all of `most` when none is named
    /// (RFC 6749 section 3.3).
    ///
    /// # Errors
    ///
    /// `invalid_scope` when it is malformed or exceeds `most`.
    pub fn scope_within(&self, most: &Scope) -> Result<Scope, Rejection> {
        let Some(text) = self.parameters.optional("scope")? else {
            return Ok(most.clone());
        };
        if text == most.as_str() {
            return Ok(most.clone());
        }
        Scope::parse(text)
            .ok()
            .filter(|scope| scope.is_subset(most))
            .ok_or_else(|| {
                Rejection::new(
                    ErrorCode::InvalidScope,
                    "scope is malformed or more than can be granted",
                )
            })
    }

    /// The resources that are asked for, which must be among those of the grant if that named any
    /// ([RFC 8707 section 2.2](https://www.rfc-editor.org/rfc/rfc8707#section-2.2)); empty when none
    /// is asked for and the server still knows all that the grant names.
    pub(super) fn audience_within(&self, granted: &Audience) -> Result<Audience, Rejection> {
        let requested = self.server.requested_audience(self.parameters)?;
        if !requested.resources().iter().all(|it| granted.admits(it)) {
            return Err(UNKNOWN_RESOURCE);
        }
        let is_known = |resource: &ResourceIndicator| self.inner().resources.contains(resource);
        if !requested.is_empty() || granted.resources().iter().all(is_known) {
            return Ok(requested);
        }
        let remaining = granted.resources().iter().filter(|it| is_known(it));
        let remaining: Audience = remaining.cloned().collect();
        if remaining.is_empty() {
            // An audience of nothing would be one without restriction.
            return Err(RESOURCE_IS_GONE);
        }
        Ok(remaining)
    }

    /// Opens a grant and issues an access token under it, as well as a refresh token when `subject`
    /// is a user and the client may use the grant type `refresh_token`.
    ///
    /// # Errors
    ///
    /// `invalid_grant` when the user is disabled; `invalid_target` for a `resource` that is unknown; 503 or 500 when the store fails.
    pub async fn open(&self, subject: Subject, scope: Scope) -> Result<TokenResponse, Rejection> {
        let inner = self.inner();
        let audience = self.audience_within(&Audience::default())?;
        self.require_active(&subject).await?;
        let refreshable =
            matches!(subject, Subject::User(_)) && self.client.allows(&GrantType::REFRESH_TOKEN);
        let lifetime = if refreshable {
            inner.policy.refresh_token
        } else {
            inner.policy.access_token
        };
        let grant = Grant {
            id: GrantId::random(&*inner.randomness),
            client_id: self.client.id().clone(),
            subject: Some(subject),
            expires_at: self.now + lifetime,
            revoked_at: None,
            payload: Payload::new(Content::Grant(
                GrantPayload::new(scope.clone(), self.now.unix_timestamp()).with_audience(audience),
            )),
        };
        let (access, record) = self.access_token(&grant, None, Audience::default());
        let refresh = if refreshable {
            let (refresh, second) = self.refresh_token(&grant, None);
            let records = [record, second];
            self.server.open_grant(&grant, &records, self.now).await?;
            Some(refresh)
        } else {
            self.server.open_grant(&grant, &[record], self.now).await?;
            None
        };
        Ok(self.response(&grant, access, refresh, scope))
    }

    /// A new access token and its record; `narrowed` where it carries less than the grant's scope, and an `audience`
    /// where it is for less than the grant's.
    pub(super) fn access_token(
        &self,
        grant: &Grant,
        narrowed: Option<Scope>,
        audience: Audience,
    ) -> (AccessToken, Credential) {
        let inner = self.inner();
        let kind = CredentialKind::AccessToken;
        let secret = Secret::random(kind.prefix(), grant.id.shard(), &*inner.randomness);
        // Nothing lives longer than its grant.
        let expires_at = grant.expires_at.min(self.now + inner.policy.access_token);
        let payload = Payload::new(Content::AccessToken(AccessTokenPayload {
            scope: narrowed,
            audience: audience.clone(),
        }));
        let record = record(&secret, kind, expires_at, payload);
        let access = AccessToken {
            secret,
            expires_at,
            audience,
        };
        (access, record)
    }

    /// A new refresh token, random or with the given text, and its record.
    pub(super) fn refresh_token(
        &self,
        grant: &Grant,
        secret: Option<Secret>,
    ) -> (Secret, Credential) {
        let inner = self.inner();
        let kind = CredentialKind::RefreshToken;
        let secret = secret
            .unwrap_or_else(|| Secret::random(kind.prefix(), grant.id.shard(), &*inner.randomness));
        let window_is_open = !inner.policy.refresh_retry_window.is_zero();
        let nonce = window_is_open.then(|| random(&*inner.randomness));
        let payload = Payload::new(Content::RefreshToken(RefreshTokenPayload { nonce }));
        let record = record(&secret, kind, grant.expires_at, payload);
        (secret, record)
    }

    /// Says that the tokens are issued, and what the client is sent.
    pub(super) fn response(
        &self,
        grant: &Grant,
        access: AccessToken,
        refresh_token: Option<Secret>,
        scope: Scope,
    ) -> TokenResponse {
        let audience = match grant.payload.content() {
            Content::Grant(granted) if access.audience.is_empty() => granted.audience(),
            _ => &access.audience,
        };
        let kind = EventKind::TokenIssued {
            grant_type: self.grant_type,
            client_id: &grant.client_id,
            subject: grant.subject.as_ref(),
            grant: grant.id,
            scope: &scope,
            audience,
            refresh_token: refresh_token.is_some(),
        };
        self.server.emit(self.origin, kind);
        TokenResponse {
            expires_in: (access.expires_at - self.now).whole_seconds(),
            access_token: access.secret,
            refresh_token,
            scope,
        }
    }

    /// Spends and records. A transient failure is asked again once, with the same identifier, so that
    /// a lost answer does not look like a replay.
    pub(super) async fn exchange(
        &self,
        grant: &Grant,
        spend: Spend,
        successors: &[Credential],
    ) -> Result<Exchanged, StoreError> {
        let grants = &self.inner().grants;
        let id = ExchangeId::from_bytes(random(&*self.inner().randomness));
        // Made for each try, so that the future holds none in between.
        let exchange = || Exchange {
            id,
            grant: grant.id,
            spend,
            successors: successors.into(),
            now: self.now,
        };
        match grants.exchange(exchange()).await {
            Err(error) if error.is_transient() => grants.exchange(exchange()).await,
            outcome => outcome,
        }
    }

    /// Ends a grant because one of its credentials was used twice (RFC 6749 section 4.1.2, RFC 9700
    /// section 4.14.2).
    pub(super) async fn end_after_replay(
        &self,
        grant: &Grant,
        what: CredentialKind,
    ) -> Result<(), StoreError> {
        let (client_id, subject) = (&grant.client_id, grant.subject.as_ref());
        let grant_id = grant.id;
        let kind = match what {
            CredentialKind::RefreshToken => EventKind::RefreshTokenReused {
                client_id,
                subject,
                grant: grant_id,
            },
            _ => EventKind::CodeReplayed {
                client_id,
                subject,
                grant: grant_id,
            },
        };
        self.server.emit(self.origin, kind);
        self.inner()
            .grants
            .revoke(Target::Grant(grant.id), self.now)
            .await
    }

    /// Refuses to act for a user whom the host has disabled.
    pub(super) async fn require_active(&self, subject: &Subject) -> Result<(), Rejection> {
        if let (Subject::User(user), Some(status)) = (subject, &self.inner().subject_status)
            && !status.is_active(user).await?
        {
            return Err(Rejection::new(
                ErrorCode::InvalidGrant,
                "the user is disabled",
            ));
        }
        Ok(())
    }

    /// The same for the user of a grant.
    pub(super) async fn require_active_user(&self, grant: &Grant) -> Result<(), Rejection> {
        match &grant.subject {
            Some(subject) => self.require_active(subject).await,
            None => Ok(()),
        }
    }

    /// What of the grant's scope the client may still have.
    pub(super) fn remaining_scope(&self, granted: &Scope) -> Result<Scope, Rejection> {
        let remaining = granted.intersection(self.client.scope());
        if remaining.is_empty() && !granted.is_empty() {
            return Err(Rejection::new(
                ErrorCode::InvalidScope,
                "the client may no longer have any of the scope",
            ));
        }
        Ok(remaining)
    }
}

/// What a store keeps of a credential that was made just now.
fn record(
    secret: &Secret,
    kind: CredentialKind,
    expires_at: OffsetDateTime,
    payload: Payload,
) -> Credential {
    Credential {
        key: secret.key(),
        kind,
        expires_at,
        spent_at: None,
        spent_by: None,
        payload,
    }
}
