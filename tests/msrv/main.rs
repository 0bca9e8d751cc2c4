//! The workspace's `rust-version` is true: no dependency asks for a newer compiler.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

use std::process::Command;

use serde_json::Value;

/// `1.89` and `1.89.0` as something that compares.
fn version(text: &str) -> Vec<u64> {
    let mut parts: Vec<_> = text
        .split('.')
        .map(|part| part.parse().expect("a number"))
        .collect();
    parts.resize(3, 0);
    parts
}

#[test]
fn no_dependency_needs_a_newer_compiler_than_we_state() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--all-features",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    let packages = metadata["packages"].as_array().expect("packages");
    let newer: Vec<_> = packages
        .iter()
        .filter(|package| {
            package["rust_version"]
                .as_str()
                .is_some_and(|its| version(its) > ours)
        })
        .map(|package| {
            format!(
                "{} {}: {}",
                package["name"], package["version"], package["rust_version"]
            )
        })
        .collect();
    assert!(
        packages.len() > 50,
        "only {} packages were looked at",
        packages.len()
    );
    assert!(newer.is_empty(), "{newer:#?}");
}
