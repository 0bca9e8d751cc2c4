//! The stores in memory: the contracts, and what is their own.

mod bounds;
mod removal;

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

/// The same stores as parts of the one that has them all.
mod all {
    use oauth_core::Client;
    use oauth_core::store::memory::MemoryStore;

    async fn fresh() -> MemoryStore {
        MemoryStore::default()
    }

    async fn with(clients: Vec<Client>) -> MemoryStore {
        MemoryStore::new(clients)
    }

    mod grants {
        oauth_testkit::grant_store_contract!(super::fresh);
    }

    mod directory {
        oauth_testkit::grant_directory_contract!(super::fresh);
    }

    mod requests {
        oauth_testkit::request_store_contract!(super::fresh);
    }

    mod consents {
        oauth_testkit::consent_store_contract!(super::fresh);
    }

    mod clients {
        oauth_testkit::client_store_contract!(super::with);
    }
}

mod directory {
    use oauth_core::store::memory::MemoryGrantStore;

    async fn fresh() -> MemoryGrantStore {
        MemoryGrantStore::default()
    }

    oauth_testkit::grant_directory_contract!(fresh);
}

mod requests {
    use oauth_core::store::memory::MemoryRequestStore;

    async fn fresh() -> MemoryRequestStore {
        MemoryRequestStore::default()
    }

    oauth_testkit::request_store_contract!(fresh);
}

mod consents {
    use oauth_core::store::memory::MemoryConsentStore;

    async fn fresh() -> MemoryConsentStore {
        MemoryConsentStore::default()
    }

    oauth_testkit::consent_store_contract!(fresh);
}

mod clients {
    use oauth_core::Client;
    use oauth_core::store::memory::MemoryClientStore;

    async fn with(clients: Vec<Client>) -> MemoryClientStore {
        MemoryClientStore::new(clients)
    }

    oauth_testkit::client_store_contract!(with);
}
