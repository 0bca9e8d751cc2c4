use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig, resource};
use bytes::Bytes;
use oauth_core::AuthorizationServer;

use crate::app_data::Unserved;
use crate::body::{head, read, response};

/// The endpoints that answer programs, at the paths of the server's
/// [`Paths`](oauth_core::Paths): the token endpoint.
///
/// A server whose issuer has a path is nested there:
/// `web::scope("/tenant").configure(routes(&server))`. No default service is set, so the host keeps
/// its own.
pub fn routes(server: &AuthorizationServer) -> impl FnOnce(&mut ServiceConfig) + Clone + use<> {
    let token = server.clone();
    move |config| {
        let path = token.token_path().to_owned();
        let handler = move |request: HttpRequest, body: Payload| {
            let token = token.clone();
            async move {
                let request = read(&request, body.into_inner()).await?;
                Ok::<_, Unserved>(response(token.token(&request).await))
            }
        };
        config.service(resource(path).to(handler));
    }
}

/// The documents below `/.well-known`: the metadata (RFC 8414). Configured at the root of the host,
/// also when the issuer has a path, and before a scope that could take the path.
pub fn well_known(server: &AuthorizationServer) -> impl FnOnce(&mut ServiceConfig) + Clone + use<> {
    let metadata = server.clone();
    move |config| {
        let path = metadata.metadata_path();
        let handler = move |request: HttpRequest| {
            let metadata = metadata.clone();
            async move {
                let request = http::Request::from_parts(head(&request)?, Bytes::new());
                Ok::<_, Unserved>(response(metadata.metadata(&request)))
            }
        };
        config.service(resource(path).to(handler));
    }
}
