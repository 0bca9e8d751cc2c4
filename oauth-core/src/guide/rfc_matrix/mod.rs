//! Every requirement of the specifications, and the test that shows it.
//!
//! | specification | page |
//! |---|---|
//! | RFC 6749, the OAuth 2.0 authorization framework | [`framework`] |
//! | RFC 6750, bearer tokens at protected resources | [`bearer`] |
//! | RFC 7009, token revocation | [`revocation`] |
//! | RFC 7636, PKCE | [`pkce`] |
//! | RFC 7662, token introspection | [`introspection`] |
//! | RFC 8414, server metadata | [`metadata`] |
//! | RFC 8707, resource indicators | [`resource_indicators`] |
//! | RFC 9207, `iss` in the authorization response | [`issuer_identification`] |
//! | RFC 9470, step-up authentication | [`step_up`] |
//! | RFC 9700, best current practice for security | [`best_practice`] |
//! | RFC 9728, protected resource metadata | [`resource_metadata`] |
//!
//! The pages go through each text from top to bottom. Each sentence with MUST, MUST NOT, REQUIRED or
//! SHALL that binds an authorization server, or the protected resources behind it, has a row: the
//! section, the requirement in short words, and what shows it. Sentences that bind only clients have no
//! row; the end of each page names their sections.
//!
//! The last column says one of these, or several of them:
//!
//! - a test. `conformance::pkce::…` is a function in `tests/conformance/pkce.rs`; it drives the example
//!   servers over HTTP and runs once for each of them and each store. `oauth_core::pkce::tests::…` is a
//!   unit test of this crate.
//! - `host:` and what the integrator has to do, because the framework is not in a position to.
//! - `departure:` and why the framework deliberately does something else.
//! - `absent:` and which feature, not offered here, the requirement is about.
//!
//! A test of the repository reads these pages. It fails when a row names a test that does not exist, and
//! when a row says none of the four.
//!
//! # Departures in one place
//!
//! - Errors that may be told to a client are told at once, before the user has signed in
//!   (RFC 9700 section 4.11.2).
//! - `redirect_uri` may be left out at the token endpoint (RFC 6749 section 4.1.3).
//! - PKCE is demanded of every client, confidential ones as well, and `plain` does not exist; a missing
//!   `code_challenge_method` is therefore an error (RFC 7636 sections 4.3 and 4.4.1).
//! - The port of a loopback redirect URI may differ, as RFC 8252 section 7.3 asks
//!   (RFC 6749 section 3.1.2.3), and a confidential client may have one, too (RFC 9700 section 2.6).
//! - A loopback issuer may use `http` (RFC 7009 section 2, RFC 8414 section 2, RFC 9207 section 2), and so
//!   may a protected resource (RFC 9728 section 1.2).
//! - One identifier stands for all addresses of an API (RFC 9728 section 3.3).
//! - `resource` may be repeated, as RFC 8707 section 2 has it (RFC 6749 section 3.1).
//! - A `state` that came twice or holds control characters is not echoed (RFC 6749 section 4.1.2.1).
//! - `Pragma` is sent by the token endpoint only (RFC 6749 section 5.1).
//! - With the retry window, off by default, a spent refresh token is answered once more for at most 60
//!   seconds (RFC 9700 section 4.14.2).

pub mod bearer;
pub mod best_practice;
pub mod framework;
pub mod introspection;
pub mod issuer_identification;
pub mod metadata;
pub mod pkce;
pub mod resource_indicators;
pub mod resource_metadata;
pub mod revocation;
pub mod step_up;
