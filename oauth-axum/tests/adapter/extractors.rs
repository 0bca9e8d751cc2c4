//! The handlers of the documentation, from the first request to the profile.

use axum::Router;
use axum::routing::{get, post};
use http::{Request, StatusCode, header};
use oauth_axum::{AuthorizationError, AuthorizationResponse, ConsentDecision};
use oauth_core::{Authentication, Scope, UserId};

use crate::host::{
    AUTHORIZE, access_token, authorize, decide, host, post_form, press, redeeming, send, server,
    ticket, token, visit,
};

#[tokio::test]
async fn the_whole_way() {
    let host = host();
    let login = visit(&host, AUTHORIZE, "").await;
    let back = login.text().strip_prefix("login, then ").unwrap();
    let page = visit(&host, back, "alice").await;
    let ticket = page.text().strip_prefix("ticket ").unwrap();
    let answer = press(&host, ticket, "alice").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        answer
            .location()
            .starts_with("https://web.example/callback?")
    );
    assert_eq!(answer.parameter("state"), "x%2By");
    assert_eq!(answer.parameter("iss"), "https%3A%2F%2Fauth.example");

    let form = redeeming(answer.parameter("code"));
    let tokens = token(&host, "/token", "web", form.clone()).await;
    assert_eq!(tokens.status, StatusCode::OK);
    assert_eq!(tokens.headers[header::CACHE_CONTROL], "no-store");
    let tokens = tokens.json();
    let read = async |token: &str| {
        let request = Request::get("/api/profile")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(axum::body::Body::empty());
        send(&host, request.unwrap()).await
    };
    let first = tokens["access_token"].as_str().unwrap();
    let profile = read(first).await.json();
    assert_eq!(profile["user"], "alice");
    assert_eq!(profile["client"], "web");
    assert_eq!(profile["scope"], "profile email");

    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    let next = token(&host, "/token", "web", form.clone()).await.json();
    let next = next["access_token"].as_str().unwrap();
    assert_eq!(read(next).await.status, StatusCode::OK);
    // Reuse ends it all, also at the protected route.
    let reused = token(&host, "/token", "web", form).await;
    assert_eq!(reused.status, StatusCode::BAD_REQUEST);
    assert_eq!(reused.json()["error"], "invalid_grant");
    for token in [first, next] {
        assert_eq!(read(token).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn the_next_visit_is_answered_at_once() {
    let host = host();
    access_token(&host).await;
    let answer = visit(&host, AUTHORIZE, "alice").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.parameter("code").starts_with("oac_"));
}

#[tokio::test]
async fn a_post_goes_on_as_a_get() {
    let host = host();
    let (_, query) = AUTHORIZE.split_once('?').unwrap();
    let answer = send(&host, post_form("/authorize", query.to_owned())).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let path = answer.location().strip_prefix("https://auth.example");
    let login = visit(&host, path.unwrap(), "").await;
    assert!(login.text().starts_with("login, then /authorize?"));
}

#[tokio::test]
async fn another_user_s_ticket_is_refused_on_a_page() {
    let host = host();
    let ticket = ticket(&host).await;
    let answer = press(&host, &ticket, "mallory").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(
        answer.headers[header::CONTENT_TYPE],
        "text/html; charset=utf-8"
    );
    assert!(!answer.headers.contains_key(header::LOCATION));
    let answer = press(&host, &ticket, "alice").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_host_may_let_the_user_choose() {
    async fn only_email(
        decision: ConsentDecision,
    ) -> Result<AuthorizationResponse, AuthorizationError> {
        let alice = Authentication::new(UserId::new("alice"), "alice");
        let granted = Scope::parse("email admin").unwrap();
        decision.granting(granted).by(Some(alice)).await
    }
    let server = server();
    let host: Router = Router::new()
        .route("/authorize", get(authorize))
        .route("/consent", post(only_email))
        .merge(oauth_axum::routes(&server))
        .with_state(server);
    let answer = press(&host, &ticket(&host).await, "alice").await;
    let form = redeeming(answer.parameter("code"));
    let tokens = token(&host, "/token", "web", form).await.json();
    assert_eq!(tokens["scope"], "email");
}

#[tokio::test]
async fn the_server_may_be_the_whole_state() {
    let server = server();
    let host: Router = Router::new()
        .route("/authorize", get(authorize).post(authorize))
        .route("/consent", post(decide))
        .merge(oauth_axum::routes(&server))
        .merge(oauth_axum::well_known(&server))
        .with_state(server);
    assert!(access_token(&host).await.starts_with("oat_"));
}

#[tokio::test]
async fn nothing_prints_a_cookie_or_a_ticket() {
    async fn printed(request: oauth_axum::AuthorizationRequest) -> String {
        format!("{request:?}")
    }
    async fn printed_decision(decision: ConsentDecision) -> String {
        format!("{decision:?}")
    }
    let host: Router = Router::new()
        .route("/authorize", get(printed))
        .route("/consent", post(printed_decision))
        .with_state(server());
    let answer = visit(&host, AUTHORIZE, "user-of-the-cookie").await;
    assert!(answer.text().starts_with("AuthorizationRequest"));
    assert!(!answer.text().contains("user-of-the-cookie"));
    let answer = press(&host, "oct_ticket", "user-of-the-cookie").await;
    assert!(answer.text().starts_with("ConsentDecision"));
    assert!(!answer.text().contains("user-of-the-cookie"));
    assert!(!answer.text().contains("oct_ticket"));
}

#[tokio::test]
async fn an_error_keeps_its_reason_for_the_host() {
    async fn why(request: oauth_axum::AuthorizationRequest) -> String {
        let error = request.evaluate(None).await.unwrap_err().into_inner();
        error.rejection().description().to_owned()
    }
    let host: Router = Router::new()
        .route("/authorize", get(why))
        .with_state(server());
    let answer = visit(&host, "/authorize?client_id=nobody", "").await;
    assert_eq!(answer.text(), "client_id is unknown");
}
