//! [RFC 9700](https://www.rfc-editor.org/rfc/rfc9700), best current practice for OAuth 2.0 security.
//!
//! What more than ten years of attacks have taught. Where it contradicts RFC 6749, it prevails.
//! [`guide::threats`](crate::guide::threats) tells the same by attack instead of by sentence.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 2.1 | Redirect URIs are compared as strings, but for the port of a loopback one. | `conformance::redirect_uri::case_matters`, `conformance::redirect_uri::trailing_slash_matters`, `conformance::redirect_uri::loopback_allows_nothing_but_another_port` |
//! | 2.1 | Nothing here forwards a browser to any address it is handed. | `conformance::login::login_does_not_lead_off_the_server`, `conformance::authorization::unregistered_redirect_uri_is_a_page`, `oauth_core::authorization::tests::login::a_return_url_is_nothing_but_one` |
//! | 2.1 | A defense against mix-up is REQUIRED of clients with several servers. | `conformance::metadata::promises_iss_and_keeps_it` |
//! | 2.1 | A redirect does not forward the user's credentials. | `conformance::pages::redirects_after_forms_are_303` |
//! | 2.1.1 | PKCE is supported. | `conformance::flow::web_application_reads_the_profile` |
//! | 2.1.1 | A challenge in the request means that the verifier is checked. | `conformance::code::wrong_verifier_burns_nothing`, `conformance::code::missing_verifier_burns_nothing` |
//! | 2.1.1 | A verifier is accepted only where there was a challenge. | `conformance::pkce::missing_challenge_is_invalid_request` |
//! | 2.1.1 | A challenge is used for one request and bound to client and browser. | `conformance::code::other_client_burns_nothing` host: clients make a new one for each request |
//! | 2.1.1 | Clients can find out that PKCE is supported. | `conformance::metadata::lists_what_is_enabled` |
//! | 2.2.2 | Refresh tokens of public clients rotate or are bound to a sender. | `conformance::refresh_token::each_refresh_gives_another_token`, `conformance::refresh_token::reuse_ends_the_grant` |
//! | 2.3 | A resource server refuses tokens meant for another one. | `conformance::resource_indicators::token_for_another_resource_is_invalid_at_the_api`, `oauth_core::bearer::tests::a_token_opens_what_it_is_for` |
//! | 2.4 | There is no password grant. | `conformance::token_request::unknown_grant_types_are_unsupported`, `conformance::metadata::lists_nothing_that_is_switched_off` |
//! | 2.6 | Authorization responses are not sent over unencrypted connections. | `conformance::configuration::bad_redirect_uris_are_named` host: TLS, in the service or at its proxy |
//! | 2.6 | Redirect URIs with `http` are refused. | `conformance::configuration::bad_redirect_uris_are_named`, `oauth_core::redirect_uri::tests::refuses_the_rest` |
//! | 2.6 | The exception is for native clients with a loopback address. | `oauth_core::redirect_uri::tests::only_the_port_of_a_loopback_http_uri_may_differ` departure: any client may have a loopback address, so that a web application can be developed; such a response does not leave the machine |
//! | 2.6 | Receivers of `postMessage` are verified. | `conformance::metadata::lists_what_is_enabled` absent: responses are sent by redirect or form only |
//! | 2.6 | No CORS at the authorization endpoint. | `conformance::cors::pages_may_be_read_by_no_other_origin`, `conformance::cors::pages_answer_no_preflight` |
//! | 3 | All attackers that the environment has are taken into account. | host: `guide::threats` lists what is left to do |
//! | 4.1.3 | Redirect URIs are equal as strings. | `conformance::redirect_uri::case_matters`, `conformance::redirect_uri::percent_encoding_is_not_undone` |
//! | 4.1.3 | Native applications on loopback may have any port. | `conformance::redirect_uri::any_port_for_loopback_http` |
//! | 4.2.4 | A code is invalid after its first use. | `conformance::code::replay_ends_the_grant`, `conformance::concurrency::one_code_redeemed_32_times` |
//! | 4.3.2 | Tokens are not passed in a query. | `conformance::bearer::token_in_the_query_is_refused` |
//! | 4.7.1 | Clients can find out that PKCE is supported. | `conformance::metadata::lists_what_is_enabled` |
//! | 4.8.2 | PKCE downgrade attacks are mitigated. | `conformance::pkce::missing_challenge_is_invalid_request`, `conformance::pkce::plain_is_invalid_request` |
//! | 4.8.2 | It is checked whether there is a challenge, and bound to the code. | `conformance::pkce::missing_challenge_is_invalid_request`, `conformance::code::wrong_verifier_burns_nothing` |
//! | 4.8.2 | A verifier without a challenge is rejected. | `conformance::pkce::missing_challenge_is_invalid_request` |
//! | 4.9.3 | The resource server keeps tokens out of plain text. | `conformance::process::no_secret_reaches_the_log`, `oauth_core::grant::tests::authorization_code::nothing_that_a_client_holds_reaches_the_store`, `oauth_core::credential::tests::nothing_prints_a_secret` host: the `Authorization` header stays out of the logs of service and proxy |
//! | 4.11.2 | Nobody is redirected for an invalid client or redirect URI. | `conformance::authorization::unregistered_redirect_uri_is_a_page`, `conformance::authorization::unknown_client_is_a_page` |
//! | 4.11.2 | Precautions are taken against phishing through a registered redirect URI. | `conformance::consent::page_says_who_asks_for_what` host: whoever registers clients judges their redirect URIs |
//! | 4.11.2 | The user is authenticated before any redirect, but for `prompt=none`. | `conformance::authorization::errors_do_not_wait_for_a_login` departure: operators register clients by hand and vouch for their redirect URIs, and clients expect errors there, at once; nothing of the user goes with them |
//! | 4.12 | No 307 for a request that may hold credentials. | `conformance::pages::redirects_after_forms_are_303`, `conformance::parameters::post_is_answered_by_a_redirect_to_get` |
//! | 4.13 | A proxy sanitizes the headers that the service relies on. | host: the proxy; the framework itself reads no header of a proxy, addresses come from the issuer |
//! | 4.13 | The link between proxy and service is protected. | host: the network |
//! | 4.14.2 | It is determined for each client whether it gets refresh tokens. | `conformance::flow::client_without_refresh_grant_gets_no_refresh_token` host: whoever registers clients |
//! | 4.14.2 | Refresh tokens are bound to the scope that was consented to. | `conformance::refresh_token::scope_too_wide_burns_nothing`, `conformance::code::scope_at_the_token_endpoint_does_not_widen` |
//! | 4.14.2 | And to the resource servers. | `conformance::resource_indicators::more_than_was_granted_is_invalid_target_and_burns_nothing`, `oauth_core::grant::tests::resource::more_than_was_granted_is_refused_and_burns_nothing` |
//! | 4.14.2 | Replay of a refresh token is detected by rotation. | `conformance::refresh_token::reuse_ends_the_grant`, `conformance::refresh_token::reuse_of_an_older_token_ends_the_grant`, `conformance::concurrency::one_refresh_token_used_32_times` |
//! | 4.14.2 | The previous token is invalid at once. | `conformance::retry_window::after_the_window_it_is_reuse`, `conformance::retry_window::after_the_successor_was_used_it_is_reuse`, `oauth_core::grant::tests::retry_window::is_off_by_default` departure: with the retry window, off by default, a client whose answer was lost is given the same successor again for at most 60 seconds, while that is unused |
//! | 4.14.2 | A grant that is encoded into the token is protected against changes. | `oauth_core::credential::tests::any_changed_character_is_noticed_without_a_store`, `conformance::bearer::tampered_token_is_invalid_token` |
//! | 4.15.1 | Tokens of clients can be told from tokens of users. | `conformance::client_credentials::token_without_a_user_reads_no_profile`, `oauth_core::grant::tests::client_credentials::a_client_named_like_a_user_is_not_that_user`, `oauth_core::subject::tests::user_and_client_of_one_name_differ` |
//! | 4.16 | Clickjacking is prevented. | `conformance::pages::pages_carry_their_headers`, `conformance::pages::refusals_carry_their_headers` host: `frame-ancestors` on its login, consent and account pages, as the examples have it |
//! | 4.17.2 | Origins of `postMessage` are compared as strings, never a wildcard, and the rules of section 2.1 hold. | `conformance::metadata::lists_what_is_enabled` absent: responses are sent by redirect or form only |
//!
//! On clients only: 2.1 (forged responses, open redirectors, mix-up), 2.1.1 (to use PKCE), 4.1.3 (no open
//! redirectors at redirect URIs), 4.4.2, 4.5.3, 4.7.1, 4.11.1, and the rest of 4.17.2.
