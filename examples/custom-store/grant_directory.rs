//! The grants of one subject, for an account page, and all grants, for the operator: the optional half of the
//! store.

use std::ops::Bound::{Excluded, Unbounded};

use async_trait::async_trait;
use oauth_core::store::{GrantCursor, GrantDirectory, GrantPage, ListedGrant};
use oauth_core::{GrantId, StoreError, Subject};
use time::OffsetDateTime;

use crate::database::RedbGrantStore;
use crate::rows::{CREDENTIALS, GRANTS, SUBJECTS, grant_in, last_exchange_at, readable_grant_in};

#[async_trait]
impl GrantDirectory for RedbGrantStore {
    async fn list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let subject = subject.clone();
        self.read(move |transaction| {
            let grants = transaction.open_table(GRANTS)?;
            let credentials = transaction.open_table(CREDENTIALS)?;
            let subjects = transaction.open_table(SUBJECTS)?;
            let (kind, id) = (subject.kind(), subject.id());
            let mut listed = Vec::new();
            for entry in subjects.range((kind, id, &[0; 18])..=(kind, id, &[0xff; 18]))? {
                let entry = entry?;
                let (_, _, id) = entry.0.value();
                let Some(row) = grants.get(id)? else {
                    continue;
                };
                let grant = grant_in(GrantId::from_bytes(*id), row.value())?;
                if !grant.is_active(now) {
                    continue;
                }
                let last_exchange_at = last_exchange_at(&credentials, grant.id)?;
                listed.push(ListedGrant {
                    grant,
                    last_exchange_at,
                });
            }
            Ok(listed)
        })
        .await
    }

    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        // The cursor is the identifier of the last grant that was looked at.
        let after: Option<GrantId> = after
            .map(|cursor| cursor.as_str().parse())
            .transpose()
            .map_err(StoreError::permanent)?;
        let limit = limit.max(1);
        self.read(move |transaction| {
            let table = transaction.open_table(GRANTS)?;
            let after = after.map(GrantId::to_bytes);
            let start = after.as_ref().map_or(Unbounded, Excluded);
            let (mut grants, mut unreadable) = (Vec::new(), Vec::new());
            let (mut seen, mut last) = (0, None);
            for entry in table.range::<&[u8; 18]>((start, Unbounded))?.take(limit) {
                let (key, row) = entry?;
                let id = GrantId::from_bytes(*key.value());
                // One row that cannot be read must not hide the others.
                match readable_grant_in(id, row.value()) {
                    Ok(grant) => grants.push(grant),
                    Err(_) => unreadable.push(id),
                }
                (seen, last) = (seen + 1, Some(id));
            }
            let next = last.filter(|_| seen == limit);
            Ok(GrantPage {
                grants,
                unreadable,
                next: next.map(|id| GrantCursor::new(id.to_string())),
            })
        })
        .await
    }
}
