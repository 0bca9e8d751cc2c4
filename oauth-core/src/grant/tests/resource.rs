//! Resource indicators at the authorization and the token endpoint (RFC 8707).

use time::Duration as Span;

use crate::grant::RotationKey;
use crate::test_server::{Form, TestServer, alice};
use crate::{AuthorizationServer, Policy};

const API: &str = "https://API.example/v1";
const OTHER: &str = "https://other.example/";

fn server() -> TestServer {
    TestServer::with(|builder| builder.resource(API).resource(OTHER))
}

fn asking(resources: &[&str]) -> Form {
    let request = TestServer::request_of("web");
    resources
        .iter()
        .fold(request, |form, resource| form.and("resource", resource))
}

fn with_resources(form: Form, resources: &[&str]) -> Form {
    resources
        .iter()
        .fold(form, |form, resource| form.and("resource", resource))
}

/// What the access token is for, as it was asked for.
async fn audience(test: &TestServer, access_token: &str) -> Vec<String> {
    let token = test.server.verify_access_token(access_token).await;
    let token = token.unwrap().unwrap();
    let resources = token.audience().resources().iter();
    resources.map(ToString::to_string).collect()
}

/// RFC 8707 section 2.1, repeated values, kept as given.
#[tokio::test]
async fn what_the_authorization_request_names_is_the_audience() {
    let test = server();
    for resources in [
        &[][..],
        &["https://api.example/v1"],
        &[API, "https://other.example"],
        &[OTHER, OTHER],
    ] {
        let code = test.code_for(&asking(resources)).await;
        let tokens = test.redeem("web", &code).await.issued();
        let mut expected: Vec<String> = resources.iter().map(ToString::to_string).collect();
        expected.dedup();
        assert_eq!(audience(&test, &tokens.access_token()).await, expected);
        let next = test.refresh("web", &tokens.refresh_token()).await.issued();
        assert_eq!(audience(&test, &next.access_token()).await, expected);
    }
}

#[tokio::test]
async fn an_unknown_resource_is_refused_before_anybody_is_asked() {
    let test = server();
    for resource in [
        "https://unknown.example",
        "https://api.example",
        "https://api.example/v1#part",
        "api",
        "https://api.example/v1/",
    ] {
        for resources in [&[resource][..], &[API, resource]] {
            let refused = test.done(&asking(resources), None).await;
            assert_eq!(refused.error(), "invalid_target", "{resource}");
            let form = Form::of([("grant_type", "client_credentials")]);
            let answer = test.send("job", &with_resources(form, resources)).await;
            answer.is(400, "invalid_target");
        }
    }
    // An empty one is an absent one.
    test.code_for(&asking(&[""])).await;
}

/// RFC 8707 section 2.2: a token for less than what was granted, and never for more.
#[tokio::test]
async fn exchange_and_refresh_narrow_the_token_and_not_the_grant() {
    let test = server();
    let code = test.code_for(&asking(&[API, OTHER])).await;
    let form = with_resources(Form::redeeming(&code), &[OTHER]);
    let tokens = test.send("web", &form).await.issued();
    assert_eq!(audience(&test, &tokens.access_token()).await, [OTHER]);
    let form = with_resources(Form::refreshing(&tokens.refresh_token()), &[API]);
    let next = test.send("web", &form).await.issued();
    assert_eq!(audience(&test, &next.access_token()).await, [API]);
    let last = test.refresh("web", &next.refresh_token()).await.issued();
    assert_eq!(audience(&test, &last.access_token()).await, [API, OTHER]);
}

#[tokio::test]
async fn more_than_was_granted_is_refused_and_burns_nothing() {
    let test = server();
    let code = test.code_for(&asking(&[API])).await;
    let form = with_resources(Form::redeeming(&code), &[OTHER]);
    test.send("web", &form).await.is(400, "invalid_target");
    let tokens = test.redeem("web", &code).await.issued();
    let form = with_resources(Form::refreshing(&tokens.refresh_token()), &[API, OTHER]);
    test.send("web", &form).await.is(400, "invalid_target");
    test.refresh("web", &tokens.refresh_token()).await.issued();
}

/// Who named none may name one later: the token is then for less.
#[tokio::test]
async fn a_grant_for_everything_is_narrowed_to_any() {
    let test = server();
    let code = test.code("web").await;
    let form = with_resources(Form::redeeming(&code), &[OTHER]);
    let tokens = test.send("web", &form).await.issued();
    assert_eq!(audience(&test, &tokens.access_token()).await, [OTHER]);
    let next = test.refresh("web", &tokens.refresh_token()).await.issued();
    assert!(audience(&test, &next.access_token()).await.is_empty());
}

#[tokio::test]
async fn scope_and_audience_are_narrowed_together() {
    let test = server();
    let code = test.code_for(&asking(&[API, OTHER])).await;
    let tokens = test.redeem("web", &code).await.issued();
    let form = with_resources(Form::refreshing(&tokens.refresh_token()), &[API]);
    let next = test
        .send("web", &form.with("scope", "email"))
        .await
        .issued();
    assert_eq!(audience(&test, &next.access_token()).await, [API]);
    let scope = test.scope_of(&next.access_token()).await;
    assert_eq!(scope.as_deref(), Some("email"));
}

/// It travels with the ticket of the consent page, and with the return URL of the login page.
#[tokio::test]
async fn the_hand_off_keeps_it() {
    let test = server();
    let login = test.login(&asking(&[API, OTHER]), None).await;
    assert_eq!(login.return_to().matches("resource=").count(), 2);
    let prompt = test.consent(&asking(&[OTHER]), &alice()).await;
    let callback = test
        .decide(prompt.ticket(), "allow", &alice())
        .await
        .unwrap();
    let tokens = test.redeem("web", callback.code()).await.issued();
    assert_eq!(audience(&test, &tokens.access_token()).await, [OTHER]);
}

#[tokio::test]
async fn a_retry_names_its_resource_again() {
    let window = std::time::Duration::from_secs(30);
    let test = TestServer::with(|builder| {
        builder
            .resource(API)
            .resource(OTHER)
            .policy(Policy::default().refresh_retry_window(window))
            .rotation_keys([RotationKey::new([7; 32])])
    });
    let code = test.code_for(&asking(&[API])).await;
    let tokens = test.redeem("web", &code).await.issued();
    test.refresh("web", &tokens.refresh_token()).await.issued();
    test.advance(Span::seconds(5));
    let form = with_resources(Form::refreshing(&tokens.refresh_token()), &[OTHER]);
    test.send("web", &form).await.is(400, "invalid_target");
    let form = with_resources(Form::refreshing(&tokens.refresh_token()), &[API]);
    let again = test.send("web", &form).await.issued();
    assert_eq!(audience(&test, &again.access_token()).await, [API]);
}

/// The same stores and clients, after the host has taken resources away.
fn knowing(test: &TestServer, resources: &[&str]) -> TestServer {
    let window = std::time::Duration::from_secs(30);
    let builder = AuthorizationServer::builder("https://auth.example")
        .store(test.store.clone())
        .clock(test.clock.clone())
        .policy(Policy::default().refresh_retry_window(window))
        .rotation_keys([RotationKey::new([7; 32])]);
    let builder = resources
        .iter()
        .fold(builder, |builder, resource| builder.resource(*resource));
    TestServer {
        server: builder.build().unwrap(),
        clock: test.clock.clone(),
        store: test.store.clone(),
    }
}

#[tokio::test]
async fn a_resource_that_is_gone_is_in_no_new_token() {
    let before = knowing(&TestServer::new(), &[API, OTHER]);
    let code = before.code_for(&asking(&[API, OTHER])).await;
    let tokens = before.redeem("web", &code).await.issued();
    let code = before.code_for(&asking(&[OTHER, API])).await;
    let after = knowing(&before, &[API]);

    let next = after.refresh("web", &tokens.refresh_token()).await.issued();
    assert_eq!(audience(&after, &next.access_token()).await, [API]);
    let again = after.refresh("web", &tokens.refresh_token()).await.issued();
    assert_eq!(audience(&after, &again.access_token()).await, [API]);
    let form = with_resources(Form::refreshing(&next.refresh_token()), &[OTHER]);
    after.send("web", &form).await.is(400, "invalid_target");
    let redeemed = after.redeem("web", &code).await.issued();
    assert_eq!(audience(&after, &redeemed.access_token()).await, [API]);

    // It was the user's will, so it counts once the resource is back.
    let last = before
        .refresh("web", &redeemed.refresh_token())
        .await
        .issued();
    assert_eq!(audience(&before, &last.access_token()).await, [OTHER, API]);
}

/// An audience of nothing would be a token for everything.
#[tokio::test]
async fn where_every_resource_is_gone_there_is_no_token_and_nothing_is_burnt() {
    let before = knowing(&TestServer::new(), &[API, OTHER]);
    let code = before.code_for(&asking(&[OTHER])).await;
    let tokens = before.redeem("web", &code).await.issued();
    let unused = before.code_for(&asking(&[OTHER])).await;
    for resources in [&[API][..], &[]] {
        let after = knowing(&before, resources);
        let refused = after.refresh("web", &tokens.refresh_token()).await;
        refused.is(400, "invalid_target");
        after.redeem("web", &unused).await.is(400, "invalid_target");
    }
    // A grant that named none is for whatever there is.
    let code = before.code("web").await;
    let redeemed = knowing(&before, &[]).redeem("web", &code).await.issued();
    assert!(audience(&before, &redeemed.access_token()).await.is_empty());
    before
        .refresh("web", &tokens.refresh_token())
        .await
        .issued();
    before.redeem("web", &unused).await.issued();
}
