//! What the stores cost; the README of this folder has the method and results.
//!
//! ```sh
//! cargo run --release -p store-bench -- flat
//! cargo run --release -p store-bench -- tokens
//! ```

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement that goes wrong has to stop"
)]

mod bare;
mod control;
mod flat;
mod options;
mod place;
mod population;
mod row;
mod stopwatch;
mod tokens;
mod verb;

use clap::Parser;
use options::{Command, Options};

/// That of the example servers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        match &options.command {
            Command::Flat(flat) => flat::report(flat).await,
            Command::Tokens(tokens) => tokens::report(tokens).await,
        }
    });
}

#[cfg(test)]
mod tests;
