//! A small web service with its own users and sessions that embeds an authorization server.
//!
//! What the framework needs is in `oauth.rs`; everything else is the service itself.

mod api;
mod app;
mod oauth;
mod pages;
mod session;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use host::shutdown::Shutdown;
use host::{Options, Service, logging};

use crate::app::App;

/// glibc's has memory grow page by page, under a lock of the whole process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    logging::start();
    match run(&options).await {
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
    let router = app::router(App::new(service));
    let (end, overdue) = (Shutdown::new()?, Shutdown::new()?);
    println!("listening on http://{address}");
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, router).with_graceful_shutdown(end.requested());
    tokio::select! {
        ended = serving => ended?,
        () = overdue.overdue() => {}
    }
    Ok(())
}
