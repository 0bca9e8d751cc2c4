//! The kit tests itself: a store that breaks one clause fails that clause, by name, and a store that
//! breaks none fails none.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod clients;
mod consents;
mod directories;
mod grants;
mod requests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use oauth_core::store::Payload;
use oauth_core::{ClientId, Subject, UserId};

/// Names the clauses of a contract that stores do not keep.
#[macro_export]
macro_rules! failures {
    ($backend:block $contract:ident $($clause:ident)*) => {{
        let mut failed: Vec<&str> = Vec::new();
        $(
            let run = || oauth_testkit::run($backend, oauth_testkit::contract::$contract::$clause);
            if $crate::panics(run) {
                failed.push(stringify!($clause));
            }
        )*
        failed
    }};
}

/// A test of each defect: a store with it fails these clauses, among others. And two of all of them: a
/// store without a defect fails no clause, and every clause is failed by some store, so that there is
/// none which lets everything pass.
#[macro_export]
macro_rules! broken_stores {
    ($defect:ident, $($variant:ident => $test:ident: [$($clause:ident),* $(,)?];)*) => {
        $(
            #[test]
            fn $test() {
                let failed = failed($defect::$variant);
                $(assert!(
                    failed.contains(&stringify!($clause)),
                    "not {}, but {failed:?}", stringify!($clause)
                );)*
            }
        )*

        #[test]
        fn a_store_without_a_defect_fails_no_clause() {
            assert_eq!(failed($defect::None), [""; 0]);
        }

        #[test]
        fn every_clause_is_failed_by_some_store() {
            let named = [$($(stringify!($clause)),*),*];
            let missing = clauses().into_iter().filter(|clause| !named.contains(clause));
            assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
        }
    };
}

/// Gives the names of the clauses of a contract.
#[macro_export]
macro_rules! names {
    ({} $contract:ident $($clause:ident)*) => {
        vec![$(stringify!($clause)),*]
    };
}

fn panics(run: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(run)).is_err()
}

/// Long enough for everybody else to come in between.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// The payload without one of its fields.
fn without_amr(payload: &Payload) -> Payload {
    let text = String::from_utf8(payload.encode()).unwrap();
    let rest = text.replace(r#","amr":["pwd","otp"]"#, "");
    Payload::decode(rest.as_bytes()).unwrap()
}

/// A column for the name, and none for the kind.
fn as_user(subject: &Subject) -> Subject {
    Subject::User(UserId::new(subject.id()))
}

/// A collation that takes `Alice` for `alice`.
fn folded_user(user: &UserId) -> UserId {
    UserId::new(user.as_str().to_lowercase())
}

fn folded_client(client: &ClientId) -> ClientId {
    ClientId::parse(&client.as_str().to_lowercase()).unwrap()
}
