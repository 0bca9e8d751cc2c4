//! What the stores promise holds for a host whose connections are stricter than the default.

use oauth_sqlx::mysql::MySqlStore;
use sqlx::{Executor, MySqlPool};

async fn pool() -> MySqlPool {
    let pool = MySqlStore::pool_options()
        .max_connections(8)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection
                    .execute("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                    .await?;
                Ok(())
            })
        });
    pool.connect_with(crate::options()).await.unwrap()
}

async fn fresh() -> MySqlStore {
    again(&crate::fresh().await).await
}

async fn again(store: &MySqlStore) -> MySqlStore {
    let store = MySqlStore::new(pool().await).with_prefix(store.prefix());
    store.unwrap()
}

mod grants {
    oauth_testkit::grant_store_contract!(
        super::fresh,
        failing = crate::refuse_credentials,
        second_connection = super::again,
        when = crate::server_is_there
    );
}
