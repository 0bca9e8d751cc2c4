use time::OffsetDateTime;

use super::{TokenRequest, TokenResponse};
use crate::credential::{CredentialKey, CredentialKind};
use crate::error::{ErrorCode, Rejection};
use crate::scope::Scope;
use crate::store::{Content, Exchanged, Found, GrantPayload, Spend};

const KIND: CredentialKind = CredentialKind::RefreshToken;

const INVALID: Rejection = Rejection::new(
    ErrorCode::InvalidGrant,
    "the refresh token is unknown, expired or used, or belongs to another client",
);

/// `refresh_token` (RFC 6749 section 6) with rotation (RFC 9700 section 4.14.2).
pub(super) async fn handle(request: &TokenRequest<'_>) -> Result<TokenResponse, Rejection> {
    let parameters = request.parameters();
    let presented = parameters.required("refresh_token", "refresh_token is missing")?;

    let key = CredentialKey::of(KIND, presented).ok_or(INVALID)?;
    let found = request.inner().find(&key).await?.ok_or(INVALID)?;
    let (Content::Grant(granted), Content::RefreshToken(issued)) = (
        found.grant.payload.content(),
        found.credential.payload.content(),
    ) else {
        return Err(INVALID);
    };
    if found.grant.client_id != *request.client().id() || !found.grant.is_active(request.now()) {
        return Err(INVALID);
    }
    let used = Used {
        found: &found,
        granted,
        nonce: issued.nonce,
        presented,
    };
    // On the heap, since it is rare and would make the future of every token request larger.
    let again = |spent_at| Box::pin(used.again(request, spent_at));
    if let Some(spent_at) = found.credential.spent_at {
        return again(spent_at).await;
    }
    if found.credential.expires_at <= request.now() {
        return Err(INVALID);
    }
    let scope = narrowed_scope(request, &granted.scope)?;
    let audience = request.audience_within(granted.audience())?;
    request.require_active_user(&found.grant).await?;

    let narrowed = narrower(&scope, &granted.scope);
    let (access, record) = request.access_token(&found.grant, narrowed, audience);
    let window_is_open = !request.inner().policy.refresh_retry_window.is_zero();
    let nonce = issued.nonce.filter(|_| window_is_open);
    let derived = match (request.inner().rotation_keys.first(), nonce) {
        (Some(rotation_key), Some(nonce)) => rotation_key.successor(presented, &nonce, key.shard()),
        _ => None,
    };
    let (refresh, second) = request.refresh_token(&found.grant, derived);
    let successors = [record, second];
    match request
        .exchange(&found.grant, Spend::Once(key), &successors)
        .await?
    {
        Exchanged::Done => Ok(request.response(&found.grant, access, Some(refresh), scope)),
        Exchanged::Spent { at, .. } => again(at).await,
        Exchanged::Expired | Exchanged::Inactive | Exchanged::Unknown => Err(INVALID),
    }
}

/// A refresh token that was used before.
struct Used<'a> {
    found: &'a Found,
    granted: &'a GrantPayload,
    nonce: Option<[u8; 16]>,
    presented: &'a str,
}

impl Used<'_> {
    /// Presented again: by a client whose response was lost, or by a thief. Within the window of its
    /// first use the successor is given once more; otherwise the grant ends.
    async fn again(
        &self,
        request: &TokenRequest<'_>,
        spent_at: OffsetDateTime,
    ) -> Result<TokenResponse, Rejection> {
        let window = request.inner().policy.refresh_retry_window;
        let within = !window.is_zero() && request.now() < spent_at + window;
        if let Some(nonce) = self.nonce.filter(|_| within)
            && let Some(response) = self.same_successor(request, &nonce).await?
        {
            return Ok(response);
        }
        request.end_after_replay(&self.found.grant, KIND).await?;
        Err(INVALID)
    }

    /// The successor that was given at the first use, with a fresh access token. `None` once it was
    /// used itself.
    async fn same_successor(
        &self,
        request: &TokenRequest<'_>,
        nonce: &[u8; 16],
    ) -> Result<Option<TokenResponse>, Rejection> {
        let grant = &self.found.grant;
        let shard = self.found.credential.key.shard();
        let scope = narrowed_scope(request, &self.granted.scope)?;
        let audience = request.audience_within(self.granted.audience())?;
        request.require_active_user(grant).await?;
        for rotation_key in &request.inner().rotation_keys {
            let Some(successor) = rotation_key.successor(self.presented, nonce, shard) else {
                continue;
            };
            let key = successor.key();
            let narrowed = narrower(&scope, &self.granted.scope);
            let (access, record) = request.access_token(grant, narrowed, audience.clone());
            let spend = Spend::Nothing { while_unspent: key };
            match request.exchange(grant, spend, &[record]).await? {
                Exchanged::Done => {
                    return Ok(Some(request.response(
                        grant,
                        access,
                        Some(successor),
                        scope,
                    )));
                }
                Exchanged::Spent { .. } => return Ok(None),
                // It was derived with another key of the list.
                Exchanged::Unknown => {}
                Exchanged::Expired | Exchanged::Inactive => return Err(INVALID),
            }
        }
        Ok(None)
    }
}

/// What is asked for within the grant (RFC 6749 section 6), less what the client may no longer have.
fn narrowed_scope(request: &TokenRequest<'_>, granted: &Scope) -> Result<Scope, Rejection> {
    let asked = request.scope_within(granted)?;
    request.remaining_scope(&asked)
}

/// What the access token's record says of its scope: nothing when it is the grant's.
fn narrower(scope: &Scope, granted: &Scope) -> Option<Scope> {
    (scope != granted).then(|| scope.clone())
}
