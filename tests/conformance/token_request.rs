//! What the token endpoint takes and how it refuses: RFC 6749 sections 3.2 and 5.2.

use reqwest::Method;

use crate::harness::{Answer, Client, FORM, Target};

tests! {
    token_request:
    other_methods_are_not_allowed,
    missing_grant_type_is_invalid_request,
    unknown_grant_types_are_unsupported,
    grant_type_not_registered_is_unauthorized_client,
    missing_parameters_are_invalid_request,
    unknown_credentials_are_invalid_grant,
    json_is_invalid_request,
    other_media_types_are_invalid_request,
    media_type_parameters_are_fine,
    missing_body_is_invalid_request,
    oversized_body_is_invalid_request,
    whoever_sends_too_much_sees_the_answer,
    too_many_parameters_are_invalid_request,
    invalid_utf8_is_invalid_request,
    broken_percent_encoding_is_no_crash,
    repeated_parameters_are_invalid_request,
    resource_may_repeat,
    unknown_parameters_are_ignored,
    empty_parameters_are_absent,
    parameters_in_the_query_do_not_count,
    description_never_echoes,
    answers_are_not_stored,
}

/// A request of a machine that succeeds unless the test has broken something.
async fn machine(target: &'static Target, media_type: Option<&str>, body: &str) -> Answer {
    let authorization = Client::machine().basic();
    let mut headers = vec![("authorization", authorization.as_str())];
    headers.extend(media_type.map(|media_type| ("content-type", media_type)));
    target.server().token_with(&headers, body).await
}

const GOOD: &str = "grant_type=client_credentials&scope=profile";

/// RFC 9110 section 15.5.6 wants `Allow` with a 405.
pub async fn other_methods_are_not_allowed(target: &'static Target) {
    let authorization = Client::machine().basic();
    let headers = [FORM, ("authorization", authorization.as_str())];
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let path = format!("/token?{GOOD}");
        let answer = target.server().send(method, &path, &headers, GOOD).await;
        answer.expect_error(405, "invalid_request");
        assert!(answer.header("allow").contains("POST"), "{answer:?}");
    }
}

pub async fn missing_grant_type_is_invalid_request(target: &'static Target) {
    for body in ["scope=profile", "grant_type=&scope=profile", "grant_type"] {
        machine(target, Some(FORM.1), body)
            .await
            .expect_error(400, "invalid_request");
    }
}

pub async fn unknown_grant_types_are_unsupported(target: &'static Target) {
    for grant_type in [
        "password",
        "unheard-of",
        "Client_Credentials",
        "urn:ietf:params:oauth:x",
    ] {
        let form = [
            ("grant_type", grant_type),
            ("username", "alice"),
            ("password", "x"),
        ];
        let answer = target.server().token(&Client::web(), &form).await;
        answer.expect_error(400, "unsupported_grant_type");
    }
}

pub async fn grant_type_not_registered_is_unauthorized_client(target: &'static Target) {
    let server = target.server();
    let form = [("grant_type", "client_credentials")];
    server
        .token(&Client::web(), &form)
        .await
        .expect_error(400, "unauthorized_client");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("code_verifier", "x"),
    ];
    server
        .token(&Client::machine(), &form)
        .await
        .expect_error(400, "unauthorized_client");
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    server
        .token(&Client::code_only(), &form)
        .await
        .expect_error(400, "unauthorized_client");
}

pub async fn missing_parameters_are_invalid_request(target: &'static Target) {
    let server = target.server();
    let forms: [&[(&str, &str)]; 4] = [
        &[("grant_type", "authorization_code")],
        &[("grant_type", "authorization_code"), ("code", "")],
        &[("grant_type", "refresh_token")],
        &[("grant_type", "refresh_token"), ("refresh_token", "")],
    ];
    for form in forms {
        server
            .token(&Client::web(), form)
            .await
            .expect_error(400, "invalid_request");
    }
}

pub async fn unknown_credentials_are_invalid_grant(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let verifier = "v".repeat(43);
    let tokens = server.tokens(&client).await;
    let code = server.code(&client).await;
    // Never issued, malformed, and issued as something else.
    let strange = [
        "unheard-of",
        "\u{2603}",
        "a b",
        &"x".repeat(500),
        &tokens.access_token,
    ];
    for value in strange.into_iter().chain([tokens.refresh_token()]) {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", value),
            ("code_verifier", &verifier),
        ];
        server
            .token(&client, &form)
            .await
            .expect_error(400, "invalid_grant");
    }
    for value in strange.into_iter().chain([code.value.as_str()]) {
        server
            .refresh(&client, value)
            .await
            .expect_error(400, "invalid_grant");
    }
    // A credential in the wrong place has harmed nobody.
    assert!(server.accepts(&tokens.access_token).await);
    server
        .refresh(&client, tokens.refresh_token())
        .await
        .expect_tokens();
    server.redeem(&client, &code).await.expect_tokens();
}

pub async fn json_is_invalid_request(target: &'static Target) {
    let body = r#"{"grant_type":"client_credentials","scope":"profile"}"#;
    let answer = machine(target, Some("application/json"), body).await;
    answer.expect_error(400, "invalid_request");
}

pub async fn other_media_types_are_invalid_request(target: &'static Target) {
    let types = [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form",
        "",
    ];
    for media_type in types.map(Some).into_iter().chain([None]) {
        let answer = machine(target, media_type, GOOD).await;
        answer.expect_error(400, "invalid_request");
    }
}

pub async fn media_type_parameters_are_fine(target: &'static Target) {
    for media_type in [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/x-www-form-urlencoded;charset=\"utf-8\"",
        "Application/X-WWW-Form-URLEncoded",
    ] {
        machine(target, Some(media_type), GOOD)
            .await
            .expect_tokens();
    }
}

pub async fn missing_body_is_invalid_request(target: &'static Target) {
    machine(target, Some(FORM.1), "")
        .await
        .expect_error(400, "invalid_request");
    machine(target, None, "")
        .await
        .expect_error(400, "invalid_request");
}

/// An OAuth error, never the web framework's own page.
pub async fn oversized_body_is_invalid_request(target: &'static Target) {
    let authorization = format!("Authorization: {}", Client::machine().basic());
    let media_type = format!("Content-Type: {}", FORM.1);
    for size in [200_000, 3_000_000] {
        let body = format!("{GOOD}&padding={}", "x".repeat(size));
        let headers = [authorization.as_bytes(), media_type.as_bytes()];
        let answer = target
            .server()
            .raw(Method::POST, "/token", &headers, body.as_bytes());
        assert!([400, 413].contains(&answer.status), "{answer:?}");
        answer.expect_error(answer.status, "invalid_request");
    }
}

/// An ordinary HTTP library sends on while the answer is on its way, and fails when nobody listens.
pub async fn whoever_sends_too_much_sees_the_answer(target: &'static Target) {
    let body = format!("{GOOD}&padding={}", "x".repeat(3_000_000));
    let answer = machine(target, Some(FORM.1), &body).await;
    answer.expect_error(413, "invalid_request");
}

pub async fn too_many_parameters_are_invalid_request(target: &'static Target) {
    let padding: String = (0..1000).map(|number| format!("&p{number}=")).collect();
    let answer = machine(target, Some(FORM.1), &format!("{GOOD}{padding}")).await;
    answer.expect_error(400, "invalid_request");
}

pub async fn invalid_utf8_is_invalid_request(target: &'static Target) {
    for bad in ["padding=%ff", "padding=%c3%28", "%fe=1", "scope=%80"] {
        let body = format!("grant_type=client_credentials&{bad}");
        machine(target, Some(FORM.1), &body)
            .await
            .expect_error(400, "invalid_request");
    }
    // The same bytes, not percent-encoded.
    let authorization = format!("Authorization: {}", Client::machine().basic());
    let media_type = format!("Content-Type: {}", FORM.1);
    let headers = [authorization.as_bytes(), media_type.as_bytes()];
    let body = b"grant_type=client_credentials&padding=\xff\xfe";
    target
        .server()
        .raw(Method::POST, "/token", &headers, body)
        .expect_error(400, "invalid_request");
}

/// The URL standard leaves a lone percent sign as it is; an error is as good.
pub async fn broken_percent_encoding_is_no_crash(target: &'static Target) {
    for bad in ["padding=%", "padding=%4", "padding=%zz"] {
        let answer = machine(target, Some(FORM.1), &format!("{GOOD}&{bad}")).await;
        if answer.status == 200 {
            answer.expect_tokens();
        } else {
            answer.expect_error(400, "invalid_request");
        }
    }
}

pub async fn repeated_parameters_are_invalid_request(target: &'static Target) {
    for repeated in [
        "grant_type=client_credentials",
        "scope=profile",
        "client_id=machine",
    ] {
        let body = format!("{GOOD}&{repeated}&{repeated}");
        machine(target, Some(FORM.1), &body)
            .await
            .expect_error(400, "invalid_request");
    }
    // Nothing is burned by a request that cannot be read.
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    for name in ["code", "code_verifier", "redirect_uri"] {
        let mut form = code.parameters();
        let known = form.iter().find(|(known, _)| *known == name).unwrap();
        form.push(*known);
        server
            .token(&client, &form)
            .await
            .expect_error(400, "invalid_request");
    }
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    let token = ("refresh_token", tokens.refresh_token());
    let form = [("grant_type", "refresh_token"), token, token];
    server
        .token(&client, &form)
        .await
        .expect_error(400, "invalid_request");
    server
        .refresh(&client, tokens.refresh_token())
        .await
        .expect_tokens();
}

/// The exception, RFC 8707 section 2.2.
pub async fn resource_may_repeat(target: &'static Target) {
    let resource = [("resource", target.server().url("/api"))];
    let resource = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(resource)
        .finish();
    let body = format!("{GOOD}&{resource}&{resource}");
    machine(target, Some(FORM.1), &body).await.expect_tokens();
}

pub async fn unknown_parameters_are_ignored(target: &'static Target) {
    let body = format!("{GOOD}&flavour=sweet&=&x");
    machine(target, Some(FORM.1), &body).await.expect_tokens();
}

pub async fn empty_parameters_are_absent(target: &'static Target) {
    let body = "grant_type=client_credentials&scope=&client_id=&client_secret=&code=";
    let tokens = machine(target, Some(FORM.1), body).await.expect_tokens();
    assert_eq!(tokens.scope(), ["email", "profile"]);
}

/// RFC 6749 section 2.3.1: never in the request URI.
pub async fn parameters_in_the_query_do_not_count(target: &'static Target) {
    let client = Client::post();
    let server = target.server();
    let code = server.code(&client).await;
    let mut form = client.in_body();
    form.extend(code.parameters());
    let url = reqwest::Url::parse_with_params(&server.url("/token"), &form).unwrap();
    let path = format!("/token?{}", url.query().unwrap());
    let answer = server.send(Method::POST, &path, &[FORM], "").await;
    answer.expect_error_of(answer.status, &["invalid_request", "invalid_client"]);
    server.redeem(&client, &code).await.expect_tokens();
}

pub async fn description_never_echoes(target: &'static Target) {
    let marker = "marker\"\\<b>";
    let forms: [&[(&str, &str)]; 3] = [
        &[("grant_type", marker)],
        &[("grant_type", "client_credentials"), ("scope", marker)],
        &[("grant_type", "refresh_token"), ("refresh_token", marker)],
    ];
    for form in forms {
        let answer = target.server().token(&Client::machine(), form).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(!answer.body.contains("marker"), "{answer:?}");
    }
}

/// RFC 6749 section 5.1, which asks for both headers.
pub async fn answers_are_not_stored(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let redeemed = server.redeem(&client, &code).await;
    let tokens = redeemed.expect_tokens();
    let refreshed = server.refresh(&client, tokens.refresh_token()).await;
    refreshed.expect_tokens();
    let refused = server.refresh(&client, "unheard-of").await;
    refused.expect_error(400, "invalid_grant");
    let nobody = server.token_with(&[FORM], GOOD).await;
    nobody.expect_error(401, "invalid_client");
    for answer in [redeemed, refreshed, refused, nobody] {
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        assert_eq!(answer.header("pragma"), "no-cache", "{answer:?}");
    }
}
