//! A service with stores of its own: grants in redb, an embedded database, and clients from the table of
//! apps that it has already.

mod client_store;
mod database;
mod grant_directory;
mod grant_store;
mod rows;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::{LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Json, Router};
use clap::Parser;
use host::forms::{LoginForm, LoginQuery};
use host::pages::{PAGE_HEADERS, STYLESHEET, STYLESHEET_HEADERS};
use host::profile::Me;
use host::shutdown::Shutdown;
use host::{Options, Service, Visitors, logging};
use oauth_axum::UserToken;
use oauth_core::RequiredScope;

use crate::client_store::Apps;
use crate::database::RedbGrantStore;

#[derive(Parser)]
struct Arguments {
    /// Folder of the databases, grants.redb and apps.db; made if it is not there
    #[arg(long, value_name = "FOLDER")]
    database: PathBuf,

    /// `--store` keeps the rest: consent tickets and remembered consents.
    #[command(flatten)]
    host: Options,
}

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    if arguments.host.config.is_some() {
        return Err(
            "--config: the users of this server are built in, its clients in a table".into(),
        );
    }
    let (grants, apps) = open(arguments)
        .await
        .map_err(|error| format!("--database: {}: {error}", arguments.database.display()))?;
    let (grants, apps) = (Arc::new(grants), Arc::new(apps));
    let (service, listener) = Service::start_with(&arguments.host, |builder| {
        builder
            .client_store(apps.clone())
            .grant_directory(grants.clone())
    })
    .await?;
    let visitors = Visitors::new(service)?;
    let server = visitors.server().clone();
    let end = Shutdown::new()?;
    let pages = Router::new()
        .route("/login", get(login_form).post(login))
        .route("/style.css", get((STYLESHEET_HEADERS, STYLESHEET)))
        .with_state(visitors.clone());
    let app = Router::new()
        .route("/api/profile", get(profile))
        .with_state(server.clone())
        .merge(pages)
        .merge(oauth_axum::routes_with(&server, visitors))
        .merge(oauth_axum::well_known(&server));
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(end.requested())
        .await?;
    Ok(())
}

async fn open(
    arguments: &Arguments,
) -> Result<(RedbGrantStore, Apps), Box<dyn Error + Send + Sync>> {
    let folder = &arguments.database;
    std::fs::create_dir_all(folder)?;
    let grants = RedbGrantStore::create(&folder.join("grants.redb"))?;
    let apps = Apps::connect(&folder.join("apps.db")).await?;
    Ok((grants, apps))
}

async fn login_form(visitors: State<Visitors>, query: Query<LoginQuery>) -> impl IntoResponse {
    let html = visitors.login_form(query.return_to.as_deref());
    (PAGE_HEADERS, Html(html))
}

async fn login(visitors: State<Visitors>, headers: HeaderMap, form: Form<LoginForm>) -> Response {
    let origin = headers.get(ORIGIN);
    let origin = origin.map(|value| value.to_str().unwrap_or("unreadable"));
    match visitors.sign_in(origin, form.0).await {
        Ok(signed_in) => {
            let headers = [
                (SET_COOKIE, signed_in.cookie),
                (LOCATION, signed_in.location),
            ];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(refused) => {
            let status = StatusCode::from_u16(refused.status).unwrap_or_default();
            (status, PAGE_HEADERS, Html(refused.html)).into_response()
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
