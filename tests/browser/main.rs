//! browser
fn main() {}
