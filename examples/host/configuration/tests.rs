use std::io::Write;
use std::time::Duration;

use super::*;

/// Each section and key of the contract.
const WHOLE: &str = r#"
[lifetimes]
authorization_code = 30
access_token = 1800
refresh_token = 86400
refresh_retry_window = 20
parked_request = 300
device_code = 301
pushed_request = 61

[server]
session_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

[policy]
dynamic_registration = true
client_id_metadata_documents = true
rotation_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

[[users]]
username = "alice"
password = "wonderland"

[[clients]]
client_id = "web"
client_secret = "a + b % \" '"
token_endpoint_auth_method = "client_secret_post"
client_name = "Demo web app"
redirect_uris = ["http://127.0.0.1:9999/callback"]
grant_types = ["authorization_code", "refresh_token"]
scope = "profile email"
introspect = true
resources = ["https://api.example"]
first_party = true

[[clients]]
client_id = "public"
redirect_uris = ["http://127.0.0.1/"]

[[clients]]
client_id = "api"
client_secret = "s"
introspect = true

[[scopes]]
name = "profile"
description = "Read your profile"

[[scopes]]
name = "email"
"#;

fn mistakes(text: &str) -> String {
    Configuration::parse(text)
        .unwrap_err()
        .in_file(Path::new("a.toml"))
        .to_string()
}

#[test]
fn a_whole_file() {
    let read = Configuration::parse(WHOLE).map_err(|p| p.in_file(Path::new("")).to_string());
    let read = read.unwrap();
    assert_eq!(read.lifetimes.authorization_code, Duration::from_secs(30));
    assert_eq!(read.lifetimes.refresh_retry_window, Duration::from_secs(20));
    assert_eq!(read.lifetimes.pushed_request, Duration::from_secs(61));
    assert_eq!(read.session_key().as_bytes(), &[0; 64]);
    assert_eq!(read.policy.rotation_key.unwrap().as_bytes(), &[0; 32]);
    assert!(read.policy.dynamic_registration && read.policy.client_id_metadata_documents);
    assert_eq!(read.users[0].password.expose(), "wonderland");
    let [web, public, api] = &read.clients[..] else {
        panic!("three clients")
    };
    assert_eq!(web.client_secret.as_ref().unwrap().expose(), "a + b % \" '");
    assert_eq!(
        web.token_endpoint_auth_method,
        TokenEndpointAuthMethod::ClientSecretPost
    );
    assert!(web.introspect && web.first_party);
    assert_eq!(
        public.token_endpoint_auth_method,
        TokenEndpointAuthMethod::None
    );
    assert_eq!(public.grant_types, ["authorization_code"]);
    assert_eq!(public.client_name, "public");
    assert_eq!(
        api.token_endpoint_auth_method,
        TokenEndpointAuthMethod::ClientSecretBasic
    );
    assert!(api.grant_types.is_empty());
    assert_eq!(read.scopes[1].description, "email");
    assert!(!read.is_demo);
}

#[test]
fn what_has_no_effect_yet_is_known() {
    let whole = Configuration::parse(WHOLE).unwrap_or_else(|_| panic!("a whole file"));
    let expected = [
        "policy.dynamic_registration",
        "policy.client_id_metadata_documents",
    ];
    assert_eq!(whole.without_effect(), expected);
    assert!(Configuration::demo().without_effect().is_empty());
}

#[test]
fn an_empty_file_has_the_defaults_and_not_the_demo() {
    let read = Configuration::parse("").ok().unwrap();
    assert_eq!(read.lifetimes, Lifetimes::default());
    assert_eq!(read.policy, Policy::default());
    assert!(read.users.is_empty() && read.clients.is_empty() && read.scopes.is_empty());
    assert_ne!(read.session_key(), read.session_key());
}

#[test]
fn first_line_of_an_error_names_the_key() {
    let client = |line: &str| format!("[[clients]]\nclient_id = 'a'\n{line}");
    for (text, expected) in [
        ("[flavour]".to_owned(), "flavour: unknown key"),
        ("flavour = 1".to_owned(), "flavour: unknown key"),
        (
            "[server]\nflavour = 1".to_owned(),
            "server.flavour: unknown key",
        ),
        (
            "[[users]]\nusername='a'\npassword='b'\nage=1".into(),
            "users[0].age: unknown key",
        ),
        (
            "lifetimes = 1".to_owned(),
            "lifetimes: must be a table, [lifetimes] (line 1)",
        ),
        (
            "[clients]".to_owned(),
            "clients: must be a list of tables, [[clients]] (line 1)",
        ),
        (
            "users = ['alice']".to_owned(),
            "users: must be a list of tables",
        ),
        (
            "[lifetimes]\naccess_token = '60'".to_owned(),
            "lifetimes.access_token: must be a whole",
        ),
        (
            "[lifetimes]\naccess_token = 1.5".to_owned(),
            "lifetimes.access_token: must be a whole",
        ),
        (
            "[lifetimes]\naccess_token = 0".to_owned(),
            "lifetimes.access_token: must be from 1 to",
        ),
        (
            "[lifetimes]\naccess_token = -1".to_owned(),
            "lifetimes.access_token: must be from 1 to",
        ),
        (
            "[lifetimes]\naccess_token = 315360001".to_owned(),
            "lifetimes.access_token: must be",
        ),
        (
            format!("[lifetimes]\naccess_token = {}0", i64::MAX),
            "lifetimes.access_token: must be",
        ),
        (
            "[lifetimes]\nrefresh_retry_window = 9".to_owned(),
            "policy.rotation_key: base64 of 32 bytes, is needed",
        ),
        (
            "[server]\nsession_key = 'AAAA'".to_owned(),
            "server.session_key: must be base64",
        ),
        (
            "[policy]\nrotation_key = '!'".to_owned(),
            "policy.rotation_key: must be base64",
        ),
        (
            "[policy]\ndynamic_registration = 1".to_owned(),
            "policy.dynamic_registration: must be",
        ),
        (
            "[[users]]\nusername = 'a'".to_owned(),
            "users[0].password: is missing (line 1)",
        ),
        (
            "[[users]]\nusername = ''\npassword = 'b'".into(),
            "users[0].username: must not be empty",
        ),
        (
            "[[users]]\nusername = 'a'\npassword = ''".into(),
            "users[0].password: must not be empty",
        ),
        (
            client("client_secret = 12345"),
            "clients[0].client_secret: must be a string",
        ),
        (
            client("client_secret = ''"),
            "clients[0].client_secret: must not be empty",
        ),
        (
            client("client_secret = 'ä'"),
            "clients[0].client_secret: must be visible ASCII",
        ),
        (
            client("client_secret = \"a\\tb\""),
            "clients[0].client_secret: must be visible ASCII",
        ),
        (
            client("token_endpoint_auth_method = 'client_secret_basic'"),
            "clients[0].client_secret: is missing",
        ),
        (
            client("client_secret = 's'\ntoken_endpoint_auth_method = 'none'"),
            "clients[0].token_endpoint_auth_method: is none",
        ),
        (
            client("token_endpoint_auth_method = 'private_key_jwt'"),
            "clients[0].token_endpoint_auth_method: must be one of client_secret_basic,",
        ),
        (
            client("grant_types = ['password']"),
            "clients[0].grant_types: unknown name; known are",
        ),
        (
            client("grant_types = []"),
            "clients[0].grant_types: must not be empty",
        ),
        (
            client("grant_types = [1]"),
            "clients[0].grant_types: must be a list of strings",
        ),
        (
            client("redirect_uris = 'x'"),
            "clients[0].redirect_uris: must be a list of strings",
        ),
        (
            client("[[clients]]\nclient_id = 'a'"),
            "clients[1].client_id: is there already",
        ),
        ("[[clients]]".to_owned(), "clients[0].client_id: is missing"),
        (
            "[[scopes]]\nname='a'\n[[scopes]]\nname='a'".to_owned(),
            "scopes[1].name: is there",
        ),
        (
            "[lifetimes]\naccess_token = = 1".to_owned(),
            "access_token: not TOML: ",
        ),
        ("[lifetimes\n".to_owned(), "--config: not TOML: "),
        (client("client_id = 'b'"), "client_id: not TOML: "),
    ] {
        let error = mistakes(&text);
        assert!(error.starts_with(expected), "{text}\n{error}");
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(error.ends_with("\nin the file a.toml"), "{error}");
    }
}

#[test]
fn every_mistake_is_told_in_the_order_of_the_file() {
    let error = mistakes(
        "[[users]]\nusername = 1\n\n[flavour]\n[lifetimes]\naccess_token = 0\nrefresh = 1\n\
         [[clients]]\nclient_secret = 'hunter2'\ngrant_types = ['implicit']",
    );
    let keys: Vec<_> = error
        .lines()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(
        keys,
        [
            "users[0].password",
            "users[0].username",
            "flavour",
            "lifetimes.access_token",
            "lifetimes.refresh",
            "clients[0].client_id",
            "clients[0].grant_types",
            "in the file a.toml"
        ],
        "{error}"
    );
    let error = mistakes("[lifetimes]\nrefresh_retry_window = 61\n[policy]\n");
    assert!(
        error.starts_with("lifetimes.refresh_retry_window: must be from 0 to 60"),
        "{error}"
    );
    assert!(
        error
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("policy.rotation_key: "),
        "{error}"
    );
    let many = mistakes(&"[[users]]\n".repeat(40));
    assert!(
        many.lines().count() == 22 && many.contains("and 60 more"),
        "{many}"
    );
}

#[test]
fn no_message_shows_a_value() {
    for text in [
        "[[users]]\nusername = 'a'\npassword = hunter2",
        "[[users]]\nusername = 'a'\npassword = ['hunter2']",
        "[[users]]\nusername = 'a'\npassword = 'hunter2\n",
        "[[users]]\nusername = 'a'\npassword 'hunter2'",
        "[[users]]\nusername = 'a'\n'hunter2'\n",
        "[[users]]\nusername = 'a'\npassword = 'hunter2' 'hunter2'",
        "[[users]]\nusername = 'a'\npassword = \"hunter2\\q\"",
        "[[clients]]\nclient_id = 'a'\nclient_secret = 'hunter2 ä'",
        "[[clients]]\nclient_id = 'a'\ntoken_endpoint_auth_method = 'hunter2'",
        "[server]\nsession_key = 'hunter2'",
    ] {
        let error = mistakes(text);
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn debug_output_shows_no_secret() {
    let shown = format!("{:?}", Configuration::demo());
    for secret in ["wonderland", "builder", "web-secret"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn files_are_read_and_a_missing_one_names_the_option() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"[[users]]\nusername = 'carol'\npassword = 'x'")
        .unwrap();
    let read = Configuration::load_or_demo(Some(file.path())).unwrap();
    assert_eq!(read.users.len(), 1);
    let error = Configuration::load(Path::new("/nowhere/a.toml"))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("--config: cannot read /nowhere/a.toml: "),
        "{error}"
    );
}

#[test]
fn demo_is_what_the_contract_shows() {
    let demo = Configuration::load_or_demo(None).unwrap();
    assert!(demo.is_demo());
    assert_eq!(demo.users[0].username, "alice");
    assert_eq!(demo.clients[0].client_id, "web");
    assert_eq!(
        demo.clients[0].redirect_uris,
        ["http://127.0.0.1:9999/callback"]
    );
    assert!(!invitation("http://h", None).contains("listening on"));
}
