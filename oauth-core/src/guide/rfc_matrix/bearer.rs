//! [RFC 6750](https://www.rfc-editor.org/rfc/rfc6750), bearer tokens.
//!
//! A bearer token is a text that gives access to whoever shows it, like a cinema ticket. A protected
//! resource is a route that wants one, `/api/profile` in the examples.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 2 | A request carries the token in one way only. | `conformance::bearer::token_in_header_and_query_is_refused`, `conformance::bearer::repeated_header_is_refused` |
//! | 2.1 | The `Authorization` header is supported. | `conformance::flow::web_application_reads_the_profile`, `conformance::bearer::scheme_is_case_insensitive` |
//! | 2.2 | Conditions for a token in the body. | `conformance::bearer::token_in_the_body_is_refused` absent: a token in the body is not accepted at all |
//! | 2.3 | Conditions for a token in the query. | `conformance::bearer::token_in_the_query_is_refused` absent: a token in the query is not accepted at all (RFC 9700 section 4.3.2) |
//! | 3 | Without a token that gives access, the answer has `WWW-Authenticate`. | `conformance::bearer::no_token_is_a_challenge_without_an_error`, `conformance::bearer::unknown_token_is_invalid_token`, `conformance::bearer::missing_scope_is_insufficient_scope` |
//! | 3 | Its scheme is `Bearer`, with at least one attribute. | `conformance::bearer::challenges_are_well_formed` |
//! | 3 | `realm`, `scope`, `error`, `error_description` and `error_uri` occur once at most. | `conformance::bearer::challenges_are_well_formed` |
//! | 3 | `scope`, `error` and `error_description` keep to their characters. | `conformance::bearer::challenges_are_well_formed` |
//! | 3 | `error_uri` is a URI reference. | absent: `error_uri` is never sent |
//! | 5.2 | A token that is a reference cannot be guessed. | `conformance::flow::each_code_and_token_is_another` |
//! | 5.2 | A token cannot be modified. | `conformance::bearer::tampered_token_is_invalid_token`, `oauth_core::credential::tests::any_changed_character_is_noticed_without_a_store` |
//! | 5.2 | The authorization server implements TLS. | host: TLS, in the service or at its proxy |
//! | 5.2 | TLS gives confidentiality and integrity. | host: the settings of TLS |
//! | 5.2 | A token that the client must not read into is encrypted. | absent: a token is random bytes and carries nothing |
//! | 5.2 | Tokens are not stored in cookies that travel in the clear. | host: the framework sets no cookie; an application that keeps its tokens in one marks it `Secure` |
//! | 5.2 | Behind a proxy that ends TLS, the token stays confidential on the way to the service. | host: the link between proxy and service |
//! | 5.2 | The lifetime of a token is limited. | `conformance::flow::expired_access_token_is_refreshed`, `conformance::flow::token_response_says_how_long_it_lasts` |
//! | 5.2 | Exchanges with the client are confidential. | host: TLS, for the protected resources as well |
//! | 5.3 | Tokens are not stored in cookies that travel in the clear, and such cookies are protected against forged requests. | host: as above |
//!
//! On clients only: the rest of 5.2 and 5.3 (to check certificates, to use TLS, not to leak tokens).
