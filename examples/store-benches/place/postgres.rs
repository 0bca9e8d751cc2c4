use std::fmt::Write;

use oauth_core::store::{Credential, Grant};
use oauth_sqlx::postgres::PostgresStore;
use sqlx::postgres::{PgConnection, PgPoolCopyExt};
use sqlx::{AssertSqlSafe, Executor, Row};

use super::{Absent, chunks, grants, name};
use crate::population::Population;
use crate::row::{client_key, microseconds, subject_key, user_key};

/// A schema in the database of `OAUTH_TEST_POSTGRES_URL`.
pub(crate) struct Postgres {
    pub(crate) store: PostgresStore,
    schema: String,
}

impl Postgres {
    pub(super) async fn make() -> Result<Self, Absent> {
        let url = std::env::var("OAUTH_TEST_POSTGRES_URL");
        let url = url.unwrap_or_else(|_| "postgres://postgres@127.0.0.1/test".to_owned());
        let schema = name();
        let store = PostgresStore::connect(&url).await?;
        let store = store.with_prefix(&format!("{schema}."))?;
        store.migrate().await?;
        Ok(Self { store, schema })
    }

    pub(super) async fn fill(&self, population: &Population) {
        let mut connection = self.store.pool().acquire().await.expect("a connection");
        let indexes = self.drop_indexes(&mut connection).await;
        for some in grants(population) {
            self.copy("grants (id, client_id, subject_kind, subject_id, subject_key, expires_at, purge_at, payload)",
                some.iter().map(|(grant, _)| grant_line(grant)).collect()).await;
            let credentials = some.iter().flat_map(|(grant, credentials)| {
                credentials
                    .iter()
                    .map(|credential| credential_line(grant, credential))
            });
            self.copy(
                "credentials (shard, digest, grant_id, kind, expires_at, payload)",
                credentials.collect(),
            )
            .await;
        }
        for some in chunks(population.requests()) {
            let lines = some.map(|n| {
                let request = population.request(n);
                line(&[
                    request.key.shard().to_string(),
                    bytes(request.key.digest()),
                    request.owner.kind().to_owned(),
                    bytes(request.owner.id().as_bytes()),
                    bytes(&subject_key(&request.owner)),
                    microseconds(request.expires_at).to_string(),
                    bytes(&request.payload.encode()),
                ])
            });
            self.copy("parked_requests (shard, digest, owner_kind, owner_id, owner_key, expires_at, payload)", lines.collect()).await;
        }
        for some in chunks(population.users()) {
            let lines = some.map(|n| {
                let (user, consent) = (population.user(n), population.consent(n));
                line(&[
                    bytes(&user_key(&user)),
                    bytes(&client_key(&consent.client_id)),
                    bytes(user.as_str().as_bytes()),
                    bytes(consent.client_id.as_str().as_bytes()),
                    consent.scope.as_str().to_owned(),
                    microseconds(consent.recorded_at).to_string(),
                ])
            });
            self.copy(
                "consents (user_key, client_key, user_id, client_id, scope, recorded_at)",
                lines.collect(),
            )
            .await;
        }
        for index in indexes {
            run(&mut connection, index).await;
        }
        for table in ["grants", "credentials", "parked_requests", "consents"] {
            run(
                &mut connection,
                format!("VACUUM (ANALYZE) {}.{table}", self.schema),
            )
            .await;
        }
        run(&mut connection, "CHECKPOINT".to_owned()).await;
    }

    /// Gives the statements that make them again, which is quicker than to keep them up to date.
    async fn drop_indexes(&self, connection: &mut PgConnection) -> Vec<String> {
        let constraints = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
              format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace = $1::regnamespace AND contype = 'p'";
        let indexes = "SELECT format('DROP INDEX %I.%I', schemaname, indexname), indexdef
            FROM pg_indexes WHERE schemaname = $1";
        let mut again = Vec::new();
        for statement in [constraints, indexes] {
            let rows = sqlx::query(statement)
                .bind(&self.schema)
                .fetch_all(&mut *connection)
                .await;
            for row in rows.expect("the indexes") {
                run(connection, row.get(0)).await;
                again.push(row.get(1));
            }
        }
        again
    }

    async fn copy(&self, into: &str, lines: String) {
        let copy = format!("COPY {}.{into} FROM STDIN", self.schema);
        let mut copy = self
            .store
            .pool()
            .copy_in_raw(&copy)
            .await
            .expect("to begin");
        copy.send(lines.into_bytes()).await.expect("to send");
        copy.finish().await.expect("to finish");
    }

    /// With an extension that comes with PostgreSQL, but that not every role may load. It is rolled back
    /// with its transaction.
    pub(super) async fn warm(&self) {
        let mut transaction = self.store.pool().begin().await.expect("a transaction");
        let load = transaction.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm");
        if let Err(error) = load.await {
            eprintln!("PostgreSQL: not read before it is measured: {error}");
            return;
        }
        let read = "SELECT sum(pg_prewarm(oid::regclass)) FROM pg_class
            WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'i')";
        let read = sqlx::query(read).bind(&self.schema);
        read.execute(&mut *transaction).await.expect("to read it");
        transaction.rollback().await.expect("to roll back");
    }

    pub(super) async fn remove(self) {
        let mut connection = self.store.pool().acquire().await.expect("a connection");
        run(
            &mut connection,
            format!("DROP SCHEMA {} CASCADE", self.schema),
        )
        .await;
    }
}

async fn run(connection: &mut PgConnection, sql: String) {
    let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await;
    done.expect("a statement that works");
}

fn grant_line(grant: &Grant) -> String {
    let subject = grant.subject.as_ref().expect("a subject");
    line(&[
        bytes(&grant.id.to_bytes()),
        bytes(grant.client_id.as_str().as_bytes()),
        subject.kind().to_owned(),
        bytes(subject.id().as_bytes()),
        bytes(&subject_key(subject)),
        microseconds(grant.expires_at).to_string(),
        microseconds(grant.expires_at).to_string(),
        bytes(&grant.payload.encode()),
    ])
}

fn credential_line(grant: &Grant, credential: &Credential) -> String {
    line(&[
        credential.key.shard().to_string(),
        bytes(credential.key.digest()),
        bytes(&grant.id.to_bytes()),
        credential.kind.as_str().to_owned(),
        microseconds(credential.expires_at).to_string(),
        bytes(&credential.payload.encode()),
    ])
}

fn line(columns: &[String]) -> String {
    columns.join("\t") + "\n"
}

/// As hexadecimal digits, with a backslash that stands for itself.
fn bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(3 + 2 * bytes.len());
    text.push_str(r"\\x");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
