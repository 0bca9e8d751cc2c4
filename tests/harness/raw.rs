//! Requests that no HTTP library would send, and requests that arrive at the same moment.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::{Answer, Client, FORM, Server};

impl Server {
    /// Sends headers and a body that need not be text.
    pub fn raw(&self, method: Method, path: &str, headers: &[&[u8]], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A server may answer and close before it has read all of a request that it refuses; then the
        // rest cannot be sent any more, but the answer is there.
        let _ = stream.write_all(&self.bytes(&method, path, headers, body));
        self.answer(method, path, stream)
    }

    /// Sends the same form to the token endpoint many times, so that the requests are complete at the
    /// same moment: each but for its last byte is with the server before any of those bytes is sent.
    pub fn tokens_at_once(
        &self,
        client: &Client,
        parameters: &[(&str, &str)],
        count: usize,
    ) -> Vec<Answer> {
        let mut headers = vec![format!("{}: {}", FORM.0, FORM.1)];
        if client.method == "client_secret_basic" {
            headers.push(format!("Authorization: {}", client.basic()));
        }
        let headers: Vec<_> = headers.iter().map(String::as_bytes).collect();
        let form = client
            .in_body()
            .into_iter()
            .chain(parameters.iter().copied());
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let bytes = self.bytes(&Method::POST, "/token", &headers, body.as_bytes());
        let (last, most) = bytes.split_last().expect("a request");

        let mut streams: Vec<_> = (0..count).map(|_| self.connect()).collect();
        for stream in &mut streams {
            stream.set_nodelay(true).expect("an option");
            stream.write_all(most).expect("a request sent");
        }
        // Time for the server to read all that; if it is too short, the test is only less sharp.
        std::thread::sleep(Duration::from_millis(5));
        for stream in &mut streams {
            stream.write_all(&[*last]).expect("a request sent");
        }
        let answer = |stream| self.answer(Method::POST, "/token", stream);
        streams.into_iter().map(answer).collect()
    }

    /// A request as bytes; `Host`, `Content-Length` and the end of the connection are added.
    fn bytes(&self, method: &Method, path: &str, headers: &[&[u8]], body: &[u8]) -> Vec<u8> {
        let (address, length) = (self.address(), body.len());
        let base = self
            .issuer
            .strip_prefix(&self.origin)
            .expect("an issuer on this server");
        let head = format!(
            "{method} {base}{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Length: {length}"
        );
        let lines = [head.as_bytes()].into_iter().chain(headers.iter().copied());
        let mut bytes = lines.collect::<Vec<_>>().join(b"\r\n".as_slice());
        bytes.extend_from_slice(b"\r\n\r\n");
        bytes.extend_from_slice(body);
        bytes
    }

    fn address(&self) -> &str {
        self.origin
            .strip_prefix("http://")
            .expect("an origin with http")
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a timeout");
        stream
    }

    fn answer(&self, method: Method, path: &str, mut stream: TcpStream) -> Answer {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
            headers.append(
                name,
                HeaderValue::from_str(value.trim()).expect("a header value"),
            );
        }
        assert!(
            !headers.contains_key("transfer-encoding"),
            "not read here: {headers:?}"
        );
        Answer {
            method,
            url: self.url(path).parse().expect("a URL"),
            status: status.expect("a status"),
            headers,
            body: body.to_owned(),
        }
    }
}
