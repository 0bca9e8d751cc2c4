//! RFC 6750: the challenges, to the letter.

use http::{HeaderValue, Request, StatusCode, header, request::Parts};
use time::Duration;

use crate::store::{GrantStore, Target};
use crate::test_server::{Form, TestServer};
use crate::{CredentialKey, CredentialKind, ErrorCode, Scope};
use crate::{Requirement, ResourceServer};

fn request(uri: &str, authorization: &[&[u8]]) -> Parts {
    let mut request = Request::get(uri).body(()).unwrap();
    for value in authorization {
        let value = HeaderValue::from_bytes(value).unwrap();
        request.headers_mut().append(header::AUTHORIZATION, value);
    }
    request.into_parts().0
}

fn with_token(token: &str) -> Parts {
    request("/", &[format!("Bearer {token}").as_bytes()])
}

/// Status and challenge.
async fn refused(test: &TestServer, parts: &Parts, required: &str) -> (u16, String) {
    let rejection = test
        .server
        .authenticate(parts, &Requirement::scope(required))
        .await;
    let rejection = rejection.unwrap_err();
    let status = rejection.status();
    let response = rejection.into_http();
    assert_eq!(response.status(), status);
    assert!(response.body().is_empty());
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let challenge = response.headers()[header::WWW_AUTHENTICATE].to_str();
    (status.as_u16(), challenge.unwrap().to_owned())
}

#[tokio::test]
async fn without_a_token_there_is_no_error_code() {
    let test = TestServer::new();
    for authorization in [
        &[][..],
        &[&b"Basic am9iOng="[..]],
        &[b"Bearer"],
        &[b"oat_x"],
        &[b"\xff"],
    ] {
        let parts = request("/", authorization);
        assert_eq!(
            refused(&test, &parts, "").await,
            (401, "Bearer realm=\"https://auth.example\"".to_owned())
        );
        assert_eq!(
            refused(&test, &parts, "profile email").await,
            (
                401,
                "Bearer realm=\"https://auth.example\", scope=\"profile email\"".to_owned()
            )
        );
    }
}

#[tokio::test]
async fn a_token_in_the_query_does_not_count() {
    let test = TestServer::new();
    let token = test.tokens("web").await.access_token();
    let parts = request(&format!("/?access_token={token}"), &[]);
    assert_eq!(
        refused(&test, &parts, "").await,
        (401, "Bearer realm=\"https://auth.example\"".to_owned())
    );
}

#[tokio::test]
async fn more_than_one_token_is_a_bad_request() {
    let test = TestServer::new();
    let token = test.tokens("web").await.access_token();
    let header = format!("Bearer {token}");
    let header = header.as_bytes();
    let expected = (
        400,
        "Bearer realm=\"https://auth.example\", error=\"invalid_request\", \
         error_description=\"the access token is given more than once\""
            .to_owned(),
    );
    for parts in [
        request("/", &[header, header]),
        request("/?access_token=x", &[header]),
        request("/?a=b&access%5Ftoken=x", &[header]),
    ] {
        assert_eq!(refused(&test, &parts, "").await, expected);
    }
    let parts = request("/?access_token=&token=x", &[header]);
    test.server
        .authenticate(&parts, &Requirement::scope(""))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_token_that_does_not_count() {
    let test = TestServer::new();
    let expired = test.tokens("post").await.access_token();
    test.advance(Duration::hours(1));
    let tokens = test.tokens("web").await;
    let code = test.code("own").await;
    let replayed = test.code("spa").await;
    let revoked = test.redeem("spa", &replayed).await.issued().access_token();
    test.redeem("spa", &replayed).await.is(400, "invalid_grant");
    // One token of a grant that goes on.
    let ended = test.tokens("own").await;
    let key = CredentialKey::of(CredentialKind::AccessToken, &ended.access_token()).unwrap();
    let target = Target::Credential(key);
    test.store.revoke(target, test.now()).await.unwrap();
    test.refresh("own", &ended.refresh_token()).await.issued();
    let expected = (
        401,
        "Bearer realm=\"https://auth.example\", scope=\"profile\", error=\"invalid_token\", \
         error_description=\"the access token is invalid or has expired\""
            .to_owned(),
    );
    for token in [
        "",
        "x",
        "x y",
        &code,
        &tokens.refresh_token(),
        &tokens.access_token().replace("oat_", "ort_"),
        &expired,
        &revoked,
        &ended.access_token(),
        &format!("oat_{}", "A".repeat(52)),
    ] {
        let parts = request("/", &[format!("Bearer {token}").as_bytes()]);
        assert_eq!(refused(&test, &parts, "profile").await, expected, "{token}");
    }
}

#[tokio::test]
async fn a_token_with_another_scope_is_forbidden() {
    let test = TestServer::new();
    let form = TestServer::request_of("web").with("scope", "email");
    let code = test.code_for(&form).await;
    let token = test.redeem("web", &code).await.issued().access_token();
    let parts = with_token(&token);
    let expected = |scope: &str| {
        let challenge = format!(
            "Bearer realm=\"https://auth.example\", scope=\"{scope}\", \
             error=\"insufficient_scope\", \
             error_description=\"the access token has another scope\""
        );
        (403, challenge)
    };
    for scope in ["profile", "profile email", "email profile", "Email", "e"] {
        assert_eq!(refused(&test, &parts, scope).await, expected(scope));
    }
    for scope in ["", "email", "email email"] {
        test.server
            .authenticate(&parts, &Requirement::scope(scope))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_client_s_own_token_is_not_a_user_s() {
    let test = TestServer::new();
    let form = Form::of([("grant_type", "client_credentials")]);
    let token = test.send("job", &form).await.issued().access_token();
    let parts = with_token(&token);
    let rejection = test
        .server
        .authenticate_user(&parts, &Requirement::scope("report"))
        .await;
    let rejection = rejection.unwrap_err();
    assert_eq!(rejection.code(), Some(ErrorCode::InsufficientScope));
    assert_eq!(rejection.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        rejection.into_http().headers()[header::WWW_AUTHENTICATE],
        "Bearer realm=\"https://auth.example\", scope=\"report\", error=\"insufficient_scope\", \
         error_description=\"the access token does not act for a user\""
    );
}

#[tokio::test]
async fn a_valid_token_says_who_and_what() {
    let test = TestServer::new();
    let token = test.tokens("web").await.access_token();
    // The scheme's name is compared without regard to case (RFC 9110 section 11.1).
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer  "] {
        let parts = request("/?a=b", &[format!("{scheme} {token}").as_bytes()]);
        let verified = test
            .server
            .authenticate_user(&parts, &Requirement::scope("profile"))
            .await;
        let (verified, user) = verified.unwrap();
        assert_eq!(user.as_str(), "alice");
        assert_eq!(verified.client_id().as_str(), "web");
        assert_eq!(verified.scope(), &Scope::parse("profile email").unwrap());
    }
}
