mod ends;
mod refusals;

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
