//! A person with a browser: signs in, consents or declines, looks at the account page.
//!
//! Each test runs against each example server, which is a process; the demo web app runs in this one.
//! A test that fails leaves a screenshot and the page's source in `tests/artefacts`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by a panic, and nobody depends on a test"
)]

#[path = "../harness/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the conformance suite uses all of it"
)]
mod harness;

mod chromium;
mod page;
mod stage;

use std::time::Duration;

use crate::chromium::in_browser;
use crate::harness::{AuthorizationRequest, Client, Configuration, Target};
use crate::stage::{Demo, Site, arrival};

/// Lists the tests, and makes `on_target!`, which makes `#[test]`s of them for a `TARGET`.
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        macro_rules! on_target {
            () => {
                $(
                    #[tokio::test(flavor = "multi_thread")]
                    async fn $name() {
                        crate::$name(&TARGET).await;
                    }
                )+
            };
        }
    };
}

tests! {
    one_command_shows_the_whole_flow,
    signing_in_and_consenting_shows_the_profile,
    a_second_connection_asks_neither_for_the_password_nor_for_consent,
    who_declines_is_told_so_by_the_app,
    a_wrong_password_brings_the_form_again,
    disconnect_on_the_account_page_ends_what_the_app_can_read,
    an_expired_access_token_is_renewed_without_asking,
    form_post_arrives_at_the_callback,
}

/// The table of servers.
macro_rules! servers {
    ($($row:ident: $binary:literal;)+) => {
        $(
            mod $row {
                use crate::harness::{Store, Target};

                static TARGET: Target =
                    Target::new(env!(concat!("CARGO_BIN_EXE_", $binary)), Store::Memory);

                on_target!();
            }
        )+
    };
}

servers! {
    axum: "axum-server";
    actix: "actix-server";
}

/// What the README promises to somebody who runs one command.
async fn one_command_shows_the_whole_flow(target: &'static Target) {
    in_browser(target, "demo", async move |page| {
        let demo = Demo::start(target.binary);
        page.open(&demo.invitation).await;
        page.press("form[action='/connect'] button").await;
        page.sign_in_with("alice", "wonderland").await;
        page.decide("allow").await;
        page.shows("Hello, alice").await;
        page.press("a[href$='/account']").await;
        page.is_legible().await;
        let before = page.text().await;
        page.press(APPLICATION).await;
        page.differs_from(&before).await;
    })
    .await;
}

async fn signing_in_and_consenting_shows_the_profile(target: &'static Target) {
    in_browser(target, "profile", async move |page| {
        let server = target.start(&Configuration::standard(1));
        let app = Site::web_client(&server.issuer).await;
        let user = server.anyone();
        page.open(&app.origin).await;
        page.is_legible().await;
        page.press("form[action='/connect'] button").await;
        page.find("[name=password]").await;
        page.is_legible().await;
        page.sign_in(user).await;
        for wanted in [
            Client::web().name,
            "127.0.0.1",
            "Read your profile",
            "<e-mail>",
        ] {
            page.shows(wanted).await;
        }
        page.is_legible().await;
        page.decide("allow").await;
        page.shows(&format!("Hello, {}", user.name)).await;
        page.shows(&format!("{}@example.com", user.name)).await;
        page.is_legible().await;
        assert_eq!(page.address().await, format!("{}/profile", app.origin));
    })
    .await;
}

async fn a_second_connection_asks_neither_for_the_password_nor_for_consent(
    target: &'static Target,
) {
    in_browser(target, "second-connection", async move |page| {
        let server = target.start(&Configuration::standard(1));
        let app = Site::web_client(&server.issuer).await;
        let user = server.anyone();
        page.connect(&app, user).await;
        page.press("form[action='/disconnect'] button").await;
        page.press("form[action='/connect'] button").await;
        page.shows(&format!("Hello, {}", user.name)).await;
    })
    .await;
}

async fn who_declines_is_told_so_by_the_app(target: &'static Target) {
    in_browser(target, "denial", async move |page| {
        let server = target.start(&Configuration::standard(1));
        let app = Site::web_client(&server.issuer).await;
        page.open(&app.origin).await;
        page.press("form[action='/connect'] button").await;
        page.sign_in(server.anyone()).await;
        page.decide("deny").await;
        page.shows("You declined").await;
        page.is_legible().await;
        // The answer is used up: going back to it reads nothing, and nothing is connected.
        page.open(&format!("{}/profile", app.origin)).await;
        page.shows("not connected").await;
    })
    .await;
}

async fn a_wrong_password_brings_the_form_again(target: &'static Target) {
    in_browser(target, "wrong-password", async move |page| {
        let server = target.start(&Configuration::standard(1));
        let app = Site::web_client(&server.issuer).await;
        let user = server.anyone();
        page.open(&app.origin).await;
        page.press("form[action='/connect'] button").await;
        let before = page.text().await;
        page.sign_in_with(&user.name, "wrong").await;
        page.differs_from(&before).await;
        page.is_legible().await;
        page.sign_in(user).await;
        page.decide("allow").await;
        page.shows(&format!("Hello, {}", user.name)).await;
    })
    .await;
}

async fn disconnect_on_the_account_page_ends_what_the_app_can_read(target: &'static Target) {
    in_browser(target, "account", async move |page| {
        let server = target.start(&Configuration::standard(1));
        let app = Site::web_client(&server.issuer).await;
        page.connect(&app, server.anyone()).await;
        page.open(&server.url("/account")).await;
        page.shows(Client::web().name).await;
        page.is_legible().await;
        page.press(APPLICATION).await;
        page.lacks(Client::web().name).await;
        page.open(&format!("{}/profile", app.origin)).await;
        page.shows("no longer lets this app").await;
        // The consent went with it.
        page.press("form[action='/connect'] button").await;
        page.shows("Read your profile").await;
    })
    .await;
}

/// The button of an application on the account page.
const APPLICATION: &str =
    "form:has([type=hidden]:is([name=grant], [name=client_id])) :is(button, [type=submit])";

async fn an_expired_access_token_is_renewed_without_asking(target: &'static Target) {
    in_browser(target, "expiry", async move |page| {
        let server = target.start(&Configuration::with_lifetime("access_token", 2));
        let app = Site::web_client(&server.issuer).await;
        page.connect(&app, server.anyone()).await;
        for times in ["renewed 1 time without", "renewed 2 times without"] {
            tokio::time::sleep(Duration::from_millis(2500)).await;
            page.open(&format!("{}/profile", app.origin)).await;
            page.shows(&format!("Hello, {}", server.anyone().name))
                .await;
            page.shows(times).await;
        }
    })
    .await;
}

async fn form_post_arrives_at_the_callback(target: &'static Target) {
    in_browser(target, "form-post", async move |page| {
        let server = target.start(&Configuration::standard(1));
        let (site, mut arrived) = Site::form_callback().await;
        let request = AuthorizationRequest::new(&Client::web())
            .with("redirect_uri", &format!("{}/callback", site.origin))
            .with("response_mode", "form_post");
        page.open(&server.url(&format!("/authorize?{}", request.query())))
            .await;
        page.sign_in(server.anyone()).await;
        page.decide("allow").await;
        let mut form = arrival(&mut arrived).await;
        if form.is_none() {
            // A page that does not send itself has a button.
            page.press(":is(button, [type=submit])").await;
            form = arrival(&mut arrived).await;
        }
        page.shows("received").await;
        let form = form.expect("a form at the callback");
        let value = |name: &str| {
            form.iter()
                .find(|(parameter, _)| parameter == name)
                .map(|(_, value)| value.as_str())
        };
        assert!(
            value("code").is_some_and(|code| !code.is_empty()),
            "no code"
        );
        assert_eq!(value("state"), request.state.as_deref());
        assert_eq!(value("iss"), Some(server.issuer.as_str()));
        assert!(
            !page.address().await.contains("code="),
            "the code is in the address"
        );
    })
    .await;
}
