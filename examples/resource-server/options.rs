//! The command line.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::num::ParseIntError;
use std::time::Duration;

use clap::Parser;
use host::Secret;

/// An API in its own process, whose access tokens are checked at the authorization server.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    pub(crate) listen: SocketAddr,

    /// Issuer of the authorization server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(crate) issuer: String,

    /// Identifier of this API, which access tokens have as their audience [default: http://ADDRESS/]
    #[arg(long, value_name = "URL")]
    pub(crate) resource: Option<String>,

    /// How this API is known at the authorization server
    #[arg(long, value_name = "ID", default_value = "api")]
    pub(crate) client_id: String,

    /// Its secret there; better set in the environment, where other users of the machine do not see it
    #[arg(long, value_name = "SECRET", env = "CLIENT_SECRET", hide_env_values = true, value_parser = secret)]
    pub(crate) client_secret: Secret,

    /// For how many seconds an answer of the authorization server is trusted; 0 asks at each request
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) max_age: Duration,
}

fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

fn seconds(text: &str) -> Result<Duration, ParseIntError> {
    text.parse().map(Duration::from_secs)
}
