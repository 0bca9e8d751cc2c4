//! What is remembered, and for how long.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::future::join_all;
use oauth_core::AccessTokenVerifier;

use crate::endpoint::{Endpoint, SECOND, Says, failure, inactive, verify};

async fn active_for(seconds: i64) -> Endpoint {
    let endpoint = Endpoint::start(inactive()).await;
    endpoint.says(endpoint.active_for(seconds));
    endpoint
}

#[tokio::test]
async fn an_active_token_is_asked_about_once_in_its_time() {
    let endpoint = active_for(300).await;
    let verifier = endpoint.verifier();
    assert!(verify(&verifier, "token").await.is_some());
    endpoint.says(inactive());
    endpoint.clock.advance(59 * SECOND);
    assert!(verify(&verifier.clone(), "token").await.is_some());
    assert_eq!(endpoint.asked(), 1);
    assert_eq!(verify(&verifier, "another").await, None);
    assert_eq!(endpoint.asked(), 2);
    endpoint.clock.advance(SECOND);
    assert_eq!(verify(&verifier, "token").await, None);
    assert_eq!(endpoint.asked(), 3);
}

#[tokio::test]
async fn a_token_that_is_still_active_is_remembered_anew() {
    let endpoint = active_for(300).await;
    let verifier = endpoint.verifier();
    for asked in 1..=3 {
        assert!(verify(&verifier, "token").await.is_some());
        assert!(verify(&verifier, "token").await.is_some());
        assert_eq!(endpoint.asked(), asked);
        endpoint.clock.advance(60 * SECOND);
    }
}

#[tokio::test]
async fn nothing_is_remembered_past_its_expiry() {
    let endpoint = active_for(30).await;
    let verifier = endpoint.verifier();
    assert!(verify(&verifier, "token").await.is_some());
    endpoint.clock.advance(29 * SECOND);
    assert!(verify(&verifier, "token").await.is_some());
    assert_eq!(endpoint.asked(), 1);
    endpoint.clock.advance(SECOND);
    // Even if the authorization server's clock is slow.
    assert_eq!(verify(&verifier, "token").await, None);
    assert_eq!(endpoint.asked(), 2);
}

#[tokio::test]
async fn a_token_without_expiry_is_asked_about_again_soon() {
    let endpoint = active_for(300).await;
    let Says::Json(mut response) = endpoint.active_for(300) else {
        unreachable!("it is JSON")
    };
    response["exp"] = serde_json::Value::Null;
    endpoint.says(Says::Json(response));
    let builder = endpoint.builder().lifetime_without_expiry(20 * SECOND);
    let verifier = builder.build().unwrap();
    for asked in 1..=2 {
        let token = verify(&verifier, "token").await.unwrap();
        endpoint.clock.advance(19 * SECOND);
        assert_eq!(verify(&verifier, "token").await, Some(token));
        assert_eq!(endpoint.asked(), asked);
        endpoint.clock.advance(SECOND);
    }
}

#[tokio::test]
async fn an_inactive_token_is_asked_about_once_in_a_shorter_time() {
    let endpoint = Endpoint::start(inactive()).await;
    let verifier = endpoint.verifier();
    assert_eq!(verify(&verifier, "token").await, None);
    endpoint.says(endpoint.active_for(300));
    endpoint.clock.advance(9 * SECOND);
    assert_eq!(verify(&verifier, "token").await, None);
    assert_eq!(endpoint.asked(), 1);
    endpoint.clock.advance(SECOND);
    assert!(verify(&verifier, "token").await.is_some());
    assert_eq!(endpoint.asked(), 2);
}

#[tokio::test]
async fn zero_remembers_nothing() {
    let endpoint = active_for(300).await;
    let builder = endpoint.builder().max_age(Duration::ZERO);
    let verifier = builder.negative_max_age(Duration::ZERO).build().unwrap();
    assert!(verify(&verifier, "token").await.is_some());
    endpoint.says(inactive());
    assert_eq!(verify(&verifier, "token").await, None);
    endpoint.says(endpoint.active_for(300));
    assert!(verify(&verifier, "token").await.is_some());
    assert_eq!(endpoint.asked(), 3);
}

#[tokio::test]
async fn the_two_ages_are_turned_off_apart() {
    let endpoint = active_for(300).await;
    let verifier = endpoint.builder().max_age(Duration::ZERO).build().unwrap();
    for _ in 0..2 {
        assert!(verify(&verifier, "active").await.is_some());
    }
    assert_eq!(endpoint.asked(), 2);
    endpoint.says(inactive());
    for _ in 0..2 {
        assert_eq!(verify(&verifier, "inactive").await, None);
    }
    assert_eq!(endpoint.asked(), 3);
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let endpoint = active_for(300).await;
    let verifier = endpoint.verifier();
    assert!(verify(&verifier, "token").await.is_some());
    endpoint.clock.advance(60 * SECOND);
    endpoint.says(Says::Status(StatusCode::INTERNAL_SERVER_ERROR));
    // What was known before is not served in its place.
    assert!(failure(&verifier, "token").await.is_transient());
    assert!(failure(&verifier, "token").await.is_transient());
    assert_eq!(endpoint.asked(), 3);
    endpoint.says(endpoint.active_for(300));
    assert!(verify(&verifier, "token").await.is_some());
    assert_eq!(endpoint.asked(), 4);
}

/// All of them wait before the endpoint answers, since they are polled in turn by one task.
#[tokio::test]
async fn requests_at_the_same_time_ask_once() {
    let endpoint = active_for(300).await;
    let unavailable = Says::Status(StatusCode::SERVICE_UNAVAILABLE);
    for (says, expected, asked) in [
        (endpoint.active_for(300), Ok(true), 1),
        (inactive(), Ok(false), 2),
        (unavailable, Err(true), 3),
    ] {
        endpoint.says(says);
        let verifier = endpoint.verifier();
        let all = (0..20).map(|_| verifier.verify("token"));
        for answer in join_all(all).await {
            let answer = answer.map(|token| token.is_some());
            assert_eq!(answer.map_err(|error| error.is_transient()), expected);
        }
        assert_eq!(endpoint.asked(), asked);
    }
}

#[tokio::test]
async fn who_waits_asks_when_the_one_who_asked_is_gone() {
    let endpoint = active_for(300).await;
    let verifier = endpoint.verifier();
    endpoint.hold();
    let first = tokio::spawn({
        let verifier = verifier.clone();
        async move { verifier.verify("token").await }
    });
    while endpoint.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let second = async {
        let (answer, ()) = tokio::join!(verifier.verify("token"), async {
            first.abort();
            endpoint.release();
        });
        answer.unwrap()
    };
    assert!(second.await.is_some());
    assert_eq!(endpoint.asked(), 2);
}

#[tokio::test]
async fn a_flood_of_invented_tokens_pushes_no_real_one_out() {
    let endpoint = active_for(300).await;
    let verifier = endpoint.builder().capacity(4).build().unwrap();
    assert!(verify(&verifier, "real").await.is_some());
    endpoint.says(inactive());
    for number in 0..200 {
        assert_eq!(verify(&verifier, &format!("invented-{number}")).await, None);
    }
    assert_eq!(endpoint.asked(), 201);
    assert!(verify(&verifier, "real").await.is_some());
    assert_eq!(endpoint.asked(), 201);
}
