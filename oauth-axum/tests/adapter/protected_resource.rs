//! Routes that a layer protects, an API of its own, and the documents about them.

use axum::extract::FromRef;
use axum::routing::get;
use axum::{Extension, Router};
use http::header;
use oauth_axum::{RequireToken, UserToken};
use oauth_core::{AuthorizationServer, ProtectedResource, VerifiedToken};

use crate::bearer::ask;
use crate::host::{Profile, access_token, builder, routes, token, with_state};

const API: &str = "https://auth.example/api";
const OTHER: &str = "https://other.example/v1";

/// What an API in its own process has for its state.
#[derive(Clone)]
struct Api(ProtectedResource);

impl FromRef<Api> for ProtectedResource {
    fn from_ref(api: &Api) -> Self {
        api.0.clone()
    }
}

async fn whose(Extension(token): Extension<VerifiedToken>) -> String {
    token.subject().id().to_owned()
}

async fn elsewhere(user: UserToken<Profile, ProtectedResource>) -> String {
    user.subject().to_string()
}

fn server() -> AuthorizationServer {
    let builder = builder("https://auth.example").resource(OTHER);
    builder.protected_resource(API).build().unwrap()
}

fn host(server: &AuthorizationServer) -> Router {
    let guard = RequireToken::<Profile, _>::new(server.clone());
    let anybody = Router::new()
        .route("/anybody", get(whose))
        .route_layer(guard.clone());
    let users = Router::new()
        .route("/users", get(whose))
        .route_layer(guard.of_user());
    let router = routes(server)
        .merge(anybody)
        .merge(users)
        .merge(oauth_axum::well_known(server));
    with_state(server, router)
}

/// Client credentials of `job` for this resource, if any.
async fn job_token(host: &Router, resource: &str) -> String {
    let form = format!("grant_type=client_credentials&resource={resource}");
    let answer = token(host, "/token", "job", form).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_layer_admits_what_its_requirement_covers() {
    let host = host(&server());
    let alice = access_token(&host).await;
    let job = job_token(&host, "").await;
    assert_eq!(ask(&host, "/anybody", &alice).await.text(), "alice");
    assert_eq!(ask(&host, "/anybody", &job).await.text(), "job");
    assert_eq!(ask(&host, "/users", &alice).await.text(), "alice");
    for (uri, token, status) in [
        ("/users", job.as_str(), 403),
        ("/anybody", "", 401),
        ("/anybody", "unknown", 401),
    ] {
        let answer = ask(&host, uri, token).await;
        assert_eq!(answer.status, status);
        let challenge = answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert!(challenge.contains("scope=\"profile\""), "{challenge}");
        assert!(challenge.contains(
            "resource_metadata=\"https://auth.example/.well-known/oauth-protected-resource/api\""
        ));
    }
    // What is not there is not protected either.
    assert_eq!(ask(&host, "/nowhere", "").await.status, 404);
}

#[tokio::test]
async fn a_token_for_another_resource_opens_nothing_here() {
    let server = server();
    let host = host(&server);
    let verifier = ProtectedResource::new(OTHER, server.clone()).unwrap();
    let other = Router::new()
        .route("/elsewhere", get(elsewhere))
        .route_layer(RequireToken::<Profile, _>::new(verifier.clone()))
        .with_state(Api(verifier));
    let here = job_token(&host, API).await;
    let there = job_token(&host, OTHER).await;
    assert_eq!(ask(&host, "/anybody", &here).await.status, 200);
    assert_eq!(ask(&host, "/anybody", &there).await.status, 401);
    assert_eq!(ask(&other, "/elsewhere", &here).await.status, 401);
    // The right resource, but no user.
    assert_eq!(ask(&other, "/elsewhere", &there).await.status, 403);
    let alice = access_token(&host).await;
    assert_eq!(ask(&other, "/elsewhere", &alice).await.text(), "alice");
}

#[tokio::test]
async fn the_metadata_is_at_the_well_known_place() {
    let server = server();
    let host = host(&server);
    let answer = ask(&host, "/.well-known/oauth-protected-resource/api", "").await;
    assert_eq!(answer.json()["resource"], API);
    let resource = ProtectedResource::new(OTHER, server).unwrap();
    let api: Router = oauth_axum::protected_resource_metadata(&resource);
    let answer = ask(&api, "/.well-known/oauth-protected-resource/v1", "").await;
    assert_eq!(answer.json()["resource"], OTHER);
}

#[tokio::test]
async fn tokens_are_revoked_and_introspected() {
    let host = host(&server());
    let access_token = access_token(&host).await;
    let form = || format!("token={access_token}");
    let answer = token(&host, "/introspect", "web", form()).await;
    assert_eq!(answer.json()["active"], true);
    assert_eq!(token(&host, "/revoke", "web", form()).await.status, 200);
    let answer = token(&host, "/introspect", "web", form()).await;
    assert_eq!(answer.json()["active"], false);
}
