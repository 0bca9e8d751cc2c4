//! Step-up authentication (RFC 9470 sections 4 and 5).

use time::Duration;

use crate::LoginPage;
use crate::test_server::{Form, TestServer, alice, get};

fn server() -> TestServer {
    TestServer::with(|builder| builder.acr_value("gold").acr_value("platinum"))
}

fn asking(acr_values: &str) -> Form {
    TestServer::request_of("web").with("acr_values", acr_values)
}

#[tokio::test]
async fn the_login_page_learns_which_classes_would_do() {
    let test = server();
    for user in [None, Some(alice().acr("silver")), Some(alice())] {
        let login = test
            .login(&asking("lead platinum gold"), user.as_ref())
            .await;
        assert!(login.acr_values().eq(["platinum", "gold"]));
        assert_eq!(login.is_fresh_login_demanded(), user.is_some());
        let issuer = test.server.issuer();
        let page = LoginPage::at("/login", "next").unwrap();
        assert!(!page.location(issuer, &login).contains("platinum+gold"));
        let page = page.acr_values_parameter("classes");
        let location = page.location(issuer, &login);
        assert!(
            location.ends_with("&classes=platinum+gold")
                || location.ends_with("&classes=platinum%20gold"),
            "{location}"
        );
    }
}

#[tokio::test]
async fn one_of_the_classes_will_do() {
    let test = server();
    let user = alice().acr("gold");
    test.consent(&asking("platinum gold"), &user).await;
    test.login(&asking("platinum"), Some(&user)).await;
}

/// A user who comes back without the class is not sent round in a loop.
#[tokio::test]
async fn a_login_in_vain_is_the_last() {
    let test = server();
    let before = alice().auth_time(test.now() - Duration::hours(1));
    let login = test.login(&asking("gold"), Some(&before)).await;
    let back = get(login.return_to());
    let now = alice().auth_time(test.now());
    let outcome = test.server.interact(&back, Some(&now)).await.unwrap();
    let crate::Interaction::Done(response) = outcome else {
        panic!("{outcome:?}");
    };
    let callback = crate::test_server::Callback::of(response);
    assert_eq!(callback.error(), "unmet_authentication_requirements");
    let gold = now.acr("gold");
    let outcome = test.server.interact(&back, Some(&gold)).await.unwrap();
    assert!(matches!(outcome, crate::Interaction::Consent(_)));
}

#[tokio::test]
async fn what_nobody_can_meet_is_refused() {
    let test = server();
    for (form, user) in [
        (asking("lead"), None),
        (asking("gold").with("prompt", "none"), Some(alice())),
    ] {
        let refused = test.done(&form, user.as_ref()).await;
        assert_eq!(refused.error(), "unmet_authentication_requirements");
    }
}

#[tokio::test]
async fn a_host_without_classes_does_not_know_the_parameter() {
    let test = TestServer::new();
    let prompt = test.consent(&asking("gold"), &alice()).await;
    assert_eq!(prompt.client_id(), "web");
    let login = test.login(&asking("gold"), None).await;
    assert_eq!(login.acr_values().count(), 0);
}
