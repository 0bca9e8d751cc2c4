//! What the app remembers of its visitors, in memory, under a random cookie.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oauth2::{CsrfToken, PkceCodeVerifier};
use tokio::time::Instant;

use crate::connection::Connection;

/// More visitors than this push out the one who was away longest, one without a connection first:
/// anybody can become a visitor.
const MOST_VISITS: usize = 1000;
/// So many connections can be under way in one browser, in as many tabs.
const MOST_STARTED: usize = 8;
/// A visitor has this long to sign in and to decide.
const STARTED_FOR: Duration = Duration::from_secs(20 * 60);

/// A connection under way: what the callback must match.
pub(crate) struct Started {
    pub(crate) state: CsrfToken,
    pub(crate) verifier: PkceCodeVerifier,
    pub(crate) at: Instant,
}

/// Held while a token is being refreshed, so that two tabs do not spend one refresh token twice:
/// the server would take that for theft and end the grant.
pub(crate) type SharedConnection = Arc<tokio::sync::Mutex<Connection>>;

#[derive(Default)]
struct Visit {
    started: Vec<Started>,
    connection: Option<SharedConnection>,
    seen: Option<Instant>,
}

/// All visitors, by the value of their cookie.
#[derive(Default)]
pub(crate) struct Visits(Mutex<HashMap<String, Visit>>);

impl Visits {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Visit>> {
        // Nothing in here panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a connection under way and gives the cookie's value.
    pub(crate) fn start(&self, cookie: Option<&str>, started: Started) -> String {
        let now = started.at;
        let mut visits = self.lock();
        let (id, mut visit) = cookie
            .and_then(|id| visits.remove_entry(id))
            .unwrap_or_else(|| (new_id(), Visit::default()));
        visit
            .started
            .retain(|one| now.duration_since(one.at) < STARTED_FOR);
        if visit.started.len() >= MOST_STARTED {
            visit.started.remove(0);
        }
        visit.started.push(started);
        keep(&mut visits, id.clone(), visit, now);
        id
    }

    /// The connection under way with this `state`, once.
    pub(crate) fn take_started(&self, cookie: &str, state: &str) -> Option<Started> {
        let now = Instant::now();
        let mut visits = self.lock();
        let started = &mut visits.get_mut(cookie)?.started;
        let place = started.iter().position(|one| one.state.secret() == state)?;
        Some(started.remove(place)).filter(|one| now.duration_since(one.at) < STARTED_FOR)
    }

    /// Keeps the tokens and gives the cookie's new value. It is a new one so that nobody who planted
    /// or saw the old one is connected by it.
    pub(crate) fn connect(&self, cookie: &str, connection: Connection) -> String {
        let mut visits = self.lock();
        let mut visit = visits.remove(cookie).unwrap_or_default();
        visit.connection = Some(Arc::new(tokio::sync::Mutex::new(connection)));
        let id = new_id();
        keep(&mut visits, id.clone(), visit, Instant::now());
        id
    }

    /// The visitor's connection.
    pub(crate) fn connection(&self, cookie: &str) -> Option<SharedConnection> {
        let mut visits = self.lock();
        let visit = visits.get_mut(cookie)?;
        visit.seen = Some(Instant::now());
        visit.connection.clone()
    }

    /// Forgets the tokens.
    pub(crate) fn disconnect(&self, cookie: &str) {
        if let Some(visit) = self.lock().get_mut(cookie) {
            visit.connection = None;
        }
    }

    /// Forgets these tokens, and no others that came in the meantime.
    pub(crate) fn forget(&self, cookie: &str, ended: &SharedConnection) {
        if let Some(visit) = self.lock().get_mut(cookie)
            && visit
                .connection
                .as_ref()
                .is_some_and(|current| Arc::ptr_eq(current, ended))
        {
            visit.connection = None;
        }
    }
}

fn keep(visits: &mut HashMap<String, Visit>, id: String, mut visit: Visit, now: Instant) {
    if visits.len() >= MOST_VISITS {
        let oldest = visits
            .iter()
            .min_by_key(|(_, visit)| (visit.connection.is_some(), visit.seen))
            .map(|(id, _)| id.clone());
        oldest.and_then(|id| visits.remove(&id));
    }
    visit.seen = Some(now);
    visits.insert(id, visit);
}

/// 256 random bits: who knows the value is the visitor.
fn new_id() -> String {
    CsrfToken::new_random_len(32).into_secret()
}
