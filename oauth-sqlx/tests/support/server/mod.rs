//! What the suites share of databases that are servers.

pub(crate) mod connection;
pub(crate) mod cut;
pub(crate) mod plan;
pub(crate) mod proxy;

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use oauth_core::{Clock, SystemClock};

const NAME: &str = "oauth_test_";

/// Seconds after which what a test has left behind is removed by the next: no test takes so long.
const ABANDONED: i64 = 600;

fn seconds() -> i64 {
    SystemClock.now().unix_timestamp()
}

/// A name that no other test has, also of one that runs elsewhere on the same server.
pub(crate) fn fresh_name() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{NAME}{}_{}_{count}", seconds(), std::process::id())
}

/// Whether a name is one that a test had which ended long ago, or was ended.
pub(crate) fn is_abandoned(name: &str) -> bool {
    let since = name
        .strip_prefix(NAME)
        .and_then(|rest| rest.split('_').next());
    since
        .and_then(|since| since.parse().ok())
        .is_some_and(|since: i64| seconds() - since > ABANDONED)
}

/// The server's URL. Where it does not answer, says so on the console; on CI that is a failure.
pub(crate) fn server_is_there(url: &str) -> bool {
    let address = url.split("://").nth(1).unwrap_or_default();
    let address = address.split('/').next().unwrap_or_default();
    let address = address.rsplit('@').next().unwrap_or_default();
    let addresses = address.to_socket_addrs().into_iter().flatten();
    let mut answers = addresses.map(|at| TcpStream::connect_timeout(&at, Duration::from_secs(5)));
    if answers.any(|answer| answer.is_ok()) {
        return true;
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "no server at {address}"
    );
    println!("skipped: no server at {address}");
    false
}
