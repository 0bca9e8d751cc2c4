//! Redis servers that the tests start and stop.

use std::io::Write;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

/// Says on the console that tests are skipped. Where everything has to be there, that is a failure.
pub(crate) fn skip(why: &str) -> bool {
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{why}"
    );
    // What is printed would be shown only when a test fails.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
    false
}

/// Whether servers can be started.
pub(crate) fn can_be_started() -> bool {
    static CAN_BE: LazyLock<bool> = LazyLock::new(|| {
        let found = |program| {
            let mut command = Command::new(program);
            command.arg("--version").stdout(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        (found("redis-server") && found("redis-cli"))
            || skip("redis-server and redis-cli are not installed")
    });
    *CAN_BE
}

/// Runs a command of the shell when this process has ended, in whatever way.
pub(crate) fn at_the_end(command: &str, arguments: &[String]) {
    let shell = Command::new("sh")
        .arg("-c")
        .arg(format!("trap '' HUP INT TERM; cat >/dev/null; {command}"))
        .arg("sh")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It reads until the pipe is closed, which the end of this process does.
    std::mem::forget(shell);
}

/// A server on a loopback port, with nothing on disk. Stopped when dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    arguments: Vec<String>,
    directory: TempDir,
    child: Child,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        for _ in 0..5 {
            let directory = TempDir::new().unwrap();
            let port = free_port();
            let mut child = spawn(port, &arguments, &directory);
            // Somebody else may have taken the port meanwhile.
            if answers(port, &mut child) {
                return Self {
                    port,
                    arguments,
                    directory,
                    child,
                };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("no redis-server could be started");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Stops it when this process ends, for one that is in a static and never dropped.
    pub(crate) fn stop_at_the_end(&self) {
        let directory = self.directory.path().display().to_string();
        at_the_end(
            r#"kill "$1"; rm -r "$2""#,
            &[self.child.id().to_string(), directory],
        );
    }

    pub(crate) fn connection(&self) -> redis::Connection {
        redis::Client::open(self.url())
            .unwrap()
            .get_connection()
            .unwrap()
    }

    pub(crate) fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, empty, on the same port.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(self.port, &self.arguments, &self.directory);
        assert!(
            answers(self.port, &mut self.child),
            "the port was free before"
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(port: u16, arguments: &[String], directory: &TempDir) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(directory.path())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn answers(port: u16, child: &mut Child) -> bool {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).unwrap();
    for _ in 0..500 {
        if !matches!(child.try_wait(), Ok(None)) {
            return false;
        }
        if let Ok(mut connection) = client.get_connection_with_timeout(Duration::from_secs(1)) {
            let id: u32 = redis::cmd("INFO")
                .arg("server")
                .query(&mut connection)
                .map_or(0, process);
            return id == child.id();
        }
        sleep(Duration::from_millis(20));
    }
    false
}

/// The process of the server, as it tells.
fn process(information: String) -> u32 {
    let mut lines = information.lines();
    let line = lines.find_map(|line| line.strip_prefix("process_id:"));
    line.and_then(|id| id.trim().parse().ok()).unwrap_or(0)
}

/// A port that is free, and so is the one 10,000 above, where a node of a cluster talks to others.
fn free_port() -> u16 {
    for _ in 0..1_000 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        if let Some(bus) = port.checked_add(10_000)
            && TcpListener::bind(("127.0.0.1", bus)).is_ok()
        {
            return port;
        }
    }
    panic!("no free port below 55,536");
}
