//! What `routes_with` of each adapter must do, driven through a host of its framework. The adapters'
//! tests include this file, so no expectation is written twice.

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, header};
use oauth_core::store::memory::MemoryStore;
use oauth_core::{
    Authentication, AuthorizationServer, Client, ConsentPrompt, LoginPage, LoginPrompt,
    ResourceOwner, StoreError, UserId,
};

/// The header by which a test says who is signed in. The host copies it into the extensions.
pub(crate) const USER: &str = "x-test-user";

/// What the host's own layer has found out about the request.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn(pub(crate) String);

/// The answer of the host's own fallback.
pub(crate) const NOT_FOUND: &str = "the host's own page";

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) struct Owner(LoginPage);

impl Owner {
    pub(crate) fn new() -> Self {
        Self(LoginPage::at("/login", "return_to").unwrap())
    }
}

#[async_trait]
impl ResourceOwner for Owner {
    async fn authentication(&self, request: &Parts) -> Result<Option<Authentication>, StoreError> {
        match request.extensions.get::<SignedIn>() {
            Some(SignedIn(name)) if name == "nobody can say" => {
                Err(StoreError::transient("the sessions are away"))
            }
            Some(SignedIn(name)) => Ok(Some(Authentication::new(UserId::new(name.as_str()), name))),
            None => Ok(None),
        }
    }

    fn login_page(&self, _: &Parts, _: &LoginPrompt) -> &LoginPage {
        &self.0
    }

    async fn consent_page(&self, _: &Parts, prompt: &ConsentPrompt) -> Result<String, StoreError> {
        Ok(format!("{} {}", prompt.action(), prompt.ticket()))
    }
}

/// A server below this path of its host.
pub(crate) fn server(base: &str) -> AuthorizationServer {
    let client = Client::builder("spa")
        .redirect_uri("https://spa.example/callback")
        .scope("profile")
        .build();
    AuthorizationServer::builder(format!("https://auth.example{base}"))
        .store(MemoryStore::new([client.unwrap()]))
        .scope("profile", "Read your profile")
        .build()
        .unwrap()
}

fn authorize(base: &str, method: Method, user: Option<&str>) -> Request<Bytes> {
    let uri = format!(
        "{base}/authorize?response_type=code&client_id=spa&code_challenge_method=S256\
         &code_challenge={CHALLENGE}&state=a%20b%26c"
    );
    by(Request::builder().method(method).uri(uri), user, "")
}

fn by(request: http::request::Builder, user: Option<&str>, body: &str) -> Request<Bytes> {
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = match user {
        Some(user) => request.header(USER, user),
        None => request,
    };
    request
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn location(response: &Response<Bytes>) -> url::Url {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = response.headers()[header::LOCATION].to_str().unwrap();
    url::Url::parse(location).unwrap()
}

fn parameter(url: &url::Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(own, _)| own == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {url}"))
        .1
        .into_owned()
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

/// From the client's link over login and consent to an access token.
pub(crate) async fn whole_way(host: impl AsyncFn(Request<Bytes>) -> Response<Bytes>, base: &str) {
    let answer = host(authorize(base, Method::GET, None)).await;
    let login = location(&answer);
    assert_eq!(login.path(), "/login");
    let back = parameter(&login, "return_to");
    assert!(back.starts_with(&format!("{base}/authorize?")), "{back}");

    let page = host(by(Request::get(back), Some("alice"), "")).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(
        page.headers()[header::CONTENT_TYPE],
        "text/html; charset=utf-8"
    );
    assert!(page.headers().contains_key(header::CONTENT_SECURITY_POLICY));
    let (action, ticket) = text(&page).split_once(' ').unwrap();
    assert_eq!(action, format!("{base}/consent"));

    let form = format!("ticket={ticket}&decision=allow");
    let stolen = host(by(Request::post(action), Some("bob"), &form)).await;
    assert_eq!(stolen.status(), StatusCode::FORBIDDEN);
    let answer = host(by(Request::post(action), Some("alice"), &form)).await;
    let callback = location(&answer);
    assert_eq!(callback.host_str(), Some("spa.example"));
    assert_eq!(parameter(&callback, "state"), "a b&c");

    let code = parameter(&callback, "code");
    let form =
        format!("grant_type=authorization_code&client_id=spa&code={code}&code_verifier={VERIFIER}");
    let request = Request::post(format!("{base}/token"));
    let answer = host(by(request, None, &form)).await;
    assert_eq!(answer.status(), StatusCode::OK, "{}", text(&answer));
    let tokens: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert!(tokens["access_token"].is_string());
}

/// HEAD changes nothing and has no body; a POST becomes a GET; other methods are refused with a page.
pub(crate) async fn methods(host: impl AsyncFn(Request<Bytes>) -> Response<Bytes>, base: &str) {
    let head = host(authorize(base, Method::HEAD, Some("alice"))).await;
    assert_eq!(head.status(), StatusCode::OK);
    assert!(head.body().is_empty());
    let link = authorize(base, Method::POST, None);
    let query = link.uri().query().unwrap().to_owned();
    let post = Request::post(format!("{base}/authorize"));
    let again = location(&host(by(post, None, &query)).await);
    assert_eq!(again.path(), format!("{base}/authorize"));
    for (method, path, allow) in [
        (Method::DELETE, "/authorize", "GET, HEAD, POST"),
        (Method::GET, "/consent", "POST"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(format!("{base}{path}"));
        let answer = host(by(request, Some("alice"), "")).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.headers()[header::ALLOW], allow);
    }
}

/// What goes wrong is a page of the core; what is not the framework's stays the host's.
pub(crate) async fn refusals(host: impl AsyncFn(Request<Bytes>) -> Response<Bytes>, base: &str) {
    let away = host(authorize(base, Method::GET, Some("nobody can say"))).await;
    assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!text(&away).contains("the sessions are away"));
    let request = Request::get(format!("{base}/authorize?client_id=unknown"));
    let unknown = host(by(request, Some("alice"), "")).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
    assert!(!unknown.headers().contains_key(header::LOCATION));
    let long = "x".repeat(oauth_core::BODY_LIMIT + 1);
    let request = Request::post(format!("{base}/consent"));
    let long = host(by(request, Some("alice"), &long)).await;
    assert_eq!(long.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let other = host(by(Request::get(format!("{base}/other")), None, "")).await;
    assert_eq!(text(&other), NOT_FOUND);
}
