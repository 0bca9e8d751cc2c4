//! The consent ticket.

use http::StatusCode;
use time::Duration;

use crate::authorization::{Authentication, AuthorizationError};
use crate::store::ConsentStore;
use crate::test_server::{
    Callback, Form, ISSUER, TestServer, Verb, alice, bob, local_page, secret_of, web,
};
use crate::{Client, GrantType, Scope, UserId};

async fn ticket(test: &TestServer) -> String {
    let form = TestServer::request_of("web");
    let prompt = test.consent(&form, &alice()).await;
    prompt.ticket().to_owned()
}

fn status(outcome: Result<Callback, AuthorizationError>) -> StatusCode {
    local_page(outcome.unwrap_err()).status()
}

#[tokio::test]
async fn the_page_says_who_asks_for_what() {
    let test = TestServer::new();
    let prompt = test.consent(&TestServer::request_of("web"), &alice()).await;
    assert_eq!(prompt.client_id(), "web");
    assert_eq!(prompt.client_name(), "Photo <printer>");
    assert_eq!(prompt.redirect_host(), "web.example");
    let shown: Vec<_> = prompt
        .scopes()
        .iter()
        .map(|scope| (scope.name(), scope.description(), scope.granted_before()))
        .collect();
    assert_eq!(
        shown,
        [
            ("profile", "Read your profile", false),
            ("email", "email", false)
        ]
    );
    assert!(!format!("{prompt:?}").contains(prompt.ticket()));
    // Neither ticket nor session reach the store.
    let written = test.store.written();
    assert!(!written.contains(prompt.ticket()) && !written.contains("session of alice"));
}

#[tokio::test]
async fn is_good_for_one_decision() {
    let test = TestServer::new();
    for decision in ["deny", "allow"] {
        let ticket = ticket(&test).await;
        test.decide(&ticket, decision, &alice()).await.unwrap();
        for again in ["allow", "deny"] {
            let outcome = test.decide(&ticket, again, &alice()).await;
            assert_eq!(status(outcome), StatusCode::BAD_REQUEST);
        }
    }
}

#[tokio::test]
async fn two_presses_at_once_are_one_decision() {
    let test = TestServer::new();
    let ticket = ticket(&test).await;
    let (other, pressed) = (test.clone(), ticket.clone());
    // Between reading the ticket and taking it, the other press takes it.
    test.store.before(Verb::Take, move || async move {
        other.decide(&pressed, "allow", &alice()).await.unwrap();
    });
    test.store.calls();
    let outcome = test.decide(&ticket, "allow", &alice()).await;
    assert_eq!(status(outcome), StatusCode::BAD_REQUEST);
    let opened = test.store.calls();
    assert_eq!(opened.iter().filter(|verb| **verb == Verb::Open).count(), 1);
}

#[tokio::test]
async fn a_refusal_is_told_to_the_client() {
    let test = TestServer::new();
    let ticket = ticket(&test).await;
    test.store.calls();
    let callback = test.decide(&ticket, "deny", &alice()).await.unwrap();
    assert_eq!(callback.error(), "access_denied");
    assert_eq!(callback.parameter("state"), Some("xyz"));
    assert_eq!(callback.parameter("iss"), Some(ISSUER));
    let calls = test.store.calls();
    assert!(!calls.contains(&Verb::Open) && !calls.contains(&Verb::Record));
}

#[tokio::test]
async fn belongs_to_the_session_and_user_it_was_shown_to() {
    let test = TestServer::new();
    let ticket = ticket(&test).await;
    let other_session = Authentication::new(UserId::new("alice"), "session of bob");
    let other_user = Authentication::new(UserId::new("bob"), "session of alice");
    for user in [&other_session, &other_user, &bob()] {
        for decision in ["allow", "deny"] {
            let outcome = test.decide(&ticket, decision, user).await;
            assert_eq!(status(outcome), StatusCode::FORBIDDEN);
        }
    }
    let form = Form::of([("ticket", &ticket), ("decision", "allow")]);
    let outcome = test.server.decide(&form.post(), None).await;
    let page = local_page(outcome.map(|_| ()).unwrap_err());
    assert_eq!(page.status(), StatusCode::FORBIDDEN);
    // None of these attempts used it up.
    let callback = test.decide(&ticket, "allow", &alice()).await.unwrap();
    assert!(callback.parameter("code").is_some());
}

#[tokio::test]
async fn expires_at_the_edge() {
    for (seconds, counts) in [(599, true), (600, false)] {
        let test = TestServer::new();
        let ticket = ticket(&test).await;
        test.advance(Duration::seconds(seconds));
        let outcome = test.decide(&ticket, "allow", &alice()).await;
        assert_eq!(outcome.is_ok(), counts, "{seconds}");
        if let Err(error) = outcome {
            assert!(error.rejection().description().contains("start again"));
            assert_eq!(local_page(error).status(), StatusCode::BAD_REQUEST);
        }
    }
}

#[tokio::test]
async fn a_form_that_is_none_changes_nothing() {
    let test = TestServer::new();
    let ticket = ticket(&test).await;
    let full = Form::of([("ticket", &ticket), ("decision", "allow")]);
    for form in [
        full.clone().without("ticket"),
        full.clone().without("decision"),
        full.clone().with("decision", "Allow"),
        full.clone().with("decision", "true"),
        full.clone().and("decision", "deny"),
        full.clone().and("ticket", &ticket),
        full.clone().with("ticket", &ticket[1..]),
        full.clone().with("ticket", &format!("{ticket} ")),
        full.clone().with("ticket", "oct_"),
    ] {
        let outcome = test.server.decide(&form.post(), Some(&alice())).await;
        let page = local_page(outcome.map(|_| ()).unwrap_err());
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{form:?}");
    }
    let mut text = full.post();
    text.headers_mut().remove("content-type");
    let outcome = test.server.decide(&text, Some(&alice())).await;
    assert_eq!(local_page(outcome.map(|_| ()).unwrap_err()).status(), 400);
    test.decide(&ticket, "allow", &alice()).await.unwrap();
}

#[tokio::test]
async fn a_client_that_changed_in_between_gets_nothing() {
    let moved = web()
        .redirect_uri("https://moved.example/")
        .scope("profile");
    // Registers the client anew without its old redirect URI.
    let moved_away = Client::builder("web")
        .secret(&secret_of("web"))
        .redirect_uri("https://moved.example/")
        .scope("profile email");
    let test = TestServer::new();
    let removed = ticket(&test).await;
    test.store.remove_client("web");
    assert_eq!(status(test.decide(&removed, "allow", &alice()).await), 400);

    let test = TestServer::new();
    let unregistered = ticket(&test).await;
    test.store.register(moved_away.build().unwrap());
    for decision in ["allow", "deny"] {
        let outcome = test.decide(&unregistered, decision, &alice()).await;
        assert_eq!(status(outcome), 400);
    }

    let test = TestServer::new();
    let narrowed = ticket(&test).await;
    test.store.register(moved.build().unwrap());
    let callback = test.decide(&narrowed, "allow", &alice()).await.unwrap();
    let answer = test.redeem("web", callback.code()).await.issued();
    assert_eq!(answer.text("scope"), "profile");
}

#[tokio::test]
async fn a_client_that_lost_the_grant_type_in_between_is_told() {
    let test = TestServer::new();
    let parked = ticket(&test).await;
    let other = web().grant_types([GrantType::CLIENT_CREDENTIALS]);
    test.store.register(other.build().unwrap());
    let callback = test.decide(&parked, "allow", &alice()).await.unwrap();
    assert_eq!(callback.error(), "unauthorized_client");
    assert!(!test.store.calls().contains(&Verb::Open));
}

#[tokio::test]
async fn a_grant_of_nothing_is_a_refusal() {
    // RFC 6749 section 5.1: a scope left out of the answer means the scope that was asked for.
    let test = TestServer::new();
    let emptied = ticket(&test).await;
    let without_scope = Client::builder("web")
        .secret(&secret_of("web"))
        .redirect_uri("https://web.example/callback")
        .grant_types([GrantType::AUTHORIZATION_CODE]);
    test.store.register(without_scope.build().unwrap());
    let callback = test.decide(&emptied, "allow", &alice()).await.unwrap();
    assert_eq!(callback.error(), "invalid_scope");

    let test = TestServer::new();
    let unticked = ticket(&test).await;
    let callback = granting(&test, &unticked, "").await;
    assert_eq!(callback.error(), "access_denied");
    let calls = test.store.calls();
    assert!(!calls.contains(&Verb::Open) && !calls.contains(&Verb::Record));
}

async fn granting(test: &TestServer, ticket: &str, granted: &str) -> Callback {
    let form = Form::of([("ticket", ticket), ("decision", "allow")]);
    let granted = Scope::parse(granted).unwrap();
    let response = test
        .server
        .decide_granting(&form.post(), Some(&alice()), Some(&granted))
        .await;
    Callback::of(response.unwrap())
}

#[tokio::test]
async fn granting_a_part_never_exceeds_the_request() {
    for (granted, expected) in [
        ("email", "email"),
        ("admin email", "email"),
        ("email profile", "profile email"),
        ("profile email admin", "profile email"),
    ] {
        let test = TestServer::new();
        let ticket = ticket(&test).await;
        let callback = granting(&test, &ticket, granted).await;
        let answer = test.redeem("web", callback.code()).await.issued();
        assert_eq!(answer.text("scope"), expected);
        let scope = test.scope_of(&answer.access_token()).await;
        assert_eq!(scope.as_deref(), Some(expected));
        // The consent that is remembered is the one that was given.
        let consents = ConsentStore::list(&test.store, alice().subject()).await;
        assert_eq!(consents.unwrap()[0].scope.as_str(), expected);
        let again = TestServer::request_of("web")
            .with("prompt", "none")
            .with("scope", expected);
        assert!(
            test.done(&again, Some(&alice()))
                .await
                .parameter("code")
                .is_some()
        );
    }
}

#[tokio::test]
async fn approve_grants_no_more_than_was_asked() {
    let test = TestServer::new();
    let form = TestServer::request_of("web").with("scope", "email");
    let pending = test.server.authorize(&form.get()).await.unwrap();
    let granted = Scope::parse("profile email admin").unwrap();
    let response = test.server.approve(pending, &alice(), &granted).await;
    let callback = Callback::of(response);
    let answer = test.redeem("web", callback.code()).await.issued();
    assert_eq!(answer.text("scope"), "email");

    let pending = test.server.authorize(&form.get()).await.unwrap();
    let nothing = test
        .server
        .approve(pending, &alice(), &Scope::default())
        .await;
    assert_eq!(Callback::of(nothing).error(), "access_denied");
}
