use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request};
use time::Duration;

use super::{Event, EventKind, EventSink};
use crate::test_server::{Fault, Form, START, TestServer, Verb, alice, bob, get, secret_of};
use crate::{
    ClientId, Policy, ProtectedResource, RequestOrigin, Requirement, ResourceServer, SubjectStatus,
    UserId,
};

/// Keeps what it is told, as text.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl EventSink for Recorder {
    fn event(&self, event: &Event<'_>) {
        let lasting = format!("{event:?}");
        self.0.lock().unwrap().push(lasting);
    }
}

impl Recorder {
    /// What it was told since the last time this was asked.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// The kinds of it, in order.
    #[track_caller]
    fn expect<const N: usize>(&self, kinds: [&str; N]) -> Vec<String> {
        let events = self.take();
        let names: Vec<_> = events.iter().map(|event| kind_of(event)).collect();
        assert_eq!(names, kinds, "{events:#?}");
        events
    }
}

fn kind_of(event: &str) -> &str {
    let (_, kind) = event.split_once("kind: ").unwrap();
    kind.split([' ', '{']).next().unwrap()
}

fn recorded() -> (TestServer, Recorder) {
    let recorder = Recorder::default();
    let test = TestServer::with(|builder| builder.event_sink(recorder.clone()));
    (test, recorder)
}

#[track_caller]
fn holds(event: &str, parts: &[&str]) {
    for part in parts {
        assert!(event.contains(part), "no {part} in {event}");
    }
}

#[tokio::test]
async fn a_code_and_its_tokens_are_told_with_one_grant() {
    let (test, recorder) = recorded();
    let code = test.code("web").await;
    let events = recorder.expect(["ConsentGiven", "CodeIssued"]);
    holds(
        &events[0],
        &[
            "\"web\"",
            "alice",
            "profile email",
            "audience",
            "remembered: true",
        ],
    );
    holds(
        &events[1],
        &["\"web\"", "alice", "profile email", "audience"],
    );
    let (_, grant) = events[1].split_once("grant: ").unwrap();
    let grant = grant.split(", scope").next().unwrap();

    let tokens = test.redeem("web", &code).await.issued();
    let events = recorder.expect(["TokenIssued"]);
    let whose = ["authorization_code", "\"web\"", "User", "alice"];
    holds(&events[0], &whose);
    holds(&events[0], &[grant, "profile email", "refresh_token: true"]);

    test.refresh("web", &tokens.refresh_token()).await.issued();
    let events = recorder.expect(["TokenIssued"]);
    holds(&events[0], &["grant_type: ", "refresh_token", grant]);

    let form = Form::of([("grant_type", "client_credentials")]);
    test.send("job", &form).await.issued();
    let events = recorder.expect(["TokenIssued"]);
    holds(
        &events[0],
        &["client_credentials", "Client", "refresh_token: false"],
    );
}

#[tokio::test]
async fn consent_that_is_not_kept_says_so_and_remembered_consent_is_no_event() {
    let (test, recorder) = recorded();
    test.code("cli").await;
    let events = recorder.expect(["ConsentGiven", "CodeIssued"]);
    holds(&events[0], &["remembered: false"]);
    test.code("web").await;
    recorder.take();
    test.code("web").await;
    recorder.expect(["CodeIssued"]);
}

#[tokio::test]
async fn a_denial_is_one_event() {
    let (test, recorder) = recorded();
    let form = TestServer::request_of("web");
    let prompt = test.consent(&form, &alice()).await;
    test.decide(prompt.ticket(), "deny", &alice())
        .await
        .unwrap();
    let events = recorder.expect(["ConsentDenied"]);
    holds(&events[0], &["\"web\"", "alice"]);

    let pending = test.server.authorize(&form.get()).await.unwrap();
    test.server.deny(pending);
    let events = recorder.expect(["ConsentDenied"]);
    holds(&events[0], &["subject: None"]);
}

#[tokio::test]
async fn a_code_used_twice_is_a_replay_and_a_refusal() {
    let (test, recorder) = recorded();
    let code = test.code("web").await;
    test.redeem("web", &code).await.issued();
    recorder.take();
    test.redeem("web", &code).await.is(400, "invalid_grant");
    let events = recorder.expect(["CodeReplayed", "Refused"]);
    holds(&events[0], &["\"web\"", "alice", "grant"]);
    holds(&events[1], &["Token", "\"web\"", "InvalidGrant"]);
}

#[tokio::test]
async fn a_refresh_token_used_twice_is_reuse_and_a_refusal() {
    let (test, recorder) = recorded();
    let tokens = test.tokens("web").await;
    test.refresh("web", &tokens.refresh_token()).await.issued();
    recorder.take();
    let again = test.refresh("web", &tokens.refresh_token()).await;
    again.is(400, "invalid_grant");
    recorder.expect(["RefreshTokenReused", "Refused"]);
}

#[tokio::test]
async fn a_replay_is_told_even_when_the_grant_cannot_be_ended() {
    let (test, recorder) = recorded();
    let code = test.code("web").await;
    test.redeem("web", &code).await.issued();
    recorder.take();
    test.store.fail(Verb::Revoke, 1, Fault::TransientBefore);
    test.redeem("web", &code)
        .await
        .is(503, "temporarily_unavailable");
    let events = recorder.expect(["CodeReplayed", "Refused"]);
    holds(&events[1], &["TemporarilyUnavailable"]);
}

#[tokio::test]
async fn refusals_of_the_token_endpoint_are_one_event_each() {
    let (test, recorder) = recorded();
    let unknown = Form::of([("grant_type", "made-up")]);
    test.send("web", &unknown)
        .await
        .is(400, "unsupported_grant_type");
    let events = recorder.expect(["Refused"]);
    holds(&events[0], &["Token", "\"web\"", "UnsupportedGrantType"]);
    assert!(!events[0].contains("made-up"), "{}", events[0]);

    test.token(&get("/token")).await.is(405, "invalid_request");
    holds(&recorder.expect(["Refused"])[0], &["client_id: None"]);
    let not_a_form = Request::post("/token").body(Bytes::new()).unwrap();
    test.token(&not_a_form).await.is(400, "invalid_request");
    holds(&recorder.expect(["Refused"])[0], &["client_id: None"]);
    test.redeem("web", "unknown").await.is(400, "invalid_grant");
    recorder.expect(["Refused"]);
}

#[tokio::test]
async fn failed_client_authentication_is_an_event_of_its_own() {
    let (test, recorder) = recorded();
    let form = Form::of([("grant_type", "client_credentials"), ("token", "x")]);
    let wrong = form.with_basic("job", "a wrong secret");
    test.token(&wrong).await.is(401, "invalid_client");
    let events = recorder.expect(["ClientAuthenticationFailed"]);
    holds(&events[0], &["Token", "\"job\""]);
    assert!(!events[0].contains("wrong"), "{}", events[0]);
    test.server.revoke(&wrong).await;
    let events = recorder.expect(["ClientAuthenticationFailed"]);
    holds(&events[0], &["Revocation"]);
    test.server.introspect(&wrong).await;
    let events = recorder.expect(["ClientAuthenticationFailed"]);
    holds(&events[0], &["Introspection"]);
    test.token(&form.post()).await.is(401, "invalid_client");
    let events = recorder.expect(["ClientAuthenticationFailed"]);
    holds(&events[0], &["client_id: None"]);
}

#[tokio::test]
async fn revocations_and_introspections_are_told() {
    let (test, recorder) = recorded();
    let tokens = test.tokens("web").await;
    recorder.take();
    let send = |token: String| Form::of([("token", &token)]).sent_by("web");
    test.server.introspect(&send(tokens.access_token())).await;
    holds(&recorder.expect(["Introspected"])[0], &["active: true"]);
    test.server.revoke(&send(tokens.access_token())).await;
    let events = recorder.expect(["Revoked"]);
    holds(
        &events[0],
        &["by: Client", "\"web\"", "alice", "whole_grant: false"],
    );
    test.server.introspect(&send(tokens.access_token())).await;
    holds(&recorder.expect(["Introspected"])[0], &["active: false"]);
    test.server.revoke(&send(tokens.refresh_token())).await;
    holds(&recorder.expect(["Revoked"])[0], &["whole_grant: true"]);
    test.server.revoke(&send("unknown".to_owned())).await;
    recorder.expect([]);
    let foreign = Form::of([("token", &tokens.refresh_token())]).sent_by("post");
    test.server.revoke(&foreign).await;
    recorder.expect([]);

    let spa = Form::of([("token", "x")]).sent_by("spa");
    test.server.introspect(&spa).await;
    holds(
        &recorder.expect(["Refused"])[0],
        &["Introspection", "\"spa\""],
    );
    test.server.revoke(&Form::default().sent_by("web")).await;
    holds(&recorder.expect(["Refused"])[0], &["Revocation", "\"web\""]);
    test.server.introspect(&get("/introspect")).await;
    test.server.revoke(&get("/revoke")).await;
    recorder.expect(["Refused", "Refused"]);
}

#[tokio::test]
async fn refusals_of_the_authorization_endpoint_are_one_event_each() {
    let (test, recorder) = recorded();
    let form = TestServer::request_of("web");
    for (local, client_id) in [
        (form.clone().with("client_id", "nobody"), "client_id: None"),
        (
            form.clone().with("redirect_uri", "https://x.example/"),
            "\"web\"",
        ),
    ] {
        test.refused_locally(&local.get()).await;
        let events = recorder.expect(["Refused"]);
        holds(&events[0], &["Authorization", client_id, "InvalidRequest"]);
        test.server.authorize(&local.get()).await.unwrap_err();
        recorder.expect(["Refused"]);
    }
    let redirected = form.clone().with("scope", "everything");
    test.done(&redirected, Some(&alice())).await;
    let events = recorder.expect(["Refused"]);
    holds(&events[0], &["Authorization", "\"web\"", "InvalidScope"]);
    test.done(&form.clone().with("prompt", "none"), None).await;
    holds(
        &recorder.expect(["Refused"])[0],
        &["LoginRequired", "\"web\""],
    );
    test.store.fail(Verb::Open, 1, Fault::PermanentBefore);
    test.done(&TestServer::request_of("own"), Some(&alice()))
        .await;
    holds(
        &recorder.expect(["Refused"])[0],
        &["ServerError", "\"own\""],
    );
    // Nothing was refused, and nothing has happened yet.
    test.login(&form, None).await;
    recorder.expect([]);
}

#[tokio::test]
async fn refused_decisions_are_one_event_each() {
    let (test, recorder) = recorded();
    let prompt = test.consent(&TestServer::request_of("web"), &alice()).await;
    recorder.expect([]);
    test.decide(prompt.ticket(), "allow", &bob())
        .await
        .unwrap_err();
    holds(
        &recorder.expect(["Refused"])[0],
        &["Consent", "InvalidRequest"],
    );
    test.decide(prompt.ticket(), "perhaps", &alice())
        .await
        .unwrap_err();
    recorder.expect(["Refused"]);
    test.store.fail(Verb::Record, 1, Fault::TransientBefore);
    test.decide(prompt.ticket(), "allow", &alice())
        .await
        .unwrap();
    let events = recorder.expect(["Refused"]);
    holds(
        &events[0],
        &["Consent", "\"web\"", "TemporarilyUnavailable"],
    );
}

#[tokio::test]
async fn refusals_of_protected_resources_are_one_event_each() {
    let (test, recorder) = recorded();
    tells_each_refusal_once(&test, &recorder, &test.server).await;
}

/// As above, but the sink is the API's and not the server's.
#[tokio::test]
async fn refusals_of_an_api_in_its_own_process_are_one_event_each() {
    let test = TestServer::new();
    let (before, first, second) = (
        ProtectedResource::new("https://api.example", test.server.clone()).unwrap(),
        Recorder::default(),
        Recorder::default(),
    );
    let api = before.clone().event_sink(first.clone());
    let api = api.event_sink(second.clone());
    tells_each_refusal_once(&test, &first, &api).await;
    assert_eq!(second.take().len(), 5);
    let (parts, _) = get("/report").into_parts();
    let required = Requirement::default();
    before.authenticate(&parts, &required).await.unwrap_err();
    first.expect([]);
}

async fn tells_each_refusal_once(
    test: &TestServer,
    recorder: &Recorder,
    api: &impl ResourceServer,
) {
    let form = Form::of([("grant_type", "client_credentials")]);
    let token = test.send("job", &form).await.issued().access_token();
    recorder.take();
    let ask = async |token: Option<&str>, scope: &str, user: bool| {
        let mut request = get("/report");
        if let Some(token) = token {
            let bearer = format!("Bearer {token}").try_into().unwrap();
            request.headers_mut().insert("authorization", bearer);
        }
        let (parts, _) = request.into_parts();
        let required = Requirement::scope(scope);
        match user {
            true => api.authenticate_user(&parts, &required).await.is_ok(),
            false => api.authenticate(&parts, &required).await.is_ok(),
        }
    };
    assert!(ask(Some(&token), "report", false).await);
    recorder.expect([]);
    assert!(!ask(None, "report", false).await);
    holds(
        &recorder.expect(["Refused"])[0],
        &["ProtectedResource", "code: None"],
    );
    assert!(!ask(Some("unknown"), "report", true).await);
    holds(
        &recorder.expect(["Refused"])[0],
        &["InvalidToken", "client_id: None"],
    );
    assert!(!ask(Some(&token), "other", false).await);
    holds(
        &recorder.expect(["Refused"])[0],
        &["InsufficientScope", "\"job\""],
    );
    assert!(!ask(Some(&token), "report", true).await);
    holds(
        &recorder.expect(["Refused"])[0],
        &["InsufficientScope", "\"job\""],
    );
    test.store
        .fail(Verb::FindCredential, 1, Fault::TransientBefore);
    assert!(!ask(Some(&token), "report", false).await);
    holds(
        &recorder.expect(["Refused"])[0],
        &["TemporarilyUnavailable"],
    );
}

#[tokio::test]
async fn a_disconnected_application_is_one_event() {
    let (test, recorder) = recorded();
    test.tokens("web").await;
    test.tokens("web").await;
    recorder.take();
    let client = ClientId::parse("web").unwrap();
    test.server
        .disconnect(&UserId::new("alice"), &client)
        .await
        .unwrap();
    holds(
        &recorder.expect(["Disconnected"])[0],
        &["\"web\"", "alice", "grants: 2"],
    );
}

#[tokio::test]
async fn an_event_has_its_moment_and_where_the_request_came_from() {
    #[derive(Clone, Default)]
    struct Origins(Arc<Mutex<Vec<(String, String, time::OffsetDateTime)>>>);
    impl EventSink for Origins {
        fn event(&self, event: &Event<'_>) {
            let peer = format!("{:?}", event.peer());
            let request_id = event.request_id().unwrap_or_default().to_owned();
            self.0.lock().unwrap().push((peer, request_id, event.at()));
            assert!(!matches!(event.kind(), EventKind::Throttled { .. }));
        }
    }
    let origins = Origins::default();
    let test = TestServer::with(|builder| builder.event_sink(origins.clone()));
    let from = |mut request: Request<Bytes>| {
        let peer = "192.0.2.7".parse().unwrap();
        let origin = RequestOrigin::new().with_peer(peer).with_request_id("r-1");
        request.extensions_mut().insert(origin);
        request
    };
    test.advance(Duration::seconds(5));
    let form = TestServer::request_of("web");
    let prompt = match test
        .server
        .interact(&from(form.get()), Some(&alice()))
        .await
    {
        Ok(crate::Interaction::Consent(prompt)) => prompt,
        other => panic!("{other:?}"),
    };
    let allow = Form::of([("ticket", prompt.ticket()), ("decision", "allow")]);
    let decided = test
        .server
        .decide(&from(allow.post()), Some(&alice()))
        .await;
    let callback = crate::test_server::Callback::of(decided.unwrap());
    let redeem = Form::redeeming(callback.code()).sent_by("web");
    let answer = test.token(&from(redeem.clone())).await.issued();
    test.token(&from(redeem)).await.is(400, "invalid_grant");
    let token = Form::of([("token", &answer.refresh_token())]).sent_by("web");
    test.server.revoke(&from(token.clone())).await;
    test.server.introspect(&from(token)).await;
    let local = form.clone().with("client_id", "nobody").get();
    test.server.interact(&from(local), None).await.unwrap_err();
    let redirected = form.with("scope", "everything").get();
    test.server.interact(&from(redirected), None).await.unwrap();
    let (parts, _) = from(get("/api")).into_parts();
    let required = Requirement::scope("profile");
    test.server
        .authenticate(&parts, &required)
        .await
        .unwrap_err();
    let clock = test.clock.clone();
    let api = ProtectedResource::with_clock("https://api.example", test.server.clone(), clock);
    let api = api.unwrap().event_sink(origins.clone());
    api.authenticate(&parts, &required).await.unwrap_err();
    let told = origins.0.lock().unwrap();
    assert_eq!(told.len(), 11, "{told:?}");
    for (peer, request_id, at) in told.iter() {
        assert_eq!(peer, "Some(192.0.2.7)");
        assert_eq!(request_id, "r-1");
        assert_eq!(*at, START + Duration::seconds(5));
    }
}

#[tokio::test]
async fn several_sinks_are_told_the_same() {
    let (first, second) = (Recorder::default(), Recorder::default());
    let test = TestServer::with(|builder| {
        let builder = builder.event_sink(first.clone());
        builder.event_sink(second.clone())
    });
    test.tokens("web").await;
    let events = first.take();
    assert_eq!(events.len(), 3);
    assert_eq!(events, second.take());
}

/// The whole life of a grant, with every secret that came up in it.
#[tokio::test]
async fn no_event_holds_a_secret_or_its_digest() {
    let recorder = Recorder::default();
    let policy = Policy::default().refresh_retry_window(std::time::Duration::from_secs(30));
    let key = crate::RotationKey::new([7; 32]);
    let test = TestServer::with(|builder| {
        let builder = builder.event_sink(recorder.clone()).policy(policy);
        builder.rotation_keys([key])
    });
    let form = TestServer::request_of("web").with("state", "the-state-of-the-client");
    let prompt = test.consent(&form, &alice()).await;
    let ticket = prompt.ticket().to_owned();
    let denied = test.consent(&form, &alice()).await.ticket().to_owned();
    test.decide(&denied, "deny", &alice()).await.unwrap();
    test.decide(&denied, "deny", &alice()).await.unwrap_err();
    let code = test.decide(&ticket, "allow", &alice()).await.unwrap();
    let code = code.code().to_owned();
    let first = test.redeem("web", &code).await.issued();
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    let retried = test.refresh("web", &first.refresh_token()).await.issued();
    let wrong = Form::refreshing(&second.refresh_token());
    test.token(&wrong.with_basic("web", "a-guess-at-it")).await;
    test.redeem("web", &code).await.is(400, "invalid_grant");
    let form = Form::of([("token", &second.refresh_token())]);
    test.server.revoke(&form.sent_by("web")).await;
    test.server.introspect(&form.sent_by("web")).await;
    test.refresh("web", &second.refresh_token())
        .await
        .is(400, "invalid_grant");
    let client = ClientId::parse("web").unwrap();
    test.server
        .disconnect(&UserId::new("alice"), &client)
        .await
        .unwrap();

    let told = recorder.take().join("\n");
    assert!(told.lines().count() > 10, "{told}");
    let (access, refresh) = (first.access_token(), first.refresh_token());
    let secrets = [
        &ticket,
        &denied,
        &code,
        &access,
        &refresh,
        &second.access_token(),
        &second.refresh_token(),
        &retried.access_token(),
        &secret_of("web"),
        "a-guess-at-it",
        "the-state-of-the-client",
        "session of alice",
        crate::test_server::VERIFIER,
    ];
    for secret in secrets {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    let (credentials, tickets) = test.store.keys();
    assert!(credentials.len() > 4 && !tickets.is_empty());
    for key in credentials.iter().chain(&tickets) {
        let hex: String = key
            .digest()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert!(!told.contains(&hex), "a digest in {told}");
        assert!(
            !told.contains(&format!("{:?}", key.digest())),
            "a digest in {told}"
        );
        assert!(!told.contains(&format!("{key:?}")), "a key in {told}");
    }
}

#[tokio::test]
async fn a_disabled_user_is_a_refusal_of_a_known_client() {
    struct Nobody;
    #[async_trait::async_trait]
    impl SubjectStatus for Nobody {
        async fn is_active(&self, _: &UserId) -> Result<bool, crate::StoreError> {
            Ok(false)
        }
    }
    let recorder = Recorder::default();
    let test = TestServer::with(|builder| {
        let builder = builder.event_sink(recorder.clone());
        builder.subject_status(Arc::new(Nobody))
    });
    let code = test.code("web").await;
    recorder.take();
    test.redeem("web", &code).await.is(400, "invalid_grant");
    holds(
        &recorder.expect(["Refused"])[0],
        &["\"web\"", "the user is disabled"],
    );
    let mut request = Form::redeeming(&code).sent_by("web");
    *request.method_mut() = Method::OPTIONS;
    test.server.token(&request).await;
    recorder.expect([]);
}

/// The user's own page: one grant ended, then everything.
#[tokio::test]
async fn what_a_user_ends_is_told() {
    let recorder = Recorder::default();
    let test = TestServer::with(|builder| builder.event_sink(recorder.clone()));
    test.tokens("web").await;
    test.tokens("web").await;
    test.tokens("post").await;
    let user = crate::UserId::new("alice");
    let grants = test.server.connected_grants(&user).await.unwrap();
    recorder.take();
    test.server.end_grant(&user, grants[0].id()).await.unwrap();
    let told = recorder.take();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("Revoked") && told[0].contains("User"),
        "{told:?}"
    );
    test.server.end_grant(&user, grants[0].id()).await.unwrap();
    assert!(recorder.take().is_empty(), "nothing has ended");
    test.server.disconnect_all(&user).await.unwrap();
    let told = recorder.take();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter().all(|event| event.contains("Disconnected")),
        "{told:?}"
    );
}

/// Each grant that an operator ends, once.
#[tokio::test]
async fn what_an_operator_ends_is_told() {
    let (test, recorder) = recorded();
    test.tokens("web").await;
    test.tokens("post").await;
    recorder.take();
    let all = crate::GrantSelection::all();
    assert_eq!(test.server.revoke_grants(&all).await.unwrap(), 2);
    for told in recorder.expect(["Revoked", "Revoked"]) {
        holds(&told, &["by: Operator", "whole_grant: true", "alice"]);
    }
    assert_eq!(test.server.revoke_grants(&all).await.unwrap(), 0);
    recorder.expect([]);
}
