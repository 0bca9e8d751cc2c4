//! The grant type at the token endpoint, without a network.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use oauth_core::store::memory::MemoryStore;
use oauth_core::{
    AuthorizationServer, Client, ClientId, StoreError, TokenEndpointAuthMethod, UserId,
};
use oauth_testkit::sample::START;
use oauth_testkit::{TestClient, TestClock};
use time::OffsetDateTime;

use crate::grant::{VOUCHER, VoucherPolicy, Vouchers, voucher_grant};
use crate::voucher::{MemoryVouchers, Redeemed, Voucher, VoucherCode, VoucherKey, VoucherStore};

const SECRET: &str = "a-secret-0123456789abcdef";

fn client(id: &str, scope: &str) -> Client {
    let client = Client::builder(id)
        .secret(SECRET)
        .grant_types([voucher_grant()]);
    client.scope(scope).build().unwrap()
}

fn server(vouchers: &Vouchers) -> AuthorizationServer {
    server_at(vouchers, &TestClock::default())
}

fn server_at(vouchers: &Vouchers, clock: &TestClock) -> AuthorizationServer {
    let public = Client::builder("public")
        .token_endpoint_auth_method(TokenEndpointAuthMethod::NONE)
        .grant_types([voucher_grant()])
        .scope("profile");
    let clients = [
        client("kiosk", "profile email"),
        client("other", "profile"),
        client("printer", "print"),
        public.build().unwrap(),
    ];
    AuthorizationServer::builder("https://auth.example")
        .store(MemoryStore::new(clients))
        .clock(clock.clone())
        .grant_type(voucher_grant(), vouchers.clone())
        .build()
        .unwrap()
}

fn vouchers(store: impl VoucherStore) -> Vouchers {
    Vouchers::new(VoucherPolicy::new("profile").unwrap(), Arc::new(store))
}

async fn issued(vouchers: &Vouchers) -> String {
    let (user, kiosk) = (UserId::new("alice"), ClientId::parse("kiosk").unwrap());
    let code = vouchers.issue(user, kiosk, START).await.unwrap();
    code.expose().to_owned()
}

/// What the token endpoint answers: status, and the error or the scope.
async fn redeem(server: &AuthorizationServer, client: &str, fields: &[Field<'_>]) -> (u16, String) {
    let client = TestClient::confidential(server, client, SECRET);
    let fields = [&[("grant_type", VOUCHER)], fields].concat();
    let answer = client.token(&fields).await;
    let told = answer.error().or(answer.text("scope"));
    (answer.status().as_u16(), told.unwrap().to_owned())
}

type Field<'a> = (&'a str, &'a str);

fn refused(error: &str) -> (u16, String) {
    (400, error.to_owned())
}

#[tokio::test]
async fn a_voucher_buys_one_token_for_what_the_policy_allows() {
    let vouchers = vouchers(MemoryVouchers::default());
    let server = server(&vouchers);
    let code = issued(&vouchers).await;
    let form = [("voucher", code.as_str())];
    // The client may have email, but not for a voucher.
    assert_eq!(
        redeem(&server, "kiosk", &form).await,
        (200, "profile".to_owned())
    );
    assert_eq!(
        redeem(&server, "kiosk", &form).await,
        refused("invalid_grant")
    );
}

#[tokio::test]
async fn a_refused_request_spends_nothing() {
    let vouchers = vouchers(MemoryVouchers::default());
    let server = server(&vouchers);
    let code = issued(&vouchers).await;
    let form = [("voucher", code.as_str())];
    let wider = [form[0], ("scope", "profile email")];
    assert_eq!(
        redeem(&server, "kiosk", &wider).await,
        refused("invalid_scope")
    );
    assert_eq!(
        redeem(&server, "other", &form).await,
        refused("invalid_grant")
    );
    assert_eq!(
        redeem(&server, "printer", &form).await,
        refused("invalid_scope")
    );
    assert_eq!(
        redeem(&server, "kiosk", &[]).await,
        refused("invalid_request")
    );
    assert_eq!(
        redeem(&server, "kiosk", &[("voucher", "guess")]).await,
        refused("invalid_grant")
    );
    assert_eq!(redeem(&server, "kiosk", &form).await.0, 200);
}

#[tokio::test]
async fn a_public_client_gets_nothing() {
    let vouchers = vouchers(MemoryVouchers::default());
    let server = server(&vouchers);
    let public = TestClient::public(&server, "public");
    let fields = [("grant_type", VOUCHER), ("voucher", "x")];
    let answer = public.token(&fields).await;
    assert_eq!(answer.error(), Some("unauthorized_client"));
}

#[tokio::test]
async fn a_voucher_ends_by_the_clock_of_the_server() {
    let vouchers = vouchers(MemoryVouchers::default());
    let clock = TestClock::default();
    let server = server_at(&vouchers, &clock);
    for (after, told) in [
        (899, (200, "profile".to_owned())),
        (900, refused("invalid_grant")),
    ] {
        clock.set(START);
        let code = issued(&vouchers).await;
        clock.advance(Duration::from_secs(after));
        let answer = redeem(&server, "kiosk", &[("voucher", &code)]).await;
        assert_eq!(answer, told, "after {after} seconds");
    }
}

#[tokio::test]
async fn a_voucher_ends() {
    let store = MemoryVouchers::default();
    let (code, now) = (VoucherCode::random(), START);
    let kiosk = ClientId::parse("kiosk").unwrap();
    let voucher = Voucher {
        user: UserId::new("alice"),
        client: kiosk.clone(),
        expires_at: now + Duration::from_secs(60),
    };
    let key = VoucherKey::of(code.expose());
    store.put(key, voucher).await.unwrap();
    let late = now + Duration::from_secs(60);
    assert_eq!(
        store.redeem(key, &kiosk, late).await.unwrap(),
        Redeemed::Unknown
    );
    assert_eq!(format!("{code:?}"), "VoucherCode(redacted)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_alone_is_served() {
    let vouchers = vouchers(MemoryVouchers::default());
    let server = server(&vouchers);
    for _ in 0..50 {
        let code = issued(&vouchers).await;
        let attempts: Vec<_> = (0..8)
            .map(|_| {
                let (server, code) = (server.clone(), code.clone());
                tokio::spawn(async move { redeem(&server, "kiosk", &[("voucher", &code)]).await.0 })
            })
            .collect();
        let mut served = 0;
        for attempt in attempts {
            served += u32::from(attempt.await.unwrap() == 200);
        }
        assert_eq!(served, 1);
    }
}

/// Spends the voucher and then loses the answer.
#[derive(Default)]
struct Flaky(MemoryVouchers);

#[async_trait]
impl VoucherStore for Flaky {
    async fn put(&self, key: VoucherKey, voucher: Voucher) -> Result<(), StoreError> {
        self.0.put(key, voucher).await
    }

    async fn redeem(
        &self,
        key: VoucherKey,
        client: &ClientId,
        now: OffsetDateTime,
    ) -> Result<Redeemed, StoreError> {
        match self.0.redeem(key, client, now).await? {
            Redeemed::For(_) => Err(StoreError::transient("connection lost")),
            other => Ok(other),
        }
    }
}

#[tokio::test]
async fn an_outcome_in_doubt_grants_nothing() {
    let vouchers = vouchers(Flaky::default());
    let server = server(&vouchers);
    let code = issued(&vouchers).await;
    let form = [("voucher", code.as_str())];
    let answer = redeem(&server, "kiosk", &form).await;
    assert_eq!(answer, (503, "temporarily_unavailable".to_owned()));
    assert_eq!(
        redeem(&server, "kiosk", &form).await,
        refused("invalid_grant")
    );
}
