//! Client stores, each with one defect.

use std::sync::Arc;

use async_trait::async_trait;
use oauth_core::store::ClientStore;
use oauth_core::{Client, ClientId, StoreError};
use oauth_testkit::Backend;

use crate::folded_client;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    None,
    FoldsCase,
    FindsByPrefix,
    DropsASecret,
    TreatsAbsenceAsAnError,
    FindsTheFirst,
}

struct BrokenClientStore {
    clients: Vec<Client>,
    defect: Defect,
}

#[async_trait]
impl ClientStore for BrokenClientStore {
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let is_meant = |client: &&Client| match self.defect {
            Defect::FoldsCase => folded_client(client.id()) == folded_client(id),
            Defect::FindsByPrefix => client.id().as_str().starts_with(id.as_str()),
            Defect::FindsTheFirst => true,
            _ => client.id() == id,
        };
        let found = self.clients.iter().find(is_meant).cloned();
        match found {
            None if self.defect == Defect::TreatsAbsenceAsAnError => {
                Err(StoreError::permanent("no such row"))
            }
            Some(client) if self.defect == Defect::DropsASecret => {
                Ok(Some(Arc::new(with_one_secret(client))))
            }
            found => Ok(found.map(Arc::new)),
        }
    }
}

/// A column for one secret.
fn with_one_secret(client: Client) -> Client {
    let mut builder = Client::builder(client.id().as_str())
        .name(client.name())
        .token_endpoint_auth_method(client.token_endpoint_auth_method().clone())
        .grant_types(client.grant_types().to_vec())
        .scope(client.scope().as_str())
        .first_party(client.is_first_party());
    for uri in client.redirect_uris() {
        builder = builder.redirect_uri(uri.as_str());
    }
    if let Some(secret) = client.secrets().first() {
        builder = builder.secret_digest(secret.clone());
    }
    builder.build().unwrap()
}

fn failed(defect: Defect) -> Vec<&'static str> {
    oauth_testkit::client_store_contract!(@each [crate::failures] {
        Backend::with_clients(move |clients| async move { BrokenClientStore { clients, defect } })
    })
}

fn clauses() -> Vec<&'static str> {
    oauth_testkit::client_store_contract!(@each [crate::names] {})
}

crate::broken_stores! { Defect,
    FoldsCase => folds_case: [
        finds_no_client_that_is_not_registered,
        tells_hostile_identifiers_apart,
    ];
    FindsByPrefix => finds_by_prefix: [
        finds_no_client_that_is_not_registered,
    ];
    DropsASecret => drops_a_secret: [
        finds_a_client_as_it_was_registered,
    ];
    TreatsAbsenceAsAnError => treats_absence_as_an_error: [
        finds_no_client_that_is_not_registered,
    ];
    FindsTheFirst => finds_the_first: [
        finds_each_of_many_clients,
        tells_hostile_identifiers_apart,
    ];
}
