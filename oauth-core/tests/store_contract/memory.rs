//! The stores in memory.

mod grants {
    use oauth_core::store::GrantStore;
    use oauth_core::store::memory::MemoryGrantStore;
    use oauth_testkit::sample::{START, grant, grant_id};

    /// Small, so that it can be filled.
    async fn fresh() -> MemoryGrantStore {
        MemoryGrantStore::with_capacity(5_000)
    }

    async fn fill(store: &MemoryGrantStore) {
        for n in 100_000.. {
            let mut grant = grant(n);
            grant.id = grant_id(n);
            if store.open(&grant, &[], START).await.is_err() {
                return;
            }
        }
    }

    oauth_testkit::grant_store_contract!(fresh, failing = fill);
}
