use std::sync::Arc;

use oauth_core::store::memory::MemoryStore;
use oauth_core::store::{ConsentStore, GrantStore, RequestStore};

use super::grants;
use crate::population::Population;

/// A store in memory cannot be written to past itself.
#[derive(Default)]
pub(crate) struct Memory(Arc<MemoryStore>);

impl Memory {
    pub(super) fn store(&self) -> Arc<MemoryStore> {
        self.0.clone()
    }

    pub(super) async fn fill(&self, population: &Population) {
        // Before anything has expired, or it would be removed on the way.
        let early = population.now - time::Duration::days(200);
        for (grant, credentials) in grants(population).flatten() {
            let opened = self.0.open(&grant, &credentials, early).await;
            opened.expect("an opened grant");
        }
        for n in 0..population.requests() {
            let put = self.0.put(&population.request(n), early).await;
            put.expect("a parked request");
        }
        for n in 0..population.users() {
            let (user, consent) = (population.user(n), population.consent(n));
            let record = self.0.record(
                &user,
                &consent.client_id,
                &consent.scope,
                consent.recorded_at,
            );
            record.await.expect("a consent");
        }
    }
}
