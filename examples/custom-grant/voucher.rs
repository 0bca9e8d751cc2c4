//! Vouchers: what they are, and the one step in which they are spent.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use host::Key;
use oauth_core::{ClientId, StoreError, UserId};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// The text that is printed. Whoever holds it can act for the user, so it is 256 random bits and shown
/// nowhere else.
pub(crate) struct VoucherCode(String);

impl VoucherCode {
    pub(crate) fn random() -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(Key::<32>::random().as_bytes()))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for VoucherCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("VoucherCode(redacted)")
    }
}

/// All that a store sees of a code: its SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct VoucherKey([u8; 32]);

impl VoucherKey {
    pub(crate) fn of(code: &str) -> Self {
        Self(Sha256::digest(code).into())
    }
}

/// What a voucher is good for.
#[derive(Clone, Debug)]
pub(crate) struct Voucher {
    /// For whom the client may act.
    pub(crate) user: UserId,
    /// The one client that may spend it.
    pub(crate) client: ClientId,
    /// From this moment on it is worth nothing.
    pub(crate) expires_at: OffsetDateTime,
}

/// What came of an attempt to spend a voucher.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Redeemed {
    /// It was good, and is spent now.
    For(UserId),
    /// It was spent before, by the client it was made for.
    Spent,
    /// There is no such voucher for this client, or it has expired.
    Unknown,
}

/// Where vouchers are kept.
#[async_trait]
pub(crate) trait VoucherStore: Send + Sync + 'static {
    /// Keeps a new voucher.
    ///
    /// # Errors
    ///
    /// [`StoreError`] for a failing store.
    async fn put(&self, key: VoucherKey, voucher: Voucher) -> Result<(), StoreError>;

    /// Spends a voucher, if it is this client's, not expired at `now` and not spent: in one step, so that
    /// of several attempts at once one alone gets the user. To look first and write later would let two
    /// through. In SQL:
    ///
    /// ```sql
    /// UPDATE voucher SET spent_at = :now
    ///  WHERE key = :key AND client = :client AND expires_at > :now AND spent_at IS NULL
    /// RETURNING user_id
    /// ```
    ///
    /// One row: `For`. None: a second statement tells `Spent` from `Unknown`. It returns once that is
    /// committed, and asks the primary, not a replica. Another client's attempt changes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] for a failing store. The voucher may be spent then; nobody was given a token for it.
    async fn redeem(
        &self,
        key: VoucherKey,
        client: &ClientId,
        now: OffsetDateTime,
    ) -> Result<Redeemed, StoreError>;
}

/// Vouchers in the process: for one process, and gone when it ends.
#[derive(Default)]
pub(crate) struct MemoryVouchers(Mutex<HashMap<VoucherKey, (Voucher, bool)>>);

#[async_trait]
impl VoucherStore for MemoryVouchers {
    async fn put(&self, key: VoucherKey, voucher: Voucher) -> Result<(), StoreError> {
        let mut vouchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        vouchers.insert(key, (voucher, false));
        Ok(())
    }

    async fn redeem(
        &self,
        key: VoucherKey,
        client: &ClientId,
        now: OffsetDateTime,
    ) -> Result<Redeemed, StoreError> {
        // The lock is held over test and write, which makes one step of them.
        let mut vouchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Entry::Occupied(mut found) = vouchers.entry(key) else {
            return Ok(Redeemed::Unknown);
        };
        let (voucher, spent) = found.get_mut();
        if voucher.client != *client {
            return Ok(Redeemed::Unknown);
        }
        if voucher.expires_at <= now {
            found.remove();
            return Ok(Redeemed::Unknown);
        }
        if *spent {
            return Ok(Redeemed::Spent);
        }
        *spent = true;
        Ok(Redeemed::For(voucher.user.clone()))
    }
}
