use std::fmt;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::page::{form_post_page, page, redirect};
use super::redirect::VerifiedRedirect;
use crate::encoding::append_pairs;
use crate::issuer::Issuer;

/// How the response reaches the client
/// (OAuth 2.0 Multiple Response Type Encoding Practices section 2.1, Form Post Response Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResponseMode {
    /// `query`: in the query of the redirect URI. The default.
    #[default]
    Query,
    /// `form_post`: in a form that the browser posts to the redirect URI.
    FormPost,
}

impl ResponseMode {
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// What the browser is sent in the end: a redirect to the client, or a form that posts to it.
pub struct AuthorizationResponse(Response<Bytes>);

impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The place it goes to holds the code.
        write!(formatter, "AuthorizationResponse({})", self.0.status())
    }
}

impl AuthorizationResponse {
    /// A response with these parameters, at least one, then `state` and `iss` (RFC 9207 section 2).
    pub(super) fn to_client(
        issuer: &Issuer,
        redirect: &VerifiedRedirect,
        parameters: &[(&str, &str)],
    ) -> Self {
        let state = redirect.state.as_deref().map(|state| ("state", state));
        let parameters = parameters.iter().copied().chain(state);
        match redirect.response_mode {
            ResponseMode::Query => {
                let separator = match redirect.uri().split_once('?') {
                    None => "?",
                    Some((_, "")) => "",
                    Some((_, query)) if query.ends_with('&') => "",
                    Some(_) => "&",
                };
                let written = parameters
                    .clone()
                    .map(|(name, value)| name.len() + value.len() + 2);
                // Room for a dozen escapes: what is common needs no second allocation.
                let iss = issuer.parameter();
                let length = redirect.uri().len() + 1 + written.sum::<usize>() + iss.len() + 24;
                let mut location = String::with_capacity(length);
                location.push_str(redirect.uri());
                location.push_str(separator);
                append_pairs(&mut location, parameters);
                location.push('&');
                location.push_str(iss);
                Self::redirect(location)
            }
            ResponseMode::FormPost => {
                let parameters = parameters.chain([("iss", issuer.as_str())]);
                Self(form_post_page(redirect.uri(), parameters))
            }
        }
    }

    /// 303, so that the browser fetches the place with GET whatever it sent here.
    pub(crate) fn redirect(location: String) -> Self {
        // It can always be sent: both parts are ASCII, a checked URI and percent-encoded parameters.
        match location.try_into() {
            Ok(location) => Self(redirect(location)),
            Err(_) => Self(page(StatusCode::INTERNAL_SERVER_ERROR, String::new())),
        }
    }

    /// 200 and nothing in it.
    pub(super) fn nothing() -> Self {
        Self(page(StatusCode::OK, String::new()))
    }

    /// The HTTP response.
    pub fn into_http(self) -> Response<Bytes> {
        self.0
    }
}
