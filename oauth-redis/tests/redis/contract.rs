//! The contracts of all stores, with a connection and with two.

use oauth_core::Client;
use oauth_redis::RedisStore;

use crate::running::{again, fresh, is_there};

async fn with(clients: Vec<Client>) -> RedisStore {
    let store = fresh().await;
    for client in clients {
        store.save(&client).await.unwrap();
    }
    store
}

mod grant_store {
    oauth_testkit::grant_store_contract!(
        super::fresh,
        second_connection = super::again,
        when = super::is_there
    );
}

mod grant_directory {
    oauth_testkit::grant_directory_contract!(
        super::fresh,
        second_connection = super::again,
        when = super::is_there
    );
}

mod request_store {
    oauth_testkit::request_store_contract!(
        super::fresh,
        second_connection = super::again,
        when = super::is_there
    );
}

mod consent_store {
    oauth_testkit::consent_store_contract!(
        super::fresh,
        second_connection = super::again,
        when = super::is_there
    );
}

mod client_store {
    oauth_testkit::client_store_contract!(super::with, when = super::is_there);
}
