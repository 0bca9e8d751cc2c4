use std::sync::Arc;

use async_trait::async_trait;
use oauth_core::store::ClientStore;
use oauth_core::{Client, ClientId, StoreError};
use sqlx::SqlStr;

use super::MySqlStore;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::{WhenLost, keep_trying};
use crate::row::{self, client_key};

pub(in crate::mysql) struct Statements {
    find: SqlStr,
    save: SqlStr,
    remove: SqlStr,
}

impl Statements {
    pub(in crate::mysql) fn new(prefix: &Prefix) -> Self {
        Self {
            find: prefix.statement("SELECT client FROM {prefix}clients WHERE client_key = ?"),
            save: prefix.statement(
                "INSERT INTO {prefix}clients (client_key, client_id, client) VALUES (?, ?, ?)
                 ON DUPLICATE KEY UPDATE client = VALUES(client)",
            ),
            remove: prefix.statement("DELETE FROM {prefix}clients WHERE client_key = ?"),
        }
    }
}

impl MySqlStore {
    /// Registers a client, or replaces the one with its identifier.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer.
    pub async fn save(&self, client: &Client) -> Result<(), StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_save(client))
    }

    /// Removes a client, if it is there. Its grants stay, and can be used no more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer.
    pub async fn remove(&self, id: &ClientId) -> Result<(), StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_remove(id))
    }

    async fn try_find_client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(self.statements.client.find.clone())
            .bind(client_key(id).to_vec())
            .fetch_optional(&mut *connection)
            .await?;
        row.as_ref().map(row::client).transpose()
    }

    async fn try_save(&self, client: &Client) -> Result<(), Failure> {
        let mut connection = self.pool.acquire().await?;
        sqlx::query(self.statements.client.save.clone())
            .bind(client_key(client.id()).to_vec())
            .bind(client.id().as_str().as_bytes())
            .bind(client.encode())
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    async fn try_remove(&self, id: &ClientId) -> Result<(), Failure> {
        let mut connection = self.pool.acquire().await?;
        sqlx::query(self.statements.client.remove.clone())
            .bind(client_key(id).to_vec())
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl ClientStore for MySqlStore {
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_find_client(id))
    }
}
