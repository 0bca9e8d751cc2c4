//! Grants and credentials in redb, an embedded database: a whole `GrantStore`.
//!
//! The guide of `oauth-core`, `guide::custom_stores`, explains it line by line.

use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantStore, Target,
};
use oauth_core::{CredentialKey, GrantId, StoreError};
use time::OffsetDateTime;

use crate::database::RedbGrantStore;
use crate::rows::{self, CREDENTIALS, GRANTS};

#[async_trait]
impl GrantStore for RedbGrantStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        _now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let (grant, credentials) = (grant.clone(), credentials.to_vec());
        self.write(move |rows| {
            if rows.grant(grant.id)?.is_none() {
                rows.put_grant(&grant)?;
                rows.record(grant.id, &credentials)?;
            }
            Ok(())
        })
        .await
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        let key = *key;
        self.read(move |transaction| {
            let credentials = transaction.open_table(CREDENTIALS)?;
            let Some((id, credential)) = rows::credential(&credentials, key)? else {
                return Ok(None);
            };
            let grant = rows::readable_grant(&transaction.open_table(GRANTS)?, id)?;
            Ok(grant.map(|grant| Found { grant, credential }))
        })
        .await
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        let id = *id;
        self.write(move |rows| {
            let mut grant = rows.grant(id)?;
            let decided = decision.apply_to(grant.as_mut(), now);
            if let (Decided::Done, Some(grant)) = (decided, grant) {
                rows.put_grant(&grant)?;
            }
            Ok(decided)
        })
        .await
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let (id, exchange) = (exchange.grant, exchange.into_owned());
        self.write(move |rows| {
            let (grant, credential) = (rows.grant(id)?, rows.credential(*exchange.spend.key())?);
            let effect = exchange.effect_on(grant.as_ref(), credential);
            if let Some(spent) = effect.spent {
                rows.put_credential(id, &spent)?;
            }
            rows.record(id, effect.successors)?;
            Ok(effect.exchanged)
        })
        .await
    }

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        self.write(move |rows| {
            let revoked = match target {
                Target::Grant(id) => rows.grant(id)?.map(|mut grant| {
                    grant.revoked_at.get_or_insert(now);
                    rows.put_grant(&grant)
                }),
                Target::Credential(key) => rows.credential(key)?.map(|(id, mut credential)| {
                    credential.spent_at.get_or_insert(now);
                    rows.put_credential(id, &credential)
                }),
            };
            revoked.unwrap_or(Ok(()))
        })
        .await
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.write(move |rows| rows.remove_ended(now, limit)).await
    }
}
