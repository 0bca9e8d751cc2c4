//! Client authentication at the token endpoint.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, header};

use crate::client::auth::{ClientAuthentication, ClientRequest, PresentedClient};
use crate::test_server::{Answer, Form, TestServer, secret_of, web};
use crate::{Client, GrantType, Rejection, StoreError, TokenEndpointAuthMethod, UnreadableBody};

fn form() -> Form {
    Form::of([("grant_type", "client_credentials")])
}

#[tokio::test]
async fn an_unknown_client_looks_like_a_wrong_secret() {
    let test = TestServer::new();
    let attempts = [
        form().with_basic("nobody", "x"),
        form().with_basic("job", "x"),
        form().with_basic("job", ""),
        form().with_basic("", ""),
        form().with_basic("j\u{f6}b", "x"),
        // The right secret in another way than the registered one.
        form()
            .with("client_id", "job")
            .with("client_secret", &secret_of("job"))
            .post(),
        form().with_basic("post", &secret_of("post")),
        form()
            .with("client_id", "nobody")
            .with("client_secret", "x")
            .post(),
        form().with("client_secret", "x").post(),
        form().with("client_id", "job").post(),
        form().with("client_id", "nobody").post(),
        form().with_basic("spa", ""),
        form().post(),
    ];
    let mut answers: Vec<Answer> = Vec::new();
    for attempt in &attempts {
        answers.push(test.token(attempt).await);
    }
    for answer in &answers {
        answer.is(401, "invalid_client");
        assert_eq!(answer.bytes, answers[0].bytes);
        assert_eq!(answer.headers, answers[0].headers);
    }
    // RFC 6749 section 5.2: the scheme the client used.
    let challenge = answers[0].headers[header::WWW_AUTHENTICATE].to_str();
    assert!(challenge.unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn one_method_in_a_request() {
    let test = TestServer::new();
    let basic = |form: Form| form.with_basic("job", &secret_of("job"));
    let twice = basic(form().with("client_secret", &secret_of("job")));
    test.token(&twice).await.is(400, "invalid_request");
    let other = basic(form().with("client_id", "web"));
    test.token(&other).await.is(400, "invalid_request");
    let same = basic(form().with("client_id", "job"));
    test.token(&same).await.issued();
    let mut two_headers = basic(form());
    let again = two_headers.headers()[header::AUTHORIZATION].clone();
    two_headers
        .headers_mut()
        .append(header::AUTHORIZATION, again);
    test.token(&two_headers).await.is(400, "invalid_request");
}

#[tokio::test]
async fn a_malformed_header_is_a_failed_authentication() {
    let test = TestServer::new();
    for value in [
        &b"Basic"[..],
        b"Basic !",
        b"Basic am9i",
        b"Basic am9iOiVGRg==",
        b"Bearer am9iOng=",
        b"\xff\xfe x",
    ] {
        let mut request = form().post();
        let value = HeaderValue::from_bytes(value).unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
        test.token(&request).await.is(401, "invalid_client");
    }
}

/// RFC 7617 section 2: the identifier ends at the first colon. What needs no escape may stand as it is.
#[tokio::test]
async fn a_secret_has_colons_and_either_half_is_escaped_or_not() {
    let test = TestServer::new();
    let client = Client::builder("job:2")
        .secret("a:b:")
        .grant_types([GrantType::CLIENT_CREDENTIALS]);
    test.store.register(client.build().unwrap());
    let with = |pair: &str| {
        let mut request = form().post();
        let value = format!("Basic {}", STANDARD.encode(pair)).parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
        request
    };
    for pair in ["job%3A2:a:b:", "job%3A2:a%3Ab%3A", "%6Aob%3a2:a:b%3a"] {
        test.token(&with(pair)).await.issued();
    }
    for pair in [
        "job:2:a:b:",
        "job%3A2:a:b",
        "job%3A2:",
        "job%3A2::a:b:",
        ":a:b:",
    ] {
        test.token(&with(pair)).await.is(401, "invalid_client");
    }
}

#[tokio::test]
async fn every_secret_of_a_client_counts() {
    let test = TestServer::new();
    let client = Client::builder("job")
        .secret(&secret_of("job"))
        .secret("the next one")
        .grant_types([GrantType::CLIENT_CREDENTIALS]);
    test.store.register(client.build().unwrap());
    for secret in [secret_of("job").as_str(), "the next one"] {
        test.token(&form().with_basic("job", secret)).await.issued();
    }
    let wrong = form().with_basic("job", "the one after");
    test.token(&wrong).await.is(401, "invalid_client");
}

/// RFC 6749 section 5.2, and what an HTTP endpoint owes its callers.
#[tokio::test]
async fn what_is_no_token_request() {
    let test = TestServer::new();
    let send = |form: Form| form.sent_by("job");
    test.token(&send(Form::default()))
        .await
        .is(400, "invalid_request");
    let unknown = Form::of([("grant_type", "password")]);
    test.token(&send(unknown))
        .await
        .is(400, "unsupported_grant_type");
    let twice = form().and("grant_type", "client_credentials");
    test.token(&send(twice)).await.is(400, "invalid_request");
    let flood = (0..100).fold(form(), |form, _| form.and("x", "y"));
    test.token(&send(flood)).await.is(400, "invalid_request");

    for content_type in [
        "application/json",
        "text/plain",
        "",
        "application/x-www-form-urlencodedx",
    ] {
        let mut request = send(form());
        let value = HeaderValue::from_str(content_type).unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, value);
        test.token(&request).await.is(400, "invalid_request");
    }
    let mut with_charset = send(form());
    let value = HeaderValue::from_static("Application/X-WWW-Form-Urlencoded ; charset=UTF-8");
    with_charset
        .headers_mut()
        .insert(header::CONTENT_TYPE, value);
    test.token(&with_charset).await.issued();

    let mut long = send(form());
    *long.body_mut() = vec![b'a'; crate::BODY_LIMIT + 1].into();
    test.token(&long).await.is(413, "invalid_request");
    let mut broken = send(form());
    broken.extensions_mut().insert(UnreadableBody);
    test.token(&broken).await.is(413, "invalid_request");
    let mut latin = send(form());
    *latin.body_mut() = Bytes::from_static(b"grant_type=client_credentials&scope=\xe9");
    test.token(&latin).await.is(400, "invalid_request");

    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let mut request = send(form());
        *request.method_mut() = method.parse().unwrap();
        let answer = test.token(&request).await;
        answer.is(405, "invalid_request");
        assert_eq!(answer.headers[header::ALLOW], "POST, OPTIONS");
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_call() {
    let test = TestServer::new();
    let request = Request::options("/token").body(Bytes::new()).unwrap();
    let preflight = test.server.token(&request).await;
    assert_eq!(preflight.status(), 204);
    let headers = preflight.headers();
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(headers["access-control-allow-methods"], "POST, OPTIONS");
    let allowed = &headers["access-control-allow-headers"];
    assert_eq!(allowed, "authorization, content-type");
    let refused = test.token(&form().post()).await;
    let issued = test.send("job", &form()).await.issued();
    for answer in [refused, issued] {
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert!(
            !answer
                .headers
                .contains_key("access-control-allow-credentials")
        );
    }
}

/// A proxy in front has checked a certificate and says whose it is.
struct TrustedProxy;

#[async_trait]
impl ClientAuthentication for TrustedProxy {
    fn method(&self) -> TokenEndpointAuthMethod {
        TokenEndpointAuthMethod::new("tls_client_auth")
    }

    fn identify<'r>(
        &self,
        request: &ClientRequest<'r>,
    ) -> Result<Option<PresentedClient<'r>>, Rejection> {
        let name = request
            .headers()
            .get("x-certificate")
            .and_then(|name| name.to_str().ok());
        // Or the same in a scheme of its own.
        let named = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Certificate "));
        Ok(name.or(named).map(|name| PresentedClient::new(name, None)))
    }

    async fn verify(
        &self,
        _request: &ClientRequest<'_>,
        _presented: &PresentedClient<'_>,
        client: &Client,
    ) -> Result<bool, StoreError> {
        match client.name() {
            "unreachable" => Err(StoreError::transient("no answer")),
            name => Ok(name != "revoked"),
        }
    }
}

#[tokio::test]
async fn a_method_of_the_host() {
    let test = TestServer::with(|builder| builder.client_authentication(TrustedProxy));
    for name in ["fine", "revoked", "unreachable"] {
        let client = Client::builder(name)
            .name(name)
            .token_endpoint_auth_method(TokenEndpointAuthMethod::new("tls_client_auth"))
            .grant_types([GrantType::CLIENT_CREDENTIALS]);
        test.store.register(client.build().unwrap());
    }
    let certified = |form: Form, name: &'static str| {
        let mut request = form.post();
        let value = HeaderValue::from_static(name);
        request.headers_mut().insert("x-certificate", value);
        request
    };
    test.token(&certified(form(), "fine")).await.issued();
    let mut scheme = form().post();
    let value = HeaderValue::from_static("Certificate fine");
    scheme.headers_mut().insert(header::AUTHORIZATION, value);
    test.token(&scheme).await.issued();
    let named = form().with("client_id", "fine");
    test.token(&certified(named, "fine")).await.issued();
    let revoked = test.token(&certified(form(), "revoked")).await;
    revoked.is(401, "invalid_client");
    let unreachable = test.token(&certified(form(), "unreachable")).await;
    unreachable.is(503, "temporarily_unavailable");
    // Clients that registered another method, and a second method beside it.
    for other in ["job", "spa", "nobody"] {
        let answer = test.token(&certified(form(), other)).await;
        assert_eq!(answer.bytes, revoked.bytes);
    }
    let both = form().with("client_secret", "x").with("client_id", "fine");
    test.token(&certified(both, "fine"))
        .await
        .is(400, "invalid_request");
    // And the client cannot come without its certificate.
    let bare = form().with("client_id", "fine").post();
    test.token(&bare).await.is(401, "invalid_client");
}

#[tokio::test]
async fn a_client_that_was_removed_gets_no_more_tokens() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    test.store.remove_client("web");
    let refreshed = test.refresh("web", &tokens.refresh_token()).await;
    refreshed.is(401, "invalid_client");
    test.store.register(web().build().unwrap());
    test.refresh("web", &tokens.refresh_token()).await.issued();
}
