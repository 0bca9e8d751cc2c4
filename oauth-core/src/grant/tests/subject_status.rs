//! The host says that a user is disabled.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;

use crate::test_server::{Form, TestServer, Verb};
use crate::{StoreError, SubjectStatus, UserId};

const ACTIVE: u8 = 0;
const DISABLED: u8 = 1;
const UNREACHABLE: u8 = 2;

/// What is said of alice; it changes while the server runs. Everybody else is disabled.
#[derive(Default)]
struct Status(AtomicU8);

impl Status {
    fn is(&self, status: u8) {
        self.0.store(status, Ordering::SeqCst);
    }
}

#[async_trait]
impl SubjectStatus for Status {
    async fn is_active(&self, user: &UserId) -> Result<bool, StoreError> {
        match self.0.load(Ordering::SeqCst) {
            UNREACHABLE => Err(StoreError::transient("no answer")),
            status => Ok(status == ACTIVE && user.as_str() == "alice"),
        }
    }
}

fn server() -> (TestServer, Arc<Status>) {
    let status = Arc::new(Status::default());
    let test = TestServer::with(|builder| builder.subject_status(status.clone()));
    (test, status)
}

#[tokio::test]
async fn nothing_new_for_a_disabled_user_and_nothing_burnt() {
    let (test, status) = server();
    let code = test.code("web").await;
    test.store.calls();
    for (said, answer, error) in [
        (DISABLED, 400, "invalid_grant"),
        (UNREACHABLE, 503, "temporarily_unavailable"),
    ] {
        status.is(said);
        test.redeem("web", &code).await.is(answer, error);
    }
    assert!(!test.store.calls().contains(&Verb::Exchange));
    status.is(ACTIVE);
    let tokens = test.redeem("web", &code).await.issued();
    test.store.calls();
    for (said, answer, error) in [
        (DISABLED, 400, "invalid_grant"),
        (UNREACHABLE, 503, "temporarily_unavailable"),
    ] {
        status.is(said);
        let refreshed = test.refresh("web", &tokens.refresh_token()).await;
        refreshed.is(answer, error);
    }
    assert!(!test.store.calls().contains(&Verb::Exchange));
    status.is(ACTIVE);
    test.refresh("web", &tokens.refresh_token()).await.issued();
}

#[tokio::test]
async fn a_client_that_acts_for_itself_is_no_user() {
    let (test, status) = server();
    status.is(DISABLED);
    let form = Form::of([("grant_type", "client_credentials")]);
    test.send("job", &form).await.issued();
}
