use std::sync::Arc;

use async_trait::async_trait;
use oauth_core::store::ClientStore;
use oauth_core::{Client, ClientId, StoreError};
use redis::cmd;

use crate::RedisStore;

#[async_trait]
impl ClientStore for RedisStore {
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let mut command = cmd("GET");
        command.arg(self.keys.client(id));
        let bytes: Option<Vec<u8>> = self.connection.ask(&command).await?;
        let client = bytes.map(|bytes| Client::decode(&bytes)).transpose();
        Ok(client.map_err(StoreError::permanent)?.map(Arc::new))
    }
}

impl RedisStore {
    /// Registers a client, or changes the one of that identifier. It counts from the next request on,
    /// and is kept until it is removed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when Redis cannot answer.
    pub async fn save(&self, client: &Client) -> Result<(), StoreError> {
        let mut command = cmd("SET");
        command.arg(self.keys.client(client.id()));
        command.arg(client.encode());
        self.connection.ask(&command).await
    }

    /// Removes a client, if there is one of that identifier. It gets nothing more; access tokens that
    /// it has count until they expire, unless its grants are revoked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when Redis cannot answer.
    pub async fn remove(&self, id: &ClientId) -> Result<(), StoreError> {
        let mut command = cmd("DEL");
        command.arg(self.keys.client(id));
        self.connection.ask(&command).await
    }
}
