use super::*;

fn uri(text: &str) -> RedirectUri {
    RedirectUri::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn accepts_what_rfc_8252_and_9700_allow() {
    for text in [
        "https://app.example.com",
        "https://app.example.com/callback?tenant=1",
        "https://app.example.com:8443/a%20b",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:9999/callback",
        "http://[::1]:9999/callback",
        "http://localhost:9999/callback",
        "com.example.app:/callback",
        "com.example.app://callback",
    ] {
        assert_eq!(uri(text).as_str(), text);
    }
}

#[test]
fn refuses_the_rest() {
    for text in [
        "",
        "/callback",
        "app.example.com/callback",
        "http://app.example.com/callback",
        "http://127.0.0.2/callback",
        "http://127.0.0.1.example.com/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:/callback",
        "http://127.1/callback",
        "http://2130706433/callback",
        "http://localhost.example.com/callback",
        "http://LOCALHOST/callback",
        "https:///callback",
        "https:app.example.com",
        "https://user@app.example.com/",
        "https://user:pass@app.example.com/",
        "https://@app.example.com/",
        "https://app.example.com/#",
        "https://app.example.com/#fragment",
        "https://*.example.com/",
        "https://app.example.com/*",
        "https://app.example.com\\@evil.example/",
        "https://ex%61mple.com/",
        "https://bücher.example/",
        "https://app.example.com/a b",
        "https://app.example.com/\n",
        "HTTPS://app.example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "cursor://callback",
    ] {
        assert!(RedirectUri::parse(text).is_err(), "{text}");
    }
    let long = format!("https://app.example.com/{}", "a".repeat(MAX_LENGTH));
    assert!(RedirectUri::parse(&long).is_err());
}

#[test]
fn the_danger_gate_opens_for_undotted_schemes_only() {
    let cursor = RedirectUri::danger_parse("cursor://callback").unwrap();
    assert_eq!(cursor.undotted_scheme(), Some("cursor"));
    assert_eq!(uri("com.example.app:/callback").undotted_scheme(), None);
    for text in [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://app.example.com/",
    ] {
        assert!(RedirectUri::danger_parse(text).is_err(), "{text}");
    }
}

#[test]
fn compares_byte_for_byte() {
    let registered = uri("https://app.example.com/callback");
    assert!(registered.matches("https://app.example.com/callback"));
    for requested in [
        "https://app.example.com/callback/",
        "https://app.example.com/Callback",
        "https://APP.example.com/callback",
        "https://app.example.com:443/callback",
        "https://app.example.com/callback?",
        "https://app.example.com/callback?x=1",
        "https://app.example.com/callback#",
        "https://user@app.example.com/callback",
        "https://app.example.com/%63allback",
        "https://app.example.com/a/../callback",
        "http://app.example.com/callback",
        "",
    ] {
        assert!(!registered.matches(requested), "{requested}");
    }
}

#[test]
fn only_the_port_of_a_loopback_http_uri_may_differ() {
    for registered in [
        "http://127.0.0.1:9999/callback?a=1",
        "http://127.0.0.1/callback?a=1",
    ] {
        let registered = uri(registered);
        for requested in [
            "http://127.0.0.1/callback?a=1",
            "http://127.0.0.1:1/callback?a=1",
        ] {
            assert!(registered.matches(requested), "{requested}");
        }
        for requested in [
            "http://localhost:1/callback?a=1",
            "http://[::1]:1/callback?a=1",
            "https://127.0.0.1:1/callback?a=1",
            "http://127.0.0.1:1/callback",
            "http://127.0.0.1:1/callback?a=1#x",
            "http://127.0.0.1:1/callback?a=12",
            "http://127.0.0.1:/callback?a=1",
            "http://127.0.0.1:0/callback?a=1",
            "http://127.0.0.1:01/callback?a=1",
            "http://127.0.0.1:65536/callback?a=1",
            "http://127.0.0.1:+1/callback?a=1",
            "http://127.0.0.1:1@evil.example/callback?a=1",
            "http://127.0.0.1@evil.example/callback?a=1",
            "http://127.0.0.1.evil.example/callback?a=1",
        ] {
            assert!(!registered.matches(requested), "{requested}");
        }
    }
    assert!(!uri("https://127.0.0.1:9999/").matches("https://127.0.0.1:1/"));
    assert!(!uri("com.example.app://127.0.0.1:1/").matches("com.example.app://127.0.0.1:2/"));
}

#[test]
fn says_which_other_programs_can_claim() {
    assert!(!uri("https://app.example.com/").is_claimable());
    assert!(uri("http://127.0.0.1/").is_claimable());
    assert!(uri("com.example.app:/").is_claimable());
}

#[test]
fn shows_a_host() {
    assert_eq!(
        displayed_host("https://app.example.com:8443/x"),
        "app.example.com"
    );
    assert_eq!(displayed_host("http://[::1]:1/x"), "[::1]");
    assert_eq!(displayed_host("com.example.app:/x"), "com.example.app");
}
