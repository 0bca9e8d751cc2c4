//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures the stores.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The time of each verb in a small store and in a large one.
    Flat(Flat),
    /// Token requests beside the statements that they take.
    Tokens(Tokens),
}

/// What `flat` is told.
#[derive(Debug, Args)]
pub(crate) struct Flat {
    /// Those that are measured; all of them unless told otherwise.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) backends: Vec<Backend>,
    /// How many live credentials there are, from the smallest to the largest.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    pub(crate) sizes: Vec<u64>,
    /// How often each verb is called in each store.
    #[arg(long, default_value_t = 400)]
    pub(crate) calls: usize,
    /// Each grant and access token ends at a moment of its own; unless told so, what was opened earlier ends
    /// earlier, as with the lifetimes of one policy.
    #[arg(long)]
    pub(crate) random_lifetimes: bool,
    /// Empties the caches of the processor before each call, as a service does that has other things to do in
    /// between. For stores in memory; databases are processes of their own or do much more than that.
    #[arg(long)]
    pub(crate) cold: bool,
}

/// What `tokens` is told.
#[derive(Debug, Args)]
pub(crate) struct Tokens {
    /// Those that are measured; all databases unless told otherwise.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) backends: Vec<Backend>,
    /// How many requests of each kind are made on either side.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) calls: usize,
}

/// Where stores keep what they keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    Memory,
    Sqlite,
    Postgres,
    Mysql,
    Redis,
}

impl Backend {
    /// Those that were asked for, or all.
    pub(crate) fn chosen(asked: &[Self]) -> Vec<Self> {
        match asked {
            [] => Self::value_variants().to_vec(),
            some => some.to_vec(),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL/MariaDB",
            Self::Redis => "Redis",
        }
    }
}
