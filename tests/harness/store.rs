//! Where a server under test keeps its state, and whether that is there.

use std::io::Write;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Memory,
    Sqlite,
    Postgres,
    Mysql,
    Redis,
}

impl Store {
    /// The value of `--store`. All servers of a test run share one database of each kind, as several
    /// processes of one service would.
    pub fn url(self) -> String {
        match self {
            Self::Memory => "memory".to_owned(),
            Self::Sqlite => format!("sqlite:{}", sqlite_file().display()),
            Self::Postgres | Self::Mysql | Self::Redis => self.server_url(),
        }
    }

    /// Whether the database is there. If it is not, says so past what the test runner captures; where
    /// everything has to be there, that is a failure.
    pub fn is_there(self) -> bool {
        static ASKED: [OnceLock<bool>; 5] = [const { OnceLock::new() }; 5];
        let there = ASKED[self as usize].get_or_init(|| self.looks());
        assert!(
            *there || std::env::var_os("CI").is_none(),
            "no server for {self:?}"
        );
        *there
    }

    fn looks(self) -> bool {
        if matches!(self, Self::Memory | Self::Sqlite) {
            return true;
        }
        let url = url::Url::parse(&self.server_url()).expect("a database URL");
        let host = url.host_str().unwrap_or("127.0.0.1");
        let port = url.port().unwrap_or(match self {
            Self::Postgres => 5432,
            Self::Mysql => 3306,
            _ => 6379,
        });
        let addresses = (host, port).to_socket_addrs();
        let there = addresses.is_ok_and(|mut addresses| {
            addresses
                .any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
        });
        if !there {
            let line = format!("skipped: the tests on {self:?}, no server at {host}:{port}\n");
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
        there
    }

    fn server_url(self) -> String {
        let (variable, usual) = match self {
            Self::Postgres => (
                "OAUTH_TEST_POSTGRES_URL",
                "postgres://postgres@127.0.0.1:5432/test",
            ),
            Self::Mysql => ("OAUTH_TEST_MYSQL_URL", "mysql://root@127.0.0.1:3306/test"),
            _ => ("OAUTH_TEST_REDIS_URL", "redis://127.0.0.1:6379/"),
        };
        std::env::var(variable).unwrap_or_else(|_| usual.to_owned())
    }
}

/// One file for this process. Files of processes that are gone are removed, since nothing runs when
/// this one ends.
fn sqlite_file() -> &'static PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let all = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sqlite");
        for entry in std::fs::read_dir(&all).into_iter().flatten().flatten() {
            let owner = PathBuf::from("/proc").join(entry.file_name());
            if !owner.exists() {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
        let own = all.join(std::process::id().to_string());
        std::fs::create_dir_all(&own).expect("a folder");
        own.join("test.db")
    })
}
