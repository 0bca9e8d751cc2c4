//! A server process, and requests to it that need no browser.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::AUTHORIZATION;

use super::{
    Answer, AuthorizationRequest, Browser, Client, Code, Configuration, Target, Tokens, User,
};

/// Runs the server until its own standard input ends. That is a pipe from the test process, so the
/// server ends with the tests however they end; `Drop` alone would not do, as statics are never dropped.
const UNTIL_INPUT_ENDS: &str = r#""$@" & server=$!
exec >&- 2>&-
read -r _
kill -TERM "$server"
wait "$server""#;

/// A running example server.
#[derive(Debug)]
pub struct Server {
    /// Identifies the server, and every endpoint is under it.
    pub issuer: String,
    /// Scheme, host and port.
    pub origin: String,
    /// What the server said so far, both streams.
    said: Arc<Mutex<String>>,
    process: Child,
    users: Vec<User>,
    taken: AtomicUsize,
}

impl Server {
    /// Starts the binary and waits until it listens.
    pub fn start(target: &Target, file: &Configuration, options: &[&str], log: &str) -> Self {
        // Read at the start only, so the folder may go when this function returns.
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("configuration.toml");
        std::fs::write(&path, file.to_string()).expect("a configuration file");
        let mut process = Command::new("sh")
            .args(["-c", UNTIL_INPUT_ENDS, "sh", target.binary])
            .args(["--store", target.store.url(), "--config"])
            .arg(&path)
            .args(options)
            .env("RUST_LOG", log)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a server process");
        let said = Arc::new(Mutex::new(String::new()));
        let (send, receive) = mpsc::channel();
        listen_to(
            process.stdout.take().expect("its output"),
            &said,
            send.clone(),
        );
        listen_to(process.stderr.take().expect("its errors"), &said, send);
        let origin = loop {
            match receive.recv_timeout(Duration::from_secs(30)) {
                Ok(line) => match line.strip_prefix("listening on ") {
                    Some(origin) => break origin.to_owned(),
                    None => continue,
                },
                Err(_) => panic!(
                    "the server does not listen: {}",
                    said.lock().expect("its words")
                ),
            }
        };
        let issuer = options
            .iter()
            .skip_while(|option| **option != "--issuer")
            .nth(1);
        Self {
            issuer: issuer.map_or_else(|| origin.clone(), |issuer| (*issuer).to_owned()),
            origin,
            said,
            process,
            users: file.users.clone(),
            taken: AtomicUsize::new(1),
        }
    }

    /// The user whom tests share that do not mind what others consented to.
    pub fn anyone(&self) -> &User {
        &self.users[0]
    }

    /// A user nobody has used before, who has consented to nothing.
    pub fn newcomer(&self) -> &User {
        let place = self.taken.fetch_add(1, Ordering::Relaxed);
        self.users
            .get(place)
            .expect("more users in this server's configuration")
    }

    /// The address of an endpoint or page.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Ends the server with SIGTERM and gives its exit code and all it said.
    pub fn stop(mut self) -> (Option<i32>, String) {
        drop(self.process.stdin.take());
        let status = self.process.wait().expect("an exit status");
        let said = self.said.lock().expect("its words").clone();
        (status.code(), said)
    }

    /// Tokens of [`Server::anyone`] for the client.
    pub async fn tokens(&self, client: &Client) -> Tokens {
        Browser::new(self).tokens(self.anyone(), client).await
    }

    /// A code of [`Server::anyone`] for the client.
    pub async fn code(&self, client: &Client) -> Code {
        let request = AuthorizationRequest::new(client);
        Browser::new(self).grant(self.anyone(), &request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(http().get(self.url(path))).await
    }

    /// A request to the token endpoint, authenticated in the client's way.
    pub async fn token(&self, client: &Client, parameters: &[(&str, &str)]) -> Answer {
        let mut form = client.in_body();
        form.extend(parameters);
        let request = http().post(self.url("/token")).form(&form);
        Answer::to(match client.method {
            "client_secret_basic" => request.header(AUTHORIZATION, client.basic()),
            _ => request,
        })
        .await
    }

    /// A request to the token endpoint with a body of any kind.
    pub async fn token_with(&self, headers: &[(&str, &str)], body: impl Into<String>) -> Answer {
        self.send(Method::POST, "/token", headers, body).await
    }

    /// A form for the token endpoint, with an `Authorization` header of any kind.
    pub async fn token_as(&self, authorization: &str, form: &[(&str, &str)]) -> Answer {
        let request = http().post(self.url("/token")).form(form);
        Answer::to(request.header(AUTHORIZATION, authorization)).await
    }

    /// Any request.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<String>,
    ) -> Answer {
        let mut request = http().request(method, self.url(path)).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::to(request).await
    }

    pub async fn redeem(&self, client: &Client, code: &Code) -> Answer {
        self.token(client, &code.parameters()).await
    }

    pub async fn refresh(&self, client: &Client, refresh_token: &str) -> Answer {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.token(client, &form).await
    }

    /// A protected resource, with a bearer token.
    pub async fn resource(&self, path: &str, token: &str) -> Answer {
        let request = http().get(self.url(path));
        Answer::to(request.header(AUTHORIZATION, format!("Bearer {token}"))).await
    }

    /// Whether an access token with scope `profile` of a user is worth anything.
    pub async fn accepts(&self, access_token: &str) -> bool {
        match self.resource("/api/profile", access_token).await.status {
            200 => true,
            401 => false,
            status => panic!("neither accepted nor refused as invalid: {status}"),
        }
    }

    /// No token of the grant is alive. Asks for the access token first, because a refresh token that
    /// is presented again ends the grant.
    pub async fn expect_dead(&self, client: &Client, tokens: &Tokens) {
        assert!(
            !self.accepts(&tokens.access_token).await,
            "the access token is alive"
        );
        if let Some(refresh_token) = &tokens.refresh_token {
            self.refresh(client, refresh_token)
                .await
                .expect_error(400, "invalid_grant");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A client that follows nothing and remembers nothing. A new one each time, since pooled connections
/// would belong to the runtime of the test that opened them.
pub fn http() -> reqwest::Client {
    browserless().build().expect("an HTTP client")
}

pub fn browserless() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(60))
}

/// The content type of RFC 6749 appendix B.
pub const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn listen_to(stream: impl Read + Send + 'static, said: &Arc<Mutex<String>>, send: Sender<String>) {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            said.lock()
                .expect("its words")
                .push_str(&format!("{line}\n"));
            // Nobody waits any more once the server listens.
            let _ = send.send(line);
        }
    });
}
