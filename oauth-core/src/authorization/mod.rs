//! The authorization endpoint's rules: what a request may ask, who must be asked, what goes back
//! ([RFC 6749 section 4.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1)).
//!
//! Two layers. [`AuthorizationServer::authorize`] validates a request and gives a
//! [`PendingAuthorization`], whose [`evaluate`](PendingAuthorization::evaluate) says what has to
//! happen; the host then calls [`approve`](crate::AuthorizationServer::approve) or
//! [`deny`](crate::AuthorizationServer::deny). On top of it, [`AuthorizationServer::interact`] and
//! [`AuthorizationServer::decide`] do the whole conversation with the browser; the adapters' extractors
//! are made of these two, and so are the endpoints for a host that is a [`ResourceOwner`] and writes no
//! handler.
//!
//! [`AuthorizationServer::authorize`]: crate::AuthorizationServer::authorize
//! [`AuthorizationServer::approve`]: crate::AuthorizationServer::approve
//! [`AuthorizationServer::deny`]: crate::AuthorizationServer::deny
//! [`AuthorizationServer::interact`]: crate::AuthorizationServer::interact
//! [`AuthorizationServer::decide`]: crate::AuthorizationServer::decide

mod authentication;
mod consent;
mod error;
mod interaction;
mod login_page;
mod page;
mod pending;
mod prompt;
mod redirect;
mod request;
mod resource_owner;
mod response;

pub use authentication::Authentication;
pub use consent::{ConsentPrompt, RequestedScope};
pub use error::{AuthorizationError, AuthorizationRejection, RedirectedRejection};
pub use interaction::{Interaction, LoginPrompt};
pub use login_page::{InvalidLoginPage, LoginPage};
pub use page::ErrorPage;
pub use pending::{Evaluation, PendingAuthorization};
pub use resource_owner::ResourceOwner;
pub use response::{AuthorizationResponse, ResponseMode};

pub(crate) use page::{ErrorPageRenderer, page, plain_error_page};
pub(crate) use prompt::SUPPORTED_PROMPTS;

#[cfg(test)]
mod tests;
