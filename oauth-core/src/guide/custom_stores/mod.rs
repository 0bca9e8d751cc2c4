//! Custom stores: two stores of one's own, line by line.
//!
//! [`guide::writing_a_store`](super::writing_a_store) says what a store has to do. These pages show two that
//! do it: [grants] in an embedded database, and [clients] from the table you already have. They
//! are the example `custom-store`, a whole server to run, and what stands here is its code, word for word: a
//! test compares.
//!
//! # Do you need one?
//!
//! | you have | take |
//! |---|---|
//! | PostgreSQL, MySQL, MariaDB or SQLite | the crate `oauth-sqlx`, in the same database and beside your tables |
//! | Redis or Valkey | the crate `oauth-redis`; its page says what is lost when Redis loses data |
//! | one process that may forget everything | [`store::memory`](crate::store::memory) |
//! | clients in a table of yours | a `ClientStore` of your own, and one of the above for the rest |
//! | another database, or rules for where data may be | your own, as on these pages |
//!
//! Each trait is set by itself, so nothing forces you to write all four.
//!
//! # Put together
//!
//! ```text
//! builder
//!     .client_store(apps.clone())
//!     .grant_directory(grants.clone())
//! ```
//!
//! The other two are whatever the builder had before; in the example, the stores that `--store` names.

pub mod clients;
pub mod grants;
