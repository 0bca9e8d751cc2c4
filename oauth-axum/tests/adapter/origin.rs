//! Where a request came from, as an event sink is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::get;
use http::Request;
use oauth_axum::RequireToken;
use oauth_core::event::{Event, EventSink};
use oauth_core::{NoScope, RequestOrigin};

use crate::host::{AUTHORIZE, builder, post_form, routes, send, with_state};

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
fn refused() -> [Request<Body>; 5] {
    let get = |uri: &str| Request::get(uri).body(Body::empty()).unwrap();
    let nobody = AUTHORIZE.replace("client_id=web", "client_id=nobody");
    [
        post_form("/token", "grant_type=x".to_owned()),
        get(&nobody),
        post_form("/consent", "decision=x".to_owned()),
        get("/api/profile"),
        get("/api/behind-a-layer"),
    ]
}

async fn told(mark: impl Fn(&mut Request<Body>)) -> Vec<(String, String)> {
    let origins = Origins::default();
    let builder = builder("https://auth.example").event_sink(origins.clone());
    let server = builder.build().unwrap();
    let layer = RequireToken::<NoScope, _>::new(server.clone());
    let guarded = Router::new()
        .route("/api/behind-a-layer", get(async || ()))
        .route_layer(layer);
    let router = with_state(&server, routes(&server)).merge(guarded);
    for mut request in refused() {
        mark(&mut request);
        assert!(send(&router, request).await.status.is_client_error());
    }
    let told = origins.0.lock().unwrap();
    told.clone()
}

fn connection() -> ConnectInfo<SocketAddr> {
    ConnectInfo("192.0.2.7:4711".parse().unwrap())
}

#[tokio::test]
async fn the_connection_tells_where_a_request_came_from() {
    let told = told(|request| {
        request.extensions_mut().insert(connection());
    });
    let expected = ("192.0.2.7".to_owned(), String::new());
    assert_eq!(told.await, vec![expected; 5]);
}

#[tokio::test]
async fn what_the_host_says_goes_before_the_connection() {
    let told = told(|request| {
        let origin = RequestOrigin::new().with_request_id("r-1");
        request.extensions_mut().insert(origin);
        request.extensions_mut().insert(connection());
    });
    let expected = (String::new(), "r-1".to_owned());
    assert_eq!(told.await, vec![expected; 5]);
}

#[tokio::test]
async fn nothing_is_made_up_from_headers() {
    let told = told(|request| {
        let headers = request.headers_mut();
        headers.insert("x-forwarded-for", "192.0.2.9".parse().unwrap());
        headers.insert("x-request-id", "r-9".parse().unwrap());
    });
    assert_eq!(told.await, vec![(String::new(), String::new()); 5]);
}
