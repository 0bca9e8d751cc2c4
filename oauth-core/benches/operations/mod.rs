//! The operations that are measured, with the framework and with the floor.
//!
//! Both are given the same requests and answer with the same kind of `http::Response`.

pub(crate) mod floor;
mod introspection;

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use floor::{Floor, FloorClient, sha256};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use oauth_core::store::ConsentStore;
use oauth_core::store::memory::MemoryStore;
use oauth_core::{
    Authentication, AuthorizationServer, Client, ClientId, GrantType, Interaction,
    ProtectedResource, Requirement, ResourceServer, Scope, SystemClock, UserId, VerifiedToken,
};

const ISSUER: &str = "https://auth.example.com";
const REDIRECT_URI: &str = "https://printer.example.com/callback";
const SECRET: &str = "Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU";
const SCOPE: &str = "profile email";
const STATE: &str = "af0ifjsldkj-3n2k1l";
// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Users take turns.
pub(crate) const USERS: usize = 1_000;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// An authorization request of a user who agreed before, up to the redirect with the code.
    Authorize,
    /// A posted consent, up to the redirect with the code.
    Decide,
    /// A code for an access and a refresh token.
    CodeExchange,
    /// A refresh token for an access and a refresh token.
    Refresh,
    /// An access token for a client on its own.
    ClientCredentials,
    /// A valid access token of a user, with the scope that is required.
    Verify,
    /// The same at an API in a process of its own, over the same stores.
    VerifyApart,
    /// A resource server's question about a valid access token of a user.
    Introspect,
}

#[allow(
    dead_code,
    reason = "one of the two benchmarks names its operations itself"
)]
impl Operation {
    pub(crate) const ALL: [Self; 8] = [
        Self::Authorize,
        Self::Decide,
        Self::CodeExchange,
        Self::Refresh,
        Self::ClientCredentials,
        Self::Verify,
        Self::VerifyApart,
        Self::Introspect,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Decide => "decide",
            Self::CodeExchange => "code exchange",
            Self::Refresh => "refresh",
            Self::ClientCredentials => "client credentials",
            Self::Verify => "bearer verification",
            Self::VerifyApart => "local verification",
            Self::Introspect => "introspection",
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One request, ready to be answered, and who is signed in.
pub(crate) struct Input {
    request: Request<Bytes>,
    parts: Parts,
    authentication: Authentication,
    user: Arc<str>,
    session: [u8; 32],
}

impl Input {
    /// The same as a server has it: read from a connection just now, and so in the processor's caches.
    #[allow(
        dead_code,
        reason = "one of the two benchmarks makes each when it is needed"
    )]
    pub(crate) fn received(&self) -> Self {
        let mut request = Request::new(Bytes::copy_from_slice(self.request.body()));
        request.method_mut().clone_from(self.request.method());
        *request.uri_mut() = self.request.uri().to_string().parse().expect("a URI");
        for (name, value) in self.request.headers() {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
            request.headers_mut().append(name, value);
        }
        Self {
            parts: request.clone().into_parts().0,
            request,
            authentication: self.authentication.clone(),
            user: self.user.clone(),
            session: self.session,
        }
    }
}

/// What an operation gives.
#[expect(dead_code, reason = "made to be measured, not to be read")]
pub(crate) enum Output {
    Response(Response<Bytes>),
    Verified(VerifiedToken),
    FloorVerified(floor::FloorToken),
}

/// One of the two that are compared.
pub(crate) trait Side: Send + Sync {
    /// Requests that can each be answered once, one for each of these numbers, by which users take turns.
    fn inputs(&self, operation: Operation, numbers: Range<usize>) -> Vec<Input>;

    /// Answers one of them.
    fn answer(&self, operation: Operation, input: &Input) -> Output;
}

/// The futures of the core on a store in memory never wait, so one poll is all of it.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}

fn user(n: usize) -> Arc<str> {
    format!("user-{:04}", n % USERS).into()
}

fn session(n: usize) -> String {
    format!("session-{:04}", n % USERS)
}

fn input(n: usize, request: Request<Bytes>) -> Input {
    Input {
        parts: request.clone().into_parts().0,
        request,
        authentication: Authentication::new(UserId::new(user(n)), session(n)),
        user: user(n),
        session: sha256(session(n).as_bytes()),
    }
}

/// With the headers that a browser or an HTTP library sends.
fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "auth.example.com")
        .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64)")
        .header(header::ACCEPT, "*/*")
}

fn authorize_request() -> Request<Bytes> {
    let query = format!(
        "response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fprinter.example.com%2Fcallback\
         &scope=profile+email&state={STATE}&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let request = request("GET", &format!("/authorize?{query}"));
    request.body(Bytes::new()).expect("a request")
}

fn form(path: &str, client: Option<&str>, form: String) -> Request<Bytes> {
    let mut request = request("POST", path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONTENT_LENGTH, form.len());
    if let Some(client) = client {
        let pair = STANDARD.encode(format!("{client}:{SECRET}"));
        request = request.header(header::AUTHORIZATION, format!("Basic {pair}"));
    }
    request.body(form.into()).expect("a request")
}

fn bearer(token: &str) -> Request<Bytes> {
    let request = request("GET", "/api/profile");
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    request.body(Bytes::new()).expect("a request")
}

fn code_form(code: &str) -> String {
    format!(
        "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}\
         &redirect_uri=https%3A%2F%2Fprinter.example.com%2Fcallback"
    )
}

/// From an answer to an earlier request to the next request.
fn requests(
    side: &impl Side,
    operation: Operation,
    numbers: Range<usize>,
    ticket: impl Fn(usize) -> String,
) -> Vec<Input> {
    let tokens = |earlier: Operation, name: &'static str| {
        let answered = side.inputs(earlier, numbers.clone()).into_iter();
        answered.map(move |input| {
            let Output::Response(response) = side.answer(earlier, &input) else {
                panic!("not a token response");
            };
            let body: serde_json::Value =
                serde_json::from_slice(response.body()).expect("a token response");
            body[name].as_str().expect("a token").to_owned()
        })
    };
    let requests: Vec<Request<Bytes>> = match operation {
        Operation::Authorize => numbers.clone().map(|_| authorize_request()).collect(),
        Operation::Decide => numbers
            .clone()
            .map(|n| {
                form(
                    "/consent",
                    None,
                    format!("ticket={}&decision=allow", ticket(n)),
                )
            })
            .collect(),
        Operation::CodeExchange => {
            let answered = side
                .inputs(Operation::Authorize, numbers.clone())
                .into_iter();
            let codes = answered.map(|input| {
                let Output::Response(response) = side.answer(Operation::Authorize, &input) else {
                    panic!("not a redirect");
                };
                let location = response.headers()[header::LOCATION].to_str().expect("text");
                let code = location.split_once("code=").expect("a code").1;
                code.split('&').next().expect("a code").to_owned()
            });
            codes
                .map(|code| form("/token", Some("web"), code_form(&code)))
                .collect()
        }
        Operation::Refresh => tokens(Operation::CodeExchange, "refresh_token")
            .map(|token| format!("grant_type=refresh_token&refresh_token={token}"))
            .map(|body| form("/token", Some("web"), body))
            .collect(),
        Operation::ClientCredentials => numbers
            .clone()
            .map(|_| {
                form(
                    "/token",
                    Some("job"),
                    "grant_type=client_credentials".to_owned(),
                )
            })
            .collect(),
        Operation::Verify | Operation::VerifyApart => {
            tokens(Operation::CodeExchange, "access_token")
                .map(|token| bearer(&token))
                .collect()
        }
        Operation::Introspect => tokens(Operation::CodeExchange, "access_token")
            .map(|token| introspection::request(&token))
            .collect(),
    };
    numbers
        .zip(requests)
        .map(|(n, request)| input(n, request))
        .collect()
}

/// The framework on its stores in memory.
pub(crate) struct Framework(AuthorizationServer, ProtectedResource);

impl Framework {
    pub(crate) fn new() -> Self {
        let client = |id: &str| Client::builder(id).secret(SECRET).scope(SCOPE);
        let web = client("web")
            .name("Photo printer")
            .redirect_uri(REDIRECT_URI)
            .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN]);
        let job = client("job").grant_types([GrantType::CLIENT_CREDENTIALS]);
        let clients = [web, job].map(|client| client.build().expect("a client"));
        let store = MemoryStore::new(clients.into_iter().chain([introspection::client()]));
        let web = ClientId::parse("web").expect("an identifier");
        let scope = Scope::parse(SCOPE).expect("a scope");
        let at = oauth_core::Clock::now(&SystemClock);
        for n in 0..USERS {
            let user = UserId::new(user(n));
            now(store.record(&user, &web, &scope, at)).expect("a consent");
        }
        let server = AuthorizationServer::builder(ISSUER)
            .store(store)
            .scope("profile", "Read your profile")
            .scope("email", "Read your address")
            .build()
            .expect("a server");
        let resource = introspection::protected_resource(&server);
        Self(server, resource)
    }

    /// One ticket for each consent page that is shown.
    fn ticket(&self, n: usize) -> String {
        let mut request = authorize_request();
        let asking = format!("{}&prompt=consent", request.uri());
        *request.uri_mut() = asking.parse().expect("a URI");
        let user = input(n, authorize_request()).authentication;
        match now(self.0.interact(&request, Some(&user))) {
            Ok(Interaction::Consent(prompt)) => prompt.ticket().to_owned(),
            _ => panic!("no consent page"),
        }
    }
}

impl Side for Framework {
    fn inputs(&self, operation: Operation, numbers: Range<usize>) -> Vec<Input> {
        requests(self, operation, numbers, |n| self.ticket(n))
    }

    #[inline(never)]
    fn answer(&self, operation: Operation, input: &Input) -> Output {
        let user = Some(&input.authentication);
        match operation {
            Operation::Authorize => match now(self.0.interact(&input.request, user)) {
                Ok(Interaction::Done(response)) => Output::Response(response.into_http()),
                _ => panic!("not a redirect"),
            },
            Operation::Decide => {
                let response = now(self.0.decide(&input.request, user)).expect("a redirect");
                Output::Response(response.into_http())
            }
            Operation::CodeExchange | Operation::Refresh | Operation::ClientCredentials => {
                let response = now(self.0.token(&input.request));
                assert_eq!(response.status(), StatusCode::OK);
                Output::Response(response)
            }
            Operation::Verify => {
                let verified = now(self
                    .0
                    .authenticate(&input.parts, &Requirement::scope("profile")));
                Output::Verified(verified.expect("a valid token"))
            }
            Operation::VerifyApart => {
                let verified = now(self
                    .1
                    .authenticate(&input.parts, &Requirement::scope("profile")));
                Output::Verified(verified.expect("a valid token"))
            }
            Operation::Introspect => {
                let response = now(self.0.introspect(&input.request));
                assert!(response.body().starts_with(b"{\"active\":true"));
                Output::Response(response)
            }
        }
    }
}

/// The unavoidable work alone.
pub(crate) struct Bare(Floor);

impl Bare {
    pub(crate) fn new() -> Self {
        let client = |id: &str| FloorClient {
            id: id.into(),
            secret: sha256(SECRET.as_bytes()),
            redirect_uri: REDIRECT_URI.to_owned(),
            scope: SCOPE.into(),
        };
        let floor = Floor::new(ISSUER, [client("web"), client("job"), client("api")]);
        for n in 0..USERS {
            floor.consent(&user(n), &"web".into(), &SCOPE.into());
        }
        Self(floor)
    }
}

impl Side for Bare {
    fn inputs(&self, operation: Operation, numbers: Range<usize>) -> Vec<Input> {
        requests(self, operation, numbers, |n| {
            let session = sha256(session(n).as_bytes());
            let ticket = self.0.park("web", &user(n), session, STATE, CHALLENGE);
            ticket.expect("a ticket")
        })
    }

    #[inline(never)]
    fn answer(&self, operation: Operation, input: &Input) -> Output {
        let floor = &self.0;
        let form: &[u8] = input.request.body();
        match operation {
            Operation::Authorize => {
                let query = input.request.uri().query().unwrap_or_default();
                redirect(floor.authorize(query, &input.user).expect("a redirect"))
            }
            Operation::Decide => redirect(
                floor
                    .decide(form, &input.user, &input.session)
                    .expect("a redirect"),
            ),
            Operation::CodeExchange | Operation::Refresh => {
                tokens(floor.exchange(authorization(input.request.headers()), form))
            }
            Operation::ClientCredentials => {
                tokens(floor.client_credentials(authorization(input.request.headers()), form))
            }
            Operation::Introspect => {
                let headers = input.request.headers();
                let body = introspection::introspect(floor, authorization(headers), form);
                no_store(body.expect("an active token"))
            }
            Operation::Verify | Operation::VerifyApart => {
                let verified = floor.verify(authorization(&input.parts.headers));
                let verified = verified.expect("a valid token");
                assert!(verified.scope.split(' ').any(|value| value == "profile"));
                Output::FloorVerified(verified)
            }
        }
    }
}

fn authorization(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).expect("a header");
    value.to_str().expect("text")
}

fn response<const N: usize>(
    status: StatusCode,
    body: impl Into<Bytes>,
    headers: [(HeaderName, &'static str); N],
) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    for (name, value) in headers {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

fn tokens(body: Option<Vec<u8>>) -> Output {
    Output::Response(response(
        StatusCode::OK,
        body.expect("a token response"),
        [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
            (header::PRAGMA, "no-cache"),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        ],
    ))
}

fn no_store(body: Vec<u8>) -> Output {
    Output::Response(response(
        StatusCode::OK,
        body,
        [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
            (header::PRAGMA, "no-cache"),
        ],
    ))
}

fn redirect(location: String) -> Output {
    let mut response = response(
        StatusCode::SEE_OTHER,
        Bytes::new(),
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; \
                 base-uri 'none'; frame-ancestors 'none'",
            ),
        ],
    );
    let location = HeaderValue::try_from(location).expect("a location");
    response.headers_mut().insert(header::LOCATION, location);
    Output::Response(response)
}
