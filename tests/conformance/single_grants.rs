//! The page with the single grants of an application, behind the account page: when each was opened and last
//! used, and ending one of them.

use oauth_core::{Clock, SystemClock};
use reqwest::Method;
use scraper::{Html, Selector};
use time::{Date, Month, OffsetDateTime, Time};

use crate::harness::{Answer, AuthorizationRequest, Browser, Client, Form, Target};

tests! {
    single_grants:
    each_login_of_an_application_is_listed_with_its_times,
    one_grant_ends_and_another_of_the_application_lives_on,
    the_consent_stays_when_the_last_grant_ends,
    nobody_ends_a_grant_of_somebody_else,
    ending_a_grant_needs_a_login_and_a_page_of_the_server,
    malformed_forms_end_nothing,
    an_application_that_is_not_connected_has_no_page,
}

fn attributes(page: &Answer, selector: &str, name: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a selector");
    let html = Html::parse_document(&page.body);
    let found = html.select(&selector).filter_map(|it| it.attr(name));
    found.map(str::to_owned).collect()
}

/// Follows the link on the account page, which has the application alone.
async fn grants_of(browser: &Browser<'_>) -> Answer {
    let account = browser.page("/account").await;
    let links = attributes(&account, "main a[href*='/account/grants']", "href");
    let [link] = &links[..] else {
        panic!("one link: {links:?} in {account:?}");
    };
    let url = account.url.join(link).expect("a link");
    let page = browser.open(url.as_str()).await;
    page.expect_page_headers();
    assert_eq!(page.status, 200, "{page:?}");
    page
}

fn forms(page: &Answer) -> Vec<Form> {
    let forms = page.forms().into_iter();
    forms.filter(|form| form.has("grant")).collect()
}

async fn end(browser: &Browser<'_>, page: &Answer, form: &Form) -> Answer {
    browser.submit(page, form.clone(), &[], None).await
}

/// As pages write it: `2026-11-22T20:15Z`.
fn moment(text: &str) -> OffsetDateTime {
    let number = |range: std::ops::Range<usize>| text[range].parse::<u16>().expect("digits");
    let month = Month::try_from(number(5..7) as u8).expect("a month");
    let date = Date::from_calendar_date(number(0..4).into(), month, number(8..10) as u8);
    let time = Time::from_hms(number(11..13) as u8, number(14..16) as u8, 0);
    assert_eq!(&text[16..], "Z");
    OffsetDateTime::new_utc(date.expect("a date"), time.expect("a time"))
}

pub async fn each_login_of_an_application_is_listed_with_its_times(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    let client = Client::web();
    let before = SystemClock.now() - time::Duration::MINUTE;
    let tokens = browser.tokens(user, &client).await;
    browser.tokens(user, &client).await;
    let page = grants_of(&browser).await;
    assert_eq!(forms(&page).len(), 2, "{page:?}");
    assert!(page.text().contains(client.name), "{page:?}");
    let refreshed = server.refresh(&client, tokens.refresh_token()).await;
    refreshed.expect_tokens();
    let page = grants_of(&browser).await;
    let times = attributes(&page, "main time", "datetime");
    assert_eq!(times.len(), 4, "{page:?}");
    let after = SystemClock.now();
    for pair in times.chunks(2) {
        let (opened_at, last_issued_at) = (moment(&pair[0]), moment(&pair[1]));
        assert!(before <= opened_at, "{times:?}");
        assert!(
            opened_at <= last_issued_at && last_issued_at <= after,
            "{times:?}"
        );
    }
    // The account page has the latest of them.
    let account = browser.page("/account").await;
    let of_account = attributes(&account, "main time", "datetime");
    assert_eq!(of_account.len(), 1, "{account:?}");
    let latest = times.iter().skip(1).step_by(2).max();
    assert_eq!(Some(&of_account[0]), latest, "{times:?}");
}

pub async fn one_grant_ends_and_another_of_the_application_lives_on(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    let client = Client::web();
    let first = browser.tokens(user, &client).await;
    let page = grants_of(&browser).await;
    let [form] = &forms(&page)[..] else {
        panic!("one grant: {page:?}");
    };
    let second = browser.tokens(user, &client).await;
    assert_eq!(form.buttons.len(), 1, "{form:?}");
    let answer = end(&browser, &page, form).await;
    answer.expect_local_page([200]);
    let left = forms(&answer);
    assert_eq!(left.len(), 1, "{answer:?}");
    assert_ne!(left[0].value("grant"), form.value("grant"));
    server.expect_dead(&client, &first).await;
    assert!(server.accepts(&second.access_token).await);
    let refreshed = server.refresh(&client, second.refresh_token()).await;
    refreshed.expect_tokens();
    assert!(browser.connection(&client).await.is_some());
    // A second press, on the page from before.
    end(&browser, &page, form).await.expect_local_page([200]);
    assert_eq!(forms(&grants_of(&browser).await).len(), 1);
}

pub async fn the_consent_stays_when_the_last_grant_ends(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    let client = Client::web();
    let tokens = browser.tokens(user, &client).await;
    let page = grants_of(&browser).await;
    let answer = end(&browser, &page, &forms(&page)[0]).await;
    answer.expect_local_page([200]);
    assert!(forms(&answer).is_empty(), "{answer:?}");
    server.expect_dead(&client, &tokens).await;
    let silent = AuthorizationRequest::new(&client).with("prompt", "none");
    browser.start(&silent).await.expect_code(&silent);
}

pub async fn nobody_ends_a_grant_of_somebody_else(target: &'static Target) {
    let server = target.server();
    let owner = server.newcomer();
    let browser = Browser::of(server, owner).await;
    let client = Client::web();
    let tokens = browser.tokens(owner, &client).await;
    let page = grants_of(&browser).await;
    let form = &forms(&page)[0];
    let user = server.newcomer();
    let thief = Browser::of(server, user).await;
    // One who has the application connected, too.
    thief.tokens(user, &client).await;
    let answer = end(&thief, &page, form).await;
    assert!(
        !answer.body.contains(form.value("grant").expect("a grant")),
        "{answer:?}"
    );
    assert!(server.accepts(&tokens.access_token).await);
    assert_eq!(forms(&grants_of(&browser).await).len(), 1);
    assert_eq!(forms(&grants_of(&thief).await).len(), 1);
}

pub async fn ending_a_grant_needs_a_login_and_a_page_of_the_server(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    let client = Client::web();
    let tokens = browser.tokens(user, &client).await;
    let page = grants_of(&browser).await;
    let form = &forms(&page)[0];
    let stranger = Browser::new(server);
    end(&stranger, &page, form).await.expect_login();
    let elsewhere = stranger.open(page.url.as_str()).await;
    elsewhere.expect_login();
    let (fields, evil) = (form.fields.clone(), "https://evil.example");
    let foreign = browser
        .walk(Method::POST, form.action.as_str(), Some(fields), Some(evil))
        .await;
    assert_eq!(foreign.status, 403, "{foreign:?}");
    assert!(server.accepts(&tokens.access_token).await);
}

pub async fn malformed_forms_end_nothing(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    let tokens = browser.tokens(user, &Client::web()).await;
    let page = grants_of(&browser).await;
    let form = &forms(&page)[0];
    for (name, value) in [
        ("grant", ""),
        ("grant", "x"),
        ("client_id", ""),
        ("client_id", "é"),
    ] {
        let answer = end(&browser, &page, &form.clone().with(name, value)).await;
        answer.expect_local_page([400]);
    }
    for query in [
        "",
        "?client_id=",
        "?client_id=%00",
        "?client_id=a&client_id=b",
    ] {
        let answer = browser.page(&format!("/account/grants{query}")).await;
        answer.expect_local_page([400]);
    }
    assert!(server.accepts(&tokens.access_token).await);
}

pub async fn an_application_that_is_not_connected_has_no_page(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    for id in ["nobody", Client::web().id] {
        let page = browser
            .page(&format!("/account/grants?client_id={id}"))
            .await;
        page.expect_local_page([200]);
        assert!(page.url.path().ends_with("/account"), "{page:?}");
        assert!(!page.text().contains(Client::web().name), "{page:?}");
    }
}
