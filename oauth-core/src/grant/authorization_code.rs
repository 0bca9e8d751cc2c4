use super::{TokenRequest, TokenResponse};
use crate::client::GrantType;
use crate::credential::{CredentialKey, CredentialKind};
use crate::error::{ErrorCode, Rejection};
use crate::pkce::CodeVerifier;
use crate::store::{Content, Exchanged, Spend};

const KIND: CredentialKind = CredentialKind::AuthorizationCode;

const INVALID: Rejection = Rejection::new(
    ErrorCode::InvalidGrant,
    "the code is unknown, expired or used, or was issued for another request",
);

/// `authorization_code` (RFC 6749 section 4.1.3).
pub(super) async fn handle(request: &TokenRequest<'_>) -> Result<TokenResponse, Rejection> {
    let parameters = request.parameters();
    let code = parameters.required("code", "code is missing")?;
    let redirect_uri = parameters.optional("redirect_uri")?;
    let verifier = parameters.optional("code_verifier")?;

    let key = CredentialKey::of(KIND, code).ok_or(INVALID)?;
    let found = request.inner().find(&key).await?.ok_or(INVALID)?;
    let (Content::Grant(granted), Content::AuthorizationCode(issued)) = (
        found.grant.payload.content(),
        found.credential.payload.content(),
    ) else {
        return Err(INVALID);
    };

    // Whoever fails here is not the client the code was made for, and must not be able to end
    // that client's grant (RFC 9700 section 4.5).
    if found.grant.client_id != *request.client().id()
        || redirect_uri.is_some_and(|uri| *uri != *issued.redirect_uri)
    {
        return Err(INVALID);
    }
    let proven = verifier
        .and_then(CodeVerifier::parse)
        .is_some_and(|verifier| issued.code_challenge.accepts(&verifier));
    if !proven {
        return Err(Rejection::new(
            ErrorCode::InvalidGrant,
            "code_verifier is missing or does not match the code_challenge",
        ));
    }

    if !found.grant.is_active(request.now()) {
        return Err(INVALID);
    }
    if found.credential.spent_at.is_some() {
        request.end_after_replay(&found.grant, KIND).await?;
        return Err(INVALID);
    }
    if found.credential.expires_at <= request.now() {
        return Err(INVALID);
    }
    request.require_active_user(&found.grant).await?;
    let scope = request.remaining_scope(&granted.scope)?;
    let audience = request.audience_within(granted.audience())?;

    let narrowed = (scope != granted.scope).then(|| scope.clone());
    let (access, record) = request.access_token(&found.grant, narrowed, audience);
    let mut successors = Vec::with_capacity(2);
    successors.push(record);
    let refreshable = request.client().allows(&GrantType::REFRESH_TOKEN);
    let refresh = refreshable.then(|| {
        let (refresh, record) = request.refresh_token(&found.grant, None);
        successors.push(record);
        refresh
    });
    match request
        .exchange(&found.grant, Spend::Once(key), &successors)
        .await?
    {
        Exchanged::Done => Ok(request.response(&found.grant, access, refresh, scope)),
        Exchanged::Spent { .. } => {
            request.end_after_replay(&found.grant, KIND).await?;
            Err(INVALID)
        }
        Exchanged::Expired | Exchanged::Inactive | Exchanged::Unknown => Err(INVALID),
    }
}
