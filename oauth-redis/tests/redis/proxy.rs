//! A proxy in front of a server that counts round trips and cuts connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    round_trips: AtomicUsize,
    bytes: AtomicUsize,
    /// So many bytes pass, in both directions together, before a connection is cut.
    left: AtomicI64,
    cuts: AtomicBool,
    closed: AtomicBool,
}

impl Proxy {
    pub(crate) async fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = url
            .strip_prefix("redis://")
            .unwrap()
            .split('/')
            .next()
            .unwrap();
        let server = address.to_owned();
        let state = Arc::new(State::default());
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !shared.closed.load(Ordering::SeqCst) {
                    let server = TcpStream::connect(&server).await.unwrap();
                    tokio::spawn(carry(client, server, shared.clone()));
                }
            }
        });
        let url = format!("redis://127.0.0.1:{port}/");
        Self { url, state }
    }

    /// How many there were since the last call.
    pub(crate) fn round_trips(&self) -> usize {
        self.state.round_trips.swap(0, Ordering::SeqCst)
    }

    /// How many bytes passed since the last call.
    pub(crate) fn bytes(&self) -> usize {
        self.state.bytes.swap(0, Ordering::SeqCst)
    }

    /// Cuts the connection once, after so many more bytes.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.state
            .left
            .store(i64::try_from(bytes).unwrap(), Ordering::SeqCst);
        self.state.cuts.store(true, Ordering::SeqCst);
    }

    /// Whether the cut that was ordered is still to come.
    pub(crate) fn is_to_cut(&self) -> bool {
        self.state.cuts.load(Ordering::SeqCst)
    }

    /// Lets nobody in any more.
    pub(crate) fn close(&self) {
        self.state.closed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn open(&self) {
        self.state.closed.store(false, Ordering::SeqCst);
    }
}

impl State {
    /// How many of these bytes may pass, and whether the connection lives on.
    fn allows(&self, bytes: usize) -> (usize, bool) {
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
        if !self.cuts.load(Ordering::SeqCst) {
            return (bytes, true);
        }
        let count = i64::try_from(bytes).unwrap();
        let left = self.left.fetch_sub(count, Ordering::SeqCst);
        if left > count {
            return (bytes, true);
        }
        self.cuts.store(false, Ordering::SeqCst);
        (usize::try_from(left).unwrap(), false)
    }
}

async fn carry(mut client: TcpStream, mut server: TcpStream, state: Arc<State>) {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    let mut was_asked = false;
    loop {
        let lives = tokio::select! {
            Ok(count @ 1..) = client.read(&mut asked) => {
                if !was_asked {
                    state.round_trips.fetch_add(1, Ordering::SeqCst);
                    was_asked = true;
                }
                let (passing, lives) = state.allows(count);
                server.write_all(&asked[..passing]).await.is_ok() && lives
            }
            Ok(count @ 1..) = server.read(&mut answered) => {
                was_asked = false;
                let (passing, lives) = state.allows(count);
                client.write_all(&answered[..passing]).await.is_ok() && lives
            }
            else => false,
        };
        if !lives {
            return;
        }
    }
}
