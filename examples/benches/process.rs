//! The servers, each in a process of its own that ends with this one.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::load::once;

pub(crate) const SECRET: &str = "Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU";
pub(crate) const REDIRECT_URI: &str = "https://printer.example.com/callback";
// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const CONFIGURATION: &str = r#"
[[users]]
username = "alice"
password = "wonderland"
[[clients]]
client_id = "web"
client_secret = "Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU"
token_endpoint_auth_method = "client_secret_basic"
client_name = "Photo printer"
redirect_uris = ["https://printer.example.com/callback"]
grant_types = ["authorization_code", "refresh_token"]
scope = "profile"
first_party = true
[[clients]]
client_id = "job"
client_secret = "Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU"
token_endpoint_auth_method = "client_secret_basic"
client_name = "Job"
redirect_uris = []
grant_types = ["client_credentials"]
scope = "profile"
first_party = false
[[scopes]]
name = "profile"
description = "Read your profile"
"#;

pub(crate) struct Process {
    child: Child,
    pub(crate) address: String,
    /// An access token of a user.
    token: String,
    configuration: Option<PathBuf>,
}

impl Process {
    /// An example server; its binary lies beside this one.
    pub(crate) fn example(name: &str) -> Self {
        let own = std::env::current_exe().expect("this program");
        let file = format!("http-bench-{name}-{}.toml", std::process::id());
        let file = std::env::temp_dir().join(file);
        std::fs::write(&file, CONFIGURATION).expect("a configuration file");
        let mut command = Command::new(own.with_file_name(name));
        command.args(["--listen", "127.0.0.1:0", "--config"]);
        let mut process = Self::start(command.arg(&file)).0;
        process.configuration = Some(file);
        process.token = process.sign_in();
        process
    }

    /// This program as a server with bare handlers.
    pub(crate) fn bare(name: &str) -> Self {
        let own = std::env::current_exe().expect("this program");
        let (mut process, mut said) = Self::start(Command::new(own).arg(name));
        process.token = after("token ", &mut said);
        process
    }

    fn start(command: &mut Command) -> (Self, BufReader<ChildStdout>) {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = piped
            .spawn()
            .expect("a server: build the package `examples`");
        let mut said = BufReader::new(child.stdout.take().expect("its output"));
        let process = Self {
            child,
            address: after("listening on http://", &mut said),
            token: String::new(),
            configuration: None,
        };
        (process, said)
    }

    pub(crate) fn token_request(&self) -> String {
        self.form("/token", &basic("job"), "grant_type=client_credentials")
    }

    pub(crate) fn bearer_request(&self) -> String {
        let authorization = format!("Authorization: Bearer {}\r\n", self.token);
        self.get("/api/profile", &authorization)
    }

    /// Seconds of CPU time so far, where the system has `/proc`.
    pub(crate) fn cpu_time(&self) -> f64 {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(path).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let mut ticks = after_name.split_whitespace().skip(11);
        let mut next = || ticks.next().and_then(|text| text.parse::<f64>().ok());
        match (next(), next()) {
            (Some(user), Some(system)) => (user + system) / 100.0,
            _ => f64::NAN,
        }
    }

    /// As a browser and a first-party client would.
    fn sign_in(&self) -> String {
        let origin = format!("Origin: http://{}\r\n", self.address);
        let login = self.form("/login", &origin, "username=alice&password=wonderland");
        let cookie = header("set-cookie", &once(&self.address, &login).0);
        let cookie = cookie.split(';').next().unwrap_or_default();
        let path = format!(
            "/authorize?response_type=code&client_id=web&scope=profile\
             &code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        let authorize = self.get(&path, &format!("Cookie: {cookie}\r\n"));
        let location = header("location", &once(&self.address, &authorize).0);
        let code = location.split_once("code=").expect("a code").1;
        let code = code.split('&').next().unwrap_or_default();
        let form = format!("grant_type=authorization_code&code={code}&code_verifier={VERIFIER}");
        let body = once(&self.address, &self.form("/token", &basic("web"), &form)).1;
        let body: serde_json::Value = serde_json::from_str(&body).expect("a token response");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    fn form(&self, path: &str, headers: &str, body: &str) -> String {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
    }

    fn get(&self, path: &str, headers: &str) -> String {
        let address = &self.address;
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(file) = &self.configuration {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// The `Authorization` line of a client.
fn basic(client: &str) -> String {
    let pair = STANDARD.encode(format!("{client}:{SECRET}"));
    format!("Authorization: Basic {pair}\r\n")
}

fn header(name: &str, head: &str) -> String {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(own, _)| own.eq_ignore_ascii_case(name));
    let (_, value) = found.unwrap_or_else(|| panic!("no {name}: {head}"));
    value.trim().to_owned()
}

/// What follows `beginning` on the first line that has it.
fn after(beginning: &str, said: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    while said.read_line(&mut line).expect("a line") > 0 {
        if let Some(rest) = line.trim_end().strip_prefix(beginning) {
            return rest.to_owned();
        }
        line.clear();
    }
    panic!("the server ended");
}

/// Says where a server of this program is, as the examples do, and which token is valid.
pub(crate) fn announce(address: impl std::fmt::Display, token: &str) {
    println!("listening on http://{address}\ntoken {token}");
    std::io::stdout().flush().expect("output");
}
