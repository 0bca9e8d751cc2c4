//! A server with a grant type of its own: a ticket office prints vouchers, and a kiosk without browser and
//! keyboard exchanges a voucher for a token that acts for the visitor.

mod grant;
#[cfg(test)]
mod tests;
mod voucher;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use clap::Parser;
use host::profile::Me;
use host::shutdown::Shutdown;
use host::{Options, logging};
use oauth_axum::{BearerToken, UserToken};
use oauth_core::store::memory::MemoryStore;
use oauth_core::{
    AuthorizationServer, Client, ClientId, Clock, GrantType, RequiredScope, SystemClock, UserId,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::grant::{VoucherPolicy, Vouchers, voucher_grant};
use crate::voucher::MemoryVouchers;

#[derive(Clone)]
struct App {
    server: AuthorizationServer,
    vouchers: Vouchers,
}

impl FromRef<App> for AuthorizationServer {
    fn from_ref(app: &App) -> Self {
        app.server.clone()
    }
}

impl App {
    fn new(issuer: &str) -> Result<Self, Box<dyn Error>> {
        let policy = VoucherPolicy::new("profile")?;
        let vouchers = Vouchers::new(policy, Arc::new(MemoryVouchers::default()));
        let server = AuthorizationServer::builder(issuer)
            .store(MemoryStore::new([office()?, kiosk()?]))
            .scope("profile", "Read your profile")
            .scope("vouchers", "Issue vouchers")
            .grant_type(voucher_grant(), vouchers.clone())
            .build()?;
        Ok(Self { server, vouchers })
    }
}

/// Issues vouchers, as itself.
fn office() -> Result<Client, oauth_core::InvalidClient> {
    Client::builder("office")
        .secret("office-secret-0123456789abcdef")
        .grant_types([GrantType::CLIENT_CREDENTIALS])
        .scope("vouchers")
        .build()
}

/// Exchanges vouchers. A client may use a grant type when it is registered for it.
fn kiosk() -> Result<Client, oauth_core::InvalidClient> {
    Client::builder("kiosk")
        .secret("kiosk-secret-0123456789abcdef")
        .grant_types([voucher_grant()])
        .scope("profile")
        .build()
}

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    if options.config.is_some() {
        return Err("--config: the clients of this server are built in".into());
    }
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let app = App::new(&options.issuer(address))?;
    let routes = Router::new()
        .route("/vouchers", post(issue))
        .route("/api/profile", get(profile))
        .merge(oauth_axum::routes(&app.server))
        .merge(oauth_axum::well_known(&app.server))
        .with_state(app);
    let end = Shutdown::new()?;
    println!("listening on http://{address}");
    axum::serve(listener, routes)
        .with_graceful_shutdown(end.requested())
        .await?;
    Ok(())
}

struct IssueVouchers;

impl RequiredScope for IssueVouchers {
    const SCOPE: &'static str = "vouchers";
}

/// For whom a voucher is, and who may spend it.
#[derive(Deserialize)]
struct Wanted {
    username: String,
    client_id: String,
}

/// The ticket office knows the visitor and prints what this answers.
async fn issue(
    State(app): State<App>,
    _office: BearerToken<IssueVouchers>,
    Form(wanted): Form<Wanted>,
) -> Result<Json<Value>, StatusCode> {
    let client = ClientId::parse(&wanted.client_id).map_err(|_| StatusCode::BAD_REQUEST)?;
    let user = UserId::new(wanted.username);
    match app.vouchers.issue(user, client, SystemClock.now()).await {
        Ok(code) => Ok(Json(json!({ "voucher": code.expose() }))),
        Err(error) => {
            tracing::error!("{error}");
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

struct Profile;

impl RequiredScope for Profile {
    const SCOPE: &'static str = "profile";
}

async fn profile(user: UserToken<Profile>) -> Json<Me> {
    Json(Me::of(user.subject()))
}
