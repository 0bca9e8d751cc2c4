//! [RFC 9470](https://www.rfc-editor.org/rfc/rfc9470), step-up authentication.
//!
//! A protected resource may want more than a token: a user who signed in with two factors, or within the last
//! five minutes. It says so in its challenge, and the client begins anew with `acr_values` or `max_age`.
//!
//! The RFC says nothing with MUST about protocol messages but for what it takes from OpenID Connect; the rows
//! hold what it recommends as well, since nothing works without.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 3 | The challenge has `insufficient_user_authentication`, with `acr_values` and `max_age` where they are required. | `oauth_core::bearer::tests::a_sign_in_must_be_recent_and_of_the_right_class` |
//! | 3 | `max_age` is a number that is not negative. | `oauth_core::bearer::tests::a_sign_in_must_be_recent_and_of_the_right_class` |
//! | 5 | With `max_age`, the time of the sign-in is told (OpenID Connect Core section 3.1.2.1). | `conformance::introspection::client_sees_its_own_access_token`, `oauth_core::endpoint::introspection::tests::a_sign_in_is_told_with_its_class` |
//! | 5 | With `acr_values`, a token has one of the classes, or the request fails with `unmet_authentication_requirements`. | `oauth_core::authorization::tests::acr_values::one_of_the_classes_will_do`, `oauth_core::authorization::tests::acr_values::a_login_in_vain_is_the_last`, `oauth_core::authorization::tests::acr_values::what_nobody_can_meet_is_refused` host: it reports the class with `Authentication::acr`; one that names no classes ignores `acr_values` |
//! | 6.2 | Introspection tells `acr` and `auth_time`, and a refresh changes neither. | `oauth_core::endpoint::introspection::tests::a_sign_in_is_told_with_its_class` |
//! | 7 | `acr_values_supported` is in the metadata only where `acr_values` and `max_age` are honoured. | `oauth_core::server::tests::metadata::acr_values_are_listed_where_they_are_honoured`, `conformance::metadata::lists_nothing_that_is_switched_off` |
//! | 9 | OAuth is not positioned as an authentication protocol. | absent: there are no ID tokens, and nobody is signed in by an access token |
//!
//! On clients only: 4.
