use oauth_core::StoreError;
use redis::aio::ConnectionManager;
use redis::cluster_async::ClusterConnection;

use crate::connection::Connection;
use crate::error::store_error;
use crate::keys::{InvalidPrefix, Keys};

/// All stores, on one Redis or Valkey server or on a cluster.
///
/// Cheap to clone; clones share their connection. To mix stores, put it into an `Arc` and set it for
/// the traits that it is to serve.
///
/// A connection of your own can be used, too: `RedisStore::from(connection)` takes a
/// [`ConnectionManager`] or a [`ClusterConnection`] of the crate `redis`, version 1. Its timeouts are
/// then yours to set, and nobody looks at `maxmemory-policy`.
#[derive(Clone, Debug)]
pub struct RedisStore {
    pub(crate) connection: Connection,
    pub(crate) keys: Keys,
}

impl RedisStore {
    /// Connects to one server, with a URL as `redis://user:password@127.0.0.1:6379/0`, or `rediss://…`
    /// with the feature `rustls`.
    ///
    /// A connection has two seconds to be made, and an answer two seconds to come. A lost connection is
    /// replaced. A warning is logged when the server would evict records.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the URL is malformed, or when the server cannot be reached or refuses the
    /// credentials.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let connection = Connection::single(url).await.map_err(store_error)?;
        Ok(Self::over(connection))
    }

    /// Connects to a cluster by way of some of its nodes, from which it learns of the others.
    ///
    /// Timeouts are those of [`connect`](Self::connect); a request that is sent on to another node, or
    /// again, has four seconds.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when a URL is malformed, or when no node can be reached or the credentials are
    /// refused.
    pub async fn connect_cluster<U: Into<String>>(
        urls: impl IntoIterator<Item = U>,
    ) -> Result<Self, StoreError> {
        let urls = urls.into_iter().map(Into::into).collect();
        let connection = Connection::cluster(urls).await.map_err(store_error)?;
        Ok(Self::over(connection))
    }

    /// What the names of all keys begin with. Default: `oauth:`.
    ///
    /// # Errors
    ///
    /// [`InvalidPrefix`] when it has more than 64 characters, one that is not visible ASCII, or a
    /// brace.
    pub fn with_prefix(self, prefix: impl Into<String>) -> Result<Self, InvalidPrefix> {
        let keys = Keys::new(prefix.into())?;
        Ok(Self { keys, ..self })
    }

    /// What the names of all keys begin with.
    pub fn prefix(&self) -> &str {
        self.keys.prefix()
    }

    fn over(connection: Connection) -> Self {
        let keys = Keys::default();
        Self { connection, keys }
    }
}

impl From<ConnectionManager> for RedisStore {
    fn from(connection: ConnectionManager) -> Self {
        Self::over(Connection::Single(connection))
    }
}

impl From<ClusterConnection> for RedisStore {
    fn from(connection: ClusterConnection) -> Self {
        Self::over(Connection::Cluster(connection))
    }
}
