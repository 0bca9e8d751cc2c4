//! Many at once, on several threads.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::*;
use crate::store::Target;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_any_number_at_once_one_is_done() {
    for _ in 0..50 {
        let store: Arc<dyn GrantStore> = Arc::new(with_code().await);
        let start = Arc::new(Barrier::new(32));
        let mut tasks = JoinSet::new();
        for n in 0..32 {
            let (store, start) = (store.clone(), start.clone());
            tasks.spawn(async move {
                start.wait().await;
                spend(&*store, n, 1, &[access_token(100 + n)], at(1)).await
            });
        }
        let outcomes = tasks.join_all().await;
        let done = outcomes.iter().filter(|it| **it == Exchanged::Done).count();
        let spent = outcomes.iter().filter(|it| **it == spent_at(at(1))).count();
        assert_eq!((done, spent), (1, 31));
        let mut successors = 0;
        for n in 0..32 {
            successors += usize::from(is_there(&*store, 100 + n).await);
        }
        assert_eq!(successors, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_exchange_slips_in_behind_a_revocation() {
    for _ in 0..200 {
        let store: Arc<dyn GrantStore> = Arc::new(with_code().await);
        let start = Arc::new(Barrier::new(2));
        let (other, ready) = (store.clone(), start.clone());
        let revoking = tokio::spawn(async move {
            ready.wait().await;
            other.revoke(Target::Grant(&id(1)), at(1)).await.unwrap();
        });
        start.wait().await;
        let outcome = spend(&*store, 1, 1, &[access_token(2)], at(1)).await;
        revoking.await.unwrap();
        let found = store.find(&key(1)).await.unwrap().unwrap();
        assert!(!found.grant.is_active(at(1)));
        // Whichever came first, all of it happened or nothing.
        let happened = outcome == Exchanged::Done;
        assert_eq!(found.credential.spent_at.is_some(), happened);
        assert_eq!(is_there(&*store, 2).await, happened);
        assert_eq!(spend(&*store, 1, 1, &[], at(1)).await, Exchanged::Inactive);
    }
}
