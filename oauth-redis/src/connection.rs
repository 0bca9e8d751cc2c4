//! The way to one Redis server or to a cluster.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use futures_util::future::try_join_all;
use oauth_core::StoreError;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo, Pipeline, RedisResult,
    ServerErrorKind, Value,
};

use crate::error::{is_without_answer, store_error};
use crate::script::Script;

/// To make a connection, and to get an answer over it.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Both kinds reconnect by themselves, and are cheap to clone.
#[derive(Clone)]
pub(crate) enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Single(_) => "Single(..)",
            Self::Cluster(_) => "Cluster(..)",
        })
    }
}

impl Connection {
    pub(crate) async fn single(url: &str) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT))
            .set_number_of_retries(1);
        let address = url.into_connection_info()?.set_tcp_settings(tcp_settings());
        let manager = ConnectionManager::new_with_config(Client::open(address)?, config).await?;
        let connection = Self::Single(manager);
        connection.warn_of_eviction().await;
        Ok(connection)
    }

    pub(crate) async fn cluster(urls: Vec<String>) -> RedisResult<Self> {
        let client = ClusterClient::builder(urls)
            .connection_timeout(TIMEOUT)
            .response_timeout(TIMEOUT)
            .overall_response_timeout(Some(2 * TIMEOUT))
            .tcp_settings(tcp_settings())
            .build()?;
        let connection = Self::Cluster(client.get_async_connection().await?);
        connection.warn_of_eviction().await;
        Ok(connection)
    }

    /// Runs a script. A lost connection or a late answer leaves it unknown whether the script ran; it
    /// is asked again once, so it must be one that may run twice.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        let answer = self.run_once(script, keys, arguments).await;
        read(if is_without_answer(&answer) {
            self.run_once(script, keys, arguments).await
        } else {
            answer
        })
    }

    async fn run_once(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[&[u8]],
    ) -> RedisResult<Value> {
        match self.ask_once(&script.by_digest(keys, arguments)).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.ask_once(&script.in_full(keys, arguments)).await
            }
            answer => answer,
        }
    }

    /// Sends one command, which must be one that may come twice.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let answer = self.ask_once(command).await;
        read(if is_without_answer(&answer) {
            self.ask_once(command).await
        } else {
            answer
        })
    }

    /// Sends commands that read, all before the first answer has come.
    pub(crate) async fn ask_together<T: FromRedisValue>(
        &self,
        commands: &[Cmd],
    ) -> Result<Vec<T>, StoreError> {
        let answers = self.ask_together_once(commands).await;
        let answers = if is_without_answer(&answers) {
            self.ask_together_once(commands).await
        } else {
            answers
        };
        let answers = answers.map_err(store_error)?;
        answers.into_iter().map(|answer| read(Ok(answer))).collect()
    }

    async fn ask_together_once(&self, commands: &[Cmd]) -> RedisResult<Vec<Value>> {
        match self {
            Self::Single(manager) => {
                let mut pipeline = Pipeline::with_capacity(commands.len());
                for command in commands {
                    pipeline.add_command(command.clone());
                }
                pipeline.query_async(&mut manager.clone()).await
            }
            // A pipeline has one node; these commands have many.
            Self::Cluster(_) => {
                try_join_all(commands.iter().map(|command| self.ask_once(command))).await
            }
        }
    }

    async fn ask_once(&self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::Single(manager) => command.query_async(&mut manager.clone()).await,
            Self::Cluster(cluster) => command.query_async(&mut cluster.clone()).await,
        }
    }

    /// Sends a command that reads to the primary that has this slot.
    pub(crate) async fn ask_primary<T: FromRedisValue>(
        &self,
        slot: u16,
        command: &Cmd,
    ) -> Result<T, StoreError> {
        let answer = self.ask_primary_once(slot, command).await;
        read(if is_without_answer(&answer) {
            self.ask_primary_once(slot, command).await
        } else {
            answer
        })
    }

    async fn ask_primary_once(&self, slot: u16, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::Single(_) => self.ask_once(command).await,
            Self::Cluster(cluster) => {
                let primary =
                    SingleNodeRoutingInfo::SpecificNode(Route::new(slot, SlotAddr::Master));
                let routing = RoutingInfo::SingleNode(primary);
                cluster
                    .clone()
                    .route_command(command.clone(), routing)
                    .await
            }
        }
    }

    /// The lowest slot of the primary that comes next, by their lowest slots.
    pub(crate) async fn next_primary(&self, slot: u16) -> Result<Option<u16>, StoreError> {
        let Self::Cluster(_) = self else {
            return Ok(None);
        };
        let command = redis::cmd("CLUSTER").arg("SLOTS").to_owned();
        let ranges: Vec<Value> = self.ask_primary(slot, &command).await?;
        let mut lowest: BTreeMap<String, u16> = BTreeMap::new();
        for range in ranges {
            let Value::Array(range) = range else { continue };
            let [first, _, primary, ..] = &range[..] else {
                continue;
            };
            let first: u16 = redis::from_redis_value_ref(first).map_err(StoreError::permanent)?;
            let own = lowest.entry(format!("{primary:?}")).or_insert(first);
            *own = first.min(*own);
        }
        Ok(lowest.into_values().filter(|first| *first > slot).min())
    }

    /// Says in the log when Redis may throw away what counts. Where it does not tell, nobody asks.
    async fn warn_of_eviction(&self) {
        match self.eviction_policy().await {
            Ok(policy) if policy != "noeviction" => tracing::warn!(
                policy,
                "Redis may evict grants, spent marks among them; set maxmemory-policy to noeviction"
            ),
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "Redis does not tell its maxmemory-policy"),
        }
    }

    async fn eviction_policy(&self) -> RedisResult<String> {
        let mut command = redis::cmd("CONFIG");
        command.arg("GET").arg("maxmemory-policy");
        let answer = match self {
            Self::Single(_) => self.ask_once(&command).await?,
            Self::Cluster(cluster) => {
                let any = RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random);
                cluster.clone().route_command(command, any).await?
            }
        };
        let (_, policy): (String, String) = redis::from_redis_value(answer)?;
        Ok(policy)
    }
}

/// A server that has vanished without a word, with its machine say, is noticed after seconds. The
/// system's own patience is a quarter of an hour.
fn tcp_settings() -> TcpSettings {
    let keepalive = TcpKeepalive::new().with_time(5 * TIMEOUT);
    let settings = TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(keepalive);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(2 * TIMEOUT);
    settings
}

/// What Redis answered is in a form of its own; that it is not the one expected will not pass.
fn read<T: FromRedisValue>(answer: RedisResult<Value>) -> Result<T, StoreError> {
    let answer = answer.map_err(store_error)?;
    redis::from_redis_value(answer).map_err(StoreError::permanent)
}
