//! The `rust-version` of each package is true: no dependency asks for a newer compiler.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

use std::collections::{BTreeSet, HashMap};
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
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let members = metadata["workspace_members"].as_array().expect("members");
    let mut newer = BTreeSet::new();
    for member in members.iter().filter_map(Value::as_str) {
        let ours = stated(packages[member]).expect("a rust-version of ours");
        let needed = all_dependencies(member, &nodes);
        assert!(!needed.is_empty(), "{member} depends on nothing");
        for dependency in needed {
            let its = packages[dependency];
            if stated(its).is_some_and(|its| its > ours) {
                let names = (&packages[member]["name"], &its["name"]);
                newer.insert(format!(
                    "{} on {} {}",
                    names.0, names.1, its["rust_version"]
                ));
            }
        }
    }
    assert!(newer.is_empty(), "{newer:#?}");
}

fn by_id(list: &Value) -> HashMap<&str, &Value> {
    let entries = list.as_array().expect("a list").iter();
    let named = entries.map(|entry| (entry["id"].as_str().expect("an identifier"), entry));
    named.collect()
}

fn stated(package: &Value) -> Option<Vec<u64>> {
    package["rust_version"].as_str().map(version)
}

/// Of the package and its tests, directly and indirectly.
fn all_dependencies<'m>(
    package: &'m str,
    nodes: &HashMap<&'m str, &'m Value>,
) -> BTreeSet<&'m str> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![package];
    while let Some(next) = waiting.pop() {
        let direct = nodes[next]["dependencies"].as_array().expect("a list");
        for dependency in direct.iter().filter_map(Value::as_str) {
            if found.insert(dependency) {
                waiting.push(dependency);
            }
        }
    }
    found
}
