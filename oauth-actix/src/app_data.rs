use std::any::type_name;
use std::fmt;

use actix_web::web::Data;
use actix_web::{HttpRequest, ResponseError};

/// The server cannot be asked. The reason is in the log; the response is a bare 500.
#[derive(Debug)]
pub(crate) struct Unserved;

impl fmt::Display for Unserved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the server failed")
    }
}

impl ResponseError for Unserved {}

/// What the host put into its `app_data`. actix-web cannot check that when it compiles, so a forgotten
/// one is found here.
pub(crate) fn shared<T: Clone + 'static>(request: &HttpRequest) -> Result<T, Unserved> {
    let plain = request.app_data::<T>();
    let shared = plain.or_else(|| request.app_data::<Data<T>>().map(|data| &***data));
    shared.cloned().ok_or_else(|| {
        let missing = type_name::<T>().rsplit("::").next().unwrap_or_default();
        tracing::error!(
            path = request.path(),
            "no {missing} in app_data: call .app_data with a clone of it on the App or scope"
        );
        Unserved
    })
}
