//! What a [`GrantDirectory`] has to do.

use oauth_core::store::{Decided, Decision, Grant, GrantDirectory, Target};
use oauth_core::{GrantId, Subject};

use crate::Backend;
use crate::hostile::{client_ids, user_ids};
use crate::sample::{
    START, alice, at, client_id, code, grant, grant_id, grant_id_in, grant_payload, just_before,
    undecided_grant, user,
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
            tells_hostile_subjects_apart
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
    let mut ids: Vec<GrantId> = grants.iter().map(|grant| grant.id).collect();
    ids.sort_unstable();
    ids
}

/// Grants are listed as `find` gives them.
pub async fn lists_grants_as_they_are<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    store.open(&grant(1), &[code(1)], START).await.unwrap();
    assert_eq!(store.list(&alice(), at(1)).await.unwrap(), [grant(1)]);
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
    assert_eq!(last, [grant(1)]);
    assert_eq!(listed(&store, &alice(), 1_000).await, []);
}

/// A revoked grant is not listed.
pub async fn lists_no_revoked_grant<S: GrantDirectory>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for n in [1, 2] {
        open(&store, &grant(n)).await;
    }
    let revoked = Target::Grant(&grant_id(1));
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
        subject: &alice(),
        expires_at: at(5_000),
        payload: &payload,
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
    assert_eq!(store.list(&alice(), at(4_999)).await.unwrap(), [expected]);
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
