//! Client authentication: RFC 6749 sections 2.3 and 5.2. One method per request, the registered one.

use reqwest::Method;

use crate::harness::{Answer, Client, FORM, Target, basic, fresh, http, raw_basic};

tests! {
    client_authentication:
    basic_with_the_right_secret,
    basic_with_a_form_encoded_secret,
    basic_without_form_encoding_is_refused_for_such_a_secret,
    scheme_is_case_insensitive,
    equal_client_id_in_the_body_is_fine,
    other_client_id_in_the_body_is_refused,
    wrong_secret_is_invalid_client,
    wrong_secret_in_the_body_is_invalid_client,
    unknown_client_looks_like_a_wrong_secret,
    empty_secret_is_invalid_client,
    malformed_basic_is_invalid_client,
    other_schemes_are_invalid_client,
    repeated_authorization_header_is_refused,
    unreadable_authorization_header_is_refused,
    two_methods_are_invalid_request,
    secret_in_the_body_of_a_basic_client_is_invalid_client,
    basic_of_a_post_client_is_invalid_client,
    confidential_client_without_authentication_is_invalid_client,
    no_client_at_all_is_refused,
    public_client_with_a_secret_is_invalid_client,
    public_client_by_basic_is_invalid_client,
    unknown_public_client_is_invalid_client,
    failure_burns_nothing,
    secret_without_a_client_id_is_invalid_client,
}

const REQUEST: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "profile")];

/// A request of the machine with any `Authorization`.
async fn with(target: &'static Target, authorization: &str) -> Answer {
    target.server().token_as(authorization, &REQUEST).await
}

/// A request with nothing but the form.
async fn bare(target: &'static Target, form: &[(&str, &str)]) -> Answer {
    Answer::to(http().post(target.server().url("/token")).form(form)).await
}

/// RFC 6749 section 5.2: 401, and the scheme that was tried.
#[track_caller]
fn expect_basic_challenge(answer: &Answer) {
    answer.expect_error(401, "invalid_client");
    assert!(
        answer.header("www-authenticate").starts_with("Basic"),
        "{answer:?}"
    );
}

pub async fn basic_with_the_right_secret(target: &'static Target) {
    with(target, &Client::machine().basic())
        .await
        .expect_tokens();
}

/// Spaces, `+`, `%`, quotes and a colon come through the form encoding.
pub async fn basic_with_a_form_encoded_secret(target: &'static Target) {
    let server = target.server();
    let client = Client::awkward();
    let code = server.code(&client).await;
    let form = code.parameters();
    server
        .token_as(&basic("awkward", "a b"), &form)
        .await
        .expect_error(401, "invalid_client");
    server
        .token_as(&client.basic(), &form)
        .await
        .expect_tokens();

    // A client library may write a space as %20.
    let secret = client.secret.unwrap();
    let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let code = server.code(&client).await;
    let authorization = raw_basic(&format!("awkward:{encoded}"));
    server
        .token_as(&authorization, &code.parameters())
        .await
        .expect_tokens();
}

pub async fn basic_without_form_encoding_is_refused_for_such_a_secret(target: &'static Target) {
    let client = Client::awkward();
    let authorization = raw_basic(&format!("awkward:{}", client.secret.unwrap()));
    let code = target.server().code(&client).await;
    let answer = target
        .server()
        .token_as(&authorization, &code.parameters())
        .await;
    expect_basic_challenge(&answer);
}

/// RFC 9110 section 11.1.
pub async fn scheme_is_case_insensitive(target: &'static Target) {
    let authorization = Client::machine().basic();
    for scheme in ["basic ", "BASIC ", "bAsIc "] {
        with(target, &authorization.replace("Basic ", scheme))
            .await
            .expect_tokens();
    }
}

pub async fn equal_client_id_in_the_body_is_fine(target: &'static Target) {
    let form = [REQUEST[0], ("client_id", "machine")];
    target
        .server()
        .token(&Client::machine(), &form)
        .await
        .expect_tokens();
}

pub async fn other_client_id_in_the_body_is_refused(target: &'static Target) {
    for other in ["web", "public", "unheard-of", "Machine"] {
        let form = [REQUEST[0], ("client_id", other)];
        let answer = target.server().token(&Client::machine(), &form).await;
        let status = if answer.status == 401 { 401 } else { 400 };
        answer.expect_error_of(status, &["invalid_request", "invalid_client"]);
    }
}

pub async fn wrong_secret_is_invalid_client(target: &'static Target) {
    let right = Client::machine().secret.unwrap();
    let shorter = &right[..right.len() - 1];
    let longer = format!("{right}x");
    for secret in ["wrong", shorter, &longer, &right.to_uppercase()] {
        expect_basic_challenge(&with(target, &basic("machine", secret)).await);
    }
    expect_basic_challenge(&with(target, &basic("web", right)).await);
}

pub async fn wrong_secret_in_the_body_is_invalid_client(target: &'static Target) {
    let form = [
        REQUEST[0],
        ("client_id", "post"),
        ("client_secret", "wrong"),
    ];
    let answer = bare(target, &form).await;
    answer.expect_error(401, "invalid_client");
}

/// Nobody learns which clients exist.
pub async fn unknown_client_looks_like_a_wrong_secret(target: &'static Target) {
    let nobody = fresh("nobody");
    let wrong = with(target, &basic("machine", "wrong")).await;
    let unknown = with(target, &basic(&nobody, "wrong")).await;
    expect_basic_challenge(&unknown);
    assert_same(&wrong, &unknown);

    let in_body = async |id: &str| {
        let form = [REQUEST[0], ("client_id", id), ("client_secret", "wrong")];
        bare(target, &form).await
    };
    assert_same(&in_body("post").await, &in_body(&nobody).await);
}

#[track_caller]
fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!(one.status, other.status);
    assert_eq!(one.body, other.body);
    let strip = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers
    };
    assert_eq!(strip(one), strip(other));
}

pub async fn empty_secret_is_invalid_client(target: &'static Target) {
    expect_basic_challenge(&with(target, &basic("machine", "")).await);
    expect_basic_challenge(&with(target, &basic("", "")).await);
    expect_basic_challenge(&with(target, &basic("", Client::machine().secret.unwrap())).await);
}

pub async fn malformed_basic_is_invalid_client(target: &'static Target) {
    let bad = [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic bWFjaGluZTp4eA==x",
        // No colon, then bytes that are no UTF-8, then a form encoding that is none.
        "Basic bWFjaGluZQ==",
        "Basic bWFjaGluZTr//v8=",
        "Basic bWFjaGluZTolZmY=",
    ];
    for authorization in bad {
        let answer = with(target, authorization).await;
        expect_basic_challenge(&answer);
    }
}

/// A bearer token is no client authentication.
pub async fn other_schemes_are_invalid_client(target: &'static Target) {
    for authorization in [
        "Bearer abc",
        "Digest username=machine",
        "Negotiate YWJj",
        "abc",
    ] {
        let answer = with(target, authorization).await;
        answer.expect_error(401, "invalid_client");
        assert!(!answer.header("www-authenticate").is_empty(), "{answer:?}");
    }
}

pub async fn repeated_authorization_header_is_refused(target: &'static Target) {
    let right = format!("Authorization: {}", Client::machine().basic());
    let wrong = format!("Authorization: {}", basic("machine", "wrong"));
    let media_type = format!("Content-Type: {}", FORM.1);
    let body = b"grant_type=client_credentials";
    for pair in [[&right, &wrong], [&wrong, &right], [&right, &right]] {
        let headers = [
            pair[0].as_bytes(),
            pair[1].as_bytes(),
            media_type.as_bytes(),
        ];
        let answer = target.server().raw(Method::POST, "/token", &headers, body);
        let error = if answer.status == 401 {
            "invalid_client"
        } else {
            "invalid_request"
        };
        let status = if answer.status == 401 { 401 } else { 400 };
        answer.expect_error(status, error);
    }
}

pub async fn unreadable_authorization_header_is_refused(target: &'static Target) {
    let media_type = format!("Content-Type: {}", FORM.1);
    let headers: [&[u8]; 2] = [b"Authorization: Basic \xff\xfe\x80", media_type.as_bytes()];
    let body = b"grant_type=client_credentials";
    let answer = target.server().raw(Method::POST, "/token", &headers, body);
    answer.expect_error(401, "invalid_client");
}

/// RFC 6749 section 2.3; also when both would be right.
pub async fn two_methods_are_invalid_request(target: &'static Target) {
    for client in [Client::machine(), Client::post()] {
        let form = [
            REQUEST[0],
            ("client_id", client.id),
            ("client_secret", client.secret.unwrap()),
        ];
        let answer = target.server().token_as(&client.basic(), &form).await;
        answer.expect_error(400, "invalid_request");
    }
}

pub async fn secret_in_the_body_of_a_basic_client_is_invalid_client(target: &'static Target) {
    let client = Client {
        method: "client_secret_post",
        ..Client::machine()
    };
    target
        .server()
        .token(&client, &REQUEST)
        .await
        .expect_error(401, "invalid_client");
}

pub async fn basic_of_a_post_client_is_invalid_client(target: &'static Target) {
    let client = Client::post();
    let code = target.server().code(&client).await;
    let answer = target
        .server()
        .token_as(&client.basic(), &code.parameters())
        .await;
    expect_basic_challenge(&answer);
    target.server().redeem(&client, &code).await.expect_tokens();
}

pub async fn confidential_client_without_authentication_is_invalid_client(target: &'static Target) {
    let form = [REQUEST[0], ("client_id", "machine")];
    let answer = bare(target, &form).await;
    answer.expect_error(401, "invalid_client");
    let form = [REQUEST[0], ("client_id", "machine"), ("client_secret", "")];
    let answer = bare(target, &form).await;
    answer.expect_error(401, "invalid_client");
}

pub async fn no_client_at_all_is_refused(target: &'static Target) {
    let body = "grant_type=client_credentials";
    let answer = target.server().token_with(&[FORM], body).await;
    answer.expect_error(401, "invalid_client");
}

pub async fn public_client_with_a_secret_is_invalid_client(target: &'static Target) {
    let server = target.server();
    let client = Client::spa();
    let code = server.code(&client).await;
    let mut form = code.parameters();
    form.push(("client_secret", "made-up"));
    server
        .token(&client, &form)
        .await
        .expect_error(401, "invalid_client");
    server.redeem(&client, &code).await.expect_tokens();
}

pub async fn public_client_by_basic_is_invalid_client(target: &'static Target) {
    let server = target.server();
    let client = Client::spa();
    let code = server.code(&client).await;
    for secret in ["", "made-up"] {
        let answer = server
            .token_as(&basic(client.id, secret), &code.parameters())
            .await;
        expect_basic_challenge(&answer);
    }
    server.redeem(&client, &code).await.expect_tokens();
}

pub async fn unknown_public_client_is_invalid_client(target: &'static Target) {
    let nobody = fresh("nobody");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("client_id", &nobody),
    ];
    let answer = bare(target, &form).await;
    answer.expect_error(401, "invalid_client");
}

pub async fn failure_burns_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let wrong = Client {
        secret: Some("wrong"),
        ..client.clone()
    };
    server
        .redeem(&wrong, &code)
        .await
        .expect_error(401, "invalid_client");
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    let answer = server.refresh(&wrong, tokens.refresh_token()).await;
    answer.expect_error(401, "invalid_client");
    server
        .refresh(&client, tokens.refresh_token())
        .await
        .expect_tokens();
}

pub async fn secret_without_a_client_id_is_invalid_client(target: &'static Target) {
    let secret = Client::machine().secret.unwrap();
    for id in [None, Some("")] {
        let mut form = vec![REQUEST[0], ("client_secret", secret)];
        form.extend(id.map(|id| ("client_id", id)));
        bare(target, &form)
            .await
            .expect_error(401, "invalid_client");
    }
}
