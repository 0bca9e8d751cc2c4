//! What remains when credentials cannot be recorded. Only where a store can be told to fail.

use std::sync::Arc;

use oauth_core::store::{Decided, Exchange, GrantStore, Spend};

use super::decision::deny;
use super::{found, is_there, open};
use crate::Backend;
use crate::sample::{
    START, access_token, at, code, exchange_id, grant, grant_id, key, refresh_token,
};

/// An exchange whose successors cannot be recorded is an error, and spends nothing.
pub async fn a_failed_insert_leaves_the_credential_unspent<S: GrantStore>(backend: &Backend<S>) {
    let store = Arc::new(backend.empty().await);
    open(&*store, &grant(1), &[code(1), refresh_token(100)]).await;
    backend.fail(&store).await;
    let (grant, key) = (grant_id(1), key(1));
    let successors = [access_token(2), refresh_token(3)];
    let exchange = Exchange {
        id: exchange_id(1),
        grant,
        spend: Spend::Once(key),
        successors: (&successors).into(),
        now: at(1),
    };
    let outcome = store.exchange(exchange).await;
    assert!(
        outcome.is_err(),
        "{outcome:?} from a store that cannot record"
    );
    assert_eq!(found(&*store, 1).await, Some(code(1)), "nothing is spent");
    assert!(!is_there(&*store, 2).await && !is_there(&*store, 3).await);
}

/// An opening whose credentials cannot be recorded is an error, and nothing of it is there.
pub async fn a_failed_insert_leaves_no_grant<S: GrantStore>(backend: &Backend<S>) {
    let store = Arc::new(backend.empty().await);
    open(&*store, &grant(1), &[code(1)]).await;
    backend.fail(&store).await;
    let refused = store.open(&grant(2), &[code(2), code(3)], START).await;
    assert!(refused.is_err(), "a store that cannot record");
    assert!(!is_there(&*store, 2).await && !is_there(&*store, 3).await);
    let denied = deny(&*store, 2, START).await;
    assert_eq!(denied, Decided::Unknown);
}
