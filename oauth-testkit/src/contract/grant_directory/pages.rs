//! Walks through all grants, page by page.

use std::collections::BTreeMap;

use oauth_core::store::{Credential, Grant, GrantCursor, GrantDirectory, Target};
use oauth_core::{GrantId, Subject};

use super::open;
use crate::Backend;
use crate::sample::{
    START, access_token, at, client_id, grant, grant_id, grant_id_in, refresh_token,
    undecided_grant,
};

/// So many pages has no walk of this kit, except one that does not end.
const TOO_MANY_PAGES: usize = 20_000;

/// Walks through all grants, with `after` called behind each page, and gives what came, once each.
async fn walk(
    store: &impl GrantDirectory,
    limit: usize,
    mut after: impl AsyncFnMut(&[Grant]),
) -> BTreeMap<GrantId, Grant> {
    let (mut found, mut cursor) = (BTreeMap::new(), None);
    for _ in 0..TOO_MANY_PAGES {
        let page = store.page(cursor.as_ref(), limit).await.unwrap();
        // Of what this kit wrote, all can be read.
        assert_eq!(page.unreadable, []);
        after(&page.grants).await;
        found.extend(page.grants.into_iter().map(|grant| (grant.id, grant)));
        // A cursor is its text and nothing else.
        cursor = page.next.map(|next| GrantCursor::new(next.as_str()));
        if cursor.is_none() {
            return found;
        }
    }
    panic!("the walk does not end");
}

/// A walk through an empty store ends, too.
pub async fn pages_through_nothing<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    assert_eq!(walk(&store, 10, async |_| {}).await, BTreeMap::new());
}

/// Live, undecided, revoked and expired grants are given as `find` gives them, a client's own as well.
pub async fn gives_all_grants_whatever_their_state<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let of_client = Grant {
        subject: Some(Subject::Client(client_id("web"))),
        ..grant(3)
    };
    let ended = Grant {
        expires_at: at(1),
        ..grant(5)
    };
    let opened = [grant(1), undecided_grant(2), of_client, grant(4), ended];
    for (n, grant) in (1..).zip(&opened) {
        let credentials: [Credential; 2] = [access_token(n), refresh_token(n + 10)];
        store.open(grant, &credentials, START).await.unwrap();
    }
    let revoked = Target::Grant(grant_id(4));
    store.revoke(revoked, at(2)).await.unwrap();
    let mut expected: BTreeMap<_, _> = opened.into_iter().map(|own| (own.id, own)).collect();
    if let Some(revoked) = expected.get_mut(&grant_id(4)) {
        revoked.revoked_at = Some(at(2));
    }
    // Where nothing was written since, nothing has gone.
    for limit in [1, 2, 100] {
        assert_eq!(walk(&store, limit, async |_| {}).await, expected, "{limit}");
    }
}

async fn open_many(store: &impl GrantDirectory, numbers: std::ops::Range<u32>) {
    for n in numbers {
        open(store, &spread(n)).await;
    }
}

/// A grant in a shard of its own, of many thousands.
fn spread(n: u32) -> Grant {
    let shard = (n.wrapping_mul(40_503) & 0xffff) as u16;
    Grant {
        id: grant_id_in(shard, n),
        ..grant(n)
    }
}

/// No page is many times as long as was asked for, where less than ten may count as ten. With 0 there is an
/// end to it, too.
pub async fn gives_pages_of_about_the_limit<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open_many(&store, 0..120).await;
    for limit in [0, 1, 7] {
        let mut longest = 0;
        let found = walk(&store, limit, async |grants: &[Grant]| {
            longest = longest.max(grants.len());
        });
        assert_eq!(found.await.len(), 120, "{limit}");
        assert!(longest <= 10 * limit.max(10), "{longest} of {limit}");
    }
}

/// Grants of all shards are given, the first and the last, of shards with many and with one.
pub async fn gives_grants_of_every_shard<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let mut expected = Vec::new();
    for shard in [0, 1, 255, 256, 7_000, 40_000, u16::MAX] {
        for n in [0, 1, u32::MAX] {
            let id = grant_id_in(shard, n);
            open(&store, &Grant { id, ..grant(1) }).await;
            expected.push(id);
        }
    }
    let found = walk(&store, 4, async |_| {}).await;
    assert_eq!(found.into_keys().collect::<Vec<_>>(), expected);
}

/// A grant that is there all along is given, though others are opened, revoked and removed meanwhile.
pub async fn gives_what_stays_while_others_come_and_go<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let short = |n| Grant {
        expires_at: at(1),
        ..spread(n)
    };
    for n in 0..60 {
        open(&store, &if n % 2 == 0 { spread(n) } else { short(n) }).await;
    }
    let mut next = 60;
    let found = walk(&store, 5, async |grants: &[Grant]| {
        for grant in grants.iter().filter(|grant| grant.expires_at == at(1)) {
            let target = Target::Grant(grant.id);
            store.revoke(target, at(5)).await.unwrap();
        }
        store.purge(at(5), 3).await.unwrap();
        if next < 90 {
            open_many(&store, next..next + 3).await;
            next += 3;
        }
    });
    let found = found.await;
    for n in (0..60).step_by(2) {
        assert_eq!(found.get(&spread(n).id), Some(&spread(n)), "{n}");
    }
}

/// What is done to the grants of a page hides none of the next.
pub async fn gives_all_while_each_is_revoked<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open_many(&store, 0..40).await;
    let found = walk(&store, 3, async |grants: &[Grant]| {
        for grant in grants {
            let target = Target::Grant(grant.id);
            store.revoke(target, at(1)).await.unwrap();
        }
    });
    let ids: Vec<GrantId> = found.await.into_keys().collect();
    let mut expected: Vec<GrantId> = (0..40).map(|n| spread(n).id).collect();
    expected.sort_unstable();
    assert_eq!(ids, expected);
}

/// Another text than the store's own is an error, not the beginning or the end.
pub async fn refuses_a_cursor_that_is_no_place<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &grant(1)).await;
    for text in ["", "no place", "\0", "'; --"] {
        let cursor = GrantCursor::new(text);
        let error = store.page(Some(&cursor), 10).await;
        let error = error.expect_err("no page");
        assert!(!error.is_transient(), "{text:?}: {error:?}");
    }
}
