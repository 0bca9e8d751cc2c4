//! Who may read the file.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use oauth_core::store::GrantStore;
use oauth_testkit::sample::{START, code, grant, key};

use crate::opened;

fn mode(path: &str) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_new_file_and_its_log_are_the_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = format!("{}/auth.db", directory.path().display());
    let store = opened(&format!("sqlite://{path}")).await;
    store.migrate().await.unwrap();
    store.open(&grant(1), &[code(1)], START).await.unwrap();
    assert!(GrantStore::find(&store, &key(1)).await.unwrap().is_some());
    for beside in ["", "-wal", "-shm"] {
        assert_eq!(mode(&format!("{path}{beside}")), 0o600, "{beside}");
    }
}

#[tokio::test]
async fn a_file_that_is_there_keeps_its_mode() {
    let directory = tempfile::tempdir().unwrap();
    let path = format!("{}/auth.db", directory.path().display());
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let store = opened(&format!("sqlite://{path}")).await;
    store.migrate().await.unwrap();
    assert_eq!(mode(&path), 0o640);
}
