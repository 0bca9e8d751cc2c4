//! The introspection response ([RFC 7662 section 2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2)).

use std::time::Duration;

use oauth_core::{Audience, ClientId, ResourceIndicator, Scope, Subject, UserId, VerifiedToken};
use serde::Deserialize;
use time::OffsetDateTime;

/// What a response must say for its token to be accepted.
pub(crate) struct Expectation {
    pub(crate) issuer: Option<String>,
    pub(crate) needs_token_type: bool,
    pub(crate) lifetime_without_expiry: Duration,
}

/// Why a response cannot be read. Nothing of the response is repeated, since it is about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(&'static str);

/// Read first, since the other members mean nothing where it is false.
#[derive(Deserialize)]
struct Activity {
    active: bool,
}

#[derive(Deserialize)]
struct Active {
    scope: Option<String>,
    client_id: Option<String>,
    token_type: Option<String>,
    exp: Option<i64>,
    sub: Option<String>,
    subject_kind: Option<String>,
    aud: Option<OneOrSeveral>,
    iss: Option<String>,
    acr: Option<String>,
    auth_time: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

impl Expectation {
    /// What the token says; `None` when it does not count here.
    pub(crate) fn read(
        &self,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<Option<VerifiedToken>, Malformed> {
        let no_response = Malformed("it is no JSON object with a boolean \"active\"");
        // An array would be read as the members in their order.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(no_response);
        }
        let Activity { active } = serde_json::from_slice(body).map_err(|_| no_response)?;
        if !active {
            return Ok(None);
        }
        let response: Active = serde_json::from_slice(body)
            .map_err(|_| Malformed("a member is there twice or has another type"))?;
        if !self.admits(&response) {
            return Ok(None);
        }
        let expires_at = match response.exp {
            Some(exp) => moment(exp)?,
            None => now + self.lifetime_without_expiry,
        };
        let Some(audience) = audience(response.aud) else {
            tracing::debug!("refused: no value of the token's aud is an absolute URI");
            return Ok(None);
        };
        let (subject, client_id) =
            subject(response.sub, response.subject_kind, response.client_id)?;
        let scope = Scope::parse(&response.scope.unwrap_or_default())
            .map_err(|_| Malformed("its scope is malformed"))?;
        let mut token = VerifiedToken::new(subject, client_id, expires_at)
            .with_scope(scope)
            .with_audience(audience);
        if let Some(acr) = response.acr {
            token = token.with_acr(acr);
        }
        if let Some(auth_time) = response.auth_time {
            token = token.with_auth_time(moment(auth_time)?);
        }
        Ok((now < expires_at).then_some(token))
    }

    fn admits(&self, response: &Active) -> bool {
        if let (Some(wanted), Some(issuer)) = (&self.issuer, &response.iss)
            && wanted != issuer
        {
            tracing::warn!(
                issuer = wanted,
                "refused: the introspected token is from another issuer"
            );
            return false;
        }
        match &response.token_type {
            Some(kind) => kind.eq_ignore_ascii_case("Bearer"),
            // A refresh token has none at the servers of oauth-core.
            None => !self.needs_token_type,
        }
    }
}

fn moment(seconds: i64) -> Result<OffsetDateTime, Malformed> {
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|_| Malformed("it has a moment that is out of range"))
}

/// `None` for a token that is only for somebody who has no URI: empty would mean for everybody.
fn audience(aud: Option<OneOrSeveral>) -> Option<Audience> {
    let named = match aud {
        None => Vec::new(),
        Some(OneOrSeveral::One(one)) => vec![one],
        Some(OneOrSeveral::Several(several)) => several,
    };
    let resources = named.iter().flat_map(|text| ResourceIndicator::parse(text));
    let audience: Audience = resources.collect();
    (named.is_empty() || !audience.is_empty()).then_some(audience)
}

fn subject(
    sub: Option<String>,
    kind: Option<String>,
    client_id: Option<String>,
) -> Result<(Subject, ClientId), Malformed> {
    let client_id = client_id.ok_or(Malformed("it has no client_id"))?;
    let client_id =
        ClientId::parse(&client_id).map_err(|_| Malformed("its client_id is malformed"))?;
    if sub.is_none() && kind.as_deref() == Some("user") {
        return Err(Malformed("it is about a user and has no sub"));
    }
    let sub = sub.unwrap_or_else(|| client_id.as_str().to_owned());
    let is_client = sub == client_id.as_str();
    let subject = match kind.as_deref() {
        _ if sub.is_empty() => return Err(Malformed("its sub is empty")),
        Some("user") => Subject::User(UserId::new(sub)),
        Some("client") if is_client => Subject::Client(client_id.clone()),
        Some(_) => return Err(Malformed("its subject_kind does not go with its sub")),
        None if is_client => Subject::Client(client_id.clone()),
        None => Subject::User(UserId::new(sub)),
    };
    Ok((subject, client_id))
}

#[cfg(test)]
mod tests;
