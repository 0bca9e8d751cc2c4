//! A small web service with its own users and sessions that embeds an authorization server.
//!
//! What the framework needs is in `oauth.rs`; everything else is the service itself.

mod api;
mod app;
mod oauth;
mod pages;
mod session;

use std::error::Error;
use std::process::ExitCode;

use actix_web::{App, HttpServer};
use clap::Parser;
use host::shutdown::{GRACE, Shutdown};
use host::{Options, Service, logging};

/// glibc's has memory grow page by page, under a lock of the whole process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// Each worker of actix-web has a runtime of its own; this one has the sweeper and the signals.
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
    let end = Shutdown::new()?;
    let app = move || App::new().configure(|config| app::routes(config, &service));
    let serving = HttpServer::new(app)
        .listen(listener.into_std()?)?
        .shutdown_signal(end.requested())
        .shutdown_timeout(GRACE.as_secs())
        .run();
    println!("listening on http://{address}");
    serving.await?;
    Ok(())
}
