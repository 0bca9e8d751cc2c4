use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use async_trait::async_trait;

use super::parts::OwnCacheLines;
use crate::client::{Client, ClientId};
use crate::error::StoreError;
use crate::store::ClientStore;

/// Threads take turns at the copies, so up to so many share none.
const COPIES: usize = 8;

/// Registered clients in memory.
///
/// Each is kept eight times, since threads that read the same copy wait for each other at its lock and at its counts of
/// references.
#[derive(Debug, Default)]
pub struct MemoryClientStore([OwnCacheLines<Copied>; COPIES]);

type Copied = RwLock<HashMap<ClientId, Arc<Client>>>;

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
        for mut copy in self.locked() {
            let client = client.unshared();
            copy.insert(client.id().clone(), Arc::new(client));
        }
    }

    /// Without a future, for the store that has this one in it.
    pub(super) fn get(&self, id: &ClientId) -> Option<Arc<Client>> {
        self.get_from(thread_number(), id)
    }

    fn get_from(&self, number: usize, id: &ClientId) -> Option<Arc<Client>> {
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the length")]
        let OwnCacheLines(copy) = &self.0[number % COPIES];
        let clients = copy.read().unwrap_or_else(PoisonError::into_inner);
        clients.get(id).cloned()
    }

    /// Removes a client.
    pub fn remove(&self, id: &ClientId) {
        for mut copy in self.locked() {
            copy.remove(id);
        }
    }

    /// All copies at once, so that nobody finds the new client in one and then the old one in another.
    fn locked(&self) -> [RwLockWriteGuard<'_, HashMap<ClientId, Arc<Client>>>; COPIES] {
        self.0
            .each_ref()
            .map(|OwnCacheLines(copy)| copy.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Of this thread among those that ever asked. [`ThreadId`](std::thread::ThreadId) does not tell a number.
fn thread_number() -> usize {
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
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    #[test]
    fn every_copy_has_what_was_put_in_last() {
        let client = |name: &str| {
            let client = Client::builder("web").name(name);
            let client = client.redirect_uri("https://app.example.com/callback");
            client.build().unwrap()
        };
        let store = MemoryClientStore::new([client("first"), client("second")]);
        let names = |id: &str| {
            let id = ClientId::parse(id).unwrap();
            let found = (0..COPIES).map(|number| store.get_from(number, &id));
            let names = found.map(|client| client.map(|it| it.name().to_owned()));
            names.collect::<Vec<_>>()
        };
        assert_eq!(names("web"), vec![Some("second".into()); COPIES]);
        store.insert(client("third"));
        assert_eq!(names("web"), vec![Some("third".into()); COPIES]);
        assert_eq!(names("other"), vec![None; COPIES]);
        store.remove(&ClientId::parse("web").unwrap());
        assert_eq!(names("web"), vec![None; COPIES]);
    }

    #[test]
    fn copies_share_no_text() {
        let client = Client::builder("job").secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU");
        let client = client.grant_types([crate::GrantType::CLIENT_CREDENTIALS]);
        let store = MemoryClientStore::new([client.scope("a b").build().unwrap()]);
        let id = ClientId::parse("job").unwrap();
        let [first, second] = [0, 1].map(|number| store.get_from(number, &id).unwrap());
        assert_eq!((first.id(), first.scope()), (second.id(), second.scope()));
        assert_ne!(first.id().as_str().as_ptr(), second.id().as_str().as_ptr());
        assert_ne!(
            first.scope().as_str().as_ptr(),
            second.scope().as_str().as_ptr()
        );
    }

    #[test]
    fn threads_have_numbers_of_their_own() {
        let numbers = [(); 20].map(|()| thread::spawn(thread_number).join().unwrap());
        let different: HashSet<_> = numbers.into_iter().chain([thread_number()]).collect();
        assert_eq!(different.len(), 21);
        assert_eq!(thread_number(), thread_number());
    }
}
