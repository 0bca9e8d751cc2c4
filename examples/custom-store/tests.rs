//! The contracts of the stores, and what the table of apps adds to them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::sync::Arc;

use async_trait::async_trait;
use oauth_core::store::{ClientStore, Decided, Decision, GrantDirectory, GrantStore};
use oauth_core::{Client, ClientId, GrantType, StoreError, TokenEndpointAuthMethod};
use oauth_testkit::sample::{
    START, access_token, alice, at, code, grant, grant_id, refresh_token, undecided_grant,
};
use redb::{ReadableTableMetadata, TableDefinition};
use tempfile::TempDir;

use crate::client_store::Apps;
use crate::database::RedbGrantStore;
use crate::rows::{CREDENTIALS, ENDS, GRANTS, SUBJECTS};

/// Its file has no name any more, and is gone when the store is.
async fn fresh() -> RedbGrantStore {
    let folder = TempDir::new().unwrap();
    RedbGrantStore::create(&folder.path().join("grants.redb")).unwrap()
}

/// The index that every grant and access token is entered in becomes one of something else.
async fn refuse_inserts(store: &RedbGrantStore) {
    let other: TableDefinition<'_, u8, u8> = TableDefinition::new("ends");
    let refused = store.write(move |rows| {
        rows.0.delete_table(ENDS)?;
        rows.0.open_table(other)?;
        Ok(())
    });
    refused.await.unwrap();
}

mod grants {
    oauth_testkit::grant_store_contract!(super::fresh, failing = super::refuse_inserts);
}

/// How many rows the tables of grants, credentials, ends and subjects have.
async fn rows(store: &RedbGrantStore) -> [u64; 4] {
    let count = store.read(|transaction| {
        Ok([
            transaction.open_table(GRANTS)?.len()?,
            transaction.open_table(CREDENTIALS)?.len()?,
            transaction.open_table(ENDS)?.len()?,
            transaction.open_table(SUBJECTS)?.len()?,
        ])
    });
    count.await.unwrap()
}

/// A row of a later version, say.
#[tokio::test]
async fn a_grant_that_cannot_be_read_hides_no_other() {
    let store = fresh().await;
    for n in 1..=4 {
        store.open(&grant(n), &[], START).await.unwrap();
    }
    let spoil = store.write(|rows| {
        let mut grants = rows.0.open_table(GRANTS)?;
        let row = ("web", None, 0, None, b"later".as_slice());
        grants.insert(&grant_id(2).to_bytes(), row)?;
        Ok(())
    });
    spoil.await.unwrap();
    let first = store.page(None, 2).await.unwrap();
    let second = store.page(first.next.as_ref(), 2).await.unwrap();
    assert_eq!(first.grants, [grant(1)]);
    assert_eq!(first.unreadable, [grant_id(2)]);
    assert_eq!(second.grants, [grant(3), grant(4)]);
    assert_eq!(second.unreadable, []);
}

#[tokio::test]
async fn what_has_ended_leaves_no_row_behind() {
    let store = fresh().await;
    let tokens = [code(1), refresh_token(2), access_token(3), access_token(4)];
    store.open(&grant(1), &tokens, START).await.unwrap();
    let undecided = undecided_grant(2);
    store.open(&undecided, &[], START).await.unwrap();
    let approval = Decision::Approve {
        subject: alice(),
        expires_at: at(2_000),
        payload: undecided.payload.clone(),
    };
    let decided = store.decide(&undecided.id, approval, at(1)).await.unwrap();
    assert_eq!(decided, Decided::Done);
    assert_eq!(rows(&store).await, [2, 4, 5, 2]);
    // The access tokens; the end that was put off; one grant; the other.
    for (now, removed, left) in [
        (at(99), 0, [2, 4, 5, 2]),
        (at(100), 2, [2, 2, 3, 2]),
        (at(600), 0, [2, 2, 2, 2]),
        (at(1_000), 1, [1, 0, 1, 1]),
        (at(2_000), 1, [0, 0, 0, 0]),
    ] {
        assert_eq!(store.purge(now, 10).await.unwrap(), removed, "{now}");
        assert_eq!(rows(&store).await, left, "{now}");
    }
}

mod directory {
    oauth_testkit::grant_directory_contract!(super::fresh);
}

mod clients {
    oauth_testkit::client_store_contract!(super::with);
}

/// Apps, with the folder in which they are.
struct InFolder(
    Apps,
    #[expect(dead_code, reason = "goes with the store")] TempDir,
);

#[async_trait]
impl ClientStore for InFolder {
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        self.0.find(id).await
    }
}

/// The table as the service would have filled it, with these apps and no others.
async fn with(clients: Vec<Client>) -> InFolder {
    let store = demo().await;
    run(&store.0, "DELETE FROM apps").await;
    for client in clients {
        let uris = client.redirect_uris().iter().map(ToString::to_string);
        let mut secrets = client.secrets().iter().map(|it| it.as_bytes().to_vec());
        let in_body = TokenEndpointAuthMethod::CLIENT_SECRET_POST;
        sqlx::query("INSERT INTO apps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE)")
            .bind(client.id().as_str())
            .bind(client.name())
            .bind(secrets.next())
            .bind(secrets.next())
            .bind(*client.token_endpoint_auth_method() == in_body)
            .bind(uris.collect::<Vec<_>>().join("\n"))
            .bind(client.scope().as_str())
            .bind(client.allows(&GrantType::REFRESH_TOKEN))
            .bind(client.allows(&GrantType::CLIENT_CREDENTIALS))
            .bind(client.is_first_party())
            .execute(&store.0.0)
            .await
            .unwrap();
    }
    store
}

async fn run(apps: &Apps, statement: &'static str) {
    sqlx::raw_sql(statement).execute(&apps.0).await.unwrap();
}

fn web() -> ClientId {
    ClientId::parse("web").unwrap()
}

/// The table of the example, with the one app that it begins with.
async fn demo() -> InFolder {
    let folder = TempDir::new().unwrap();
    let apps = Apps::connect(&folder.path().join("apps.db")).await.unwrap();
    InFolder(apps, folder)
}

#[tokio::test]
async fn a_disabled_app_is_none_from_the_next_request_on() {
    let store = demo().await;
    assert!(store.find(&web()).await.unwrap().is_some());
    run(&store.0, "UPDATE apps SET disabled = TRUE").await;
    assert!(store.find(&web()).await.unwrap().is_none());
    run(&store.0, "UPDATE apps SET disabled = FALSE").await;
    assert!(store.find(&web()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_row_that_is_no_client_is_a_permanent_failure() {
    for malformed in [
        "UPDATE apps SET secret_sha256 = X'00'",
        "UPDATE apps SET secret_sha256 = NULL, secret_in_body = TRUE",
        "UPDATE apps SET callback_urls = 'javascript:alert(1)'",
        "UPDATE apps SET callback_urls = 'http://127.0.0.1/a' || char(10) || char(10)",
        "UPDATE apps SET permissions = 'a\"b'",
        "UPDATE apps SET title = X'FF'",
        "ALTER TABLE apps DROP COLUMN title",
    ] {
        let store = demo().await;
        assert!(store.find(&web()).await.unwrap().is_some());
        run(&store.0, malformed).await;
        let error = store.find(&web()).await.unwrap_err();
        assert!(!error.is_transient(), "{malformed}: {error:?}");
    }
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_a_failure_for_the_moment() {
    let store = demo().await;
    let mut other = store.0.0.acquire().await.unwrap();
    let lock = sqlx::raw_sql("BEGIN EXCLUSIVE");
    lock.execute(&mut *other).await.unwrap();
    let error = store.find(&web()).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}
