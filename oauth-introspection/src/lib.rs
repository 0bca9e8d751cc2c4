//! Checks OAuth access tokens for an API in its own process: asks the authorization server by token
//! introspection ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)) and remembers the answers for a
//! short while.
//!
//! [`RemoteVerifier`] is an [`AccessTokenVerifier`](oauth_core::AccessTokenVerifier), which a
//! [`ProtectedResource`](oauth_core::ProtectedResource) uses; the extractors of `oauth-axum` and
//! `oauth-actix` then work as they do beside the authorization server. An API over the same stores as its
//! authorization server needs none of this.
//!
//! ```no_run
//! use axum::routing::get;
//! use axum::{Json, Router};
//! use oauth_axum::UserToken;
//! use oauth_core::{ProtectedResource, RequiredScope, ResourceMetadata};
//! use oauth_introspection::RemoteVerifier;
//!
//! struct Profile;
//!
//! impl RequiredScope for Profile {
//!     const SCOPE: &'static str = "profile";
//! }
//!
//! async fn profile(user: UserToken<Profile, ProtectedResource>) -> Json<String> {
//!     Json(user.subject().to_string())
//! }
//!
//! fn app(secret: &str) -> Result<Router, Box<dyn std::error::Error>> {
//!     let issuer = "https://auth.example.com";
//!     // How this API is registered at the authorization server: a client that serves the resource.
//!     let verifier = RemoteVerifier::builder("https://auth.example.com/introspect", "api", secret)
//!         .issuer(issuer)
//!         .build()?;
//!     let metadata = ResourceMetadata::new("https://api.example.com").authorization_server(issuer);
//!     let resource = ProtectedResource::new(metadata, verifier)?;
//!     Ok(Router::new()
//!         .route("/profile", get(profile))
//!         .merge(oauth_axum::protected_resource_metadata(&resource))
//!         .with_state(resource))
//! }
//! # app("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU").unwrap();
//! ```
//!
//! An authorization server at an `https` address needs one of the features `rustls` (with ring and the roots
//! of the operating system) and `native-tls`. None is on by default.
//!
//! # What a revoked token can still do
//!
//! An access token that has been accepted once is accepted for
//! [`max_age`](RemoteVerifierBuilder::max_age), 60 seconds by default, whatever becomes of it in the
//! meantime: who revokes it, disconnects the application or disables the user has to wait that long until
//! this API notices. Only its expiry is noticed at once. With `max_age` zero nothing is remembered, a
//! revoked token is refused from the next request on, and each request to the API is one to the
//! authorization server. Each process of the API has a cache of its own.
//!
//! # When the authorization server does not answer
//!
//! Nobody can tell then whether a token counts, so the request is refused with 503, unless the answer is
//! remembered. A question takes [`timeout`](RemoteVerifierBuilder::timeout) at most. Where the
//! authorization server refuses the API's own credentials, the requests are refused with 500, and the log
//! says why. Failures are never remembered.
//!
//! # Other authorization servers
//!
//! What `oauth-core` says beyond RFC 7662 is `subject_kind`, `user` or `client`. Of another server, a token
//! acts for the client when `sub` is absent or equals `client_id`, and for the user `sub` otherwise; where
//! users could choose their identifier, let the server give clients other names than users can have (RFC
//! 9700 section 4.15). A response with `active` and without `client_id` cannot be used and is a failure.
//! Values of `aud` that are no absolute URI are nobody's: a token with only such values is refused.

#![warn(missing_docs)]

mod builder;
mod cache;
mod endpoint;
mod response;
mod verifier;

pub use builder::{InvalidRemoteVerifier, RemoteVerifierBuilder};
pub use verifier::RemoteVerifier;
