//! The revocation endpoint: RFC 7009.

use reqwest::Method;
use reqwest::header::AUTHORIZATION;

use crate::harness::{Answer, Browser, Client, FORM, Target, http};

tests! {
    revocation:
    metadata_names_it,
    refresh_token_ends_its_grant,
    spent_refresh_token_ends_its_grant,
    spent_refresh_token_ends_its_grant_within_the_retry_window,
    access_token_ends_itself_only,
    token_of_client_credentials_ends,
    other_grants_go_on,
    public_client_needs_no_secret,
    each_method_of_authentication_works,
    unknown_token_is_answered_like_one_that_ended,
    revoking_again_changes_nothing,
    token_of_another_client_is_left_alone,
    code_is_no_token,
    hint_makes_no_difference,
    unauthenticated_client_is_refused,
    other_methods_are_not_allowed,
    any_origin_may_call_it,
    it_is_under_the_path_of_the_issuer,
    consent_stays_remembered,
}

const PATH: &str = "/revoke";

pub async fn metadata_names_it(target: &'static Target) {
    let server = target.server();
    let metadata = server.get("/.well-known/oauth-authorization-server").await;
    let metadata = metadata.json();
    assert_eq!(metadata["revocation_endpoint"], server.url(PATH));
    assert_eq!(
        metadata["revocation_endpoint_auth_methods_supported"],
        metadata["token_endpoint_auth_methods_supported"]
    );
}

/// RFC 7009 section 2.1: with all access tokens of the grant.
pub async fn refresh_token_ends_its_grant(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::first()] {
        let first = server.tokens(&client).await;
        let answer = server.refresh(&client, first.refresh_token()).await;
        let second = answer.expect_tokens();
        let answer = server.revoke(&client, second.refresh_token()).await;
        answer.expect_revoked();
        assert!(!server.accepts(&first.access_token).await);
        server.expect_dead(&client, &second).await;
    }
}

pub async fn spent_refresh_token_ends_its_grant(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let answer = server.refresh(&client, first.refresh_token()).await;
    let second = answer.expect_tokens();
    let answer = server.revoke(&client, first.refresh_token()).await;
    answer.expect_revoked();
    assert!(!server.accepts(&first.access_token).await);
    server.expect_dead(&client, &second).await;
}

/// A client that gives its token back is not given a successor once more.
pub async fn spent_refresh_token_ends_its_grant_within_the_retry_window(target: &'static Target) {
    let server = target.retrying();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let answer = server.refresh(&client, first.refresh_token()).await;
    let second = answer.expect_tokens();
    let answer = server.revoke(&client, first.refresh_token()).await;
    answer.expect_revoked();
    let retried = server.refresh(&client, first.refresh_token()).await;
    retried.expect_error(400, "invalid_grant");
    server.expect_dead(&client, &second).await;
}

pub async fn access_token_ends_itself_only(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let answer = server.refresh(&client, first.refresh_token()).await;
    let second = answer.expect_tokens();
    let answer = server.revoke(&client, &second.access_token).await;
    answer.expect_revoked();
    let answer = server.resource("/api/profile", &second.access_token).await;
    answer.expect_bearer_error(401, "invalid_token");
    assert!(server.accepts(&first.access_token).await);
    let answer = server.refresh(&client, second.refresh_token()).await;
    assert!(server.accepts(&answer.expect_tokens().access_token).await);
}

pub async fn token_of_client_credentials_ends(target: &'static Target) {
    let server = target.server();
    let client = Client::machine();
    let form = [("grant_type", "client_credentials")];
    let kept = server.token(&client, &form).await.expect_tokens();
    let ended = server.token(&client, &form).await.expect_tokens();
    let answer = server.revoke(&client, &ended.access_token).await;
    answer.expect_revoked();
    assert!(!server.is_active(&client, &ended.access_token).await);
    assert!(server.is_active(&client, &kept.access_token).await);
}

pub async fn other_grants_go_on(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    let kept = browser.tokens(user, &client).await;
    let elsewhere = browser.tokens(user, &Client::other()).await;
    let ended = browser.tokens(user, &client).await;
    let answer = server.revoke(&client, ended.refresh_token()).await;
    answer.expect_revoked();
    for (client, tokens) in [(client, kept), (Client::other(), elsewhere)] {
        assert!(server.accepts(&tokens.access_token).await);
        let answer = server.refresh(&client, tokens.refresh_token()).await;
        answer.expect_tokens();
    }
}

pub async fn public_client_needs_no_secret(target: &'static Target) {
    let server = target.server();
    for client in [Client::public(), Client::spa()] {
        let tokens = server.tokens(&client).await;
        let answer = server.revoke(&client, tokens.refresh_token()).await;
        answer.expect_revoked();
        server.expect_dead(&client, &tokens).await;
    }
}

pub async fn each_method_of_authentication_works(target: &'static Target) {
    let server = target.server();
    for client in [Client::post(), Client::awkward()] {
        let tokens = server.tokens(&client).await;
        let answer = server.revoke(&client, &tokens.access_token).await;
        answer.expect_revoked();
        assert!(!server.accepts(&tokens.access_token).await);
    }
}

pub async fn unknown_token_is_answered_like_one_that_ended(target: &'static Target) {
    let server = target.server();
    for token in ["unheard-of", "a b", "é", &"x".repeat(2000), "-._~+/=="] {
        let answer = server.revoke(&Client::web(), token).await;
        answer.expect_revoked();
    }
}

pub async fn revoking_again_changes_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    for token in [&tokens.access_token, tokens.refresh_token()] {
        for _ in 0..2 {
            server.revoke(&client, token).await.expect_revoked();
        }
    }
    server.expect_dead(&client, &tokens).await;
}

/// Nor does the answer tell whose it is.
pub async fn token_of_another_client_is_left_alone(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let answer = server.refresh(&client, first.refresh_token()).await;
    let second = answer.expect_tokens();
    for other in [Client::other(), Client::public(), Client::photos()] {
        for token in [
            first.refresh_token(),
            second.refresh_token(),
            &first.access_token,
            &second.access_token,
        ] {
            server.revoke(&other, token).await.expect_revoked();
        }
    }
    assert!(server.accepts(&first.access_token).await);
    assert!(server.accepts(&second.access_token).await);
    let answer = server.refresh(&client, second.refresh_token()).await;
    answer.expect_tokens();
}

pub async fn code_is_no_token(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    server.revoke(&client, &code.value).await.expect_revoked();
    server.redeem(&client, &code).await.expect_tokens();
}

/// RFC 7009 section 2.1: the search is extended to all kinds; section 2.2: a strange hint is ignored.
pub async fn hint_makes_no_difference(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    for hint in ["access_token", "refresh_token", "pen", ""] {
        let tokens = server.tokens(&client).await;
        for token in [&tokens.access_token, tokens.refresh_token()] {
            let form = [("token", token), ("token_type_hint", hint)];
            server.form(&client, PATH, &form).await.expect_revoked();
            assert!(!server.accepts(&tokens.access_token).await, "{hint}");
        }
        server.expect_dead(&client, &tokens).await;
    }
}

pub async fn unauthenticated_client_is_refused(target: &'static Target) {
    let server = target.server();
    let tokens = server.tokens(&Client::web()).await;
    let form = [("token", tokens.access_token.as_str())];
    for authorization in [
        crate::harness::basic("web", "wrong"),
        crate::harness::basic("nobody", "wrong"),
        "Basic !".to_owned(),
    ] {
        let request = http().post(server.url(PATH)).form(&form);
        let answer = Answer::to(request.header(AUTHORIZATION, authorization)).await;
        answer.expect_error(401, "invalid_client");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Basic"), "{answer:?}");
    }
    for form in [
        form.to_vec(),
        [form[0], ("client_id", "web")].to_vec(),
        [form[0], ("client_id", "post"), ("client_secret", "wrong")].to_vec(),
        [form[0], ("client_id", "nobody")].to_vec(),
    ] {
        let answer = Answer::to(http().post(server.url(PATH)).form(&form)).await;
        answer.expect_error(401, "invalid_client");
    }
    assert!(server.accepts(&tokens.access_token).await);
}

pub async fn other_methods_are_not_allowed(target: &'static Target) {
    let server = target.server();
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
        let answer = server.send(method, PATH, &[], "").await;
        assert_eq!(answer.status, 405, "{answer:?}");
        let allowed = answer.header("allow");
        assert!(allowed.contains("POST"), "{answer:?}");
        assert!(!allowed.contains("GET"), "{answer:?}");
        answer.expect_not_stored();
    }
}

pub async fn any_origin_may_call_it(target: &'static Target) {
    let server = target.server();
    let client = Client::spa();
    let tokens = server.tokens(&client).await;
    let origin = ("origin", "https://spa.example");
    let right = format!("client_id={}&token={}", client.id, tokens.access_token);
    for (body, status) in [(right.as_str(), 200), ("", 401), ("client_id=spa", 400)] {
        let answer = server.send(Method::POST, PATH, &[FORM, origin], body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    assert!(!server.accepts(&tokens.access_token).await);
    let asking = [
        origin,
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization, content-type",
        ),
    ];
    let answer = server.send(Method::OPTIONS, PATH, &asking, "").await;
    assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    for (name, wanted) in [
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "authorization"),
        ("access-control-allow-headers", "content-type"),
    ] {
        assert!(answer.header(name).contains(wanted), "{answer:?}");
    }
}

pub async fn it_is_under_the_path_of_the_issuer(target: &'static Target) {
    let server = target.tenant();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let at_root = http().post(format!("{}{PATH}", server.origin));
    assert_eq!(at_root.send().await.unwrap().status(), 404);
    let answer = server.revoke(&client, tokens.refresh_token()).await;
    answer.expect_revoked();
    server.expect_dead(&client, &tokens).await;
}

/// The client gave its tokens back; the user did not take the consent back.
pub async fn consent_stays_remembered(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::new(server);
    let tokens = browser.tokens(server.newcomer(), &client).await;
    let answer = server.revoke(&client, tokens.refresh_token()).await;
    answer.expect_revoked();
    let request = crate::harness::AuthorizationRequest::new(&client);
    browser.start(&request).await.expect_code(&request);
}
