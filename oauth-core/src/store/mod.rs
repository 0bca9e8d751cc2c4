//! Stores: one trait for each consistency boundary.
//!
//! | trait | holds |
//! |---|---|
//! | [`ClientStore`] | registered clients |
//! | [`GrantStore`] | grants and every credential under them |
//! | [`RequestStore`] | consent tickets |
//! | [`ConsentStore`] | remembered consents |
//! | [`GrantDirectory`] | optional: a subject's grants, for an account page, and all grants, for the operator |
//!
//! A store sees digests only, never a code or token. Moments are passed in; a store that asks the
//! machine for the time is wrong. They come in whole microseconds, from 1970 to 9999, and a store keeps
//! them so. Identifiers are made by the core. Losing a race, "spent" and "not found" are values of the
//! verbs; [`StoreError`](crate::StoreError) is for infrastructure. Any future may be dropped at any await:
//! each verb has then happened as a whole or not at all.
//!
//! The crate `oauth-testkit` has the contracts as tests that any store can run.
//!
//! [`memory`] has all of them in memory.

mod client;
mod consent;
mod decision;
mod directory;
mod exchange;
mod grant;
pub mod memory;
mod payload;
mod remembered;
mod request;

pub use client::ClientStore;
pub use consent::{Consent, ConsentStore};
pub use decision::{Decided, Decision};
pub use directory::{GrantCursor, GrantDirectory, GrantPage, ListedGrant};
pub use exchange::{Exchange, ExchangeEffect, ExchangeId, Exchanged, Spend};
pub use grant::{Credential, Found, Grant, GrantStore, Target};
pub use payload::{InvalidPayload, Payload};
pub use request::{ParkedRequest, RequestStore};

pub(crate) use payload::{
    AccessTokenPayload, AuthorizationCodePayload, Content, GrantPayload, ParkedAuthorization,
    RefreshTokenPayload,
};
pub(crate) use remembered::{RememberedConsents, recorded};
