//! The command line.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use clap::builder::{TypedValueParser, ValueParserFactory};
use clap::error::ErrorKind;

use crate::issuer;

/// The options of an example server.
#[derive(Clone, Debug, Parser)]
#[command(about = "A small web service with an OAuth authorization server built in.")]
pub struct Options {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// URL by which browsers and clients reach the server [default: http://ADDRESS]
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,

    /// Where tokens and consents are kept: memory, sqlite:PATH, postgres://.., mysql://.. or redis://..
    #[arg(long, value_name = "URL", default_value = "memory")]
    pub store: Store,

    /// File with users, clients and settings [default: built-in demo users and clients]
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
}

impl Options {
    /// The issuer, once the address is known on which the server really listens.
    pub fn issuer(&self, listening_on: SocketAddr) -> String {
        self.issuer
            .clone()
            .unwrap_or_else(|| issuer::for_address(listening_on))
    }
}

/// Where the server keeps its grants, tickets and consents.
#[derive(Clone, PartialEq, Eq)]
pub enum Store {
    /// In the process, gone when it ends.
    Memory,
    /// In a SQLite file.
    Sqlite(PathBuf),
    /// In a PostgreSQL database, by its URL.
    Postgres(String),
    /// In a MySQL or MariaDB database, by its URL.
    Mysql(String),
    /// In Redis or Valkey, by its URL.
    Redis(String),
}

impl Store {
    /// Reads the value of `--store`. `None` if it is no store of a known kind.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "memory" {
            return Some(Self::Memory);
        }
        let (scheme, rest) = text.split_once(':')?;
        let url = || {
            rest.strip_prefix("//")
                .filter(|rest| !rest.is_empty())
                .map(|_| text.into())
        };
        match scheme {
            "sqlite" if !rest.is_empty() => Some(Self::Sqlite(rest.into())),
            "postgres" | "postgresql" => url().map(Self::Postgres),
            "mysql" => url().map(Self::Mysql),
            "redis" | "rediss" => url().map(Self::Redis),
            _ => None,
        }
    }

    /// The kind, as it begins the value of `--store`; safe to print, which the URL is not.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
            Self::Mysql(_) => "mysql",
            Self::Redis(_) => "redis",
        }
    }
}

/// Shows the kind only, since a URL may hold a password.
impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Store({})", self.kind())
    }
}

impl fmt::Display for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind())
    }
}

impl ValueParserFactory for Store {
    type Parser = StoreParser;

    fn value_parser() -> Self::Parser {
        StoreParser
    }
}

/// Reads [`Store`] from the command line.
///
/// clap's own error would repeat the value, and a mistyped database URL may hold a password.
#[derive(Clone, Debug)]
pub struct StoreParser;

impl TypedValueParser for StoreParser {
    type Value = Store;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Store, clap::Error> {
        value.to_str().and_then(Store::parse).ok_or_else(|| {
            let message = "--store must be memory, sqlite:PATH, postgres://.., mysql://.. or \
                           redis://..\n";
            clap::Error::raw(ErrorKind::InvalidValue, message).with_cmd(command)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        let all = ["server"].iter().chain(arguments);
        Options::try_parse_from(all).map_err(|error| error.to_string())
    }

    #[test]
    fn everything_has_a_default() {
        let options = parse(&[]).unwrap();
        assert_eq!(options.listen, ([127, 0, 0, 1], 8080).into());
        assert_eq!(options.store, Store::Memory);
        assert_eq!(options.config, None);
        assert_eq!(
            options.issuer(([127, 0, 0, 1], 4711).into()),
            "http://127.0.0.1:4711"
        );
        let told = parse(&["--issuer", "https://example.com/tenant"]).unwrap();
        assert_eq!(told.issuer(options.listen), "https://example.com/tenant");
    }

    #[test]
    fn stores_are_told_apart() {
        let url = "postgres://user:pass@host/database";
        for (text, store) in [
            ("memory", Store::Memory),
            ("sqlite:./a file.db", Store::Sqlite("./a file.db".into())),
            (url, Store::Postgres(url.into())),
            ("mysql://host/db", Store::Mysql("mysql://host/db".into())),
            ("redis://host", Store::Redis("redis://host".into())),
            ("rediss://host", Store::Redis("rediss://host".into())),
        ] {
            assert_eq!(parse(&["--store", text]).unwrap().store, store, "{text}");
        }
    }

    #[test]
    fn first_line_of_an_error_names_the_option() {
        for (arguments, name) in [
            (vec!["--flavour", "sweet"], "flavour"),
            (vec!["--listen", "here"], "--listen"),
            (vec!["--store", "drawer:left"], "--store"),
            (vec!["--store", ""], "--store"),
            (vec!["--store", "memory:"], "--store"),
            (vec!["--store", "sqlite:"], "--store"),
            (vec!["--store", "postgres:host"], "--store"),
            (vec!["--store", "redis://"], "--store"),
            (vec!["--config"], "--config"),
        ] {
            let error = parse(&arguments).unwrap_err();
            assert!(error.lines().next().unwrap().contains(name), "{error}");
            assert!(error.lines().count() <= 6, "{error}");
        }
    }

    #[test]
    fn database_passwords_are_not_shown() {
        let error = parse(&["--store", "postgress://user:hunter2@host/db"]).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
        let options = parse(&["--store", "postgres://user:hunter2@host/db"]).unwrap();
        assert!(!format!("{options:?} {}", options.store).contains("hunter2"));
    }
}
