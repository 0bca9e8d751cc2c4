//! [RFC 9207](https://www.rfc-editor.org/rfc/rfc9207), the issuer in the authorization response.
//!
//! A client that works with several servers must know which of them a response came from. The parameter
//! `iss` names the server in each response. It is the issuer, the URL that a server is known by.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 2 | Each authorization response has `iss`. | `conformance::flow::web_application_reads_the_profile`, `conformance::response_mode::form_post_carries_the_code`, `oauth_core::authorization::tests::response::a_code_comes_with_state_and_issuer` |
//! | 2 | Errors have it, too. | `conformance::metadata::promises_iss_and_keeps_it`, `conformance::response_mode::form_post_carries_errors`, `oauth_core::authorization::tests::refusals::the_client_is_told_with_state_and_issuer` |
//! | 2 | Its value is an `https` URL without query and fragment. | `oauth_core::issuer::tests::refuses_everything_else` departure: `http` on a loopback address is accepted for development, and on other hosts after `danger_insecure_issuer`, which shows in the warnings |
//! | 2.3 | The server tells clients its issuer identifier. | `conformance::metadata::issuer_is_the_issuer` |
//! | 2.3 | `issuer` in the metadata is identical to `iss`. | `conformance::metadata::promises_iss_and_keeps_it`, `conformance::tenant::errors_name_the_issuer_with_its_path` |
//! | 2.3 | `authorization_response_iss_parameter_supported` is true. | `conformance::metadata::promises_iss_and_keeps_it` |
//! | 2.4 | `iss` equals the claim in an ID token of the same response. | absent: there are no ID tokens |
//!
//! On clients only: the rest of 2.4, and 4.
