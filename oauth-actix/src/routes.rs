use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig, resource};
use bytes::Bytes;
use http::Extensions;
use oauth_core::{AuthorizationServer, ProtectedResource, ResourceOwner};

use crate::app_data::Unserved;
use crate::body::{head, read, response};

/// The endpoints that answer programs, at the paths of the server's
/// [`Paths`](oauth_core::Paths): token, revocation and introspection endpoint.
///
/// A server whose issuer has a path is nested there:
/// `web::scope("/tenant").configure(routes(&server))`. No default service is set, so the host keeps
/// its own.
pub fn routes(
    server: &AuthorizationServer,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + use<> {
    let server = server.clone();
    move |config| {
        for endpoint in server.program_endpoints() {
            let path = server.program_endpoint_path(endpoint).to_owned();
            // actix-web clones the handler for each request, and the handler its server. At the count of an `Arc` the
            // workers would wait for each other; pages for people are too few for that to matter.
            let serving = Rc::new(server.clone());
            let handler = move |request: HttpRequest, body: Payload| {
                let serving = Rc::clone(&serving);
                async move {
                    let request = read(&request, body.into_inner()).await?;
                    Ok::<_, Unserved>(response(serving.program_endpoint(endpoint, &request).await))
                }
            };
            config.service(resource(path).to(handler));
        }
    }
}

/// The authorization endpoint, the consent endpoint and those of [`routes`], for a host that writes no
/// handler: `owner` says who is signed in, where one signs in and how the question looks.
///
/// The owner sees method, URI and headers of each request. Call this once, outside of the closure that
/// makes the application, and clone what it gives into it, so that all workers share the owner.
pub fn routes_with<O: ResourceOwner>(
    server: &AuthorizationServer,
    owner: O,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + use<O> {
    routes_with_extensions(server, owner, |_, _| {})
}

/// As [`routes_with`], for an owner that needs more than the headers: `extend` puts what the host's
/// middleware has found out about the request (a session, for example) into the extensions that the
/// owner sees. actix-web's own request cannot be given to it, since it does not leave its thread.
pub fn routes_with_extensions<O, E>(
    server: &AuthorizationServer,
    owner: O,
    extend: E,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + use<O, E>
where
    O: ResourceOwner,
    E: Fn(&HttpRequest, &mut Extensions) + Send + Sync + 'static,
{
    let host = (server.clone(), Arc::new(owner), Arc::new(extend));
    let others = routes(server);
    move |config| {
        let paths = [host.0.authorization_path(), host.0.consent_path()].map(str::to_owned);
        let [authorization_path, consent_path] = paths;
        let deciding = host.clone();
        let authorize = move |request: HttpRequest, body: Payload| {
            let (server, owner, extend) = host.clone();
            async move {
                let mut received = read(&request, body.into_inner()).await?;
                extend(&request, received.extensions_mut());
                let answer = server.authorization_endpoint(&*owner, received).await;
                Ok::<_, Unserved>(response(answer))
            }
        };
        let decide = move |request: HttpRequest, body: Payload| {
            let (server, owner, extend) = deciding.clone();
            async move {
                let mut received = read(&request, body.into_inner()).await?;
                extend(&request, received.extensions_mut());
                let answer = server.consent_endpoint(&*owner, received).await;
                Ok::<_, Unserved>(response(answer))
            }
        };
        config
            .service(resource(authorization_path).to(authorize))
            .service(resource(consent_path).to(decide))
            .configure(others);
    }
}

/// The documents below `/.well-known`: the metadata of the server (RFC 8414) and of the API beside it (RFC
/// 9728). Configured at the root of the host, also when the issuer has a path, and before a scope that
/// could take the path.
pub fn well_known(
    server: &AuthorizationServer,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + use<> {
    let server = server.clone();
    move |config| {
        if let Some(path) = server.protected_resource_metadata_path() {
            let metadata = server.clone();
            let answer = move |request: &_| metadata.protected_resource_metadata(request);
            document(config, path, answer);
        }
        let path = server.metadata_path();
        document(config, &path, move |request: &_| server.metadata(request));
    }
}

/// The metadata of an API in its own process (RFC 9728). Configured at the root of the host, also when the
/// resource's identifier has a path.
pub fn protected_resource_metadata(
    resource: &ProtectedResource,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + use<> {
    let metadata = resource.clone();
    move |config| {
        let path = metadata.metadata_path().to_owned();
        document(config, &path, move |request: &_| metadata.metadata(request));
    }
}

fn document<F>(config: &mut ServiceConfig, path: &str, answer: F)
where
    F: Fn(&http::Request<Bytes>) -> http::Response<Bytes> + Clone + 'static,
{
    let handler = move |request: HttpRequest| {
        let answer = answer.clone();
        async move {
            let request = http::Request::from_parts(head(&request)?, Bytes::new());
            Ok::<_, Unserved>(response(answer(&request)))
        }
    };
    config.service(resource(path).to(handler));
}
