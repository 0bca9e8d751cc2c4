//! How the parameters of an authorization request are read: RFC 6749 sections 3.1 and 4.1.1.

use reqwest::Method;

use crate::harness::{Answer, AuthorizationRequest, Browser, Client, FORM, Target, fresh, http};

tests! {
    parameters:
    state_comes_back_byte_for_byte,
    state_may_be_left_out,
    empty_parameters_are_absent,
    unknown_parameters_are_ignored,
    repeated_parameters_are_invalid_request,
    repeated_state_is_not_echoed,
    repeated_client_or_redirect_uri_is_a_page,
    resource_may_repeat,
    invalid_utf8_is_a_page,
    oversized_query_is_refused,
    too_many_parameters_are_refused,
    post_is_answered_by_a_redirect_to_get,
    long_requests_survive_post_and_login,
    wrong_post_is_answered_at_once,
    post_with_an_untrusted_client_is_a_page,
    post_that_is_no_form_is_a_page,
    oversized_post_is_a_page,
    parameters_of_a_post_come_from_its_body,
    other_methods_are_not_allowed,
}

async fn start(target: &'static Target, request: &AuthorizationRequest) -> Answer {
    Browser::new(target.server()).start(request).await
}

async fn post(target: &'static Target, body: String) -> Answer {
    target
        .server()
        .send(Method::POST, "/authorize", &[FORM], body)
        .await
}

pub async fn state_comes_back_byte_for_byte(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let long = "s".repeat(1000);
    for state in [
        "plus+ space/%41&=;~'<\">",
        "%",
        " ",
        "ümläut ☃",
        "a=b&code=stolen",
        &long,
    ] {
        let request = AuthorizationRequest::new(&Client::first()).with("state", state);
        browser.start(&request).await.expect_code(&request);
        let request = request.with("scope", "unheard-of");
        browser
            .start(&request)
            .await
            .expect_redirected(&request, "invalid_scope");
    }
    // Through login and consent, too.
    let request = AuthorizationRequest::new(&Client::web());
    let request = request.with("state", "plus+ space/%41&=;~'<\">");
    Browser::new(server)
        .grant(server.newcomer(), &request)
        .await;
}

pub async fn state_may_be_left_out(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let request = AuthorizationRequest::new(&Client::first()).without("state");
    browser.start(&request).await.expect_code(&request);
}

pub async fn empty_parameters_are_absent(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let mut request = AuthorizationRequest::new(&Client::first()).with("state", "");
    for name in [
        "prompt",
        "max_age",
        "login_hint",
        "response_mode",
        "request",
        "request_uri",
    ] {
        request = request.with(name, "");
    }
    browser.start(&request).await.expect_code(&request);

    let request = AuthorizationRequest::new(&Client::first()).with("scope", "");
    let code = browser.start(&request).await.expect_code(&request);
    let tokens = server.redeem(&Client::first(), &code).await.expect_tokens();
    assert_eq!(tokens.scope(), ["email", "profile"]);

    // Nor is an empty one a repetition.
    let mut request = AuthorizationRequest::new(&Client::first());
    for name in [
        "client_id",
        "redirect_uri",
        "state",
        "scope",
        "code_challenge",
    ] {
        request = request.and(name, "");
    }
    browser.start(&request).await.expect_code(&request);
}

pub async fn unknown_parameters_are_ignored(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let request = AuthorizationRequest::new(&Client::first());
    let request = request
        .with("flavour", "sweet")
        .with("nonce", "n-0S6_WzA2Mj")
        .with("", "x");
    browser.start(&request).await.expect_code(&request);
}

pub async fn repeated_parameters_are_invalid_request(target: &'static Target) {
    let names = [
        "response_type",
        "scope",
        "code_challenge",
        "code_challenge_method",
        "prompt",
    ];
    for name in names
        .into_iter()
        .chain(["max_age", "response_mode", "login_hint"])
    {
        let request = AuthorizationRequest::new(&Client::web());
        let value = match name {
            "max_age" => "100",
            "prompt" => "consent",
            "response_mode" => "query",
            _ => "value",
        };
        // The same value twice, so that nothing but the repetition is wrong.
        let known = request.parameters.iter().find(|(known, _)| known == name);
        let value = known.map_or(value.to_owned(), |(_, value)| value.clone());
        let request = request.with(name, &value).and(name, &value);
        let answer = start(target, &request).await;
        answer.expect_redirected(&request, "invalid_request");
    }
}

pub async fn repeated_state_is_not_echoed(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::web());
    let request = request.and("state", "another").expecting_no_state();
    start(target, &request)
        .await
        .expect_redirected(&request, "invalid_request");
}

/// Nothing can be trusted to redirect to.
pub async fn repeated_client_or_redirect_uri_is_a_page(target: &'static Target) {
    let client = Client::web();
    let request = AuthorizationRequest::new(&client);
    let repeated = request.clone().and("client_id", client.id);
    start(target, &repeated).await.expect_refusal_page();
    let repeated = request.and("redirect_uri", client.redirect_uris[0]);
    start(target, &repeated).await.expect_refusal_page();
}

/// The one exception, RFC 8707 section 2.
pub async fn resource_may_repeat(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let resource = server.url("/api");
    let request = AuthorizationRequest::new(&Client::first());
    let request = request
        .and("resource", &resource)
        .and("resource", &resource);
    browser.start(&request).await.expect_code(&request);
}

pub async fn invalid_utf8_is_a_page(target: &'static Target) {
    let query = AuthorizationRequest::new(&Client::web()).query();
    let server = target.server();
    for bad in ["login_hint=%ff", "login_hint=%c3%28", "%ff=1"] {
        let bad = format!("{query}&{bad}");
        server
            .get(&format!("/authorize?{bad}"))
            .await
            .expect_local_page([400]);
        post(target, bad).await.expect_local_page([400]);
    }
    // The same bytes, not percent-encoded.
    let body = [query.as_bytes(), b"&login_hint=\xff\xfe"].concat();
    let media_type = format!("Content-Type: {}", FORM.1);
    let answer = server.raw(Method::POST, "/authorize", &[media_type.as_bytes()], &body);
    answer.expect_refusal_page();
}

/// A page or an error at the redirect URI, but neither a code nor a broken connection.
fn expect_refused(answer: &Answer, request: &AuthorizationRequest) {
    if answer.location().is_some() {
        answer.expect_redirected(request, "invalid_request");
    } else {
        answer.expect_refusal_page();
    }
}

pub async fn oversized_query_is_refused(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let request = AuthorizationRequest::new(&Client::first());
    let request = request
        .with("login_hint", &"x".repeat(60_000))
        .expecting_no_state();
    let answer = browser.start(&request).await;
    assert!(answer.location().is_none(), "{answer:?}");
    assert!((400..500).contains(&answer.status), "{answer:?}");
}

pub async fn too_many_parameters_are_refused(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let mut request = AuthorizationRequest::new(&Client::first());
    for number in 0..1000 {
        request = request.and(&format!("p{number}"), "");
    }
    expect_refused(&browser.start(&request).await, &request);
}

/// `SameSite` cookies do not come with a cross-site POST, so the request is sent round.
pub async fn post_is_answered_by_a_redirect_to_get(target: &'static Target) {
    let server = target.server();
    let request = AuthorizationRequest::new(&Client::first()).with("state", "a+b %41&ü");
    let answer = post(target, request.query()).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let url = answer.location().expect("a location");
    assert!(
        url.as_str().starts_with(&server.url("/authorize?")),
        "{url}"
    );

    let browser = Browser::of(server, server.anyone()).await;
    browser.open(url.as_str()).await.expect_code(&request);
}

/// Bodies are bounded so that what is accepted fits the redirect and the way through the login page.
pub async fn long_requests_survive_post_and_login(target: &'static Target) {
    let server = target.server();
    for length in [1_000, 2_000, 4_000, 6_000] {
        let state = "ü/%".repeat(length / 12);
        let request = AuthorizationRequest::new(&Client::first()).with("state", &state);
        let answer = post(target, request.query()).await;
        assert_eq!(answer.status, 303, "{length}: {answer:?}");
        let browser = Browser::new(server);
        let login = browser
            .open(answer.location().expect("a location").as_str())
            .await;
        browser
            .log_in(&login, server.anyone())
            .await
            .expect_code(&request);
    }
}

pub async fn wrong_post_is_answered_at_once(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::web()).with("scope", "unheard-of");
    post(target, request.query())
        .await
        .expect_redirected(&request, "invalid_scope");
}

pub async fn post_with_an_untrusted_client_is_a_page(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::web()).with("client_id", &fresh("nobody"));
    post(target, request.query()).await.expect_refusal_page();
    post(target, String::new()).await.expect_refusal_page();
}

pub async fn post_that_is_no_form_is_a_page(target: &'static Target) {
    let query = AuthorizationRequest::new(&Client::web()).query();
    for media_type in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
    ] {
        let request = http().post(target.server().url("/authorize"));
        let request = request
            .header("content-type", media_type)
            .body(query.clone());
        Answer::to(request).await.expect_refusal_page();
    }
    let request = http().post(target.server().url("/authorize")).body(query);
    Answer::to(request).await.expect_refusal_page();
}

pub async fn oversized_post_is_a_page(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::web());
    let media_type = format!("Content-Type: {}", FORM.1);
    for size in [60_000, 3_000_000] {
        let body = request
            .clone()
            .with("login_hint", &"x".repeat(size))
            .query();
        let headers = [media_type.as_bytes()];
        let answer = target
            .server()
            .raw(Method::POST, "/authorize", &headers, body.as_bytes());
        assert!([400, 413].contains(&answer.status), "{answer:?}");
        answer.expect_refusal_page();
    }
}

/// Parameters in the query of a POST are not a second source that could win over the body.
pub async fn parameters_of_a_post_come_from_its_body(target: &'static Target) {
    let server = target.server();
    let query = AuthorizationRequest::new(&Client::web()).query();
    let answer = server
        .send(Method::POST, &format!("/authorize?{query}"), &[FORM], "")
        .await;
    answer.expect_refusal_page();
}

pub async fn other_methods_are_not_allowed(target: &'static Target) {
    let query = AuthorizationRequest::new(&Client::web()).query();
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let path = format!("/authorize?{query}");
        let answer = target.server().send(method, &path, &[], "").await;
        assert_eq!(answer.status, 405, "{answer:?}");
        assert!(answer.header("allow").contains("GET"), "{answer:?}");
    }
}
