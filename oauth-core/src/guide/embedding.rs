//! Embedding, from the beginning.
//!
//! # What happens
//!
//! Alice has an account at your service. A photo printer's website wants to read her profile. It must
//! not learn her password, she must be asked, and she must be able to take it back. OAuth is the protocol
//! for this. Its words:
//!
//! - Your service is the *authorization server*, and also the *resource server*, which has the profile.
//! - The printer's website is the *client*. It is registered: you know its `client_id`, its name, and its
//!   *redirect URIs*, the addresses to which Alice's browser may be sent back.
//! - A *confidential* client runs on a server and has a secret. A *public* one runs in a browser or on a
//!   phone and has none, because everybody could read it there.
//! - A *scope* is a set of words that say what the client may do, `profile` for example.
//! - A *grant* is what Alice has allowed to one client, once. Everything below hangs on it.
//! - The *issuer* is the URL that your server is known by, `https://auth.example.com`. Clients find the
//!   addresses of everything else in the *metadata*, a JSON document at a place that follows from it.
//!
//! The way of one connection:
//!
//! 1. The printer sends Alice's browser to your *authorization endpoint*, `/authorize`, with its
//!    `client_id`, the scope, a `state` that it will recognise, and a `code_challenge`: the SHA-256 of a
//!    random text that it keeps. The last is called PKCE: a thief who gets hold of the code later cannot
//!    use it without that text.
//! 2. Your service sees who Alice is, by its own session. If nobody is signed in, it shows its login page
//!    and comes back.
//! 3. It asks her, on a *consent page*: this client wants that.
//! 4. She agrees, and her browser is sent to the redirect URI with a *code*, a random text that is good
//!    once and for a minute.
//! 5. The printer's server calls your *token endpoint*, `/token`, with the code, its secret, and the text
//!    whose SHA-256 it had sent (`code_verifier`). It gets an *access token*, and if it is registered for
//!    that, a *refresh token*.
//! 6. It calls `/api/profile` with the access token in the `Authorization` header. After an hour the
//!    access token has expired; the printer sends the refresh token to `/token` and gets a new pair.
//!
//! The framework does steps 1, 4, 5 and the check in 6. Steps 2 and 3 are yours: your session, your login
//! page, your consent page.
//!
//! # What you write
//!
//! The same in both frameworks. The pages `oauth_axum::guide` (with axum-login) and `oauth_actix::guide`
//! (with actix-session) have these steps as one program that is compiled and run.
//!
//! | step | what | how much |
//! |---|---|---|
//! | 1 | a function from your session to an [`Authentication`](crate::Authentication) | 5 lines |
//! | 2 | the description of the server, [`AuthorizationServer::builder`](crate::AuthorizationServer::builder) | 5 lines |
//! | 3 | the authorize handler: login page, consent page or response | 10 lines |
//! | 4 | the login page takes you back to where you came from | 2 lines |
//! | 5 | the consent page, and the handler that its form is posted to | a template and 5 lines |
//! | 6 | protected routes, with the extractor `UserToken` | one parameter each |
//! | 7 | the routes | 5 lines |
//!
//! # Clients
//!
//! In the beginning you register clients by hand, in a file or a table. A
//! [`Client`](crate::Client) is checked when it is built, and tells everything that is wrong with it:
//!
//! ```
//! use oauth_core::store::memory::MemoryStore;
//! use oauth_core::{AuthorizationServer, Client, GrantType};
//!
//! // Confidential: it runs on a server.
//! let printer = Client::builder("printer")
//!     .name("Photo printer")
//!     .secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU")
//!     .redirect_uri("https://printer.example.com/callback")
//!     .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN])
//!     .scope("profile")
//!     .build()?;
//!
//! // Public: an app on the user's computer, which the system gives some port.
//! let desktop = Client::builder("desktop")
//!     .name("Desktop app")
//!     .redirect_uri("http://127.0.0.1/callback")
//!     .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN])
//!     .scope("profile")
//!     .build()?;
//! assert!(desktop.is_public());
//!
//! let server = AuthorizationServer::builder("https://auth.example.com")
//!     .store(MemoryStore::new([printer, desktop]))
//!     .scope("profile", "Read your profile")
//!     .build()?;
//! for warning in server.warnings() {
//!     eprintln!("{warning}");
//! }
//!
//! let wrong = Client::builder("wrong").redirect_uri("http://printer.example.com/callback").build();
//! assert_eq!(wrong.unwrap_err().problems().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Secrets are made by a machine, 128 random bits at least; only their SHA-256 is kept.
//!
//! # Try it
//!
//! The two example servers are such services, and `examples/web-client` is such a client. With the
//! repository at hand, `cargo run -p examples --bin axum-server` starts both and says what to open.
//!
//! # Without an adapter
//!
//! The adapters only carry requests and responses. With another HTTP library, call the core:
//! [`interact`](crate::AuthorizationServer::interact) for the authorization endpoint,
//! [`decide`](crate::AuthorizationServer::decide) for the consent form,
//! [`token`](crate::AuthorizationServer::token) and [`metadata`](crate::AuthorizationServer::metadata)
//! for programs, [`ResourceServer::authenticate`](crate::ResourceServer::authenticate) for protected
//! routes. All of them take `http::Request<Bytes>`, or its head.
//!
//! ```
//! use bytes::Bytes;
//! use http::Request;
//! # use oauth_core::store::memory::MemoryStore;
//! # use oauth_core::{AuthorizationServer, Interaction};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = AuthorizationServer::builder("https://auth.example.com")
//! #     .store(MemoryStore::new([]))
//! #     .build()?;
//! let request = Request::get("/authorize?client_id=nobody").body(Bytes::new())?;
//! match server.interact(&request, None).await {
//!     Ok(Interaction::Login(_) | Interaction::Consent(_)) => unreachable!("there is no such client"),
//!     Ok(Interaction::Done(response)) => drop(response.into_http()),
//!     // A page for the human: nobody may be redirected for a client that is not known.
//!     Err(error) => assert_eq!(error.into_http().status(), 400),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go on
//!
//! - [`guide::writing_a_store`](super::writing_a_store): the store in memory forgets everything when the
//!   process ends.
//! - [`guide::threats`](super::threats): what is left to you.
//! - [`guide::deployment`](super::deployment): proxies, several machines, what to watch.
