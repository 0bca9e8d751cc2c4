//! What ends a token or a grant is told.

use super::*;

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
