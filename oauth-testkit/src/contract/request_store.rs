//! What a [`RequestStore`] has to do.

use std::sync::Arc;

use oauth_core::store::{ParkedRequest, RequestStore};
use oauth_core::{CredentialKey, Subject};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::Backend;
use crate::dropped::dropped_after;
use crate::hostile::{client_ids, user_ids};
use crate::sample::{START, TICK, at, client_id, just_before, key, key_in, parked_request, user};

/// Tests of a [`RequestStore`], one for each clause of its contract.
///
/// `$fresh` is an `async fn() -> S`. Options, in this order, each of which may be left out:
///
/// - `second_connection`, an `async fn(&S) -> S`: another connection to the data of a store.
/// - `when`, a `fn() -> bool`: whether the database is there.
///
/// ```
/// # fn main() {}
/// # mod tests {
/// use oauth_core::store::memory::MemoryRequestStore;
///
/// async fn fresh() -> MemoryRequestStore {
///     MemoryRequestStore::default()
/// }
///
/// mod requests {
///     oauth_testkit::request_store_contract!(super::fresh);
/// }
/// # }
/// ```
#[macro_export]
macro_rules! request_store_contract {
    (@each [$($callback:tt)+] $context:tt) => {
        $($callback)+! { $context request_store
            gives_a_request_back_until_it_is_taken
            gives_nothing_for_another_key
            a_request_is_absent_from_its_end_on
            of_any_number_that_take_at_once_one_gets_it
            what_one_connection_puts_another_takes
            a_take_that_is_dropped_gives_it_to_nobody_twice
            an_owner_may_have_several
            an_owner_pushes_out_nobody_elses
            hostile_owners_come_back
            payload_and_end_are_kept
            every_shard_and_every_byte_is_a_key
            the_time_of_requests_is_the_callers
            purge_removes_expired_requests_in_steps
            purge_does_not_count_what_was_taken
        }
    };
    ($fresh:expr $(, $option:ident = $value:expr)* $(,)?) => {
        $crate::request_store_contract! { @each [$crate::contract_tests] {
            $crate::Backend::new($fresh)$(.$option($value))*
        } }
    };
}

async fn put(store: &impl RequestStore, request: &ParkedRequest) {
    store.put(request, START).await.unwrap();
}

async fn get(
    store: &impl RequestStore,
    key: &CredentialKey,
    now: OffsetDateTime,
) -> Option<ParkedRequest> {
    store.get(key, now).await.unwrap()
}

async fn take(
    store: &impl RequestStore,
    key: &CredentialKey,
    now: OffsetDateTime,
) -> Option<ParkedRequest> {
    store.take(key, now).await.unwrap()
}

/// A request comes back as it was put, by `get` as often as one likes and by `take` once.
pub async fn gives_a_request_back_until_it_is_taken<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let request = parked_request(1);
    put(&store, &request).await;
    for _ in 0..3 {
        assert_eq!(
            get(&store, &request.key, at(1)).await,
            Some(request.clone())
        );
    }
    assert_eq!(
        take(&store, &request.key, at(2)).await,
        Some(request.clone())
    );
    assert_eq!(take(&store, &request.key, at(2)).await, None);
    assert_eq!(get(&store, &request.key, at(2)).await, None);
}

/// A key that was never put is no error, nor is one in another shard.
pub async fn gives_nothing_for_another_key<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    assert_eq!(get(&store, &key(1), at(1)).await, None);
    put(&store, &parked_request(1)).await;
    for other in [key(2), key_in(8, 1)] {
        assert_eq!(get(&store, &other, at(1)).await, None);
        assert_eq!(take(&store, &other, at(1)).await, None);
    }
    assert!(take(&store, &key(1), at(1)).await.is_some());
}

/// A request is absent from exactly its `expires_at` on, and there one microsecond earlier.
pub async fn a_request_is_absent_from_its_end_on<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for n in [1, 2] {
        put(&store, &parked_request(n)).await;
    }
    for late in [at(600), at(601), at(100_000)] {
        assert_eq!(get(&store, &key(1), late).await, None);
    }
    assert_eq!(take(&store, &key(2), at(600)).await, None);
    let last = just_before(at(600));
    assert_eq!(get(&store, &key(1), last).await, Some(parked_request(1)));
    assert_eq!(take(&store, &key(1), last).await, Some(parked_request(1)));
}

/// Of any number that take one request at once, exactly one gets it.
pub async fn of_any_number_that_take_at_once_one_gets_it<S: RequestStore>(backend: &Backend<S>) {
    let connections = backend.connections().await;
    let [store, _] = &connections;
    for round in 0..8 {
        put(&**store, &parked_request(round)).await;
        let start = Arc::new(Barrier::new(16));
        let mut tasks = JoinSet::new();
        for (_, store) in (0..16).zip(connections.iter().cycle()) {
            let (store, start) = (Arc::clone(store), Arc::clone(&start));
            tasks.spawn(async move {
                start.wait().await;
                take(&*store, &key(round), at(1)).await
            });
        }
        let taken: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(taken, [parked_request(round)]);
    }
}

/// What is put over one connection is taken over another.
pub async fn what_one_connection_puts_another_takes<S: RequestStore>(backend: &Backend<S>) {
    let [store, other] = backend.connections().await;
    put(&*store, &parked_request(1)).await;
    let request = Some(parked_request(1));
    assert_eq!(get(&*other, &key(1), at(1)).await, request);
    assert_eq!(take(&*other, &key(1), at(1)).await, request);
    assert_eq!(get(&*store, &key(1), at(1)).await, None);
}

/// A request whose taking was dropped at any await is given to one caller at most.
pub async fn a_take_that_is_dropped_gives_it_to_nobody_twice<S: RequestStore>(
    backend: &Backend<S>,
) {
    let store = backend.empty().await;
    for polls in 1..100 {
        put(&store, &parked_request(polls)).await;
        let key = key(polls);
        let ended = dropped_after(polls, store.take(&key, at(1))).await;
        let others = [
            take(&store, &key, at(1)).await,
            take(&store, &key, at(1)).await,
        ];
        let given = others.iter().flatten().count();
        match ended {
            None => assert!(given <= 1, "given twice after {polls} polls"),
            Some(taken) => {
                assert_eq!(taken.unwrap(), Some(parked_request(polls)));
                assert_eq!(given, 0);
                return;
            }
        }
    }
}

/// One owner may have several requests, and taking one leaves the others.
pub async fn an_owner_may_have_several<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for n in 0..20 {
        put(&store, &parked_request(n)).await;
    }
    assert!(take(&store, &key(7), at(1)).await.is_some());
    for n in (0..20).filter(|n| *n != 7) {
        assert_eq!(get(&store, &key(n), at(1)).await, Some(parked_request(n)));
    }
}

/// One owner's many requests push out nobody else's.
pub async fn an_owner_pushes_out_nobody_elses<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for (n, owner) in [(1, user("bob")), (2, Subject::Client(client_id("alice")))] {
        let request = ParkedRequest {
            owner,
            ..parked_request(n)
        };
        put(&store, &request).await;
    }
    for n in 100..300 {
        put(&store, &parked_request(n)).await;
    }
    for n in [1, 2] {
        assert!(get(&store, &key(n), at(1)).await.is_some());
    }
}

/// Owners come back byte for byte, whatever their length and characters, and a user is not a client.
pub async fn hostile_owners_come_back<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let users = user_ids().into_iter().map(Subject::User);
    let clients = client_ids().into_iter().map(Subject::Client);
    let requests: Vec<ParkedRequest> = (0..)
        .zip(users.chain(clients))
        .map(|(n, owner)| ParkedRequest {
            owner,
            ..parked_request(n)
        })
        .collect();
    for request in &requests {
        put(&store, request).await;
    }
    for request in requests {
        let taken = take(&store, &request.key, at(1)).await;
        assert_eq!(taken, Some(request));
    }
}

/// Every field of the payload comes back, and the end to the microsecond.
pub async fn payload_and_end_are_kept<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let request = ParkedRequest {
        expires_at: at(600) + Duration::microseconds(123_457),
        ..parked_request(1)
    };
    put(&store, &request).await;
    assert_eq!(get(&store, &key(1), request.expires_at).await, None);
    let last = get(&store, &key(1), request.expires_at - TICK).await;
    let last = last.expect("not expired");
    assert_eq!(last.payload.encode(), request.payload.encode());
    assert_eq!(last, request);
}

/// The first and the last shard, and digests of all sorts of bytes.
pub async fn every_shard_and_every_byte_is_a_key<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let mut requests = Vec::new();
    for shard in [0, 1, 255, 256, 0x7fff, 0x8000, u16::MAX] {
        for byte in [0, 255, b'%', b'\''] {
            requests.push(ParkedRequest {
                key: CredentialKey::new(shard, [byte; 32]),
                ..parked_request(1)
            });
        }
    }
    for request in &requests {
        put(&store, request).await;
    }
    for request in requests {
        let taken = take(&store, &request.key, at(1)).await;
        assert_eq!(taken, Some(request));
    }
}

/// The store takes the time from its caller: a request counts in 1970 and in the year 9999 as it
/// does now.
pub async fn the_time_of_requests_is_the_callers<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let late = datetime!(9999-12-31 23:00 UTC);
    for (n, now) in [(1, OffsetDateTime::UNIX_EPOCH), (2, late)] {
        let request = ParkedRequest {
            expires_at: now + Duration::seconds(60) + TICK,
            ..parked_request(n)
        };
        store.put(&request, now).await.unwrap();
        assert_eq!(get(&store, &key(n), request.expires_at).await, None);
        let last = request.expires_at - TICK;
        assert_eq!(get(&store, &key(n), now).await, Some(request.clone()));
        assert_eq!(take(&store, &key(n), last).await, Some(request));
    }
}

/// Purge keeps what has not expired, removes no more than its limit and says how many it removed.
pub async fn purge_removes_expired_requests_in_steps<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for n in 0..30 {
        let request = ParkedRequest {
            key: key_in(u16::try_from(n).unwrap() * 2_000, n),
            expires_at: at(i64::from(n) + 1),
            ..parked_request(n)
        };
        put(&store, &request).await;
    }
    assert_eq!(store.purge(START, 100).await.unwrap(), 0);
    assert_eq!(store.purge(at(20), 0).await.unwrap(), 0);
    // Twenty have expired.
    let mut removed = Vec::new();
    for round in 0.. {
        match store.purge(at(20), 7).await.unwrap() {
            0 => break,
            more => removed.push(more),
        }
        assert!(round < 100, "comes to an end");
    }
    assert!(removed.iter().all(|it| *it <= 7), "{removed:?}");
    let all: usize = removed.iter().sum();
    // A store whose records go by themselves has nothing to do here.
    assert!(all == 20 || all == 0, "{all} of 20");
    for n in 20..30 {
        let key = key_in(u16::try_from(n).unwrap() * 2_000, n);
        assert!(get(&store, &key, at(20)).await.is_some(), "{n} was removed");
    }
}

/// What was taken does not come back with a purge, and is not counted by it.
pub async fn purge_does_not_count_what_was_taken<S: RequestStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    put(&store, &parked_request(1)).await;
    assert!(take(&store, &key(1), at(1)).await.is_some());
    assert_eq!(store.purge(at(600), 100).await.unwrap(), 0);
    assert_eq!(get(&store, &key(1), at(1)).await, None);
}
