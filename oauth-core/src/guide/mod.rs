//! The guide: pages to read, from the first line of code to the service on several machines.
//!
//! | page | for whom |
//! |---|---|
//! | [`embedding`] | You know axum or actix-web and not OAuth, and want it in your service. Begin here. |
//! | [`threats`] | You want to know what is defended against, and what is left to you. |
//! | [`protected_resources`] | You have an API that tokens shall open, here or in another process. |
//! | [`writing_a_store`] | Your grants shall live in your own database. |
//! | [`custom_stores`] | You want to see two such stores explained line by line. |
//! | [`custom_grants`] | You need a grant type of your own. |
//! | [`deployment`] | The service goes behind a proxy, or onto several machines. |
//! | [`operations`] | You want to see what happens, count it, end grants, and slow down who guesses. |
//! | [`rfc_matrix`] | You want to know whether a sentence of a specification is kept, and which test shows it. |
//! | [`migration_from_oxide_auth`] | You come from `oxide-auth`. |
//!
//! The pages of the adapters, `oauth_axum::guide` and `oauth_actix::guide`, show the code of one whole
//! app each: with axum-login, and with actix-session.

pub mod custom_grants;
pub mod custom_stores;
pub mod deployment;
pub mod embedding;
pub mod migration_from_oxide_auth;
pub mod operations;
pub mod protected_resources;
pub mod rfc_matrix;
pub mod threats;
pub mod writing_a_store;
