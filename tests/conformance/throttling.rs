//! Whoever guesses is told to wait, and nobody else is.

use std::net::{IpAddr, Ipv4Addr};

use reqwest::header::{AUTHORIZATION, ORIGIN};

use crate::harness::{Answer, Client, Configuration, Server, Target, User};

tests! {
    throttling:
    wrong_passwords_of_one_user_from_one_place_are_429_at_last,
    wrong_secrets_of_one_client_from_one_place_are_429_at_last,
}

/// All of 127.0.0.0/8 is this machine.
const HERE: [u8; 4] = [127, 0, 0, 1];
const ELSEWHERE: [u8; 4] = [127, 0, 0, 2];

/// So many failures the example servers let pass.
const FAILURES: usize = 100;

fn http(from: [u8; 4]) -> reqwest::Client {
    let redirects = reqwest::redirect::Policy::none();
    let builder = reqwest::Client::builder().redirect(redirects);
    let from = IpAddr::from(Ipv4Addr::from(from));
    builder.local_address(from).build().expect("a client")
}

fn expect_429(answer: &Answer) {
    assert_eq!(answer.status, 429, "{answer:?}");
    let retry_after = answer.header("retry-after");
    let seconds: u64 = retry_after.parse().expect("seconds");
    assert!((1..=900).contains(&seconds), "{seconds}");
}

async fn sign_in(server: &Server, from: &reqwest::Client, user: &User, password: &str) -> Answer {
    let form = [("username", user.name.as_str()), ("password", password)];
    let request = from.post(server.url("/login")).form(&form);
    Answer::to(request.header(ORIGIN, server.origin.as_str())).await
}

pub async fn wrong_passwords_of_one_user_from_one_place_are_429_at_last(target: &'static Target) {
    let server = target.start(&Configuration::standard(2));
    let (user, other) = (&server.anyone().clone(), server.newcomer());
    let (here, elsewhere) = (http(HERE), http(ELSEWHERE));
    for _ in 0..FAILURES {
        let answer = sign_in(&server, &here, user, "wrong").await;
        answer.expect_local_page([401]);
    }
    for password in ["wrong", &user.password] {
        let answer = sign_in(&server, &here, user, password).await;
        answer.expect_local_page([429]);
        expect_429(&answer);
    }
    let answer = sign_in(&server, &elsewhere, user, &user.password).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let answer = sign_in(&server, &here, other, &other.password).await;
    assert_eq!(answer.status, 303, "{answer:?}");
}

pub async fn wrong_secrets_of_one_client_from_one_place_are_429_at_last(target: &'static Target) {
    let server = target.start(&Configuration::standard(2));
    let (right, other) = (Client::machine(), Client::web());
    let wrong = Client {
        secret: Some("a guess at the secret of this client"),
        ..right.clone()
    };
    let (here, elsewhere) = (http(HERE), http(ELSEWHERE));
    let ask = async |from: &reqwest::Client, client: &Client, path: &str| {
        let form = [("grant_type", "client_credentials"), ("token", "unknown")];
        let request = from.post(server.url(path)).form(&form);
        Answer::to(request.header(AUTHORIZATION, client.basic())).await
    };
    for turn in 0..FAILURES {
        let path = ["/token", "/revoke", "/introspect"][turn % 3];
        let answer = ask(&here, &wrong, path).await;
        answer.expect_error(401, "invalid_client");
    }
    for client in [&wrong, &right] {
        for path in ["/token", "/revoke", "/introspect"] {
            let answer = ask(&here, client, path).await;
            expect_429(&answer);
            answer.expect_error(429, "temporarily_unavailable");
        }
    }
    ask(&elsewhere, &right, "/token").await.expect_tokens();
    let answer = ask(&here, &other, "/revoke").await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
