//! HTTP conformance: every rule of the framework, driven through the example servers.
//!
//! A test is written once, as an `async fn` that takes the [`Target`](harness::Target) to run against.
//! Each module lists its tests in `tests!`, and [`combinations!`] at the end of this file makes a real
//! `#[test]` of each of them for each server and store. A function that is not listed is dead code, so
//! the compiler notices a forgotten one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "an expectation that is not met ends the test where it stands"
)]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "nobody uses a test from outside"
)]

#[path = "../harness/mod.rs"]
mod harness;

/// Lists the tests of a module. Expands to a macro of the module's name that makes `#[test]`s of them
/// for the `TARGET` of the module it is used in.
macro_rules! tests {
    ($module:ident: $($name:ident),+ $(,)?) => {
        macro_rules! $module {
            () => {
                mod $module {
                    $(
                        #[test]
                        fn $name() {
                            crate::run(&super::TARGET, crate::$module::$name);
                        }
                    )+
                }
            };
        }
        pub(crate) use $module;
    };
}

mod account;
mod authorization;
mod bearer;
mod client_authentication;
mod client_credentials;
mod client_library;
mod code;
mod concurrency;
mod configuration;
mod consent;
mod cors;
mod flow;
mod handoff;
mod interaction;
mod introspection;
mod login;
mod metadata;
mod metrics;
mod pages;
mod parameters;
mod pkce;
mod process;
mod protected_resource;
mod redirect_uri;
mod refresh_token;
mod resource_indicators;
mod response_mode;
mod restart;
mod retry_window;
mod revocation;
mod several_processes;
mod single_grants;
mod tenant;
mod throttling;
mod token_request;
mod token_status_request;

/// Runs a test to its end on this thread, if the database of the target is there.
fn run<T: Future<Output = ()>>(
    target: &'static harness::Target,
    test: fn(&'static harness::Target) -> T,
) {
    if !target.store.is_there() {
        return;
    }
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(test(target));
}

/// The table of servers and stores.
macro_rules! combinations {
    ($($row:ident: $binary:literal, $store:ident;)+) => {
        $(
            mod $row {
                use crate::harness::{Store, Target};

                static TARGET: Target =
                    Target::new(env!(concat!("CARGO_BIN_EXE_", $binary)), Store::$store);

                crate::account::account!();
                crate::authorization::authorization!();
                crate::bearer::bearer!();
                crate::client_authentication::client_authentication!();
                crate::client_credentials::client_credentials!();
                crate::client_library::client_library!();
                crate::code::code!();
                crate::concurrency::concurrency!();
                crate::configuration::configuration!();
                crate::consent::consent!();
                crate::cors::cors!();
                crate::flow::flow!();
                crate::handoff::handoff!();
                crate::interaction::interaction!();
                crate::introspection::introspection!();
                crate::login::login!();
                crate::metadata::metadata!();
                crate::metrics::metrics!();
                crate::pages::pages!();
                crate::parameters::parameters!();
                crate::pkce::pkce!();
                crate::process::process!();
                crate::protected_resource::protected_resource!();
                crate::redirect_uri::redirect_uri!();
                crate::refresh_token::refresh_token!();
                crate::resource_indicators::resource_indicators!();
                crate::response_mode::response_mode!();
                crate::retry_window::retry_window!();
                crate::revocation::revocation!();
                crate::single_grants::single_grants!();
                crate::tenant::tenant!();
                crate::token_request::token_request!();
                crate::token_status_request::token_status_request!();
            }
        )+
    };
}

combinations! {
    axum_memory: "axum-server", Memory;
    axum_sqlite: "axum-server", Sqlite;
    axum_postgres: "axum-server", Postgres;
    axum_mysql: "axum-server", Mysql;
    axum_redis: "axum-server", Redis;
    actix_memory: "actix-server", Memory;
    actix_sqlite: "actix-server", Sqlite;
    actix_postgres: "actix-server", Postgres;
    actix_mysql: "actix-server", Mysql;
    actix_redis: "actix-server", Redis;
}

/// The same for tests of state that is in the process whatever the store.
macro_rules! in_process {
    ($($row:ident: $binary:literal;)+) => {
        mod in_process {
            $(
                mod $row {
                    use crate::harness::{Store, Target};

                    static TARGET: Target =
                        Target::new(env!(concat!("CARGO_BIN_EXE_", $binary)), Store::Memory);

                    crate::throttling::throttling!();
                }
            )+
        }
    };
}

in_process! {
    axum: "axum-server";
    actix: "actix-server";
}

/// The same for tests of state that is outside of the process.
macro_rules! shared {
    ($($row:ident: $binary:literal, $store:ident;)+) => {
        mod shared {
            $(
                mod $row {
                    use crate::harness::{Store, Target};

                    static TARGET: Target =
                        Target::new(env!(concat!("CARGO_BIN_EXE_", $binary)), Store::$store);

                    crate::restart::restart!();
                    crate::several_processes::several_processes!();
                }
            )+
        }
    };
}

shared! {
    axum_sqlite: "axum-server", Sqlite;
    axum_postgres: "axum-server", Postgres;
    axum_mysql: "axum-server", Mysql;
    axum_redis: "axum-server", Redis;
    actix_sqlite: "actix-server", Sqlite;
    actix_postgres: "actix-server", Postgres;
    actix_mysql: "actix-server", Mysql;
    actix_redis: "actix-server", Redis;
}
