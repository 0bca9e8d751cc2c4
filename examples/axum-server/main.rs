//! axum-server
fn main() {}
