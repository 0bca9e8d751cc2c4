//! The verbs of the stores, each on something that was not touched before.

use std::sync::Arc;
use std::time::Duration;

use oauth_core::store::{
    ConsentStore, Decided, Decision, Exchange, Exchanged, Grant, GrantDirectory, GrantStore,
    RequestStore, Spend, Target,
};
use oauth_core::{ClientId, Subject};

use crate::flat::Timed;
use crate::population::{ENDED, Population, scope};
use crate::stopwatch::Stopwatch;

/// How many of either kind a row of `purge` removes at a time.
const FEW: usize = 10;
const MANY: usize = 100;
/// So many calls that remove a few are one measurement.
const CALLS_OF_FEW: usize = 10;
/// How often each row of `purge` is measured. Together they use up all that has ended.
pub(crate) const PURGES: usize = ENDED as usize / (FEW * CALLS_OF_FEW + MANY);
/// Coprime with every number of grants, so that its multiples meet each of them once.
const STEP: u64 = 1_000_000_007;

/// The stores of a backend that are measured.
pub(crate) trait Stores: GrantDirectory + RequestStore + ConsentStore {}

impl<S: GrantDirectory + RequestStore + ConsentStore> Stores for S {}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Open,
    Find,
    Exchange,
    ExchangeNothing,
    Decide,
    RevokeGrant,
    RevokeCredential,
    List,
    PurgeFewAccessTokens,
    PurgeAccessTokens,
    PurgeFewGrants,
    PurgeGrants,
    Put,
    Get,
    Take,
    FindConsent,
    ListConsents,
    Record,
}

impl Verb {
    /// In the order in which they are measured: access tokens are purged before grants are, and both
    /// before a write to a store in memory removes some on its way.
    pub(crate) const ALL: [Self; 18] = [
        Self::PurgeFewAccessTokens,
        Self::PurgeAccessTokens,
        Self::PurgeFewGrants,
        Self::PurgeGrants,
        Self::Open,
        Self::Find,
        Self::Exchange,
        Self::ExchangeNothing,
        Self::Decide,
        Self::RevokeGrant,
        Self::RevokeCredential,
        Self::List,
        Self::Put,
        Self::Get,
        Self::Take,
        Self::FindConsent,
        Self::ListConsents,
        Self::Record,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Find => "find",
            Self::Exchange => "exchange",
            Self::ExchangeNothing => "exchange, spending nothing",
            Self::Decide => "decide",
            Self::RevokeGrant => "revoke a grant",
            Self::RevokeCredential => "revoke a credential",
            Self::List => "list a subject's grants",
            Self::PurgeFewAccessTokens => "purge 10 access tokens",
            Self::PurgeFewGrants => "purge 10 grants",
            Self::PurgeAccessTokens => "purge 100 access tokens",
            Self::PurgeGrants => "purge 100 grants",
            Self::Put => "put",
            Self::Get => "get",
            Self::Take => "take",
            Self::FindConsent => "find a consent",
            Self::ListConsents => "list consents",
            Self::Record => "record a consent",
        }
    }

    pub(crate) const fn is_purge(self) -> bool {
        self.purged().is_some()
    }

    /// How many a purge removes in a call, and how often it is called for one measurement.
    const fn purged(self) -> Option<(usize, usize)> {
        match self {
            Self::PurgeFewAccessTokens | Self::PurgeFewGrants => Some((FEW, CALLS_OF_FEW)),
            Self::PurgeAccessTokens | Self::PurgeGrants => Some((MANY, 1)),
            _ => None,
        }
    }
}

/// The stores with what is in them, and how far it was used up.
pub(crate) struct Filled {
    pub(crate) stores: Arc<dyn Stores>,
    pub(crate) population: Population,
    grants_used: u64,
    requests_used: u64,
    users_used: u64,
    added: u64,
    stopwatch: Stopwatch,
}

impl Filled {
    pub(crate) fn new(stores: Arc<dyn Stores>, population: Population, cold: bool) -> Self {
        Self {
            stores,
            population,
            grants_used: 0,
            requests_used: 0,
            users_used: 0,
            added: 0,
            stopwatch: Stopwatch::new(cold),
        }
    }

    /// A grant that is alive and was not used before.
    fn grant(&mut self) -> u64 {
        let grants = self.population.grants();
        assert!(self.grants_used < grants, "fewer calls, or larger stores");
        self.grants_used += 1;
        spread(self.grants_used, grants)
    }

    /// The number of a grant or request that is not there yet.
    fn new_one(&mut self) -> u64 {
        self.added += 1;
        self.population.grants() + ENDED + self.added
    }

    fn request(&mut self) -> u64 {
        let requests = self.population.requests();
        assert!(
            self.requests_used < requests,
            "fewer calls, or larger stores"
        );
        self.requests_used += 1;
        spread(self.requests_used, requests)
    }

    fn user(&mut self) -> u64 {
        self.users_used += 1;
        spread(self.users_used, self.population.users())
    }

    /// Calls a verb once, or a purge of a few several times, and says how long a call took.
    async fn time_of(&mut self, verb: Verb) -> Duration {
        if let Some((limit, calls)) = verb.purged() {
            return self.time_of_purge(limit, calls).await;
        }
        match verb {
            Verb::Open | Verb::Find | Verb::Exchange | Verb::ExchangeNothing => {
                self.time_of_grants(verb).await
            }
            Verb::Decide | Verb::RevokeGrant | Verb::RevokeCredential => {
                self.time_of_ends(verb).await
            }
            Verb::List => {
                let n = self.user();
                let subject = Subject::User(self.population.user(n));
                let now = self.population.now;
                let (listed, time) = self
                    .stopwatch
                    .timed(GrantDirectory::list(&*self.stores, &subject, now))
                    .await;
                assert!(!listed.expect("a list").is_empty());
                time
            }
            Verb::Put | Verb::Get | Verb::Take => self.time_of_requests(verb).await,
            _ => self.time_of_consents(verb).await,
        }
    }

    async fn time_of_purge(&mut self, limit: usize, calls: usize) -> Duration {
        let mut times = Duration::ZERO;
        for _ in 0..calls {
            let purge = GrantStore::purge(&*self.stores, self.population.now, limit);
            let (purged, time) = self.stopwatch.timed(purge).await;
            assert_eq!(purged.expect("a purge"), limit);
            times += time;
        }
        times / u32::try_from(calls).expect("a few")
    }

    async fn time_of_grants(&mut self, verb: Verb) -> Duration {
        let now = self.population.now;
        if verb == Verb::Open {
            let n = self.new_one();
            let (grant, credentials) =
                (self.population.grant(n), self.population.credentials_of(n));
            let (opened, time) = self
                .stopwatch
                .timed(self.stores.open(&grant, &credentials, now))
                .await;
            opened.expect("an opened grant");
            return time;
        }
        let n = self.grant();
        let key = self.population.refresh_token(n).key;
        if verb == Verb::Find {
            let key = self.population.access_token(n).key;
            let (found, time) = self
                .stopwatch
                .timed(GrantStore::find(&*self.stores, &key))
                .await;
            let found = found.expect("an answer").expect("a credential");
            assert_eq!(found.grant, self.population.grant(n));
            assert_eq!(found.credential, self.population.access_token(n));
            return time;
        }
        let grant = self.population.grant(n).id;
        let successors = self.population.successors(n);
        let (spend, successors) = match verb {
            Verb::Exchange => (Spend::Once(key), &successors[..]),
            _ => (Spend::Nothing { while_unspent: key }, &successors[1..]),
        };
        let exchange = Exchange {
            id: self.population.exchange(n),
            grant,
            spend,
            successors: successors.into(),
            now,
        };
        let (exchanged, time) = self.stopwatch.timed(self.stores.exchange(exchange)).await;
        assert_eq!(exchanged.expect("an answer"), Exchanged::Done);
        time
    }

    async fn time_of_ends(&mut self, verb: Verb) -> Duration {
        let now = self.population.now;
        if verb == Verb::Decide {
            let n = self.new_one();
            let decided = self.population.grant(n);
            let undecided = Grant {
                subject: None,
                ..decided.clone()
            };
            let opened = self.stores.open(&undecided, &[], now).await;
            opened.expect("an opened grant");
            let approval = Decision::Approve {
                subject: decided.subject.clone().expect("a user"),
                expires_at: decided.expires_at,
                payload: decided.payload.clone(),
            };
            let (decided, time) = self
                .stopwatch
                .timed(self.stores.decide(&decided.id, approval, now))
                .await;
            assert_eq!(decided.expect("an answer"), Decided::Done);
            return time;
        }
        let n = self.grant();
        let (grant, key) = (
            self.population.grant(n).id,
            self.population.access_token(n).key,
        );
        let target = match verb {
            Verb::RevokeGrant => Target::Grant(grant),
            _ => Target::Credential(key),
        };
        let (revoked, time) = self.stopwatch.timed(self.stores.revoke(target, now)).await;
        revoked.expect("a revocation");
        time
    }

    async fn time_of_requests(&mut self, verb: Verb) -> Duration {
        let now = self.population.now;
        if verb == Verb::Put {
            let n = self.new_one();
            let request = self.population.request(n);
            let (put, time) = self.stopwatch.timed(self.stores.put(&request, now)).await;
            put.expect("a parked request");
            return time;
        }
        let n = self.request();
        let request = self.population.request(n);
        let (found, time) = match verb {
            Verb::Get => {
                self.stopwatch
                    .timed(self.stores.get(&request.key, now))
                    .await
            }
            _ => {
                self.stopwatch
                    .timed(self.stores.take(&request.key, now))
                    .await
            }
        };
        assert_eq!(found.expect("an answer"), Some(request));
        time
    }

    async fn time_of_consents(&mut self, verb: Verb) -> Duration {
        let n = self.user();
        let user = self.population.user(n);
        let consent = self.population.consent(n);
        match verb {
            Verb::FindConsent => {
                let find = ConsentStore::find(&*self.stores, &user, &consent.client_id);
                let (found, time) = self.stopwatch.timed(find).await;
                assert_eq!(found.expect("an answer"), Some(consent));
                time
            }
            Verb::ListConsents => {
                let (listed, time) = self
                    .stopwatch
                    .timed(ConsentStore::list(&*self.stores, &user))
                    .await;
                assert!(!listed.expect("a list").is_empty());
                time
            }
            _ => {
                let other: ClientId = oauth_testkit::sample::client_id("another-client");
                let (scope, now) = (scope(), self.population.now);
                let (recorded, time) = self
                    .stopwatch
                    .timed(self.stores.record(&user, &other, &scope, now))
                    .await;
                recorded.expect("a consent");
                time
            }
        }
    }
}

impl Timed for Filled {
    type Verb = Verb;

    async fn time(&mut self, verb: Verb) -> Duration {
        self.time_of(verb).await
    }
}

/// Each of `all` once, in an order that looks random.
pub(crate) const fn spread(n: u64, all: u64) -> u64 {
    (n * STEP) % all
}
