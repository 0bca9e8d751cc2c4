use oauth_core::store::{Credential, Grant};
use oauth_sqlx::mysql::MySqlStore;
use sqlx::{AssertSqlSafe, Executor, MySql as Database, MySqlConnection, QueryBuilder, Row};

use super::{Absent, chunks, grants, name};
use crate::population::Population;
use crate::row::{client_key, microseconds, subject_key, user_key};

/// Rows of one statement.
const TOGETHER: usize = 500;

/// A database on the server of `OAUTH_TEST_MYSQL_URL`.
pub(crate) struct Mysql {
    pub(crate) store: MySqlStore,
    database: String,
}

impl Mysql {
    pub(super) async fn make() -> Result<Self, Absent> {
        let url = std::env::var("OAUTH_TEST_MYSQL_URL");
        let url = url.unwrap_or_else(|_| "mysql://root@127.0.0.1:3306/test".to_owned());
        let database = name();
        let store = MySqlStore::connect(&url).await?;
        let store = store.with_prefix(&format!("{database}."))?;
        store.migrate().await?;
        Ok(Self { store, database })
    }

    /// Rows in the order of their primary keys, in which InnoDB keeps them anyway.
    pub(super) async fn fill(&self, population: &Population) {
        let mut connection = self.store.pool().acquire().await.expect("a connection");
        let connection = &mut *connection;
        let indexes = self.drop_indexes(connection).await;
        let (mut all, mut credentials) = (Vec::new(), Vec::new());
        for (grant, own) in grants(population).flatten() {
            credentials.extend(own.map(|credential| (grant.id, credential)));
            all.push(grant);
        }
        all.sort_unstable_by_key(|grant| grant.id);
        credentials.sort_unstable_by_key(|(_, credential)| credential.key);
        for some in all.chunks(TOGETHER) {
            self.insert_grants(connection, some).await;
        }
        for some in credentials.chunks(TOGETHER) {
            self.insert_credentials(connection, some).await;
        }
        self.fill_requests(connection, population).await;
        self.fill_consents(connection, population).await;
        for index in indexes {
            run(connection, index).await;
        }
        for table in ["grants", "credentials", "parked_requests", "consents"] {
            run(
                connection,
                format!("ANALYZE TABLE {}.{table}", self.database),
            )
            .await;
        }
    }

    async fn insert_grants(&self, connection: &mut MySqlConnection, some: &[Grant]) {
        let mut insert = self.insert("grants (id, client_id, subject_kind, subject_id, subject_key, expires_at, purge_at, payload)");
        insert.push_values(some, |mut row, grant| {
            let subject = grant.subject.as_ref().expect("a subject");
            row.push_bind(grant.id.to_bytes().to_vec())
                .push_bind(grant.client_id.as_str().as_bytes().to_vec())
                .push_bind(subject.kind().as_bytes().to_vec())
                .push_bind(subject.id().as_bytes().to_vec())
                .push_bind(subject_key(subject).to_vec())
                .push_bind(microseconds(grant.expires_at))
                .push_bind(microseconds(grant.expires_at))
                .push_bind(grant.payload.encode());
        });
        insert
            .build()
            .persistent(false)
            .execute(connection)
            .await
            .expect("grants");
    }

    async fn insert_credentials(
        &self,
        connection: &mut MySqlConnection,
        some: &[(oauth_core::GrantId, Credential)],
    ) {
        let mut insert =
            self.insert("credentials (shard, digest, grant_id, kind, expires_at, payload)");
        insert.push_values(some, |mut row, (grant, credential)| {
            row.push_bind(credential.key.shard())
                .push_bind(credential.key.digest().to_vec())
                .push_bind(grant.to_bytes().to_vec())
                .push_bind(credential.kind.as_str().as_bytes().to_vec())
                .push_bind(microseconds(credential.expires_at))
                .push_bind(credential.payload.encode());
        });
        insert
            .build()
            .persistent(false)
            .execute(connection)
            .await
            .expect("credentials");
    }

    async fn fill_requests(&self, connection: &mut MySqlConnection, population: &Population) {
        for some in chunks(population.requests()) {
            let mut insert = self.insert("parked_requests (shard, digest, owner_kind, owner_id, owner_key, expires_at, payload)");
            insert.push_values(some, |mut row, n| {
                let request = population.request(n);
                row.push_bind(request.key.shard())
                    .push_bind(request.key.digest().to_vec())
                    .push_bind(request.owner.kind().as_bytes().to_vec())
                    .push_bind(request.owner.id().as_bytes().to_vec())
                    .push_bind(subject_key(&request.owner).to_vec())
                    .push_bind(microseconds(request.expires_at))
                    .push_bind(request.payload.encode());
            });
            insert
                .build()
                .persistent(false)
                .execute(&mut *connection)
                .await
                .expect("requests");
        }
    }

    async fn fill_consents(&self, connection: &mut MySqlConnection, population: &Population) {
        for some in chunks(population.users()) {
            let mut insert = self
                .insert("consents (user_key, client_key, user_id, client_id, scope, recorded_at)");
            insert.push_values(some, |mut row, n| {
                let (user, consent) = (population.user(n), population.consent(n));
                row.push_bind(user_key(&user).to_vec())
                    .push_bind(client_key(&consent.client_id).to_vec())
                    .push_bind(user.as_str().as_bytes().to_vec())
                    .push_bind(consent.client_id.as_str().as_bytes().to_vec())
                    .push_bind(consent.scope.as_str().as_bytes().to_vec())
                    .push_bind(microseconds(consent.recorded_at));
            });
            insert
                .build()
                .persistent(false)
                .execute(&mut *connection)
                .await
                .expect("consents");
        }
    }

    fn insert(&self, into: &str) -> QueryBuilder<Database> {
        QueryBuilder::new(format!("INSERT INTO {}.{into} ", self.database))
    }

    /// Gives the statements that make them again, which is quicker than to keep them up to date.
    async fn drop_indexes(&self, connection: &mut MySqlConnection) -> Vec<String> {
        let indexes = "SELECT CAST(table_name AS CHAR), CAST(index_name AS CHAR),
              CAST(group_concat(column_name ORDER BY seq_in_index) AS CHAR)
            FROM information_schema.statistics
            WHERE table_schema = ? AND index_name <> 'PRIMARY' AND non_unique = 1
            GROUP BY table_name, index_name";
        let indexes = sqlx::query(indexes)
            .bind(&self.database)
            .fetch_all(&mut *connection)
            .await;
        let mut again = Vec::new();
        for index in indexes.expect("the indexes") {
            let (table, index, columns): (String, String, String) =
                (index.get(0), index.get(1), index.get(2));
            let alter = format!("ALTER TABLE {}.{table}", self.database);
            run(connection, format!("{alter} DROP KEY {index}")).await;
            again.push(format!("{alter} ADD KEY {index} ({columns})"));
        }
        again
    }

    pub(super) async fn warm(&self) {
        let mut connection = self.store.pool().acquire().await.expect("a connection");
        let indexes = "SELECT DISTINCT CAST(table_name AS CHAR), CAST(index_name AS CHAR)
            FROM information_schema.statistics WHERE table_schema = ?";
        let indexes = sqlx::query(indexes)
            .bind(&self.database)
            .fetch_all(&mut *connection)
            .await;
        for index in indexes.expect("the indexes") {
            let (table, index): (String, String) = (index.get(0), index.get(1));
            let read = format!(
                "SELECT count(*) FROM {}.{table} FORCE INDEX ({index})",
                self.database
            );
            run(&mut connection, read).await;
        }
    }

    pub(super) async fn remove(self) {
        let mut connection = self.store.pool().acquire().await.expect("a connection");
        run(&mut connection, format!("DROP DATABASE {}", self.database)).await;
    }
}

async fn run(connection: &mut MySqlConnection, sql: String) {
    let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await;
    done.expect("a statement that works");
}
