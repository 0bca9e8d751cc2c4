//! Where a request came from, as an event sink is told.

use std::sync::{Arc, Mutex};

use actix_web::HttpMessage;
use actix_web::dev::Service;
use actix_web::test::TestRequest;
use actix_web::web::scope;
use oauth_core::RequestOrigin;
use oauth_core::event::{Event, EventSink};

use crate::host::{AUTHORIZE, Host, builder, post_form, routes};

/// Peer and request identifier of each event.
#[derive(Clone, Default)]
struct Origins(Arc<Mutex<Vec<(String, String)>>>);

impl EventSink for Origins {
    fn event(&self, event: &Event<'_>) {
        let peer = event.peer().map(|peer| peer.to_string());
        let request_id = event.request_id().unwrap_or_default().to_owned();
        let origin = (peer.unwrap_or_default(), request_id);
        self.0.lock().unwrap().push(origin);
    }
}

/// Requests to each kind of route that are refused.
fn refused() -> [TestRequest; 4] {
    let nobody = AUTHORIZE.replace("client_id=web", "client_id=nobody");
    [
        post_form("/token", "grant_type=x"),
        TestRequest::get().uri(&nobody),
        post_form("/consent", "decision=x"),
        TestRequest::get().uri("/api/profile"),
    ]
}

async fn told(
    stated: Option<RequestOrigin>,
    mark: impl Fn(TestRequest) -> TestRequest,
) -> Vec<(String, String)> {
    let origins = Origins::default();
    let builder = builder("https://auth.example").event_sink(origins.clone());
    let server = builder.build().unwrap();
    let host = Host::start(|config| {
        let host = scope("").wrap_fn(move |request, service| {
            if let Some(stated) = &stated {
                request.extensions_mut().insert(stated.clone());
            }
            service.call(request)
        });
        config.service(host.configure(|config| routes(config, &server)));
    })
    .await;
    for request in refused() {
        let status = host.send(mark(request)).await.status;
        assert!((400..500).contains(&status), "{status}");
    }
    let told = origins.0.lock().unwrap();
    told.clone()
}

fn connected(request: TestRequest) -> TestRequest {
    request.peer_addr("192.0.2.7:4711".parse().unwrap())
}

#[tokio::test]
async fn the_connection_tells_where_a_request_came_from() {
    let expected = ("192.0.2.7".to_owned(), String::new());
    assert_eq!(told(None, connected).await, vec![expected; 4]);
}

#[tokio::test]
async fn what_the_host_says_goes_before_the_connection() {
    let stated = RequestOrigin::new().with_request_id("r-1");
    let expected = (String::new(), "r-1".to_owned());
    assert_eq!(told(Some(stated), connected).await, vec![expected; 4]);
}

#[tokio::test]
async fn nothing_is_made_up_from_headers() {
    let told = told(None, |request| {
        let request = request.insert_header(("x-forwarded-for", "192.0.2.9"));
        request.insert_header(("x-request-id", "r-9"))
    });
    assert_eq!(told.await, vec![(String::new(), String::new()); 4]);
}
