//! How the answer reaches the client.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::test_server::{Callback, Form, ISSUER, TestServer, alice, local_page, location};
use crate::{Client, Interaction};

/// A first-party client, so that the answer comes at once.
fn register(test: &TestServer, uri: &str) -> Form {
    let client = Client::builder("here")
        .secret("s")
        .redirect_uri(uri)
        .first_party(true);
    test.store.register(client.build().unwrap());
    TestServer::request_of("here")
        .with("redirect_uri", uri)
        .without("scope")
}

async fn answer(test: &TestServer, form: &Form) -> http::Response<bytes::Bytes> {
    match test.interact(form, Some(&alice())).await.unwrap() {
        Interaction::Done(response) => response.into_http(),
        other => panic!("not done: {other:?}"),
    }
}

#[tokio::test]
async fn a_code_comes_with_state_and_issuer() {
    let test = TestServer::new();
    let callback = test
        .done(&TestServer::request_of("own"), Some(&alice()))
        .await;
    assert_eq!(callback.uri, "https://own.example/callback");
    let names: Vec<&str> = callback
        .parameters
        .iter()
        .map(|(n, _)| n.as_str())
        .collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(callback.parameter("iss"), Some(ISSUER));
    let without = TestServer::request_of("own").without("state");
    let callback = test.done(&without, Some(&alice())).await;
    assert_eq!(callback.parameter("state"), None);
}

#[tokio::test]
async fn nothing_prints_a_code() {
    let test = TestServer::new();
    for mode in ["query", "form_post"] {
        let form = TestServer::request_of("own").with("response_mode", mode);
        let interaction = test.interact(&form, Some(&alice())).await.unwrap();
        let printed = format!("{interaction:?}");
        assert!(printed.contains("AuthorizationResponse") && !printed.contains("oac_"));
    }
}

#[tokio::test]
async fn the_answer_is_added_to_the_query_of_the_redirect_uri() {
    let test = TestServer::new();
    for (uri, start) in [
        ("https://here.example", "https://here.example?code=oac_"),
        ("https://here.example/?", "https://here.example/?code=oac_"),
        (
            "https://here.example/?a=b%20c",
            "https://here.example/?a=b%20c&code=oac_",
        ),
        (
            "https://here.example/?a=b&",
            "https://here.example/?a=b&code=oac_",
        ),
        (
            "https://here.example/?a=b?c",
            "https://here.example/?a=b?c&code=oac_",
        ),
        ("com.example.app:/cb", "com.example.app:/cb?code=oac_"),
    ] {
        let location = location(&answer(&test, &register(&test, uri)).await);
        assert!(location.starts_with(start), "{location}");
    }
}

#[tokio::test]
async fn a_redirect_uri_left_out_is_the_only_one() {
    let test = TestServer::new();
    let form = TestServer::request_of("own").without("redirect_uri");
    let callback = test.done(&form, Some(&alice())).await;
    assert_eq!(callback.uri, "https://own.example/callback");
}

#[tokio::test]
async fn the_port_of_a_loopback_redirect_uri_is_the_one_asked_for() {
    let test = TestServer::new();
    let form = TestServer::request_of("cli");
    let prompt = test.consent(&form, &alice()).await;
    let callback = test
        .decide(prompt.ticket(), "allow", &alice())
        .await
        .unwrap();
    assert_eq!(callback.uri, "http://127.0.0.1:4711/callback");
}

#[tokio::test]
async fn an_undotted_scheme_needs_both_sides_to_accept_it() {
    let form = TestServer::request_of("cursor").with("redirect_uri", "cursor://callback");
    let client = Client::builder("cursor")
        .danger_redirect_uri("cursor://callback")
        .scope("profile email");
    let client = client.build().unwrap();
    let strict = TestServer::new();
    strict.store.register(client.clone());
    assert_eq!(strict.refused_locally(&form.get()).await.status(), 400);
    let lenient = TestServer::with(|builder| builder.danger_private_use_scheme("cursor"));
    lenient.store.register(client);
    assert_eq!(lenient.server.warnings().len(), 1);
    let prompt = lenient.consent(&form, &alice()).await;
    assert_eq!(prompt.redirect_host(), "cursor");
}

fn unescape(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// The values of the attribute, in order.
fn attributes(html: &str, name: &str) -> Vec<String> {
    let start = format!(" {name}=\"");
    html.split(&start)
        .skip(1)
        .map(|rest| unescape(rest.split('"').next().unwrap()))
        .collect()
}

#[tokio::test]
async fn form_post_escapes_everything_and_runs_one_script() {
    let test = TestServer::new();
    let nasty = "\"><script>alert('x')</script>&amp;";
    let uri = "https://here.example/?a=b&amp=c'";
    let form = register(&test, uri)
        .with("response_mode", "form_post")
        .with("state", nasty);
    for (form, name) in [
        (form.clone(), "code"),
        (form.with("response_type", "token"), "error"),
    ] {
        let response = answer(&test, &form).await;
        assert_eq!(response.status(), 200);
        let headers = response.headers();
        assert!(!headers.contains_key(header::LOCATION));
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        let html = std::str::from_utf8(response.body()).unwrap();
        assert!(html.contains("<form method=\"post\" "));
        assert_eq!(attributes(html, "action"), [uri]);
        let names = attributes(html, "name");
        assert!(names.contains(&name.to_owned()) && names.contains(&"iss".to_owned()));
        let values = attributes(html, "value");
        assert!(values.contains(&nasty.to_owned()), "{values:?}");
        assert!(values.contains(&ISSUER.to_owned()));

        // One script, and the policy lets that one run and no other.
        let scripts: Vec<&str> = html.split("<script>").skip(1).collect();
        let [script] = scripts.as_slice() else {
            panic!("{} scripts", scripts.len());
        };
        let script = script.split("</script>").next().unwrap();
        let digest = STANDARD.encode(Sha256::digest(script));
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains(&format!("script-src 'sha256-{digest}'")));
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(
            !policy.contains("form-action"),
            "the form goes to the client"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Through the login page, the consent page and the redirect.
    #[test]
    fn the_state_comes_back_byte_for_byte(state in "\\PC{1,200}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let test = TestServer::new();
            let form = TestServer::request_of("web").with("state", &state);
            let login = test.login(&form, None).await;
            let back = crate::test_server::get(login.return_to());
            let interaction = test.server.interact(&back, Some(&alice())).await;
            let Ok(Interaction::Consent(prompt)) = interaction else {
                panic!("no consent");
            };
            let callback = test.decide(prompt.ticket(), "deny", &alice()).await.unwrap();
            assert_eq!(callback.parameter("state"), Some(state.as_str()));
            let refused = test.done(&form.with("response_type", "token"), None).await;
            assert_eq!(refused.parameter("state"), Some(state.as_str()));
        });
    }

    #[test]
    fn no_request_panics(query in "[ -~é]{0,80}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let test = TestServer::new();
            let encoded = format!("{}&{query}", TestServer::request_of("own").encoded());
            let mut post = Form::default().post();
            *post.body_mut() = encoded.into();
            match test.server.interact(&post, None).await {
                Ok(Interaction::Done(response)) => drop(Callback::of(response)),
                Ok(other) => panic!("{other:?}"),
                Err(error) => drop(local_page(error)),
            }
        });
    }
}

#[tokio::test]
async fn a_state_with_control_characters_is_refused_and_not_echoed() {
    let test = TestServer::new();
    for state in ["a\0", "a\r\nb", "a\u{7f}"] {
        let form = TestServer::request_of("web").with("state", state);
        let refused = test.done(&form, None).await;
        assert_eq!(refused.error(), "invalid_request");
        assert_eq!(refused.parameter("state"), None);
    }
}
