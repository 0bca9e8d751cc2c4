//! Bearer verification on the store in memory: no allocation, since the answer shares what the store holds.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use http::{Request, header};
use oauth_core::store::memory::MemoryStore;
use oauth_core::{AuthorizationServer, Client, GrantType, Requirement, ResourceServer};
use oauth_testkit::TestClient;

const SECRET: &str = "Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU";

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}

#[test]
fn verification_allocates_nothing() {
    let job = Client::builder("job")
        .secret(SECRET)
        .grant_types([GrantType::CLIENT_CREDENTIALS])
        .scope("report audit");
    let server = AuthorizationServer::builder("https://auth.example.com")
        .store(MemoryStore::new([job.build().expect("a client")]))
        .build()
        .expect("a server");
    let job = TestClient::confidential(&server, "job", SECRET);
    let answer = now(job.client_credentials());
    let token = answer.access_token();
    let resource = Request::get("/report").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let (parts, ()) = resource.body(()).expect("a request").into_parts();

    let allocated = measure(|| {
        let verified = now(server.authenticate(&parts, &Requirement::scope("report audit")));
        assert!(verified.is_ok());
    });
    assert_eq!(allocated.count_total, 0, "{allocated:?}");
}
