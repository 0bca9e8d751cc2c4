use super::*;
use crate::Subject;

fn problems(builder: ClientBuilder) -> Vec<String> {
    builder.build().unwrap_err().problems().to_vec()
}

#[test]
fn defaults_follow_the_secret() {
    let client = Client::builder("a")
        .redirect_uri("https://a.example/")
        .secret("s")
        .build();
    let client = client.unwrap();
    assert_eq!(
        client.token_endpoint_auth_method(),
        &TokenEndpointAuthMethod::CLIENT_SECRET_BASIC
    );
    assert_eq!(client.grant_types(), [GrantType::AUTHORIZATION_CODE]);
    assert_eq!(client.name(), "a");
    assert!(!client.is_public() && !client.is_first_party());
    let client = Client::builder("a")
        .redirect_uri("https://a.example/")
        .build()
        .unwrap();
    assert!(client.is_public());
}

#[test]
fn every_problem_is_named_at_once() {
    let builder = Client::builder("é")
        .token_endpoint_auth_method(TokenEndpointAuthMethod::CLIENT_SECRET_POST)
        .redirect_uri("http://app.example/")
        .redirect_uri("https://*.example/")
        .scope("\"");
    assert_eq!(problems(builder).len(), 6);
}

#[test]
fn refuses_combinations_that_make_no_sense() {
    let public = Client::builder("a").redirect_uri("https://a.example/");
    let secret = public
        .secret("s")
        .token_endpoint_auth_method(TokenEndpointAuthMethod::NONE);
    assert_eq!(problems(secret).len(), 1);
    assert_eq!(problems(Client::builder("a").secret("")).len(), 2);
}

#[test]
fn several_secrets_are_valid_at_once() {
    let client = Client::builder("a")
        .secret("old secret")
        .secret_digest(ClientSecretDigest::of("new+secret%"))
        .grant_types([GrantType::CLIENT_CREDENTIALS])
        .build()
        .unwrap();
    assert!(client.accepts_secret("old secret"));
    assert!(client.accepts_secret("new+secret%"));
    assert!(!client.accepts_secret("old secret "));
    assert!(!client.accepts_secret(""));
    assert!(!format!("{client:?}").contains("secret%"));
}

#[test]
fn the_danger_gate_takes_an_undotted_scheme() {
    let client = Client::builder("cursor");
    assert!(
        client
            .clone()
            .redirect_uri("cursor://callback")
            .build()
            .is_err()
    );
    assert!(
        client
            .danger_redirect_uri("cursor://callback")
            .build()
            .is_ok()
    );
}

#[test]
fn a_client_id_is_printable_ascii() {
    for text in ["", "é", "a\n", &"a".repeat(2049)] {
        assert_eq!(ClientId::parse(text), Err(InvalidClientId));
    }
    assert!(ClientId::parse("https://client.example/metadata.json").is_ok());
}

#[test]
fn a_client_id_is_checked_wherever_it_is_read() {
    for text in ["", "é", "a\n", &"a".repeat(2049)] {
        let written = serde_json::to_string(text).unwrap();
        assert!(
            serde_json::from_str::<ClientId>(&written).is_err(),
            "{text}"
        );
        let subject = format!(r#"{{"client":{written}}}"#);
        assert!(serde_json::from_str::<Subject>(&subject).is_err(), "{text}");
    }
    for text in ["web", " \"~\\", &"a".repeat(2048)] {
        let id = ClientId::parse(text).unwrap();
        let written = serde_json::to_string(&id).unwrap();
        assert_eq!(written, serde_json::to_string(text).unwrap());
        assert_eq!(serde_json::from_str::<ClientId>(&written).unwrap(), id);
    }
}
