//! Writing a store: what a database has to do, and how to be sure that it does.
//!
//! The words of OAuth are explained in [`guide::embedding`](super::embedding). Two stores on databases are
//! explained line by line in [`guide::custom_stores`](super::custom_stores), which also says when a ready one
//! will do.
//!
//! # What there is to keep
//!
//! | trait | holds | how hard |
//! |---|---|---|
//! | [`ClientStore`](crate::store::ClientStore) | registered clients | one `SELECT` |
//! | [`RequestStore`](crate::store::RequestStore) | requests that wait at a consent page | take once |
//! | [`ConsentStore`](crate::store::ConsentStore) | what users have allowed for good | an atomic union |
//! | [`GrantStore`](crate::store::GrantStore) | grants, with every code and token under them | one hard verb, `exchange` |
//! | [`GrantDirectory`](crate::store::GrantDirectory) | optional: the grants of one user, and all grants page by page | two `SELECT`s more |
//!
//! A *credential* is a code or a token. A *grant* is what somebody allowed to one client, and all
//! credentials that came of it. Its *subject* is whom the client acts for: a user, or the client itself.
//!
//! Each trait is a consistency boundary: what has to change together is in one of them, so they may live in
//! different databases. The page of each trait shows a whole implementation.
//!
//! # The clauses
//!
//! They hold for every verb.
//!
//! 1. A verb happens as a whole or not at all, also when its future is dropped at an await or the process
//!    is killed. In SQL that is one transaction; in Redis, one script.
//! 2. The moment is passed in. Compare with `now`, never with the database's clock: tests set the time,
//!    and the clocks of nodes differ. A moment that equals `expires_at` is too late. A TTL of the database
//!    may remove things, with slack, but never decides.
//! 3. Moments come in whole microseconds. Keep them so: a column that rounds to milliseconds makes a thing
//!    expire early or late.
//! 4. What is absent, spent, expired or lost in a race is a value.
//!    [`StoreError`](crate::StoreError) is for infrastructure only: `transient` when asking again may help
//!    (no connection, a timeout), `permanent` when not (a payload that cannot be read). The core asks a
//!    transient failure of `open` and `exchange` once more, with the same identifiers.
//! 5. Serialization failures, deadlocks and a busy SQLite are tried again inside of the store.
//! 6. Identifiers come from the core. Writing the same `open` or the same `exchange` again changes nothing
//!    and is a success.
//! 7. Nothing in a payload is your business. [`Payload`](crate::store::Payload) has `encode` and `decode`;
//!    keep the bytes. Bytes that cannot be decoded are a permanent failure.
//!
//! # Digests
//!
//! A store never sees a code or token. It gets a [`CredentialKey`](crate::CredentialKey): a `shard` of 16
//! bits and the SHA-256 of the text. Whoever reads the database cannot use what is in it, and an index on
//! the digest needs no comparison in constant time.
//!
//! All credentials of a grant have the shard of their [`GrantId`](crate::GrantId), and it is spread
//! evenly. So a store that partitions by shard finds a grant and everything under it in one place: one
//! partition, one hash slot, one lock.
//!
//! # The race that matters
//!
//! A code or a refresh token counts once. If it came twice at the same time and both were answered with
//! tokens, a thief would go unnoticed. So there is no verb to read a credential and another one to mark
//! it; there is [`exchange`](crate::store::GrantStore::exchange), which spends one credential under a live
//! grant and records what comes of it. Of any number that run at once, one is
//! [`Done`](crate::store::Exchanged::Done), and the others learn that it was spent, and by whom.
//!
//! Its checks have an order, because two of them may hold:
//!
//! 1. The grant is there, decided, not revoked, not expired at `now`. Otherwise `Inactive`.
//! 2. The credential is there, and under this grant. Otherwise `Unknown`.
//! 3. It was spent by this very exchange, `spent_by == id`: `Done`, and nothing changes. That is an answer
//!    that was lost on the way and is asked for again.
//! 4. It was spent by another one: `Spent`.
//! 5. It has expired at `now`: `Expired`.
//! 6. Then spend it, and insert the successors. A successor that is there already stays as it is.
//!
//! An exchange with [`Spend::Nothing`](crate::store::Spend::Nothing) does the same without spending.
//!
//! The second race: [`revoke`](crate::store::GrantStore::revoke) of a grant while an exchange runs. No
//! exchange that ends after the revocation may be `Done`, or a token slips out of a grant that was taken
//! away. Where the grant is a row, `exchange` locks it for sharing first, and `revoke` waits for it.
//!
//! Spent credentials are kept until their grant expires, even when they are expired themselves. Without
//! them a second use is `Unknown`, and nobody notices the thief. A revoked grant is kept for ten minutes, so
//! that an `open` which is asked again finds it. The page of [`GrantStore`](crate::store::GrantStore) lists
//! what may go.
//!
//! # What the core decides for you
//!
//! A store that reads and then writes, under a lock or in a transaction that nobody else writes beside, need not write
//! these checks again. Between reading and writing it calls
//!
//! - [`Exchange::effect_on`](crate::store::Exchange::effect_on): the list above. It gets the grant and the credential
//!   that were read, and gives the answer, the credential as it is to be written, and the successors.
//! - [`Decision::apply_to`](crate::store::Decision::apply_to): the same for `decide`. It changes the grant that was
//!   read, and gives the answer.
//!
//! They touch nothing but what they are given: what they get is what was read, and nothing has happened before it was written. If it is
//! read in one step and written in another, two exchanges spend one code. So in a database that runs transactions side
//! by side, lock the rows when they are read (`SELECT … FOR UPDATE`), or write the checks into the statements, as below.
//!
//! # SQL
//!
//! For PostgreSQL; others differ in the names of types.
//!
//! ```sql
//! CREATE TABLE grants (
//!     id           BYTEA PRIMARY KEY,        -- GrantId::to_bytes: 18 bytes, shard first
//!     client_id    TEXT NOT NULL,
//!     subject_kind TEXT,                     -- Subject::kind; NULL until decided
//!     subject_id   TEXT,                     -- Subject::id
//!     expires_at   TIMESTAMPTZ NOT NULL,     -- microseconds
//!     revoked_at   TIMESTAMPTZ,
//!     payload      BYTEA NOT NULL
//! );
//! CREATE INDEX ON grants (subject_kind, subject_id);
//! CREATE INDEX ON grants (expires_at);
//!
//! CREATE TABLE credentials (
//!     shard        INTEGER NOT NULL,         -- CredentialKey::shard, 0 to 65535
//!     digest       BYTEA NOT NULL,           -- CredentialKey::digest, 32 bytes
//!     grant_id     BYTEA NOT NULL REFERENCES grants ON DELETE CASCADE,
//!     kind         TEXT NOT NULL,            -- CredentialKind::as_str
//!     expires_at   TIMESTAMPTZ NOT NULL,
//!     spent_at     TIMESTAMPTZ,
//!     spent_by     BYTEA,                    -- ExchangeId::as_bytes
//!     payload      BYTEA NOT NULL,
//!     PRIMARY KEY (shard, digest)
//! );
//! CREATE INDEX ON credentials (grant_id);
//! ```
//!
//! `find` is one statement with a join, so that credential and grant are of one moment.
//!
//! `open`:
//!
//! ```sql
//! BEGIN;
//! INSERT INTO grants VALUES (…) ON CONFLICT (id) DO NOTHING;
//! -- no row: it is there already; COMMIT
//! INSERT INTO credentials VALUES (…);
//! COMMIT;
//! ```
//!
//! `exchange`:
//!
//! ```sql
//! BEGIN;
//! SELECT subject_kind, revoked_at, expires_at FROM grants WHERE id = :grant FOR SHARE;
//! -- no row, no subject, revoked, or expires_at <= :now: ROLLBACK; Inactive
//!
//! UPDATE credentials SET spent_at = :now, spent_by = :id
//!  WHERE shard = :shard AND digest = :digest AND grant_id = :grant
//!    AND spent_at IS NULL AND expires_at > :now;
//! -- Spend::Nothing: SELECT 1 … FOR SHARE with the same WHERE instead
//!
//! -- one row: INSERT the successors ON CONFLICT DO NOTHING; COMMIT; Done
//! -- none: ROLLBACK, then a new statement:
//! SELECT spent_at, spent_by, expires_at FROM credentials
//!  WHERE shard = :shard AND digest = :digest AND grant_id = :grant;
//! -- no row: Unknown; spent_by = :id: Done; spent_at: Spent; expires_at <= :now: Expired
//! ```
//!
//! Why the second statement: two exchanges of one code run at once. The loser's `UPDATE` waits for the
//! winner to commit and then finds no row. If the same statement also read the row to say why, it would
//! read the snapshot of its beginning, in which the code was unspent, and would take the winner for a
//! stranger. A new statement sees what was committed.
//!
//! `decide`, `revoke` and `purge`:
//!
//! ```sql
//! UPDATE grants SET subject_kind = :kind, subject_id = :subject, expires_at = :until, payload = :payload
//!  WHERE id = :grant AND subject_kind IS NULL AND revoked_at IS NULL AND expires_at > :now;
//! -- none: a second statement says AlreadyDecided, Expired or Unknown
//!
//! UPDATE grants SET revoked_at = :now WHERE id = :grant AND revoked_at IS NULL;
//! UPDATE credentials SET spent_at = :now WHERE shard = :shard AND digest = :digest AND spent_at IS NULL;
//!
//! DELETE FROM grants WHERE id IN
//!     (SELECT id FROM grants WHERE expires_at <= :now LIMIT :limit FOR UPDATE SKIP LOCKED);
//! DELETE FROM credentials WHERE (shard, digest) IN
//!     (SELECT shard, digest FROM credentials
//!       WHERE kind = 'access_token' AND expires_at <= :now LIMIT :limit FOR UPDATE SKIP LOCKED);
//! ```
//!
//! [`GrantDirectory`](crate::store::GrantDirectory), `list` and `page`:
//!
//! ```sql
//! SELECT grants.*, (SELECT MAX(spent_at) FROM credentials
//!                    WHERE grant_id = grants.id AND spent_by IS NOT NULL)
//!   FROM grants
//!  WHERE subject_kind = :kind AND subject_id = :subject AND revoked_at IS NULL AND expires_at > :now;
//!
//! SELECT * FROM grants WHERE id > :after ORDER BY id LIMIT :limit; -- the last id is the next cursor
//! ```
//!
//! `list` reads payloads with [`Payload::decode_or_keep`](crate::store::Payload::decode_or_keep), since one grant must
//! not take away the others; `find` and `page` with [`decode`](crate::store::Payload::decode).
//!
//! Notes for others:
//!
//! - SQLite: moments as integers of microseconds, `BEGIN IMMEDIATE` in place of the row locks, WAL and a
//!   busy timeout.
//! - MySQL and MariaDB: `DATETIME(6)`, `BINARY` columns, and a collation that compares bytes for
//!   `client_id` and `subject_id`. The default ones take `Alice` and `alice` for one user.
//! - Redis: one Lua script for each verb. The shard is the hash tag of all keys, `{beef}:grant:…`.
//!
//! For `RequestStore::take`, `DELETE … WHERE digest = :digest AND expires_at > :now RETURNING …` gives the
//! request to one caller. For `ConsentStore::record`, keep a row for each value of the scope, and insert
//! with `ON CONFLICT DO UPDATE SET recorded_at`: the union is then atomic by itself, and of two that run at
//! once neither is lost. An empty scope needs a row, too, with an empty value.
//!
//! # A whole one, line by line
//!
//! `oauth-core/examples/small_grant_store.rs`, which also stands on the page of
//! [`GrantStore`](crate::store::GrantStore) and is compiled there. It keeps two maps behind one lock.
//!
//! ```text
//! #[derive(Default)]
//! struct Tables {
//!     grants: HashMap<GrantId, Grant>,
//!     credentials: HashMap<CredentialKey, (GrantId, Credential)>,
//! }
//! ```
//!
//! The two tables from above. A credential is kept with the grant that it belongs to.
//!
//! ```text
//! self.0.lock().unwrap_or_else(PoisonError::into_inner)
//! ```
//!
//! One lock makes each verb atomic. It is never held across an await, since no verb awaits anything: a
//! future that is dropped has done all or nothing. A poisoned lock is taken all the same: every verb checks
//! first and then writes what cannot fail, so a panic leaves nothing half done.
//!
//! `open` writes only when the grant is not there, so that the same call again changes nothing:
//!
//! ```text
//! if let Entry::Vacant(place) = tables.grants.entry(grant.id) {
//!     place.insert(grant.clone());
//!     tables.record(grant.id, credentials);
//! }
//! ```
//!
//! `find` gives both as they are. It takes no `now`: expired and spent are for the caller to see.
//!
//! ```text
//! let grant = tables.grants.get(&id)?.clone();
//! ```
//!
//! `decide` completes a grant that was opened without a subject. What was decided or revoked before stays, and what
//! has expired, too:
//!
//! ```text
//! Ok(decision.apply_to(self.lock().grants.get_mut(id), now))
//! ```
//!
//! `exchange` reads the grant and the credential, whatever their state. The checks, in their order, are made by the
//! core:
//!
//! ```text
//! let credential = tables.credentials.get(exchange.spend.key()).cloned();
//! let effect = exchange.effect_on(tables.grants.get(&id), credential);
//! ```
//!
//! Only now something changes, and only what the effect names: nothing where the exchange was refused or comes again.
//!
//! ```text
//! if let Some(spent) = effect.spent {
//!     tables.credentials.insert(spent.key, (id, spent));
//! }
//! tables.record(id, effect.successors);
//! Ok(effect.exchanged)
//! ```
//!
//! `record` leaves a successor that is there as it is:
//!
//! ```text
//! place.or_insert_with(|| (grant, credential.clone()));
//! ```
//!
//! `revoke` is final and keeps the first moment. What is not there is passed over:
//!
//! ```text
//! moment.get_or_insert(now);
//! ```
//!
//! `purge` removes expired grants with everything under them. It reads every credential to do so; the one
//! in [`store::memory`](crate::store::memory) keeps them by expiry, and yours has an index.
//!
//! ```text
//! credentials.retain(|_, (grant, _)| !expired.contains(grant));
//! ```
//!
//! # Proving it
//!
//! The crate `oauth-testkit` has a test of every sentence of the contracts. A function that makes an empty
//! store is all that it needs:
//!
//! ```
//! # fn main() {}
//! # mod tests {
//! # use oauth_core::store::memory::MemoryGrantStore as MyGrantStore;
//! async fn fresh() -> MyGrantStore {
//!     MyGrantStore::default()
//! }
//!
//! mod grants {
//!     oauth_testkit::grant_store_contract!(super::fresh);
//! }
//! # }
//! ```
//!
//! Run it against the real database. With `second_connection`, which opens another pool on the same data,
//! the races are between two connections; with `failing`, which makes inserts fail (a trigger, a full
//! disk), it is tested that a code stays unspent whose tokens could not be recorded. The other macros are
//! `grant_directory_contract!`, `request_store_contract!`, `consent_store_contract!` and
//! `client_store_contract!`.
