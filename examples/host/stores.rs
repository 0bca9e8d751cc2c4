//! Where the server keeps its grants, tickets and consents, from the command line.
//!
//! Clients are not among them: those of the configuration file count, whatever a store remembers.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use oauth_core::AuthorizationServerBuilder;
use oauth_core::store::memory::MemoryStore;
use oauth_redis::RedisStore;
use oauth_sqlx::mysql::MySqlStore;
use oauth_sqlx::postgres::PostgresStore;
use oauth_sqlx::sqlite::SqliteStore;

use crate::options::Store;
use crate::server::ServerError;

/// The stores that `--store` asks for, with their tables brought up to date.
pub(crate) enum Stores {
    Memory,
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
    Mysql(MySqlStore),
    Redis(RedisStore),
}

impl Stores {
    /// Connects.
    ///
    /// # Errors
    ///
    /// [`ServerError::Store`] when the database cannot be reached or its tables cannot be made.
    pub(crate) async fn open(store: &Store) -> Result<Self, ServerError> {
        let opened = match store {
            Store::Memory => Ok(Self::Memory),
            Store::Sqlite(path) => sqlite(path).await.map(Self::Sqlite),
            Store::Postgres(url) => postgres(url).await.map(Self::Postgres),
            Store::Mysql(url) => mysql(url).await.map(Self::Mysql),
            Store::Redis(url) => redis(url).await.map(Self::Redis),
        };
        opened.map_err(|error| ServerError::Store(store.kind(), whole(&*error)))
    }

    /// The builder with the stores set.
    pub(crate) fn set(&self, builder: AuthorizationServerBuilder) -> AuthorizationServerBuilder {
        match self {
            Self::Memory => builder.store(MemoryStore::default()),
            Self::Sqlite(store) => builder.store(store.clone()),
            Self::Postgres(store) => builder.store(store.clone()),
            Self::Mysql(store) => builder.store(store.clone()),
            Self::Redis(store) => builder.store(store.clone()),
        }
    }
}

type Boxed = Box<dyn Error + Send + Sync>;

async fn sqlite(path: &Path) -> Result<SqliteStore, Boxed> {
    let path = path.to_str().ok_or("the path is not UTF-8")?;
    let store = SqliteStore::connect(&format!("sqlite:{}", in_url(path))).await?;
    store.migrate().await?;
    Ok(store)
}

async fn postgres(url: &str) -> Result<PostgresStore, Boxed> {
    let store = PostgresStore::connect(url).await?;
    store.migrate().await?;
    Ok(store)
}

async fn mysql(url: &str) -> Result<MySqlStore, Boxed> {
    let store = MySqlStore::connect(url).await?;
    store.migrate().await?;
    Ok(store)
}

async fn redis(url: &str) -> Result<RedisStore, Boxed> {
    Ok(RedisStore::connect(url).await?)
}

/// A path may hold what has a meaning in a URL.
fn in_url(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a `String` does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// An error with its causes in one line. None of them repeats the URL, which may hold a password.
fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_path_of_any_characters_is_that_file() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "plain.db",
            "a file?.db",
            "100%#&.db",
            ":memory:",
            "größe.db",
        ] {
            let path = folder.path().join(name);
            Stores::open(&Store::Sqlite(path.clone())).await.unwrap();
            assert!(path.is_file(), "{name}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_reached_is_said_without_its_password() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        for url in [
            format!("postgres://joe:hunter2@127.0.0.1:{port}/test"),
            format!("mysql://joe:hunter2@127.0.0.1:{port}/test"),
            format!("redis://joe:hunter2@127.0.0.1:{port}/0"),
            "postgres://joe:hunter2@127.0.0.1:notaport/test".to_owned(),
            "redis://joe:hunter2@127.0.0.1:notaport/0".to_owned(),
            "mysql://joe:hunter2@[::1/test".to_owned(),
        ] {
            let store = Store::parse(&url).unwrap();
            let Err(error) = Stores::open(&store).await else {
                panic!("{url} is there");
            };
            let said = error.to_string();
            assert!(said.starts_with("--store: "), "{said}");
            assert!(
                !said.contains("hunter2") && said.lines().count() == 1,
                "{said}"
            );
        }
        let nowhere = Store::Sqlite("/nowhere/at/all.db".into());
        assert!(Stores::open(&nowhere).await.is_err());
    }
}
