use std::borrow::Cow;
use std::fmt;

use time::OffsetDateTime;

use super::{Credential, Grant};
use crate::credential::{CredentialKey, GrantId};

/// Identifies one exchange, so that it can be asked again when its answer was lost.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExchangeId([u8; 16]);

impl ExchangeId {
    /// The identifier with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for ExchangeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "ExchangeId({:032x})",
            u128::from_be_bytes(self.0)
        )
    }
}

/// What an exchange does to the credential it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spend {
    /// Spends this credential.
    Once(CredentialKey),
    /// Spends nothing, but happens only while this credential is unspent.
    Nothing {
        /// The credential that must be unspent.
        while_unspent: CredentialKey,
    },
}

impl Spend {
    /// The credential that is spent or required.
    pub const fn key(&self) -> &CredentialKey {
        match self {
            Self::Once(key) | Self::Nothing { while_unspent: key } => key,
        }
    }
}

/// Spends at most one credential under a live grant and records its successors.
#[derive(Clone, Debug)]
pub struct Exchange<'a> {
    /// Kept as [`Credential::spent_by`].
    pub id: ExchangeId,
    /// The grant the credential belongs to.
    pub grant: GrantId,
    /// What is spent.
    pub spend: Spend,
    /// The credentials that are recorded with it.
    pub successors: Cow<'a, [Credential]>,
    /// The moment that expiry is compared with and `spent_at` is set to.
    pub now: OffsetDateTime,
}

/// How an exchange ended. Anything but `Done` has changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Exchanged {
    /// It happened, now or when the same exchange was asked before.
    Done,
    /// The credential was spent by another exchange, or revoked.
    Spent {
        /// The grant it belongs to.
        grant: GrantId,
        /// When it was spent.
        at: OffsetDateTime,
    },
    /// The credential has expired.
    Expired,
    /// The grant is revoked, expired, undecided or gone.
    Inactive,
    /// There is no such credential under this grant.
    Unknown,
}

/// What an exchange changes, and its answer; made by [`Exchange::effect_on`].
///
/// A store writes `spent` and `successors`, all or nothing, and answers `exchanged`. Where nothing is to be
/// written, they are empty.
#[derive(Debug, PartialEq)]
#[must_use = "what is not written did not happen"]
pub struct ExchangeEffect<'a> {
    /// The answer. Where it is [`Exchanged::Done`], it counts only once the rest was written.
    pub exchanged: Exchanged,
    /// The credential as it is from now on, to be written over the one that was read. Where it is a code
    /// or refresh token, and only then, [`ListedGrant::last_exchange_at`](super::ListedGrant::last_exchange_at) moves on.
    pub spent: Option<Credential>,
    /// To be recorded under the grant of the exchange. One that is there already stays as it is.
    pub successors: &'a [Credential],
}

impl Exchange<'_> {
    /// What comes of the exchange, given what a store has read:
    /// [`GrantStore::exchange`](super::GrantStore::exchange) between reading and writing.
    ///
    /// `grant` is what the store has under the identifier [`grant`](Self::grant), and `credential` what it has under
    /// the [key](Spend::key) of [`spend`](Self::spend), with the grant that it belongs to; `None` where that is
    /// nothing. Another grant or credential than the one that the exchange names counts as nothing, too.
    /// Reading, this and writing have to be one step: under one lock, or in one transaction that nobody else writes
    /// beside. The checks and their order are those of the contract.
    ///
    /// # Example
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use oauth_core::store::{Credential, Exchange, Exchanged, Grant};
    /// use oauth_core::{CredentialKey, GrantId};
    ///
    /// struct Tables {
    ///     grants: HashMap<GrantId, Grant>,
    ///     credentials: HashMap<CredentialKey, (GrantId, Credential)>,
    /// }
    ///
    /// /// Called with the tables locked.
    /// fn exchange(tables: &mut Tables, exchange: &Exchange<'_>) -> Exchanged {
    ///     let credential = tables.credentials.get(exchange.spend.key()).cloned();
    ///     let effect = exchange.effect_on(tables.grants.get(&exchange.grant), credential);
    ///     if let Some(spent) = effect.spent {
    ///         tables.credentials.insert(spent.key, (exchange.grant, spent));
    ///     }
    ///     for successor in effect.successors {
    ///         let place = tables.credentials.entry(successor.key);
    ///         place.or_insert_with(|| (exchange.grant, successor.clone()));
    ///     }
    ///     effect.exchanged
    /// }
    /// ```
    pub fn effect_on(
        &self,
        grant: Option<&Grant>,
        credential: Option<(GrantId, Credential)>,
    ) -> ExchangeEffect<'_> {
        let nothing = |exchanged| ExchangeEffect {
            exchanged,
            spent: None,
            successors: &[],
        };
        if !grant.is_some_and(|grant| grant.id == self.grant && grant.is_active(self.now)) {
            return nothing(Exchanged::Inactive);
        }
        let mut credential = match credential {
            Some((grant, it)) if grant == self.grant && it.key == *self.spend.key() => it,
            _ => return nothing(Exchanged::Unknown),
        };
        let spent = credential.spent_at.map(|at| (at, credential.spent_by));
        if let Some(exchanged) = self.settled_by(spent, credential.expires_at) {
            return nothing(exchanged);
        }
        credential.spent_at = Some(self.now);
        credential.spent_by = Some(self.id);
        ExchangeEffect {
            exchanged: Exchanged::Done,
            spent: Some(credential).filter(|_| matches!(self.spend, Spend::Once(_))),
            successors: &self.successors,
        }
    }

    /// The answer for a credential under an active grant where nothing is to be written.
    pub(super) fn settled_by(
        &self,
        spent: Option<(OffsetDateTime, Option<ExchangeId>)>,
        expires_at: OffsetDateTime,
    ) -> Option<Exchanged> {
        match spent {
            Some((_, by)) if by == Some(self.id) => Some(Exchanged::Done),
            Some((at, _)) => Some(Exchanged::Spent {
                grant: self.grant,
                at,
            }),
            None if expires_at <= self.now => Some(Exchanged::Expired),
            None => None,
        }
    }

    /// The same exchange with successors of its own, for a thread or a task that outlives the call.
    #[must_use]
    pub fn into_owned(self) -> Exchange<'static> {
        Exchange {
            id: self.id,
            grant: self.grant,
            spend: self.spend,
            successors: Cow::Owned(self.successors.into_owned()),
            now: self.now,
        }
    }
}

#[cfg(test)]
mod tests;
