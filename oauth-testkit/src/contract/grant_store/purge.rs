//! `purge`: what it must leave, and how much it may do at once.

use oauth_core::store::{Credential, Exchanged, Grant, GrantStore, Target};
use time::OffsetDateTime;

use super::{found, grant_of, is_there, open, spend, spend_under, spent_at, with_code};
use crate::Backend;
use crate::sample::{
    access_token, at, code, grant, grant_id, grant_id_in, just_before, key_in, refresh_token,
    undecided_grant,
};

/// Purges until there is nothing left to remove.
async fn purge_all(store: &impl GrantStore, now: OffsetDateTime) {
    for _ in 0..20 {
        if store.purge(now, 1_000).await.unwrap() == 0 {
            return;
        }
    }
    panic!("a purge of a few things comes to no end");
}

/// Spent credentials are kept until their grant expires, also those that would have expired since, so
/// that a replay is recognised.
pub async fn purge_keeps_what_is_needed_to_see_a_replay<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let successors = [access_token(2), refresh_token(3)];
    let done = spend(&store, 1, 1, &successors, at(10)).await;
    assert_eq!(done, Exchanged::Done);
    assert_eq!(spend(&store, 2, 3, &[], at(11)).await, Exchanged::Done);
    purge_all(&store, just_before(at(1_000))).await;
    let last = just_before(at(1_000));
    assert_eq!(spend(&store, 9, 1, &[], last).await, spent_at(at(10)));
    assert_eq!(spend(&store, 9, 3, &[], last).await, spent_at(at(11)));
}

/// A revoked credential is kept like a spent one.
pub async fn purge_keeps_a_revoked_credential<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let revoked = refresh_token(100).key;
    let target = Target::Credential(revoked);
    store.revoke(target, at(1)).await.unwrap();
    purge_all(&store, just_before(at(1_000))).await;
    let last = just_before(at(1_000));
    assert_eq!(spend(&store, 9, 100, &[], last).await, spent_at(at(1)));
}

/// Nothing that can still count is removed, up to its last microsecond.
pub async fn purge_keeps_what_still_counts<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &grant(1), &[access_token(1), refresh_token(2)]).await;
    open(&store, &grant(2), &[code(3)]).await;
    open(&store, &undecided_grant(3), &[refresh_token(4)]).await;
    for (end, kept) in [(at(60), 3), (at(100), 1), (at(600), 4), (at(1_000), 2)] {
        purge_all(&store, just_before(end)).await;
        assert!(is_there(&store, kept).await, "{kept} counts until {end}");
    }
}

/// A code that has expired unspent is kept for as long as there is something else under its grant.
pub async fn purge_keeps_an_expired_code_with_its_family<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    purge_all(&store, at(900)).await;
    assert_eq!(spend(&store, 1, 1, &[], at(900)).await, Exchanged::Expired);
}

/// A revoked grant is kept for ten minutes, so that it can be seen what became of it.
pub async fn purge_keeps_a_revoked_grant_for_ten_minutes<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let revoked = Target::Grant(grant_id(1));
    store.revoke(revoked, at(1)).await.unwrap();
    purge_all(&store, just_before(at(601))).await;
    assert_eq!(grant_of(&store, 1).await.revoked_at, Some(at(1)));
    purge_all(&store, at(601)).await;
    assert_eq!(spend(&store, 1, 1, &[], at(601)).await, Exchanged::Inactive);
}

/// A grant whose only credential has expired unspent is kept for ten minutes more.
pub async fn purge_keeps_a_grant_ten_minutes_after_its_only_code<S: GrantStore>(
    backend: &Backend<S>,
) {
    let store = backend.empty().await;
    open(&store, &grant(1), &[code(1)]).await;
    purge_all(&store, just_before(at(660))).await;
    assert_eq!(spend(&store, 1, 1, &[], at(659)).await, Exchanged::Expired);
}

/// What was removed does not come back, and nothing that was revoked or has expired counts again.
pub async fn purge_resurrects_nothing<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    open(&store, &grant(2), &[refresh_token(2)]).await;
    let revoked = Target::Grant(grant_id(2));
    store.revoke(revoked, at(1)).await.unwrap();
    assert_eq!(spend(&store, 1, 1, &[], at(10)).await, Exchanged::Done);
    for now in [at(2), at(700), at(1_000), at(1_001), at(5_000)] {
        purge_all(&store, now).await;
        let outcome = spend_under(&store, 2, 9, 2, &[access_token(9)], at(2)).await;
        assert_eq!(outcome, Exchanged::Inactive);
        if let Some(spent) = found(&store, 1).await {
            assert_eq!(spent.spent_at, Some(at(10)));
        }
    }
    let over = spend(&store, 9, 1, &[access_token(9)], at(5_000)).await;
    assert_eq!(over, Exchanged::Inactive);
    assert!(!is_there(&store, 9).await);
}

/// With the end of one grant no other goes.
pub async fn purge_leaves_other_grants_whole<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let long = Grant {
        expires_at: at(9_000),
        ..grant(2)
    };
    let mut lasting = refresh_token(2);
    lasting.expires_at = at(9_000);
    open(&store, &long, &[code(3), lasting.clone()]).await;
    purge_all(&store, at(2_000)).await;
    assert_eq!(found(&store, 2).await, Some(lasting));
    assert_eq!(found(&store, 3).await, Some(code(3)));
    assert_eq!(grant_of(&store, 2).await, long);
}

/// Purge removes no more than its limit, says how many it removed, and comes to an end. A thing is
/// an access token, or a grant with everything under it.
pub async fn purge_removes_no_more_than_its_limit<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    // In several shards, so that a store with partitions has work in more than one.
    let shards: Vec<u16> = (0..30).map(|n| n * 2_000).collect();
    for shard in &shards {
        let grant = Grant {
            id: grant_id_in(*shard, 1),
            ..grant(1)
        };
        let mut credential = refresh_token(1);
        credential.key = key_in(*shard, 1);
        open(&store, &grant, &[credential]).await;
    }
    let lasting = Grant {
        expires_at: at(9_000),
        ..grant(2)
    };
    let tokens: Vec<Credential> = (100..110).map(access_token).collect();
    open(&store, &lasting, &tokens).await;
    let left = async || {
        let mut left = 0;
        for shard in &shards {
            let found = store.find(&key_in(*shard, 1)).await.unwrap();
            left += usize::from(found.is_some());
        }
        for token in &tokens {
            left += usize::from(store.find(&token.key).await.unwrap().is_some());
        }
        left
    };
    let before_any_end = store.purge(just_before(at(100)), 100).await.unwrap();
    assert_eq!((before_any_end, left().await), (0, 40));
    assert_eq!(store.purge(at(1_000), 0).await.unwrap(), 0);
    let mut there = left().await;
    for round in 0.. {
        let removed = store.purge(at(1_000), 7).await.unwrap();
        let still_there = left().await;
        assert!(removed <= 7, "{removed} at once");
        assert_eq!(there - still_there, removed, "says how many");
        there = still_there;
        if removed == 0 {
            break;
        }
        assert!(round < 100, "comes to an end");
    }
    // A store whose records go by themselves has nothing to do here. Any other has done it all, or all
    // but the tokens, which may go with their grant.
    assert!([0, 10, 40].contains(&there), "{there} are left");
}

/// A purge of nothing removes nothing.
pub async fn purge_of_an_empty_store_removes_nothing<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    assert_eq!(store.purge(at(1_000), 100).await.unwrap(), 0);
}
