//! A request that is dropped while it waits: a client hung up, or a node is going down.

use std::collections::HashSet;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::{TestServer, Verb};
use crate::store::{ConsentStore, GrantStore, RequestStore};
use crate::{CredentialKind, UserId};

/// How much of each kind the stores hold that counts: credentials of live grants, and what Alice was
/// shown and has allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    pub(crate) grants: usize,
    pub(crate) codes: usize,
    pub(crate) spent_codes: usize,
    pub(crate) refresh_tokens: usize,
    pub(crate) spent_refresh_tokens: usize,
    pub(crate) access_tokens: usize,
    pub(crate) tickets: usize,
    pub(crate) consents: usize,
}

impl TestServer {
    /// Runs a request until it has waited `nth` times for a store, and drops it there: at odd numbers
    /// before a verb has happened, at even ones after it. The answer, if it waits less often.
    pub(crate) fn drop_at<F: Future>(&self, nth: usize, request: F) -> Option<F::Output> {
        self.store.park(true);
        let mut request = pin!(request);
        let mut context = Context::from_waker(Waker::noop());
        let mut waited = 0;
        let answer = loop {
            match request.as_mut().poll(&mut context) {
                Poll::Ready(answer) => break Some(answer),
                Poll::Pending => waited += 1,
            }
            if waited == nth {
                break None;
            }
        };
        self.store.park(false);
        answer
    }

    /// The verbs that have changed a store since the last time this was asked.
    pub(crate) fn written_by(&self) -> Vec<Verb> {
        let mut happened = self.store.happened();
        happened.retain(|verb| verb.writes());
        happened
    }

    pub(crate) async fn holdings(&self) -> Holdings {
        let (grants, requests, consents) = self.store.parts();
        let now = self.now();
        let (credentials, tickets) = self.store.keys();
        let mut holdings = Holdings::default();
        let mut live = HashSet::new();
        for key in &credentials {
            let Some(found) = grants.find(key).await.unwrap() else {
                continue;
            };
            if !found.grant.is_active(now) {
                continue;
            }
            live.insert(found.grant.id);
            let spent = found.credential.spent_at.is_some();
            let count = match (found.credential.kind, spent) {
                (CredentialKind::AuthorizationCode, false) => &mut holdings.codes,
                (CredentialKind::AuthorizationCode, true) => &mut holdings.spent_codes,
                (CredentialKind::RefreshToken, false) => &mut holdings.refresh_tokens,
                (CredentialKind::RefreshToken, true) => &mut holdings.spent_refresh_tokens,
                (kind, _) => {
                    assert_eq!(kind, CredentialKind::AccessToken);
                    &mut holdings.access_tokens
                }
            };
            *count += 1;
        }
        for key in &tickets {
            holdings.tickets += usize::from(requests.get(key, now).await.unwrap().is_some());
        }
        holdings.consents = consents.list(&UserId::new("alice")).await.unwrap().len();
        holdings.grants = live.len();
        holdings
    }
}
