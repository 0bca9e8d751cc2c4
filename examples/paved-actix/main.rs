//! A service that writes no handler of the protocol: it says who is signed in, and one call mounts the
//! authorization, consent and token endpoints.

use std::error::Error;
use std::process::ExitCode;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, ORIGIN, SET_COOKIE};
use actix_web::web::{Data, Form, Json, Query, get, post, resource};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use clap::Parser;
use host::forms::{LoginForm, LoginQuery};
use host::pages::{PAGE_HEADERS, STYLESHEET, STYLESHEET_HEADERS};
use host::profile::Me;
use host::shutdown::{GRACE, Shutdown};
use host::{Options, Service, Visitors, logging};
use oauth_actix::UserToken;
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
    let address = listener.local_addr()?;
    let visitors = Visitors::new(service)?;
    let server = visitors.server().clone();
    let endpoints = oauth_actix::routes_with(&server, visitors.clone());
    let end = Shutdown::new()?;
    let app = move || {
        let login = resource("/login")
            .route(get().to(login_form))
            .route(post().to(login));
        App::new()
            .app_data(Data::new(visitors.clone()))
            .app_data(server.clone())
            .service(login)
            .route("/style.css", get().to(stylesheet))
            .route("/api/profile", get().to(profile))
            .configure(endpoints.clone())
            .configure(oauth_actix::well_known(&server))
    };
    let serving = HttpServer::new(app)
        .listen(listener.into_std()?)?
        .shutdown_signal(end.requested())
        .shutdown_timeout(GRACE.as_secs())
        .run();
    println!("listening on http://{address}");
    serving.await?;
    Ok(())
}

fn page<const N: usize>(status: u16, headers: [(&str, &str); N], body: String) -> HttpResponse {
    let mut page = HttpResponse::build(StatusCode::from_u16(status).unwrap_or_default());
    headers.into_iter().for_each(|header| {
        page.insert_header(header);
    });
    page.body(body)
}

async fn stylesheet() -> HttpResponse {
    page(200, STYLESHEET_HEADERS, STYLESHEET.to_owned())
}

async fn login_form(visitors: Data<Visitors>, query: Query<LoginQuery>) -> HttpResponse {
    page(
        200,
        PAGE_HEADERS,
        visitors.login_form(query.return_to.as_deref()),
    )
}

async fn login(
    visitors: Data<Visitors>,
    request: HttpRequest,
    form: Form<LoginForm>,
) -> HttpResponse {
    let origin = request.headers().get(ORIGIN);
    let origin = origin.map(|value| value.to_str().unwrap_or("unreadable"));
    match visitors.sign_in(origin, form.into_inner()).await {
        Ok(signed_in) => HttpResponse::SeeOther()
            .insert_header((SET_COOKIE, signed_in.cookie))
            .insert_header((LOCATION, signed_in.location))
            .finish(),
        Err(refused) => page(refused.status, PAGE_HEADERS, refused.html),
    }
}

struct Profile;

impl RequiredScope for Profile {
    const SCOPE: &'static str = "profile";
}

async fn profile(user: UserToken<Profile>) -> Json<Me> {
    Json(Me::of(user.subject()))
}
