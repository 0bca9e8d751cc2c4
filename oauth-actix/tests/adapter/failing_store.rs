//! A store that is away, as a host's database now and then is.

use std::sync::Arc;

use async_trait::async_trait;
use oauth_core::store::ClientStore;
use oauth_core::{Client, ClientId, StoreError};

use crate::host::{AUTHORIZE, Host, builder, post_form, routes};

struct Away;

#[async_trait]
impl ClientStore for Away {
    async fn find(&self, _id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        Err(StoreError::transient("connection to 10.0.0.1 refused"))
    }
}

#[tokio::test]
async fn is_503_in_the_form_of_the_endpoint() {
    let server = builder("https://auth.example").client_store(Arc::new(Away));
    let server = server.build().unwrap();
    let host = Host::start(|config| routes(config, &server)).await;
    let form = "grant_type=client_credentials".to_owned();
    let answer = host.token("/token", "job", form).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert!(!answer.text().contains("10.0.0.1"));

    let (_, query) = AUTHORIZE.split_once('?').unwrap();
    let posted = host.send(post_form("/authorize", query)).await;
    for answer in [host.visit(AUTHORIZE, "alice").await, posted] {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("location"), "");
        assert!(answer.text().contains("<h1>") && !answer.text().contains("10.0.0.1"));
    }
}
