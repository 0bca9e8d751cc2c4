//! What the suites of all databases share.

pub(crate) mod behaviour;
pub(crate) mod migration;
pub(crate) mod unreadable;
pub(crate) mod verbs;

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

/// Runs `cleaning` when the runtime of the test ends, whatever ended it.
pub(crate) fn at_the_end<F>(cleaning: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    struct Cleaning<F: Future<Output = ()> + Send + 'static>(Option<F>);

    impl<F: Future<Output = ()> + Send + 'static> Drop for Cleaning<F> {
        fn drop(&mut self) {
            let Some(cleaning) = self.0.take() else {
                return;
            };
            let thread = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(cleaning);
            });
            let _ = thread.join();
        }
    }

    let cleaning = Cleaning(Some(cleaning));
    tokio::spawn(async move {
        let _cleaning = cleaning;
        std::future::pending::<()>().await;
    });
}

/// The numbers that a table of the documentation has for each verb.
pub(crate) fn documented(table: &str) -> BTreeMap<String, usize> {
    let rows = table.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (verb, count) = (cells.get(1)?.replace('`', ""), cells.get(2)?.parse().ok()?);
        Some((verb, count))
    });
    rows.collect()
}

/// Runs a test on a runtime with several threads, for a minute at most.
pub(crate) fn run(when: fn() -> bool, test: impl Future<Output = ()>) {
    if !when() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(60), test).await })
        .expect("ends within a minute");
}
