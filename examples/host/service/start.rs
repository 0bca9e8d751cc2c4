//! From the command line to a service and the address it listens on.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::AuthorizationServerBuilder;
use oauth_core::store::memory::MemoryClientStore;
use oauth_sqlx::Sweeping;
use tokio::net::TcpListener;

use super::{Demo, Service};
use crate::configuration::invitation;
use crate::server::authorization_server;
use crate::stores::Stores;
use crate::{Configuration, Metrics, Options, Throttling, Users, demo_client};

impl Service {
    /// Reads the configuration, takes the address and makes the service. A demo prints what to open in
    /// a browser. Needs a tokio runtime, on which the sweeper runs from now on.
    ///
    /// # Errors
    ///
    /// A mistake in an option or in the file, in words whose first line names it.
    pub async fn start(options: &Options) -> Result<(Self, TcpListener), Box<dyn Error>> {
        Self::start_with(options, |builder| builder).await
    }

    /// The same for a service with stores of its own: `stores` sets them, in place of those that the
    /// command line and the file ask for. It is called more than once.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn start_with(
        options: &Options,
        stores: impl Fn(AuthorizationServerBuilder) -> AuthorizationServerBuilder,
    ) -> Result<(Self, TcpListener), Box<dyn Error>> {
        let configuration = Configuration::load_or_demo(options.config.as_deref())?;
        let entries = configuration.users.iter();
        let users = entries.map(|user| (user.username.as_str(), &user.password));
        let users = Arc::new(Users::new(users)?);
        // Every mistake is reported before anything listens, with the address as far as it is known.
        let opened = Stores::open(&options.store).await?;
        let set = |builder, clients: Arc<MemoryClientStore>| {
            stores(opened.set(builder).client_store(clients))
        };
        authorization_server(
            &set,
            &configuration,
            &users,
            &options.issuer(options.listen),
            None,
        )?;

        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(|error| format!("--listen: {} cannot be used: {error}", options.listen))?;
        let address = listener.local_addr()?;
        let issuer = options.issuer(address);
        // Before the server, which describes its counters to it.
        let metrics = Metrics::start()?;
        let throttling = Throttling::of(&issuer);
        let throttle = throttling.as_ref();
        let server = authorization_server(&set, &configuration, &users, &issuer, throttle)?;
        if throttling.is_none() {
            tracing::info!("no throttling: behind a proxy, addresses tell nothing");
        }
        for warning in server.warnings() {
            tracing::warn!("{warning}");
        }
        for key in configuration.without_effect() {
            tracing::warn!("{key}: accepted, but has no effect in this version");
        }
        let sweeping = Sweeping::start(server.clone(), Duration::from_secs(30));

        let mut demo = None;
        if configuration.is_demo() {
            let client = demo_client::start(&issuer, address, options.listen.port() != 0).await;
            println!("{}", invitation(&issuer, client.as_deref()));
            demo = Some(Arc::new(Demo { client }));
        }
        let service = Self {
            server,
            users,
            session_key: configuration.session_key(),
            metrics,
            throttling,
            demo,
            _sweeping: Arc::new(sweeping),
        };
        Ok((service, listener))
    }
}
