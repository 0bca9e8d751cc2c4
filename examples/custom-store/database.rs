//! The file of redb, and what a verb runs in: a transaction of its own, on a thread that may wait.

use std::path::Path;
use std::sync::Arc;

use oauth_core::StoreError;
use redb::{Database, ReadTransaction, ReadableDatabase};

use crate::rows::{CREDENTIALS, Fault, GRANTS, Rows, SUBJECTS};

/// Grants in a file of redb. Its write transactions come one after the other, and each verb is one.
#[derive(Clone)]
pub(crate) struct RedbGrantStore(Arc<Database>);

impl RedbGrantStore {
    /// Opens the file, or makes it.
    pub(crate) fn create(file: &Path) -> Result<Self, Fault> {
        let database = Database::create(file)?;
        // A reader wants the tables to be there.
        let transaction = database.begin_write()?;
        transaction.open_table(GRANTS)?;
        transaction.open_table(CREDENTIALS)?;
        transaction.open_table(SUBJECTS)?;
        transaction.commit()?;
        Ok(Self(Arc::new(database)))
    }

    /// Runs a verb in a transaction of its own, on a thread that may wait for the disk.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&Rows<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = self.0.clone();
        blocking(move || {
            let transaction = database.begin_write()?;
            let answer = verb(&Rows(&transaction))?;
            transaction.commit()?;
            Ok(answer)
        })
        .await
    }

    /// The same for one that changes nothing; it sees a snapshot and waits for no writer.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&ReadTransaction) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = self.0.clone();
        blocking(move || verb(&database.begin_read()?)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, StoreError> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended
        .map_err(Fault::from)
        .flatten()
        .map_err(StoreError::permanent)
}
