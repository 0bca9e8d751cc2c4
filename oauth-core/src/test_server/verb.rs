//! The calls that a store gets, and how they fail.

use crate::StoreError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    FindClient,
    Open,
    FindCredential,
    DecideGrant,
    Exchange,
    Revoke,
    PurgeGrants,
    ListGrants,
    PageOfGrants,
    Put,
    Get,
    Take,
    PurgeRequests,
    FindConsent,
    ListConsents,
    Record,
    Withdraw,
    IsActive,
}

impl Verb {
    /// Whether it changes a store.
    pub(super) fn writes(self) -> bool {
        match self {
            Self::Open
            | Self::DecideGrant
            | Self::Exchange
            | Self::Revoke
            | Self::PurgeGrants
            | Self::Put
            | Self::Take
            | Self::PurgeRequests
            | Self::Record
            | Self::Withdraw => true,
            Self::FindClient
            | Self::FindCredential
            | Self::ListGrants
            | Self::PageOfGrants
            | Self::Get
            | Self::FindConsent
            | Self::ListConsents
            | Self::IsActive => false,
        }
    }
}

/// How a call fails: for the moment or for good, before it did its work or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    TransientBefore,
    TransientAfter,
    PermanentBefore,
    PermanentAfter,
}

impl Fault {
    pub(super) fn is_before(self) -> bool {
        matches!(self, Self::TransientBefore | Self::PermanentBefore)
    }

    pub(super) fn error(self) -> StoreError {
        match self {
            Self::TransientBefore | Self::TransientAfter => {
                StoreError::transient("the cable to 10.0.0.1 is out")
            }
            Self::PermanentBefore | Self::PermanentAfter => {
                StoreError::permanent("no such table: grants")
            }
        }
    }
}
