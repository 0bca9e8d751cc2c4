//! What a [`GrantDirectory`] has to do.

mod pages;

use oauth_core::store::{
    Decided, Decision, Exchange, Exchanged, Grant, GrantDirectory, ListedGrant, Payload, Spend,
    Target,
};
use oauth_core::{GrantId, Subject};

pub use pages::*;

use crate::Backend;
use crate::hostile::{client_ids, user_ids};
use crate::sample::{
    START, access_token, alice, at, client_id, code, exchange_id, grant, grant_id, grant_id_in,
    grant_payload, just_before, refresh_token, undecided_grant, user,
};

/// Tests of a [`GrantDirectory`], one for each clause of its contract.
///
/// `$fresh` is an `async fn() -> S`. Option: `when`, a `fn() -> bool`, whether the database is there.
///
/// ```
/// # fn main() {}
/// # mod tests {
/// use oauth_core::store::memory::MemoryGrantStore;
///
/// async fn fresh() -> MemoryGrantStore {
///     MemoryGrantStore::default()
/// }
///
/// mod directory {
///     oauth_testkit::grant_directory_contract!(super::fresh);
/// }
/// # }
/// ```
#[macro_export]
macro_rules! grant_directory_contract {
    (@each [$($callback:tt)+] $context:tt) => {
        $($callback)+! { $context grant_directory
            lists_grants_as_they_are
            lists_nothing_for_nobody
            lists_all_grants_of_the_subject_and_no_others
            lists_a_user_and_a_client_of_one_name_apart
            lists_no_expired_grant
            lists_no_revoked_grant
            lists_a_grant_once_it_is_approved
            lists_a_grant_once_however_often_it_was_opened
            lists_a_grant_whose_payload_cannot_be_read
            purge_removes_a_grant_whose_payload_cannot_be_read
            tells_hostile_subjects_apart
            tells_when_an_exchange_last_spent_something
            tells_of_no_exchange_that_spent_nothing
            tells_the_exchanges_of_each_grant_apart
            pages_through_nothing
            gives_all_grants_whatever_their_state
            gives_pages_of_about_the_limit
            gives_grants_of_every_shard
            gives_what_stays_while_others_come_and_go
            gives_all_while_each_is_revoked
            refuses_a_cursor_that_is_no_place
        }
    };
    ($fresh:expr $(, $option:ident = $value:expr)* $(,)?) => {
        $crate::grant_directory_contract! { @each [$crate::contract_tests] {
            $crate::Backend::new($fresh)$(.$option($value))*
        } }
    };
}

async fn open(store: &impl GrantDirectory, grant: &Grant) {
    store.open(grant, &[], START).await.unwrap();
}

/// The grants of a subject, in the order of their identifiers.
async fn listed(store: &impl GrantDirectory, subject: &Subject, seconds: i64) -> Vec<GrantId> {
    let grants = store.list(subject, at(seconds)).await.unwrap();
    let mut ids: Vec<GrantId> = grants.iter().map(|listed| listed.grant.id).collect();
    ids.sort_unstable();
    ids
}

/// A grant whose payload no version reads.
fn of_a_later_version(grant: Grant) -> Grant {
    Grant {
        payload: Payload::decode_or_keep(b"\xff{\"version\":2}\0"),
        ..grant
    }
}

/// A grant that nothing was exchanged under.
fn fresh(grant: Grant) -> ListedGrant {
    ListedGrant {
        grant,
        last_exchange_at: None,
    }
}

/// Grants are listed as `find` gives them.
pub async fn lists_grants_as_they_are<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    store.open(&grant(1), &[code(1)], START).await.unwrap();
    assert_eq!(
        store.list(&alice(), at(1)).await.unwrap(),
        [fresh(grant(1))]
    );
}

/// Somebody without grants has an empty list.
pub async fn lists_nothing_for_nobody<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    assert_eq!(listed(&store, &alice(), 1).await, []);
    open(&store, &grant(1)).await;
    for nobody in [user("bob"), user(""), user("alic"), user("alice2")] {
        assert_eq!(listed(&store, &nobody, 1).await, [], "{nobody:?}");
    }
}

/// A subject's grants are listed wherever they are, and nobody else's.
pub async fn lists_all_grants_of_the_subject_and_no_others<S: GrantDirectory>(
    backend: &Backend<S>,
) {
    let store = backend.empty().await;
    let mut expected = Vec::new();
    for n in 0..40 {
        let own = Grant {
            id: grant_id_in(n * 1_600, 1),
            ..grant(1)
        };
        open(&store, &own).await;
        expected.push(own.id);
        let of_bob = Grant {
            id: grant_id_in(n * 1_600, 2),
            subject: Some(user("bob")),
            ..grant(2)
        };
        open(&store, &of_bob).await;
    }
    assert_eq!(listed(&store, &alice(), 1).await, expected);
}

/// A user and a client of the same name are different subjects.
pub async fn lists_a_user_and_a_client_of_one_name_apart<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let client = Subject::Client(client_id("alice"));
    open(&store, &grant(1)).await;
    let of_client = Grant {
        subject: Some(client.clone()),
        ..grant(2)
    };
    open(&store, &of_client).await;
    assert_eq!(listed(&store, &alice(), 1).await, [grant_id(1)]);
    assert_eq!(listed(&store, &client, 1).await, [grant_id(2)]);
}

/// A grant is listed until exactly its end.
pub async fn lists_no_expired_grant<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &grant(1)).await;
    let last = store.list(&alice(), just_before(at(1_000))).await.unwrap();
    assert_eq!(last, [fresh(grant(1))]);
    assert_eq!(listed(&store, &alice(), 1_000).await, []);
}

/// A revoked grant is not listed.
pub async fn lists_no_revoked_grant<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for n in [1, 2] {
        open(&store, &grant(n)).await;
    }
    let revoked = Target::Grant(grant_id(1));
    store.revoke(revoked, at(1)).await.unwrap();
    assert_eq!(listed(&store, &alice(), 1).await, [grant_id(2)]);
}

/// A grant is listed from its approval on, with what the approval made of it; a refused one never.
pub async fn lists_a_grant_once_it_is_approved<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for n in [1, 2, 3] {
        open(&store, &undecided_grant(n)).await;
    }
    assert_eq!(listed(&store, &alice(), 1).await, []);
    let payload = grant_payload("openid");
    let approval = Decision::Approve {
        subject: alice(),
        expires_at: at(5_000),
        payload: payload.clone(),
    };
    for (n, decision) in [(1, approval), (2, Decision::Deny)] {
        let decided = store.decide(&grant_id(n), decision, at(1)).await.unwrap();
        assert_eq!(decided, Decided::Done);
    }
    let expected = Grant {
        subject: Some(alice()),
        expires_at: at(5_000),
        payload,
        ..undecided_grant(1)
    };
    let listed_then = store.list(&alice(), at(4_999)).await.unwrap();
    assert_eq!(listed_then, [fresh(expected)]);
    assert_eq!(listed(&store, &alice(), 5_000).await, []);
}

/// A grant whose opening was asked again is listed once.
pub async fn lists_a_grant_once_however_often_it_was_opened<S: GrantDirectory>(
    backend: &Backend<S>,
) {
    let store = backend.empty().await;
    for _ in 0..3 {
        open(&store, &grant(1)).await;
    }
    assert_eq!(listed(&store, &alice(), 1).await, [grant_id(1)]);
}

/// A grant whose payload a later version wrote takes none of the others away, is listed with what is kept of it,
/// and can be ended.
pub async fn lists_a_grant_whose_payload_cannot_be_read<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let later = of_a_later_version(grant(2));
    for grant in [&grant(1), &later, &grant(3)] {
        open(&store, grant).await;
    }
    let mut grants = store.list(&alice(), at(1)).await.unwrap();
    grants.sort_by_key(|listed| listed.grant.id);
    assert_eq!(grants, [grant(1), later, grant(3)].map(fresh));
    let revoked = Target::Grant(grant_id(2));
    store.revoke(revoked, at(1)).await.unwrap();
    let left = listed(&store, &alice(), 1).await;
    assert_eq!(left, [grant_id(1), grant_id(3)]);
}

/// Neither it nor one that ends after it stays.
pub async fn purge_removes_a_grant_whose_payload_cannot_be_read<S: GrantDirectory>(
    backend: &Backend<S>,
) {
    let store = backend.empty().await;
    let until = |n, seconds| Grant {
        expires_at: at(seconds),
        ..grant(n)
    };
    let later = of_a_later_version(until(2, 200));
    for grant in [&until(1, 100), &later, &until(3, 300)] {
        open(&store, grant).await;
    }
    let mut removed = 0;
    for round in 0.. {
        let some = store.purge(at(300), 1).await.unwrap();
        removed += some;
        if some == 0 {
            break;
        }
        assert!(round < 100, "comes to an end");
    }
    // A store whose records go by themselves has nothing to do here.
    let left = listed(&store, &alice(), 1).await;
    let ids = if removed == 0 { &[1, 2, 3][..] } else { &[] };
    assert_eq!(left, ids.iter().copied().map(grant_id).collect::<Vec<_>>());
}

/// Subjects are compared byte for byte, whatever their length and characters.
pub async fn tells_hostile_subjects_apart<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let users = user_ids().into_iter().map(Subject::User);
    let clients = client_ids().into_iter().map(Subject::Client);
    let subjects: Vec<Subject> = users.chain(clients).collect();
    for (n, subject) in (0..).zip(&subjects) {
        let opened = Grant {
            subject: Some(subject.clone()),
            ..grant(n)
        };
        open(&store, &opened).await;
    }
    for (n, subject) in (0..).zip(&subjects) {
        assert_eq!(
            listed(&store, subject, 1).await,
            [grant_id(n)],
            "{subject:?}"
        );
    }
}

/// Spends this credential, or nothing while it is unspent, with a successor of this number.
async fn exchange(
    store: &impl GrantDirectory,
    grant: &Grant,
    spend: Spend,
    n: u32,
    seconds: i64,
) -> Exchanged {
    let exchange = Exchange {
        id: exchange_id(n),
        grant: grant.id,
        spend,
        successors: vec![refresh_token(n)].into(),
        now: at(seconds),
    };
    store.exchange(exchange).await.unwrap()
}

/// When something was last exchanged under the only grant of alice, in seconds.
async fn last_exchange(store: &impl GrantDirectory) -> Option<i64> {
    let listed = store.list(&alice(), at(500)).await.unwrap();
    let [
        ListedGrant {
            last_exchange_at, ..
        },
    ] = listed[..]
    else {
        panic!("one grant: {listed:?}");
    };
    last_exchange_at.map(|moment| (moment - START).whole_seconds())
}

/// The moment is that of the latest exchange, to the microsecond, whichever came first.
pub async fn tells_when_an_exchange_last_spent_something<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    store.open(&grant(1), &[code(1)], START).await.unwrap();
    assert_eq!(last_exchange(&store).await, None);
    for (n, seconds, latest) in [(1, 10, 10), (2, 20, 20), (3, 5, 20), (4, 30, 30)] {
        let (spent, next) = if n == 1 {
            (code(1), 2)
        } else {
            (refresh_token(n), n + 1)
        };
        let done = exchange(&store, &grant(1), Spend::Once(spent.key), next, seconds).await;
        assert_eq!(done, Exchanged::Done);
        assert_eq!(last_exchange(&store).await, Some(latest));
    }
    let exact = Exchange {
        id: exchange_id(9),
        grant: grant_id(1),
        spend: Spend::Once(refresh_token(5).key),
        successors: Vec::new().into(),
        now: just_before(at(41)),
    };
    assert_eq!(store.exchange(exact).await.unwrap(), Exchanged::Done);
    let listed = store.list(&alice(), at(500)).await.unwrap();
    let moments: Vec<_> = listed.iter().map(|it| it.last_exchange_at).collect();
    assert_eq!(moments, [Some(just_before(at(41)))]);
}

/// Neither an exchange that was refused or asked again, nor one that spends nothing, nor a revocation.
pub async fn tells_of_no_exchange_that_spent_nothing<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let opened = [code(1), access_token(2), refresh_token(3)];
    store.open(&grant(1), &opened, START).await.unwrap();
    let revoked = Target::Credential(access_token(2).key);
    store.revoke(revoked, at(10)).await.unwrap();
    let unspent = Spend::Nothing {
        while_unspent: refresh_token(3).key,
    };
    let done = exchange(&store, &grant(1), unspent, 4, 20).await;
    assert_eq!(done, Exchanged::Done);
    assert_eq!(last_exchange(&store).await, None);
    let spend = Spend::Once(code(1).key);
    let expired = exchange(&store, &grant(1), spend, 5, 60).await;
    assert_eq!(expired, Exchanged::Expired);
    assert_eq!(last_exchange(&store).await, None);
    for seconds in [30, 40] {
        let done = exchange(&store, &grant(1), spend, 6, seconds).await;
        assert_eq!(done, Exchanged::Done);
    }
    let spent = exchange(&store, &grant(1), spend, 7, 50).await;
    assert!(matches!(spent, Exchanged::Spent { .. }), "{spent:?}");
    assert_eq!(last_exchange(&store).await, Some(30));
}

/// An exchange counts for the grant of what it spent.
pub async fn tells_the_exchanges_of_each_grant_apart<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for n in 1..=3 {
        store.open(&grant(n), &[code(n)], START).await.unwrap();
    }
    let spend = Spend::Once(code(2).key);
    assert_eq!(
        exchange(&store, &grant(2), spend, 9, 10).await,
        Exchanged::Done
    );
    for listed in store.list(&alice(), at(20)).await.unwrap() {
        let expected = (listed.grant.id == grant_id(2)).then_some(at(10));
        assert_eq!(listed.last_exchange_at, expected, "{:?}", listed.grant.id);
    }
}
