//! [RFC 9728](https://www.rfc-editor.org/rfc/rfc9728), protected resource metadata.
//!
//! One JSON document, at an address that follows from the resource's identifier and that each challenge names,
//! tells clients which authorization server gives tokens for an API.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 1.2 | The identifier is an `https` URL without a fragment. | `oauth_core::bearer::tests::a_description_that_is_wrong_is_refused_as_a_whole` departure: `http` on a loopback address is accepted for development, and a query is not |
//! | 2 | `resource` is REQUIRED. | `conformance::protected_resource::document_describes_the_api`, `oauth_core::bearer::tests::what_is_not_said_is_left_out` |
//! | 2 | `jwks_uri` is `https`, and its keys state their use. | absent: responses are not signed, and nothing is encrypted for the resource |
//! | 2 | `resource_signing_alg_values_supported` is without `none`. | absent: responses are not signed |
//! | 2.1 | A text without a language is used as it is, without assumptions. | `oauth_core::bearer::tests::metadata_says_what_is_described` |
//! | 2.2 | Signed metadata has a signature and `iss`, and takes precedence. | absent: the metadata is not signed |
//! | 3 | The document is at the well-known path, inserted between host and path of the identifier. | `conformance::protected_resource::document_is_at_the_inserted_path`, `conformance::protected_resource::document_describes_the_api`, `oauth_core::bearer::tests::metadata_says_what_is_described` |
//! | 3 | The suffix is registered, and the application states which one it uses. | `conformance::protected_resource::every_challenge_names_the_document` |
//! | 3.1 | The document is asked for with GET. | `conformance::protected_resource::document_describes_the_api`, `conformance::protected_resource::other_methods_are_not_allowed` |
//! | 3.1 | A slash that ends the host is removed before the suffix is inserted. | `oauth_core::bearer::tests::a_description_that_is_wrong_is_refused_as_a_whole` |
//! | 3.2 | The answer is 200 and a JSON object as `application/json`. | `conformance::protected_resource::document_describes_the_api` |
//! | 3.2 | Members without a value are left out. | `conformance::protected_resource::document_has_no_empty_member`, `oauth_core::bearer::tests::what_is_not_said_is_left_out` |
//! | 3.3 | `resource` is identical to the identifier that the address was made from. | `conformance::protected_resource::document_describes_the_api`, `conformance::protected_resource::document_is_at_the_inserted_path` |
//! | 3.3 | `resource` is identical to the URL of the request that was refused. | `conformance::protected_resource::challenge_leads_a_stranger_to_a_token` departure: one identifier stands for an API with several addresses below it, as RFC 8707 section 2 recommends; a client that insists gives an API an identifier for each address |
//! | 6 | Strings are compared code point by code point, without normalization. | `conformance::resource_indicators::resource_is_compared_normalized_and_kept_as_given` absent: no document of somebody else's is read; the parameter `resource` is compared as RFC 3986 section 6.2 allows |
//! | 7.1 | TLS is supported, as BCP 195 has it. | host: TLS, in the service or at its proxy |
//!
//! On clients only: 3.2 (to ignore what they do not know), 3.3 (not to use a document with another
//! identifier, to check the signature of signed metadata), 7.3 (to check certificates and the identifier).
