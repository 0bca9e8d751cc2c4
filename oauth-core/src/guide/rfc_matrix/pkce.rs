//! [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636), proof key for code exchange (PKCE).
//!
//! A client makes a random text for each request, the verifier, and sends its SHA-256, the challenge,
//! with the authorization request. It sends the verifier itself when it redeems the code. Whoever only
//! saw the request or stole the code cannot redeem it.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 4.2 | The server implements `S256`. | `conformance::flow::web_application_reads_the_profile`, `oauth_core::pkce::tests::the_example_of_appendix_b` |
//! | 4.3 | `code_challenge` is REQUIRED. | `conformance::pkce::missing_challenge_is_invalid_request` |
//! | 4.3 | A `code_challenge_method` left out means `plain`. | `conformance::pkce::plain_is_invalid_request` departure: `plain` does not exist here (RFC 9700 section 2.1.1), so a request that means it is refused |
//! | 4.4 | The challenge and its method are associated with the code. | `conformance::code::wrong_verifier_burns_nothing`, `conformance::concurrency::codes_of_many_sessions_do_not_mix` |
//! | 4.4 | Nothing that others can read carries the challenge. | `conformance::flow::each_code_and_token_is_another`, `oauth_core::credential::tests::a_presented_credential_gives_its_key` |
//! | 4.4.1 | A missing challenge is `invalid_request` where the server demands PKCE of public clients. | `conformance::pkce::missing_challenge_is_invalid_request` departure: it is demanded of confidential clients as well (RFC 9700 section 2.1.1 recommends it) |
//! | 4.4.1 | A transformation that is not supported is `invalid_request`. | `conformance::pkce::plain_is_invalid_request`, `conformance::pkce::unknown_methods_are_invalid_request` |
//! | 4.5 | `code_verifier` is REQUIRED at the token endpoint. | `conformance::code::missing_verifier_burns_nothing` |
//! | 4.5 | The method of the authorization request is the one that verifies. | `conformance::code::challenge_is_no_verifier` |
//! | 4.6 | With the right verifier, processing continues as normal. | `conformance::flow::web_application_reads_the_profile`, `conformance::pkce::verifiers_of_both_lengths_work` |
//! | 4.6 | With another one, the answer is `invalid_grant`. | `conformance::code::wrong_verifier_burns_nothing` |
//! | 7.2 | A `plain` challenge inside of a code is encrypted. | absent: there is no `plain`, and a code carries nothing |
//!
//! On clients only: 4.1, 4.2 (to use `S256`), 7.2 (not to fall back to `plain`).
