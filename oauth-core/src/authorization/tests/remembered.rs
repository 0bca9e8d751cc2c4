//! Remembered consent.

use crate::ClientId;
use crate::UserId;
use crate::store::ConsentStore;
use crate::test_server::{Form, TestServer, Verb, alice, bob};

async fn agree(test: &TestServer, client: &str, scope: &str) {
    let form = TestServer::request_of(client).with("scope", scope);
    let prompt = test.consent(&form, &alice()).await;
    test.decide(prompt.ticket(), "allow", &alice())
        .await
        .unwrap();
}

async fn remembered(test: &TestServer, client: &str) -> Option<String> {
    let client = ClientId::parse(client).unwrap();
    let consent = ConsentStore::find(&test.store, &UserId::new("alice"), &client).await;
    Some(consent.unwrap()?.scope.as_str().to_owned())
}

#[tokio::test]
async fn consents_add_up() {
    let test = TestServer::new();
    agree(&test, "web", "email").await;
    assert_eq!(remembered(&test, "web").await.as_deref(), Some("email"));

    let both = TestServer::request_of("web");
    let prompt = test.consent(&both, &alice()).await;
    let known: Vec<_> = prompt
        .scopes()
        .iter()
        .map(|scope| (scope.name(), scope.granted_before()))
        .collect();
    assert_eq!(known, [("profile", false), ("email", true)]);

    agree(&test, "web", "profile").await;
    assert_eq!(
        remembered(&test, "web").await.as_deref(),
        Some("email profile")
    );
    assert!(
        test.done(&both, Some(&alice()))
            .await
            .parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn a_consent_is_of_one_user_for_one_client() {
    let test = TestServer::new();
    agree(&test, "web", "profile email").await;
    test.consent(&TestServer::request_of("web"), &bob()).await;
    test.consent(&TestServer::request_of("post"), &alice())
        .await;
    let asked_again = TestServer::request_of("web").with("prompt", "consent");
    test.consent(&asked_again, &alice()).await;
}

#[tokio::test]
async fn a_refusal_is_not_remembered_and_forgets_nothing() {
    let test = TestServer::new();
    let form = TestServer::request_of("web");
    let prompt = test.consent(&form, &alice()).await;
    test.decide(prompt.ticket(), "deny", &alice())
        .await
        .unwrap();
    assert_eq!(remembered(&test, "web").await, None);
    test.consent(&form, &alice()).await;
}

#[tokio::test]
async fn what_another_program_could_receive_is_not_remembered() {
    for client in ["cli", "own-cli"] {
        let test = TestServer::new();
        agree(&test, client, "profile email").await;
        assert_eq!(remembered(&test, client).await, None);
        let form = TestServer::request_of(client);
        test.consent(&form, &alice()).await;
        let silent = test
            .done(&form.with("prompt", "none"), Some(&alice()))
            .await;
        assert_eq!(silent.error(), "consent_required");
    }
}

#[tokio::test]
async fn consent_is_remembered_before_the_grant_is_opened() {
    let test = TestServer::new();
    let form = TestServer::request_of("web");
    let prompt = test.consent(&form, &alice()).await;
    test.store.calls();
    test.decide(prompt.ticket(), "allow", &alice())
        .await
        .unwrap();
    assert_eq!(
        test.store.calls(),
        [
            Verb::Get,
            Verb::Take,
            Verb::FindClient,
            Verb::Record,
            Verb::Open
        ]
    );
}

#[tokio::test]
async fn the_account_page_lists_and_disconnects() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    let other = test.tokens("post").await;
    let own = test.tokens("own").await;
    let alice = UserId::new("alice");
    let mut listed = Vec::new();
    for application in test.server.connected_applications(&alice).await.unwrap() {
        listed.push((
            application.client_id().to_string(),
            application.client_name().to_owned(),
            application.scope().as_str().to_owned(),
            application.live_grants(),
        ));
    }
    let entry = |id: &str, name: &str| {
        (
            id.to_owned(),
            name.to_owned(),
            "profile email".to_owned(),
            1,
        )
    };
    let expected = [
        entry("own", "own"),
        entry("post", "post"),
        entry("web", "Photo <printer>"),
    ];
    assert_eq!(listed, expected);
    let nobody = test
        .server
        .connected_applications(&UserId::new("bob"))
        .await;
    assert_eq!(nobody.unwrap(), []);

    let web = ClientId::parse("web").unwrap();
    test.server
        .disconnect(&UserId::new("bob"), &web)
        .await
        .unwrap();
    assert!(test.is_live(&tokens.access_token()).await);
    test.server.disconnect(&alice, &web).await.unwrap();
    test.server.disconnect(&alice, &web).await.unwrap();
    assert!(!test.is_live(&tokens.access_token()).await);
    let refreshed = test.refresh("web", &tokens.refresh_token()).await;
    refreshed.is(400, "invalid_grant");
    assert!(test.is_live(&other.access_token()).await);
    assert!(test.is_live(&own.access_token()).await);
    let form = TestServer::request_of("web");
    test.consent(&form, &crate::test_server::alice()).await;
}

const API: &str = "https://api.example/v1";
const OTHER: &str = "https://other.example";

fn with_resources() -> TestServer {
    TestServer::with(|builder| builder.resource(API).resource(OTHER))
}

fn asking(scope: &str, resources: &[&str]) -> Form {
    let request = TestServer::request_of("web").with("scope", scope);
    let resources = resources.iter();
    resources.fold(request, |form, resource| form.and("resource", resource))
}

/// RFC 8707 section 3: what is allowed at one API is not allowed at another.
#[tokio::test]
async fn a_consent_is_for_the_resources_that_it_named() {
    let test = with_resources();
    test.code_for(&asking("email", &[API])).await;
    for (scope, resources, covered) in [
        ("email", &[API][..], true),
        ("email", &["HTTPS://API.example:443/v1"], true),
        ("email", &[OTHER], false),
        ("email", &[API, OTHER], false),
        ("email", &[], false),
        ("profile", &[API], false),
    ] {
        let silent = asking(scope, resources).with("prompt", "none");
        let answer = test.done(&silent, Some(&alice())).await;
        let error = (!covered).then_some("consent_required");
        assert_eq!(answer.parameter("error"), error, "{scope} at {resources:?}");
    }
    let prompt = test
        .consent(&asking("email profile", &[OTHER, API]), &alice())
        .await;
    let named: Vec<_> = prompt.resources().iter().map(|it| it.as_str()).collect();
    assert_eq!(named, [OTHER, API]);
    assert!(!prompt.scopes().iter().any(|scope| scope.granted_before()));
    let prompt = test
        .consent(&asking("email profile", &[API]), &alice())
        .await;
    let before: Vec<_> = prompt
        .scopes()
        .iter()
        .map(|it| it.granted_before())
        .collect();
    assert_eq!(before, [true, false]);
}

/// A token without an audience is also for APIs that the server does not name, or not yet.
#[tokio::test]
async fn consents_for_every_resource_are_none_for_a_request_without() {
    let test = with_resources();
    test.code_for(&asking("email", &[API])).await;
    test.code_for(&asking("email", &[OTHER])).await;
    test.consent(&asking("email", &[]), &alice()).await;
}

/// The client could write words for the user into its own spelling.
#[tokio::test]
async fn the_consent_page_has_the_servers_spelling_of_a_resource() {
    let test = with_resources();
    let spelling = "HTTPS://API.example/only-your-name/../v1";
    let prompt = test.consent(&asking("email", &[spelling]), &alice()).await;
    let named: Vec<_> = prompt.resources().iter().map(|it| it.as_str()).collect();
    assert_eq!(named, [API]);
    test.code_for(&asking("email", &[spelling])).await;
    let user = UserId::new("alice");
    let grants = test.server.connected_grants(&user).await.unwrap();
    let audience = grants[0].audience().resources();
    assert_eq!(audience[0].as_str(), API);
}

/// A host that does without [`interact`](crate::AuthorizationServer::interact) records by itself.
#[tokio::test]
async fn a_host_can_record_what_a_pending_request_was_allowed() {
    let test = with_resources();
    let request = asking("email profile", &[API]);
    let pending = test.server.authorize(&request.get()).await.unwrap();
    let granted = crate::Scope::parse("email").unwrap();
    let remembered = pending.scope_to_remember(&granted);
    let client = ClientId::parse("web").unwrap();
    let user = UserId::new("alice");
    let now = crate::Clock::now(&test.clock);
    test.store
        .record(&user, &client, &remembered, now)
        .await
        .unwrap();
    for (scope, resource, covered) in [
        ("email", API, true),
        ("email", OTHER, false),
        ("profile", API, false),
    ] {
        let silent = asking(scope, &[resource]).with("prompt", "none");
        let answer = test.done(&silent, Some(&alice())).await;
        assert_eq!(answer.parameter("code").is_some(), covered, "{scope}");
    }
}

/// A token without a resource is for all of them, so whoever allowed that allowed each.
#[tokio::test]
async fn a_consent_without_a_resource_is_for_all_of_them() {
    let test = with_resources();
    let prompt = test.consent(&asking("email", &[]), &alice()).await;
    assert!(prompt.resources().is_empty());
    test.decide(prompt.ticket(), "allow", &alice())
        .await
        .unwrap();
    assert_eq!(remembered(&test, "web").await.as_deref(), Some("email"));
    for resources in [&[][..], &[API], &[API, OTHER]] {
        let request = asking("email", resources);
        let answer = test.done(&request, Some(&alice())).await;
        assert!(answer.parameter("code").is_some(), "at {resources:?}");
    }
}

#[tokio::test]
async fn consents_for_resources_add_up_and_are_shown_and_withdrawn_as_one() {
    let test = with_resources();
    test.code_for(&asking("email", &[API])).await;
    test.code_for(&asking("profile", &[OTHER])).await;
    test.code_for(&asking("email", &[API, OTHER])).await;
    for (scope, resource, covered) in [
        ("email", API, true),
        ("email profile", OTHER, true),
        ("profile", API, false),
    ] {
        let silent = asking(scope, &[resource]).with("prompt", "none");
        let answer = test.done(&silent, Some(&alice())).await;
        assert_eq!(answer.parameter("code").is_some(), covered, "{scope}");
    }
    let user = UserId::new("alice");
    let connected = test.server.connected_applications(&user).await.unwrap();
    assert_eq!(connected.len(), 1);
    assert_eq!(connected[0].scope().as_str(), "email profile");
    let client = ClientId::parse("web").unwrap();
    test.server.disconnect(&user, &client).await.unwrap();
    let silent = asking("email", &[API]).with("prompt", "none");
    let answer = test.done(&silent, Some(&alice())).await;
    assert_eq!(answer.error(), "consent_required");
}
