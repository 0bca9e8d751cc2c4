//! [RFC 6749](https://www.rfc-editor.org/rfc/rfc6749), the OAuth 2.0 authorization framework.
//!
//! The words of this RFC: the *resource owner* is the user. The *client* is the application that wants
//! to act for the user. A *confidential* client can keep a secret, because it runs on a server; a
//! *public* one cannot, because it runs in a browser or on the user's device. The *authorization server*
//! asks the user and issues tokens; the *resource server* has the protected resources.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 2 | Registration states the type of the client and its redirect URIs. | `oauth_core::client::tests::refuses_combinations_that_make_no_sense`, `conformance::configuration::code_client_needs_a_redirect_uri` |
//! | 2.2 | A `client_id` alone authenticates nobody. | `conformance::client_authentication::confidential_client_without_authentication_is_invalid_client` |
//! | 2.3 | The authentication of a public client is not relied on to identify it. | `conformance::consent::always_asked_of_public_clients_on_loopback`, `conformance::consent::first_party_does_not_help_on_loopback` |
//! | 2.3 | One method of authentication in a request. | `conformance::client_authentication::two_methods_are_invalid_request` |
//! | 2.3.1 | HTTP Basic is supported for clients with a password. | `conformance::client_authentication::basic_with_the_right_secret`, `conformance::client_authentication::basic_with_a_form_encoded_secret` |
//! | 2.3.1 | In the body, `client_id` is REQUIRED. | `conformance::client_authentication::secret_without_a_client_id_is_invalid_client` |
//! | 2.3.1 | In the body, `client_secret` is REQUIRED. | `conformance::client_authentication::confidential_client_without_authentication_is_invalid_client` |
//! | 2.3.1 | The two are never in the request URI. | `conformance::token_request::parameters_in_the_query_do_not_count` |
//! | 2.3.1 | TLS where a password is sent. | `oauth_core::issuer::tests::refuses_everything_else` host: TLS, in the service or at its proxy |
//! | 2.3.1 | An endpoint that takes a password is protected against guessing it. | `conformance::throttling::wrong_secrets_of_one_client_from_one_place_are_429_at_last`, `oauth_core::throttle::tests::a_throttled_attempt_is_429_at_every_endpoint_right_or_wrong` host: which `Throttle` the server has, and secrets that are made by a machine, 128 bits at least |
//! | 2.3.2 | Another method has a mapping between the client and its scheme. | `conformance::client_authentication::basic_of_a_post_client_is_invalid_client`, `conformance::client_authentication::secret_in_the_body_of_a_basic_client_is_invalid_client`, `oauth_core::grant::tests::authentication::a_method_of_the_host` |
//! | 3.1 | The server verifies who the resource owner is. | `conformance::flow::web_application_reads_the_profile`, `conformance::handoff::ticket_without_a_session`, `conformance::interaction::prompt_none_without_a_login_is_login_required` |
//! | 3.1 | A query in the endpoint's URI is retained. | `oauth_core::server::tests::build::paths_are_plain_and_different` absent: the path of an endpoint has no query |
//! | 3.1 | The endpoint's URI has no fragment. | `oauth_core::server::tests::build::paths_are_plain_and_different`, `oauth_core::issuer::tests::refuses_everything_else` |
//! | 3.1 | TLS at the authorization endpoint. | `oauth_core::issuer::tests::refuses_everything_else` host: TLS, in the service or at its proxy |
//! | 3.1 | GET is supported. | `conformance::flow::web_application_reads_the_profile` |
//! | 3.1 | A parameter without a value counts as left out. | `conformance::parameters::empty_parameters_are_absent` |
//! | 3.1 | Unrecognized parameters are ignored. | `conformance::parameters::unknown_parameters_are_ignored` |
//! | 3.1 | A parameter of a request occurs once. | `conformance::parameters::repeated_parameters_are_invalid_request`, `conformance::parameters::repeated_client_or_redirect_uri_is_a_page` |
//! | 3.1 | A parameter of a response occurs once. | `conformance::parameters::repeated_state_is_not_echoed`, `conformance::flow::web_application_reads_the_profile` |
//! | 3.1 | The same for `resource`. | `conformance::parameters::resource_may_repeat` departure: RFC 8707 section 2 lets a client repeat it |
//! | 3.1.1 | `response_type` is REQUIRED. | `conformance::authorization::response_type_missing_is_invalid_request` |
//! | 3.1.1 | It is `code`, `token` or a registered value. | `conformance::authorization::other_response_types_are_unsupported` absent: `token` is not supported (RFC 9700 section 2.1.2) |
//! | 3.1.1 | A missing or unknown one is answered with an error of section 4.1.2.1. | `conformance::authorization::response_type_missing_is_invalid_request`, `conformance::authorization::other_response_types_are_unsupported` |
//! | 3.1.2 | A redirect URI is absolute. | `conformance::configuration::bad_redirect_uris_are_named`, `oauth_core::redirect_uri::tests::refuses_the_rest` |
//! | 3.1.2 | Its query is retained. | `conformance::authorization::error_keeps_the_query_of_the_redirect_uri`, `oauth_core::authorization::tests::response::the_answer_is_added_to_the_query_of_the_redirect_uri` |
//! | 3.1.2 | It has no fragment. | `conformance::configuration::bad_redirect_uris_are_named`, `conformance::redirect_uri::fragment_is_refused` |
//! | 3.1.2.2 | Public clients register their redirect URIs. | `conformance::configuration::code_client_needs_a_redirect_uri` |
//! | 3.1.2.2 | Confidential clients that use the implicit grant do, too. | absent: there is no implicit grant; confidential clients of the code grant register theirs as well |
//! | 3.1.2.3 | With several or none registered, a request names one. | `conformance::redirect_uri::left_out_with_several_registered_is_a_page` |
//! | 3.1.2.3 | The one in the request matches a registered one. | `conformance::redirect_uri::registered_uris_get_their_code`, `conformance::redirect_uri::what_is_no_uri_is_refused`, `conformance::authorization::unregistered_redirect_uri_is_a_page` |
//! | 3.1.2.3 | The two are compared as strings. | `conformance::redirect_uri::case_matters`, `conformance::redirect_uri::percent_encoding_is_not_undone`, `conformance::redirect_uri::dot_segments_are_not_removed`, `conformance::redirect_uri::any_port_for_loopback_http` departure: the port of a loopback `http` URI may differ, because the operating system gives it (RFC 8252 section 7.3) |
//! | 3.1.2.4 | Nobody is redirected to an invalid redirect URI. | `conformance::authorization::unregistered_redirect_uri_is_a_page` |
//! | 3.2 | A query in the token endpoint's URI is retained. | `oauth_core::server::tests::build::paths_are_plain_and_different` absent: the path of an endpoint has no query |
//! | 3.2 | The token endpoint's URI has no fragment. | `oauth_core::server::tests::build::paths_are_plain_and_different` |
//! | 3.2 | TLS at the token endpoint. | `oauth_core::issuer::tests::refuses_everything_else` host: TLS, in the service or at its proxy |
//! | 3.2 | Token requests are sent with POST. | `conformance::token_request::other_methods_are_not_allowed` |
//! | 3.2 | A parameter without a value counts as left out. | `conformance::token_request::empty_parameters_are_absent` |
//! | 3.2 | Unrecognized parameters are ignored. | `conformance::token_request::unknown_parameters_are_ignored` |
//! | 3.2 | A parameter occurs once. | `conformance::token_request::repeated_parameters_are_invalid_request` |
//! | 3.2.1 | Clients with credentials authenticate. | `conformance::client_authentication::confidential_client_without_authentication_is_invalid_client` |
//! | 3.2.1 | Clients without credentials send their `client_id`. | `conformance::client_authentication::no_client_at_all_is_refused`, `conformance::code::other_public_client_burns_nothing` |
//! | 3.3 | A scope that differs from the requested one is in the response. | `conformance::flow::scope_left_out_is_that_of_the_client`, `oauth_core::authorization::tests::consent::granting_a_part_never_exceeds_the_request`, `oauth_core::grant::tests::authorization_code::scope_taken_from_the_client_is_gone` |
//! | 3.3 | A scope left out is a default or an error. | `conformance::flow::scope_left_out_is_that_of_the_client`, `conformance::client_credentials::scope_defaults_to_that_of_the_client` |
//! | 4.1.1 | `response_type` is REQUIRED and `code`. | `conformance::authorization::response_type_missing_is_invalid_request`, `conformance::authorization::other_response_types_are_unsupported` |
//! | 4.1.1 | `client_id` is REQUIRED. | `conformance::authorization::missing_client_is_a_page` |
//! | 4.1.2 | `code` is REQUIRED in the response. | `conformance::flow::web_application_reads_the_profile` |
//! | 4.1.2 | A code expires shortly. | `conformance::code::expired_code_is_invalid_grant`, `oauth_core::grant::tests::authorization_code::the_last_moment_of_a_code` |
//! | 4.1.2 | A code that is used twice is refused. | `conformance::code::replay_ends_the_grant`, `conformance::concurrency::one_code_redeemed_32_times` |
//! | 4.1.2 | `state` comes back exactly as it came. | `conformance::parameters::state_comes_back_byte_for_byte`, `oauth_core::authorization::tests::response::the_state_comes_back_byte_for_byte` |
//! | 4.1.2.1 | Nobody is redirected to an invalid redirect URI. | `conformance::authorization::unregistered_redirect_uri_is_a_page`, `conformance::authorization::unknown_client_is_a_page` |
//! | 4.1.2.1 | `error` is REQUIRED and one of the codes. | `conformance::authorization::unknown_scope_is_invalid_scope`, `conformance::authorization::declined_consent_is_access_denied`, `conformance::authorization::client_without_the_grant_is_unauthorized` |
//! | 4.1.2.1 | `error` and `error_description` keep to their characters. | `conformance::authorization::hostile_scope_does_not_reach_the_description`, `oauth_core::authorization::tests::refusals::the_client_is_told_with_state_and_issuer` |
//! | 4.1.2.1 | `error_uri` is a URI reference. | absent: `error_uri` is never sent |
//! | 4.1.2.1 | `state` comes back with an error, too. | `conformance::parameters::state_comes_back_byte_for_byte` |
//! | 4.1.2.1 | The same when the request has it twice, or with control characters. | `conformance::parameters::repeated_state_is_not_echoed`, `oauth_core::authorization::tests::response::a_state_with_control_characters_is_refused_and_not_echoed` departure: no value is the exact one, or a form could not carry it; appendix A.5 has no control characters either |
//! | 4.1.3 | `grant_type` is REQUIRED. | `conformance::token_request::missing_grant_type_is_invalid_request` |
//! | 4.1.3 | `code` is REQUIRED. | `conformance::token_request::missing_parameters_are_invalid_request` |
//! | 4.1.3 | `redirect_uri` is REQUIRED if the authorization request had it. | `conformance::code::redirect_uri_may_be_left_out` departure: PKCE, demanded of every client, proves more than the repetition does, and OAuth 2.1 has dropped it |
//! | 4.1.3 | Its value is identical. | `conformance::code::wrong_redirect_uri_burns_nothing`, `conformance::code::loopback_port_of_the_request_counts` |
//! | 4.1.3 | `client_id` is REQUIRED of a client that does not authenticate. | `conformance::client_authentication::no_client_at_all_is_refused` |
//! | 4.1.3 | Clients with credentials authenticate. | `conformance::client_authentication::confidential_client_without_authentication_is_invalid_client` |
//! | 4.1.3 | The server requires authentication of clients with credentials. | `conformance::client_authentication::confidential_client_without_authentication_is_invalid_client` |
//! | 4.1.3 | Authentication that is included is checked. | `conformance::client_authentication::public_client_with_a_secret_is_invalid_client`, `conformance::client_authentication::wrong_secret_is_invalid_client` |
//! | 4.1.3 | The code was issued to this client. | `conformance::code::other_client_burns_nothing`, `conformance::code::other_public_client_burns_nothing` |
//! | 4.1.3 | The code is valid. | `conformance::token_request::unknown_credentials_are_invalid_grant`, `conformance::code::expired_code_is_invalid_grant` |
//! | 4.1.3 | `redirect_uri` is there if it was there, and identical. | `conformance::code::wrong_redirect_uri_burns_nothing` departure: it may be left out, as above |
//! | 4.2.1 | Parameters of the implicit grant; the redirect URI is verified. | `conformance::authorization::other_response_types_are_unsupported` absent: there is no implicit grant (RFC 9700 section 2.1.2) |
//! | 4.2.2 | Parameters of its response; no refresh token. | absent: there is no implicit grant |
//! | 4.2.2.1 | Its errors, and no redirect to an invalid URI. | `conformance::authorization::unregistered_redirect_uri_is_a_page` absent: there is no implicit grant |
//! | 4.3.2 | Parameters and checks of the password grant; protection against guessing. | `conformance::token_request::unknown_grant_types_are_unsupported` absent: there is no password grant (RFC 9700 section 2.4) |
//! | 4.4 | Client credentials are for confidential clients only. | `conformance::client_credentials::public_client_is_unauthorized_even_with_the_grant` |
//! | 4.4.2 | `grant_type` is REQUIRED. | `conformance::token_request::missing_grant_type_is_invalid_request` |
//! | 4.4.2 | The client authenticates. | `conformance::client_authentication::confidential_client_without_authentication_is_invalid_client` |
//! | 4.4.2 | The server authenticates the client. | `conformance::client_authentication::wrong_secret_is_invalid_client`, `conformance::client_authentication::wrong_secret_in_the_body_is_invalid_client` |
//! | 5.1 | `access_token` is REQUIRED. | `conformance::flow::web_application_reads_the_profile` |
//! | 5.1 | `token_type` is REQUIRED. | `conformance::flow::web_application_reads_the_profile` |
//! | 5.1 | `scope` is REQUIRED if it differs from the requested one. | `conformance::flow::scope_left_out_is_that_of_the_client`, `conformance::refresh_token::narrowing_narrows_the_access_token_only`, `oauth_core::authorization::tests::consent::a_grant_of_nothing_is_a_refusal` |
//! | 5.1 | A response with tokens has `Cache-Control: no-store` and `Pragma: no-cache`. | `conformance::token_request::answers_are_not_stored` |
//! | 5.1 | Other responses with credentials have them, too. | `conformance::pages::redirects_to_clients_are_not_stored`, `conformance::response_mode::form_post_carries_the_code` departure: `Cache-Control: no-store` is sent; `Pragma` in a response never had a meaning (RFC 9111 section 5.4), so it is sent only where clients may check for it |
//! | 5.2 | `error` is REQUIRED and one of the codes. | `conformance::token_request::unknown_grant_types_are_unsupported`, `conformance::token_request::grant_type_not_registered_is_unauthorized_client`, `conformance::client_credentials::scope_beyond_the_client_is_invalid_scope` |
//! | 5.2 | A client that tried the `Authorization` header is answered 401, with a challenge of its scheme. | `conformance::client_authentication::wrong_secret_is_invalid_client`, `conformance::client_authentication::malformed_basic_is_invalid_client` |
//! | 5.2 | `error` and `error_description` keep to their characters. | `conformance::token_request::description_never_echoes`, `conformance::token_request::missing_parameters_are_invalid_request`, `oauth_core::error::tests::a_description_that_a_header_could_not_carry_is_replaced` |
//! | 5.2 | `error_uri` is a URI reference. | absent: `error_uri` is never sent |
//! | 6 | `grant_type` is REQUIRED. | `conformance::token_request::missing_grant_type_is_invalid_request` |
//! | 6 | `refresh_token` is REQUIRED. | `conformance::token_request::missing_parameters_are_invalid_request` |
//! | 6 | The scope is within the one that was granted. | `conformance::refresh_token::scope_too_wide_burns_nothing` |
//! | 6 | Clients with credentials authenticate, and the server requires it. | `conformance::client_authentication::confidential_client_without_authentication_is_invalid_client`, `conformance::refresh_token::wrong_client_burns_nothing` |
//! | 6 | Authentication that is included is checked, and the token was issued to this client. | `conformance::refresh_token::wrong_client_burns_nothing`, `conformance::refresh_token::reuse_by_another_client_ends_nothing` |
//! | 6 | The refresh token is valid. | `conformance::token_request::unknown_credentials_are_invalid_grant`, `conformance::refresh_token::access_token_is_no_refresh_token` |
//! | 6 | The scope of a new refresh token is that of the old one. | `conformance::refresh_token::narrowing_narrows_the_access_token_only` |
//! | 7 | The resource server validates the token. | `conformance::bearer::unknown_token_is_invalid_token` |
//! | 7 | It has not expired. | `conformance::flow::expired_access_token_is_refreshed` |
//! | 7 | Its scope covers the resource. | `conformance::bearer::missing_scope_is_insufficient_scope` |
//! | 8.1 | Token types of one's own are registered. | absent: the only token type is `Bearer`, which is registered |
//! | 8.2 | Parameters of one's own have a name and a defined syntax. | `oauth_core::authorization::tests::login::a_forged_moment_demands_no_more_than_now`, `oauth_core::authorization::tests::evaluate::login_after` host: the parameters of grant types of one's own |
//! | 8.3 | Parameters of an extension grant are registered. | host: whoever publishes a grant type of their own |
//! | 8.4 | Names of response types keep to their characters. | absent: the only response type is `code` |
//! | 8.5 | Error codes keep to their characters, and those of extensions are registered. | `conformance::interaction::prompt_none_without_a_login_is_login_required`, `conformance::authorization::request_object_is_not_supported` |
//! | 10.1 | Native and browser applications get no client credentials. | `conformance::client_authentication::public_client_with_a_secret_is_invalid_client` host: whoever registers clients makes these public ones |
//! | 10.2 | The client is authenticated whenever that is possible. | `conformance::client_authentication::confidential_client_without_authentication_is_invalid_client`, `conformance::client_authentication::public_client_by_basic_is_invalid_client` |
//! | 10.2 | Where it is not, the redirect URI is registered. | `conformance::configuration::code_client_needs_a_redirect_uri`, `conformance::authorization::unregistered_redirect_uri_is_a_page` |
//! | 10.3 | Access tokens are confidential in storage. | `oauth_core::grant::tests::authorization_code::nothing_that_a_client_holds_reaches_the_store`, `conformance::process::no_secret_reaches_the_log` |
//! | 10.3 | They are sent over TLS only. | host: TLS, for the protected resources as well |
//! | 10.3 | They cannot be generated, modified or guessed. | `conformance::bearer::tampered_token_is_invalid_token`, `conformance::flow::each_code_and_token_is_another` |
//! | 10.4 | Refresh tokens are confidential in storage. | `oauth_core::grant::tests::authorization_code::nothing_that_a_client_holds_reaches_the_store`, `conformance::process::no_secret_reaches_the_log` |
//! | 10.4 | They stay bound to their client, and that is verified. | `conformance::refresh_token::wrong_client_burns_nothing` |
//! | 10.4 | They are sent over TLS only. | host: TLS, in the service or at its proxy |
//! | 10.4 | They cannot be generated, modified or guessed. | `conformance::flow::each_code_and_token_is_another`, `oauth_core::credential::tests::any_changed_character_is_noticed_without_a_store` |
//! | 10.5 | Codes are short-lived and used once. | `conformance::code::expired_code_is_invalid_grant`, `conformance::code::replay_ends_the_grant`, `conformance::concurrency::one_code_redeemed_32_times` |
//! | 10.5 | A client that can be authenticated is, and the code is its own. | `conformance::code::other_client_burns_nothing` |
//! | 10.6 | The redirect URI is the same in both requests. | `conformance::code::wrong_redirect_uri_burns_nothing` departure: it may be left out of the second one, as in section 4.1.3 |
//! | 10.6 | Public clients register their redirect URIs. | `conformance::configuration::code_client_needs_a_redirect_uri` |
//! | 10.6 | One in a request is validated. | `conformance::authorization::unregistered_redirect_uri_is_a_page` |
//! | 10.8 | Tokens, passwords and secrets are not sent in the clear. | `oauth_core::issuer::tests::refuses_everything_else` host: TLS, in the service or at its proxy |
//! | 10.9 | TLS at the authorization and token endpoints. | `oauth_core::issuer::tests::refuses_everything_else` host: TLS, in the service or at its proxy |
//! | 10.10 | Tokens, codes and client credentials cannot be guessed. | `conformance::flow::each_code_and_token_is_another`, `conformance::handoff::forged_ticket` host: users' passwords, with a limit on failed logins, for which a `Throttle` can be asked |
//! | 10.10 | A generated one is guessed with a probability of at most 2^-128. | `conformance::flow::each_code_and_token_is_another`, `oauth_core::credential::tests::a_presented_credential_gives_its_key` |
//! | 10.10 | Credentials of people are protected by other means. | host: the login page |
//! | 10.11 | TLS at every endpoint for people. | host: TLS, in the service or at its proxy |
//! | 10.12 | Forged requests cannot decide, and no client is authorized without the user's consent. | `conformance::handoff::forged_ticket`, `conformance::handoff::ticket_of_another_session_of_the_user`, `conformance::handoff::decision_by_get`, `conformance::handoff::decision_cannot_change_the_request` |
//! | 10.14 | Values that come in are sanitized and validated. | `conformance::response_mode::form_post_escapes_the_state`, `conformance::authorization::first_error_page_shows_nothing_unescaped`, `conformance::redirect_uri::what_is_no_uri_is_refused`, `oauth_core::authorization::tests::response::no_request_panics` |
//! | B | Names and values of forms are UTF-8. | `conformance::token_request::invalid_utf8_is_invalid_request`, `conformance::parameters::invalid_utf8_is_a_page`, `conformance::parameters::state_comes_back_byte_for_byte` |
//!
//! On clients only: 3.1.2.5, 4.1.2 and 4.2.2 and 5.1 (to ignore what they do not know), 4.3.1, 6 (to
//! discard the old refresh token), 7.1, 10.1 (to keep secrets), 10.5 (TLS at their redirect URI), 10.9 (to
//! check certificates), 10.12 (forged responses), 10.16. On registries: 11.
