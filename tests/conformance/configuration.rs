//! Mistakes in options and in the configuration file end the process before it listens, and are named.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::{Client, Configuration, Target};

tests! {
    configuration:
    unknown_keys_are_named,
    bad_redirect_uris_are_named,
    all_problems_are_named_at_once,
    duplicates_are_named,
    unknown_authentication_method_is_named,
    confidential_client_needs_a_secret,
    retry_window_needs_a_key,
    retry_window_has_an_upper_limit,
    malformed_keys_are_named,
    broken_file_is_named,
    missing_file_is_named,
    bad_options_are_named,
    code_client_needs_a_redirect_uri,
    resource_server_needs_a_secret,
    bad_resources_are_named,
}

/// Runs the binary until its own end and gives what it said on both streams.
async fn mistake(target: &'static Target, options: &[&str]) -> String {
    let mut process = Command::new(target.binary)
        .args(["--listen", "127.0.0.1:0", "--store", &target.store.url()])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a server process");
    for _ in 0..200 {
        if process.try_wait().expect("a status").is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Does nothing to a process that has ended.
    process.kill().expect("an end");
    let output = process.wait_with_output().expect("its output");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !said.contains("listening on"),
        "listens in spite of {options:?}"
    );
    let said = said + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code().is_some_and(|code| code > 0),
        "{}: {said}",
        output.status
    );
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// As [`mistake`], with a file; the first line has to name the culprit.
async fn mistaken_file(target: &'static Target, file: &Configuration, culprit: &str) -> String {
    let said = mistaken_text(target, &file.to_string()).await;
    let first = said.lines().next().unwrap_or_default();
    assert!(
        first.contains(culprit),
        "{culprit} is not in the first line of: {said}"
    );
    said
}

async fn mistaken_text(target: &'static Target, file: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("mistaken.toml");
    std::fs::write(&path, file).expect("a file");
    mistake(target, &["--config", path.to_str().unwrap()]).await
}

/// No users, so that nothing is hashed in vain.
fn file() -> Configuration {
    Configuration::standard(0)
}

pub async fn unknown_keys_are_named(target: &'static Target) {
    for (section, key) in [
        ("[flavours]", "flavours"),
        (
            "[[scopes]]\nname = \"x\"\ndescription = \"x\"\nflavour = 1",
            "flavour",
        ),
        (
            "[[users]]\nusername = \"x\"\npassword = \"x\"\nflavour = 1",
            "flavour",
        ),
        ("[lifetimes]\nacces_token = 60", "acces_token"),
        ("[policy]\nplain = true", "plain"),
        ("[server]\nsession_keys = \"x\"", "session_keys"),
    ] {
        mistaken_file(target, &file().append(section), key).await;
    }
    let client = "[[clients]]\nclient_id = \"x\"\nredirect_uri = \"https://x.example/\"";
    mistaken_file(target, &file().append(client), "redirect_uri").await;
}

pub async fn bad_redirect_uris_are_named(target: &'static Target) {
    for uri in [
        "http://client.example/callback",
        "http://127.0.0.1.client.example/callback",
        "https://*.client.example/callback",
        "https://client.example/*",
        "https://client.example/callback#fragment",
        "https://client.example/callback#",
        "https://user@client.example/callback",
        "https://user:password@client.example/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "app:/callback",
        "/callback",
        "client.example/callback",
        "https://",
        "",
    ] {
        let client = Client {
            id: "mistaken",
            redirect_uris: vec![uri],
            ..Client::web()
        };
        mistaken_file(target, &file().client(client), "redirect").await;
    }
}

/// A person mends them all in one go.
pub async fn all_problems_are_named_at_once(target: &'static Target) {
    let wrong = |id, uri| Client {
        id,
        redirect_uris: vec![uri],
        ..Client::web()
    };
    let file = file()
        .client(wrong("first-mistake", "http://client.example/callback"))
        .client(wrong("second-mistake", "https://*.client.example/callback"))
        .client(wrong("third-mistake", "https://client.example/#fragment"))
        .lifetime("refresh_retry_window", 61);
    let said = mistaken_text(target, &file.to_string()).await;
    let about = |word: &str| said.lines().filter(|line| line.contains(word)).count();
    assert!(about("redirect") >= 3, "{said}");
    assert!(about("refresh_retry_window") >= 1, "{said}");
    assert!(!said.contains(Client::web().secret.unwrap()), "{said}");
}

pub async fn duplicates_are_named(target: &'static Target) {
    mistaken_file(target, &file().client(Client::web()), "client_id").await;
    let user = "[[users]]\nusername = \"twice\"\npassword = \"x\"\n";
    mistaken_file(target, &file().append(user).append(user), "username").await;
    let scope = "[[scopes]]\nname = \"profile\"\ndescription = \"x\"\n";
    mistaken_file(target, &file().append(scope), "name").await;
}

pub async fn unknown_authentication_method_is_named(target: &'static Target) {
    for method in ["client_secret", "plain", "None"] {
        let client = Client {
            id: "mistaken",
            method,
            ..Client::web()
        };
        mistaken_file(target, &file().client(client), "token_endpoint_auth_method").await;
    }
}

/// Else a forgotten line would make a public client of it.
pub async fn confidential_client_needs_a_secret(target: &'static Target) {
    for method in ["client_secret_basic", "client_secret_post"] {
        let client = Client {
            id: "mistaken",
            secret: None,
            method,
            ..Client::web()
        };
        mistaken_file(target, &file().client(client), "client_secret").await;
    }
    // And one that says that it has none does not have one.
    let client = Client {
        id: "mistaken",
        method: "none",
        ..Client::web()
    };
    mistaken_file(target, &file().client(client), "token_endpoint_auth_method").await;
}

pub async fn retry_window_needs_a_key(target: &'static Target) {
    let file = file().lifetime("refresh_retry_window", 10);
    mistaken_file(target, &file, "rotation_key").await;
}

pub async fn retry_window_has_an_upper_limit(target: &'static Target) {
    let file = file().refresh_retry_window(61);
    mistaken_file(target, &file, "refresh_retry_window").await;
}

pub async fn malformed_keys_are_named(target: &'static Target) {
    for key in [
        "",
        "AAAA",
        "not base64!",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
    ] {
        let mistaken = file().append(&format!("[server]\nsession_key = \"{key}\""));
        mistaken_file(target, &mistaken, "session_key").await;
        let mistaken = file().append(&format!("[policy]\nrotation_key = \"{key}\""));
        mistaken_file(target, &mistaken, "rotation_key").await;
    }
}

pub async fn broken_file_is_named(target: &'static Target) {
    for broken in [
        "[[clients",
        "clients = 1",
        "[lifetimes]\naccess_token = \"an hour\"",
        "\u{0}",
    ] {
        let said = mistaken_text(target, broken).await;
        let first = said.lines().next().unwrap_or_default();
        let named = ["--config", "mistaken.toml", "clients", "access_token"]
            .iter()
            .any(|w| first.contains(w));
        assert!(named, "{said}");
    }
    mistaken_file(
        target,
        &Configuration::standard(0).lifetime("access_token", 0),
        "access_token",
    )
    .await;
}

pub async fn missing_file_is_named(target: &'static Target) {
    let said = mistake(target, &["--config", "/nowhere/mistaken.toml"]).await;
    let first = said.lines().next().unwrap_or_default();
    assert!(
        first.contains("config") || first.contains("mistaken.toml"),
        "{said}"
    );
}

pub async fn bad_options_are_named(target: &'static Target) {
    for (option, value) in [
        ("--store", "drawer:left"),
        ("--issuer", "nonsense"),
        ("--issuer", "http://127.0.0.1:8080/?query=1"),
        ("--issuer", "http://127.0.0.1:8080/#fragment"),
        ("--issuer", "ftp://127.0.0.1/"),
        ("--listen", "nonsense"),
        ("--flavour", "sweet"),
    ] {
        // The last one of a repeated option may count or the repetition be the mistake.
        let said = mistake(target, &[option, value]).await;
        let first = said.lines().next().unwrap_or_default();
        assert!(
            first.contains(option.trim_start_matches('-')),
            "{option} {value}: {said}"
        );
    }
}

/// RFC 6749 section 3.1.2.2 asks it of public clients, section 10.2 of whoever does not authenticate.
pub async fn code_client_needs_a_redirect_uri(target: &'static Target) {
    for kind in [Client::web(), Client::public()] {
        let client = Client {
            id: "mistaken",
            redirect_uris: Vec::new(),
            ..kind
        };
        mistaken_file(target, &file().client(client), "redirect").await;
    }
}

pub async fn resource_server_needs_a_secret(target: &'static Target) {
    let public = Client {
        introspect: true,
        ..Client::public()
    };
    let wrong = Configuration {
        clients: vec![public],
        ..file()
    };
    mistaken_file(target, &wrong, "introspect").await;
}

pub async fn bad_resources_are_named(target: &'static Target) {
    for resource in ["api", "https://photos.example/#part", ""] {
        let photos = Client {
            resources: vec![resource],
            ..Client::photos()
        };
        let wrong = Configuration {
            clients: vec![photos],
            ..file()
        };
        mistaken_file(target, &wrong, "resources").await;
    }
}
