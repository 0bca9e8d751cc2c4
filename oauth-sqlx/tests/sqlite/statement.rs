//! How many statements a verb takes, and that none of them reads a whole table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use oauth_core::store::GrantStore;
use oauth_testkit::sample::at;
use sqlx::{AssertSqlSafe, Executor, Row, SqliteConnection};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::support::verbs::{each_verb, web};
use crate::{place, support};

/// Nobody else's statements have it in them.
const PREFIX: &str = "counted_";

/// Keeps the statements that sqlx logs.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<S: tracing_subscriber::registry::LookupSpan<'static> + tracing::Subscriber> Layer<S>
    for Statements
{
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Texts(Vec<String>);

        impl tracing::field::Visit for Texts {
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn fmt::Debug) {
                self.0.push(format!("{value:?}"));
            }

            fn record_str(&mut self, _: &tracing::field::Field, value: &str) {
                self.0.push(value.to_owned());
            }
        }

        let mut texts = Texts(Vec::new());
        event.record(&mut texts);
        // The statement is there in short, too.
        let statement = texts.0.into_iter().max_by_key(String::len);
        let statement = statement.unwrap_or_default();
        if event.metadata().target() == "sqlx::query" && statement.contains(PREFIX) {
            self.0.lock().unwrap().push(statement);
        }
    }
}

#[test]
fn each_verb_takes_as_many_statements_as_documented_and_uses_indexes() {
    let statements = Statements::default();
    let subscriber = tracing_subscriber::registry().with(statements.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    support::run(|| true, async {
        let store = place().await.with_prefix(PREFIX).unwrap();
        store.migrate().await.unwrap();
        store.save(&web()).await.unwrap();
        statements.take();
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        let mut all = BTreeSet::new();
        each_verb(&store, 1, async |verb| {
            let of_verb = statements.take();
            let count = counted.entry(verb.to_owned()).or_default();
            *count = of_verb.len().max(*count);
            all.extend(of_verb);
        })
        .await;
        let documented = include_str!("../../src/sqlite/statements.md");
        assert_eq!(counted, support::documented(documented));

        store.remove(web().id()).await.unwrap();
        all.extend(statements.take());
        // What was revoked or not come for has ended.
        assert!(GrantStore::purge(&store, at(900), 100).await.unwrap() > 0);
        all.extend(statements.take());
        // A plan is made of the tables as this connection knows them.
        let mut connection = store.pool().acquire().await.unwrap();
        assert_eq!(reads_whole_tables(&mut connection, &all).await, [""; 0]);
        let index = format!("DROP INDEX {PREFIX}grants_purge");
        connection.execute(AssertSqlSafe(index)).await.unwrap();
        assert!(!reads_whole_tables(&mut connection, &all).await.is_empty());
    });
}

/// The statements whose plans read a table or an index from one end to the other.
async fn reads_whole_tables(
    connection: &mut SqliteConnection,
    all: &BTreeSet<String>,
) -> Vec<String> {
    let mut reading = Vec::new();
    for statement in all {
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let plan = sqlx::raw_sql(AssertSqlSafe(explain));
        for row in plan.fetch_all(&mut *connection).await.unwrap() {
            let step: String = row.get("detail");
            if step.starts_with("SCAN")
                && !step.starts_with("SCAN (")
                && step != "SCAN CONSTANT ROW"
            {
                reading.push(format!("{step}: {statement}"));
            }
        }
    }
    reading
}
