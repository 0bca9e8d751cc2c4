//! [RFC 7662](https://www.rfc-editor.org/rfc/rfc7662), token introspection.
//!
//! An API in a process of its own asks the authorization server what a token is worth. So does a client that
//! wants to know it of its own tokens.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 2 | The endpoint is protected by TLS. | host: TLS, in the service or at its proxy |
//! | 2.1 | `token` is REQUIRED. | `conformance::token_status_request::missing_token_is_invalid_request`, `conformance::token_status_request::repeated_parameters_are_invalid_request` |
//! | 2.1 | Where the hint does not lead to the token, all kinds are searched. | `conformance::introspection::hint_makes_no_difference` |
//! | 2.1 | Access to the endpoint needs authorization. | `conformance::introspection::only_authenticated_clients_may_ask`, `oauth_core::endpoint::introspection::tests::only_clients_that_authenticate_may_ask` |
//! | 2.2 | `active` is REQUIRED, a boolean. | `conformance::introspection::client_sees_its_own_access_token`, `conformance::introspection::unknown_token_is_inactive` |
//! | 2.2 | Names of members that are used across domains are registered. | `oauth_core::endpoint::introspection::tests::a_client_sees_its_own_tokens` host: the names that its `IntrospectionClaims` adds; `subject_kind` is a name of this service's own, the others are registered |
//! | 2.2 | A token that is not active, unknown, or not for who asks, is `{"active": false}`. | `conformance::introspection::unknown_token_is_inactive`, `conformance::introspection::nobody_else_sees_anything`, `conformance::introspection::resource_server_sees_no_refresh_tokens`, `conformance::introspection::code_is_no_token` |
//! | 2.3 | That is no error. | `conformance::introspection::unknown_token_is_inactive`, `conformance::introspection::nobody_else_sees_anything` |
//! | 4 | All checks that apply are made. | `conformance::introspection::replayed_code_leaves_inactive_tokens`, `conformance::introspection::disconnected_tokens_are_inactive`, `conformance::introspection::spent_refresh_token_is_inactive`, `oauth_core::endpoint::introspection::tests::a_failing_store_is_never_taken_for_inactive` |
//! | 4 | Whether the token has expired. | `conformance::introspection::expired_access_token_is_inactive` |
//! | 4 | Whether its time has begun. | absent: a token counts from the moment it is issued |
//! | 4 | Whether it was revoked. | `conformance::introspection::revoked_tokens_are_inactive`, `conformance::several_processes::a_token_revoked_at_one_is_worth_nothing_at_the_other` |
//! | 4 | Whether its signature is valid. | `conformance::bearer::tampered_token_is_invalid_token` absent: tokens are not signed, they are random and looked up |
//! | 4 | Whether it can be used at the resource server that asks. | `conformance::resource_indicators::resource_server_sees_tokens_for_its_resources_only`, `conformance::resource_indicators::resource_server_of_several_sees_a_token_for_any_of_them` |
//! | 4 | Protected resources authenticate. | `conformance::introspection::only_authenticated_clients_may_ask`, `conformance::configuration::resource_server_needs_a_secret` |
//! | 4 | TLS 1.2 is supported. | host: TLS, in the service or at its proxy |
//! | 4 | A protected resource checks the server's certificate. | `remote::tls::a_server_with_a_certificate_of_its_own_is_not_believed` |
//! | 4 | The trade-offs of caching are considered. | `remote::cache::an_active_token_is_asked_about_once_in_its_time`, `remote::cache::zero_remembers_nothing`, `remote::cache::an_inactive_token_is_asked_about_once_in_a_shorter_time` host: the `max_age` of its `RemoteVerifier`; `guide::protected_resources` has a table of what it costs |
//! | 4 | An answer is not kept beyond its `exp`. | `remote::cache::nothing_is_remembered_past_its_expiry`, `conformance::introspection::client_sees_its_own_access_token` |
//! | 5 | What identifies a user is not disclosed to unintended parties. | `conformance::introspection::nobody_else_sees_anything`, `conformance::introspection::no_other_origin_may_read_it`, `oauth_core::endpoint::introspection::tests::a_hook_adds_claims_and_replaces_none` host: identifiers of users that say nothing, and what its `IntrospectionClaims` adds for whom |
//!
//! What is required of a resource server is tested with `oauth-introspection`.
