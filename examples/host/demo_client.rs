//! The other app of the demonstration: a client that connects to this server.
//!
//! It belongs to somebody else and could run anywhere. It is started beside the server only so that
//! one command shows the whole flow.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use web_client::Settings;

/// Starts the client on the port after the server's, and says where to open it. `None` when that
/// port is taken, or the server is not on a loopback address, which alone a client may have without
/// TLS; the `web-client` program can still be started.
pub async fn start(issuer: &str, server: SocketAddr, port_was_chosen: bool) -> Option<String> {
    if !server.ip().is_loopback() {
        return None;
    }
    let port = if port_was_chosen {
        server.port().checked_add(1)?
    } else {
        0
    };
    let listener = TcpListener::bind((server.ip(), port)).await.ok()?;
    let url = format!("http://{}", listener.local_addr().ok()?);
    let settings = Settings::new(issuer, &format!("{url}/callback")).ok()?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, web_client::router(settings)).await {
            tracing::warn!("the demo client stopped: {error}");
        }
    });
    Some(url)
}
