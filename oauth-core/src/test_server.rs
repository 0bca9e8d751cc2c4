//! A server with a clock that tests set, a store that fails when told to, and a few clients.

mod browser;
mod client_application;
mod parking;
mod verb;
mod watched_store;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

pub(crate) use browser::{Callback, Form, VERIFIER, alice, bob, get, local_page, location};
pub(crate) use client_application::{Answer, secret_of};
pub(crate) use parking::Holdings;
pub(crate) use verb::{Fault, Verb};
pub(crate) use watched_store::{Kept, WatchedStore};

use crate::client::ClientBuilder;
use crate::clock::Clock;
use crate::server::{AuthorizationServer, AuthorizationServerBuilder};
use crate::{Client, GrantType, TokenEndpointAuthMethod};

pub(crate) const ISSUER: &str = "https://auth.example";

/// When the tests begin: a whole second.
pub(crate) const START: OffsetDateTime = {
    match OffsetDateTime::from_unix_timestamp(1_767_225_600) {
        Ok(start) => start,
        Err(_) => OffsetDateTime::UNIX_EPOCH,
    }
};

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn at_start() -> Self {
        Self(Arc::new(AtomicI64::new(0)))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let milliseconds = i64::try_from(by.whole_milliseconds()).unwrap();
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        START + Duration::milliseconds(self.0.load(Ordering::SeqCst))
    }
}

/// The server under test and what it stands on.
#[derive(Clone)]
pub(crate) struct TestServer {
    pub(crate) server: AuthorizationServer,
    pub(crate) clock: TestClock,
    pub(crate) store: WatchedStore,
}

impl TestServer {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    /// A server with more than the defaults.
    pub(crate) fn with(
        tweak: impl FnOnce(AuthorizationServerBuilder) -> AuthorizationServerBuilder,
    ) -> Self {
        Self::issued_by(ISSUER, tweak)
    }

    pub(crate) fn issued_by(
        issuer: &str,
        tweak: impl FnOnce(AuthorizationServerBuilder) -> AuthorizationServerBuilder,
    ) -> Self {
        let clock = TestClock::at_start();
        let store = WatchedStore::default();
        for client in clients() {
            store.register(client);
        }
        let builder = AuthorizationServer::builder(issuer)
            .store(store.clone())
            .clock(clock.clone())
            .scope("profile", "Read your profile");
        let server = tweak(builder).build().unwrap();
        Self {
            server,
            clock,
            store,
        }
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}

/// `web` as it is registered at first; tests register other versions of it.
pub(crate) fn web() -> ClientBuilder {
    client("web")
        .secret(&secret_of("web"))
        .name("Photo <printer>")
}

/// Not finished, so that a test can add to it.
fn client(id: &str) -> ClientBuilder {
    Client::builder(id)
        .redirect_uri(format!("https://{id}.example/callback"))
        .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN])
        .scope("profile email")
}

fn loopback(id: &str) -> ClientBuilder {
    Client::builder(id)
        .redirect_uri("http://127.0.0.1/callback")
        .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN])
        .scope("profile email")
}

fn clients() -> Vec<Client> {
    let job = Client::builder("job")
        .secret(&secret_of("job"))
        .grant_types([GrantType::CLIENT_CREDENTIALS])
        .scope("report audit");
    [
        web(),
        client("post")
            .secret(&secret_of("post"))
            .token_endpoint_auth_method(TokenEndpointAuthMethod::CLIENT_SECRET_POST),
        client("spa"),
        loopback("cli"),
        client("own").secret(&secret_of("own")).first_party(true),
        loopback("own-cli").first_party(true),
        job,
    ]
    .into_iter()
    .map(|client| client.build().unwrap())
    .collect()
}
