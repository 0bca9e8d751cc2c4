//! The core with no adapter: every endpoint takes an `http::Request<Bytes>` and gives an
//! `http::Response<Bytes>`, so what serves it only has to read the body and look at the path.

use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use host::forms::LoginForm;
use host::pages::{PAGE_HEADERS, STYLESHEET, STYLESHEET_HEADERS};
use host::profile::Me;
use host::shutdown::Shutdown;
use host::{Options, Secret, Service, Visitors, logging};
use http::header::{LOCATION, ORIGIN, SET_COOKIE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use oauth_core::{BODY_LIMIT, Parameters, Rejection, Requirement, ResourceServer, UnreadableBody};

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
    let mut end = std::pin::pin!(Shutdown::new()?.requested());
    let (running, overdue) = (GracefulShutdown::new(), Shutdown::new()?);
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        let Ok((stream, _)) = accepted else {
            // Too many open files, for example, which is over once connections have ended.
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        };
        let visitors = visitors.clone();
        let answer = service_fn(move |request| {
            let visitors = visitors.clone();
            async move {
                let request = read(request).await;
                Ok::<_, Infallible>(answer(&visitors, request).await.map(Full::new))
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), answer);
        tokio::spawn(running.watch(connection));
    }
    tokio::select! {
        () = running.shutdown() => {}
        () = overdue.overdue() => {}
    }
    Ok(())
}

/// The request with its whole body, or marked as one whose body cannot be read; the endpoint then says
/// so in the way of OAuth.
async fn read(request: Request<Incoming>) -> Request<Bytes> {
    let (mut parts, body) = request.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            parts.extensions.insert(UnreadableBody);
            Bytes::new()
        }
    };
    Request::from_parts(parts, body)
}

async fn answer(visitors: &Visitors, request: Request<Bytes>) -> Response<Bytes> {
    let server = visitors.server();
    let path = request.uri().path();
    let mut endpoints = server.program_endpoints();
    if let Some(endpoint) = endpoints.find(|one| server.program_endpoint_path(*one) == path) {
        return server.program_endpoint(endpoint, &request).await;
    }
    match path {
        path if path == server.authorization_path() => {
            server.authorization_endpoint(visitors, request).await
        }
        path if path == server.consent_path() => server.consent_endpoint(visitors, request).await,
        path if path == server.metadata_path() => server.metadata(&request),
        "/api/profile" => profile(visitors, request).await,
        "/style.css" => respond(200, STYLESHEET_HEADERS, STYLESHEET),
        "/login" => match login(visitors, &request).await {
            Ok(response) => response,
            Err(rejection) => respond(rejection.status().as_u16(), [], rejection.description()),
        },
        _ => respond(404, [], "not found"),
    }
}

async fn login(
    visitors: &Visitors,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Rejection> {
    if *request.method() != Method::POST {
        let query = Parameters::parse(request.uri().query().unwrap_or_default().as_bytes())?;
        let html = visitors.login_form(query.optional("return_to")?);
        return Ok(respond(200, PAGE_HEADERS, html));
    }
    let form = Parameters::parse(request.body())?;
    let form = LoginForm {
        username: form.required("username", "username is missing")?.to_owned(),
        password: Secret::new(form.required("password", "password is missing")?),
        return_to: form.optional("return_to")?.map(str::to_owned),
    };
    let origin = request.headers().get(ORIGIN);
    let origin = origin.map(|value| value.to_str().unwrap_or("unreadable"));
    Ok(match visitors.sign_in(origin, form).await {
        Ok(signed_in) => {
            let (cookie, location) = (signed_in.cookie, signed_in.location);
            respond(
                303,
                [
                    (SET_COOKIE.as_str(), &*cookie),
                    (LOCATION.as_str(), &location),
                ],
                "",
            )
        }
        Err(refused) => respond(refused.status, PAGE_HEADERS, refused.html),
    })
}

/// A protected resource.
async fn profile(visitors: &Visitors, request: Request<Bytes>) -> Response<Bytes> {
    let (parts, _) = request.into_parts();
    match visitors
        .server()
        .authenticate_user(&parts, &Requirement::scope("profile"))
        .await
    {
        Ok((_, user)) => {
            let body = serde_json::to_vec(&Me::of(&user)).unwrap_or_default();
            respond(200, [("content-type", "application/json")], body)
        }
        Err(rejection) => rejection.into_http(),
    }
}

fn respond<const N: usize>(
    status: u16,
    headers: [(&str, &str); N],
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(body.into()).unwrap_or_else(|_| {
        let mut broken = Response::new(Bytes::new());
        *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}
