//! Many requests at once for what may succeed once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::harness::{Answer, AuthorizationRequest, Browser, Client, Target};

tests! {
    concurrency:
    one_code_redeemed_32_times,
    one_code_of_a_public_client_redeemed_32_times,
    one_refresh_token_used_32_times,
    one_consent_page_decided_32_times,
    codes_of_many_sessions_do_not_mix,
    wrong_attempts_do_not_hinder_the_right_one,
    nothing_is_refreshed_past_a_disconnect,
    consents_given_at_once_add_up,
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

/// One round may happen to be orderly, above all on a store that never waits; a check before an act
/// shows in some of them.
const ROUNDS: usize = 20;

async fn redeemed(target: &'static Target, client: Client) {
    let server = target.server();
    for _ in 0..ROUNDS {
        let code = server.code(&client).await;
        let answers = server.tokens_at_once(&client, &code.parameters(), MANY);
        let tokens = expect_one_winner(&answers);
        // The losers were replays.
        server.expect_dead(&client, &tokens).await;
        server
            .redeem(&client, &code)
            .await
            .expect_error(400, "invalid_grant");
    }
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
    for _ in 0..ROUNDS {
        let first = server.tokens(&client).await;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", first.refresh_token()),
        ];
        let tokens = expect_one_winner(&server.tokens_at_once(&client, &form, MANY));
        server.expect_dead(&client, &tokens).await;
        assert!(!server.accepts(&first.access_token).await);
    }
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

/// Whoever floods the token endpoint with a stolen code cannot keep its client from redeeming it.
pub async fn wrong_attempts_do_not_hinder_the_right_one(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let attempts: Vec<_> = (0..MANY)
        .map(|number| {
            let (mut code, other) = (code.clone(), Client::other());
            let client = if number % 2 == 0 {
                client.clone()
            } else {
                other
            };
            code.verifier = "w".repeat(43);
            tokio::spawn(async move { server.redeem(&client, &code).await })
        })
        .collect();
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    for attempt in attempts {
        attempt
            .await
            .expect("a test task")
            .expect_error(400, "invalid_grant");
    }
    assert!(server.accepts(&tokens.access_token).await);
}

/// A client that refreshes while the user disconnects it: whichever comes first, no token survives.
pub async fn nothing_is_refreshed_past_a_disconnect(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::new(server);
    let user = server.newcomer();
    let disconnected = Arc::new(AtomicBool::new(false));
    let mut chains = Vec::new();
    for _ in 0..4 {
        let first = browser.tokens(user, &client).await;
        let (client, disconnected) = (client.clone(), Arc::clone(&disconnected));
        chains.push(tokio::spawn(async move {
            let mut issued = vec![first];
            loop {
                let late = disconnected.load(Ordering::SeqCst);
                let last = issued.last().expect("tokens").refresh_token().to_owned();
                let answer = server.refresh(&client, &last).await;
                if late || answer.status != 200 {
                    answer.expect_error(400, "invalid_grant");
                    return issued;
                }
                issued.push(answer.expect_tokens());
            }
        }));
    }
    let (page, form) = browser.connection(&client).await.expect("a connection");
    browser.submit(&page, form, &[], None).await;
    disconnected.store(true, Ordering::SeqCst);
    for chain in chains {
        for tokens in chain.await.expect("a test task") {
            assert!(!server.accepts(&tokens.access_token).await);
        }
    }
}

/// Two tabs, one scope each: neither consent overwrites the other one.
pub async fn consents_given_at_once_add_up(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::of(server, server.newcomer()).await;
    let mut tabs = Vec::new();
    for scope in ["profile", "email"] {
        let request = AuthorizationRequest::new(&client).with("scope", scope);
        let (browser, page) = (browser.clone(), browser.start(&request).await);
        tabs.push(tokio::spawn(async move {
            browser.decide(&page, "allow").await.expect_code(&request);
        }));
    }
    for tab in tabs {
        tab.await.expect("a test task");
    }
    let silent = AuthorizationRequest::new(&client).with("prompt", "none");
    browser.start(&silent).await.expect_code(&silent);
}
