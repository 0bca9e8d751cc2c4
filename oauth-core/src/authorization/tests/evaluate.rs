//! The table of `PendingAuthorization::evaluate`.

use time::Duration;

use crate::authorization::{Authentication, Evaluation};
use crate::store::Consent;
use crate::test_server::{Form, START, TestServer};
use crate::{ClientId, Scope, UserId};

/// Who is at the browser.
#[derive(Clone, Copy, Debug)]
enum Who {
    Nobody,
    /// Signed in this many milliseconds before the request.
    SignedIn(i64),
    /// The host does not say since when.
    Undated,
}
use Who::{Nobody, SignedIn, Undated};

impl Who {
    fn authentication(self) -> Option<Authentication> {
        let alice = Authentication::new(UserId::new("alice"), "session");
        match self {
            Nobody => None,
            SignedIn(age) => Some(alice.auth_time(START - Duration::milliseconds(age))),
            Undated => Some(alice),
        }
    }
}

async fn evaluate(client: &str, extra: &[(&str, &str)], who: Who, consent: &str) -> String {
    let test = TestServer::new();
    let form = extra.iter().fold(
        TestServer::request_of(client),
        |form: Form, (name, value)| form.with(name, value),
    );
    let pending = test.server.authorize(&form.get()).await.unwrap();
    let consent = (!consent.is_empty()).then(|| Consent {
        client_id: ClientId::parse(client).unwrap(),
        scope: Scope::parse(consent).unwrap(),
        recorded_at: START,
    });
    test.store.calls();
    let outcome = pending.evaluate(who.authentication().as_ref(), consent.as_ref());
    assert_eq!(test.store.calls(), [], "it is pure");
    match outcome {
        Evaluation::Refuse(rejection) => rejection.code().to_string(),
        other => format!("{other:?}"),
    }
}

/// Parameters, who, remembered scope, outcome.
type Row<'a> = (&'a [(&'a str, &'a str)], Who, &'a str, &'a str);

async fn check(client: &str, rows: &[Row<'_>]) {
    for (extra, who, consent, expected) in rows {
        let outcome = evaluate(client, extra, *who, consent).await;
        assert_eq!(
            outcome, *expected,
            "{client} {extra:?} {who:?} consent {consent:?}"
        );
    }
}

#[tokio::test]
async fn prompt() {
    let both = "profile email";
    check(
        "web",
        &[
            (&[], Nobody, "", "Login"),
            (&[], Nobody, both, "Login"),
            (&[], Undated, "", "Consent"),
            (&[], Undated, both, "Approve"),
            (&[], Undated, "email profile openid", "Approve"),
            (&[], Undated, "profile", "Consent"),
            (&[("scope", "profile")], Undated, "profile", "Approve"),
            (&[("prompt", "none")], Nobody, both, "login_required"),
            (&[("prompt", "none")], Undated, "", "consent_required"),
            (&[("prompt", "none")], Undated, "email", "consent_required"),
            (&[("prompt", "none")], Undated, both, "Approve"),
            (&[("prompt", "consent")], Undated, both, "Consent"),
            (&[("prompt", "consent")], Nobody, both, "Login"),
            (&[("prompt", "login")], Nobody, both, "Login"),
            (&[("prompt", "login")], SignedIn(0), both, "Reauthenticate"),
            (&[("prompt", "login")], Undated, both, "login_required"),
            (
                &[("prompt", "login consent")],
                SignedIn(0),
                both,
                "Reauthenticate",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn max_age_in_whole_seconds() {
    let both = "profile email";
    let minute: &[(&str, &str)] = &[("max_age", "60")];
    let silent: &[(&str, &str)] = &[("max_age", "60"), ("prompt", "none")];
    check(
        "web",
        &[
            (minute, Nobody, both, "Login"),
            (minute, Undated, both, "login_required"),
            (minute, SignedIn(0), both, "Approve"),
            (minute, SignedIn(60_000), both, "Approve"),
            // 60.001 seconds ago began in the second before: 61 whole seconds.
            (minute, SignedIn(60_001), both, "Reauthenticate"),
            (minute, SignedIn(61_000), both, "Reauthenticate"),
            // The clock of the host may run ahead.
            (minute, SignedIn(-5_000), both, "Approve"),
            (minute, SignedIn(0), "", "Consent"),
            (silent, SignedIn(60_000), both, "Approve"),
            (silent, SignedIn(61_000), both, "login_required"),
            (silent, Nobody, both, "login_required"),
            (&[("max_age", "0")], SignedIn(0), both, "Reauthenticate"),
            (
                &[("max_age", "9223372036854775807")],
                SignedIn(0),
                both,
                "Approve",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_fraction_of_a_second_does_not_make_a_login_older() {
    let test = TestServer::new();
    test.advance(Duration::milliseconds(60_900));
    let form = TestServer::request_of("own").with("max_age", "60");
    let pending = test.server.authorize(&form.get()).await.unwrap();
    let user = SignedIn(0).authentication();
    assert!(matches!(
        pending.evaluate(user.as_ref(), None),
        Evaluation::Approve
    ));
}

#[tokio::test]
async fn login_after() {
    let both = "profile email";
    let moment = |offset: i64| (START.unix_timestamp() + offset).to_string();
    let (past, now, future) = (moment(-100), moment(0), moment(1_000_000));
    check(
        "web",
        &[
            (
                &[("login_after", &past)],
                SignedIn(100_000),
                both,
                "Approve",
            ),
            (
                &[("login_after", &past)],
                SignedIn(101_000),
                both,
                "Reauthenticate",
            ),
            (&[("login_after", &now)], SignedIn(0), both, "Approve"),
            (
                &[("login_after", &now)],
                SignedIn(1_000),
                both,
                "Reauthenticate",
            ),
            // A moment later than now counts as now, or nobody could ever satisfy it.
            (&[("login_after", &future)], SignedIn(0), both, "Approve"),
            (
                &[("login_after", &future)],
                SignedIn(1_000),
                both,
                "Reauthenticate",
            ),
            (&[("login_after", &past)], Undated, both, "login_required"),
            (&[("login_after", &past)], Nobody, both, "Login"),
            (
                &[("login_after", &now), ("prompt", "none")],
                SignedIn(1_000),
                both,
                "login_required",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn first_party_clients_are_not_asked_about() {
    check(
        "own",
        &[
            (&[], Undated, "", "Approve"),
            (&[], Nobody, "", "Login"),
            (&[("prompt", "none")], Undated, "", "Approve"),
            (&[("prompt", "consent")], Undated, "", "Consent"),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_another_program_could_receive_is_always_asked() {
    let both = "profile email";
    for client in ["cli", "own-cli"] {
        check(
            client,
            &[
                (&[], Undated, both, "Consent"),
                (&[("prompt", "none")], Undated, both, "consent_required"),
                (&[("prompt", "none")], Nobody, both, "login_required"),
            ],
        )
        .await;
    }
    // Public, but the redirect URI is one that only the client can have.
    check("spa", &[(&[], Undated, both, "Approve")]).await;
}
