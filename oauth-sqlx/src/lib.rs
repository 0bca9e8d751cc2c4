//! Stores of `oauth-core` on PostgreSQL, SQLite and MySQL/MariaDB.
