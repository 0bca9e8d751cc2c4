//! A service that writes no handler of the protocol: it says who is signed in, and one call mounts the
//! authorization, consent and token endpoints.

use std::error::Error;
use std::process::ExitCode;

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
    let (service, listener) = Service::start(options).await?;
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
