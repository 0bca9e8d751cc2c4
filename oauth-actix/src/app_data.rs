use actix_web::error::ErrorInternalServerError;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest};
use oauth_core::AuthorizationServer;

/// The server that the host put into its `app_data`. actix-web cannot check that when it compiles, so
/// a forgotten one answers 500, with the reason in the log.
pub(crate) fn server(request: &HttpRequest) -> Result<AuthorizationServer, Error> {
    request
        .app_data::<AuthorizationServer>()
        .or_else(|| request.app_data::<Data<AuthorizationServer>>().map(|data| &***data))
        .cloned()
        .ok_or_else(|| {
            tracing::error!(
                path = request.path(),
                "no AuthorizationServer in app_data: call .app_data(server.clone()) on the App or scope"
            );
            ErrorInternalServerError("the server is misconfigured")
        })
}
