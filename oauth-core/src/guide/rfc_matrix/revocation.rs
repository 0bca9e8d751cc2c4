//! [RFC 7009](https://www.rfc-editor.org/rfc/rfc7009), token revocation.
//!
//! A client that needs a token no longer gives it back: when the user signs out of it, or uninstalls it. A
//! refresh token takes its grant along, with all access tokens; an access token goes alone, or with its
//! grant, as the policy says.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 2 | Refresh tokens can be revoked. | `conformance::revocation::refresh_token_ends_its_grant`, `conformance::revocation::spent_refresh_token_ends_its_grant`, `conformance::several_processes::a_refresh_token_revoked_at_one_ends_the_grant_at_the_other` |
//! | 2 | The URL of the endpoint has no fragment, and keeps its query. | `oauth_core::server::tests::build::paths_are_plain_and_different` absent: the path of an endpoint has no query |
//! | 2 | It is an `https` URL. | `conformance::revocation::metadata_names_it`, `oauth_core::issuer::tests::refuses_everything_else` departure: it is under the issuer, which may be `http` on a loopback address for development |
//! | 2 | The authorization server uses TLS. | host: TLS, in the service or at its proxy |
//! | 2 | Where it can be reached over `http` as well, that address is not published. | `conformance::revocation::metadata_names_it` |
//! | 2.1 | `token` is REQUIRED. | `conformance::token_status_request::missing_token_is_invalid_request`, `conformance::token_status_request::repeated_parameters_are_invalid_request` |
//! | 2.1 | Where the hint does not lead to the token, all kinds are searched. | `conformance::revocation::hint_makes_no_difference`, `oauth_core::endpoint::revocation::tests::a_wrong_hint_does_not_matter` |
//! | 5 | Against denial of service, the endpoint is protected as the token endpoint is. | `conformance::token_status_request::body_that_is_too_large_is_refused`, `conformance::revocation::unauthenticated_client_is_refused`, `oauth_core::throttle::tests::a_throttled_attempt_is_429_at_every_endpoint_right_or_wrong`, `conformance::throttling::wrong_secrets_of_one_client_from_one_place_are_429_at_last` host: which `Throttle` the server has, and a limit on what clients send that do authenticate |
//! | 5 | Wrong hints cannot be used for that. | `oauth_core::endpoint::revocation::tests::a_hint_costs_nothing` |
//!
//! On clients only: 2 (to check that the URL is `https`), 5 (to authenticate the endpoint).
