//! Proxies that the environment names.

use std::process::Command;

use crate::endpoint::{Endpoint, inactive, verify};

/// Set for the second run of the test, in a process of its own: an environment belongs to a process.
const PROXY: &str = "http_proxy";

#[tokio::test]
async fn an_endpoint_on_this_machine_is_asked_without_a_proxy() {
    if std::env::var_os(PROXY).is_none() {
        let proxy = Endpoint::start(inactive()).await;
        let url = proxy.url.trim_end_matches("/introspect").to_owned();
        let mut again = Command::new(std::env::current_exe().unwrap());
        again
            .args([
                "--exact",
                "proxy::an_endpoint_on_this_machine_is_asked_without_a_proxy",
            ])
            .env(PROXY, url)
            .env_remove("REQUEST_METHOD")
            .env_remove("no_proxy")
            .env_remove("NO_PROXY");
        let ended = tokio::task::spawn_blocking(move || again.output());
        let ended = ended.await.unwrap().unwrap();
        assert!(
            ended.status.success(),
            "{}",
            String::from_utf8_lossy(&ended.stdout)
        );
        assert_eq!(proxy.asked(), 0);
        return;
    }
    let endpoint = Endpoint::start(inactive()).await;
    assert_eq!(verify(&endpoint.verifier(), "token").await, None);
    assert_eq!(endpoint.asked(), 1);
}
