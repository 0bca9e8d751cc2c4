//! Operations: what happens in the server, how much of it, and who tries too often.
//!
//! # Events
//!
//! Everything that an authorization server does for or against somebody is an [`Event`]: codes and tokens
//! issued, requests refused, codes and refresh tokens used twice, tokens revoked, decisions of users. Give
//! the builder an [`EventSink`] to get them, or several:
//!
//! ```
//! use std::sync::mpsc::{SyncSender, sync_channel};
//!
//! use oauth_core::AuthorizationServer;
//! use oauth_core::event::{Event, EventKind, EventSink};
//! use oauth_core::store::memory::MemoryStore;
//!
//! /// Keeps who has got access to what.
//! struct AuditLog(SyncSender<String>);
//!
//! impl EventSink for AuditLog {
//!     fn event(&self, event: &Event<'_>) {
//!         if let EventKind::TokenIssued { client_id, subject, grant, scope, .. } = event.kind() {
//!             let subject = subject.map_or("-", |subject| subject.id());
//!             let (at, scope) = (event.at(), scope.as_str());
//!             let line = format!("{at} client={client_id} subject={subject} grant={grant} scope={scope}");
//!             // A full channel loses a line. Waiting would hold up the token endpoint.
//!             let _ = self.0.try_send(line);
//!         }
//!     }
//! }
//!
//! let (lines, _to_be_written) = sync_channel(10_000);
//! let server = AuthorizationServer::builder("https://auth.example.com")
//!     .store(MemoryStore::new([]))
//!     .event_sink(AuditLog(lines))
//!     .build()?;
//! # let _ = server;
//! # Ok::<(), oauth_core::BuildError>(())
//! ```
//!
//! A sink must not block: it is called while a client waits. No event holds anything that opens anything:
//! no secret, code, token, ticket, nor the digest of one. It does hold who did what, which the law of your
//! country may want you to delete after a while.
//!
//! What to look at, when something is wrong:
//!
//! | event | what it can mean |
//! |---|---|
//! | [`EventKind::CodeReplayed`] | A code was seen by two. A client that sends its request twice looks the same. |
//! | [`EventKind::RefreshTokenReused`] | A refresh token was stolen, or a client lost a response (see [`Policy::refresh_retry_window`](crate::Policy::refresh_retry_window)). |
//! | [`EventKind::ClientAuthenticationFailed`] | A secret that was changed on one side only, or somebody guesses. |
//! | [`EventKind::Refused`] at the authorization endpoint, with a client and `invalid_request` | A redirect URI that is not registered: a new release of the client, or somebody who tries to receive codes. |
//!
//! The `grant` in an event is the same in all events of a grant, from the code to the last refresh. With
//! the identifier of the request, which your own layer puts into a [`RequestOrigin`], events are found again
//! in the logs of everything else.
//!
//! # Logs
//!
//! Without any sink the log has the same, through `tracing`: failing stores at level error, replays at level
//! warn, what changes something at level info, refusals at level debug. Each request to an endpoint is a
//! span (`authorize`, `decide`, `token`, `revoke`, `introspect`) that names the client, the grant type and
//! the outcome.
//!
//! # Counters
//!
//! With the feature `metrics` there is `oauth_core::event::MetricsSink`, which counts events on the facade
//! of the crate of that name. Any exporter for it does; the example servers use
//! `metrics-exporter-prometheus` and show `/metrics`. No label is ever made of what a client sent, so that
//! nobody can fill the memory of your monitoring. Keep `/metrics` from the world: on a port of its own, or
//! with a rule of the proxy.
//!
//! The sink asks the exporter for a counter at each event. For a busy token endpoint there is
//! `MetricsSink::with_kept_counters`, if your exporter never forgets a counter.
//!
//! # Ending and counting grants
//!
//! Sooner or later a secret leaks, an employee leaves, or a client turns out to be hostile. This is a Rust
//! API and no HTTP endpoint: it goes into an administration page or a command of your own, behind your own
//! authentication.
//!
//! | what for | with what |
//! |---|---|
//! | a client's secret has leaked, or is old | [`Client::with_new_secret`](crate::Client::with_new_secret), saved in your client store; the old one counts until [`with_newest_secret_only`](crate::Client::with_newest_secret_only) |
//! | a client must stop | take it out of the client store, then [`revoke_grants`](crate::AuthorizationServer::revoke_grants) of the client |
//! | a user's account is disabled or deleted | [`SubjectStatus`](crate::SubjectStatus) says so, then [`disconnect_all`](crate::AuthorizationServer::disconnect_all) |
//! | a user's access must end, and what they allowed may stay | `revoke_grants` of the subject |
//! | tokens of a certain time are not to be trusted | `revoke_grants` with [`opened_from`](crate::GrantSelection::opened_from) and [`opened_before`](crate::GrantSelection::opened_before) |
//! | a user ends one login of an application | [`end_grant`](crate::AuthorizationServer::end_grant), on your account page |
//! | how many grants are there? | [`count_grants`](crate::AuthorizationServer::count_grants), by client and state |
//! | what has ended takes room | [`sweep_once`](crate::AuthorizationServer::sweep_once), now and then |
//!
//! ```
//! use oauth_core::store::memory::MemoryStore;
//! use oauth_core::{AuthorizationServer, ClientId, GrantSelection};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = AuthorizationServer::builder("https://auth.example.com")
//!     .store(MemoryStore::new([]))
//!     .build()?;
//! let printer = ClientId::parse("printer")?;
//! let of_printer = GrantSelection::all().client(printer.clone());
//! let ended = server.revoke_grants(&of_printer).await?;
//! println!("{ended} grants of {printer} have ended");
//! assert_eq!(server.count_grants().await?.of_client(&printer).live, 0);
//! # Ok(())
//! # }
//! ```
//!
//! A grant that ends takes its codes and tokens with it, at once where the store is asked, and within the
//! memory of its cache at an API that asks by introspection.
//!
//! `revoke_grants` without a subject, and `count_grants`, walk through all grants that there are, a few
//! hundred at a time: no store has an index by client or by time, which every opening of a grant would pay
//! for. So both take time in proportion to all grants, while requests are answered as ever. What is
//! opened during the walk may be left out, so stop it first. When a call fails with a transient error, make it
//! again: it passes over what has ended. A permanent error that names grants says that this version cannot read
//! them; the others have ended. A call that ends nothing says 0.
//!
//! # Throttling
//!
//! A [`Throttle`] is asked before a client's secret is looked at, and told how the attempt ended; see
//! [`throttle`](crate::throttle) for what an answer of 429 looks like. With the feature `throttle` there is
//! `FailureLimit`, a ready one for one process. The rule that it follows is worth keeping in one of your own:
//! count failures by client *and* address, so that somebody who guesses at a client's secret does not lock
//! the client out.
//!
//! It needs the address of whoever sends the request. `oauth-actix` takes it from the connection, and
//! `oauth-axum` where the host serves with `into_make_service_with_connect_info::<SocketAddr>()`. Behind a
//! proxy the connection is the proxy's, and all clients would be throttled as one. So a host behind a proxy
//! puts a [`RequestOrigin`] into the extensions of each request, from the header that its proxy sets. The
//! framework reads no such header, since anybody can send one.
//!
//! The login page is yours, and needs a throttle more than anything else here: passwords of people can be
//! guessed. Use the same one there, with [`Purpose::Login`]:
//!
//! ```
//! use std::net::IpAddr;
//!
//! use oauth_core::throttle::{Attempt, Outcome, Purpose, RetryAfter, Throttle};
//!
//! fn sign_in(
//!     throttle: &dyn Throttle,
//!     username: &str,
//!     peer: Option<IpAddr>,
//!     password_is_right: impl FnOnce() -> bool,
//! ) -> Result<bool, RetryAfter> {
//!     let attempt = Attempt::new(Purpose::Login, username).from_peer(peer);
//!     throttle.check(&attempt)?;
//!     let is_right = password_is_right();
//!     // Again: many guesses may have been under way at once.
//!     throttle.check(&attempt)?;
//!     throttle.outcome(&attempt, if is_right { Outcome::Success } else { Outcome::Failure });
//!     Ok(is_right)
//! }
//! # struct Nobody;
//! # impl Throttle for Nobody {
//! #     fn check(&self, _: &Attempt<'_>) -> Result<(), RetryAfter> { Ok(()) }
//! #     fn outcome(&self, _: &Attempt<'_>, _: Outcome) {}
//! # }
//! # assert_eq!(sign_in(&Nobody, "alice", None, || true), Ok(true));
//! ```
//!
//! [`Event`]: crate::event::Event
//! [`EventSink`]: crate::event::EventSink
//! [`EventKind::CodeReplayed`]: crate::event::EventKind::CodeReplayed
//! [`EventKind::RefreshTokenReused`]: crate::event::EventKind::RefreshTokenReused
//! [`EventKind::ClientAuthenticationFailed`]: crate::event::EventKind::ClientAuthenticationFailed
//! [`EventKind::Refused`]: crate::event::EventKind::Refused
//! [`RequestOrigin`]: crate::RequestOrigin
//! [`Throttle`]: crate::throttle::Throttle
//! [`Purpose::Login`]: crate::throttle::Purpose::Login
