//! Full tables, so that a statement that reads a whole one is seen.

use oauth_core::store::{Grant, ParkedRequest};
use oauth_core::{Subject, UserId};
use oauth_testkit::sample::{
    START, access_token, client_id, grant, parked_request, refresh_token, scope,
};

use crate::support::behaviour::Everything;

/// So many rows, and more, are in each table.
pub(crate) const ROWS: u32 = 2_000;

/// Fills the tables with what [`each_verb`](crate::support::verbs::each_verb) does not touch.
pub(crate) async fn fill<S: Everything>(store: &S) {
    let web = client_id("web");
    let profile = scope("profile");
    let mut tasks = tokio::task::JoinSet::new();
    for part in 0..4 {
        let (store, web, profile) = (store.clone(), web.clone(), profile.clone());
        tasks.spawn(async move {
            for n in (part..ROWS).step_by(4) {
                let user = UserId::new(format!("somebody {n}"));
                let subject = Subject::User(user.clone());
                let others = Grant {
                    subject: Some(subject.clone()),
                    ..grant(n + 1_000_000)
                };
                let under = [refresh_token(n + 1_000_000), access_token(n + 2_000_000)];
                store.open(&others, &under, START).await.unwrap();
                let parked = ParkedRequest {
                    owner: subject,
                    ..parked_request(n + 1_000_000)
                };
                store.put(&parked, START).await.unwrap();
                store.record(&user, &web, &profile, START).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
}
