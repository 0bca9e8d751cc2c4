use std::sync::Arc;

use async_trait::async_trait;

use crate::client::{Client, ClientId};
use crate::error::StoreError;

/// Finds registered clients.
///
/// Asked once for each request at the authorization and token endpoints. A client that is gone or
/// was changed is so from the next request on. Lists of a client, its secrets or redirect URIs, may come in
/// any order. The macro `client_store_contract!` of the crate `oauth-testkit` tests it.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Arc;
///
/// use async_trait::async_trait;
/// use oauth_core::store::ClientStore;
/// use oauth_core::{Client, ClientId, StoreError};
///
/// /// Clients that were read from a file at start.
/// struct Fixed(HashMap<ClientId, Arc<Client>>);
///
/// #[async_trait]
/// impl ClientStore for Fixed {
///     async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
///         Ok(self.0.get(id).cloned())
///     }
/// }
/// ```
#[async_trait]
pub trait ClientStore: Send + Sync + 'static {
    /// The client with exactly this identifier, compared byte for byte, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError>;
}
