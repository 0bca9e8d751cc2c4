//! The user's own view: which applications have access, and ending it.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::client::ClientId;
use crate::credential::GrantId;
use crate::error::StoreError;
use crate::event::{EventKind, RevokedBy};
use crate::resource::Audience;
use crate::scope::Scope;
use crate::server::AuthorizationServer;
use crate::store::{Content, ListedGrant, Target};
use crate::subject::{Subject, UserId};

/// An application that a user has connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedApplication {
    client_id: ClientId,
    client_name: String,
    scope: Scope,
    live_grants: usize,
    last_issued_at: Option<OffsetDateTime>,
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

    /// What the user has allowed, in live grants and in the remembered consent. A grant that this version cannot read
    /// adds nothing.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How many grants are live; with none, only the consent is remembered.
    pub fn live_grants(&self) -> usize {
        self.live_grants
    }

    /// When a code or token was last issued under a live grant; `None` when there is none, or none that says so. A
    /// repeated refresh within the [retry window](crate::Policy::refresh_retry_window) does not count.
    pub fn last_issued_at(&self) -> Option<OffsetDateTime> {
        self.last_issued_at
    }
}

/// A live grant that a user has given to an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedGrant {
    id: GrantId,
    client_id: ClientId,
    scope: Scope,
    audience: Audience,
    opened_at: OffsetDateTime,
    last_issued_at: OffsetDateTime,
    expires_at: OffsetDateTime,
}

impl ConnectedGrant {
    /// Names the grant; not a secret.
    pub fn id(&self) -> &GrantId {
        &self.id
    }

    /// The application.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// What was granted.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Which resources it is for, as the server spells them; empty for any.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// When the user consented, in whole seconds.
    pub fn opened_at(&self) -> OffsetDateTime {
        self.opened_at
    }

    /// When the application last exchanged its code or a refresh token for others, and
    /// [`opened_at`](Self::opened_at) where it never has. It does not tell when an access token was
    /// used, and a repeated refresh within the [retry window](crate::Policy::refresh_retry_window) does not count.
    pub fn last_issued_at(&self) -> OffsetDateTime {
        self.last_issued_at
    }

    /// When it ends, if nobody ends it before.
    pub fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

impl AuthorizationServer {
    /// The live grants of this user one by one, the latest first: each login of an application is one.
    ///
    /// One that this version cannot read, one of a later version say, is left out; it is logged wherever a user's
    /// grants are looked up. [`connected_applications`](Self::connected_applications) counts it, and
    /// [`disconnect`](Self::disconnect) ends it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer, or when no
    /// [`grant_directory`](crate::AuthorizationServerBuilder::grant_directory) is set.
    pub async fn connected_grants(&self, user: &UserId) -> Result<Vec<ConnectedGrant>, StoreError> {
        let mut grants = Vec::new();
        for listed in self.live_grants(user).await? {
            let grant = &listed.grant;
            let (Content::Grant(granted), Some(opened_at)) =
                (grant.payload.content(), grant.opened_at())
            else {
                continue;
            };
            grants.push(ConnectedGrant {
                id: grant.id,
                scope: granted.scope.clone(),
                audience: self.own_spelling(granted.audience()),
                opened_at,
                last_issued_at: listed.last_issued_at().unwrap_or(opened_at),
                expires_at: grant.expires_at,
                client_id: grant.client_id.clone(),
            });
        }
        grants.sort_by_key(|grant| std::cmp::Reverse(grant.opened_at));
        Ok(grants)
    }

    /// Ends one grant of this user, and says whether it was there: live and this user's. The consent
    /// stays remembered.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer, or when no
    /// [`grant_directory`](crate::AuthorizationServerBuilder::grant_directory) is set.
    pub async fn end_grant(&self, user: &UserId, grant: &GrantId) -> Result<bool, StoreError> {
        let grants = self.live_grants(user).await?;
        let mut grants = grants.iter().map(|listed| &listed.grant);
        let Some(own) = grants.find(|own| own.id == *grant) else {
            return Ok(false);
        };
        let target = Target::Grant(*grant);
        self.inner().grants.revoke(target, self.now()).await?;
        let kind = EventKind::Revoked {
            by: RevokedBy::User,
            client_id: &own.client_id,
            subject: own.subject.as_ref(),
            grant: own.id,
            whole_grant: true,
        };
        self.emit(None, kind);
        Ok(true)
    }

    /// Takes the access of every application away: withdraws all remembered consents, then ends all of
    /// the user's grants. For "sign out everywhere", and when an account is disabled or deleted.
    ///
    /// # Errors
    ///
    /// As [`disconnect`](Self::disconnect). Where the user's grants cannot be listed, and the error is permanent,
    /// the consents are withdrawn by then, and [`revoke_grants`](Self::revoke_grants) with the
    /// [subject](crate::GrantSelection::subject) is the way out: it looks at every grant instead.
    pub async fn disconnect_all(&self, user: &UserId) -> Result<(), StoreError> {
        let inner = self.inner();
        let mut ended: BTreeMap<ClientId, usize> = BTreeMap::new();
        for consent in inner.consents.list(user).await? {
            inner.consents.withdraw(user, &consent.client_id).await?;
            ended.entry(consent.client_id).or_default();
        }
        for ListedGrant { grant, .. } in self.live_grants(user).await? {
            let target = Target::Grant(grant.id);
            inner.grants.revoke(target, self.now()).await?;
            *ended.entry(grant.client_id).or_default() += 1;
        }
        for (client_id, &grants) in &ended {
            let kind = EventKind::Disconnected {
                client_id,
                subject: user,
                grants,
            };
            self.emit(None, kind);
        }
        Ok(())
    }

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
        let mut found: BTreeMap<ClientId, (Scope, usize, Option<OffsetDateTime>)> = BTreeMap::new();
        for consent in inner.consents.list(user).await? {
            found.entry(consent.client_id).or_default().0 = consent.scope;
        }
        for listed in self.live_grants(user).await? {
            let last_issued_at = listed.last_issued_at();
            let grant = listed.grant;
            let (scope, live_grants, latest) = found.entry(grant.client_id).or_default();
            if let Content::Grant(granted) = grant.payload.content() {
                *scope = scope.union(&granted.scope);
            }
            *live_grants += 1;
            *latest = last_issued_at.max(*latest);
        }
        let mut applications = Vec::with_capacity(found.len());
        for (client_id, (scope, live_grants, last_issued_at)) in found {
            let client_name = match inner.clients.find(&client_id).await? {
                Some(client) => client.name().to_owned(),
                None => client_id.to_string(),
            };
            applications.push(ConnectedApplication {
                client_id,
                client_name,
                scope,
                live_grants,
                last_issued_at,
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
        for ListedGrant { grant, .. } in self.live_grants(user).await? {
            if grant.client_id == *client {
                inner
                    .grants
                    .revoke(Target::Grant(grant.id), self.now())
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

    async fn live_grants(&self, user: &UserId) -> Result<Vec<ListedGrant>, StoreError> {
        let subject = Subject::User(user.clone());
        let listed = self.directory()?.list(&subject, self.now()).await?;
        for ListedGrant { grant, .. } in &listed {
            if !grant.payload.is_readable() {
                tracing::warn!(
                    grant = %grant.id,
                    client_id = %grant.client_id,
                    "a grant cannot be read by this version",
                );
            }
        }
        Ok(listed)
    }
}
