//! Each refusal is one event.

use super::*;

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
