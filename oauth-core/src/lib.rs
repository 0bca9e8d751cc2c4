//! An OAuth 2.0 authorization server (not a client) as a library: the protocol, without web
//! framework, async runtime or database.
//!
//! Most hosts use it through an adapter, `oauth-axum` or `oauth-actix`. This crate alone serves any
//! HTTP stack that has `http` types: the endpoints of [`AuthorizationServer`] take
//! `http::Request<Bytes>` and give `http::Response<Bytes>`.
//!
//! - [`AuthorizationServer::interact`] and [`AuthorizationServer::decide`]: authorization endpoint
//!   and consent (RFC 6749 section 4.1, RFC 7636, RFC 9207)
//! - [`ResourceOwner`]: the same without a handler of the host
//! - [`AuthorizationServer::token`]: token endpoint (RFC 6749 section 3.2)
//! - [`AuthorizationServer::revoke`]: revocation endpoint (RFC 7009)
//! - [`AuthorizationServer::introspect`]: introspection endpoint (RFC 7662)
//! - [`AuthorizationServer::metadata`]: metadata of the server (RFC 8414)
//! - [`ProtectedResource`]: protected resources (RFC 6750, RFC 9470, RFC 9728)
//! - [`AuthorizationServer::connected_applications`]: what a user sees of all that, and ends
//! - [`AuthorizationServer::revoke_grants`]: what an operator ends, and [counts](AuthorizationServer::count_grants)
//! - [`event`]: what happens, for an audit log or counters; [`throttle`]: a hook against guessing
//! - [`store`]: what a database has to do
//! - [`grant::GrantHandler`], [`client::auth::ClientAuthentication`]: grant types and methods of
//!   client authentication of one's own

#![warn(missing_docs)]

mod account;
pub mod authorization;
mod bearer;
#[cfg(test)]
mod cancellation;
pub mod client;
mod clock;
mod credential;
mod encoding;
mod endpoint;
mod error;
pub mod event;
pub mod grant;
pub mod guide;
mod issuer;
mod operator;
mod parameters;
mod paths;
mod pkce;
mod policy;
mod randomness;
mod redirect_uri;
mod request_origin;
mod resource;
mod scope;
mod server;
pub mod store;
mod subject;
mod subject_status;
#[cfg(test)]
mod test_server;
pub mod throttle;

pub use account::{ConnectedApplication, ConnectedGrant};
pub use authorization::{
    Authentication, AuthorizationError, AuthorizationResponse, ConsentPrompt, Interaction,
    InvalidLoginPage, LoginPage, LoginPrompt, ResourceOwner,
};
pub use bearer::{
    AccessTokenVerifier, BearerRejection, InvalidProtectedResource, NoScope, ProtectedResource,
    RequiredScope, Requirement, ResourceMetadata, ResourceServer, VerifiedToken,
};
pub use client::{Client, ClientId, GrantType, InvalidClient, TokenEndpointAuthMethod};
pub use clock::{Clock, SystemClock};
pub use credential::{CredentialKey, CredentialKind, GrantId, InvalidGrantId};
pub use endpoint::{BODY_LIMIT, DRAIN_LIMIT, IntrospectionClaims, ProgramEndpoint, UnreadableBody};
pub use error::{ErrorCode, Rejection, StoreError};
pub use grant::RotationKey;
pub use issuer::{InvalidIssuer, Issuer};
pub use operator::{GrantCount, GrantCounts, GrantSelection};
pub use parameters::Parameters;
pub use paths::Paths;
pub use policy::{AccessTokenRevocation, Policy};
pub use randomness::{Randomness, SystemRandomness};
pub use redirect_uri::{InvalidRedirectUri, RedirectUri};
pub use request_origin::RequestOrigin;
pub use resource::{Audience, InvalidResourceIndicator, ResourceIndicator};
pub use scope::{InvalidScope, Scope};
pub use server::{AuthorizationServer, AuthorizationServerBuilder, BuildError, Warning};
pub use subject::{Subject, UserId};
pub use subject_status::SubjectStatus;
