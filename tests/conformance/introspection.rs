//! The introspection endpoint: RFC 7662.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::Value;

use crate::harness::{
    Answer, AuthorizationRequest, Browser, Client, Configuration, FORM, Target, basic, http,
};

tests! {
    introspection:
    metadata_names_it,
    client_sees_its_own_access_token,
    client_sees_its_own_refresh_token,
    token_of_client_credentials_names_the_client,
    scope_is_that_of_the_token,
    resource_server_sees_access_tokens_of_every_client,
    resource_server_sees_no_refresh_tokens,
    nobody_else_sees_anything,
    unknown_token_is_inactive,
    code_is_no_token,
    hint_makes_no_difference,
    asking_burns_nothing,
    spent_refresh_token_is_inactive,
    expired_access_token_is_inactive,
    revoked_tokens_are_inactive,
    disconnected_tokens_are_inactive,
    replayed_code_leaves_inactive_tokens,
    only_authenticated_clients_may_ask,
    other_methods_are_not_allowed,
    no_other_origin_may_read_it,
    it_is_under_the_path_of_the_issuer,
}

const PATH: &str = "/introspect";

pub async fn metadata_names_it(target: &'static Target) {
    let server = target.server();
    let metadata = server.get("/.well-known/oauth-authorization-server").await;
    let metadata = metadata.json();
    assert_eq!(metadata["introspection_endpoint"], server.url(PATH));
    let methods = &metadata["introspection_endpoint_auth_methods_supported"];
    let methods: Vec<_> = methods.as_array().unwrap().iter().collect();
    assert!(!methods.contains(&&Value::from("none")), "{methods:?}");
    for method in ["client_secret_basic", "client_secret_post"] {
        assert!(methods.contains(&&Value::from(method)), "{methods:?}");
    }
}

pub async fn client_sees_its_own_access_token(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::post(), Client::awkward()] {
        let tokens = server.tokens(&client).await;
        let answer = server.introspect(&client, &tokens.access_token).await;
        let members = answer.expect_active();
        let profile = server.resource("/api/profile", &tokens.access_token).await;
        assert_eq!(members["sub"], profile.json()["sub"]);
        assert_eq!(members["client_id"], client.id);
        assert_eq!(members["token_type"], "Bearer");
        assert_eq!(members["iss"], server.issuer.as_str());
        assert_eq!(members["scope"], tokens.scope.as_deref().unwrap());
        assert!(!members.contains_key("aud"), "{members:?}");
        // The user has signed in just now.
        let lifetime = members["exp"].as_u64().unwrap() - members["auth_time"].as_u64().unwrap();
        let since_login = lifetime - tokens.expires_in;
        assert!(since_login < 300, "{members:?}");
    }
}

pub async fn client_sees_its_own_refresh_token(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let access = server.introspect(&client, &tokens.access_token).await;
    let access = access.expect_active();
    let answer = server.introspect(&client, tokens.refresh_token()).await;
    let members = answer.expect_active();
    for name in ["sub", "client_id", "iss", "scope"] {
        assert_eq!(members[name], access[name], "{members:?}");
    }
    // It is not for protected resources.
    assert!(!members.contains_key("token_type"), "{members:?}");
    assert!(members["exp"].as_i64() > access["exp"].as_i64());
}

pub async fn token_of_client_credentials_names_the_client(target: &'static Target) {
    let server = target.server();
    let client = Client::machine();
    let form = [("grant_type", "client_credentials"), ("scope", "email")];
    let tokens = server.token(&client, &form).await.expect_tokens();
    for asking in [client.clone(), Client::gateway()] {
        let answer = server.introspect(&asking, &tokens.access_token).await;
        let members = answer.expect_active();
        assert_eq!(members["client_id"], client.id);
        assert_eq!(members["sub"], client.id);
        assert_eq!(members["scope"], "email");
        assert!(!members.contains_key("auth_time"), "{members:?}");
    }
}

pub async fn scope_is_that_of_the_token(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token()),
        ("scope", "email"),
    ];
    let narrow = server.token(&client, &form).await.expect_tokens();
    for (token, scope) in [
        (tokens.access_token.as_str(), "profile email"),
        (&narrow.access_token, "email"),
        (narrow.refresh_token(), "profile email"),
    ] {
        let members = server.introspect(&client, token).await.expect_active();
        assert_eq!(members["scope"], scope);
    }
}

pub async fn resource_server_sees_access_tokens_of_every_client(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::public()] {
        let tokens = server.tokens(&client).await;
        for asking in [Client::gateway(), Client::photos(), Client::videos()] {
            let answer = server.introspect(&asking, &tokens.access_token).await;
            assert_eq!(answer.expect_active()["client_id"], client.id);
        }
    }
}

pub async fn resource_server_sees_no_refresh_tokens(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    for asking in [Client::gateway(), Client::photos()] {
        let answer = server.introspect(&asking, tokens.refresh_token()).await;
        answer.expect_inactive();
    }
    let answer = server.refresh(&client, tokens.refresh_token()).await;
    answer.expect_tokens();
}

pub async fn nobody_else_sees_anything(target: &'static Target) {
    let server = target.server();
    let tokens = server.tokens(&Client::web()).await;
    for asking in [Client::other(), Client::post(), Client::machine()] {
        for token in [&tokens.access_token, tokens.refresh_token()] {
            server.introspect(&asking, token).await.expect_inactive();
        }
    }
    assert!(server.accepts(&tokens.access_token).await);
}

pub async fn unknown_token_is_inactive(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::gateway()] {
        for token in ["unheard-of", "a b", "é", &"x".repeat(2000), "-._~+/=="] {
            server.introspect(&client, token).await.expect_inactive();
        }
    }
}

pub async fn code_is_no_token(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let answer = server.introspect(&client, &code.value).await;
    answer.expect_inactive();
    server.redeem(&client, &code).await.expect_tokens();
}

/// RFC 7662 section 2.1: the search is extended to all kinds.
pub async fn hint_makes_no_difference(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    for hint in ["access_token", "refresh_token", "pen", ""] {
        for token in [&tokens.access_token, tokens.refresh_token()] {
            let form = [("token", token), ("token_type_hint", hint)];
            server.form(&client, PATH, &form).await.expect_active();
        }
    }
}

pub async fn asking_burns_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    for _ in 0..3 {
        for token in [&tokens.access_token, tokens.refresh_token()] {
            assert!(server.is_active(&client, token).await);
        }
    }
    let answer = server.refresh(&client, tokens.refresh_token()).await;
    assert!(server.accepts(&answer.expect_tokens().access_token).await);
    assert!(server.accepts(&tokens.access_token).await);
}

/// Asking about it is no second use.
pub async fn spent_refresh_token_is_inactive(target: &'static Target) {
    for server in [target.server(), target.retrying()] {
        let client = Client::web();
        let first = server.tokens(&client).await;
        let answer = server.refresh(&client, first.refresh_token()).await;
        let second = answer.expect_tokens();
        for _ in 0..2 {
            assert!(!server.is_active(&client, first.refresh_token()).await);
        }
        assert!(server.accepts(&second.access_token).await);
        let answer = server.refresh(&client, second.refresh_token()).await;
        answer.expect_tokens();
    }
}

/// RFC 7662 section 4.
pub async fn expired_access_token_is_inactive(target: &'static Target) {
    let server = target.start(&Configuration::with_lifetime("access_token", 3));
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    for asking in [&client, &Client::gateway()] {
        assert!(server.is_active(asking, &tokens.access_token).await);
    }
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    for asking in [&client, &Client::gateway()] {
        assert!(!server.is_active(asking, &tokens.access_token).await);
    }
    assert!(server.is_active(&client, tokens.refresh_token()).await);
}

pub async fn revoked_tokens_are_inactive(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let answer = server.revoke(&client, &tokens.access_token).await;
    answer.expect_revoked();
    for asking in [&client, &Client::gateway()] {
        assert!(!server.is_active(asking, &tokens.access_token).await);
    }
    assert!(server.is_active(&client, tokens.refresh_token()).await);

    let tokens = server.tokens(&client).await;
    let answer = server.revoke(&client, tokens.refresh_token()).await;
    answer.expect_revoked();
    for token in [&tokens.access_token, tokens.refresh_token()] {
        assert!(!server.is_active(&client, token).await);
    }
}

pub async fn disconnected_tokens_are_inactive(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::new(server);
    let tokens = browser.tokens(server.newcomer(), &client).await;
    let (page, form) = browser.connection(&client).await.expect("a connection");
    browser.submit(&page, form, &[], None).await;
    for token in [&tokens.access_token, tokens.refresh_token()] {
        for asking in [&client, &Client::gateway()] {
            assert!(!server.is_active(asking, token).await);
        }
    }
}

pub async fn replayed_code_leaves_inactive_tokens(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    let replayed = server.redeem(&client, &code).await;
    replayed.expect_error(400, "invalid_grant");
    for token in [&tokens.access_token, tokens.refresh_token()] {
        assert!(!server.is_active(&client, token).await);
    }
}

/// RFC 7662 section 2.1: so that nobody can try tokens out.
pub async fn only_authenticated_clients_may_ask(target: &'static Target) {
    let server = target.server();
    let tokens = server.tokens(&Client::public()).await;
    let token = ("token", tokens.access_token.as_str());
    let bearer = format!("Bearer {}", tokens.access_token);
    for authorization in [basic("web", "wrong"), basic("nobody", "wrong"), bearer] {
        let request = http().post(server.url(PATH)).form(&[token]);
        let answer = Answer::to(request.header(AUTHORIZATION, &authorization)).await;
        answer.expect_error(401, "invalid_client");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Basic"), "{answer:?}");
    }
    for form in [
        vec![token],
        vec![token, ("client_id", "public")],
        vec![token, ("client_id", "web")],
        vec![token, ("client_id", "videos"), ("client_secret", "wrong")],
        vec![token, ("client_id", "nobody")],
    ] {
        let answer = Answer::to(http().post(server.url(PATH)).form(&form)).await;
        answer.expect_error(401, "invalid_client");
        assert!(!answer.body.contains("active\""), "{answer:?}");
    }
}

pub async fn other_methods_are_not_allowed(target: &'static Target) {
    let server = target.server();
    for method in [
        Method::GET,
        Method::HEAD,
        Method::OPTIONS,
        Method::PUT,
        Method::DELETE,
    ] {
        let answer = server.send(method, PATH, &[], "").await;
        assert_eq!(answer.status, 405, "{answer:?}");
        assert_eq!(answer.header("allow"), "POST", "{answer:?}");
        answer.expect_not_stored();
    }
}

/// Whoever may ask has a secret, which no page has.
pub async fn no_other_origin_may_read_it(target: &'static Target) {
    let server = target.server();
    let authorization = Client::gateway().basic();
    let headers = [
        ("authorization", authorization.as_str()),
        ("origin", "https://spa.example"),
        FORM,
    ];
    for body in ["token=unheard-of", ""] {
        let answer = server.send(Method::POST, PATH, &headers, body).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

pub async fn it_is_under_the_path_of_the_issuer(target: &'static Target) {
    let server = target.tenant();
    let client = Client::web();
    let request = AuthorizationRequest::new(&client);
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    let at_root = http().post(format!("{}{PATH}", server.origin));
    assert_eq!(at_root.send().await.unwrap().status(), 404);
    let answer = server.introspect(&client, &tokens.access_token).await;
    assert_eq!(answer.expect_active()["iss"], server.issuer.as_str());
}
