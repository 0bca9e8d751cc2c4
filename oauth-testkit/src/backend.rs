//! Where a clause gets its stores from, and what it runs on.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::Client;

/// A clause that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(120);

type Pending<T> = Pin<Box<dyn Future<Output = T>>>;
type Ask<In, Out> = Box<dyn Fn(In) -> Pending<Out>>;

/// The stores that a contract is tried on. The macros make it of their parameters; a test of one's
/// own can hand it to a clause of [`contract`](crate::contract).
///
/// `Contents` is what a store is made with, nothing for most.
pub struct Backend<S, Contents = ()> {
    fresh: Ask<Contents, S>,
    again: Option<Ask<Arc<S>, S>>,
    failing: Option<Ask<Arc<S>, ()>>,
    when: fn() -> bool,
}

impl<S: 'static> Backend<S> {
    /// Stores that this function makes. Every call gives one that is empty and that nobody else sees.
    pub fn new<Made>(fresh: impl Fn() -> Made + 'static) -> Self
    where
        Made: Future<Output = S> + 'static,
    {
        Self::of(move |()| fresh())
    }

    /// An empty store.
    pub(crate) async fn empty(&self) -> S {
        (self.fresh)(()).await
    }

    /// Two connections to the same, empty, data; or one twice, where there is no second.
    pub(crate) async fn connections(&self) -> [Arc<S>; 2] {
        let first = Arc::new(self.empty().await);
        let second = match &self.again {
            Some(again) => Arc::new(again(Arc::clone(&first)).await),
            None => Arc::clone(&first),
        };
        [first, second]
    }
}

impl<S: 'static> Backend<S, Vec<Client>> {
    /// Stores that this function makes, which know these clients and no others.
    pub fn with_clients<Made>(with: impl Fn(Vec<Client>) -> Made + 'static) -> Self
    where
        Made: Future<Output = S> + 'static,
    {
        Self::of(with)
    }

    /// A store that knows these clients.
    pub(crate) async fn knowing(&self, clients: Vec<Client>) -> S {
        (self.fresh)(clients).await
    }
}

impl<S: 'static, Contents> Backend<S, Contents> {
    fn of<Made>(fresh: impl Fn(Contents) -> Made + 'static) -> Self
    where
        Made: Future<Output = S> + 'static,
    {
        Self {
            fresh: Box::new(move |contents| Box::pin(fresh(contents))),
            again: None,
            failing: None,
            when: || true,
        }
    }

    /// How to open another connection to the data of a store, for races between two.
    ///
    /// Default: both sides of a race use one store.
    #[must_use]
    pub fn second_connection(mut self, again: impl AsyncFn(&S) -> S + 'static) -> Self {
        let again = Arc::new(again);
        self.again = Some(Box::new(move |store| {
            let again = Arc::clone(&again);
            Box::pin(async move { again(&store).await })
        }));
        self
    }

    /// How to bring a store into a state in which it can record no more credentials.
    ///
    /// Default: the clauses that need it are left out.
    #[must_use]
    pub fn failing(mut self, failing: impl AsyncFn(&S) + 'static) -> Self {
        let failing = Arc::new(failing);
        self.failing = Some(Box::new(move |store| {
            let failing = Arc::clone(&failing);
            Box::pin(async move { failing(&store).await })
        }));
        self
    }

    /// Whether the database is there. Where it is not, every clause passes; the function says on the
    /// console what is skipped and why.
    ///
    /// Default: it is.
    #[must_use]
    pub fn when(mut self, when: fn() -> bool) -> Self {
        self.when = when;
        self
    }

    /// From now on the store can record no more credentials.
    pub(crate) async fn fail(&self, store: &Arc<S>) {
        let failing = self.failing.as_ref().expect("no function for `failing`");
        failing(Arc::clone(store)).await;
    }
}

impl<S, Contents> fmt::Debug for Backend<S, Contents> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Backend").finish_non_exhaustive()
    }
}

/// Runs one clause to its end, on a tokio runtime of its own with several threads.
///
/// # Panics
///
/// When the store does not keep the clause, or takes two minutes over it.
pub fn run<S, Contents>(
    backend: Backend<S, Contents>,
    clause: impl AsyncFnOnce(&Backend<S, Contents>),
) {
    if !(backend.when)() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime");
    let in_time = runtime.block_on(async {
        let clause = clause(&backend);
        tokio::time::timeout(PATIENCE, clause).await
    });
    assert!(
        in_time.is_ok(),
        "the clause did not end within {PATIENCE:?}"
    );
}
