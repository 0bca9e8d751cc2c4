//! The handlers of the documentation, from the first request to the profile.

use actix_web::test::TestRequest;
use actix_web::web::{Data, get, post};
use oauth_actix::{
    AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision,
};
use oauth_core::{Authentication, Scope, UserId};

use crate::host::{AUTHORIZE, Host, authorize, decide, host, post_form, redeeming, server};

#[tokio::test]
async fn the_whole_way() {
    let host = host().await;
    let login = host.visit(AUTHORIZE, "").await;
    let back = login.text().strip_prefix("login, then ").unwrap();
    let page = host.visit(back, "alice").await;
    let ticket = page.text().strip_prefix("ticket ").unwrap();
    let answer = host.press(ticket, "alice").await;
    assert_eq!(answer.status, 303);
    let location = answer.header("location");
    assert!(location.starts_with("https://web.example/callback?"));
    assert_eq!(answer.parameter("state"), "x%2By");
    assert_eq!(answer.parameter("iss"), "https%3A%2F%2Fauth.example");

    let form = redeeming(answer.parameter("code"));
    let tokens = host.token("/token", "web", form).await;
    assert_eq!(tokens.status, 200);
    assert_eq!(tokens.header("cache-control"), "no-store");
    let tokens = tokens.json();
    let read = async |token: &str| {
        let request = TestRequest::get().uri("/api/profile");
        let request = request.insert_header(("authorization", format!("Bearer {token}")));
        host.send(request).await
    };
    let first = tokens["access_token"].as_str().unwrap();
    let profile = read(first).await.json();
    assert_eq!(profile["user"], "alice");
    assert_eq!(profile["client"], "web");
    assert_eq!(profile["scope"], "profile email");

    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    let next = host.token("/token", "web", form.clone()).await.json();
    let next = next["access_token"].as_str().unwrap();
    assert_eq!(read(next).await.status, 200);
    // Reuse ends it all, also at the protected route.
    let reused = host.token("/token", "web", form).await;
    assert_eq!(reused.status, 400);
    assert_eq!(reused.json()["error"], "invalid_grant");
    for token in [first, next] {
        assert_eq!(read(token).await.status, 401);
    }
}

#[tokio::test]
async fn the_next_visit_is_answered_at_once() {
    let host = host().await;
    host.access_token().await;
    let answer = host.visit(AUTHORIZE, "alice").await;
    assert_eq!(answer.status, 303);
    assert!(answer.parameter("code").starts_with("oac_"));
}

#[tokio::test]
async fn a_post_goes_on_as_a_get() {
    let host = host().await;
    let (_, query) = AUTHORIZE.split_once('?').unwrap();
    let answer = host.send(post_form("/authorize", query)).await;
    assert_eq!(answer.status, 303);
    let path = answer.header("location");
    let login = host.visit(path.strip_prefix("https://auth.example").unwrap(), "");
    assert!(login.await.text().starts_with("login, then /authorize?"));
}

#[tokio::test]
async fn another_user_s_ticket_is_refused_on_a_page() {
    let host = host().await;
    let ticket = host.ticket().await;
    let answer = host.press(&ticket, "mallory").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("location"), "");
    assert_eq!(host.press(&ticket, "alice").await.status, 303);
}

#[tokio::test]
async fn a_host_may_let_the_user_choose() {
    async fn only_email(
        decision: ConsentDecision,
    ) -> Result<AuthorizationResponse, AuthorizationError> {
        assert_eq!(
            decision.form().unwrap().optional("decision").unwrap(),
            Some("allow")
        );
        let alice = Authentication::new(UserId::new("alice"), "alice");
        let granted = Scope::parse("email admin").unwrap();
        decision.granting(granted).by(Some(alice)).await
    }
    let server = server();
    let host = Host::start(|config| {
        config
            .app_data(server.clone())
            .route("/authorize", get().to(authorize))
            .route("/consent", post().to(only_email))
            .configure(oauth_actix::routes(&server));
    })
    .await;
    let answer = host.press(&host.ticket().await, "alice").await;
    let form = redeeming(answer.parameter("code"));
    let tokens = host.token("/token", "web", form).await.json();
    assert_eq!(tokens["scope"], "email");
}

#[tokio::test]
async fn the_server_may_be_in_data() {
    let server = server();
    let host = Host::start(|config| {
        config
            .app_data(Data::new(server.clone()))
            .route("/authorize", get().to(authorize))
            .route("/consent", post().to(decide))
            .configure(oauth_actix::routes(&server));
    })
    .await;
    assert!(host.access_token().await.starts_with("oat_"));
}

#[tokio::test]
async fn without_a_server_in_app_data_the_handlers_fail() {
    let host = Host::start(|config| {
        config
            .route("/authorize", get().to(authorize))
            .route("/consent", post().to(decide));
    })
    .await;
    assert_eq!(host.visit(AUTHORIZE, "alice").await.status, 500);
    assert_eq!(host.press("oct_ticket", "alice").await.status, 500);
}

#[tokio::test]
async fn nothing_prints_a_cookie_or_a_ticket() {
    async fn printed(request: AuthorizationRequest) -> String {
        format!("{request:?}")
    }
    async fn printed_decision(decision: ConsentDecision) -> String {
        format!("{decision:?}")
    }
    let server = server();
    let host = Host::start(|config| {
        config
            .app_data(server)
            .route("/authorize", get().to(printed))
            .route("/consent", post().to(printed_decision));
    })
    .await;
    let answer = host.visit(AUTHORIZE, "user-of-the-cookie").await;
    assert!(answer.text().starts_with("AuthorizationRequest"));
    assert!(!answer.text().contains("user-of-the-cookie"));
    let answer = host.press("oct_ticket", "user-of-the-cookie").await;
    assert!(answer.text().starts_with("ConsentDecision"));
    assert!(!answer.text().contains("user-of-the-cookie"));
    assert!(!answer.text().contains("oct_ticket"));
}

#[tokio::test]
async fn an_error_keeps_its_reason_for_the_host() {
    async fn why(request: AuthorizationRequest) -> String {
        let error = request.evaluate(None).await.unwrap_err().into_inner();
        error.rejection().description().to_owned()
    }
    let server = server();
    let host = Host::start(|config| {
        config.app_data(server).route("/authorize", get().to(why));
    })
    .await;
    let answer = host.visit("/authorize?client_id=nobody", "").await;
    assert_eq!(answer.text(), "client_id is unknown");
}
