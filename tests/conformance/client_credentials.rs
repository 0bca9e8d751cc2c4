//! The client credentials grant: RFC 6749 section 4.4.

use crate::harness::{Answer, Browser, Client, Configuration, Target, User};

tests! {
    client_credentials:
    scope_defaults_to_that_of_the_client,
    scope_can_be_narrowed,
    scope_beyond_the_client_is_invalid_scope,
    no_refresh_token_is_given,
    public_client_is_unauthorized,
    public_client_is_unauthorized_even_with_the_grant,
    client_without_the_grant_is_unauthorized,
    token_without_a_user_reads_no_profile,
    client_named_like_a_user_is_not_that_user,
}

async fn ask(target: &'static Target, client: &Client, scope: Option<&str>) -> Answer {
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(scope.map(|scope| ("scope", scope)));
    target.server().token(client, &form).await
}

pub async fn scope_defaults_to_that_of_the_client(target: &'static Target) {
    let tokens = ask(target, &Client::machine(), None).await.expect_tokens();
    assert_eq!(tokens.scope(), ["email", "profile"]);
}

pub async fn scope_can_be_narrowed(target: &'static Target) {
    let tokens = ask(target, &Client::machine(), Some("email"))
        .await
        .expect_tokens();
    assert_eq!(tokens.scope(), ["email"]);
}

pub async fn scope_beyond_the_client_is_invalid_scope(target: &'static Target) {
    for scope in ["unheard-of", "profile unheard-of", "PROFILE", "pro\"file"] {
        let answer = ask(target, &Client::machine(), Some(scope)).await;
        answer.expect_error(400, "invalid_scope");
    }
}

/// RFC 6749 section 4.4.3: it should not be included.
pub async fn no_refresh_token_is_given(target: &'static Target) {
    let tokens = ask(target, &Client::machine(), None).await.expect_tokens();
    assert_eq!(tokens.refresh_token, None);
    assert!((1..=3600).contains(&tokens.expires_in), "{tokens:?}");
}

pub async fn public_client_is_unauthorized(target: &'static Target) {
    for client in [Client::public(), Client::spa()] {
        ask(target, &client, None)
            .await
            .expect_error(400, "unauthorized_client");
    }
}

/// RFC 6749 section 4.4: the grant must only be used by confidential clients.
pub async fn public_client_is_unauthorized_even_with_the_grant(target: &'static Target) {
    let client = Client {
        id: "public-machine",
        secret: None,
        method: "none",
        ..Client::machine()
    };
    let server = target.start(&Configuration::standard(0).client(client.clone()));
    let answer = server
        .token(&client, &[("grant_type", "client_credentials")])
        .await;
    answer.expect_error(400, "unauthorized_client");
}

pub async fn client_without_the_grant_is_unauthorized(target: &'static Target) {
    for client in [Client::web(), Client::first(), Client::post()] {
        ask(target, &client, None)
            .await
            .expect_error(400, "unauthorized_client");
    }
}

/// A client is not a user, whatever its scope.
pub async fn token_without_a_user_reads_no_profile(target: &'static Target) {
    let server = target.server();
    let tokens = ask(target, &Client::machine(), None).await.expect_tokens();
    for path in ["/api/profile", "/api/email"] {
        let answer = server.resource(path, &tokens.access_token).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(!answer.body.contains("machine"), "{answer:?}");
    }
}

/// Users and clients are named by different people, who need not know of each other.
pub async fn client_named_like_a_user_is_not_that_user(target: &'static Target) {
    let client = Client::machine();
    let namesake = User {
        name: client.id.to_owned(),
        password: "namesake".to_owned(),
    };
    let mut configuration = Configuration::standard(0);
    configuration.users.push(namesake);
    let server = target.start(&configuration);
    let tokens = server
        .token(&client, &[("grant_type", "client_credentials")])
        .await;
    let answer = server
        .resource("/api/profile", &tokens.expect_tokens().access_token)
        .await;
    assert_eq!(answer.status, 403, "{answer:?}");
    let browser = Browser::of(&server, server.anyone()).await;
    assert!(browser.connection(&client).await.is_none());
}
