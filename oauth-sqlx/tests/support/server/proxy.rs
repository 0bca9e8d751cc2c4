//! A proxy before a database server that counts round trips and cuts connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The requests with which the pool itself asks whether a connection is there, when it is given back:
/// a lone `Sync` of PostgreSQL, and `COM_PING` of MySQL.
const PINGS: [&[u8]; 2] = [b"S\0\0\0\x04", b"\x01\0\0\0\x0e"];

/// No request of the client is to be cut.
const NEVER: i64 = i64::MAX;

#[derive(Default)]
struct Counters {
    requests: AtomicUsize,
    pings: AtomicUsize,
    /// So many requests go through before a connection is cut.
    left: AtomicI64,
}

pub(crate) struct Proxy {
    address: SocketAddr,
    counters: Arc<Counters>,
}

impl Proxy {
    /// Stands before the server at `host:port`.
    pub(crate) async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counters = Arc::new(Counters::default());
        counters.left.store(NEVER, Ordering::SeqCst);
        let shared = Arc::clone(&counters);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(serve(client, server, Arc::clone(&shared)));
            }
        });
        Self { address, counters }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Begins to count at nothing.
    pub(crate) fn reset(&self) {
        self.counters.requests.store(0, Ordering::SeqCst);
        self.counters.pings.store(0, Ordering::SeqCst);
    }

    /// How often a client has sent something and waited for the answer.
    pub(crate) fn round_trips(&self) -> usize {
        self.counters.requests.load(Ordering::SeqCst)
    }

    /// Waits until the pool has its connections back.
    pub(crate) async fn given_back(&self) {
        while self.counters.pings.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Lets so many more requests through, and cuts the connection on which the next comes: the server
    /// gets it, the client no answer.
    pub(crate) fn cut_after(&self, requests: i64) {
        self.counters.left.store(requests, Ordering::SeqCst);
    }

    /// Whether a connection was cut since.
    pub(crate) fn has_cut(&self) -> bool {
        self.counters.left.load(Ordering::SeqCst) == NEVER
    }
}

async fn serve(mut client: TcpStream, mut server: TcpStream, counters: Arc<Counters>) {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
    let (mut is_request, mut cut) = (true, false);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(1..) = read else { return };
                let chunk = &from_client[..read.unwrap()];
                if PINGS.contains(&chunk) {
                    counters.pings.fetch_add(1, Ordering::SeqCst);
                } else if is_request {
                    counters.requests.fetch_add(1, Ordering::SeqCst);
                    cut = is_last(&counters.left);
                }
                is_request = false;
                if server.write_all(chunk).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(1..) = read else { return };
                // The server has done what it was asked.
                if cut {
                    return;
                }
                is_request = true;
                if client.write_all(&from_server[..read.unwrap()]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Counts down, to nothing once only.
fn is_last(left: &AtomicI64) -> bool {
    let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
        NEVER => None,
        0 => Some(NEVER),
        more => Some(more - 1),
    });
    before == Ok(0)
}
