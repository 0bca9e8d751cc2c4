//! Protected resources: an API that access tokens open, beside the authorization server or elsewhere.
//!
//! The words of OAuth are explained in [`guide::embedding`](super::embedding). Whatever follows, a route of
//! the API says what it requires as a type, and the adapters' extractors check it before the handler runs:
//!
//! ```
//! use oauth_core::RequiredScope;
//!
//! struct Profile;
//!
//! impl RequiredScope for Profile {
//!     const SCOPE: &'static str = "profile";
//! }
//! ```
//!
//! `UserToken<Profile>` is a token with this scope that acts for a user, `BearerToken<Profile>` one that may
//! as well act for a client on its own. Take `UserToken` wherever the answer belongs to somebody: a client
//! that has named itself like a user is still no user
//! ([RFC 9700 section 4.15](https://www.rfc-editor.org/rfc/rfc9700#section-4.15)).
//!
//! # An API beside the server
//!
//! It looks tokens up in the stores, one call for each request, and sees a revocation at once. Nothing has to
//! be set up but the name of the API, so that it can say in its challenges where clients get tokens
//! ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)):
//!
//! ```
//! use oauth_core::AuthorizationServer;
//! use oauth_core::store::memory::MemoryStore;
//!
//! let server = AuthorizationServer::builder("https://example.com")
//!     .store(MemoryStore::new([]))
//!     .scope("profile", "Read your profile")
//!     .protected_resource("https://example.com/api")
//!     .build()?;
//! assert_eq!(
//!     server.protected_resource_metadata_path(),
//!     Some("/.well-known/oauth-protected-resource/api")
//! );
//! # Ok::<(), oauth_core::BuildError>(())
//! ```
//!
//! A second process over the same database is beside the server, too, wherever it runs: build the server
//! there from the same settings and mount no endpoint.
//!
//! # An API in its own process
//!
//! Where the stores are out of reach, or none of the API's business, it asks the authorization server about
//! each token ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)). At the authorization server it is a
//! client that serves a resource, and clients may ask for tokens for it:
//!
//! ```
//! use oauth_core::store::memory::MemoryStore;
//! use oauth_core::{AuthorizationServer, Client};
//!
//! let api = Client::builder("api")
//!     .secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU")
//!     .grant_types([])
//!     .serves(["https://api.example.com"])
//!     .build()?;
//! let server = AuthorizationServer::builder("https://auth.example.com")
//!     .store(MemoryStore::new([api]))
//!     .scope("profile", "Read your profile")
//!     .resource("https://api.example.com")
//!     .build()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In the API, a [`ProtectedResource`](crate::ProtectedResource) takes the place of the server. It needs an
//! [`AccessTokenVerifier`](crate::AccessTokenVerifier), which the crate `oauth-introspection` has:
//!
//! ```
//! use oauth_core::{AccessTokenVerifier, InvalidProtectedResource, ProtectedResource, ResourceMetadata};
//!
//! // RemoteVerifier::builder("https://auth.example.com/introspect", "api", secret)
//! //     .issuer("https://auth.example.com")
//! //     .build()?
//! fn api(verifier: impl AccessTokenVerifier) -> Result<ProtectedResource, InvalidProtectedResource> {
//!     let metadata = ResourceMetadata::new("https://api.example.com")
//!         .authorization_server("https://auth.example.com")
//!         .scope("profile");
//!     ProtectedResource::new(metadata, verifier)
//! }
//! ```
//!
//! The extractors name it as their second parameter, `UserToken<Profile, ProtectedResource>`, and
//! `protected_resource_metadata` of the adapters publishes what it says of itself. The example
//! `resource-server` is a whole one.
//!
//! While the authorization server does not answer, nobody can tell what a token is worth: 503, and never
//! "allowed". Where it refuses the API's own credentials, 500, and the log says so.
//!
//! What it refuses is told to the sinks that it is given
//! ([`ProtectedResource::event_sink`](crate::ProtectedResource::event_sink)), as the server tells its own of
//! what is refused beside it: somebody who tries tokens shows in [events](crate::event) either way.
//!
//! # Audience
//!
//! An API that is given a token can use it elsewhere, as if it were the client. A token with an *audience* is
//! worth nothing elsewhere ([RFC 8707](https://www.rfc-editor.org/rfc/rfc8707)): the client names the API in
//! the parameter `resource`, and only APIs of that name accept the token and are told about it by
//! introspection.
//!
//! | the token is for | accepted by the API `https://api.example.com` |
//! |---|---|
//! | nobody in particular | yes |
//! | `https://api.example.com` | yes |
//! | `https://api.example.com` and `https://other.example.com` | yes |
//! | `https://other.example.com` | no: 401 `invalid_token` |
//!
//! An API that you trust less than the others gets its own identifier, and clients are told to name it. A
//! server without [`protected_resource`](crate::AuthorizationServerBuilder::protected_resource) refuses at its
//! own API every token that has an audience, since it is for somebody else.
//!
//! The user is shown for which APIs a client asks ([`ConsentPrompt::resources`](crate::ConsentPrompt::resources)),
//! and what they allow is remembered for these: the same scope at another API, or for a token without an
//! audience, is asked about anew. Who allowed it without a resource allowed it for every API.
//!
//! An API that you no longer name to the server is in no new token. A grant that was for others as well goes on
//! for those; where nothing is left, a refresh is refused with `invalid_target`, and the client sends the user
//! through the authorization endpoint again.
//!
//! # Step-up
//!
//! Some routes want more than a valid token: a user who has signed in lately, or with two factors
//! ([RFC 9470](https://www.rfc-editor.org/rfc/rfc9470)). They say so beside the scope:
//!
//! ```
//! use std::time::Duration;
//! use oauth_core::RequiredScope;
//!
//! struct Transfer;
//!
//! impl RequiredScope for Transfer {
//!     const SCOPE: &'static str = "transfer";
//!     const ACR_VALUES: &'static str = "urn:example:two-factors";
//!     const MAX_AGE: Option<Duration> = Some(Duration::from_secs(300));
//! }
//! ```
//!
//! A token that does not meet it is answered with 401 `insufficient_user_authentication`, and the challenge
//! repeats `acr_values` and `max_age`. The client sends the user to the authorization endpoint with these, the
//! host has them sign in again, and the new token carries the new sign-in. For that, the host reports it with
//! [`Authentication::acr`](crate::Authentication::acr) and
//! [`auth_time`](crate::Authentication::auth_time), and the server knows the class by
//! [`acr_value`](crate::AuthorizationServerBuilder::acr_value). Introspection carries both to an API elsewhere.
//!
//! # What a cache costs
//!
//! To ask about each token at each request is a round trip for each request, and the authorization server
//! has the load of all APIs. So `oauth-introspection` remembers answers, and that has a price: a revoked
//! token is accepted until the answer is forgotten, 60 seconds unless you say otherwise. The same goes for
//! a disabled user and a disconnected application.
//!
//! | `max_age` | a revoked token works at this API | the authorization server is asked |
//! |---|---|---|
//! | 0 | not any more | at each request |
//! | 60 seconds (default) | up to a minute | once a minute for each token and process |
//! | as long as tokens live | until it expires | once for each token and process |
//!
//! Its expiry is noticed in any case, whatever is remembered. Choose by what the worst route of the API can do
//! in that time, not the average one; an API that moves money can have a verifier of its own with zero.
//! Tokens that are not active are remembered apart and for a shorter time, so that guessing neither reaches
//! the authorization server each time nor displaces what is known of others. Failures are not remembered.
