//! web-client
fn main() {}
