//! Many requests at once for what may succeed once.

use crate::harness::{Answer, AuthorizationRequest, Browser, Client, Target};

tests! {
    concurrency:
    one_code_redeemed_32_times,
    one_code_of_a_public_client_redeemed_32_times,
    one_refresh_token_used_32_times,
    one_consent_page_decided_32_times,
    codes_of_many_sessions_do_not_mix,
}

const MANY: usize = 32;

/// All answers to requests that were on their way at the same time.
async fn at_once<F>(request: impl Fn() -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let tasks: Vec<_> = (0..MANY).map(|_| tokio::spawn(request())).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("a test task"));
    }
    answers
}

/// Exactly one winner, and the others are told the same as any replay.
#[track_caller]
fn expect_one_winner(answers: &[Answer]) -> crate::harness::Tokens {
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1, "{answers:?}");
    for answer in lost {
        answer.expect_error(400, "invalid_grant");
    }
    won[0].expect_tokens()
}

async fn redeemed(target: &'static Target, client: Client) {
    let server = target.server();
    let code = server.code(&client).await;
    let answers = at_once(|| {
        let (client, code) = (client.clone(), code.clone());
        async move { server.redeem(&client, &code).await }
    });
    let tokens = expect_one_winner(&answers.await);
    // The losers were replays.
    server.expect_dead(&client, &tokens).await;
    server
        .redeem(&client, &code)
        .await
        .expect_error(400, "invalid_grant");
}

pub async fn one_code_redeemed_32_times(target: &'static Target) {
    redeemed(target, Client::web()).await;
}

pub async fn one_code_of_a_public_client_redeemed_32_times(target: &'static Target) {
    redeemed(target, Client::spa()).await;
}

pub async fn one_refresh_token_used_32_times(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let answers = at_once(|| {
        let (client, token) = (client.clone(), first.refresh_token().to_owned());
        async move { server.refresh(&client, &token).await }
    });
    let tokens = expect_one_winner(&answers.await);
    server.expect_dead(&client, &tokens).await;
    assert!(!server.accepts(&first.access_token).await);
}

pub async fn one_consent_page_decided_32_times(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&client);
    let page = browser.start(&request).await;
    let answers = at_once(|| {
        let (browser, page) = (browser.clone(), page.clone());
        async move { browser.decide(&page, "allow").await }
    });
    let (won, lost): (Vec<_>, Vec<_>) = answers
        .await
        .into_iter()
        .partition(|answer| answer.location().is_some());
    assert_eq!(won.len(), 1, "{won:?}");
    for answer in &lost {
        answer.expect_refusal_page();
    }
    let code = won[0].expect_code(&request);
    server.redeem(&client, &code).await.expect_tokens();
}

/// Each gets its own state and a code that only its own verifier redeems.
pub async fn codes_of_many_sessions_do_not_mix(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let browser = Browser::of(server, server.anyone()).await;
    let tasks: Vec<_> = (0..MANY)
        .map(|_| {
            let (browser, client) = (browser.clone(), client.clone());
            tokio::spawn(async move {
                let request = AuthorizationRequest::new(&client);
                let code = browser.start(&request).await.expect_code(&request);
                server
                    .redeem(&client, &code)
                    .await
                    .expect_tokens()
                    .access_token
            })
        })
        .collect();
    let mut tokens = Vec::new();
    for task in tasks {
        tokens.push(task.await.expect("a test task"));
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), MANY);
}
