//! Deployment: behind a proxy, on several machines, day after day.
//!
//! The words of OAuth are explained in [`guide::embedding`](super::embedding).
//!
//! # The issuer
//!
//! The *issuer* is the URL that clients know the server by. They keep it, compare it byte for byte with
//! `iss` and with the metadata, and will not follow a change. Choose it before the first client comes: its
//! own host if you can (`https://auth.example.com`), without a slash at the end.
//!
//! It is the public URL, as browsers see it, whatever the service listens on. The framework never looks
//! at `Host` or `X-Forwarded-Proto`, so a proxy needs no special settings for it.
//!
//! An issuer with a path (`https://example.com/tenant`) works, and shows in two places. The endpoints are
//! below the path: nest `routes()` there, and the authorize and consent handlers with them. The metadata
//! is *not* below it. RFC 8414 and, for the API beside the server, RFC 9728 insert the well-known part between
//! host and path, so `well_known()` is merged at the root and the proxy must send these paths here as well:
//!
//! ```
//! # use oauth_core::store::memory::MemoryStore;
//! # use oauth_core::{AuthorizationServer, ProgramEndpoint};
//! let server = AuthorizationServer::builder("https://example.com/tenant")
//!     .store(MemoryStore::new([]))
//!     .protected_resource("https://example.com/tenant/api")
//!     .build()?;
//! assert_eq!(server.metadata_path(), "/.well-known/oauth-authorization-server/tenant");
//! assert_eq!(
//!     server.protected_resource_metadata_path(),
//!     Some("/.well-known/oauth-protected-resource/tenant/api"),
//! );
//! assert_eq!(server.program_endpoint_path(ProgramEndpoint::Token), "/token");
//! assert_eq!(server.program_endpoint_path(ProgramEndpoint::Revocation), "/revoke");
//! assert_eq!(server.program_endpoint_path(ProgramEndpoint::Introspection), "/introspect");
//! # Ok::<(), oauth_core::BuildError>(())
//! ```
//!
//! # The proxy
//!
//! - It ends TLS, version 1.2 at least, and redirects `http` for pages. It does not redirect `http` for
//!   `/token`, `/revoke` and `/introspect`: the secret has been sent by then, and the client should notice.
//! - It has time limits. A few seconds for the headers, some more for the body, a minute for an idle
//!   connection. The framework bounds the size of what it reads (64 KiB for a body), not the time.
//! - It allows request lines of 16 KiB or the length you want to support: the whole authorization request
//!   stands in the address, once more encoded while the user signs in. Many proxies stop at 8 KiB, which
//!   is enough for requests without long extras.
//! - It limits the rate of requests by address at `/login`, `/token`, `/revoke` and `/introspect`; at the last
//!   one, resource servers need more than others.
//! - If only resource servers of your own ask, it keeps `/introspect` inside of your network.
//! - It removes headers of its own that come from outside, if your service believes them. A method of
//!   client authentication of your own that reads a certificate's name from a header depends on it
//!   (RFC 9700 section 4.13).
//! - It caches nothing of these routes. Everything says `no-store`, but for the metadata.
//! - The link between it and the service is private or encrypted: tokens pass there in the clear.
//!
//! # Several nodes
//!
//! A server keeps nothing in the process but what was built. Any node can answer any request, without
//! sticky sessions, if these are the same on all:
//!
//! | what | why |
//! |---|---|
//! | the issuer and the paths | clients see one server |
//! | the stores | a code is issued by one node and redeemed at another; [`store::memory`](crate::store::memory) is for one process only |
//! | the keys of your sessions | a user who signed in here must be signed in there; so must the value you give [`Authentication::new`](crate::Authentication::new) be the same |
//! | the rotation keys, if you use the retry window | see below |
//! | the lifetimes, the registered clients, the resources and the `acr_value`s | a difference shows as an error that comes and goes |
//!
//! A token that was revoked, or whose grant has ended, is refused by every node from the next request on: each
//! looks it up. An API in a process of its own that keeps answers of the introspection endpoint is late by as
//! long as it keeps them.
//!
//! Nothing is written before somebody has signed in: the request travels in the return URL. So a login may
//! begin on one node and end on another, and a restart in between loses nothing.
//!
//! # The allocator
//!
//! Linux programs have the allocator of glibc unless they choose another. When a store in memory or a cache
//! grows, it asks the kernel for each page, under a lock of the whole process, and blocks of more than a kilobyte,
//! such as the future of a token request, cost it more than small ones. A service with many requests does
//! well to choose one that does better, in two lines of its `main.rs`, and to measure; the example servers
//! have `mimalloc`.
//!
//! # Clocks
//!
//! Each node compares expiry with its own clock, and tells the store the time. Keep them within a second
//! of each other, by NTP. A node that is behind accepts codes and tokens for as long as it is behind; one
//! that is ahead refuses them early. A login that seems to lie in the future of another node counts as
//! fresh.
//!
//! # Rotation keys
//!
//! Only with [`refresh_retry_window`](crate::Policy::refresh_retry_window), which is off by default: a
//! client whose answer to a refresh was lost may ask again within up to 60 seconds and gets the same
//! successor. The successor is derived from a key, so that no store has to hold it.
//!
//! A key is 32 random bytes, kept as you keep passwords of databases, the same on every node. To replace
//! one, without a client noticing:
//!
//! 1. Give every node the list old, new. The first derives, all are recognised.
//! 2. Then, when every node has it, the list new, old.
//! 3. After the length of the window, the list new.
//!
//! ```
//! use std::time::Duration;
//!
//! # use oauth_core::store::memory::MemoryStore;
//! use oauth_core::{AuthorizationServer, Policy, RotationKey};
//!
//! # let (new, old) = ([1; 32], [2; 32]);
//! let server = AuthorizationServer::builder("https://auth.example.com")
//! #   .store(MemoryStore::new([]))
//!     .policy(Policy::default().refresh_retry_window(Duration::from_secs(30)))
//!     .rotation_keys([RotationKey::new(new), RotationKey::new(old)])
//!     .build()?;
//! # Ok::<(), oauth_core::BuildError>(())
//! ```
//!
//! Who has a rotation key and a spent refresh token does not get far: the nonce that goes into the
//! derivation is in the store.
//!
//! # Secrets of clients
//!
//! A client may have several secrets at once. Add the new digest, let the client change over, remove the
//! old one.
//!
//! # Sweeping
//!
//! What has expired is refused from that moment on, and stays in the store until it is removed.
//! [`sweep_once`](crate::AuthorizationServer::sweep_once) removes a bounded number of entries; call it now
//! and then, on one node or on all:
//!
//! ```
//! use std::time::Duration;
//!
//! use oauth_core::{AuthorizationServer, Clock, SystemClock};
//!
//! async fn sweep(server: AuthorizationServer) {
//!     let mut interval = tokio::time::interval(Duration::from_secs(30));
//!     loop {
//!         interval.tick().await;
//!         if let Err(error) = server.sweep_once(SystemClock.now(), 10_000).await {
//!             eprintln!("sweeping failed: {error}");
//!         }
//!     }
//! }
//! # drop(sweep);
//! ```
//!
//! `oauth_sqlx::Sweeping` is that loop, with an orderly end.
//!
//! Spent refresh tokens are kept until their grant expires, because their second use has to be noticed. So
//! a grant of 30 days whose client refreshes each hour holds some 720 of them, each a row of a few
//! hundred bytes with its index.
//!
//! # Stopping
//!
//! On SIGTERM, stop accepting, let running requests finish, and end after some seconds whatever is left.
//! The examples do so. A process that is killed breaks nothing: each verb of a store happens as a whole or
//! not at all, and a client that got no answer may ask again. What it then gets is written at
//! [`GrantStore`](crate::store::GrantStore): a code or a refresh token whose answer was lost counts as
//! used, so the client starts anew, unless the retry window is on.
//!
//! # Starting
//!
//! [`build`](crate::AuthorizationServerBuilder::build) reports everything that is wrong at once; let the
//! process end with it. Log the [`warnings`](crate::AuthorizationServer::warnings). A health check should
//! ask the store something.
//!
//! # Logs
//!
//! The framework logs with `tracing`.
//!
//! | level | what | fields |
//! |---|---|---|
//! | error | a store failed; with the cause | `code` |
//! | warn | a code or refresh token was used twice, its grant is revoked | `client_id`, `grant` |
//! | info | a user authorized a client | `client_id`, `subject`, `grant` |
//! | info | a user disconnected a client | `client_id`, `subject`, `grants` |
//! | info | a token or grant was revoked, by its client, its user or the operator | `client_id`, `grant`, `whole_grant`, `by` |
//! | info | a user gave or denied consent | `client_id`, `subject` |
//! | info | span `token` around each token request | `client_id`, `grant_type`, `outcome` |
//! | info | spans `revoke` and `introspect` around these requests | `client_id`, `outcome` |
//! | debug | a request was refused, and why | `code` |
//!
//! No code, token, ticket, secret or `state` is in them; the text of a refusal never repeats input. What
//! is in them is who connected what: user identifiers and `client_id`s. Treat them as you treat your access
//! log.
//!
//! Your own access log, and your proxy's, hold more than that unless you take care. The address of an
//! authorization request has the `state`; that of the redirect to the client has the code, in the
//! `Location` header. Do not log the `Authorization` header, bodies of `/token`, `/revoke`, `/introspect` and
//! `/consent`, cookies or `Location`.
//!
//! Watch: the rate of `used twice` for each client (a thief, or a client that refreshes twice at a time),
//! refusals with `invalid_client` (somebody guesses, or a secret was changed on one side), and 503.
//!
//! # When a store fails
//!
//! Clients are told 503 `temporarily_unavailable`, or 500 `server_error` for something that will not mend
//! by itself. Nothing is granted twice. At the authorization endpoint, a failure before the client is known
//! is a page for the human. Bearer tokens are not accepted while they cannot be looked up. The revocation and
//! introspection endpoints answer 503 whatever the cause: a client is never told that a token has ended which
//! has not, nor a resource server that a token is inactive which nobody could look up.
//!
//! # Limits of the store in memory
//!
//! It is bounded, and answers 503 when it is full of things that still count. It is for one process that may
//! forget everything when it ends: every user then has to connect again.
