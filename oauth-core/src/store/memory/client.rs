use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;

use crate::client::{Client, ClientId};
use crate::error::StoreError;
use crate::store::ClientStore;

/// Registered clients in memory.
#[derive(Debug, Default)]
pub struct MemoryClientStore(RwLock<HashMap<ClientId, Arc<Client>>>);

impl MemoryClientStore {
    /// A store that knows these clients; of several with one identifier, the last.
    pub fn new(clients: impl IntoIterator<Item = Client>) -> Self {
        let named = |client: Client| (client.id().clone(), Arc::new(client));
        Self(RwLock::new(clients.into_iter().map(named).collect()))
    }

    /// Adds a client, or replaces the one with its identifier.
    pub fn insert(&self, client: Client) {
        let mut clients = self.0.write().unwrap_or_else(PoisonError::into_inner);
        clients.insert(client.id().clone(), Arc::new(client));
    }

    /// Without a future, for the store that has this one in it.
    pub(super) fn get(&self, id: &ClientId) -> Option<Arc<Client>> {
        let clients = self.0.read().unwrap_or_else(PoisonError::into_inner);
        clients.get(id).cloned()
    }

    /// Removes a client.
    pub fn remove(&self, id: &ClientId) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
    }
}

#[async_trait]
impl ClientStore for MemoryClientStore {
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        Ok(self.get(id))
    }
}
