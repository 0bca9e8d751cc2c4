//! A proxy before a database server that counts round trips and cuts connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
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
    /// Those that were answered.
    pings: AtomicUsize,
    /// So many requests go through before a connection is cut.
    left: AtomicI64,
    /// So many bytes have passed, in both directions together.
    bytes: AtomicI64,
    /// At so many bytes the connection is cut.
    cut_at: AtomicI64,
    closes: AtomicBool,
    closed: AtomicBool,
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
        counters.cut_at.store(NEVER, Ordering::SeqCst);
        let shared = Arc::clone(&counters);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !shared.closed.load(Ordering::SeqCst) {
                    let server = TcpStream::connect(&server).await.unwrap();
                    tokio::spawn(serve(client, server, Arc::clone(&shared)));
                }
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

    /// How many bytes have passed, in both directions together.
    pub(crate) fn bytes(&self) -> i64 {
        self.counters.bytes.load(Ordering::SeqCst)
    }

    /// Cuts the connection after so many more bytes. What comes before goes through. Nobody is let in
    /// afterwards when it `closes`.
    pub(crate) fn cut_after_bytes(&self, bytes: i64, closes: bool) {
        self.counters.closes.store(closes, Ordering::SeqCst);
        let cut_at = self.bytes() + bytes;
        self.counters.cut_at.store(cut_at, Ordering::SeqCst);
    }

    /// Whether the cut after so many bytes is still to come.
    pub(crate) fn is_to_cut(&self) -> bool {
        self.counters.cut_at.load(Ordering::SeqCst) != NEVER
    }

    /// Lets everybody in and everything through.
    pub(crate) fn open(&self) {
        self.counters.cut_at.store(NEVER, Ordering::SeqCst);
        self.counters.closed.store(false, Ordering::SeqCst);
    }
}

impl Counters {
    /// What of it may pass, and whether the connection lives on.
    fn allowed<'a>(&self, chunk: &'a [u8]) -> (&'a [u8], bool) {
        let count = i64::try_from(chunk.len()).unwrap();
        let before = self.bytes.fetch_add(count, Ordering::SeqCst);
        let cut_at = self.cut_at.load(Ordering::SeqCst);
        if before + count < cut_at {
            return (chunk, true);
        }
        self.cut_at.store(NEVER, Ordering::SeqCst);
        if self.closes.load(Ordering::SeqCst) {
            self.closed.store(true, Ordering::SeqCst);
        }
        let passing = usize::try_from(cut_at - before).unwrap();
        (&chunk[..passing], false)
    }
}

async fn serve(mut client: TcpStream, mut server: TcpStream, counters: Arc<Counters>) {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
    let (mut is_request, mut is_ping, mut cut) = (true, false, false);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(1..) = read else { return };
                let chunk = &from_client[..read.unwrap()];
                is_ping = PINGS.contains(&chunk);
                if !is_ping && is_request {
                    counters.requests.fetch_add(1, Ordering::SeqCst);
                    cut = is_last(&counters.left);
                }
                is_request = false;
                let (passing, lives) = counters.allowed(chunk);
                if server.write_all(passing).await.is_err() || !lives {
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
                let (passing, lives) = counters.allowed(&from_server[..read.unwrap()]);
                if client.write_all(passing).await.is_err() || !lives {
                    return;
                }
                if std::mem::take(&mut is_ping) {
                    counters.pings.fetch_add(1, Ordering::SeqCst);
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
