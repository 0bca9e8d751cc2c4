//! Threats: what the framework defends against, and what is left to the host.
//!
//! The order is that of [RFC 9700](https://www.rfc-editor.org/rfc/rfc9700) section 4, best current
//! practice for OAuth security. [`guide::rfc_matrix`](super::rfc_matrix) names a test for each of its
//! sentences. The words of OAuth are explained in [`guide::embedding`](super::embedding).
//!
//! # What the framework does
//!
//! | section | attack | defense |
//! |---|---|---|
//! | 4.1 | A code is sent to an address of the attacker. | Redirect URIs are compared byte for byte. Only the port of a loopback one may differ. `http` elsewhere, fragments, wildcards and user information are refused when the client is made. |
//! | 4.1 | Another program on the user's device poses as the client and takes its redirect URI. | For a public client with a loopback or private-use redirect URI the user is asked each time. Neither a remembered consent nor `first_party` counts, and `prompt=none` is refused. |
//! | 4.2 | The address of a page, with a code or `state` in it, leaks through the `Referer` header. | Responses carry `Referrer-Policy: no-referrer`. Codes are good once. `form_post` keeps them out of addresses altogether. |
//! | 4.3 | Codes and tokens stay in the browser's history. | A code is good for 60 seconds and once. Tokens never stand in an address; a protected resource refuses one that does. |
//! | 4.4 | A client with several servers is tricked into sending a code to the wrong one (mix-up). | Each response names its server, in `iss`, errors too. |
//! | 4.5 | A stolen code is put into somebody else's connection. | PKCE for every client: a code is worth nothing without the verifier. |
//! | 4.6 | A stolen access token is put into a client. | No token is ever sent through the browser. |
//! | 4.7 | The browser of a victim is made to finish a connection of the attacker. | PKCE, and `state` comes back unchanged; both are checked by the client. |
//! | 4.8 | PKCE is stripped from a request. | A request without a challenge is refused. `plain` does not exist. |
//! | 4.9, 4.10 | An access token leaks and is used. | It expires after an hour and ends with its grant. Stores hold digests, logs and `Debug` output neither. Tokens bound to a sender are not built yet. |
//! | 4.11 | The server is used to send people to a bad place. | Nobody is redirected before client and redirect URI are verified. The consent page has the host to show. [`is_return_url`](crate::AuthorizationServer::is_return_url) keeps the login page from it. |
//! | 4.12 | A redirect repeats a form, password included, at the client. | 303, never 307. |
//! | 4.13 | A header that a proxy should have set comes from outside. | The framework reads no such header. Addresses come from the issuer, not from `Host` or `X-Forwarded-*`. |
//! | 4.14 | A refresh token is stolen. | It is good once. Its second use ends the whole grant, for thief and client. It lives no longer than its grant, and is bound to its client. |
//! | 4.15 | A client takes a user's name as its `client_id`. | [`Subject`](crate::Subject) keeps users and clients apart, in stores too. `UserToken` refuses the token of a client that acts for itself. |
//! | 4.16 | The consent page is put into an invisible frame. | The framework's own pages forbid it, with `frame-ancestors`. |
//!
//! Beyond RFC 9700:
//!
//! - A forged or repeated press of the button on the consent page. The ticket in it is made for this page
//!   view, this user and this session, and counts once.
//! - Filling the store. Before somebody has signed in, nothing is written. Bodies (64 KiB), queries
//!   (16 KiB) and parameters (100) are bounded. A [`RequestStore`](crate::store::RequestStore) may drop the
//!   oldest of a user's waiting requests, and the one in memory does.
//! - Finding out who is registered. An unknown client and a wrong secret cost the same and look the same
//!   at the token endpoint. At the authorization endpoint an identifier of a client is no secret.
//! - Guessing. Codes, tokens and tickets have 256 random bits. A checksum lets most guesses fail without
//!   asking the store. A client's secret is as long as you made it: a
//!   [`Throttle`](crate::throttle::Throttle) makes guesses at it slow, and is off until you give the server
//!   one ([`throttle`](crate::AuthorizationServerBuilder::throttle)). The ready one, `FailureLimit` with the
//!   feature `throttle`, counts failures for each client, peer and purpose, so that whoever guesses at a client's
//!   secret locks the client out nowhere but at their own address, and nobody else at all. For the same reason
//!   it does not stop guesses that come from many addresses, each of which has an allowance of its own; it
//!   needs the true address of the peer ([`RequestOrigin`](crate::RequestOrigin)), and it bounds failures to
//!   authenticate, not the rate of requests.
//!
//! # What is left to you
//!
//! ## TLS
//!
//! Everything travels over `https`, your protected routes as well. The framework refuses an issuer with
//! `http` elsewhere than on a loopback address, but it cannot see what stands before your service.
//!
//! ## The session cookie
//!
//! - `SameSite=Lax`, not `Strict` and not `None`. Every authorization begins with a link from another
//!   site; a `Strict` cookie is not sent with it, and the user looks signed out each time. `None` sends it
//!   with forged forms of other sites as well. A client that posts its request from another site is sent
//!   on by the framework to the same request as a GET, with which a `Lax` cookie does come.
//! - `HttpOnly`, and `Secure` wherever there is TLS. The name prefix `__Host-` keeps other hosts of your
//!   domain from setting it.
//! - Cookies ignore ports. Two services on one machine, `http://127.0.0.1:8080` and `:9999`, share their
//!   cookies in a browser. So does a client that you develop beside the server: give their cookies
//!   different names, or use `127.0.0.1` for one and `localhost` for the other.
//!
//! ## Sessions
//!
//! - A new identifier at login (session fixation): otherwise an attacker gives a victim a session that the
//!   attacker knows, and is signed in when the victim is. Give the same identifier, or another value that
//!   changes at login, to [`Authentication::new`](crate::Authentication::new); consent tickets are bound
//!   to its SHA-256.
//! - The moment of the login in
//!   [`auth_time`](crate::Authentication::auth_time) is the moment at which the user proved who they are,
//!   not the last request.
//! - A limit on attempts to log in, by user and by address. The framework sees no passwords, but its
//!   [`Throttle`](crate::throttle::Throttle) has a purpose for them and can be asked by your login form, too.
//! - When a user is disabled, say so through [`SubjectStatus`](crate::SubjectStatus); their clients get no
//!   new tokens. Access tokens that are out live until they expire;
//!   [`disconnect_all`](crate::AuthorizationServer::disconnect_all) ends them at once.
//!
//! ## Your pages
//!
//! - `Content-Security-Policy: frame-ancestors 'none'` on the login, consent and account pages, error
//!   pages included (RFC 9700 section 4.16).
//! - No `form-action` in that policy. Browsers apply it to the redirects after a form, too, and would stop
//!   the way back to the client.
//! - `Cache-Control: no-store`, and `Referrer-Policy: same-origin`. With `no-referrer` browsers send
//!   `Origin: null` with your own forms, and a check of the origin fails.
//! - The consent page shows [`redirect_host`](crate::ConsentPrompt::redirect_host). The client's name is a
//!   claim, the host is what a user can judge it by. Escape both.
//! - A user who is shown the wrong account has to be able to sign out or change it from there.
//!
//! ## Middleware against forged requests
//!
//! Many hosts have one that demands a hidden token in each form, or checks where a form comes from. Three
//! routes need an exemption:
//!
//! - `/token` is called by other servers and by scripts of any origin, without cookies;
//! - `/authorize` may be posted to from a client's page; it grants nothing by itself;
//! - the handler of the consent form has its own protection, the ticket. Keep yours as well if the form
//!   carries your token.
//!
//! Logging out and disconnecting an application are yours to protect.
//!
//! ## Cross-origin requests
//!
//! `/token` and the metadata allow every origin, without credentials: scripts of clients read them. Add no
//! permission for `/authorize`, `/consent` or any other page; a layer of yours around everything would.
//!
//! ## Limits
//!
//! The framework bounds what it reads, not how slowly it arrives or how often. Put timeouts for headers
//! and bodies and a limit on the rate of requests before it; see
//! [`guide::deployment`](super::deployment).
//!
//! ## Clients
//!
//! Whoever registers clients decides what the framework cannot see: whether a redirect URI belongs to the
//! applicant, whether an application can keep a secret (an app on a phone or in a browser cannot, and is
//! registered without one), whether it gets refresh tokens, and whether it is `first_party`, so that
//! users are not asked. Errors are sent to a registered redirect URI before anybody has signed in
//! (RFC 9700 section 4.11.2 advises otherwise), because you vouch for it. Think again when you let
//! strangers register.
//!
//! # Weakened rules
//!
//! What departs from these rules is behind methods that begin with `danger_`, and each one that is used
//! shows in [`warnings`](crate::AuthorizationServer::warnings). Log them at start:
//!
//! ```
//! # use oauth_core::store::memory::MemoryStore;
//! # use oauth_core::AuthorizationServer;
//! let server = AuthorizationServer::builder("http://auth.internal")
//!     .store(MemoryStore::new([]))
//!     .danger_insecure_issuer()
//!     .build()?;
//! assert_eq!(server.warnings().len(), 1);
//! # Ok::<(), oauth_core::BuildError>(())
//! ```
