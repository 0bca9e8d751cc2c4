//! The host's login and logout.

use reqwest::Method;

use crate::harness::{Answer, AuthorizationRequest, Browser, Client, Target, fresh};

tests! {
    login:
    wrong_password_shows_the_page_again,
    unknown_user_looks_like_a_wrong_password,
    missing_inputs_are_no_crash,
    user_name_is_escaped,
    page_is_shown_to_everybody,
    login_does_not_lead_off_the_server,
    logout_ends_the_session,
    logout_needs_the_same_origin,
    logout_by_get_does_nothing,
}

async fn attempt(browser: &Browser<'_>, name: &str, password: &str) -> Answer {
    let page = browser.page("/login").await;
    let form = page.login_form().expect("a login form");
    browser
        .submit(
            &page,
            form,
            &[("username", name), ("password", password)],
            None,
        )
        .await
}

async fn is_signed_in(browser: &Browser<'_>) -> bool {
    let silent = AuthorizationRequest::new(&Client::first()).with("prompt", "none");
    let response = browser.start(&silent).await.expect_response(&silent);
    response.contains_key("code")
}

pub async fn wrong_password_shows_the_page_again(target: &'static Target) {
    let server = target.server();
    let browser = Browser::new(server);
    let user = server.anyone();
    let almost = &user.password[1..];
    for password in ["", "wrong", almost, &user.password.to_uppercase()] {
        let page = attempt(&browser, &user.name, password).await;
        page.expect_local_page([401]);
        assert!(page.login_form().is_some(), "{page:?}");
        assert!(
            password.is_empty() || !page.body.contains(password),
            "{page:?}"
        );
    }
    assert!(!is_signed_in(&browser).await);
}

pub async fn unknown_user_looks_like_a_wrong_password(target: &'static Target) {
    let server = target.server();
    let browser = Browser::new(server);
    let wrong = attempt(&browser, &server.anyone().name, "wrong").await;
    let unknown = attempt(&browser, &fresh("nobody"), "wrong").await;
    unknown.expect_local_page([401]);
    assert_eq!(unknown.text(), wrong.text());
}

pub async fn missing_inputs_are_no_crash(target: &'static Target) {
    let server = target.server();
    for body in ["", "username=x", "password=x", "username=%ff&password=%ff"] {
        let headers = [crate::harness::FORM, ("origin", server.origin.as_str())];
        let answer = server.send(Method::POST, "/login", &headers, body).await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
}

pub async fn user_name_is_escaped(target: &'static Target) {
    let browser = Browser::new(target.server());
    let page = attempt(&browser, "\"><script>alert(1)</script>", "wrong").await;
    page.expect_local_page([401]);
    assert!(!page.body.contains("<script>alert"), "{page:?}");
}

pub async fn page_is_shown_to_everybody(target: &'static Target) {
    let server = target.server();
    Browser::new(server).page("/login").await.expect_login();
    Browser::of(server, server.anyone())
        .await
        .page("/login")
        .await
        .expect_login();
}

/// Whatever input of the form or parameter of the address says where to go on: not to another site.
pub async fn login_does_not_lead_off_the_server(target: &'static Target) {
    let server = target.server();
    let request = AuthorizationRequest::new(&Client::web());
    let mut tried = 0;
    for evil in [
        "https://attacker.example/",
        "//attacker.example/",
        "///attacker.example/",
        "/\\attacker.example/",
        "\\\\attacker.example/",
        "/\t/attacker.example/",
        "\t//attacker.example/",
        " https://attacker.example/",
        "http:attacker.example",
        "/authorize/../..//attacker.example/",
        "javascript:alert(1)",
        "@attacker.example/",
        "/login\r\nSet-Cookie: a=b",
    ] {
        let browser = Browser::new(server);
        let start = browser.start(&request).await;
        let names: Vec<_> = start
            .url
            .query_pairs()
            .map(|pair| pair.0.into_owned())
            .collect();
        let mut url = start.url.clone();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(names.iter().map(|name| (name, evil)));
        // The page may refuse such an address, or show its form and ignore it.
        let page = browser.open(url.as_str()).await;
        assert!(page.location().is_none(), "{page:?}");
        for page in [&start, &page] {
            let Some(mut form) = page.login_form() else {
                continue;
            };
            for name in form.hidden.clone() {
                form = form.with(&name, evil);
            }
            let user = server.anyone();
            let fill = [
                ("username", user.name.as_str()),
                ("password", user.password.as_str()),
            ];
            let answer = browser.submit(page, form, &fill, None).await;
            assert!(
                answer.location().is_none(),
                "{evil:?} leads to {:?}",
                answer.location()
            );
            assert_eq!(answer.url.origin(), start.url.origin());
            tried += 1;
        }
    }
    assert!(tried > 0, "no login form to try it on");
}

pub async fn logout_ends_the_session(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    assert!(is_signed_in(&browser).await);
    let answer = browser.sign_out().await;
    assert!(answer.status < 400, "{answer:?}");
    assert!(!is_signed_in(&browser).await);
    let page = browser.page("/account").await;
    assert!(
        page.login_form().is_some() || page.status == 401,
        "{page:?}"
    );
}

pub async fn logout_needs_the_same_origin(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let other_port = format!("{}0", server.origin);
    let longer = format!("{}.attacker.example", server.origin);
    let https = server.origin.replace("http:", "https:");
    for origin in [
        "https://attacker.example",
        "null",
        &other_port,
        &longer,
        &https,
        "",
    ] {
        let headers = [("origin", origin)];
        let answer = browser.step(Method::POST, "/logout", &headers).await;
        assert!(
            (400..500).contains(&answer.status),
            "{origin:?}: {answer:?}"
        );
        assert!(is_signed_in(&browser).await, "{origin:?} has signed out");
    }
    let answer = browser.step(Method::POST, "/logout", &[]).await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert!(is_signed_in(&browser).await);
}

pub async fn logout_by_get_does_nothing(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let answer = browser.step(Method::GET, "/logout", &[]).await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert!(is_signed_in(&browser).await);
}
