use std::fmt;

use actix_web::web::Data;
use actix_web::{HttpRequest, ResponseError};
use oauth_core::AuthorizationServer;

/// The server cannot be asked. The reason is in the log; the response is a bare 500.
#[derive(Debug)]
pub(crate) struct Unserved;

impl fmt::Display for Unserved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the server failed")
    }
}

impl ResponseError for Unserved {}

/// The server that the host put into its `app_data`. actix-web cannot check that when it compiles, so
/// a forgotten one is found here.
pub(crate) fn server(request: &HttpRequest) -> Result<AuthorizationServer, Unserved> {
    request
        .app_data::<AuthorizationServer>()
        .or_else(|| {
            request
                .app_data::<Data<AuthorizationServer>>()
                .map(|data| &***data)
        })
        .cloned()
        .ok_or_else(|| {
            tracing::error!(
                path = request.path(),
                "no AuthorizationServer in app_data: call .app_data(server.clone()) on the App or scope"
            );
            Unserved
        })
}
