//! Routes that a middleware protects, an API of its own, and the documents about them.

use actix_web::web::{ReqData, get, resource};
use oauth_actix::{RequireToken, UserToken};
use oauth_core::{AuthorizationServer, ProtectedResource, VerifiedToken};

use crate::bearer::ask;
use crate::host::{Host, Profile, builder, routes};

const API: &str = "https://auth.example/api";
const OTHER: &str = "https://other.example/v1";

async fn whose(token: ReqData<VerifiedToken>) -> String {
    token.subject().id().to_owned()
}

async fn elsewhere(user: UserToken<Profile, ProtectedResource>) -> String {
    user.subject().to_string()
}

fn server() -> AuthorizationServer {
    let builder = builder("https://auth.example").resource(OTHER);
    builder.protected_resource(API).build().unwrap()
}

async fn host(server: &AuthorizationServer) -> Host {
    let guard = RequireToken::<Profile, _>::new(server.clone());
    Host::start(|config| {
        routes(config, server);
        config
            .service(
                resource("/anybody")
                    .wrap(guard.clone())
                    .route(get().to(whose)),
            )
            .service(
                resource("/users")
                    .wrap(guard.of_user())
                    .route(get().to(whose)),
            )
            .configure(oauth_actix::well_known(server));
    })
    .await
}

/// Client credentials of `job` for this resource, if any.
async fn job_token(host: &Host, resource: &str) -> String {
    let form = format!("grant_type=client_credentials&resource={resource}");
    let answer = host.token("/token", "job", form).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_middleware_admits_what_its_requirement_covers() {
    let host = host(&server()).await;
    let alice = host.access_token().await;
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
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("scope=\"profile\""), "{challenge}");
        assert!(challenge.contains(
            "resource_metadata=\"https://auth.example/.well-known/oauth-protected-resource/api\""
        ));
    }
}

#[tokio::test]
async fn a_token_for_another_resource_opens_nothing_here() {
    let server = server();
    let host = host(&server).await;
    let verifier = ProtectedResource::new(OTHER, server.clone()).unwrap();
    let other = Host::start(|config| {
        config.app_data(verifier.clone()).service(
            resource("/elsewhere")
                .wrap(RequireToken::<Profile, _>::new(verifier))
                .route(get().to(elsewhere)),
        );
    })
    .await;
    let here = job_token(&host, API).await;
    let there = job_token(&host, OTHER).await;
    assert_eq!(ask(&host, "/anybody", &here).await.status, 200);
    assert_eq!(ask(&host, "/anybody", &there).await.status, 401);
    assert_eq!(ask(&other, "/elsewhere", &here).await.status, 401);
    // The right resource, but no user.
    assert_eq!(ask(&other, "/elsewhere", &there).await.status, 403);
    let alice = host.access_token().await;
    assert_eq!(ask(&other, "/elsewhere", &alice).await.text(), "alice");
}

#[tokio::test]
async fn the_metadata_is_at_the_well_known_place() {
    let server = server();
    let host = host(&server).await;
    let answer = ask(&host, "/.well-known/oauth-protected-resource/api", "").await;
    assert_eq!(answer.json()["resource"], API);
    let resource = ProtectedResource::new(OTHER, server).unwrap();
    let api = Host::start(|config| {
        config.configure(oauth_actix::protected_resource_metadata(&resource));
    });
    let api = api.await;
    let answer = ask(&api, "/.well-known/oauth-protected-resource/v1", "").await;
    assert_eq!(answer.json()["resource"], OTHER);
}

#[tokio::test]
async fn tokens_are_revoked_and_introspected() {
    let host = host(&server()).await;
    let access_token = host.access_token().await;
    let form = || format!("token={access_token}");
    let answer = host.token("/introspect", "web", form()).await;
    assert_eq!(answer.json()["active"], true);
    assert_eq!(host.token("/revoke", "web", form()).await.status, 200);
    let answer = host.token("/introspect", "web", form()).await;
    assert_eq!(answer.json()["active"], false);
}
