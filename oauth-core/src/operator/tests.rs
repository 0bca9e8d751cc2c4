use time::Duration;

use super::*;
use crate::store::{Content, Decided, Decision, GrantDirectory, GrantPayload, GrantStore, Payload};
use crate::test_server::{Fault, Form, TestServer, Verb};
use crate::{GrantId, Scope, UserId};

const OF: [&str; 4] = ["web", "web", "post", "job"];

fn alice() -> Subject {
    Subject::User(UserId::new("alice"))
}

fn client(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

/// Two grants of alice to `web`, one to `post`, and one that `job` has for itself, a minute apart.
async fn four() -> (TestServer, [String; 4]) {
    let test = TestServer::new();
    let mut tokens = Vec::new();
    for client in OF {
        let answer = match client {
            "job" => {
                let form = Form::of([("grant_type", "client_credentials")]);
                test.send("job", &form).await.issued()
            }
            _ => test.tokens(client).await,
        };
        tokens.push(answer.access_token());
        test.advance(Duration::MINUTE);
    }
    (test, tokens.try_into().unwrap())
}

async fn live(test: &TestServer, tokens: &[String; 4]) -> [bool; 4] {
    let mut live = [false; 4];
    for (live, token) in live.iter_mut().zip(tokens) {
        *live = test.is_live(token).await;
    }
    live
}

/// Ends a selection of the four, and says which of them are left.
async fn left_of(selection: impl FnOnce(OffsetDateTime) -> GrantSelection) -> [bool; 4] {
    let (test, tokens) = four().await;
    let selection = selection(test.now() - 4 * Duration::MINUTE);
    let ended = test.server.revoke_grants(&selection).await.unwrap();
    let left = live(&test, &tokens).await;
    assert_eq!(ended, left.iter().filter(|live| !**live).count());
    // Each has ended by now, which is no error.
    assert_eq!(test.server.revoke_grants(&selection).await.unwrap(), 0);
    left
}

#[tokio::test]
async fn the_grants_of_a_client_end() {
    let of = |id| GrantSelection::all().client(client(id));
    assert_eq!(left_of(|_| of("web")).await, [false, false, true, true]);
    assert_eq!(left_of(|_| of("job")).await, [true, true, true, false]);
    assert_eq!(left_of(|_| of("we")).await, [true; 4]);
}

#[tokio::test]
async fn the_grants_of_a_subject_end() {
    let of = |subject| GrantSelection::all().subject(subject);
    assert_eq!(left_of(|_| of(alice())).await, [false, false, false, true]);
    let job = Subject::Client(client("job"));
    assert_eq!(left_of(|_| of(job)).await, [true, true, true, false]);
    let user = Subject::User(UserId::new("job"));
    assert_eq!(left_of(|_| of(user)).await, [true; 4]);
    let both = |_| of(alice()).client(client("post"));
    assert_eq!(left_of(both).await, [true, true, false, true]);
}

#[tokio::test]
async fn the_grants_of_a_time_end() {
    let all = GrantSelection::all;
    let at = |start: OffsetDateTime, minutes: i64| start + Duration::minutes(minutes);
    let before = |minutes| left_of(move |start| all().opened_before(at(start, minutes)));
    assert_eq!(before(0).await, [true; 4]);
    assert_eq!(before(2).await, [false, false, true, true]);
    let from = |minutes| left_of(move |start| all().opened_from(at(start, minutes)));
    assert_eq!(from(2).await, [true, true, false, false]);
    assert_eq!(from(4).await, [true; 4]);
    // Whoever was opened within this second may have been opened after its half.
    let half = Duration::milliseconds(500);
    let from_half = left_of(move |start| all().opened_from(at(start, 2) + half));
    assert_eq!(from_half.await, [true, true, false, false]);
    let between = left_of(move |start| {
        let range = all().opened_from(at(start, 1));
        range.opened_before(at(start, 3)).client(client("web"))
    });
    assert_eq!(between.await, [true, false, true, true]);
}

#[tokio::test]
async fn all_grants_end() {
    assert_eq!(left_of(|_| GrantSelection::all()).await, [false; 4]);
}

/// The user is not asked again, which is for `disconnect`.
#[tokio::test]
async fn the_consent_stays() {
    let (test, _) = four().await;
    let ended = test.server.revoke_grants(&GrantSelection::all()).await;
    assert_eq!(ended.unwrap(), 4);
    let request = TestServer::request_of("web");
    let user = crate::test_server::alice();
    let callback = test.done(&request, Some(&user));
    assert!(!callback.await.code().is_empty());
}

/// Grants enough for several pages.
async fn open_many(test: &TestServer, numbers: std::ops::Range<u32>) {
    for n in numbers {
        test.store
            .open(&grant(test, n), &[], test.now())
            .await
            .unwrap();
    }
}

fn grant(test: &TestServer, n: u32) -> Grant {
    let mut id = [0; 18];
    for chunk in id.chunks_mut(4) {
        let from = n.wrapping_mul(2_654_435_761).to_be_bytes();
        chunk.copy_from_slice(from.get(..chunk.len()).unwrap());
    }
    let payload = GrantPayload::new(Scope::default(), test.now().unix_timestamp());
    Grant {
        id: GrantId::from_bytes(id),
        client_id: client("web"),
        subject: Some(alice()),
        expires_at: test.now() + Duration::HOUR,
        revoked_at: None,
        payload: Payload::new(Content::Grant(payload)),
    }
}

#[tokio::test]
async fn a_call_that_failed_midway_does_the_rest_when_it_is_made_again() {
    let test = TestServer::new();
    open_many(&test, 0..1_300).await;
    let all = GrantSelection::all();
    test.store.fail(Verb::Revoke, 700, Fault::TransientBefore);
    let error = test.server.revoke_grants(&all).await.unwrap_err();
    assert!(error.is_transient());
    test.store
        .fail(Verb::PageOfGrants, 2, Fault::TransientBefore);
    assert!(test.server.revoke_grants(&all).await.is_err());
    let counts = test.server.count_grants().await.unwrap().total();
    assert!((699..1_300).contains(&counts.revoked), "{counts:?}");
    let ended = test.server.revoke_grants(&all).await.unwrap();
    assert_eq!(ended, counts.live);
    let counts = test.server.count_grants().await.unwrap().total();
    assert_eq!((counts.live, counts.revoked), (0, 1_300));
}

/// Those behind it end, and the operator is told.
#[tokio::test]
async fn what_cannot_be_read_hides_no_other() {
    let test = TestServer::new();
    open_many(&test, 0..1_300).await;
    let mut ids: Vec<GrantId> = (0..1_300).map(|n| grant(&test, n).id).collect();
    ids.sort_unstable();
    let spoilt: Vec<GrantId> = ids.into_iter().step_by(200).collect();
    test.store.spoil(&spoilt);
    let named: Vec<String> = spoilt[..5].iter().map(GrantId::to_string).collect();
    let named = named.join(", ");
    let message = format!("7 grants cannot be read by this version, of them {named}");

    let all = GrantSelection::all();
    for error in [
        test.server.count_grants().await.unwrap_err(),
        test.server.revoke_grants(&all).await.unwrap_err(),
    ] {
        assert_eq!(left_by(&error), message);
    }

    test.store.spoil(&[]);
    let counts = test.server.count_grants().await.unwrap().total();
    assert_eq!((counts.live, counts.revoked), (7, 1_293));
}

#[tokio::test]
async fn a_subject_whose_grants_cannot_be_listed_takes_the_walk() {
    let (test, tokens) = four().await;
    let of_alice = GrantSelection::all().subject(alice());
    test.store.fail(Verb::ListGrants, 1, Fault::TransientBefore);
    let error = test.server.revoke_grants(&of_alice).await.unwrap_err();
    assert!(error.is_transient());
    test.store.fail(Verb::ListGrants, 1, Fault::PermanentBefore);
    assert_eq!(test.server.revoke_grants(&of_alice).await.unwrap(), 3);
    assert_eq!(live(&test, &tokens).await, [false, false, false, true]);
}

/// The grants that an error says to have been left.
fn left_by(error: &StoreError) -> String {
    assert!(!error.is_transient());
    std::error::Error::source(error).unwrap().to_string()
}

fn only(id: GrantId) -> String {
    format!("1 grants cannot be read by this version, of them {id}")
}

/// Whose a grant is and of which client, its record says beside the payload; when it was opened is in it.
#[tokio::test]
async fn an_unreadable_grant_of_a_subject_ends_unless_the_selection_has_a_time() {
    let (test, tokens) = four().await;
    let own = test.store.list(&alice(), test.now()).await.unwrap();
    let mut of_web = own.iter().filter(|it| it.grant.client_id == client("web"));
    let spoilt = of_web.next().unwrap().grant.id;
    test.store.spoil(&[spoilt]);
    let of_alice = GrantSelection::all().subject(alice());
    let earlier = of_alice.clone().opened_before(test.now() + Duration::HOUR);
    test.store.calls();
    let error = test.server.revoke_grants(&earlier).await.unwrap_err();
    assert_eq!(left_by(&error), only(spoilt));
    let calls = [Verb::ListGrants, Verb::Revoke, Verb::Revoke];
    assert_eq!(test.store.calls(), calls);
    // The one that cannot be read, and that of `job`.
    let is_live = live(&test, &tokens).await;
    assert_eq!(is_live.iter().filter(|it| **it).count(), 2);
    let of_post = earlier.client(client("post"));
    assert_eq!(test.server.revoke_grants(&of_post).await.unwrap(), 0);
    assert_eq!(test.server.revoke_grants(&of_alice).await.unwrap(), 1);
    assert_eq!(live(&test, &tokens).await, [false, false, false, true]);
}

/// A store may give a grant on a page, whatever its payload.
#[tokio::test]
async fn a_grant_of_a_page_that_does_not_say_when_it_was_opened_is_reported() {
    let later = Payload::decode_or_keep(b"of a later version");
    let token = crate::store::AccessTokenPayload::default();
    let another = Payload::new(Content::AccessToken(token));
    for payload in [later, another] {
        let test = TestServer::new();
        open_many(&test, 0..3).await;
        let spoilt = Grant {
            payload,
            ..grant(&test, 7)
        };
        test.store.open(&spoilt, &[], test.now()).await.unwrap();
        let soon = test.now() + Duration::HOUR;
        let of = |id| GrantSelection::all().client(client(id));
        let elsewhere = of("post").opened_before(soon);
        assert_eq!(test.server.revoke_grants(&elsewhere).await.unwrap(), 0);
        let earlier = of("web").opened_before(soon);
        let error = test.server.revoke_grants(&earlier).await.unwrap_err();
        assert_eq!(left_by(&error), only(spoilt.id));
        let counts = test.server.count_grants().await.unwrap().total();
        assert_eq!((counts.live, counts.revoked), (1, 3));
        assert_eq!(test.server.revoke_grants(&of("web")).await.unwrap(), 1);
        // What has ended need not be told.
        assert_eq!(test.server.revoke_grants(&earlier).await.unwrap(), 0);
    }
}

/// A subject's are looked up.
#[tokio::test]
async fn a_subject_takes_no_walk() {
    let (test, _) = four().await;
    test.store.calls();
    let of_alice = GrantSelection::all().subject(alice());
    test.server.revoke_grants(&of_alice).await.unwrap();
    let calls = [Verb::ListGrants, Verb::Revoke, Verb::Revoke, Verb::Revoke];
    assert_eq!(test.store.calls(), calls);
}

#[tokio::test]
async fn what_waits_for_a_user_ends_and_can_no_longer_be_approved() {
    let test = TestServer::new();
    let undecided = Grant {
        subject: None,
        ..grant(&test, 1)
    };
    test.store.open(&undecided, &[], test.now()).await.unwrap();
    let of_web = GrantSelection::all().client(client("web"));
    assert_eq!(test.server.revoke_grants(&of_web).await.unwrap(), 1);
    let approval = Decision::Approve {
        subject: alice(),
        expires_at: test.now() + Duration::HOUR,
        payload: undecided.payload.clone(),
    };
    let decided = test.store.decide(&undecided.id, approval, test.now()).await;
    assert_eq!(decided.unwrap(), Decided::AlreadyDecided);
}

#[tokio::test]
async fn grants_are_counted_by_client_and_state() {
    let (test, _) = four().await;
    open_many(&test, 0..1_200).await;
    let own = |n| Grant {
        client_id: client("post"),
        ..grant(&test, n)
    };
    let undecided = Grant {
        subject: None,
        ..own(5_000)
    };
    let ended = Grant {
        expires_at: test.now() + Duration::MINUTE,
        ..own(5_001)
    };
    for grant in [&undecided, &ended, &own(5_002)] {
        test.store.open(grant, &[], test.now()).await.unwrap();
    }
    let revoked = own(5_002).id;
    let target = Target::Grant(revoked);
    test.store.revoke(target, test.now()).await.unwrap();
    test.advance(Duration::MINUTE);

    let counts = test.server.count_grants().await.unwrap();
    let of = |id: &str| counts.of_client(&client(id));
    let expected = GrantCount {
        live: 1_202,
        ..GrantCount::default()
    };
    assert_eq!(of("web"), expected);
    let expected = GrantCount {
        live: 1,
        undecided: 1,
        revoked: 1,
        expired: 1,
    };
    assert_eq!(of("post"), expected);
    assert_eq!(of("spa"), GrantCount::default());
    let names: Vec<&str> = counts.by_client().map(|(id, _)| id.as_str()).collect();
    assert_eq!(names, ["job", "post", "web"]);
    assert_eq!(counts.total().live, 1_204);
}
