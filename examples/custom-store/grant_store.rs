//! Grants and credentials in redb, an embedded database: a whole `GrantStore`.
//!
//! The guide of `oauth-core`, `guide::custom_stores`, explains it line by line.

use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantStore, Spend, Target,
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
            let grant = rows::grant(&transaction.open_table(GRANTS)?, id)?;
            Ok(grant.map(|grant| Found { grant, credential }))
        })
        .await
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        let id = *id;
        let approved = match decision {
            Decision::Approve {
                subject,
                expires_at,
                payload,
            } => Some((subject.clone(), expires_at, payload.clone())),
            Decision::Deny => None,
        };
        self.write(move |rows| {
            let Some(mut grant) = rows.grant(id)? else {
                return Ok(Decided::Unknown);
            };
            match approved {
                _ if grant.subject.is_some() || grant.revoked_at.is_some() => {
                    return Ok(Decided::AlreadyDecided);
                }
                _ if grant.expires_at <= now => return Ok(Decided::Expired),
                Some((subject, expires_at, payload)) => {
                    grant.subject = Some(subject);
                    grant.expires_at = expires_at;
                    grant.payload = payload;
                }
                None => grant.revoked_at = Some(now),
            }
            rows.put_grant(&grant)?;
            Ok(Decided::Done)
        })
        .await
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let (by, id, now) = (exchange.id, *exchange.grant, exchange.now);
        let spends = matches!(exchange.spend, Spend::Once(_));
        let (key, successors) = (*exchange.spend.key(), exchange.successors.to_vec());
        self.write(move |rows| {
            if !rows.grant(id)?.is_some_and(|grant| grant.is_active(now)) {
                return Ok(Exchanged::Inactive);
            }
            let mut credential = match rows.credential(key)? {
                Some((grant, credential)) if grant == id => credential,
                _ => return Ok(Exchanged::Unknown),
            };
            match credential.spent_at {
                Some(_) if credential.spent_by == Some(by) => return Ok(Exchanged::Done),
                Some(at) => return Ok(Exchanged::Spent { grant: id, at }),
                None if credential.expires_at <= now => return Ok(Exchanged::Expired),
                None => {}
            }
            if spends {
                credential.spent_at = Some(now);
                credential.spent_by = Some(by);
                rows.put_credential(id, &credential)?;
            }
            rows.record(id, &successors)?;
            Ok(Exchanged::Done)
        })
        .await
    }

    async fn revoke(&self, target: Target<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
        let (grant, key) = match target {
            Target::Grant(id) => (Some(*id), None),
            Target::Credential(key) => (None, Some(*key)),
        };
        self.write(move |rows| {
            if let Some(mut grant) = grant.map_or(Ok(None), |id| rows.grant(id))? {
                grant.revoked_at.get_or_insert(now);
                rows.put_grant(&grant)?;
            }
            if let Some((id, mut credential)) = key.map_or(Ok(None), |key| rows.credential(key))? {
                credential.spent_at.get_or_insert(now);
                rows.put_credential(id, &credential)?;
            }
            Ok(())
        })
        .await
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.write(move |rows| rows.remove_ended(now, limit)).await
    }
}
