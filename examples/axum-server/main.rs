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
use std::sync::Arc;
use std::time::Duration;

use axum_extra::extract::cookie::Key;
use clap::Parser;
use host::configuration::invitation;
use host::server::authorization_server;
use host::{Configuration, Options, Users, demo_client, logging};
use oauth_core::{AuthorizationServer, Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{App, Demo};

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
    let configuration = Configuration::load_or_demo(options.config.as_deref())?;
    let entries = configuration.users.iter();
    let users = entries.map(|user| (user.username.as_str(), &user.password));
    let users = Arc::new(Users::new(users)?);
    // Every mistake is reported before anything listens, with the address as far as it is known.
    authorization_server(
        options,
        &configuration,
        &users,
        &options.issuer(options.listen),
    )?;

    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| format!("--listen: {} cannot be used: {error}", options.listen))?;
    let address = listener.local_addr()?;
    let issuer = options.issuer(address);
    let server = authorization_server(options, &configuration, &users, &issuer)?;
    for warning in server.warnings() {
        tracing::warn!("{warning}");
    }
    tokio::spawn(sweep(server.clone()));

    let mut demo = None;
    if configuration.is_demo() {
        let client = demo_client::start(&issuer, address, options.listen.port() != 0).await;
        println!("{}", invitation(&issuer, client.as_deref()));
        demo = Some(Arc::new(Demo { client }));
    }
    let session_key = Key::from(configuration.session_key().as_bytes());
    let router = app::router(App {
        server,
        users,
        session_key,
        demo,
    });
    println!("listening on http://{address}");
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await?;
    Ok(())
}

/// Removes what has expired, a little at a time.
async fn sweep(server: AuthorizationServer) {
    let mut interval = tokio::time::interval(Duration::from_secs(30));
    loop {
        interval.tick().await;
        if let Err(error) = server.sweep_once(SystemClock.now(), 10_000).await {
            tracing::warn!("{error}");
        }
    }
}
