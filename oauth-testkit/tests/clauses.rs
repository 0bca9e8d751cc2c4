//! A function that the macro of its contract does not name would be a clause that nobody tests.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::path::{Path, PathBuf};

macro_rules! names {
    ({} $contract:ident $($clause:ident)*) => {
        vec![$(stringify!($clause)),*]
    };
}

/// The clauses of a contract, from its file and the folder beside it.
fn written(contract: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let mut files = vec![folder.join(format!("{contract}.rs"))];
    if let Ok(parts) = fs::read_dir(folder.join(contract)) {
        let paths = parts.map(|part| part.unwrap().path());
        files.extend(paths.collect::<Vec<PathBuf>>());
    }
    let mut names = Vec::new();
    for file in files {
        for line in fs::read_to_string(file).unwrap().lines() {
            if let Some(rest) = line.strip_prefix("pub async fn ") {
                names.push(rest.split('<').next().unwrap().to_owned());
            }
        }
    }
    names.sort();
    names
}

fn named(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}

#[test]
fn every_clause_is_in_the_macro_of_its_contract() {
    let mut of_grants = oauth_testkit::grant_store_contract!(@each [names] {});
    of_grants.extend(oauth_testkit::grant_store_contract!(@each_failing [names] {}));
    assert_eq!(written("grant_store"), named(of_grants));
    let of_directories = oauth_testkit::grant_directory_contract!(@each [names] {});
    assert_eq!(written("grant_directory"), named(of_directories));
    let of_requests = oauth_testkit::request_store_contract!(@each [names] {});
    assert_eq!(written("request_store"), named(of_requests));
    let of_consents = oauth_testkit::consent_store_contract!(@each [names] {});
    assert_eq!(written("consent_store"), named(of_consents));
    let of_clients = oauth_testkit::client_store_contract!(@each [names] {});
    assert_eq!(written("client_store"), named(of_clients));
}
