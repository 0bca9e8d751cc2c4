//! Stores of an [`oauth-core`](oauth_core) authorization server on Redis and Valkey, one server or a
//! cluster.
//!
//! [`RedisStore`] implements every store trait, so one value is enough:
//!
//! ```no_run
//! use oauth_core::{AuthorizationServer, Client};
//! use oauth_redis::RedisStore;
//!
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let store = RedisStore::connect("redis://127.0.0.1:6379/").await?.with_prefix("shop:")?;
//! let web = Client::builder("web")
//!     .redirect_uri("https://app.example.com/callback")
//!     .scope("profile")
//!     .build()?;
//! store.save(&web).await?;
//!
//! let server = AuthorizationServer::builder("https://auth.example.com")
//!     .store(store)
//!     .scope("profile", "Read your profile")
//!     .build()?;
//! # drop(server);
//! # Ok(())
//! # }
//! ```
//!
//! Redis 7 or later, or Valkey. Any number of server processes may share it. An access control list
//! that is enough for everything but the warning about eviction:
//!
//! ```text
//! ACL SETUSER oauth on >secret ~oauth:* +@read +@write +@scripting -@dangerous
//! ```
//!
//! In a cluster also `+cluster|slots`.
//!
//! # What is lost when Redis loses data
//!
//! Redis answers before what it was told is safe. What it forgets then are its last writes, each script
//! as a whole.
//!
//! - Without persistence, a restart loses everything: users sign in and consent again, and clients are
//!   gone.
//! - With `appendonly yes` and `appendfsync everysec`, which is the default of that mode, a power cut
//!   loses about a second of writes. With snapshots alone it loses everything since the last one.
//! - A failover to a replica loses what the replica had not received yet, since replication is
//!   asynchronous. These stores do not use `WAIT`; it makes the loss rarer and does not rule it out. A
//!   master that is cut off goes on answering for a while, and everything that it was told meanwhile is
//!   lost; `min-replicas-to-write` bounds that.
//!
//! A lost token is unknown, and its client starts over. What is worse is a lost *spent mark* or a lost
//! *revocation*: an authorization code or refresh token that was spent in that moment **is accepted once
//! more**, and a grant that was ended in that moment lives on. Nobody notices. Whoever has got hold of the
//! spent token can use it until the grant ends. `appendfsync always` on a server without failover closes
//! the gap, at the price of waiting for the disk.
//!
//! `maxmemory-policy` **must be `noeviction`**. Every other policy throws away records that count when
//! memory is short, spent marks among them. [`RedisStore::connect`] logs a warning when it sees one. With
//! `noeviction`, a full Redis refuses to write, and clients are told 503.
//!
//! # Which stores belong elsewhere
//!
//! | store | when Redis loses the last moment | in Redis? |
//! |---|---|---|
//! | requests | the user begins again | yes, there is no better place |
//! | grants | see above: a spent token may count once more | where that is acceptable; otherwise in SQL |
//! | consents | the user is asked again, or a consent that was withdrawn is back | better in SQL |
//! | clients | a registration is gone | better in SQL, or in a file |
//!
//! Each trait is set separately, so mixing is easy. Here only what waits for a decision is in Redis:
//!
//! ```
//! # use oauth_core::store::memory::MemoryStore;
//! # use oauth_core::{AuthorizationServer, BuildError};
//! # use oauth_redis::RedisStore;
//! # use std::sync::Arc;
//! # fn mix(redis: RedisStore, database: MemoryStore) -> Result<AuthorizationServer, BuildError> {
//! let database = Arc::new(database);
//! let server = AuthorizationServer::builder("https://auth.example.com")
//!     .client_store(database.clone())
//!     .grant_directory(database.clone())
//!     .consent_store(database)
//!     .request_store(Arc::new(redis))
//!     .build()?;
//! # Ok(server)
//! # }
//! ```
//!
//! One mix would be wrong, grants in one store and their directory in another; `build` reports it.
//!
//! # What each verb costs
//!
//! Each verb is one Lua script or one command, so it has happened or has not. Two verbs first write the
//! index of a subject, which is on another node of a cluster. A server that does not know a script yet is
//! sent it, which takes one round trip more. `KEYS` is never used, and `SCAN` by nothing but the operator's
//! `GrantDirectory::page`, which no request waits for.
//!
//! | verb | what is sent | round trips |
//! |---|---|---|
//! | `ClientStore::find` | `GET` | 1 |
//! | [`save`](RedisStore::save), [`remove`](RedisStore::remove) | `SET`, `DEL` | 1 |
//! | `GrantStore::open` | the script of the index, unless the grant has no subject yet; a script | 2 or 1 |
//! | `GrantStore::find`, `exchange`, `revoke` | a script | 1 |
//! | `GrantStore::decide` | for an approval the script of the index; a script | 2 or 1 |
//! | `GrantDirectory::list` | `ZRANGEBYSCORE`; `HMGET` for each grant, a hundred at once; `ZREM` for what is stale, a hundred at once | 1, and 1 for each hundred |
//! | `GrantDirectory::page` | `SCAN`; `HMGET` for each grant that was found, a hundred at once; in a cluster `CLUSTER SLOTS` at the end of a node | 1, and 1 for each hundred |
//! | `RequestStore::put`, `take` | a script | 1 |
//! | `RequestStore::get` | `HMGET` | 1 |
//! | `ConsentStore::find`, `list`, `withdraw` | `HGET`, `HGETALL`, `HDEL` | 1 |
//! | `ConsentStore::record` | a script | 1 |
//! | `purge` of both | nothing | 0 |
//!
//! # Keys
//!
//! | key | type | is kept |
//! |---|---|---|
//! | `oauth:{beef}:grant:…` | hash | until the grant expires; as long as nobody has come for its only code, until that expires |
//! | `oauth:{beef}:credential:…` | hash | an access token until it expires, others as long as their grant |
//! | `oauth:subject:user:…` | sorted set of grants | as long as the longest grant that was put in |
//! | `oauth:{beef}:request:…` | hash | until the request expires |
//! | `oauth:{beef}:owner:user:…` | sorted set of at most 100 requests | as long as the longest request that was put in |
//! | `oauth:consents:…` | hash, a field for each client | until all are withdrawn |
//! | `oauth:client:…` | string | until it is removed |
//!
//! `oauth:` is the [prefix](RedisStore::with_prefix), `{beef}` the shard: as the hash tag it puts a grant
//! and all its credentials on one node. Subjects, users and clients appear in keys as their SHA-256, so
//! no identifier can be mistaken for a hash tag.
//!
//! Consents and clients have no time to live. Everything else has one, ten minutes longer than needed, and
//! is removed by Redis itself; `purge` has nothing to do and says 0. A time to live only tidies up:
//! what counts is decided by the moment that the server passes, and the clock of Redis is never asked.
//! With a clock that stands still, as in a test, a record that expires in a minute is gone after eleven
//! minutes of real time.
//!
//! # In a cluster
//!
//! All keys of a script are on one node. `find`, `decide`, `put` and `take` touch keys that they do not
//! declare, since only a record tells their names: the grant of a credential, the credentials of an
//! undecided grant, the list of an owner's requests and the oldest request in it. These names have the
//! hash tag of the keys that are declared, so they are on the same node. A proxy that does not pass
//! scripts on to one node as they are will not do.
//!
//! While a slot moves to another node (`CLUSTER SETSLOT`, `redis-cli --cluster reshard`), a grant and its
//! credentials may be on two nodes for a moment. `find` then takes a second round trip for the grant, and a
//! script whose keys are on both is asked again for some seconds, and then fails as transient.
//!
//! The index of a subject is written before the grant. When a process dies in between, it names a grant
//! that does not exist, which is passed over, and removed ten minutes later when it is seen again.
//!
//! # The walk through all grants
//!
//! `GrantDirectory::page` asks one primary after the other with `SCAN`, in the order of their lowest slots. It
//! looks at `limit` keys for a page, 10,000 at most, so a page has fewer grants than that, and it reads the whole
//! keyspace of a server that other programs use, too. What `SCAN` promises holds: a grant that is there all along
//! is given, perhaps twice. It does not hold when a server is restarted or replaced by its replica in the middle
//! of the walk or shortly before, or when slots move from one primary to another: then grants may be left out.
//! Shortly before, because `SCAN` names no key, so that a server that is a replica by now does not send a client
//! away that has not heard of it. Whoever ends the grants of a client at such a time does it again, until none
//! was ended.
//!
//! The moment of the last exchange is a field of the grant that `exchange` writes. Grants whose last exchange was
//! before a version that does so have none.
//!
//! # Failures
//!
//! A lost connection, an answer that takes more than two seconds, and a server that is loading, full,
//! read-only or being replaced are [transient](oauth_core::StoreError::is_transient): clients are told
//! 503. Connections are made again by themselves. A verb whose answer did not come is asked again once.
//! That is safe: an exchange and a decision are recognised by their identifiers, and what `take` has removed
//! is not given again.
//!
//! # Features
//!
//! - `rustls` (off by default): addresses with `rediss://`, through rustls and the system's certificates.
//!   The program installs a crypto provider of rustls when it starts. For native-tls, turn on
//!   `tokio-native-tls-comp` of the crate `redis` instead.

mod client;
mod connection;
mod consent;
mod directory;
mod error;
mod grant;
mod keys;
mod moment;
mod record;
mod request;
mod script;
mod store;

pub use keys::InvalidPrefix;
pub use store::RedisStore;
