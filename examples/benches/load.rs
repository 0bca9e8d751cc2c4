//! A load generator: a few connections that are kept, each with one request under way.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::process::Process;

const CONNECTIONS: usize = 4;
/// A measurement ends with whichever comes first.
const LONGEST: Duration = Duration::from_millis(700);
const MOST_ON_A_CONNECTION: usize = 20_000;

/// What one measurement found.
pub(crate) struct Load {
    pub(crate) per_second: f64,
    /// Seconds of the server's CPU time for each request; not a number where the system does not say.
    pub(crate) cpu_each: f64,
}

impl Load {
    pub(crate) fn measure(server: &Process, request: &str) -> Self {
        let cpu_before = server.cpu_time();
        let begin = now();
        let answered: usize = thread::scope(|scope| {
            let connections: Vec<_> = (0..CONNECTIONS)
                .map(|_| scope.spawn(|| ask(&server.address, request, begin)))
                .collect();
            let each = connections.into_iter();
            each.map(|it| it.join().expect("a connection")).sum()
        });
        let elapsed = begin.elapsed();
        Self {
            per_second: answered as f64 / elapsed.as_secs_f64(),
            cpu_each: (server.cpu_time() - cpu_before) / answered as f64,
        }
    }
}

/// Asks until it has taken long enough, and says how often.
fn ask(address: &str, request: &str, begin: Instant) -> usize {
    let mut connection = Connection::open(address);
    let mut answered = 0;
    while answered < MOST_ON_A_CONNECTION && begin.elapsed() < LONGEST {
        let head = connection.send(request).0;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        answered += 1;
    }
    answered
}

/// One request: head and body of the answer.
pub(crate) fn once(address: &str, request: &str) -> (String, String) {
    Connection::open(address).send(request)
}

struct Connection {
    stream: BufReader<TcpStream>,
    head: String,
    body: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a server");
        stream.set_nodelay(true).expect("an option");
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).expect("an option");
        Self {
            stream: BufReader::new(stream),
            head: String::new(),
            body: Vec::new(),
        }
    }

    fn send(&mut self, request: &str) -> (String, String) {
        let stream = self.stream.get_mut();
        stream.write_all(request.as_bytes()).expect("sent");
        self.head.clear();
        let mut length = 0;
        loop {
            let start = self.head.len();
            let read = self.stream.read_line(&mut self.head).expect("a line");
            let line = self.head[start..].trim_end();
            if read == 0 || line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a length");
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).expect("a body");
        let body = String::from_utf8_lossy(&self.body).into_owned();
        (self.head.clone(), body)
    }
}

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn now() -> Instant {
    Instant::now()
}
