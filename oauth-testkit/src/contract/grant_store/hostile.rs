//! Identifiers that are awkward for a database.

use oauth_core::Subject;
use oauth_core::store::{Decided, Decision, Grant, GrantStore};

use super::{grant_of, open};
use crate::Backend;
use crate::hostile::{client_ids, user_ids};
use crate::sample::{at, code, grant, grant_id, grant_payload, refresh_token, undecided_grant};

/// Subjects come back byte for byte, whatever their length and characters.
pub async fn hostile_subjects_come_back<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let users = user_ids().into_iter().map(Subject::User);
    let clients = client_ids().into_iter().map(Subject::Client);
    let subjects: Vec<Subject> = users.chain(clients).collect();
    for (n, subject) in (0..).zip(&subjects) {
        let opened = Grant {
            subject: Some(subject.clone()),
            ..grant(n)
        };
        open(&store, &opened, &[code(n)]).await;
        open(
            &store,
            &undecided_grant(n + 1_000),
            &[refresh_token(n + 1_000)],
        )
        .await;
        let decision = Decision::Approve {
            subject: subject.clone(),
            expires_at: at(700),
            payload: grant_payload("profile"),
        };
        let id = grant_id(n + 1_000);
        let decided = store.decide(&id, decision, at(1)).await.unwrap();
        assert_eq!(decided, Decided::Done);
    }
    for (n, subject) in (0..).zip(&subjects) {
        for n in [n, n + 1_000] {
            assert_eq!(grant_of(&store, n).await.subject.as_ref(), Some(subject));
        }
    }
}

/// Client identifiers come back byte for byte, whatever their length and characters.
pub async fn hostile_client_identifiers_come_back<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let clients = client_ids();
    for (n, client_id) in (0..).zip(&clients) {
        let opened = Grant {
            client_id: client_id.clone(),
            ..grant(n)
        };
        open(&store, &opened, &[code(n)]).await;
    }
    for (n, client_id) in (0..).zip(&clients) {
        assert_eq!(&grant_of(&store, n).await.client_id, client_id);
    }
}
