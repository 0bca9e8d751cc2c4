//! Requests that no HTTP library would send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::Server;

/// Status, head and body of an answer to bytes sent as they are.
#[derive(Debug)]
pub struct RawAnswer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Server {
    /// Sends a request whose headers and body need not be text; `Host`, `Content-Length` and the end
    /// of the connection are added.
    pub fn raw(&self, request_line: &str, headers: &[&[u8]], body: &[u8]) -> RawAnswer {
        let address = self
            .origin
            .strip_prefix("http://")
            .expect("an origin with http");
        let mut bytes = format!("{request_line} HTTP/1.1\r\nHost: {address}\r\n").into_bytes();
        bytes.extend_from_slice(b"Connection: close\r\n");
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        for header in headers {
            bytes.extend_from_slice(header);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);

        let mut stream = TcpStream::connect(address).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a timeout");
        // A server may answer and close before it has read all of a request that it refuses; then the
        // rest cannot be sent any more, but the answer is there.
        let _ = stream.write_all(&bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        RawAnswer {
            status: status.expect("a status"),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }
}

impl RawAnswer {
    /// An OAuth error in JSON, with one of the statuses.
    #[track_caller]
    pub fn expect_error(&self, status: u16, error: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(
            self.head.contains("content-type: application/json"),
            "{self:?}"
        );
        assert!(self.head.contains("cache-control: no-store"), "{self:?}");
        let body: serde_json::Value = serde_json::from_str(&self.body).expect("a body in JSON");
        assert_eq!(body["error"], error, "{self:?}");
    }

    /// A page of the server's own that leads nowhere.
    #[track_caller]
    pub fn expect_refusal_page(&self) {
        assert!((400..500).contains(&self.status), "{self:?}");
        assert!(self.head.contains("content-type: text/html"), "{self:?}");
        assert!(!self.head.contains("location:"), "{self:?}");
    }
}
