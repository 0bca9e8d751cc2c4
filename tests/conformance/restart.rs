//! What outlives a process: an orderly end, and a crash under load.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::harness::{
    AuthorizationRequest, Browser, Client, Code, Configuration, Server, Target, Tokens,
};

tests! {
    restart:
    tokens_codes_and_consents_outlive_the_process,
    what_was_acknowledged_outlives_a_crash,
}

pub async fn tokens_codes_and_consents_outlive_the_process(target: &'static Target) {
    let configuration = Configuration::standard(2).shared_sessions();
    let client = Client::web();
    let before = target.start(&configuration);
    let browser = Browser::new(&before);
    let user = before.newcomer();
    let tokens = browser.tokens(user, &client).await;
    let code = browser
        .grant(user, &AuthorizationRequest::new(&client))
        .await;
    let spent = before.code(&client).await;
    before.redeem(&client, &spent).await.expect_tokens();
    assert_eq!(before.stop().0, Some(0));

    let after = target.start(&configuration);
    assert!(after.accepts(&tokens.access_token).await);
    let refreshed = after.refresh(&client, tokens.refresh_token()).await;
    refreshed.expect_tokens();
    after.redeem(&client, &code).await.expect_tokens();
    let replayed = after.redeem(&client, &spent).await;
    replayed.expect_error(400, "invalid_grant");
    let browser = Browser::of(&after, after.anyone()).await;
    let silent = AuthorizationRequest::new(&client).with("prompt", "none");
    browser.start(&silent).await.expect_code(&silent);
}

const CLIENTS: usize = 4;
const CODES_OF_EACH: usize = 12;
const REFRESHES: usize = 3;
const CRASHES: u64 = 2;

/// What one client of the load was told, and what it was asking when the server was gone.
#[derive(Clone, Default)]
struct Told {
    /// Codes for which tokens came.
    spent: Vec<Code>,
    /// The tokens of each grant, the last of them first to be used on.
    grants: Vec<Vec<Tokens>>,
    /// The refresh token of the last grant had been sent, and no answer had come.
    refreshing: bool,
    /// The code had been sent, and no answer had come.
    redeeming: Option<Code>,
}

/// Redeems code after code and refreshes each grant a few times, until the server is gone.
async fn load(server: Arc<Server>, client: Client, codes: Vec<Code>, told: Arc<Mutex<Told>>) {
    let note = |change: &dyn Fn(&mut Told)| change(&mut told.lock().expect("notes"));
    for code in codes {
        note(&|told| told.redeeming = Some(code.clone()));
        let Ok(answer) = server.try_token(&client, &code.parameters()).await else {
            return;
        };
        let mut tokens = answer.expect_tokens();
        note(&|told| {
            told.redeeming = None;
            told.spent.push(code.clone());
            told.grants.push(vec![tokens.clone()]);
        });
        for _ in 0..REFRESHES {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", tokens.refresh_token()),
            ];
            note(&|told| told.refreshing = true);
            let Ok(answer) = server.try_token(&client, &form).await else {
                return;
            };
            let next = answer.expect_tokens();
            note(&|told| {
                told.refreshing = false;
                let grant = told.grants.last_mut().expect("a grant");
                grant.push(next.clone());
            });
            tokens = next;
        }
    }
}

/// Killed at some moment under load: every token that a client was told of works, every code that
/// was redeemed stays spent, and where no answer came, it happened as a whole or not at all.
pub async fn what_was_acknowledged_outlives_a_crash(target: &'static Target) {
    let client = Client::web();
    // Within the window a refresh of unknown outcome can be asked again, and is then seen to be whole.
    let configuration = Configuration::standard(1).refresh_retry_window(60);
    for crash in 0..CRASHES {
        let server = Arc::new(target.start(&configuration));
        let browser = Browser::of(&server, server.anyone()).await;
        let mut tasks = Vec::new();
        for _ in 0..CLIENTS {
            let mut codes = Vec::new();
            for _ in 0..CODES_OF_EACH {
                let request = AuthorizationRequest::new(&client);
                codes.push(browser.grant(server.anyone(), &request).await);
            }
            let told = Arc::new(Mutex::new(Told::default()));
            let load = load(
                Arc::clone(&server),
                client.clone(),
                codes,
                Arc::clone(&told),
            );
            tasks.push((tokio::spawn(load), told));
        }
        tokio::time::sleep(Duration::from_millis(150 + 60 * crash)).await;
        server.crash();
        let mut notes = Vec::new();
        for (task, told) in tasks {
            task.await.expect("a client that was answered well");
            notes.push(told.lock().expect("notes").clone());
        }
        drop(server);
        assert!(notes.iter().any(|told| !told.grants.is_empty()), "no load");
        let server = target.start(&configuration);
        for told in &notes {
            expect_whole(&server, &client, told).await;
        }
    }
}

async fn expect_whole(server: &Server, client: &Client, told: &Told) {
    for tokens in told.grants.iter().flatten() {
        assert!(server.accepts(&tokens.access_token).await);
    }
    if told.refreshing {
        let last = told.grants.last().and_then(|grant| grant.last());
        let sent = last.expect("tokens").refresh_token();
        // Once more, as if the first had happened; twice, as it then has.
        let tokens = server.refresh(client, sent).await.expect_tokens();
        let again = server.refresh(client, sent).await.expect_tokens();
        assert_eq!(tokens.refresh_token(), again.refresh_token());
        assert!(server.accepts(&tokens.access_token).await);
        server
            .refresh(client, tokens.refresh_token())
            .await
            .expect_tokens();
    }
    if let Some(code) = &told.redeeming {
        let answer = server.redeem(client, code).await;
        match answer.status {
            // It had not happened.
            200 => {
                let tokens = answer.expect_tokens();
                assert!(server.accepts(&tokens.access_token).await);
            }
            // It had, so this was a replay.
            _ => answer.expect_error(400, "invalid_grant"),
        }
    }
    let whole = told.grants.len() - usize::from(told.refreshing);
    for (code, grant) in told.spent.iter().zip(&told.grants).take(whole) {
        let last = grant.last().expect("tokens");
        let next = server.refresh(client, last.refresh_token()).await;
        let next = next.expect_tokens();
        let replayed = server.redeem(client, code).await;
        replayed.expect_error(400, "invalid_grant");
        // Nothing of the grant is left, tokens that nobody was told of included.
        server.expect_dead(client, &next).await;
        for tokens in grant {
            assert!(!server.accepts(&tokens.access_token).await);
        }
    }
}
