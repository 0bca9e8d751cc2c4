//! The two pages that the core has itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header;
use sha2::{Digest, Sha256};

use crate::Interaction;
use crate::test_server::{TestServer, alice, get};

/// The page of a refusal, and the page that posts to the client.
async fn pages() -> [http::Response<bytes::Bytes>; 2] {
    let test = TestServer::new();
    let refusal = test.refused_locally(&get("/authorize?client_id=x")).await;
    let form = TestServer::request_of("own").with("response_mode", "form_post");
    match test.interact(&form, Some(&alice())).await.unwrap() {
        Interaction::Done(response) => [refusal, response.into_http()],
        other => panic!("not done: {other:?}"),
    }
}

#[tokio::test]
async fn they_are_whole_and_have_their_landmarks() {
    for page in pages().await {
        let html = std::str::from_utf8(page.body()).unwrap();
        assert!(html.starts_with("<!doctype html><html lang=\"en\">"));
        for once in [
            "<title>",
            "<main>",
            "<h1>",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
            "<meta name=\"color-scheme\" content=\"light dark\">",
        ] {
            assert_eq!(html.matches(once).count(), 1, "{once} in {html}");
        }
    }
}

#[tokio::test]
async fn their_policies_let_their_style_through() {
    for page in pages().await {
        let html = std::str::from_utf8(page.body()).unwrap();
        let (_, style) = html.split_once("<style>").unwrap();
        let (style, _) = style.split_once("</style>").unwrap();
        let digest = STANDARD.encode(Sha256::digest(style));
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        let sources = policy.split(';').find_map(|directive| {
            let sources = directive.trim().strip_prefix("style-src ")?;
            Some(sources.split(' ').collect::<Vec<_>>())
        });
        let sources = sources.unwrap_or_default();
        let by_digest = format!("'sha256-{digest}'");
        assert!(
            sources.contains(&"'unsafe-inline'") || sources.contains(&by_digest.as_str()),
            "{policy}"
        );
    }
}
