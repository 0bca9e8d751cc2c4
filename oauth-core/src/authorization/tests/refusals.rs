//! Requests that are refused: at the redirect URI when it is verified, else on a page.

use bytes::Bytes;
use http::{Request, StatusCode, header};

use crate::test_server::{Form, ISSUER, TestServer, alice, get, local_page, secret_of};
use crate::{Client, GrantType};

fn request() -> Form {
    TestServer::request_of("web")
}

/// RFC 6749 section 4.1.2.1, RFC 9207 section 2.
#[tokio::test]
async fn the_client_is_told_with_state_and_issuer() {
    let test = TestServer::new();
    let no_codes = Client::builder("other")
        .secret(&secret_of("other"))
        .redirect_uri("https://other.example/callback")
        .grant_types([GrantType::CLIENT_CREDENTIALS])
        .build();
    test.store.register(no_codes.unwrap());
    let invalid = |name: &str, value: &str| (request().with(name, value), "invalid_request");
    let missing = |name: &str| (request().without(name), "invalid_request");
    let long = "a".repeat(42);
    for (form, expected) in [
        missing("response_type"),
        (
            request().with("response_type", "token"),
            "unsupported_response_type",
        ),
        (
            request().with("response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (
            request().with("response_type", "Code"),
            "unsupported_response_type",
        ),
        missing("code_challenge"),
        missing("code_challenge_method"),
        invalid("code_challenge_method", "plain"),
        invalid("code_challenge_method", "s256"),
        invalid("code_challenge", &long),
        invalid("response_mode", "fragment"),
        invalid("prompt", "select_account"),
        invalid("prompt", "none login"),
        invalid("prompt", "consent none"),
        invalid("max_age", "-1"),
        invalid("max_age", "1.5"),
        invalid("max_age", "+1"),
        invalid("max_age", "9223372036854775808"),
        invalid("login_after", "soon"),
        (request().with("scope", "profile admin"), "invalid_scope"),
        (request().with("scope", "Profile"), "invalid_scope"),
        (request().with("scope", "profile\t"), "invalid_scope"),
        (request().with("request", "e30."), "request_not_supported"),
        (
            request().with("request_uri", "urn:x"),
            "request_uri_not_supported",
        ),
        (
            TestServer::request_of("other").without("scope"),
            "unauthorized_client",
        ),
    ] {
        for user in [None, Some(alice())] {
            let callback = test.done(&form, user.as_ref()).await;
            let told: Vec<&str> = callback
                .parameters
                .iter()
                .map(|(n, _)| n.as_str())
                .collect();
            assert_eq!(told, ["error", "error_description", "state", "iss"]);
            assert_eq!(callback.error(), expected, "{form:?}");
            assert_eq!(callback.parameter("state"), Some("xyz"));
            assert_eq!(callback.parameter("iss"), Some(ISSUER));
        }
    }
    assert_eq!(test.store.written(), "");
}

#[tokio::test]
async fn an_invalid_post_is_answered_at_once() {
    let test = TestServer::new();
    let form = request().with("response_type", "token");
    let interaction = test.server.interact(&form.post(), None).await.unwrap();
    let crate::Interaction::Done(response) = interaction else {
        panic!("not done");
    };
    let callback = crate::test_server::Callback::of(response);
    assert_eq!(callback.uri, "https://web.example/callback");
    assert_eq!(callback.error(), "unsupported_response_type");
}

#[tokio::test]
async fn a_repeated_parameter_is_refused_and_a_repeated_state_not_echoed() {
    let test = TestServer::new();
    let full = request()
        .with("response_mode", "query")
        .with("prompt", "consent")
        .with("max_age", "9")
        .with("login_after", "9")
        .with("login_hint", "a");
    for name in [
        "response_type",
        "scope",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "prompt",
        "max_age",
        "login_after",
        "login_hint",
    ] {
        let callback = test.done(&full.clone().and(name, "code"), None).await;
        assert_eq!(callback.error(), "invalid_request", "{name}");
        assert_eq!(callback.parameter("state"), Some("xyz"), "{name}");
    }
    let callback = test.done(&full.clone().and("state", "xyz"), None).await;
    assert_eq!(callback.error(), "invalid_request");
    assert_eq!(callback.parameter("state"), None);
    assert_eq!(callback.parameter("iss"), Some(ISSUER));
    // An empty one is an absent one, an unknown one is nobody's business.
    for (name, value) in [("state", ""), ("unknown", "1"), ("unknown", "1")] {
        test.login(&request().with("unknown", "2").and(name, value), None)
            .await;
    }
}

#[tokio::test]
async fn without_a_client_and_its_redirect_uri_the_human_sees_a_page() {
    let test = TestServer::new();
    let two = Client::builder("two")
        .redirect_uri("https://two.example/a")
        .redirect_uri("https://two.example/b")
        .build();
    test.store.register(two.unwrap());
    let elsewhere = |uri: &str| request().with("redirect_uri", uri);
    for form in [
        Form::default(),
        request().without("client_id"),
        request().with("client_id", "nobody"),
        request().with("client_id", "Web"),
        request().with("client_id", "w\u{e9}b"),
        request().and("client_id", "web"),
        request().and("redirect_uri", "https://web.example/callback"),
        elsewhere("https://evil.example/callback"),
        elsewhere("https://web.example/callback/"),
        elsewhere("https://web.example/callback?a=b"),
        elsewhere("https://web.example/Callback"),
        elsewhere("https://WEB.example/callback"),
        elsewhere("https://web.example:443/callback"),
        elsewhere("https://web.example/callback#"),
        elsewhere("https://web.example/%63allback"),
        elsewhere("https://web.example@evil.example/callback"),
        elsewhere("http://web.example/callback"),
        TestServer::request_of("cli").with("redirect_uri", "http://localhost:1/callback"),
        TestServer::request_of("cli").with("redirect_uri", "http://127.0.0.1:0/callback"),
        TestServer::request_of("two").without("redirect_uri"),
    ] {
        // Errors that would otherwise go to the client stay here as well.
        for form in [form.clone(), form.with("response_type", "token")] {
            let page = test.refused_locally(&form.get()).await;
            assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{form:?}");
            let page = test.refused_locally(&form.post()).await;
            assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{form:?}");
        }
    }
}

#[tokio::test]
async fn requests_are_bounded_and_well_formed() {
    let test = TestServer::new();
    let padded = |bytes| request().with("x", &"a".repeat(bytes)).get();
    test.server.interact(&padded(15_000), None).await.unwrap();
    let page = test.refused_locally(&padded(16 * 1024)).await;
    assert_eq!(page.status(), StatusCode::URI_TOO_LONG);

    let long = request().with("x", &"a".repeat(8 * 1024)).post();
    let page = test.refused_locally(&long).await;
    assert_eq!(page.status(), StatusCode::PAYLOAD_TOO_LARGE);

    // What would grow beyond the query's limit when it is written as a query.
    let mut raw = request().post();
    *raw.body_mut() = format!("{}&x={}", request().encoded(), "(".repeat(7_000)).into();
    let page = test.refused_locally(&raw).await;
    assert_eq!(page.status(), StatusCode::PAYLOAD_TOO_LARGE);

    let mut unreadable = request().post();
    *unreadable.body_mut() = Bytes::new();
    unreadable.extensions_mut().insert(crate::UnreadableBody);
    let page = test.refused_locally(&unreadable).await;
    assert_eq!(page.status(), StatusCode::PAYLOAD_TOO_LARGE);

    for query in ["client_id=web&state=%FF", &"a=1&".repeat(101)] {
        let page = test
            .refused_locally(&get(&format!("/authorize?{query}")))
            .await;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    }
    let mut json = request().post();
    let content_type = header::HeaderValue::from_static("application/json");
    json.headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    let page = test.refused_locally(&json).await;
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn another_method_is_told_which_ones_there_are() {
    let test = TestServer::new();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request = Request::builder()
            .method(method)
            .uri(format!("/authorize?{}", request().encoded()))
            .body(Bytes::new())
            .unwrap();
        let page = test.refused_locally(&request).await;
        assert_eq!(page.status(), StatusCode::METHOD_NOT_ALLOWED);
        // RFC 9110 section 15.5.6.
        assert_eq!(page.headers()[header::ALLOW], "GET, HEAD, POST");
    }
    let error = test.server.decide(&get("/consent"), Some(&alice())).await;
    let page = local_page(error.map(|_| ()).unwrap_err());
    assert_eq!(page.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(page.headers()[header::ALLOW], "POST");
}

#[tokio::test]
async fn the_host_renders_the_page() {
    let test = TestServer::with(|builder| {
        builder.error_page(|page| format!("{} {}: {}", page.status(), page.code(), page.message()))
    });
    let page = test
        .refused_locally(&get("/authorize?client_id=%3Cb%3E"))
        .await;
    assert_eq!(
        page.body(),
        "400 Bad Request invalid_request: client_id is unknown"
    );
    let plain = TestServer::new();
    let page = plain
        .refused_locally(&get("/authorize?client_id=%3Cb%3E"))
        .await;
    let html = String::from_utf8(page.body().to_vec()).unwrap();
    assert!(html.contains("client_id is unknown.") && !html.contains("<b>"));
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"));
}
