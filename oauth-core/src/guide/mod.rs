//! The guide: pages to read, with no code behind them.

pub mod rfc_matrix;
