use async_trait::async_trait;
use http::request::Parts;

use super::authentication::Authentication;
use super::consent::ConsentPrompt;
use super::interaction::LoginPrompt;
use super::login_page::LoginPage;
use crate::error::StoreError;

/// The three things that a host says about the resource owner (RFC 6749 section 1.1), when it leaves the
/// authorization endpoint and the consent endpoint to the framework: who is signed in, where one signs in,
/// and what the question looks like.
///
/// The adapters mount both endpoints and the token endpoint with `routes_with`; without an adapter they
/// are [`authorization_endpoint`](crate::AuthorizationServer::authorization_endpoint) and
/// [`consent_endpoint`](crate::AuthorizationServer::consent_endpoint). A host that wants handlers of its
/// own does without this trait and uses [`interact`](crate::AuthorizationServer::interact) and
/// [`decide`](crate::AuthorizationServer::decide).
///
/// A whole implementation:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::RwLock;
///
/// use async_trait::async_trait;
/// use http::header::COOKIE;
/// use http::request::Parts;
/// use oauth_core::{
///     Authentication, ConsentPrompt, InvalidLoginPage, LoginPage, LoginPrompt, ResourceOwner,
///     StoreError, UserId,
/// };
/// use time::OffsetDateTime;
///
/// /// Who is signed in, by the identifier of the session in the cookie. The login page writes it.
/// struct Visitors {
///     sessions: RwLock<HashMap<String, (UserId, OffsetDateTime)>>,
///     login_page: LoginPage,
/// }
///
/// impl Visitors {
///     fn new() -> Result<Self, InvalidLoginPage> {
///         let login_page = LoginPage::at("/login", "return_to")?;
///         Ok(Self { sessions: RwLock::default(), login_page })
///     }
/// }
///
/// #[async_trait]
/// impl ResourceOwner for Visitors {
///     async fn authentication(
///         &self,
///         request: &Parts,
///     ) -> Result<Option<Authentication>, StoreError> {
///         let cookies = request.headers.get_all(COOKIE).into_iter();
///         let mut cookies = cookies.flat_map(|line| line.to_str().unwrap_or_default().split("; "));
///         let Some(id) = cookies.find_map(|cookie| cookie.strip_prefix("session=")) else {
///             return Ok(None);
///         };
///         let sessions = self.sessions.read().map_err(|_| StoreError::permanent("poisoned"))?;
///         Ok(sessions.get(id).map(|(user, signed_in_at)| {
///             Authentication::new(user.clone(), id).auth_time(*signed_in_at)
///         }))
///     }
///
///     fn login_page(&self, _: &Parts, _: &LoginPrompt) -> &LoginPage {
///         &self.login_page
///     }
///
///     async fn consent_page(
///         &self,
///         _: &Parts,
///         prompt: &ConsentPrompt,
///     ) -> Result<String, StoreError> {
///         let scopes = prompt.scopes().iter();
///         let scopes: String =
///             scopes.map(|scope| format!("<li>{}</li>", escape(scope.description()))).collect();
///         Ok(format!(
///             "<!doctype html><html lang=en><title>Allow access?</title>\
///              <h1>Allow {} to use your account?</h1>\
///              <p>You are {}. Your answer goes to {}.</p><ul>{scopes}</ul>\
///              <form method=post action=\"{}\">\
///              <input type=hidden name=ticket value=\"{}\">\
///              <button name=decision value=allow>Allow</button>\
///              <button name=decision value=deny>Deny</button></form></html>",
///             escape(prompt.client_name()),
///             escape(prompt.user().as_str()),
///             escape(prompt.redirect_host()),
///             escape(prompt.action()),
///             escape(prompt.ticket()),
///         ))
///     }
/// }
///
/// /// A template engine does this for every value. Names come from whoever registered the client.
/// fn escape(text: &str) -> String {
///     text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
/// }
/// # Visitors::new()?;
/// # Ok::<(), InvalidLoginPage>(())
/// ```
#[async_trait]
pub trait ResourceOwner: Send + Sync + 'static {
    /// Who is signed in at the browser that sent this request. It is asked once for each request to either
    /// endpoint.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the sessions cannot be looked up; the human sees a page with 503 or 500.
    async fn authentication(&self, request: &Parts) -> Result<Option<Authentication>, StoreError>;

    /// The page to sign in at. It comes from the owner itself, not from the request: a host with several
    /// pages keeps them all and chooses one.
    ///
    /// After the login the page sends the browser to the place in its `return_to` parameter, if
    /// [`is_return_url`](crate::AuthorizationServer::is_return_url) says that it is one.
    fn login_page<'a>(&'a self, request: &Parts, login: &LoginPrompt) -> &'a LoginPage;

    /// The page that asks for consent, a whole HTML document. Its form posts `ticket` and `decision`
    /// (`allow` or `deny`) to [`ConsentPrompt::action`].
    ///
    /// It is sent with a policy that allows styles and images of the same origin and no script. The name
    /// of the client is whatever was registered: escape it, as every other text.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the page cannot be made; the human sees a page with 503 or 500.
    async fn consent_page(
        &self,
        request: &Parts,
        prompt: &ConsentPrompt,
    ) -> Result<String, StoreError>;
}
