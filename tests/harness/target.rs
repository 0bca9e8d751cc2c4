//! Which server on which store a test runs against.

use std::sync::OnceLock;

use super::{Configuration, Server, Store};

const ANY_PORT: &[&str] = &["--listen", "127.0.0.1:0"];

/// One row of the table of combinations, with the servers its tests share: a server whose settings
/// suit many tests is started once, and tests stay apart by users, codes and tokens of their own.
#[derive(Debug)]
pub struct Target {
    pub binary: &'static str,
    pub store: Store,
    standard: OnceLock<Server>,
    retrying: OnceLock<Server>,
    tenant: OnceLock<Server>,
}

impl Target {
    pub const fn new(binary: &'static str, store: Store) -> Self {
        Self {
            binary,
            store,
            standard: OnceLock::new(),
            retrying: OnceLock::new(),
            tenant: OnceLock::new(),
        }
    }

    /// The server with the default lifetimes.
    pub fn server(&'static self) -> &'static Server {
        self.standard
            .get_or_init(|| self.start(&Configuration::standard(96)))
    }

    /// The server with the longest retry window.
    pub fn retrying(&'static self) -> &'static Server {
        let configuration = || Configuration::standard(8).refresh_retry_window(60);
        self.retrying.get_or_init(|| self.start(&configuration()))
    }

    /// The server whose issuer has a path.
    pub fn tenant(&'static self) -> &'static Server {
        self.tenant.get_or_init(|| {
            // The issuer needs the port before the server has it, so port 0 will not do.
            let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
            let address = free.local_addr().expect("its address").to_string();
            drop(free);
            let issuer = format!("http://{address}/tenant");
            let options = ["--listen", &address, "--issuer", &issuer];
            Server::start(self, Some(&Configuration::standard(8)), &options, "warn")
        })
    }

    /// A server of the test's own.
    pub fn start(&'static self, configuration: &Configuration) -> Server {
        Server::start(self, Some(configuration), ANY_PORT, "warn")
    }

    /// A server of the test's own that logs all it can.
    pub fn start_talkative(&'static self, configuration: &Configuration) -> Server {
        Server::start(self, Some(configuration), ANY_PORT, "trace")
    }

    /// A server that was told nothing but to take any port.
    pub fn start_demo(&'static self) -> Server {
        Server::start(self, None, ANY_PORT, "warn")
    }
}
