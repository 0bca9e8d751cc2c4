//! What is wrong with pages.

use oauth_core::store::{Grant, GrantCursor, GrantPage};
use oauth_core::{GrantId, StoreError};
use oauth_testkit::sample;

use super::{BrokenDirectory, Defect};
use crate::without_amr;

impl BrokenDirectory {
    /// The index in the order of identifiers.
    pub(super) fn page_of(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        let limit = match self.defect {
            Defect::GivesAllAtOnce => usize::MAX,
            Defect::GivesNoneForNone if limit == 0 => {
                return Ok(GrantPage {
                    grants: Vec::new(),
                    unreadable: Vec::new(),
                    next: None,
                });
            }
            _ => limit.max(1),
        };
        let mut all = self.index.lock().unwrap().clone();
        if self.defect == Defect::MovesOthersIntoGaps {
            return self.page_by_offset(&all, after, limit);
        }
        all.sort_by_key(|grant| grant.id);
        if self.defect == Defect::PagesByOffset {
            all.retain(|grant| grant.revoked_at.is_none());
            return self.page_by_offset(&all, after, limit);
        }
        if self.defect == Defect::PagesWhatIsLive {
            all.retain(|grant| grant.revoked_at.is_none() && grant.expires_at > sample::at(1));
        }
        if self.defect == Defect::PagesWhatIsDecided {
            all.retain(|grant| grant.subject.is_some());
        }
        let after: Option<GrantId> = match after.map(|cursor| cursor.as_str().parse()) {
            Some(Err(_)) if self.defect == Defect::TakesAnyCursor => None,
            after => after.transpose().map_err(StoreError::permanent)?,
        };
        if self.defect == Defect::PagesByShard {
            all.retain(|grant| after.is_none_or(|after| grant.id.shard() > after.shard()));
        } else {
            all.retain(|grant| after.is_none_or(|after| grant.id > after));
        }
        let has_more = all.len() > limit;
        all.truncate(limit);
        if self.defect == Defect::DropsAField {
            for grant in &mut all {
                grant.payload = without_amr(&grant.payload);
            }
        }
        let last = match self.defect {
            Defect::NeverEnds => all
                .last()
                .map(|last| last.id)
                .or(Some(GrantId::from_bytes([0; 18]))),
            _ => all.last().filter(|_| has_more).map(|last| last.id),
        };
        let next = last.map(|last| GrantCursor::new(last.to_string()));
        let unreadable = match self.defect {
            Defect::CallsThemUnreadable => all.iter().map(|grant| grant.id).collect(),
            _ => Vec::new(),
        };
        Ok(GrantPage {
            grants: all,
            unreadable,
            next,
        })
    }

    /// Goes by how many came before, which changes when one of them goes.
    fn page_by_offset(
        &self,
        all: &[Grant],
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        let offset: Option<usize> = after
            .map(|cursor| cursor.as_str().parse())
            .transpose()
            .map_err(StoreError::permanent)?;
        let offset = offset.unwrap_or(0);
        let grants: Vec<Grant> = all.iter().skip(offset).take(limit).cloned().collect();
        let next = offset + grants.len();
        let next = (!grants.is_empty()).then(|| GrantCursor::new(next.to_string()));
        Ok(GrantPage {
            grants,
            unreadable: Vec::new(),
            next,
        })
    }
}
