use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use async_trait::async_trait;

use super::parts::Apart;
use crate::client::{Client, ClientId};
use crate::error::StoreError;
use crate::store::ClientStore;

/// So many threads, and as many processors, find clients without getting into each other's way.
const COPIES: usize = 8;

/// Registered clients in memory, each of them eight times.
///
/// Every request of a client counts how many use it and who reads its table. If all threads counted in the same places,
/// a client that sends many requests would have them wait for each other.
#[derive(Debug, Default)]
pub struct MemoryClientStore([Apart<Table>; COPIES]);

type Table = RwLock<HashMap<ClientId, Arc<Client>>>;

impl MemoryClientStore {
    /// A store that knows these clients; of several with one identifier, the last.
    pub fn new(clients: impl IntoIterator<Item = Client>) -> Self {
        let store = Self::default();
        for client in clients {
            store.insert(client);
        }
        store
    }

    /// Adds a client, or replaces the one with its identifier.
    pub fn insert(&self, client: Client) {
        // Held together, so that nobody finds the new one and then the old one.
        let mut tables: Vec<_> = self.0.iter().map(write).collect();
        for table in &mut tables {
            let copy = client.unshared();
            table.insert(copy.id().clone(), Arc::new(copy));
        }
    }

    /// Without a future, for the store that has this one in it.
    pub(super) fn get(&self, id: &ClientId) -> Option<Arc<Client>> {
        let own = self.0.get(number_of_thread() % COPIES)?;
        let clients = own.0.read().unwrap_or_else(PoisonError::into_inner);
        clients.get(id).cloned()
    }

    /// Removes a client.
    pub fn remove(&self, id: &ClientId) {
        let mut tables: Vec<_> = self.0.iter().map(write).collect();
        for table in &mut tables {
            table.remove(id);
        }
    }
}

fn write(table: &Apart<Table>) -> RwLockWriteGuard<'_, HashMap<ClientId, Arc<Client>>> {
    table.0.write().unwrap_or_else(PoisonError::into_inner)
}

/// Threads are numbered in the order in which they first ask.
fn number_of_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    OWN.try_with(|own| *own).unwrap_or_default()
}

#[async_trait]
impl ClientStore for MemoryClientStore {
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        Ok(self.get(id))
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Asks in more threads than there are copies, one after the other.
    fn names(store: &MemoryClientStore, id: &str) -> Vec<Option<String>> {
        let id = ClientId::parse(id).unwrap();
        let name = || store.get(&id).map(|client| client.name().to_owned());
        let asked = (0..2 * COPIES).map(|_| thread::scope(|scope| scope.spawn(name).join()));
        asked.map(Result::unwrap).collect()
    }

    #[test]
    fn every_thread_finds_what_was_put_in_last() {
        let client = |name: &str| {
            let client = Client::builder("web").name(name);
            let client = client.redirect_uri("https://app.example.com/callback");
            client.build().unwrap()
        };
        let store = MemoryClientStore::new([client("first"), client("second")]);
        assert_eq!(
            names(&store, "web"),
            vec![Some("second".into()); 2 * COPIES]
        );
        store.insert(client("third"));
        assert_eq!(names(&store, "web"), vec![Some("third".into()); 2 * COPIES]);
        assert_eq!(names(&store, "other"), vec![None; 2 * COPIES]);
        store.remove(&ClientId::parse("web").unwrap());
        assert_eq!(names(&store, "web"), vec![None; 2 * COPIES]);
    }
}
