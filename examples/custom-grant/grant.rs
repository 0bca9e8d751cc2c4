//! The grant type: what the token endpoint does with a voucher.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use oauth_core::grant::{GrantHandler, TokenRequest, TokenResponse};
use oauth_core::{
    ClientId, ErrorCode, GrantType, InvalidScope, Rejection, Scope, StoreError, Subject, UserId,
};
use time::OffsetDateTime;

use crate::voucher::{Redeemed, Voucher, VoucherCode, VoucherKey, VoucherStore};

/// The name: an absolute URI of a domain that one owns (RFC 6749 section 4.5).
pub(crate) const VOUCHER: &str = "https://tickets.example/oauth/grant-type/voucher";

pub(crate) fn voucher_grant() -> GrantType {
    GrantType::new(VOUCHER)
}

/// What a voucher may ever be good for.
#[derive(Clone, Debug)]
pub(crate) struct VoucherPolicy {
    /// How long a voucher can be spent. Default: 15 minutes.
    pub(crate) lifetime: Duration,
    /// The most that a token from a voucher can do, whatever the client may have otherwise.
    pub(crate) scope: Scope,
}

impl VoucherPolicy {
    pub(crate) fn new(scope: &str) -> Result<Self, InvalidScope> {
        Ok(Self {
            lifetime: Duration::from_secs(15 * 60),
            scope: Scope::parse(scope)?,
        })
    }
}

/// Issues vouchers to people, and exchanges them for tokens. A clone shares everything.
#[derive(Clone)]
pub(crate) struct Vouchers {
    policy: VoucherPolicy,
    store: Arc<dyn VoucherStore>,
}

/// Unknown, expired, spent, another client's: who guesses is not told which.
const INVALID: Rejection = Rejection::new(
    ErrorCode::InvalidGrant,
    "the voucher is unknown, expired or used, or was issued for another client",
);

impl Vouchers {
    pub(crate) fn new(policy: VoucherPolicy, store: Arc<dyn VoucherStore>) -> Self {
        Self { policy, store }
    }

    /// A voucher with which this client can act for the user.
    pub(crate) async fn issue(
        &self,
        user: UserId,
        client: ClientId,
        now: OffsetDateTime,
    ) -> Result<VoucherCode, StoreError> {
        let code = VoucherCode::random();
        let expires_at = now + self.policy.lifetime;
        let voucher = Voucher {
            user,
            client,
            expires_at,
        };
        self.store
            .put(VoucherKey::of(code.expose()), voucher)
            .await?;
        Ok(code)
    }
}

#[async_trait]
impl GrantHandler for Vouchers {
    async fn handle(&self, request: &TokenRequest<'_>) -> Result<TokenResponse, Rejection> {
        // Everything that can be wrong with the request comes first: a refused request spends nothing.
        let client = request.client();
        if client.is_public() {
            return Err(Rejection::new(
                ErrorCode::UnauthorizedClient,
                "a public client cannot use vouchers",
            ));
        }
        let code = request
            .parameters()
            .required("voucher", "voucher is missing")?;
        let most = client.scope().intersection(&self.policy.scope);
        let scope = request.scope_within(&most)?;
        if scope.is_empty() {
            return Err(Rejection::new(
                ErrorCode::InvalidScope,
                "the client can have nothing for a voucher",
            ));
        }
        // Spent before the grant is opened, never after: if the process dies in between, a voucher is lost
        // and the user gets another one. The other way round it would buy two grants.
        let key = VoucherKey::of(code);
        match self.store.redeem(key, client.id(), request.now()).await? {
            Redeemed::For(user) => request.open(Subject::User(user), scope).await,
            Redeemed::Spent => {
                tracing::warn!(client_id = %client.id(), "a voucher was presented again");
                Err(INVALID)
            }
            Redeemed::Unknown => Err(INVALID),
        }
    }
}
