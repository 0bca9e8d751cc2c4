//! The server as a process: its end, and what it writes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{Browser, Client, Configuration, FORM, Target, basic};

tests! {
    process:
    demo_says_what_to_open,
    sigterm_ends_it_in_order,
    sigterm_lets_a_running_request_finish,
    no_secret_reaches_the_log,
}

fn connect(origin: &str) -> TcpStream {
    let address = origin.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream
}

/// Without a configuration there are users and clients all the same.
pub async fn demo_says_what_to_open(target: &'static Target) {
    let server = target.start_demo();
    server.get("/login").await.expect_login();
    let (code, said) = server.stop();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches("listening on").count(), 1, "{said}");
    assert!(
        said.matches("http://").count() > 1,
        "nothing to open in {said}"
    );
}

/// Also when somebody keeps a connection open that nothing is asked on.
pub async fn sigterm_ends_it_in_order(target: &'static Target) {
    let server = target.start(&Configuration::standard(1));
    let mut idle = connect(&server.origin);
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .unwrap();
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let (code, said) = server.stop();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches("listening on").count(), 1, "{said}");
}

pub async fn sigterm_lets_a_running_request_finish(target: &'static Target) {
    let server = target.start(&Configuration::standard(1));
    let mut running = connect(&server.origin);
    let body = "grant_type=client_credentials";
    let head = format!(
        "POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {}\r\nContent-Type: {}\r\n\
         Content-Length: {}\r\n\r\n",
        Client::machine().basic(),
        FORM.1,
        body.len()
    );
    running.write_all(head.as_bytes()).unwrap();
    running.write_all(&body.as_bytes()[..5]).unwrap();
    // Until the server has read the head, the request is not running.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let end = std::thread::spawn(move || server.stop());
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.write_all(&body.as_bytes()[5..]).unwrap();
    let mut answer = String::new();
    running.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("access_token"), "{answer}");
    let (code, said) = end.join().expect("a stopped server");
    assert_eq!(code, Some(0), "{said}");
}

/// Everything confidential that a flow with all its mistakes has seen, at the most talkative level.
pub async fn no_secret_reaches_the_log(target: &'static Target) {
    let configuration = Configuration::standard(2).refresh_retry_window(60);
    let server = target.start_talkative(&configuration);
    let mut secrets: Vec<String> = Vec::new();
    for user in &configuration.users {
        secrets.push(user.password.clone());
    }
    for client in [
        Client::web(),
        Client::post(),
        Client::awkward(),
        Client::spa(),
    ] {
        let browser = Browser::new(&server);
        let code = browser
            .grant(
                server.anyone(),
                &crate::harness::AuthorizationRequest::new(&client),
            )
            .await;
        let tokens = server.redeem(&client, &code).await.expect_tokens();
        let refreshed = server
            .refresh(&client, tokens.refresh_token())
            .await
            .expect_tokens();
        let retried = server
            .refresh(&client, tokens.refresh_token())
            .await
            .expect_tokens();
        assert!(server.accepts(&retried.access_token).await);
        // Mistakes are where a log line is most tempting.
        server
            .redeem(&Client::machine(), &code)
            .await
            .expect_error(400, "unauthorized_client");
        server
            .redeem(&Client::other(), &code)
            .await
            .expect_error(400, "invalid_grant");
        server
            .redeem(&client, &code)
            .await
            .expect_error(400, "invalid_grant");
        server.expect_dead(&client, &refreshed).await;
        for tokens in [&tokens, &refreshed, &retried] {
            secrets.extend([
                tokens.access_token.clone(),
                tokens.refresh_token().to_owned(),
            ]);
        }
        let path = format!("/api/profile?access_token={}", tokens.access_token);
        assert!(matches!(server.get(&path).await.status, 400 | 401));
        if let Some(secret) = client.secret {
            secrets.extend([secret.to_owned(), client.basic().replace("Basic ", "")]);
        }
        secrets.extend([code.value, code.verifier]);
    }
    server
        .token_as(&basic("web", "guessed-secret"), &[("grant_type", "x")])
        .await;
    let mistaken = crate::harness::User {
        name: server.anyone().name.clone(),
        password: "mistyped-password".to_owned(),
    };
    let browser = Browser::new(&server);
    let page = browser.page("/login").await;
    browser
        .log_in(&page, &mistaken)
        .await
        .expect_local_page([401]);
    secrets.extend(["guessed-secret".to_owned(), mistaken.password]);

    let (code, said) = server.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.lines().count() > 5,
        "too silent to say anything about: {said}"
    );
    for secret in secrets {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for form in [secret, encoded] {
            let line = said.lines().find(|line| line.contains(&form));
            assert_eq!(line, None, "{form} in the log");
        }
    }
}
