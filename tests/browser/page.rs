//! What a person does in a browser, and sees there.

use std::time::Duration;

use serde_json::json;
use thirtyfour::WebDriver;
use thirtyfour::error::WebDriverResult;
use thirtyfour::prelude::*;
use tokio::time::{Instant, sleep};

/// Longer than any page takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The page that the browser shows.
pub(crate) struct Page(WebDriver);

impl Page {
    pub(crate) fn new(driver: WebDriver) -> Self {
        Self(driver)
    }

    pub(crate) async fn open(&self, address: &str) {
        self.0.goto(address).await.expect("the page opens");
    }

    /// Writes into the input of this name.
    pub(crate) async fn fill(&self, name: &str, value: &str) {
        let input = self.find(&format!("[name={name}]")).await;
        input.clear().await.expect("an input that can be emptied");
        input
            .send_keys(value)
            .await
            .expect("an input that takes keys");
    }

    /// Presses the button or link that the selector names.
    pub(crate) async fn press(&self, selector: &str) {
        self.find(selector)
            .await
            .click()
            .await
            .expect("something to press");
    }

    pub(crate) async fn find(&self, selector: &str) -> WebElement {
        let query = self
            .0
            .query(By::Css(selector))
            .wait(PATIENCE, Duration::from_millis(50));
        match query.first().await {
            Ok(element) => element,
            Err(error) => panic!("no {selector} in {}: {error}", self.description().await),
        }
    }

    /// The text that is to be seen. A page that is just being replaced has none.
    pub(crate) async fn text(&self) -> String {
        let text: WebDriverResult<String> =
            async { self.0.find(By::Tag("body")).await?.text().await }.await;
        text.unwrap_or_default()
    }

    /// Waits until the page shows the sentence.
    pub(crate) async fn shows(&self, sentence: &str) {
        self.until(&format!("no {sentence:?}"), |text| text.contains(sentence))
            .await;
    }

    /// Waits for a page without the sentence.
    pub(crate) async fn lacks(&self, sentence: &str) {
        let gone = |text: &str| !text.is_empty() && !text.contains(sentence);
        self.until(&format!("still {sentence:?}"), gone).await;
    }

    /// Waits for a page that says something else.
    pub(crate) async fn differs_from(&self, before: &str) {
        self.until("nothing new", |text| !text.is_empty() && text != before)
            .await;
    }

    async fn until(&self, otherwise: &str, holds: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(&self.text().await) {
            if Instant::now() > end {
                panic!("{otherwise} in {}", self.description().await);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn address(&self) -> String {
        self.0.current_url().await.expect("an address").to_string()
    }

    async fn description(&self) -> String {
        format!("{}: {}", self.address().await, self.text().await)
    }

    /// On a phone and on a wide screen, light and dark: nothing sticks out to the side, letters are not
    /// tiny, text stands out (WCAG 2.2, success criterion 1.4.3), and what is to be filled in has a
    /// label.
    pub(crate) async fn is_legible(&self) {
        for (width, scheme) in [
            (360, "light"),
            (360, "dark"),
            (1280, "light"),
            (1280, "dark"),
        ] {
            self.emulate(width, scheme).await;
            let measured = self
                .0
                .execute(include_str!("legible.js"), vec![json!(width)]);
            let measured = measured.await.expect("measures");
            let problems: Vec<String> = measured.convert().expect("sentences");
            let place = self.address().await;
            assert!(
                problems.is_empty(),
                "{place}, {width} pixels wide, {scheme}: {problems:#?}"
            );
        }
    }

    async fn emulate(&self, width: u32, scheme: &str) {
        let devtools = self.0.cdp();
        // A window cannot be made as narrow as a phone is.
        let screen = json!({
            "width": width, "height": 740, "deviceScaleFactor": 1, "mobile": width < 500,
        });
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        for (command, parameters) in [
            ("Emulation.setDeviceMetricsOverride", screen),
            ("Emulation.setEmulatedMedia", media),
        ] {
            let done = devtools.send_raw(command, parameters).await;
            done.expect("a browser that can pretend");
        }
    }
}
