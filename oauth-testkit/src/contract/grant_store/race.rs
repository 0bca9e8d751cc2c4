//! Many at once, on several threads and, where there are two, over two connections.

use std::sync::Arc;

use oauth_core::store::{Decided, Exchanged, GrantStore, Target};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::decision::{approve, deny};
use super::{found, grant_of, is_there, open, spend_under};
use crate::Backend;
use crate::sample::{
    access_token, at, code, exchange_id, grant, grant_id, key, refresh_token, undecided_grant,
};

const TASKS: u32 = 16;
const ROUNDS: u32 = 8;

/// Lets now one side of a race go first and now the other, by different lengths over the rounds.
async fn hesitate(round: u32, side: u32) {
    if round % 2 == side {
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
    }
}

/// Of any number of exchanges of one credential that run at once, exactly one is done, and only its
/// successors are recorded; the others learn that it was spent.
pub async fn of_any_number_at_once_one_is_done<S: GrantStore>(backend: &Backend<S>) {
    let connections = backend.connections().await;
    let [store, _] = &connections;
    for round in 0..ROUNDS {
        open(
            &**store,
            &grant(round),
            &[code(round), refresh_token(round + 100)],
        )
        .await;
        let start = Arc::new(Barrier::new(TASKS as usize));
        let mut tasks = JoinSet::new();
        for (n, store) in (0..TASKS).zip(connections.iter().cycle()) {
            let (store, start) = (Arc::clone(store), Arc::clone(&start));
            tasks.spawn(async move {
                let successor = access_token(1_000 * (round + 1) + n);
                start.wait().await;
                spend_under(&*store, round, n, round, &[successor], at(1)).await
            });
        }
        let outcomes = tasks.join_all().await;
        let spent = Exchanged::Spent {
            grant: grant_id(round),
            at: at(1),
        };
        let count = |outcome| outcomes.iter().filter(|it| **it == outcome).count();
        assert_eq!(count(Exchanged::Done), 1, "{outcomes:?}");
        assert_eq!(count(spent), outcomes.len() - 1, "{outcomes:?}");
        let mut successors = 0;
        for n in 0..TASKS {
            let recorded = is_there(&**store, 1_000 * (round + 1) + n).await;
            successors += usize::from(recorded);
        }
        assert_eq!(successors, 1);
    }
}

/// One exchange that is asked several times at once is done each time, and its successors are
/// recorded once.
pub async fn the_same_exchange_at_once_is_done_each_time<S: GrantStore>(backend: &Backend<S>) {
    let connections = backend.connections().await;
    let [store, _] = &connections;
    open(&**store, &grant(1), &[code(1), refresh_token(100)]).await;
    let start = Arc::new(Barrier::new(4));
    let mut tasks = JoinSet::new();
    for (_, store) in (0..4).zip(connections.iter().cycle()) {
        let (store, start) = (Arc::clone(store), Arc::clone(&start));
        tasks.spawn(async move {
            start.wait().await;
            spend_under(&*store, 1, 5, 1, &[refresh_token(2)], at(1)).await
        });
    }
    assert_eq!(tasks.join_all().await, [Exchanged::Done; 4]);
    assert_eq!(found(&**store, 2).await, Some(refresh_token(2)));
    let spent = found(&**store, 1).await.unwrap();
    assert_eq!(spent.spent_by, Some(exchange_id(5)));
}

/// What one connection writes, another sees at once: grants, uses and revocations.
pub async fn what_one_connection_does_another_sees<S: GrantStore>(backend: &Backend<S>) {
    let [store, other] = backend.connections().await;
    open(&*store, &grant(1), &[code(1), refresh_token(100)]).await;
    assert_eq!(found(&*other, 1).await, Some(code(1)));
    let done = spend_under(&*other, 1, 1, 1, &[refresh_token(2)], at(1)).await;
    assert_eq!(done, Exchanged::Done);
    let replayed = spend_under(&*store, 1, 2, 1, &[], at(2)).await;
    assert!(matches!(replayed, Exchanged::Spent { .. }), "{replayed:?}");
    let done = spend_under(&*store, 1, 3, 2, &[], at(2)).await;
    assert_eq!(done, Exchanged::Done);
    let id = grant_id(1);
    store.revoke(Target::Grant(id), at(3)).await.unwrap();
    assert_eq!(grant_of(&*other, 1).await.revoked_at, Some(at(3)));
    let late = spend_under(&*other, 1, 4, 100, &[], at(4)).await;
    assert_eq!(late, Exchanged::Inactive);
}

/// When a revocation has ended, no exchange that runs at the same time becomes done any more: whoever
/// then sees the credential unspent sees it so for ever.
pub async fn no_exchange_slips_in_behind_a_revocation<S: GrantStore>(backend: &Backend<S>) {
    let [store, other] = backend.connections().await;
    for round in 0..4 * ROUNDS {
        open(
            &*store,
            &grant(round),
            &[code(round), refresh_token(round + 100)],
        )
        .await;
        let start = Arc::new(Barrier::new(2));
        let (revoker, ready) = (Arc::clone(&other), Arc::clone(&start));
        let revoking = tokio::spawn(async move {
            ready.wait().await;
            hesitate(round, 0).await;
            let id = grant_id(round);
            revoker.revoke(Target::Grant(id), at(1)).await.unwrap();
            let spent = found(&*revoker, round).await.unwrap().spent_at.is_some();
            (spent, is_there(&*revoker, 1_000 + round).await)
        });
        start.wait().await;
        hesitate(round, 1).await;
        let successor = [access_token(1_000 + round)];
        let outcome = spend_under(&*store, round, 1, round, &successor, at(1)).await;
        let seen_by_the_revoker = revoking.await.unwrap();
        // Whichever came first, all of it happened or nothing, and before the revocation ended.
        let happened = outcome == Exchanged::Done;
        assert!(happened || outcome == Exchanged::Inactive, "{outcome:?}");
        assert_eq!(seen_by_the_revoker, (happened, happened));
        let spent = found(&*store, round).await.unwrap().spent_at.is_some();
        let recorded = is_there(&*store, 1_000 + round).await;
        assert_eq!((spent, recorded), (happened, happened));
        assert!(!grant_of(&*store, round).await.is_active(at(1)));
    }
}

/// A credential that is revoked while it is spent is either spent by the exchange or revoked, never
/// both.
pub async fn a_credential_is_either_spent_or_revoked<S: GrantStore>(backend: &Backend<S>) {
    let [store, other] = backend.connections().await;
    for round in 0..2 * ROUNDS {
        open(
            &*store,
            &grant(round),
            &[code(round), refresh_token(round + 100)],
        )
        .await;
        let start = Arc::new(Barrier::new(2));
        let (revoker, ready) = (Arc::clone(&other), Arc::clone(&start));
        let revoking = tokio::spawn(async move {
            ready.wait().await;
            hesitate(round, 0).await;
            let key = key(round);
            let target = Target::Credential(key);
            revoker.revoke(target, at(2)).await.unwrap();
        });
        start.wait().await;
        hesitate(round, 1).await;
        let outcome = spend_under(&*store, round, 1, round, &[], at(1)).await;
        revoking.await.unwrap();
        let ended = found(&*store, round).await.unwrap();
        let expected = match outcome {
            Exchanged::Done => (Some(at(1)), Some(exchange_id(1))),
            _ => (Some(at(2)), None),
        };
        assert_eq!((ended.spent_at, ended.spent_by), expected, "{outcome:?}");
    }
}

/// One grant that is opened several times at once is opened once, with one call's credentials.
pub async fn opening_at_once_opens_once<S: GrantStore>(backend: &Backend<S>) {
    let connections = backend.connections().await;
    let [store, _] = &connections;
    for round in 0..ROUNDS {
        let start = Arc::new(Barrier::new(4));
        let mut tasks = JoinSet::new();
        for (n, store) in (0..4).zip(connections.iter().cycle()) {
            let (store, start) = (Arc::clone(store), Arc::clone(&start));
            tasks.spawn(async move {
                let credentials = [refresh_token(1_000 * (round + 1) + n)];
                start.wait().await;
                open(&*store, &grant(round), &credentials).await;
            });
        }
        tasks.join_all().await;
        let mut opened = 0;
        for n in 0..4 {
            opened += usize::from(is_there(&**store, 1_000 * (round + 1) + n).await);
        }
        assert_eq!(opened, 1, "all or nothing of each call");
    }
}

/// Of decisions that come at once, exactly one counts.
pub async fn of_decisions_at_once_one_counts<S: GrantStore>(backend: &Backend<S>) {
    let connections = backend.connections().await;
    let [store, _] = &connections;
    for round in 0..ROUNDS {
        open(&**store, &undecided_grant(round), &[refresh_token(round)]).await;
        let start = Arc::new(Barrier::new(8));
        let mut tasks = JoinSet::new();
        for (n, store) in (0..8).zip(connections.iter().cycle()) {
            let (store, start) = (Arc::clone(store), Arc::clone(&start));
            tasks.spawn(async move {
                start.wait().await;
                let decided = if n % 2 == 0 {
                    approve(&*store, round, 5_000, at(n)).await
                } else {
                    deny(&*store, round, at(n)).await
                };
                (n, decided)
            });
        }
        let outcomes = tasks.join_all().await;
        let counted = |it: &&(i64, Decided)| it.1 == Decided::Done;
        let winners: Vec<i64> = outcomes.iter().filter(counted).map(|it| it.0).collect();
        let [winner] = winners[..] else {
            panic!("not one winner: {outcomes:?}");
        };
        let final_state = grant_of(&**store, round).await;
        let denied_at = (winner % 2 == 1).then(|| at(winner));
        assert_eq!(final_state.revoked_at, denied_at);
        assert_eq!(final_state.subject.is_some(), denied_at.is_none());
    }
}
