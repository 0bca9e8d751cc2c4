//! Coming from `oxide-auth`: what corresponds to what.
//!
//! For services that use [oxide-auth](https://docs.rs/oxide-auth) 0.6 and its crates for axum or
//! actix-web. The words of OAuth are explained in [`guide::embedding`](super::embedding).
//!
//! # Where things went
//!
//! | oxide-auth | here |
//! |---|---|
//! | `Endpoint`, which brings the primitives together; `Generic` | [`AuthorizationServer`](crate::AuthorizationServer) and its builder |
//! | `Registrar`, `ClientMap` | [`ClientStore`](crate::store::ClientStore), [`Client`](crate::Client) |
//! | `Client::confidential`, `Client::public` | [`Client::builder`](crate::Client::builder), with or without `secret` |
//! | `RegisteredUrl` in its variants | [`RedirectUri`](crate::RedirectUri): compared as text, the port of a loopback one apart |
//! | `Authorizer`, `AuthMap` (codes) and `Issuer`, `TokenMap` (tokens) | one trait, [`GrantStore`](crate::store::GrantStore) |
//! | `TokenSigner`, self-contained tokens | not here: tokens are random and looked up |
//! | `TagGrant`, `RandomGenerator` | built in: 256 random bits, a prefix, a checksum |
//! | `OwnerSolicitor` | your authorize handler: [`Interaction`](crate::Interaction) says what to show |
//! | `OwnerConsent::InProgress` | `Interaction::Login` and `Interaction::Consent` |
//! | `OwnerConsent::Authorized`, `Denied` | the form of the consent page, given to [`decide`](crate::AuthorizationServer::decide) |
//! | `OwnerConsent::Error` | the error of your own handler |
//! | the `owner_id` in a `Grant` | [`UserId`](crate::UserId) in [`Authentication`](crate::Authentication) |
//! | `Scopes` at a `ResourceFlow` | [`RequiredScope`](crate::RequiredScope), one type for each protected route |
//! | `Scope` | [`Scope`](crate::Scope) |
//! | the extension `Pkce` | built in and demanded of every client, with `S256` |
//! | `AuthorizationFlow`, `AccessTokenFlow`, `RefreshFlow`, `ClientCredentialsFlow` | the authorize handler, and one token endpoint for all grant types |
//! | other grant types, by extension | [`GrantHandler`](crate::grant::GrantHandler) |
//! | `OAuthRequest`, `OAuthResponse` of the crate for the framework | `AuthorizationRequest`, `AuthorizationResponse` |
//! | `OAuthResource` and a `ResourceFlow` | the extractors `UserToken` and `BearerToken` |
//! | `Result<_, ()>` of the primitives | [`StoreError`](crate::StoreError) |
//! | `oxide-auth-async` | nothing extra: everything that may wait is async |
//!
//! # What is different in kind
//!
//! - The consent page has a state of its own. In an `OwnerSolicitor` the question and the answer come
//!   through the same function, and how the two belong together is up to you: it is there that a page of
//!   another site could send a forged answer. Here the request is parked when the page is shown, under a
//!   ticket bound to user and session, and the answer brings nothing but the ticket.
//!
//! - The login is part of the plan. `Interaction::Login` has a URL to come back to, with the whole
//!   request in it. You need not keep the query in the session.
//!
//! - Stores are verbs. Codes and tokens are not two stores that know nothing of each other, but
//!   credentials under one grant. Redeeming is one atomic act, `exchange`, with `&self` and no lock around
//!   the server. A second use of a code or refresh token ends the grant. See
//!   [`guide::writing_a_store`](super::writing_a_store).
//!
//! - Stores see digests. A table of plain tokens cannot be carried over as it is, see below.
//!
//! - Errors have addresses. What the client is told, what the human is shown and what is logged are
//!   different things, and no failure of a database is told as `invalid_grant`.
//!
//! - `iss`, metadata, remembered consent, `prompt` and `max_age` are there without extensions.
//!
//! # In steps
//!
//! 1. Register the same clients, with the same `client_id`s:
//!
//!    ```
//!    use oauth_core::{Client, GrantType};
//!
//!    let client = Client::builder("LocalClient")
//!        .redirect_uri("https://client.example/endpoint")
//!        .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN])
//!        .scope("default-scope")
//!        .build()?;
//!    # Ok::<(), oauth_core::InvalidClient>(())
//!    ```
//!
//!    A passphrase that people made up is too weak here, where a fast digest is kept: give those clients a
//!    new secret made by a machine. Keep both servers' addresses in mind while they change over.
//! 2. Look through the redirect URIs. Some are refused when the client is built: `http` on other hosts than
//!    the loopback ones, fragments, and private-use schemes without a dot. Any that relied on a comparison
//!    that forgives more than the text has to be registered as the client sends it.
//! 3. Find clients that do not use PKCE, or use `plain`. They have to be changed first; every current
//!    library can do `S256`. There is no switch to turn it off.
//! 4. Replace the solicitor by the handlers of `oauth_axum::guide` or `oauth_actix::guide`, and the routes
//!    for authorize, token and refresh by `/authorize`, `/consent` and `/token`. If the addresses were
//!    different, [`Paths`](crate::Paths) keeps the old ones.
//! 5. Replace the guards of protected routes by `UserToken`.
//! 6. Decide what becomes of tokens that are out. Access tokens are short-lived: accept the old ones beside
//!    the new for that long, by trying the old check when the text does not begin with `oat_`. Refresh
//!    tokens are not carried over; each user connects once more.
//! 7. Tell the owners of clients that refresh tokens now count once. A client that keeps using the first
//!    one loses its grant at the second refresh. [`refresh_retry_window`](crate::Policy::refresh_retry_window)
//!    helps those that lose an answer, not those that never store the new one.
