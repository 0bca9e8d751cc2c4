//! Two server processes over one database, as behind a load balancer.

use crate::harness::{
    Answer, AuthorizationRequest, Browser, Client, Configuration, Server, Target,
};

tests! {
    several_processes:
    a_code_is_redeemed_once_through_both,
    a_refresh_token_is_used_once_through_both,
    refreshing_goes_on_at_the_other,
    a_disconnect_at_one_ends_what_the_other_accepts,
    a_disconnect_is_not_overtaken_by_the_other,
    login_at_one_and_consent_at_the_other,
    a_consent_page_is_answered_once_through_both,
    a_consent_given_at_one_is_known_at_the_other,
    a_replay_at_the_other_ends_the_grant,
    a_token_revoked_at_one_is_worth_nothing_at_the_other,
    a_refresh_token_revoked_at_one_ends_the_grant_at_the_other,
    a_revocation_is_not_overtaken_by_the_other,
    a_token_of_one_is_introspected_at_the_other,
}

const ROUNDS: usize = 10;
/// Requests at once to each process.
const MANY: usize = 8;

/// Two processes with the same users, clients and key.
fn pair(target: &'static Target) -> [Server; 2] {
    let configuration = Configuration::standard(3).shared_sessions();
    [target.start(&configuration), target.start(&configuration)]
}

/// Answers of both to the same token request, sent at the same time.
fn through_both(
    servers: &[Server; 2],
    client: &Client,
    parameters: &[(&str, &str)],
) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let requests = servers
            .each_ref()
            .map(|server| scope.spawn(|| server.tokens_at_once(client, parameters, MANY)));
        requests
            .into_iter()
            .flat_map(|answers| answers.join().expect("answers"))
            .collect()
    })
}

#[track_caller]
fn expect_one_winner(answers: &[Answer]) -> crate::harness::Tokens {
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1, "{answers:?}");
    for answer in lost {
        answer.expect_error(400, "invalid_grant");
    }
    won[0].expect_tokens()
}

pub async fn a_code_is_redeemed_once_through_both(target: &'static Target) {
    let servers = pair(target);
    let client = Client::web();
    for _ in 0..ROUNDS {
        let code = servers[0].code(&client).await;
        let answers = through_both(&servers, &client, &code.parameters());
        let tokens = expect_one_winner(&answers);
        // The losers were replays.
        for server in &servers {
            server.expect_dead(&client, &tokens).await;
        }
    }
}

pub async fn a_refresh_token_is_used_once_through_both(target: &'static Target) {
    let servers = pair(target);
    let client = Client::web();
    for _ in 0..ROUNDS {
        let first = servers[1].tokens(&client).await;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", first.refresh_token()),
        ];
        let tokens = expect_one_winner(&through_both(&servers, &client, &form));
        for server in &servers {
            server.expect_dead(&client, &tokens).await;
            assert!(!server.accepts(&first.access_token).await);
        }
    }
}

pub async fn refreshing_goes_on_at_the_other(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let mut tokens = one.tokens(&client).await;
    for server in [&other, &one, &other] {
        assert!(server.accepts(&tokens.access_token).await);
        let answer = server.refresh(&client, tokens.refresh_token()).await;
        tokens = answer.expect_tokens();
    }
    assert!(one.accepts(&tokens.access_token).await);
}

pub async fn a_disconnect_at_one_ends_what_the_other_accepts(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let browser = Browser::new(&one);
    let tokens = browser.tokens(one.newcomer(), &client).await;
    assert!(other.accepts(&tokens.access_token).await);
    let browser = browser.at(&other);
    let (page, form) = browser.connection(&client).await.expect("a connection");
    browser.submit(&page, form, &[], None).await;
    for server in [&one, &other] {
        server.expect_dead(&client, &tokens).await;
    }
}

/// A client that refreshes at one while the user disconnects it at the other.
pub async fn a_disconnect_is_not_overtaken_by_the_other(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let browser = Browser::new(&one);
    let user = one.newcomer();
    let mut issued = vec![browser.tokens(user, &client).await];
    let (page, form) = browser
        .at(&other)
        .connection(&client)
        .await
        .expect("a connection");
    let refreshing = async {
        loop {
            let last = issued.last().expect("tokens").refresh_token().to_owned();
            let answer = one.refresh(&client, &last).await;
            if answer.status != 200 {
                answer.expect_error(400, "invalid_grant");
                break;
            }
            issued.push(answer.expect_tokens());
        }
    };
    let elsewhere = browser.at(&other);
    let disconnecting = elsewhere.submit(&page, form, &[], None);
    tokio::join!(refreshing, disconnecting);
    for tokens in &issued {
        assert!(!one.accepts(&tokens.access_token).await);
        assert!(!other.accepts(&tokens.access_token).await);
    }
}

/// The consent page of one process, with its form sent to another.
async fn decided_at(browser: &Browser<'_>, page: &Answer, server: &Server) -> Answer {
    let mut form = page.consent_form().expect("a consent page");
    let port = url::Url::parse(&server.origin).expect("an origin").port();
    form.action.set_port(port).expect("a port");
    let button = Some(("decision", "allow"));
    browser.at(server).submit(page, form, &[], button).await
}

pub async fn login_at_one_and_consent_at_the_other(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let browser = Browser::of(&one, one.newcomer()).await;
    let request = AuthorizationRequest::new(&client);
    let page = browser.at(&other).start(&request).await;
    let answer = decided_at(&browser, &page, &other).await;
    let code = answer.expect_code(&request);
    one.redeem(&client, &code).await.expect_tokens();

    // And a page that one has shown is answered at the other.
    let request = request.with("prompt", "consent");
    let page = browser.start(&request).await;
    decided_at(&browser, &page, &one)
        .await
        .expect_code(&request);
}

pub async fn a_consent_page_is_answered_once_through_both(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let browser = Browser::of(&one, one.newcomer()).await;
    let page = browser.start(&AuthorizationRequest::new(&client)).await;
    let (first, second) = tokio::join!(
        decided_at(&browser, &page, &one),
        decided_at(&browser, &page, &other),
    );
    let redirects = [&first, &second].map(|answer| usize::from(answer.location().is_some()));
    assert_eq!(redirects.iter().sum::<usize>(), 1, "{first:?} {second:?}");
}

pub async fn a_consent_given_at_one_is_known_at_the_other(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let browser = Browser::new(&one);
    browser.tokens(one.newcomer(), &client).await;
    let silent = AuthorizationRequest::new(&client).with("prompt", "none");
    browser.at(&other).start(&silent).await.expect_code(&silent);
}

pub async fn a_replay_at_the_other_ends_the_grant(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let code = one.code(&client).await;
    let tokens = one.redeem(&client, &code).await.expect_tokens();
    let replayed = other.redeem(&client, &code).await;
    replayed.expect_error(400, "invalid_grant");
    one.expect_dead(&client, &tokens).await;
}

pub async fn a_token_revoked_at_one_is_worth_nothing_at_the_other(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let tokens = one.tokens(&client).await;
    assert!(other.accepts(&tokens.access_token).await);
    let answer = one.revoke(&client, &tokens.access_token).await;
    answer.expect_revoked();
    for server in [&one, &other] {
        assert!(!server.accepts(&tokens.access_token).await);
        assert!(!server.is_active(&client, &tokens.access_token).await);
        assert!(server.is_active(&client, tokens.refresh_token()).await);
    }
}

pub async fn a_refresh_token_revoked_at_one_ends_the_grant_at_the_other(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let first = one.tokens(&client).await;
    let answer = other.refresh(&client, first.refresh_token()).await;
    let second = answer.expect_tokens();
    // The spent one will do.
    let answer = one.revoke(&client, first.refresh_token()).await;
    answer.expect_revoked();
    for server in [&other, &one] {
        assert!(!server.accepts(&first.access_token).await);
        server.expect_dead(&client, &second).await;
    }
}

/// A client that refreshes at one while it gives its token back at the other.
pub async fn a_revocation_is_not_overtaken_by_the_other(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let mut issued = vec![one.tokens(&client).await];
    let given_back = issued[0].refresh_token().to_owned();
    let refreshing = async {
        loop {
            let last = issued.last().expect("tokens").refresh_token().to_owned();
            let answer = one.refresh(&client, &last).await;
            if answer.status != 200 {
                answer.expect_error(400, "invalid_grant");
                break;
            }
            issued.push(answer.expect_tokens());
        }
    };
    let revoking = async { other.revoke(&client, &given_back).await.expect_revoked() };
    tokio::join!(refreshing, revoking);
    for tokens in &issued {
        assert!(!one.accepts(&tokens.access_token).await);
        assert!(!other.accepts(&tokens.access_token).await);
    }
}

pub async fn a_token_of_one_is_introspected_at_the_other(target: &'static Target) {
    let [one, other] = pair(target);
    let client = Client::web();
    let tokens = one.tokens(&client).await;
    for asking in [&client, &Client::gateway()] {
        for server in [&one, &other] {
            let answer = server.introspect(asking, &tokens.access_token).await;
            assert_eq!(answer.expect_active()["client_id"], client.id);
        }
    }
}
