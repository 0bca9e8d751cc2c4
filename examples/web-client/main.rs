//! Runs the web app in a process of its own.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;
use web_client::{
    DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ISSUER, DEFAULT_LISTEN, DEFAULT_SCOPE,
    Settings,
};

/// A third-party web app that reads a person's profile from the example server.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Where to listen.
    #[arg(long, default_value = DEFAULT_LISTEN)]
    listen: SocketAddr,
    /// The server's issuer.
    #[arg(long, value_name = "URL", default_value = DEFAULT_ISSUER)]
    issuer: String,
    /// How this app is known to the server.
    #[arg(long, value_name = "ID", default_value = DEFAULT_CLIENT_ID)]
    client_id: String,
    /// The app's secret at the server; an empty one makes it a public client.
    #[arg(long, value_name = "SECRET", default_value = DEFAULT_CLIENT_SECRET)]
    client_secret: String,
    /// What to ask for, separated by spaces.
    #[arg(long, default_value = DEFAULT_SCOPE)]
    scope: String,
    /// Where the server sends the browser back to [default: http://<listen address>/callback].
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("web-client: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), String> {
    let listen = |error| format!("--listen {}: {error}", options.listen);
    let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let redirect_uri = options
        .redirect_uri
        .unwrap_or_else(|| format!("http://{address}/callback"));
    let secret = Some(options.client_secret.as_str()).filter(|secret| !secret.is_empty());
    let settings = Settings::new(&options.issuer, &redirect_uri)
        .map_err(|error| error.to_string())?
        .client(&options.client_id, secret)
        .scope(&options.scope);
    println!("listening on http://{address}");
    println!(
        "open http://{address}/ and press Connect (the server: {})",
        options.issuer
    );
    axum::serve(listener, web_client::router(settings))
        .with_graceful_shutdown(stop())
        .await
        .map_err(|error| error.to_string())
}

/// Ends at Ctrl-C, or at the signal with which process managers end a service.
async fn stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a handler the system's own rule applies, which ends the process too.
    let _ = tokio::signal::ctrl_c().await;
}
