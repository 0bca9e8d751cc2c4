//! The app against a server that answers as each test wants.

mod stage;

use std::sync::atomic::Ordering;

use axum::body::Body;
use http::{Request, StatusCode, header};
use stage::Browser;
use tower::ServiceExt;

use crate::{Settings, router};

#[tokio::test]
async fn shows_what_it_read_and_escapes_it() {
    let browser = Browser::new().await;
    browser.connect().await;
    let page = browser.walk("GET", "/profile").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(
        page.text.contains("alice") && !page.text.contains("<b>"),
        "{}",
        page.text
    );
    for token in ["access-1", "refresh-1"] {
        assert!(!page.text.contains(token));
    }
    browser.walk("POST", "/disconnect").await;
    assert!(
        browser
            .walk("GET", "/profile")
            .await
            .text
            .contains("not connected")
    );
}

#[tokio::test]
async fn a_decline_is_told_as_one() {
    let browser = Browser::new().await;
    let state = browser.start().await;
    let page = browser.come_back(&state, "error=access_denied").await;
    assert!(page.text.contains("You declined"), "{}", page.text);
}

#[tokio::test]
async fn another_error_is_shown_and_escaped() {
    let browser = Browser::new().await;
    let state = browser.start().await;
    let page = browser
        .come_back(&state, "error=invalid_scope&error_description=%3Ci%3E")
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(
        page.text.contains("invalid_scope") && !page.text.contains("<i>"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn foreign_and_repeated_states_are_refused() {
    let (browser, other) = (Browser::new().await, Browser::new().await);
    let state = browser.start().await;
    other.start().await;
    let foreign = other.come_back(&state, "code=the-code").await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
    browser.come_back(&state, "code=the-code").await;
    let again = browser.come_back(&state, "code=the-code").await;
    assert!(again.text.contains("does not belong"), "{}", again.text);
}

#[tokio::test]
async fn another_issuer_and_a_missing_one_are_refused() {
    let browser = Browser::new().await;
    for iss in ["", "&iss=http://127.0.0.1:1/tenant"] {
        let state = browser.start().await;
        let page = browser
            .walk(
                "GET",
                &format!("/callback?state={state}&code=the-code{iss}"),
            )
            .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.text.contains("another service"), "{}", page.text);
    }
    assert_eq!(browser.script.issued.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn two_tabs_can_connect_at_once() {
    let browser = Browser::new().await;
    let (first, second) = (browser.start().await, browser.start().await);
    for state in [first, second] {
        let page = browser.come_back(&state, "code=the-code").await;
        assert_eq!(page.location, "/profile", "{}", page.text);
    }
}

#[tokio::test]
async fn an_access_token_that_is_not_taken_is_refreshed_once() {
    let browser = Browser::new().await;
    browser.connect().await;
    browser.script.ended.store(1, Ordering::SeqCst);
    let page = browser.walk("GET", "/profile").await;
    assert!(
        page.text.contains("alice") && page.text.contains("renewed"),
        "{}",
        page.text
    );
    browser.script.ended.store(100, Ordering::SeqCst);
    let page = browser.walk("GET", "/profile").await;
    assert!(page.text.contains("no longer lets"), "{}", page.text);
    assert_eq!(browser.script.refreshes.load(Ordering::SeqCst), 2);
    assert!(
        browser
            .walk("GET", "/profile")
            .await
            .text
            .contains("not connected")
    );
}

#[tokio::test]
async fn tabs_that_read_at_once_do_not_spend_one_refresh_token_twice() {
    let browser = Browser::new().await;
    browser.connect().await;
    browser.script.ended.store(1, Ordering::SeqCst);
    let (first, second) = tokio::join!(
        browser.walk("GET", "/profile"),
        browser.walk("GET", "/profile")
    );
    assert!(first.text.contains("alice") && second.text.contains("alice"));
    assert_eq!(browser.script.refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_expired_access_token_is_not_even_tried() {
    let browser = Browser::new().await;
    browser.script.lifetime.store(0, Ordering::SeqCst);
    browser.connect().await;
    let page = browser.walk("GET", "/profile").await;
    assert!(page.text.contains("renewed"), "{}", page.text);
    browser.script.refuses_refresh.store(1, Ordering::SeqCst);
    let page = browser.walk("GET", "/profile").await;
    assert!(page.text.contains("Connect again"), "{}", page.text);
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_again_later() {
    let settings = Settings::new("http://127.0.0.1:1", "http://127.0.0.1:9999/callback").unwrap();
    let request = Request::builder()
        .uri("/connect")
        .body(Body::empty())
        .unwrap();
    let answer = router(settings).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(!answer.headers().contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn an_answer_with_a_repeated_parameter_is_a_page_of_the_app() {
    let browser = Browser::new().await;
    let state = browser.start().await;
    let page = browser.come_back(&state, "code=a&code=b").await;
    assert!(page.status.is_client_error() || page.status.is_server_error());
    assert!(page.text.contains("incomplete"), "{}", page.text);
}

#[tokio::test]
async fn passers_by_do_not_push_out_who_is_connected() {
    let browser = Browser::new().await;
    browser.connect().await;
    for _ in 0..1_100 {
        browser.passer_by().await;
    }
    let page = browser.walk("GET", "/profile").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
}
