//! `/metrics`: what the server counts.

use crate::harness::{Answer, Client, Configuration, FORM, Server, Target};

tests! {
    metrics:
    a_token_raises_its_counter,
    refusals_are_counted_by_endpoint_and_error,
    what_a_client_sends_becomes_no_label,
    replays_revocations_and_consents_are_counted,
    metrics_are_below_the_issuer,
}

/// The value of a counter, 0 where it does not show yet. The labels in any order.
async fn counter(server: &Server, name: &str, labels: &[&str]) -> u64 {
    let page = text(server).await;
    let line = page.lines().find(|line| {
        let (series, _) = line.split_once(' ').unwrap_or((line, ""));
        let (own, list) = series.split_once('{').unwrap_or((series, ""));
        own == name && labels.iter().all(|label| list.contains(label))
    });
    let value = line.and_then(|line| line.rsplit(' ').next());
    value.map_or(0, |value| value.parse().expect("a number"))
}

async fn text(server: &Server) -> String {
    let answer = server.get("/metrics").await;
    assert_eq!(answer.status, 200);
    let media_type = answer.header("content-type");
    assert!(media_type.starts_with("text/plain"), "{media_type}");
    answer.body
}

/// A process has one set of counters, so that each test has a server of its own.
fn own(target: &'static Target) -> Server {
    target.start(&Configuration::standard(3))
}

pub async fn a_token_raises_its_counter(target: &'static Target) {
    let server = own(target);
    let name = "oauth_tokens_issued_total";
    let label = ["grant_type=\"authorization_code\""];
    assert_eq!(counter(&server, name, &label).await, 0);
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    assert_eq!(counter(&server, name, &label).await, 1);
    assert_eq!(counter(&server, "oauth_codes_issued_total", &[]).await, 1);
    let refresh_token = tokens.refresh_token.as_deref().expect("a refresh token");
    server.refresh(&client, refresh_token).await.expect_tokens();
    let label = ["grant_type=\"refresh_token\""];
    assert_eq!(counter(&server, name, &label).await, 1);
    let parameters = [("grant_type", "client_credentials")];
    let answer = server.token(&Client::machine(), &parameters).await;
    answer.expect_tokens();
    let label = ["grant_type=\"client_credentials\""];
    assert_eq!(counter(&server, name, &label).await, 1);
}

pub async fn refusals_are_counted_by_endpoint_and_error(target: &'static Target) {
    let server = own(target);
    let name = "oauth_refusals_total";
    let labels = ["endpoint=\"token\"", "error=\"invalid_client\""];
    for expected in 1..3 {
        let answer = server
            .token_with(&[FORM], "grant_type=x&client_id=nobody")
            .await;
        answer.expect_error(401, "invalid_client");
        assert_eq!(counter(&server, name, &labels).await, expected);
    }
    assert!(!server.accepts("unknown").await);
    let labels = ["endpoint=\"protected_resource\"", "error=\"invalid_token\""];
    assert_eq!(counter(&server, name, &labels).await, 1);
    let page = server.get("/authorize?client_id=nobody").await;
    page.expect_local_page([400]);
    let labels = ["endpoint=\"authorization\"", "error=\"invalid_request\""];
    assert_eq!(counter(&server, name, &labels).await, 1);
}

pub async fn what_a_client_sends_becomes_no_label(target: &'static Target) {
    let server = own(target);
    let client = Client::web();
    for number in 0..20 {
        let grant_type = format!("made-up-{number}");
        let form = [("grant_type", grant_type.as_str())];
        let answer = server.token(&client, &form).await;
        answer.expect_error(400, "unsupported_grant_type");
        let stranger = format!("grant_type=x&client_id=stranger-{number}&scope=scope-{number}");
        let answer = server.token_with(&[FORM], stranger).await;
        answer.expect_error(401, "invalid_client");
    }
    let name = "oauth_refusals_total";
    let labels = ["endpoint=\"token\"", "error=\"unsupported_grant_type\""];
    assert_eq!(counter(&server, name, &labels).await, 20);
    let page = text(&server).await;
    for word in ["made-up", "stranger", "scope-", client.id] {
        assert!(!page.contains(word), "{word} in {page}");
    }
    let series = page.lines().filter(|line| line.starts_with(name));
    assert_eq!(series.count(), 2, "{page}");
}

pub async fn replays_revocations_and_consents_are_counted(target: &'static Target) {
    let server = own(target);
    let client = Client::web();
    let code = server.code(&client).await;
    let allowed = ["decision=\"allow\""];
    assert_eq!(counter(&server, "oauth_consents_total", &allowed).await, 1);
    let refresh_token = server
        .redeem(&client, &code)
        .await
        .expect_tokens()
        .refresh_token;
    let refresh_token = refresh_token.expect("a refresh token");
    let answer = server.redeem(&client, &code).await;
    answer.expect_error(400, "invalid_grant");
    let kind = ["kind=\"authorization_code\""];
    assert_eq!(counter(&server, "oauth_replays_total", &kind).await, 1);
    let body = format!("token={refresh_token}");
    let basic = client.basic();
    let headers = [FORM, ("authorization", basic.as_str())];
    let answer = server
        .send(reqwest::Method::POST, "/revoke", &headers, body)
        .await;
    assert_eq!(answer.status, 200);
    let target = ["target=\"grant\""];
    assert_eq!(
        counter(&server, "oauth_revocations_total", &target).await,
        1
    );
}

pub async fn metrics_are_below_the_issuer(target: &'static Target) {
    let server = target.tenant();
    text(server).await;
    let root = reqwest::Client::new().get(format!("{}/metrics", server.origin));
    assert_eq!(Answer::to(root).await.status, 404);
}
