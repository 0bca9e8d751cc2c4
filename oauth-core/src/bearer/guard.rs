use std::time::Duration;

use http::header::AUTHORIZATION;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;

use super::rejection::{BearerRejection, Reason};
use super::requirement::Requirement;
use super::resource_metadata::Published;
use super::token::VerifiedToken;
use crate::clock::Clock;
use crate::error::StoreError;
use crate::event::EventSinks;

/// What a protected resource asks of a request, before and after its token is verified.
pub(super) struct Guard<'a> {
    pub(super) realm: &'a str,
    pub(super) published: Option<&'a Published>,
    pub(super) clock: &'a dyn Clock,
    pub(super) event_sinks: &'a EventSinks,
    pub(super) required: &'a Requirement<'a>,
}

impl Guard<'_> {
    fn refuse(&self, reason: Reason) -> BearerRejection {
        BearerRejection::new(self, reason)
    }

    /// The token of the request, if it counts, is for this resource and meets the requirement.
    pub(super) async fn authenticate<'r, F>(
        &self,
        request: &'r Parts,
        verify: impl FnOnce(&'r str) -> F,
    ) -> Result<VerifiedToken, BearerRejection>
    where
        F: Future<Output = Result<Option<VerifiedToken>, StoreError>>,
    {
        let admitted = match bearer_token(request) {
            Ok(token) => self.admit(verify(token).await),
            Err(reason) => Err(self.refuse(reason)),
        };
        admitted.inspect_err(|rejection| {
            let origin = request.extensions.get();
            self.event_sinks.emit(self.clock, origin, rejection.event());
        })
    }

    fn admit(
        &self,
        verified: Result<Option<VerifiedToken>, StoreError>,
    ) -> Result<VerifiedToken, BearerRejection> {
        match verified {
            Ok(Some(token)) => match self.objection(&token) {
                None => Ok(token),
                Some(reason) => Err(self.refuse(reason).of_client(token.client_id())),
            },
            Ok(None) => Err(self.refuse(Reason::InvalidToken)),
            Err(error) => Err(self.refuse(Reason::Store(error))),
        }
    }

    fn objection(&self, token: &VerifiedToken) -> Option<Reason> {
        let is_for_this = match self.published {
            Some(published) => token.audience().admits(&published.resource),
            None => token.audience().is_empty(),
        };
        if !is_for_this {
            return Some(Reason::OtherResource);
        }
        let required = self.required;
        if !values(required.scope).all(|value| token.scope().contains(value)) {
            return Some(Reason::InsufficientScope);
        }
        let is_about_sign_in = !required.acr_values.is_empty() || required.max_age.is_some();
        if (required.of_user || is_about_sign_in) && token.user().is_none() {
            return Some(Reason::NoUser);
        }
        let is_of_class = required.acr_values.is_empty()
            || values(required.acr_values).any(|class| token.acr() == Some(class));
        let is_recent = required
            .max_age
            .is_none_or(|max_age| is_recent(token.auth_time(), max_age, self.clock.now()));
        (!is_of_class || !is_recent).then_some(Reason::InsufficientUserAuthentication)
    }
}

fn values(list: &str) -> impl Iterator<Item = &str> {
    list.split(' ').filter(|value| !value.is_empty())
}

/// Whether a sign-in is at most so long ago, in whole seconds (OpenID Connect Core section 3.1.2.1).
fn is_recent(auth_time: Option<OffsetDateTime>, max_age: Duration, now: OffsetDateTime) -> bool {
    auth_time.is_some_and(|at| {
        let age = now.unix_timestamp().saturating_sub(at.unix_timestamp());
        u64::try_from(age).unwrap_or(0) <= max_age.as_secs()
    })
}

/// The token of the `Authorization` header (RFC 6750 section 2.1).
fn bearer_token(request: &Parts) -> Result<&str, Reason> {
    // The host's own parameters are its business, however they are encoded.
    let is_token = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        !value.is_empty() && percent_decode_str(name).eq(b"access_token".iter().copied())
    };
    let in_query = request
        .uri
        .query()
        .is_some_and(|query| query.split('&').any(is_token));
    let mut headers = request.headers.get_all(AUTHORIZATION).iter();
    let Some(header) = headers.next() else {
        return Err(if in_query {
            Reason::InQuery
        } else {
            Reason::NoToken
        });
    };
    if headers.next().is_some() || in_query {
        return Err(Reason::Ambiguous);
    }
    let Ok(header) = header.to_str() else {
        return Err(Reason::NoToken);
    };
    // Cut where the scheme has to end, without a search for the space.
    match header.split_at_checked("Bearer".len()) {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case("Bearer") && token.starts_with(' ') =>
        {
            Ok(token.trim_matches(' '))
        }
        // Another scheme is no attempt at this one.
        _ => Err(Reason::NoToken),
    }
}
