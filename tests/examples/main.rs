//! Every example starts, goes its essential way over HTTP, and ends when it is told to.
//!
//! What the servers do in detail is the conformance tests' matter; here an example that nobody has run for
//! a while cannot rot.

// An expectation that is not met should end the test where it stands.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
// Nobody uses a test from outside, and this one does not use all that the harness has.
#![allow(missing_docs, unreachable_pub, dead_code, unused_imports)]

#[path = "../harness/mod.rs"]
mod harness;

use harness::{
    Answer, AuthorizationRequest, Browser, Client, Configuration, FORM, Server, Store, Target,
    User, basic, http,
};

/// The folders of `examples` that are no examples: shared code, and benchmarks, which test themselves.
const NOT_PROGRAMS: [&str; 4] = ["benches", "host", "store-benches", "templates"];

macro_rules! server {
    ($binary:literal) => {{
        static TARGET: Target =
            Target::new(env!(concat!("CARGO_BIN_EXE_", $binary)), Store::Memory);
        &TARGET
    }};
}

fn end(server: Server) {
    let (code, said) = server.stop();
    assert_eq!(code, Some(0), "{said}");
}

/// From the client's link over login and consent to the profile, and again with a refreshed token.
async fn connects_an_app(target: &'static Target) {
    let server = target.start(&Configuration::standard(2));
    let web = Client::web();
    let metadata = server.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata.status, 200);

    let browser = Browser::new(&server);
    let request = AuthorizationRequest::new(&web);
    let login = browser.start(&request).await;
    let consent = browser.log_in(&login, server.anyone()).await;
    let answer = browser.decide(&consent, "allow").await;
    let code = answer.expect_code(&request);
    let tokens = server.redeem(&web, &code).await.expect_tokens();
    assert!(server.accepts(&tokens.access_token).await);
    let refreshed = server
        .refresh(&web, tokens.refresh_token())
        .await
        .expect_tokens();
    assert!(server.accepts(&refreshed.access_token).await);
    assert!(!server.accepts("not a token").await);
    end(server);
}

#[tokio::test]
async fn axum_server() {
    connects_an_app(server!("axum-server")).await;
}

#[tokio::test]
async fn actix_server() {
    connects_an_app(server!("actix-server")).await;
}

#[tokio::test]
async fn paved_axum() {
    connects_an_app(server!("paved-axum")).await;
}

#[tokio::test]
async fn paved_actix() {
    connects_an_app(server!("paved-actix")).await;
}

#[tokio::test]
async fn bare_hyper() {
    connects_an_app(server!("bare-hyper")).await;
}

#[tokio::test]
async fn custom_grant() {
    let server = server!("custom-grant").start_demo();
    let office = basic("office", "office-secret-0123456789abcdef");
    let kiosk = basic("kiosk", "kiosk-secret-0123456789abcdef");
    let form = [("grant_type", "client_credentials")];
    let issuer = server.token_as(&office, &form).await.expect_tokens();

    let order = [("username", "alice"), ("client_id", "kiosk")];
    let post = http().post(server.url("/vouchers")).form(&order);
    assert_eq!(Answer::to(post).await.status, 401);
    let post = http().post(server.url("/vouchers")).form(&order);
    let answer = Answer::to(post.bearer_auth(issuer.access_token)).await;
    let voucher = answer.json()["voucher"].as_str().unwrap().to_owned();

    let form = [
        (
            "grant_type",
            "https://tickets.example/oauth/grant-type/voucher",
        ),
        ("voucher", voucher.as_str()),
    ];
    let tokens = server.token_as(&kiosk, &form).await.expect_tokens();
    let profile = server.resource("/api/profile", &tokens.access_token).await;
    assert_eq!(profile.json()["username"], "alice");
    let again = server.token_as(&kiosk, &form).await;
    again.expect_error(400, "invalid_grant");
    end(server);
}

/// What is in its databases counts after a restart.
#[tokio::test]
async fn custom_store() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().to_str().unwrap();
    let options = ["--listen", "127.0.0.1:0", "--database", database];
    let start = || Server::start(server!("custom-store"), None, &options, "warn");
    let server = start();
    let web = Client::web();
    let alice = User {
        name: "alice".to_owned(),
        password: "wonderland".to_owned(),
    };
    let request = AuthorizationRequest::new(&web);
    let code = Browser::new(&server).grant(&alice, &request).await;
    let tokens = server.redeem(&web, &code).await.expect_tokens();
    assert!(server.accepts(&tokens.access_token).await);
    end(server);

    let server = start();
    assert!(server.accepts(&tokens.access_token).await);
    let refreshed = server
        .refresh(&web, tokens.refresh_token())
        .await
        .expect_tokens();
    assert!(server.accepts(&refreshed.access_token).await);
    // The code is still spent, so its second use ends the grant.
    let again = server.redeem(&web, &code).await;
    again.expect_error(400, "invalid_grant");
    server.expect_dead(&web, &refreshed).await;
    end(server);
}

/// A token opens the API until it is revoked, and nobody is let in while nobody can tell.
#[tokio::test]
async fn resource_server() {
    const API: &str = "https://api.example/v1";
    const SECRET: &str = "api-secret-0123456789abcdef";
    let client = format!(
        "[[clients]]\nclient_id = \"api\"\nclient_secret = \"{SECRET}\"\n\
         introspect = true\nresources = [\"{API}\"]"
    );
    let server = server!("axum-server").start(&Configuration::standard(2).append(&client));
    let issuer = server.issuer.clone();
    let options = [
        ["--listen", "127.0.0.1:0"],
        ["--issuer", &issuer],
        ["--resource", API],
        ["--client-secret", SECRET],
        ["--max-age", "0"],
    ];
    let binary = env!("CARGO_BIN_EXE_resource-server");
    let api = Server::start_program(binary, None, options.as_flattened(), "warn");
    let page = |path: &str| http().get(format!("{}{path}", api.origin));
    let ask = async |path, token: &str| Answer::to(page(path).bearer_auth(token)).await;
    let (web, user) = (Client::web(), server.anyone().clone());
    let browser = Browser::of(&server, &user).await;
    let tokens = async |request: AuthorizationRequest| {
        let code = browser.grant(&user, &request).await;
        server.redeem(&web, &code).await.expect_tokens()
    };

    let well_known = "/.well-known/oauth-protected-resource/v1";
    let challenge = Answer::to(page("/profile")).await;
    assert_eq!(challenge.status, 401);
    let named = format!("resource_metadata=\"https://api.example{well_known}\"");
    assert!(challenge.header("www-authenticate").contains(&named));
    let metadata = Answer::to(page(well_known)).await.json();
    assert_eq!(metadata["resource"], API);
    assert_eq!(metadata["authorization_servers"][0], issuer);

    let for_this = AuthorizationRequest::new(&web).with("resource", API);
    let token = tokens(for_this.clone()).await.access_token;
    let profile = ask("/profile", &token).await;
    assert_eq!(profile.json()["username"], user.name);
    assert_eq!(ask("/email", &token).await.status, 200);
    let narrow = tokens(for_this.clone().with("scope", "profile")).await;
    assert_eq!(ask("/email", &narrow.access_token).await.status, 403);
    let other = AuthorizationRequest::new(&web).with("resource", &format!("{issuer}/api"));
    let other = tokens(other).await;
    assert_eq!(ask("/profile", &other.access_token).await.status, 401);

    let revocation = http()
        .post(server.url("/revoke"))
        .form(&[("token", &token)]);
    let revocation = revocation.header("authorization", web.basic());
    assert_eq!(Answer::to(revocation).await.status, 200);
    assert_eq!(ask("/profile", &token).await.status, 401);

    let alive = tokens(for_this).await.access_token;
    assert_eq!(ask("/profile", &alive).await.status, 200);
    end(server);
    assert_eq!(ask("/profile", &alive).await.status, 503);

    let counted = Answer::to(page("/metrics")).await.body;
    for (error, times) in [
        ("none", 1),
        ("insufficient_scope", 1),
        ("invalid_token", 2),
        ("temporarily_unavailable", 1),
    ] {
        let labels = format!("endpoint=\"protected_resource\",error=\"{error}\"");
        let line = format!("oauth_refusals_total{{{labels}}} {times}\n");
        assert!(counted.contains(&line), "{line} in {counted}");
    }
    end(api);
}

/// The client app, web-client, as the demonstration starts it beside a server: its button leads to the
/// user's profile.
#[tokio::test]
async fn web_client() {
    let server = server!("axum-server").start_demo();
    let home = server.get("/").await;
    let (_, link) = home
        .body
        .split_once("Open the other app at <a href=\"")
        .unwrap();
    let client = link.split_once('"').unwrap().0;
    let browser = http_with_cookies();
    let connect = format!("{client}connect");
    let login = follow(&browser, browser.get(&connect)).await;
    let form = login.login_form().unwrap();
    let form = form
        .with("username", "alice")
        .with("password", "wonderland");
    let consent = follow(&browser, browser.post(form.action).form(&form.fields)).await;
    let mut form = consent.consent_form().unwrap();
    form.fields
        .push(("decision".to_owned(), "allow".to_owned()));
    let profile = follow(&browser, browser.post(form.action).form(&form.fields)).await;
    assert!(profile.text().contains("Hello, alice"), "{profile:?}");
    end(server);
}

fn http_with_cookies() -> reqwest::Client {
    let redirect = reqwest::redirect::Policy::none();
    let browser = reqwest::Client::builder().cookie_store(true);
    browser.redirect(redirect).no_proxy().build().unwrap()
}

/// The page at the end of the redirects, from one host to another.
async fn follow(browser: &reqwest::Client, request: reqwest::RequestBuilder) -> Answer {
    let mut answer = Answer::to(request).await;
    while let Some(target) = answer.location() {
        answer = Answer::to(browser.get(target)).await;
    }
    answer
}

/// This file names each example, and each says in a README what it is.
#[test]
fn none_is_forgotten() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(here).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() && !NOT_PROGRAMS.contains(&name.as_str()) {
            folders.push(name);
        }
    }
    assert!(folders.len() >= 7, "{folders:?}");
    for name in folders {
        let tested = format!("fn {}()", name.replace('-', "_"));
        assert!(
            include_str!("main.rs").contains(&tested),
            "{name} has no smoke test"
        );
        let readme = std::fs::read_to_string(here.join(&name).join("README.md")).unwrap();
        assert!(
            readme.starts_with(&format!("# {name}\n")),
            "{name} has no README"
        );
    }
}
