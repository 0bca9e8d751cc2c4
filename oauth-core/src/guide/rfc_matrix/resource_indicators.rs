//! [RFC 8707](https://www.rfc-editor.org/rfc/rfc8707), resource indicators.
//!
//! A client says with `resource` which API it wants a token for. The token is then worth nothing elsewhere, so
//! that one API cannot use at another what it was shown.
//!
//! The RFC says little with MUST; most of it is left to the authorization server. What this one does is
//! tested in `conformance::resource_indicators` and `oauth_core::grant::tests::resource`: it accepts the
//! resources that it was built with, a grant is for what the authorization request named, a token for these or
//! fewer, and a request that names none is for all. A consent is remembered for the resources that it was given
//! for (`oauth_core::authorization::tests::remembered`). A resource that the server no longer names is in no new
//! token.
//!
//! | section | requirement | shown by |
//! |---|---|---|
//! | 2 | `resource` is an absolute URI. | `conformance::resource_indicators::malformed_resource_is_invalid_target`, `oauth_core::resource::tests::refuses_what_is_no_absolute_uri` |
//! | 2 | It has no fragment. | `conformance::resource_indicators::malformed_resource_is_invalid_target`, `oauth_core::resource::tests::refuses_what_is_no_absolute_uri` |
//! | 2.2 | The scope of a token is told when it is not what was asked for (RFC 6749 section 5.1). | `oauth_core::grant::tests::resource::scope_and_audience_are_narrowed_together`, `conformance::flow::narrow_scope_is_granted_narrowly` |
//!
//! On clients only: nothing with MUST.
