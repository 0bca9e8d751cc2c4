//! The hand-off to the login page and back.

use time::Duration;

use crate::authorization::Authentication;
use crate::test_server::{ISSUER, START, TestServer, Verb, alice, get};
use crate::{Interaction, UserId};

fn parameters(url: &str) -> Vec<(String, String)> {
    let (_, query) = url.split_once('?').unwrap();
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

fn value(url: &str, name: &str) -> Option<String> {
    let mut parameters = parameters(url).into_iter();
    Some(parameters.find(|(own, _)| own == name)?.1)
}

#[tokio::test]
async fn carries_the_whole_request() {
    let test = TestServer::new();
    let form = TestServer::request_of("web")
        .with("state", "a b&c=d+%é\"'")
        .with("login_hint", "al@example.org")
        .with("something", "else")
        .with("empty", "");
    let login = test.login(&form, None).await;
    assert!(!login.is_fresh_login_demanded());
    assert_eq!(login.client_name(), "Photo <printer>");
    assert_eq!(login.login_hint(), Some("al@example.org"));
    assert!(login.return_to().starts_with("/authorize?"));
    assert!(test.server.is_return_url(login.return_to()));
    assert_eq!(login.return_to(), get_uri(&form.get()));
}

fn get_uri<T>(request: &http::Request<T>) -> &str {
    request.uri().path_and_query().unwrap().as_str()
}

#[tokio::test]
async fn nothing_is_written_before_login() {
    let test = TestServer::new();
    for form in [
        TestServer::request_of("web"),
        TestServer::request_of("web").with("prompt", "login"),
        TestServer::request_of("own"),
        TestServer::request_of("cli"),
    ] {
        test.store.calls();
        test.login(&form, None).await;
        assert_eq!(test.store.calls(), [Verb::FindClient]);
        test.server.interact(&form.post(), None).await.unwrap();
        assert_eq!(test.store.calls(), [Verb::FindClient]);
    }
    let silent = TestServer::request_of("web").with("prompt", "none");
    assert_eq!(test.done(&silent, None).await.error(), "login_required");
    assert_eq!(test.store.calls(), [Verb::FindClient]);
    assert_eq!(test.store.written(), "");
}

#[tokio::test]
async fn a_demand_becomes_the_moment_and_ends_with_the_login() {
    for (name, demand, left) in [
        ("prompt", "login", None),
        ("prompt", "login consent", Some("consent")),
        ("prompt", "consent  login", Some("consent")),
        ("max_age", "0", None),
    ] {
        let test = TestServer::new();
        let form = TestServer::request_of("web")
            .with(name, demand)
            .with("other", "kept");
        // A second and a half: a moment between two whole seconds is the one that goes wrong.
        test.advance(Duration::milliseconds(1_500));
        for user in [None, Some(alice())] {
            let login = test.login(&form, user.as_ref()).await;
            assert!(login.is_fresh_login_demanded(), "{demand}");
            let back = login.return_to();
            assert!(test.server.is_return_url(back));
            assert_eq!(value(back, "prompt").as_deref(), left);
            assert_eq!(value(back, "max_age"), None);
            let moment = (START.unix_timestamp() + 1).to_string();
            assert_eq!(value(back, "login_after"), Some(moment));
            let kept = |url| -> Vec<_> {
                let changed = ["prompt", "max_age", "login_after"];
                let mut all = parameters(url);
                all.retain(|(name, _)| !changed.contains(&name.as_str()));
                all
            };
            assert_eq!(kept(back), kept(get_uri(&form.get())));
        }
        // The old login does not count, one in the same second does.
        let back = test.login(&form, None).await.return_to().to_owned();
        let interaction = test.server.interact(&get(&back), Some(&alice())).await;
        let crate::Interaction::Login(again) = interaction.unwrap() else {
            panic!("the old login counted");
        };
        assert!(again.is_fresh_login_demanded());
        let fresh = Authentication::new(UserId::new("alice"), "new").auth_time(test.now());
        let interaction = test.server.interact(&get(&back), Some(&fresh)).await;
        assert!(matches!(
            interaction.unwrap(),
            crate::Interaction::Consent(_)
        ));
    }
}

#[tokio::test]
async fn a_login_that_is_too_old_is_demanded_once() {
    let test = TestServer::new();
    let form = TestServer::request_of("own").with("max_age", "60");
    let login = test.login(&form, None).await;
    assert!(!login.is_fresh_login_demanded(), "any login would do");
    assert_eq!(value(login.return_to(), "max_age").as_deref(), Some("60"));

    test.advance(Duration::seconds(100));
    let login = test.login(&form, Some(&alice())).await;
    assert!(login.is_fresh_login_demanded());
    // The user takes longer than max_age between the login and the way back.
    let fresh = alice().auth_time(test.now());
    test.advance(Duration::seconds(100));
    let back = get(login.return_to());
    let interaction = test.server.interact(&back, Some(&fresh)).await;
    assert!(matches!(interaction.unwrap(), crate::Interaction::Done(_)));
}

#[tokio::test]
async fn a_forged_moment_demands_no_more_than_now() {
    let test = TestServer::new();
    let later = (START.unix_timestamp() + 1_000_000).to_string();
    let form = TestServer::request_of("own").with("login_after", &later);
    assert!(
        test.done(&form, Some(&alice()))
            .await
            .parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn a_return_url_is_nothing_but_one() {
    let test = TestServer::new();
    let tenant = TestServer::issued_by("https://auth.example/tenant", |builder| builder);
    let form = TestServer::request_of("web");
    let back = tenant.login(&form, None).await.return_to().to_owned();
    assert!(back.starts_with("/tenant/authorize?"));
    assert!(tenant.server.is_return_url(&back));
    assert!(!test.server.is_return_url(&back));
    assert!(
        test.server
            .is_return_url("/authorize?client_id=web&state=%2F")
    );
    for url in [
        "",
        "/",
        "/authorize",
        "/authorize/?client_id=web",
        "/authorize2?client_id=web",
        "/Authorize?client_id=web",
        "/other?next=/authorize?client_id=web",
        "//evil.example/authorize?client_id=web",
        "/\\evil.example/authorize?a",
        "https://evil.example/authorize?client_id=web",
        "https://auth.example/authorize?client_id=web",
        "authorize?client_id=web",
        " /authorize?client_id=web",
        "/authorize?client_id=web\r\nSet-Cookie: a=b",
        "/authorize?client_id=web ",
        "/authorize?é",
        "/./authorize?client_id=web",
        "/x/../authorize?client_id=web",
    ] {
        assert!(!test.server.is_return_url(url), "{url}");
    }
}

#[tokio::test]
async fn a_post_goes_on_as_a_get() {
    for (issuer, start) in [
        (ISSUER, "https://auth.example/authorize?"),
        (
            "https://auth.example/tenant",
            "https://auth.example/tenant/authorize?",
        ),
    ] {
        let test = TestServer::issued_by(issuer, |builder| builder);
        let form = TestServer::request_of("own").with("state", "a+b c&é");
        // Whoever is signed in: the cookie may be missing, so it says nothing.
        for user in [None, Some(alice())] {
            let interaction = test.server.interact(&form.post(), user.as_ref()).await;
            let crate::Interaction::Done(response) = interaction.unwrap() else {
                panic!("a POST was answered with a page");
            };
            let response = response.into_http();
            assert_eq!(response.status(), 303);
            assert_eq!(response.headers()["cache-control"], "no-store");
            let location = crate::test_server::location(&response);
            assert!(location.starts_with(start), "{location}");
            let sent = parameters(get_uri(&form.get()));
            assert_eq!(parameters(&location), sent);
        }
        assert_eq!(test.store.written(), "");
    }
}

/// RFC 9110 section 9.3.2: HEAD is answered, and nothing comes of it.
#[tokio::test]
async fn head_grants_nothing_and_parks_nothing() {
    let test = TestServer::new();
    for client in ["web", "own"] {
        let mut request = TestServer::request_of(client).get();
        *request.method_mut() = http::Method::HEAD;
        let interaction = test.server.interact(&request, Some(&alice())).await;
        let Ok(Interaction::Done(response)) = interaction else {
            panic!("{client}: {interaction:?}");
        };
        let response = response.into_http();
        assert_eq!(response.status(), 200, "{client}");
        assert!(!response.headers().contains_key(http::header::LOCATION));
    }
    assert!(!test.store.calls().contains(&Verb::Put));
    assert!(!test.store.calls().contains(&Verb::Open));
}

#[tokio::test]
async fn debug_output_holds_neither_state_nor_code() {
    let test = TestServer::new();
    let form = TestServer::request_of("own").with("state", "sesame");
    let interaction = test.server.interact(&form.get(), None).await;
    assert!(matches!(interaction, Ok(Interaction::Login(_))));
    assert!(!format!("{interaction:?}").contains("sesame"));
    let interaction = test.server.interact(&form.get(), Some(&alice())).await;
    let shown = format!("{interaction:?}");
    assert!(shown.contains("Done"), "{shown}");
    assert!(
        !shown.contains("sesame") && !shown.contains("oac_"),
        "{shown}"
    );
    let pending = test.server.authorize(&form.get()).await.unwrap();
    assert!(!format!("{pending:?}").contains("sesame"));
}
