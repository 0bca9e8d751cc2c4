//! A server process, and requests to it that need no browser.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::AUTHORIZATION;

use super::{
    Answer, AuthorizationRequest, Browser, Client, Code, Configuration, Target, Tokens, User,
};

/// Runs the server until its own standard input ends. That is a pipe from the test process, so the
/// server ends with the tests however they end; `Drop` alone would not do, as statics are never dropped.
const UNTIL_INPUT_ENDS: &str = r#""$@" & server=$!
echo "process $server"
exec >&- 2>&-
read -r _
kill -TERM "$server"
wait "$server""#;

/// How long the end may take that the contract wants after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running example server.
#[derive(Debug)]
pub struct Server {
    /// Identifies the server, and every endpoint is under it.
    pub issuer: String,
    /// Scheme, host and port.
    pub origin: String,
    /// What the server said so far, both streams.
    said: Arc<Mutex<String>>,
    listeners: Vec<JoinHandle<()>>,
    /// The shell that watches over the server, and the server itself.
    shell: Child,
    process: String,
    users: Vec<User>,
    taken: AtomicUsize,
}

impl Server {
    /// Starts the binary, with a configuration file if there is one, and waits until it listens.
    pub fn start(
        target: &Target,
        file: Option<&Configuration>,
        options: &[&str],
        log: &str,
    ) -> Self {
        let store = target.store.url();
        let with_store = [&["--store", &store], options].concat();
        Self::start_program(target.binary, file, &with_store, log)
    }

    /// As [`Server::start`], for a program that has no stores.
    pub fn start_program(
        binary: &str,
        file: Option<&Configuration>,
        options: &[&str],
        log: &str,
    ) -> Self {
        // Read at the start only, so the folder may go when this function returns.
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::new("sh");
        command
            .args(["-c", UNTIL_INPUT_ENDS, "sh", binary])
            .args(options)
            .env("RUST_LOG", log);
        if let Some(file) = file {
            let path = folder.path().join("configuration.toml");
            std::fs::write(&path, file.to_string()).expect("a configuration file");
            command.arg("--config").arg(&path);
        }
        let pipes = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut shell = pipes.spawn().expect("a server process");
        let said = Arc::new(Mutex::new(String::new()));
        let (send, receive) = mpsc::channel();
        let listeners = vec![
            listen_to(
                shell.stdout.take().expect("its output"),
                &said,
                send.clone(),
            ),
            listen_to(shell.stderr.take().expect("its errors"), &said, send),
        ];
        let mut process = String::new();
        let origin = loop {
            let Ok(line) = receive.recv_timeout(Duration::from_secs(30)) else {
                panic!(
                    "the server does not listen: {}",
                    said.lock().expect("its words")
                );
            };
            if let Some(number) = line.strip_prefix("process ") {
                number.clone_into(&mut process);
            }
            if let Some(origin) = line.strip_prefix("listening on ") {
                break origin.to_owned();
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
            listeners,
            shell,
            process,
            users: file.map_or_else(Vec::new, |file| file.users.clone()),
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

    /// Ends the server with SIGTERM and gives its exit code, if it came to one, and all it said.
    pub fn stop(mut self) -> (Option<i32>, String) {
        let code = self.end();
        for listener in self.listeners.drain(..) {
            listener.join().expect("all it said");
        }
        let said = self.said.lock().expect("its words").clone();
        (code, said)
    }

    /// Ends the server as a crash would: in the middle of whatever it does.
    pub fn crash(&self) {
        let killed = Command::new("kill").args(["-KILL", &self.process]).status();
        assert!(killed.expect("a kill").success(), "it is gone already");
    }

    fn end(&mut self) -> Option<i32> {
        drop(self.shell.stdin.take());
        let pause = Duration::from_millis(10);
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            if let Some(status) = self.shell.try_wait().expect("a status") {
                return status.code();
            }
            std::thread::sleep(pause);
        }
        // Nobody waits for it any more, but it must not stay behind.
        let _ = Command::new("kill").args(["-KILL", &self.process]).status();
        None
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
        self.form(client, "/token", parameters).await
    }

    /// A form for an endpoint, authenticated in the client's way.
    pub async fn form(&self, client: &Client, path: &str, parameters: &[(&str, &str)]) -> Answer {
        Answer::to(self.form_request(client, path, parameters)).await
    }

    /// As [`Server::token`], of a server that may end before it has answered.
    pub async fn try_token(
        &self,
        client: &Client,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        Answer::try_to(self.form_request(client, "/token", parameters)).await
    }

    fn form_request(
        &self,
        client: &Client,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> reqwest::RequestBuilder {
        let mut form = client.in_body();
        form.extend(parameters);
        let request = http().post(self.url(path)).form(&form);
        match client.method {
            "client_secret_basic" => request.header(AUTHORIZATION, client.basic()),
            _ => request,
        }
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
        self.end();
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

fn listen_to(
    stream: impl Read + Send + 'static,
    said: &Arc<Mutex<String>>,
    send: Sender<String>,
) -> JoinHandle<()> {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            said.lock()
                .expect("its words")
                .push_str(&format!("{line}\n"));
            // Nobody waits any more once the server listens.
            let _ = send.send(line);
        }
    })
}
