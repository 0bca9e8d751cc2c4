//! The user's own view: which applications have access, and ending it.

use std::collections::BTreeMap;

use crate::client::ClientId;
use crate::error::StoreError;
use crate::event::EventKind;
use crate::scope::Scope;
use crate::server::AuthorizationServer;
use crate::store::{Content, Grant, Target};
use crate::subject::{Subject, UserId};

/// An application that a user has connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedApplication {
    client_id: ClientId,
    client_name: String,
    scope: Scope,
    live_grants: usize,
}

impl ConnectedApplication {
    /// The `client_id`.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The client's name; its identifier when it is no longer registered.
    pub fn client_name(&self) -> &str {
        &self.client_name
    }

    /// What the user has allowed, in live grants and in the remembered consent.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How many grants are live; with none, only the consent is remembered.
    pub fn live_grants(&self) -> usize {
        self.live_grants
    }
}

impl AuthorizationServer {
    /// The applications with a live grant or a remembered consent of this user.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when a store cannot answer, or when no
    /// [`grant_directory`](crate::AuthorizationServerBuilder::grant_directory) is set.
    pub async fn connected_applications(
        &self,
        user: &UserId,
    ) -> Result<Vec<ConnectedApplication>, StoreError> {
        let inner = self.inner();
        let mut found: BTreeMap<ClientId, (Scope, usize)> = BTreeMap::new();
        for consent in inner.consents.list(user).await? {
            found.entry(consent.client_id).or_default().0 = consent.scope;
        }
        for grant in self.live_grants(user).await? {
            let (scope, live_grants) = found.entry(grant.client_id).or_default();
            if let Content::Grant(granted) = grant.payload.content() {
                *scope = scope.union(&granted.scope);
            }
            *live_grants += 1;
        }
        let mut applications = Vec::with_capacity(found.len());
        for (client_id, (scope, live_grants)) in found {
            let client_name = match inner.clients.find(&client_id).await? {
                Some(client) => client.name().to_owned(),
                None => client_id.to_string(),
            };
            applications.push(ConnectedApplication {
                client_id,
                client_name,
                scope,
                live_grants,
            });
        }
        Ok(applications)
    }

    /// Takes an application's access away: withdraws the remembered consent, then ends the user's
    /// grants to it, and with them every code and token. Something that is not there is passed over.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when a store cannot answer, or when no
    /// [`grant_directory`](crate::AuthorizationServerBuilder::grant_directory) is set. Part of it may
    /// have happened; the same call again does the rest.
    pub async fn disconnect(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError> {
        let inner = self.inner();
        inner.consents.withdraw(user, client).await?;
        let mut grants = 0;
        for grant in self.live_grants(user).await? {
            if grant.client_id == *client {
                inner
                    .grants
                    .revoke(Target::Grant(&grant.id), self.now())
                    .await?;
                grants += 1;
            }
        }
        let kind = EventKind::Disconnected {
            client_id: client,
            subject: user,
            grants,
        };
        self.emit(None, kind);
        Ok(())
    }

    async fn live_grants(&self, user: &UserId) -> Result<Vec<Grant>, StoreError> {
        let Some(directory) = &self.inner().directory else {
            return Err(StoreError::permanent("no grant_directory is set"));
        };
        directory
            .list(&Subject::User(user.clone()), self.now())
            .await
    }
}
