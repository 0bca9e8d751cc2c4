//! The endpoints for a host that answers for its users and writes no handler.

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, header};

use crate::authorization::Authentication;
use crate::test_server::{Form, TestServer, Verb, alice, bob, get, location};
use crate::{ConsentPrompt, LoginPage, LoginPrompt, Paths, ResourceOwner, StoreError};

/// Who is signed in stands in the request's extensions, as a layer of the host would leave it.
#[derive(Clone)]
struct SignedIn(Authentication);

/// The host's sessions are away.
#[derive(Clone, Copy)]
enum Away {
    Before,
    Later,
    ForTheConsentPage,
}

struct Owner(LoginPage);

impl Owner {
    fn new() -> Self {
        Self::at("/sign-in")
    }

    fn at(address: &str) -> Self {
        let page = LoginPage::at(address, "next page").unwrap();
        Self(
            page.login_hint_parameter("user")
                .fresh_login_parameter("again"),
        )
    }
}

#[async_trait]
impl ResourceOwner for Owner {
    async fn authentication(&self, request: &Parts) -> Result<Option<Authentication>, StoreError> {
        match request.extensions.get::<Away>() {
            Some(Away::Before) => Err(StoreError::transient("10.0.0.1 refused")),
            Some(Away::Later) => Err(StoreError::permanent("no such table")),
            _ => Ok(request
                .extensions
                .get::<SignedIn>()
                .map(|user| user.0.clone())),
        }
    }

    fn login_page(&self, _: &Parts, _: &LoginPrompt) -> &LoginPage {
        &self.0
    }

    async fn consent_page(
        &self,
        request: &Parts,
        prompt: &ConsentPrompt,
    ) -> Result<String, StoreError> {
        if let Some(Away::ForTheConsentPage) = request.extensions.get() {
            return Err(StoreError::transient("10.0.0.1 refused"));
        }
        let (user, action, ticket) = (prompt.user(), prompt.action(), prompt.ticket());
        Ok(format!("{user}|{action}|{ticket}"))
    }
}

fn by(mut request: Request<Bytes>, user: Authentication) -> Request<Bytes> {
    request.extensions_mut().insert(SignedIn(user));
    request
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

/// The parameters of the login page's URL.
fn login_query(response: &Response<Bytes>, page: &str) -> Vec<(String, String)> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = location(response);
    let (before, query) = location.split_once('?').unwrap();
    assert_eq!(before, page);
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

impl TestServer {
    async fn at_authorization(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.server
            .authorization_endpoint(&Owner::new(), request)
            .await
    }

    async fn at_consent(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.server.consent_endpoint(&Owner::new(), request).await
    }
}

#[tokio::test]
async fn leads_to_the_login_page_and_back() {
    let test = TestServer::new();
    let form = TestServer::request_of("web").with("state", "a b&again=1#é");
    let answer = test.at_authorization(form.get()).await;
    let query = login_query(&answer, "https://auth.example/sign-in");
    let [(name, back)] = &query[..] else {
        panic!("more than the place to return to: {query:?}");
    };
    assert_eq!(name, "next page");
    assert!(test.server.is_return_url(back));
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    // Whoever has signed in there is asked, and may agree.
    let page = test.at_authorization(by(get(back), alice())).await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("form-action"));
    let html = text(&page);
    let ticket = html.strip_prefix("alice|/consent|").unwrap();
    let decision = Form::of([("ticket", ticket), ("decision", "allow")]);
    let stolen = test.at_consent(by(decision.post(), bob())).await;
    assert_eq!(stolen.status(), StatusCode::FORBIDDEN);
    let answer = test.at_consent(by(decision.post(), alice())).await;
    let target = location(&answer);
    assert!(
        target.starts_with("https://web.example/callback?code="),
        "{target}"
    );
    let again = test.at_consent(by(decision.post(), alice())).await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_login_page_is_told_of_a_hint_and_a_fresh_login() {
    let test = TestServer::new();
    let hint = "al&again=0@example.org";
    let form = TestServer::request_of("web").with("login_hint", hint);
    let page = "https://auth.example/sign-in";
    let query = login_query(&test.at_authorization(form.get()).await, page);
    assert_eq!(query[1], ("user".to_owned(), hint.to_owned()));
    assert_eq!(query.len(), 2);
    let fresh = TestServer::request_of("web").with("prompt", "login");
    let answer = test.at_authorization(by(fresh.get(), alice())).await;
    let query = login_query(&answer, page);
    assert_eq!(query[1], ("again".to_owned(), "1".to_owned()));
    assert!(query[0].1.contains("login_after"));
}

#[tokio::test]
async fn a_login_page_on_another_host_is_given_the_whole_url() {
    let test = TestServer::issued_by("https://auth.example/tenant", |builder| builder);
    let owner = Owner::at("https://login.example/in");
    let form = TestServer::request_of("web");
    let answer = test.server.authorization_endpoint(&owner, form.get()).await;
    let query = login_query(&answer, "https://login.example/in");
    let back = &query[0].1;
    assert!(
        back.starts_with("https://auth.example/tenant/authorize?"),
        "{back}"
    );
}

#[tokio::test]
async fn a_host_that_fails_is_a_page_and_changes_nothing() {
    for (away, status) in [
        (Away::Before, 503),
        (Away::Later, 500),
        (Away::ForTheConsentPage, 503),
    ] {
        let test = TestServer::new();
        let mut request = by(TestServer::request_of("web").get(), alice());
        request.extensions_mut().insert(away);
        let page = test.at_authorization(request).await;
        assert_eq!(page.status(), status);
        assert!(!page.headers().contains_key(header::LOCATION));
        let html = text(&page);
        assert!(
            html.contains("<!doctype html>") && !html.contains("10.0.0.1"),
            "{html}"
        );
        let mut decision = by(
            Form::of([("ticket", "x"), ("decision", "allow")]).post(),
            alice(),
        );
        decision.extensions_mut().insert(away);
        let expected = if matches!(away, Away::ForTheConsentPage) {
            400
        } else {
            status
        };
        assert_eq!(test.at_consent(decision).await.status(), expected);
        assert!(!test.store.calls().contains(&Verb::Open));
    }
}

#[tokio::test]
async fn other_methods() {
    let test = TestServer::new();
    let form = TestServer::request_of("web");
    let mut head = by(form.get(), alice());
    *head.method_mut() = Method::HEAD;
    let answer = test.at_authorization(head).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.body().is_empty() && test.store.written().is_empty());
    let mut delete = by(form.get(), alice());
    *delete.method_mut() = Method::DELETE;
    let answer = test.at_authorization(delete).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()[header::ALLOW], "GET, HEAD, POST");
    let answer = test.at_consent(by(get("/consent"), alice())).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()[header::ALLOW], "POST");
    // Signed in or not, a POST comes back as a GET.
    let answer = test.at_authorization(by(form.post(), alice())).await;
    assert!(location(&answer).starts_with("https://auth.example/authorize?"));
}

#[tokio::test]
async fn the_form_goes_where_the_endpoint_is() {
    let tenant = "https://auth.example/tenant";
    let paths = Paths::default().consent("/oauth/decide");
    let test = TestServer::issued_by(tenant, |builder| builder.paths(paths));
    let prompt = test.consent(&TestServer::request_of("web"), &alice()).await;
    assert_eq!(prompt.action(), "/tenant/oauth/decide");
    assert_eq!(test.server.consent_path(), "/oauth/decide");
    let same = Paths::default().consent("/token");
    let error = crate::AuthorizationServer::builder(tenant)
        .paths(same)
        .build();
    let problems = error.unwrap_err().problems().join("; ");
    assert!(
        problems.contains("the consent and token endpoints have the same path"),
        "{problems}"
    );
}

#[test]
fn the_answers_are_send() {
    fn is_send(_: impl Send) {}
    let test = TestServer::new();
    is_send(test.at_authorization(get("/authorize")));
    is_send(test.at_consent(get("/consent")));
}
