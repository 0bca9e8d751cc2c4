use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};

use super::{Attempt, Outcome, RetryAfter, Throttle};
use crate::RequestOrigin;
use crate::test_server::{Answer, Fault, Form, TestServer, Verb};

fn from(peer: &str, mut request: Request<Bytes>) -> Request<Bytes> {
    let origin = RequestOrigin::new().with_peer(peer.parse().unwrap());
    request.extensions_mut().insert(origin);
    request
}

fn credentials() -> Form {
    Form::of([("grant_type", "client_credentials"), ("token", "x")])
}

/// Says no when told to, and keeps what it was asked and told.
#[derive(Clone, Default)]
struct Scripted(Arc<Mutex<(Vec<bool>, Vec<String>)>>);

impl Throttle for Scripted {
    fn check(&self, attempt: &Attempt<'_>) -> Result<(), RetryAfter> {
        let mut script = self.0.lock().unwrap();
        let (identity, peer) = (attempt.identity(), attempt.peer());
        let purpose = attempt.purpose();
        script.1.push(format!("{purpose:?} {identity} {peer:?}"));
        match script.0.pop() {
            Some(true) => Err(RetryAfter::new(Duration::from_millis(1500))),
            _ => Ok(()),
        }
    }

    fn outcome(&self, attempt: &Attempt<'_>, outcome: Outcome) {
        let identity = attempt.identity();
        self.0
            .lock()
            .unwrap()
            .1
            .push(format!("{outcome:?} {identity}"));
    }
}

impl Scripted {
    fn answers(&self, next: &[bool]) {
        self.0.lock().unwrap().0 = next.iter().rev().copied().collect();
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }
}

fn scripted() -> (TestServer, Scripted) {
    let throttle = Scripted::default();
    let test = TestServer::with(|builder| builder.throttle(throttle.clone()));
    (test, throttle)
}

const ASKED: &str = "ClientAuthentication job Some(192.0.2.7)";

#[tokio::test]
async fn it_is_asked_before_and_after_and_told_how_it_ended() {
    let (test, throttle) = scripted();
    let right = from("192.0.2.7", credentials().sent_by("job"));
    test.token(&right).await.issued();
    assert_eq!(throttle.told(), [ASKED, ASKED, "Success job"]);
    let wrong = from("192.0.2.7", credentials().with_basic("job", "wrong"));
    test.token(&wrong).await.is(401, "invalid_client");
    assert_eq!(throttle.told(), [ASKED, "Failure job"]);
    let unknown = from("192.0.2.7", credentials().with_basic("nobody", "wrong"));
    test.token(&unknown).await.is(401, "invalid_client");
    assert_eq!(throttle.told()[1], "Failure nobody");
    // From nowhere that is known.
    test.token(&credentials().sent_by("job")).await.issued();
    assert_eq!(throttle.told()[0], "ClientAuthentication job None");
    // Who cannot be checked has neither succeeded nor failed.
    test.store.fail(Verb::FindClient, 1, Fault::TransientBefore);
    test.token(&right).await.is(503, "temporarily_unavailable");
    assert_eq!(throttle.told(), [ASKED]);
    // Nobody claims anything.
    test.token(&credentials().post())
        .await
        .is(401, "invalid_client");
    assert!(throttle.told().is_empty());
}

#[track_caller]
fn is_429(answer: &Answer) {
    answer.is(429, "temporarily_unavailable");
    assert_eq!(answer.headers[header::RETRY_AFTER], "2");
}

#[tokio::test]
async fn a_throttled_attempt_is_429_at_every_endpoint_right_or_wrong() {
    let (test, throttle) = scripted();
    let right = from("192.0.2.7", credentials().sent_by("job"));
    let wrong = from("192.0.2.7", credentials().with_basic("job", "wrong"));
    for request in [&right, &wrong] {
        test.store.calls();
        throttle.answers(&[true]);
        is_429(&test.token(request).await);
        throttle.answers(&[true]);
        is_429(&Answer::of(test.server.introspect(request).await));
        throttle.answers(&[true]);
        is_429(&Answer::of(test.server.revoke(request).await));
        assert!(test.store.calls().is_empty(), "nothing is looked up");
        assert_eq!(throttle.told(), [ASKED; 3]);
    }
}

/// Guesses that are all under way before the first has failed.
#[tokio::test]
async fn a_success_counts_only_if_it_still_may() {
    let (test, throttle) = scripted();
    throttle.answers(&[false, true]);
    let right = from("192.0.2.7", credentials().sent_by("job"));
    is_429(&test.token(&right).await);
    assert_eq!(throttle.told(), [ASKED, ASKED]);
}

/// Everybody who runs it has the same name and nothing to prove, so there is nothing to guess, and a
/// neighbour who fails on purpose must not lock the others out.
#[tokio::test]
async fn a_client_that_proves_nothing_is_not_throttled() {
    let (test, throttle) = scripted();
    let wrong = from("192.0.2.7", credentials().with_basic("spa", "wrong"));
    test.token(&wrong).await.is(401, "invalid_client");
    throttle.told();
    throttle.answers(&[true]);
    let public = from("192.0.2.7", credentials().sent_by("spa"));
    assert_eq!(test.server.revoke(&public).await.status(), 200);
    assert!(throttle.told().is_empty());
}

#[test]
fn whole_seconds_to_wait_are_at_least_one() {
    for (wait, seconds) in [(0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (60_000, 60)] {
        let retry_after = RetryAfter::new(Duration::from_millis(wait));
        assert_eq!(retry_after.seconds(), seconds, "{wait}");
    }
    assert_eq!(RetryAfter::new(Duration::MAX).seconds(), u64::MAX);
}

#[cfg(feature = "throttle")]
mod failure_limit {
    use std::net::IpAddr;

    use super::super::{FailureLimit, Purpose};
    use super::*;
    use crate::Clock;
    use crate::test_server::{TestClock, secret_of};

    fn limited(failures: u32, period: Duration) -> (FailureLimit, TestClock) {
        let clock = TestServer::new().clock;
        let limit = FailureLimit::with_clock(failures, period, clock.clone());
        (limit, clock)
    }

    fn attempt<'a>(identity: &'a str, peer: &str) -> Attempt<'a> {
        let peer: IpAddr = peer.parse().unwrap();
        Attempt::new(Purpose::ClientAuthentication, identity).from_peer(Some(peer))
    }

    fn fail(limit: &FailureLimit, attempt: &Attempt<'_>, times: usize) {
        for _ in 0..times {
            limit.outcome(attempt, Outcome::Failure);
        }
    }

    fn wait(limit: &FailureLimit, attempt: &Attempt<'_>) -> Option<Duration> {
        limit.check(attempt).err().map(RetryAfter::wait)
    }

    #[test]
    fn failures_are_allowed_at_once_and_then_one_by_one() {
        let (limit, clock) = limited(3, Duration::from_secs(60));
        let web = attempt("web", "192.0.2.7");
        for _ in 0..3 {
            assert_eq!(wait(&limit, &web), None);
            fail(&limit, &web, 1);
        }
        assert_eq!(wait(&limit, &web), Some(Duration::from_secs(20)));
        clock.advance(time::Duration::seconds(19));
        assert_eq!(wait(&limit, &web), Some(Duration::from_secs(1)));
        clock.advance(time::Duration::seconds(1));
        assert_eq!(wait(&limit, &web), None);
        fail(&limit, &web, 1);
        assert_eq!(wait(&limit, &web), Some(Duration::from_secs(20)));
        clock.advance(time::Duration::seconds(60));
        for _ in 0..3 {
            assert_eq!(wait(&limit, &web), None);
            fail(&limit, &web, 1);
        }
        assert!(wait(&limit, &web).is_some());
    }

    #[test]
    fn looking_and_succeeding_use_nothing_up() {
        let (limit, _) = limited(1, Duration::from_secs(60));
        let web = attempt("web", "192.0.2.7");
        for _ in 0..1000 {
            assert_eq!(wait(&limit, &web), None);
            limit.outcome(&web, Outcome::Success);
        }
    }

    #[test]
    fn another_client_place_or_purpose_is_let_through() {
        let (limit, _) = limited(1, Duration::from_secs(60));
        fail(&limit, &attempt("web", "192.0.2.7"), 50);
        assert!(wait(&limit, &attempt("web", "192.0.2.7")).is_some());
        assert!(wait(&limit, &attempt("web", "::ffff:192.0.2.7")).is_some());
        assert!(wait(&limit, &attempt("web", "192.0.2.8")).is_none());
        assert!(wait(&limit, &attempt("job", "192.0.2.7")).is_none());
        let peer = "192.0.2.7".parse().ok();
        let login = Attempt::new(Purpose::Login, "web").from_peer(peer);
        assert!(wait(&limit, &login).is_none());
    }

    #[test]
    fn one_network_of_version_6_is_one_place() {
        let (limit, _) = limited(1, Duration::from_secs(60));
        fail(&limit, &attempt("web", "2001:db8:1:2::3"), 1);
        assert!(wait(&limit, &attempt("web", "2001:db8:1:2:ffff::4")).is_some());
        assert!(wait(&limit, &attempt("web", "2001:db8:1:3::3")).is_none());
    }

    #[test]
    fn who_comes_from_nowhere_is_let_through() {
        let (limit, _) = limited(1, Duration::from_secs(60));
        let web = Attempt::new(Purpose::ClientAuthentication, "web");
        fail(&limit, &web, 50);
        assert!(wait(&limit, &web).is_none());
    }

    #[test]
    fn its_memory_is_bounded_and_keeps_who_has_most_to_wait() {
        let (limit, _) = limited(10, Duration::from_secs(60));
        let worst = attempt("worst", "192.0.2.7");
        fail(&limit, &worst, 10);
        for number in 0..300_000_u32 {
            let peer = IpAddr::from(number.to_be_bytes());
            let other = Attempt::new(Purpose::ClientAuthentication, "web").from_peer(Some(peer));
            fail(&limit, &other, 1);
        }
        assert!(wait(&limit, &worst).is_some());
        let remembered = limit.into_remembered();
        assert!((64 * 512..=64 * 2048).contains(&remembered), "{remembered}");
    }

    #[test]
    fn limits_out_of_range_are_taken_as_the_nearest() {
        let (limit, clock) = limited(0, Duration::MAX);
        let web = attempt("web", "192.0.2.7");
        fail(&limit, &web, 1);
        assert_eq!(wait(&limit, &web), Some(Duration::from_secs(24 * 60 * 60)));
        clock.advance(time::Duration::days(1));
        assert_eq!(wait(&limit, &web), None);
        let (limit, clock) = limited(u32::MAX, Duration::ZERO);
        fail(&limit, &web, 10);
        assert_eq!(wait(&limit, &web), None);
        assert!(clock.now() > time::OffsetDateTime::UNIX_EPOCH);
    }

    /// The sentence of the design: guessing at one client's secret locks out neither that client elsewhere
    /// nor others.
    #[tokio::test]
    async fn guessing_locks_out_neither_the_client_elsewhere_nor_others() {
        let (limit, _) = limited(5, Duration::from_secs(60));
        let test = TestServer::with(|builder| builder.throttle(limit));
        let wrong = from("192.0.2.7", credentials().with_basic("job", "wrong"));
        for _ in 0..5 {
            test.token(&wrong).await.is(401, "invalid_client");
        }
        let answer = test.token(&wrong).await;
        answer.is(429, "temporarily_unavailable");
        assert_eq!(answer.headers[header::RETRY_AFTER], "12");
        let right = credentials().with_basic("job", &secret_of("job"));
        test.token(&from("192.0.2.7", right.clone()))
            .await
            .is(429, "temporarily_unavailable");
        test.token(&from("192.0.2.8", right.clone())).await.issued();
        test.token(&right).await.issued();
        let code = test.code("web").await;
        let other = from("192.0.2.7", Form::redeeming(&code).sent_by("web"));
        test.token(&other).await.issued();
    }
}
