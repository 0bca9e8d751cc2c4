//! [RFC 8414](https://www.rfc-editor.org/rfc/rfc8414), authorization server metadata.
//!
//! One JSON document, at an address that follows from the issuer, tells clients where the endpoints are
//! and what is supported. The framework generates it from what is enabled.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 2 | `issuer` is REQUIRED. | `conformance::metadata::issuer_is_the_issuer` |
//! | 2 | The issuer is an `https` URL without query and fragment. | `oauth_core::issuer::tests::refuses_everything_else` departure: `http` on a loopback address is accepted for development, and on other hosts after `danger_insecure_issuer`, which shows in the warnings |
//! | 2 | `authorization_endpoint` is REQUIRED where a grant type uses it. | `conformance::metadata::endpoints_are_under_the_issuer_and_exist` |
//! | 2 | `token_endpoint` is REQUIRED. | `conformance::metadata::endpoints_are_under_the_issuer_and_exist` |
//! | 2 | `jwks_uri` is `https`, and its keys state their use. | absent: there are no signing keys, tokens are opaque |
//! | 2 | `response_types_supported` is REQUIRED. | `conformance::metadata::lists_what_is_enabled` |
//! | 2 | `token_endpoint_auth_signing_alg_values_supported` is there, without `none`, where a method signs assertions. | absent: no built-in method signs assertions; a method of the host's own with the registered name of one is listed without its algorithms |
//! | 2 | The same for the revocation and introspection endpoints. | absent: as for the token endpoint, whose methods these endpoints have |
//! | 2 | Introspection methods that are left out are determined by other means. | `conformance::introspection::metadata_names_it` absent: they are never left out |
//! | 2.1 | Signed metadata has a signature and `iss`, and takes precedence. | absent: the metadata is not signed |
//! | 3 | The document is at the well-known path, inserted between host and path of the issuer. | `conformance::metadata::issuer_is_the_issuer`, `conformance::tenant::metadata_is_at_the_inserted_path` |
//! | 3 | That path uses `https`. | host: TLS, in the service or at its proxy |
//! | 3 | The suffix is registered, and the application states which one it uses. | `conformance::metadata::issuer_is_the_issuer`, `oauth_core::issuer::tests::joins_paths` |
//! | 3.1 | The document is asked for with GET. | `conformance::metadata::issuer_is_the_issuer`, `conformance::metadata::other_methods_are_not_allowed` |
//! | 3.1 | A slash at the end of the issuer is removed before the suffix is inserted. | `oauth_core::issuer::tests::joins_paths` |
//! | 3.2 | The answer is 200 and a JSON object as `application/json`. | `conformance::metadata::issuer_is_the_issuer` |
//! | 3.2 | Lists without elements are left out. | `conformance::metadata::lists_nothing_that_is_switched_off` |
//! | 3.3 | `issuer` is identical to the one the address was made from. | `conformance::metadata::issuer_is_the_issuer`, `conformance::tenant::metadata_is_at_the_inserted_path` |
//! | 4 | Strings are compared code point by code point, without normalization. | `oauth_core::issuer::tests::accepts_https_and_loopback`, `conformance::redirect_uri::percent_encoding_is_not_undone` |
//! | 6.1 | TLS is supported, version 1.2 at least. | host: TLS, in the service or at its proxy |
//! | 6.1 | The ciphers give confidentiality and integrity. | host: the settings of TLS |
//!
//! On clients only: 3.3 (not to use a document with another issuer), 6.1 and 6.2 (to check certificates
//! and the issuer).
