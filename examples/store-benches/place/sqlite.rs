use std::fs::File;
use std::io;
use std::path::PathBuf;

use oauth_sqlx::sqlite::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, Connection, Executor, QueryBuilder, Row, Sqlite as Database, SqliteConnection,
};
use tempfile::TempDir;

use super::{Absent, chunks, grants, name};
use crate::population::Population;
use crate::row::{client_key, microseconds, subject_key, user_key};

/// Rows of one statement.
const TOGETHER: usize = 200;

/// A file in the folder for temporary files.
pub(crate) struct Sqlite {
    folder: TempDir,
    pub(super) prefix: String,
}

impl Sqlite {
    pub(super) fn make() -> Result<Self, Absent> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            prefix: format!("{}_", name()),
        })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("oauth.db")
    }

    /// As a host opens it.
    pub(crate) async fn store(&self) -> SqliteStore {
        let url = format!("sqlite:{}", self.path().display());
        let store = SqliteStore::connect(&url).await.expect("the file");
        let store = store.with_prefix(&self.prefix).expect("a prefix");
        store.migrate().await.expect("tables");
        store
    }

    pub(super) async fn fill(&self, population: &Population) {
        let options = SqliteConnectOptions::new()
            .filename(self.path())
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .pragma("cache_size", "-2000000");
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await;
        let pool = pool.expect("a file");
        let store = SqliteStore::new(pool.clone()).with_prefix(&self.prefix);
        store.expect("a prefix").migrate().await.expect("tables");
        pool.close().await;
        let mut connection = SqliteConnection::connect_with(&options)
            .await
            .expect("the file");
        let indexes = drop_indexes(&mut connection).await;
        run(&mut connection, "BEGIN".to_owned()).await;
        self.fill_grants(&mut connection, population).await;
        self.fill_requests(&mut connection, population).await;
        self.fill_consents(&mut connection, population).await;
        run(&mut connection, "COMMIT".to_owned()).await;
        for index in indexes {
            run(&mut connection, index).await;
        }
        connection.close().await.expect("to close");
    }

    pub(super) fn warm(&self) {
        let mut file = File::open(self.path()).expect("the file");
        io::copy(&mut file, &mut io::sink()).expect("to read it");
    }
}

impl Sqlite {
    async fn fill_grants(&self, connection: &mut SqliteConnection, population: &Population) {
        for some in grants(population) {
            for some in some.chunks(TOGETHER) {
                let mut insert = self.insert("grants (id, client_id, subject_kind, subject_id, subject_key, expires_at, purge_at, payload)");
                insert.push_values(some, |mut row, (grant, _)| {
                    let subject = grant.subject.as_ref().expect("a subject");
                    row.push_bind(grant.id.to_bytes().to_vec())
                        .push_bind(grant.client_id.as_str().as_bytes().to_vec())
                        .push_bind(subject.kind())
                        .push_bind(subject.id().as_bytes().to_vec())
                        .push_bind(subject_key(subject).to_vec())
                        .push_bind(microseconds(grant.expires_at))
                        .push_bind(microseconds(grant.expires_at))
                        .push_bind(grant.payload.encode());
                });
                insert
                    .build()
                    .execute(&mut *connection)
                    .await
                    .expect("grants");
                let mut insert =
                    self.insert("credentials (shard, digest, grant_id, kind, expires_at, payload)");
                let credentials = some.iter().flat_map(|(grant, credentials)| {
                    credentials
                        .iter()
                        .map(move |credential| (grant, credential))
                });
                insert.push_values(credentials, |mut row, (grant, credential)| {
                    row.push_bind(i64::from(credential.key.shard()))
                        .push_bind(credential.key.digest().to_vec())
                        .push_bind(grant.id.to_bytes().to_vec())
                        .push_bind(credential.kind.as_str())
                        .push_bind(microseconds(credential.expires_at))
                        .push_bind(credential.payload.encode());
                });
                insert
                    .build()
                    .execute(&mut *connection)
                    .await
                    .expect("credentials");
            }
        }
    }

    async fn fill_requests(&self, connection: &mut SqliteConnection, population: &Population) {
        for some in chunks(population.requests()) {
            let mut insert = self.insert("parked_requests (shard, digest, owner_kind, owner_id, owner_key, expires_at, payload)");
            insert.push_values(some, |mut row, n| {
                let request = population.request(n);
                row.push_bind(i64::from(request.key.shard()))
                    .push_bind(request.key.digest().to_vec())
                    .push_bind(request.owner.kind().to_owned())
                    .push_bind(request.owner.id().as_bytes().to_vec())
                    .push_bind(subject_key(&request.owner).to_vec())
                    .push_bind(microseconds(request.expires_at))
                    .push_bind(request.payload.encode());
            });
            insert
                .build()
                .execute(&mut *connection)
                .await
                .expect("requests");
        }
    }

    async fn fill_consents(&self, connection: &mut SqliteConnection, population: &Population) {
        for some in chunks(population.users()) {
            let mut insert = self
                .insert("consents (user_key, client_key, user_id, client_id, scope, recorded_at)");
            insert.push_values(some, |mut row, n| {
                let (user, consent) = (population.user(n), population.consent(n));
                row.push_bind(user_key(&user).to_vec())
                    .push_bind(client_key(&consent.client_id).to_vec())
                    .push_bind(user.as_str().as_bytes().to_vec())
                    .push_bind(consent.client_id.as_str().as_bytes().to_vec())
                    .push_bind(consent.scope.as_str().to_owned())
                    .push_bind(microseconds(consent.recorded_at));
            });
            insert
                .build()
                .execute(&mut *connection)
                .await
                .expect("consents");
        }
    }

    fn insert(&self, into: &str) -> QueryBuilder<Database> {
        QueryBuilder::new(format!("INSERT INTO {}{into} ", self.prefix))
    }
}

/// Gives the statements that make them again, which is quicker than to keep them up to date.
async fn drop_indexes(connection: &mut SqliteConnection) -> Vec<String> {
    let indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    let indexes = sqlx::query(indexes)
        .fetch_all(&mut *connection)
        .await
        .expect("the indexes");
    let mut again = Vec::new();
    for index in indexes {
        let name: String = index.get(0);
        run(connection, format!("DROP INDEX {name}")).await;
        again.push(index.get(1));
    }
    again
}

async fn run(connection: &mut SqliteConnection, sql: String) {
    let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await;
    done.expect("a statement that works");
}
