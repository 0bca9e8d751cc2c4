//! An API in its own process: it has no users, no sessions and no stores, and asks the authorization server
//! what a token is worth.

mod metadata;
mod options;

use std::error::Error;
use std::process::ExitCode;

use axum::routing::get;
use axum::{Json, Router};
use clap::Parser;
use host::metrics::METRICS_HEADERS;
use host::profile::{Address, Me};
use host::shutdown::Shutdown;
use host::{Metrics, issuer, logging};
use oauth_axum::UserToken;
use oauth_core::event::MetricsSink;
use oauth_core::{ProtectedResource, RequiredScope, ResourceMetadata};
use oauth_introspection::RemoteVerifier;
use options::Options;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let end = Shutdown::new()?;
    let endpoint = metadata::introspection_endpoint(&options.issuer).await?;
    let secret = options.client_secret.expose();
    let verifier = RemoteVerifier::builder(endpoint, options.client_id, secret)
        .issuer(&options.issuer)
        .max_age(options.max_age)
        .build()?;
    let identifier = options
        .resource
        .unwrap_or_else(|| format!("{}/", issuer::for_address(address)));
    let metadata = ResourceMetadata::new(identifier)
        .authorization_server(&options.issuer)
        .scope(Profile::SCOPE)
        .scope(Email::SCOPE)
        .name("Example API");
    let metrics = Metrics::start()?;
    let resource = ProtectedResource::new(metadata, verifier)?.event_sink(MetricsSink::new());
    println!("listening on http://{address}");
    axum::serve(listener, api(&resource, metrics))
        .with_graceful_shutdown(end.requested())
        .await?;
    Ok(())
}

fn api(resource: &ProtectedResource, metrics: Metrics) -> Router {
    Router::new()
        .route("/profile", get(profile))
        .route("/email", get(email))
        .route(
            "/metrics",
            get(async move || (METRICS_HEADERS, metrics.text())),
        )
        .merge(oauth_axum::protected_resource_metadata(resource))
        .with_state(resource.clone())
}

struct Profile;

impl RequiredScope for Profile {
    const SCOPE: &'static str = "profile";
}

async fn profile(user: UserToken<Profile, ProtectedResource>) -> Json<Me> {
    Json(Me::of(user.subject()))
}

struct Email;

impl RequiredScope for Email {
    const SCOPE: &'static str = "email";
}

async fn email(user: UserToken<Email, ProtectedResource>) -> Json<Address> {
    Json(Address::of(user.subject()))
}
