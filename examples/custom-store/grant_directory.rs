//! The grants of one subject, for an account page: the optional half of the store.

use async_trait::async_trait;
use oauth_core::store::{Grant, GrantDirectory};
use oauth_core::{GrantId, StoreError, Subject};
use time::OffsetDateTime;

use crate::database::RedbGrantStore;
use crate::rows::{GRANTS, SUBJECTS, grant};

#[async_trait]
impl GrantDirectory for RedbGrantStore {
    async fn list(&self, subject: &Subject, now: OffsetDateTime) -> Result<Vec<Grant>, StoreError> {
        let subject = subject.clone();
        self.read(move |transaction| {
            let grants = transaction.open_table(GRANTS)?;
            let subjects = transaction.open_table(SUBJECTS)?;
            let (kind, id) = (subject.kind(), subject.id());
            let mut listed = Vec::new();
            for entry in subjects.range((kind, id, &[0; 18])..=(kind, id, &[0xff; 18]))? {
                let entry = entry?;
                let (_, _, id) = entry.0.value();
                listed.extend(grant(&grants, GrantId::from_bytes(*id))?);
            }
            listed.retain(|grant| grant.is_active(now));
            Ok(listed)
        })
        .await
    }
}
