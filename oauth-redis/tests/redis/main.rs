//! The stores against real servers: the Redis of `OAUTH_TEST_REDIS_URL`, and servers and a cluster
//! that the tests start themselves.
#![cfg(test)]

mod cluster;
mod contract;
mod directory;
mod full;
mod keys;
mod lifetime;
mod lost_connection;
mod proxy;
mod resharding;
mod rights;
mod round_trips;
mod running;
mod server;
