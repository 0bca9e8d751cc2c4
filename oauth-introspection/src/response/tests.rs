use serde_json::{Value, json};

use super::*;

const EXP: i64 = 1_000;

fn now() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH
}

fn expectation() -> Expectation {
    Expectation {
        issuer: Some("https://auth.example".to_owned()),
        needs_token_type: true,
        lifetime_without_expiry: Duration::from_secs(60),
    }
}

/// An active token of alice for the client `web`, with other members than usual; null takes one away.
fn active(members: Value) -> Vec<u8> {
    let mut response = json!({
        "active": true,
        "client_id": "web",
        "token_type": "Bearer",
        "sub": "alice",
        "exp": EXP,
    });
    let object = response.as_object_mut().unwrap();
    object.extend(members.as_object().unwrap().clone());
    object.retain(|_, value| !value.is_null());
    serde_json::to_vec(&response).unwrap()
}

fn read(members: Value) -> Result<Option<VerifiedToken>, Malformed> {
    expectation().read(&active(members), now())
}

#[track_caller]
fn accepted(members: Value) -> VerifiedToken {
    read(members).unwrap().unwrap()
}

#[test]
fn every_member_is_carried_over() {
    let token = accepted(json!({
        "iss": "https://auth.example",
        "scope": "profile email",
        "aud": ["https://api.example", "https://other.example"],
        "acr": "urn:example:two-factors",
        "auth_time": 7,
        "subject_kind": "user",
        "username": { "unknown": ["members", "do not matter"] },
    }));
    let audience = ["https://api.example", "https://other.example"]
        .map(|text| ResourceIndicator::parse(text).unwrap());
    let expected = VerifiedToken::new(
        Subject::User(UserId::new("alice")),
        ClientId::parse("web").unwrap(),
        now() + Duration::from_secs(1_000),
    )
    .with_scope(Scope::parse("profile email").unwrap())
    .with_audience(audience.into_iter().collect())
    .with_acr("urn:example:two-factors")
    .with_auth_time(now() + Duration::from_secs(7));
    assert_eq!(token, expected);
}

#[test]
fn an_inactive_token_does_not_count_whatever_else_is_said() {
    for body in [
        r#"{"active":false}"#,
        r#"{"active":false,"exp":"never","sub":7}"#,
    ] {
        assert_eq!(expectation().read(body.as_bytes(), now()), Ok(None));
    }
}

#[test]
fn a_malformed_response_is_a_failure_and_no_answer() {
    for body in [
        "",
        "active",
        "{}",
        "[]",
        "true",
        r#"{"active":"true"}"#,
        r#"{"active":1}"#,
        r#"{"active":null}"#,
        r#"{"active":true,"active":false}"#,
        "[false]",
        r#"{"active":true} and more"#,
    ] {
        assert!(
            expectation().read(body.as_bytes(), now()).is_err(),
            "{body}"
        );
    }
    for members in [
        json!({ "exp": "1000" }),
        json!({ "exp": 10.5 }),
        json!({ "exp": i64::MAX }),
        json!({ "sub": 7 }),
        json!({ "sub": "" }),
        json!({ "client_id": null }),
        json!({ "client_id": "" }),
        json!({ "client_id": "caf\u{e9}" }),
        json!({ "scope": ["profile"] }),
        json!({ "scope": "a \"quoted\" word" }),
        json!({ "aud": 7 }),
        json!({ "aud": [7] }),
        json!({ "token_type": true }),
        json!({ "iss": [] }),
        json!({ "acr": 2 }),
        json!({ "auth_time": "now" }),
        json!({ "auth_time": i64::MIN }),
        json!({ "subject_kind": "group" }),
        json!({ "subject_kind": "client" }),
        json!({ "subject_kind": "user", "sub": null }),
    ] {
        assert!(read(members.clone()).is_err(), "{members}");
    }
}

#[test]
fn a_refresh_token_is_none() {
    assert_eq!(read(json!({ "token_type": null })), Ok(None));
    for other in ["refresh_token", "DPoP", "N_A", ""] {
        assert_eq!(read(json!({ "token_type": other })), Ok(None), "{other}");
    }
    accepted(json!({ "token_type": "bearer" }));
}

#[test]
fn without_token_type_only_on_request_and_only_where_it_is_absent() {
    let lenient = Expectation {
        needs_token_type: false,
        ..expectation()
    };
    let absent = active(json!({ "token_type": null }));
    assert!(lenient.read(&absent, now()).unwrap().is_some());
    let other = active(json!({ "token_type": "DPoP" }));
    assert_eq!(lenient.read(&other, now()), Ok(None));
}

#[test]
fn another_issuer_does_not_count() {
    accepted(json!({ "iss": "https://auth.example" }));
    accepted(json!({ "iss": null }));
    assert_eq!(read(json!({ "iss": "https://auth.example/" })), Ok(None));
    let any = Expectation {
        issuer: None,
        ..expectation()
    };
    let other = active(json!({ "iss": "https://other.example" }));
    assert!(any.read(&other, now()).unwrap().is_some());
}

#[test]
fn an_audience_is_one_or_several_and_never_lost() {
    let one = accepted(json!({ "aud": "https://api.example" }));
    assert_eq!(one.audience().resources().len(), 1);
    let some = accepted(json!({ "aud": ["account", "https://api.example"] }));
    assert_eq!(some.audience().resources().len(), 1);
    assert!(accepted(json!({ "aud": [] })).audience().is_empty());
    assert_eq!(read(json!({ "aud": "account" })), Ok(None));
    assert_eq!(read(json!({ "aud": ["account", "other"] })), Ok(None));
}

#[test]
fn a_client_on_its_own_is_no_user() {
    let web = Subject::Client(ClientId::parse("web").unwrap());
    for members in [
        json!({ "sub": null }),
        json!({ "sub": "web" }),
        json!({ "sub": "web", "subject_kind": "client" }),
        json!({ "sub": null, "subject_kind": "client" }),
    ] {
        assert_eq!(*accepted(members).subject(), web);
    }
    let namesake = accepted(json!({ "sub": "web", "subject_kind": "user" }));
    assert_eq!(namesake.user(), Some(&UserId::new("web")));
}

#[test]
fn expiry_is_exclusive_and_may_be_left_unsaid() {
    let at = |seconds| now() + Duration::from_secs(seconds);
    let body = active(json!({}));
    assert!(expectation().read(&body, at(999)).unwrap().is_some());
    assert_eq!(expectation().read(&body, at(1_000)), Ok(None));
    let unsaid = accepted(json!({ "exp": null }));
    assert_eq!(unsaid.expires_at(), at(60));
}
