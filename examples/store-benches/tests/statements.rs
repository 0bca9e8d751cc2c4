//! That the bare statements are those of the stores, in the same order.

use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};

use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use super::skipped;
use crate::bare::Connections;
use crate::options::Backend;
use crate::place::{Absent, Place};
use crate::tokens::{Operation, Sides};

/// The statements that sqlx logs, of all tests at once.
static LOGGED: LazyLock<Logged> = LazyLock::new(|| {
    let logged = Logged::default();
    let subscriber = tracing_subscriber::registry().with(logged.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    logged
});

#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<String>>>);

impl Logged {
    /// Those about tables that begin so, since the last time.
    fn take(&self, prefix: &str) -> Vec<String> {
        let mut all = self.0.lock().unwrap();
        let (own, others) = all
            .drain(..)
            .partition(|statement| statement.contains(prefix));
        *all = others;
        own
    }
}

impl<S: tracing::Subscriber> Layer<S> for Logged {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Texts(Vec<String>);

        impl Visit for Texts {
            fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
                self.0.push(format!("{value:?}"));
            }

            fn record_str(&mut self, _: &Field, value: &str) {
                self.0.push(value.to_owned());
            }
        }

        if event.metadata().target() == "sqlx::query" {
            let mut texts = Texts(Vec::new());
            event.record(&mut texts);
            // The statement is there in short, too.
            let whole = texts
                .0
                .into_iter()
                .max_by_key(String::len)
                .unwrap_or_default();
            let words: Vec<&str> = whole.split_whitespace().collect();
            self.0.lock().unwrap().push(words.join(" "));
        }
    }
}

/// How many statements the operation takes that name a table.
async fn the_bare_statements_are_those_of(backend: Backend, spend: usize, open: usize) {
    LazyLock::force(&LOGGED);
    let place = match Place::make(backend).await {
        Ok(place) => place,
        Err(Absent(why)) => return skipped(backend, &why),
    };
    let mut sides = Sides::on(&place).await;
    let prefix = place.name().to_owned();
    for operation in Operation::ALL {
        let request = sides.request(operation).await;
        LOGGED.take(&prefix);
        sides.answer(&request).await;
        let of_the_store = LOGGED.take(&prefix);
        for connections in [Connections::Each, Connections::One] {
            let prepared = sides.prepare(operation).await;
            LOGGED.take(&prefix);
            sides.issue(&prepared, connections).await;
            assert_eq!(
                LOGGED.take(&prefix),
                of_the_store,
                "{operation:?} {connections:?}"
            );
        }
        let expected = match operation {
            Operation::ClientCredentials => open,
            Operation::CodeExchange | Operation::Refresh => spend,
        };
        assert_eq!(of_the_store.len(), expected, "{of_the_store:#?}");
    }
    drop(sides);
    place.remove().await;
}

#[tokio::test]
async fn the_bare_statements_are_those_of_sqlite() {
    the_bare_statements_are_those_of(Backend::Sqlite, 5, 3).await;
}

#[tokio::test]
async fn the_bare_statements_are_those_of_postgresql() {
    the_bare_statements_are_those_of(Backend::Postgres, 3, 2).await;
}

#[tokio::test]
async fn the_bare_statements_are_those_of_mysql() {
    the_bare_statements_are_those_of(Backend::Mysql, 5, 3).await;
}
