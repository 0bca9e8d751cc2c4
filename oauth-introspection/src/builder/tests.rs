use super::*;

const ENDPOINT: &str = "http://127.0.0.1:8080/introspect";
const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

fn builder(endpoint: &str) -> RemoteVerifierBuilder {
    RemoteVerifier::builder(endpoint, "api", "secret of the api")
}

fn problems(builder: RemoteVerifierBuilder) -> Vec<String> {
    builder.build().unwrap_err().problems().to_vec()
}

#[test]
fn the_endpoint_uses_https_or_stays_on_the_machine() {
    for endpoint in [
        ENDPOINT,
        "http://[::1]/introspect",
        "http://localhost/introspect",
    ] {
        assert!(builder(endpoint).build().is_ok(), "{endpoint}");
    }
    for endpoint in [
        "",
        "/introspect",
        "http://auth.example/introspect",
        "ftp://auth.example/introspect",
        "https://joe:hunter2@auth.example/introspect",
        "https://auth.example/introspect#part",
    ] {
        let problems = problems(builder(endpoint));
        assert_eq!(problems.len(), 1, "{endpoint}");
        assert!(!problems.concat().contains("hunter2"), "{problems:?}");
    }
    let secure = builder("https://auth.example:8443/tenant/introspect?a=b").build();
    assert_eq!(secure.is_ok(), HAS_TLS);
    if let Err(error) = secure {
        assert!(error.to_string().contains("rustls"), "{error}");
    }
    let inside = builder("http://auth.internal/introspect").danger_plain_http();
    assert!(inside.build().is_ok());
    let other = builder("ftp://auth.internal/introspect").danger_plain_http();
    assert!(other.build().is_err());
}

#[test]
fn a_description_that_is_wrong_is_refused_as_a_whole() {
    let second = Duration::from_secs(1);
    let wrong = RemoteVerifier::builder("introspect", "", "")
        .issuer("auth")
        .timeout(Duration::ZERO)
        .max_age(LONGEST_AGE + second)
        .negative_max_age(LONGEST_AGE + second)
        .lifetime_without_expiry(Duration::ZERO)
        .capacity(0);
    let problems = problems(wrong);
    assert_eq!(problems.len(), 9, "{problems:?}");
    let edge = builder(ENDPOINT)
        .issuer("https://auth.example")
        .timeout(LONGEST_TIMEOUT)
        .max_age(LONGEST_AGE)
        .negative_max_age(Duration::ZERO)
        .lifetime_without_expiry(second)
        .capacity(1);
    assert!(edge.build().is_ok());
    let off = builder(ENDPOINT).max_age(Duration::ZERO);
    assert!(off.build().is_ok());
}

#[test]
fn nothing_prints_the_secret() {
    let builder = builder(ENDPOINT);
    assert!(!format!("{builder:?}").contains("secret of the api"));
    let verifier = builder.build().unwrap();
    assert_eq!(
        format!("{verifier:?}"),
        "RemoteVerifier(\"http://127.0.0.1:8080/introspect\")"
    );
}
