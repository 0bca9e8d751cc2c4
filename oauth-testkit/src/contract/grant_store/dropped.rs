//! What remains when a future is dropped at an await, as it is when a browser hangs up.

use oauth_core::store::{Exchange, Exchanged, GrantStore, Spend, Target};

use super::{found, is_there, open, spend_under};
use crate::Backend;
use crate::dropped::dropped_after;
use crate::sample::{access_token, at, code, exchange_id, grant, grant_id, key, refresh_token};

/// An exchange that is dropped at any await has happened as a whole, successors included, or not at
/// all.
pub async fn an_exchange_that_is_dropped_happens_whole_or_not_at_all<S: GrantStore>(
    backend: &Backend<S>,
) {
    let store = backend.empty().await;
    for polls in 1..100 {
        open(
            &store,
            &grant(polls),
            &[code(polls), refresh_token(polls + 100)],
        )
        .await;
        let (grant, key) = (grant_id(polls), key(polls));
        let successors = [access_token(1_000 + polls), refresh_token(2_000 + polls)];
        let exchange = Exchange {
            id: exchange_id(1),
            grant,
            spend: Spend::Once(key),
            successors: (&successors).into(),
            now: at(1),
        };
        let ended = dropped_after(polls, store.exchange(exchange)).await;
        // Another exchange finds out, and settles it.
        let other = spend_under(&store, polls, 2, polls, &[], at(2)).await;
        let happened = match other {
            Exchanged::Done => false,
            Exchanged::Spent { at: when, .. } => {
                assert_eq!(when, at(1));
                true
            }
            unexpected => panic!("{unexpected:?} after {polls} polls"),
        };
        for successor in [1_000 + polls, 2_000 + polls] {
            let recorded = is_there(&store, successor).await;
            assert_eq!(recorded, happened, "{successor} after {polls} polls");
        }
        if let Some(outcome) = ended {
            assert_eq!(outcome.unwrap(), Exchanged::Done);
            return;
        }
    }
}

/// A grant whose opening was dropped at any await can be opened again, and is then there with all
/// its credentials.
pub async fn an_opening_that_is_dropped_can_be_asked_again<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for polls in 1..100 {
        let (grant, credentials) = (grant(polls), [code(polls), refresh_token(polls + 100)]);
        let opening = store.open(&grant, &credentials, at(0));
        let ended = dropped_after(polls, opening).await;
        open(&store, &grant, &credentials).await;
        for credential in credentials {
            let found = store.find(&credential.key).await.unwrap();
            assert!(found.is_some(), "{credential:?} after {polls} polls");
        }
        if let Some(outcome) = ended {
            return outcome.unwrap();
        }
    }
}

/// A revocation that was dropped at any await can be asked again.
pub async fn a_revocation_that_is_dropped_can_be_asked_again<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for polls in 1..100 {
        open(
            &store,
            &grant(polls),
            &[code(polls), refresh_token(polls + 100)],
        )
        .await;
        let id = grant_id(polls);
        let revoking = store.revoke(Target::Grant(id), at(1));
        let ended = dropped_after(polls, revoking).await;
        store.revoke(Target::Grant(id), at(1)).await.unwrap();
        let outcome = spend_under(&store, polls, 1, polls, &[], at(2)).await;
        assert_eq!(outcome, Exchanged::Inactive, "after {polls} polls");
        assert_eq!(found(&store, polls).await, Some(code(polls)));
        if let Some(outcome) = ended {
            return outcome.unwrap();
        }
    }
}
