//! Which protected resource an access token is for: RFC 8707.

use serde_json::{Value, json};

use crate::harness::{self, AuthorizationRequest, Browser, Client, Server, Target, Tokens, VIDEOS};

tests! {
    resource_indicators:
    token_for_the_api_opens_it,
    token_without_a_resource_opens_everything,
    token_for_another_resource_is_invalid_at_the_api,
    several_resources_may_be_named,
    resource_is_compared_normalized_and_kept_as_given,
    unknown_resource_is_invalid_target_at_the_authorization_endpoint,
    unknown_resource_is_invalid_target_at_the_token_endpoint,
    malformed_resource_is_invalid_target,
    exchange_narrows_the_token_and_not_the_grant,
    refresh_narrows_the_token_and_not_the_grant,
    more_than_was_granted_is_invalid_target_and_burns_nothing,
    grant_without_a_resource_may_be_narrowed_later,
    client_credentials_may_name_a_resource,
    login_and_consent_keep_the_resource,
    consent_is_for_the_resources_that_it_named,
    resource_server_sees_tokens_for_its_resources_only,
    resource_server_of_several_sees_a_token_for_any_of_them,
    client_sees_its_own_tokens_whatever_they_are_for,
    metadata_lists_the_resources,
    resources_work_under_a_path,
}

/// As it is asked for; the configuration file writes it in another way.
const PHOTOS: &str = "https://photos.example/api";
const FIRST: &str = VIDEOS[0];
const SECOND: &str = VIDEOS[1];

fn asking(client: &Client, resources: &[&str]) -> AuthorizationRequest {
    let request = AuthorizationRequest::new(client);
    resources.iter().fold(request, |request, resource| {
        request.and("resource", resource)
    })
}

/// Tokens of a grant for these resources.
async fn granted(server: &Server, client: &Client, resources: &[&str]) -> Tokens {
    let request = asking(client, resources);
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    server.redeem(client, &code).await.expect_tokens()
}

/// The parameters, with `resource` for each of these.
fn with_resources<'a>(
    mut parameters: Vec<(&'a str, &'a str)>,
    resources: &[&'a str],
) -> Vec<(&'a str, &'a str)> {
    parameters.extend(resources.iter().map(|resource| ("resource", *resource)));
    parameters
}

fn refreshing(tokens: &Tokens) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token()),
    ]
}

/// What the client is told that the token is for.
async fn audience(server: &Server, client: &Client, token: &str) -> Value {
    let members = server.introspect(client, token).await.expect_active();
    members.get("aud").cloned().unwrap_or(json!([]))
}

pub async fn token_for_the_api_opens_it(target: &'static Target) {
    let server = target.server();
    let api = server.url("/api");
    for client in [Client::web(), Client::public(), Client::first()] {
        let tokens = granted(server, &client, &[&api]).await;
        assert!(server.accepts(&tokens.access_token).await);
        let answer = server.refresh(&client, tokens.refresh_token()).await;
        assert!(server.accepts(&answer.expect_tokens().access_token).await);
    }
}

pub async fn token_without_a_resource_opens_everything(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    // Without a value, it is as if it were not there.
    for resources in [&[][..], &[""], &["", ""]] {
        let tokens = granted(server, &client, resources).await;
        assert!(server.accepts(&tokens.access_token).await);
        for asking in [Client::gateway(), Client::photos()] {
            assert!(server.is_active(&asking, &tokens.access_token).await);
        }
    }
}

pub async fn token_for_another_resource_is_invalid_at_the_api(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    for resources in [&[PHOTOS][..], &[PHOTOS, FIRST]] {
        let tokens = granted(server, &client, resources).await;
        for path in ["/api/profile", "/api/email"] {
            let answer = server.resource(path, &tokens.access_token).await;
            answer.expect_bearer_error(401, "invalid_token");
        }
        assert!(server.is_active(&client, &tokens.access_token).await);
    }
}

pub async fn several_resources_may_be_named(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let api = server.url("/api");
    let tokens = granted(server, &client, &[PHOTOS, &api, PHOTOS]).await;
    assert!(server.accepts(&tokens.access_token).await);
    assert!(
        server
            .is_active(&Client::photos(), &tokens.access_token)
            .await
    );
    let told = audience(server, &client, &tokens.access_token).await;
    assert_eq!(told, json!([PHOTOS, api]));
}

/// RFC 3986 section 6.2.
pub async fn resource_is_compared_normalized_and_kept_as_given(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    for resource in [
        "HTTPS://PHOTOS.example/api",
        "https://photos.example:443/%61pi",
        "https://photos.example/x/../api",
    ] {
        let tokens = granted(server, &client, &[resource]).await;
        let told = audience(server, &Client::photos(), &tokens.access_token).await;
        assert_eq!(told, json!([resource]));
    }
    let api = server.url("/API/../api").replace("http://", "HTTP://");
    let tokens = granted(server, &client, &[&api]).await;
    assert!(server.accepts(&tokens.access_token).await);
}

fn unknown(server: &Server) -> Vec<String> {
    vec![
        "https://unheard-of.example".to_owned(),
        "https://photos.example".to_owned(),
        "https://photos.example/api/".to_owned(),
        "https://photos.example/API".to_owned(),
        "https://photos.example:8443/api".to_owned(),
        "https://photos.example/api?a=b".to_owned(),
        "http://photos.example/api".to_owned(),
        server.issuer.clone(),
        server.url("/api/profile"),
    ]
}

pub async fn unknown_resource_is_invalid_target_at_the_authorization_endpoint(
    target: &'static Target,
) {
    let server = target.server();
    let client = Client::first();
    let browser = Browser::of(server, server.anyone()).await;
    for resource in unknown(server) {
        for resources in [&[resource.as_str()][..], &[PHOTOS, &resource]] {
            let request = asking(&client, resources);
            let answer = browser.start(&request).await;
            answer.expect_redirected(&request, "invalid_target");
        }
    }
}

pub async fn unknown_resource_is_invalid_target_at_the_token_endpoint(target: &'static Target) {
    let server = target.server();
    let client = Client::machine();
    for resource in unknown(server) {
        for resources in [&[resource.as_str()][..], &[PHOTOS, &resource]] {
            let form = with_resources(vec![("grant_type", "client_credentials")], resources);
            let answer = server.token(&client, &form).await;
            answer.expect_error(400, "invalid_target");
        }
    }
}

/// RFC 8707 section 2: an absolute URI without a fragment.
pub async fn malformed_resource_is_invalid_target(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let tokens = server.tokens(&client).await;
    for resource in [
        "api",
        "/api",
        "//photos.example/api",
        "https://photos.example/api#part",
        "https://photos.example/api#",
        "https://photos.example/a pi",
        " https://photos.example/api",
        "https://phötos.example/api",
        "https://",
        &format!("{PHOTOS}/{}", "x".repeat(3000)),
    ] {
        let form = with_resources(code.parameters(), &[resource]);
        let answer = server.token(&client, &form).await;
        answer.expect_error(400, "invalid_target");
        let form = with_resources(refreshing(&tokens), &[resource]);
        let answer = server.token(&client, &form).await;
        answer.expect_error(400, "invalid_target");
        let request = asking(&client, &[resource]);
        let answer = Browser::new(server).start(&request).await;
        answer.expect_redirected(&request, "invalid_target");
    }
    server.redeem(&client, &code).await.expect_tokens();
    let answer = server.refresh(&client, tokens.refresh_token()).await;
    answer.expect_tokens();
}

/// RFC 8707 section 2.2.
pub async fn exchange_narrows_the_token_and_not_the_grant(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let api = server.url("/api");
    let request = asking(&client, &[PHOTOS, &api]);
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let form = with_resources(code.parameters(), &[PHOTOS]);
    let tokens = server.token(&client, &form).await.expect_tokens();
    let told = audience(server, &client, &tokens.access_token).await;
    assert_eq!(told, json!([PHOTOS]));
    assert!(!server.accepts(&tokens.access_token).await);
    let answer = server.refresh(&client, tokens.refresh_token()).await;
    let tokens = answer.expect_tokens();
    let told = audience(server, &client, &tokens.access_token).await;
    assert_eq!(told, json!([PHOTOS, api]));
    assert!(server.accepts(&tokens.access_token).await);
}

pub async fn refresh_narrows_the_token_and_not_the_grant(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let api = server.url("/api");
    let mut tokens = granted(server, &client, &[PHOTOS, &api]).await;
    for resources in [&[PHOTOS][..], &[&api], &[&api, PHOTOS]] {
        let form = with_resources(refreshing(&tokens), resources);
        tokens = server.token(&client, &form).await.expect_tokens();
        let told = audience(server, &client, &tokens.access_token).await;
        assert_eq!(told, json!(resources));
        assert_eq!(
            server.accepts(&tokens.access_token).await,
            resources.contains(&api.as_str())
        );
    }
}

pub async fn more_than_was_granted_is_invalid_target_and_burns_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let request = asking(&client, &[PHOTOS]);
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    for resources in [&[FIRST][..], &[PHOTOS, FIRST]] {
        let form = with_resources(code.parameters(), resources);
        let answer = server.token(&client, &form).await;
        answer.expect_error(400, "invalid_target");
    }
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    for resources in [&[FIRST][..], &[PHOTOS, FIRST]] {
        let form = with_resources(refreshing(&tokens), resources);
        let answer = server.token(&client, &form).await;
        answer.expect_error(400, "invalid_target");
    }
    let answer = server.refresh(&client, tokens.refresh_token()).await;
    answer.expect_tokens();
}

pub async fn grant_without_a_resource_may_be_narrowed_later(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let form = with_resources(code.parameters(), &[PHOTOS]);
    let tokens = server.token(&client, &form).await.expect_tokens();
    assert!(!server.accepts(&tokens.access_token).await);
    let form = with_resources(refreshing(&tokens), &[FIRST, SECOND]);
    let tokens = server.token(&client, &form).await.expect_tokens();
    let told = audience(server, &client, &tokens.access_token).await;
    assert_eq!(told, json!([FIRST, SECOND]));
    let answer = server.refresh(&client, tokens.refresh_token()).await;
    assert!(server.accepts(&answer.expect_tokens().access_token).await);
}

pub async fn client_credentials_may_name_a_resource(target: &'static Target) {
    let server = target.server();
    let client = Client::machine();
    let api = server.url("/api");
    let form = vec![("grant_type", "client_credentials")];
    for (resource, status, error) in [
        (api.as_str(), 403, "insufficient_scope"),
        (PHOTOS, 401, "invalid_token"),
    ] {
        let form = with_resources(form.clone(), &[resource]);
        let tokens = server.token(&client, &form).await.expect_tokens();
        let told = audience(server, &client, &tokens.access_token).await;
        assert_eq!(told, json!([resource]));
        let answer = server.resource("/api/profile", &tokens.access_token).await;
        answer.expect_bearer_error(status, error);
    }
}

/// It travels with the return URL of the login page, and with the ticket of the consent page.
pub async fn login_and_consent_keep_the_resource(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let request = asking(&client, &[PHOTOS, FIRST]);
    let browser = Browser::new(server);
    let login = browser.start(&request).await;
    login.expect_login();
    let consent = browser.log_in(&login, server.newcomer()).await;
    consent.expect_consent();
    let answer = browser.decide(&consent, "allow").await;
    let code = answer.expect_code(&request);
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    let told = audience(server, &client, &tokens.access_token).await;
    assert_eq!(told, json!([PHOTOS, FIRST]));
}

/// What is allowed at one API is asked again for another, and for all of them.
pub async fn consent_is_for_the_resources_that_it_named(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let api = server.url("/api");
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    let request = asking(&client, &[PHOTOS]);
    let page = browser.start(&request).await;
    page.expect_consent();
    // As the server spells it.
    assert!(page.text().contains(harness::PHOTOS), "{page:?}");
    let answer = browser.decide(&page, "allow").await;
    answer.expect_code(&request);
    browser.start(&request).await.expect_code(&request);
    let grants = format!("/account/grants?client_id={}", client.id);
    let page = browser.page(&grants).await;
    assert!(page.text().contains(harness::PHOTOS), "{page:?}");
    for resources in [&[api.as_str()][..], &[PHOTOS, &api], &[]] {
        let page = browser.start(&asking(&client, resources)).await;
        page.expect_consent();
        let shows_api = page.text().contains(&api);
        assert_eq!(shows_api, resources.contains(&api.as_str()), "{page:?}");
    }
    let everything = asking(&client, &[]);
    let page = browser.start(&everything).await;
    let answer = browser.decide(&page, "allow").await;
    answer.expect_code(&everything);
    for resources in [&[api.as_str()][..], &[PHOTOS, &api]] {
        let request = asking(&client, resources);
        browser.start(&request).await.expect_code(&request);
    }
}

/// RFC 7662 section 4: whether the token can be used where it is asked about.
pub async fn resource_server_sees_tokens_for_its_resources_only(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let api = server.url("/api");
    for (resource, photos, videos) in [
        (PHOTOS, true, false),
        (FIRST, false, true),
        (&api, false, false),
    ] {
        let tokens = granted(server, &client, &[resource]).await;
        let token = &tokens.access_token;
        assert_eq!(server.is_active(&Client::photos(), token).await, photos);
        assert_eq!(server.is_active(&Client::videos(), token).await, videos);
        assert!(!server.is_active(&Client::gateway(), token).await);
    }
}

pub async fn resource_server_of_several_sees_a_token_for_any_of_them(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    for resources in [&[FIRST][..], &[SECOND], &[PHOTOS, SECOND]] {
        let tokens = granted(server, &client, resources).await;
        let told = audience(server, &Client::videos(), &tokens.access_token).await;
        assert_eq!(told, json!(resources));
    }
}

pub async fn client_sees_its_own_tokens_whatever_they_are_for(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = granted(server, &client, &[PHOTOS]).await;
    for token in [&tokens.access_token, tokens.refresh_token()] {
        assert_eq!(audience(server, &client, token).await, json!([PHOTOS]));
        assert!(!server.is_active(&Client::other(), token).await);
    }
}

/// RFC 9728 section 4.
pub async fn metadata_lists_the_resources(target: &'static Target) {
    let server = target.server();
    let metadata = server.get("/.well-known/oauth-authorization-server").await;
    let metadata = metadata.json();
    let listed = metadata["protected_resources"].as_array().unwrap();
    let api = server.url("/api");
    for resource in [&api, crate::harness::PHOTOS, FIRST, SECOND] {
        let times = listed.iter().filter(|one| *one == resource).count();
        assert_eq!(times, 1, "{resource}: {listed:?}");
    }
}

pub async fn resources_work_under_a_path(target: &'static Target) {
    let server = target.tenant();
    let client = Client::web();
    let api = server.url("/api");
    let tokens = granted(server, &client, &[&api]).await;
    assert!(server.accepts(&tokens.access_token).await);
    let told = audience(server, &client, &tokens.access_token).await;
    assert_eq!(told, json!([api]));
    let outside = format!("{}/api", server.origin);
    let request = asking(&client, &[&outside]);
    let answer = Browser::new(server).start(&request).await;
    answer.expect_redirected(&request, "invalid_target");
}
