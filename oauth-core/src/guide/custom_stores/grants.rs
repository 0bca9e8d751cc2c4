//! A `GrantStore` on redb, line by line.
//!
//! redb is an embedded database: a file with tables sorted by key, read and written by one process. Three of
//! its properties are all that a grant store needs:
//!
//! - A write transaction happens as a whole or not at all, also when the process is killed.
//! - Write transactions come one after the other. So whatever a verb reads, nobody changes before it has
//!   committed, and no verb needs to think about races. This is the lock of the grant's row in SQL, only
//!   wider.
//! - A read transaction sees one moment, and waits for nobody.
//!
//! # The tables
//!
//! `rows.rs` says what a row is. A row of redb is a tuple, so the columns of
//! [`writing_a_store`](crate::guide::writing_a_store#sql) are its fields, and nothing has to be encoded but
//! moments, as microseconds, and the payload, by [`Payload::encode`](crate::store::Payload::encode).
//!
//! ```text
//! pub(crate) type CredentialRow<'a> = (
//!     &'a [u8; 18],
//!     &'a str,
//!     i64,
//!     Option<i64>,
//!     Option<&'a [u8; 16]>,
//!     &'a [u8],
//! );
//! ```
//!
//! The grant, the kind, the end, when it was spent and by which exchange, the payload. The key has the shard
//! before the digest, so what belongs to one grant lies close together. Two more tables are indexes: what ends
//! when, and the grants of a subject. They are written in the same transaction as the rows, so they cannot
//! disagree with them. In a database that is spread over machines, write them first: an entry that leads
//! nowhere is harmless.
//!
//! A row that cannot be read, because its payload is of a later version for example, is an error of `find` and not
//! "not found": a spent code that looked unknown would hide a theft.
//!
//! ```text
//! payload: Payload::decode(payload)?,
//! ```
//!
//! # A verb is a transaction
//!
//! `database.rs` has the one place where anything is written:
//!
//! ```text
//! let transaction = database.begin_write()?;
//! let answer = verb(&Rows(&transaction))?;
//! transaction.commit()?;
//! Ok(answer)
//! ```
//!
//! Every `?` before the `commit` drops the transaction, and with it all that the verb has written. `commit`
//! returns once the disk has it. redb waits for the disk, and for the writer before, by blocking the thread; so
//! that runs on a thread which is there for it:
//!
//! ```text
//! let ended = tokio::task::spawn_blocking(work).await;
//! ended
//!     .map_err(Fault::from)
//!     .flatten()
//!     .map_err(StoreError::permanent)
//! ```
//!
//! When the future is dropped at this `await`, because the browser hung up, the work goes on and ends by
//! itself, as a whole. That is what the contract wants: it has happened, or it has not. (`block_in_place`
//! would spare the copies that the verbs make of their parameters, but panics on the runtime of actix-web.)
//!
//! What redb reports is never better a moment later: a full disk, a damaged file. Hence
//! [`permanent`](crate::StoreError::permanent). A store behind a network says
//! [`transient`](crate::StoreError::transient) for what may be over soon.
//!
//! # The verbs
//!
//! The rest is `grant_store.rs`, all of it but its imports: some eighty lines. They read, write and make one step
//! of it. What is decided in between is decided by the core.
//!
//! ```text
//! #[async_trait]
//! impl GrantStore for RedbGrantStore {
//!     async fn open(
//!         &self,
//!         grant: &Grant,
//!         credentials: &[Credential],
//!         _now: OffsetDateTime,
//!     ) -> Result<(), StoreError> {
//!         let (grant, credentials) = (grant.clone(), credentials.to_vec());
//!         self.write(move |rows| {
//!             if rows.grant(grant.id)?.is_none() {
//!                 rows.put_grant(&grant)?;
//!                 rows.record(grant.id, &credentials)?;
//!             }
//!             Ok(())
//!         })
//!         .await
//!     }
//! ```
//!
//! A grant that is there is not opened again, whatever its state, and that is no error. `_now` is there for stores
//! that remove what has expired on the way; this one has `purge` for it. The copies are for the other thread.
//!
//! ```text
//!     async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
//!         let key = *key;
//!         self.read(move |transaction| {
//!             let credentials = transaction.open_table(CREDENTIALS)?;
//!             let Some((id, credential)) = rows::credential(&credentials, key)? else {
//!                 return Ok(None);
//!             };
//!             let grant = rows::readable_grant(&transaction.open_table(GRANTS)?, id)?;
//!             Ok(grant.map(|grant| Found { grant, credential }))
//!         })
//!         .await
//!     }
//! ```
//!
//! Both tables are read in one transaction, so credential and grant are of one moment. There is no `now`:
//! spent, expired and revoked are for the caller to see. A read transaction does not wait for a writer, and
//! this is the verb that every request with a bearer token asks.
//!
//! ```text
//!     async fn decide(
//!         &self,
//!         id: &GrantId,
//!         decision: Decision,
//!         now: OffsetDateTime,
//!     ) -> Result<Decided, StoreError> {
//!         let id = *id;
//!         self.write(move |rows| {
//!             let mut grant = rows.grant(id)?;
//!             let decided = decision.apply_to(grant.as_mut(), now);
//!             if let (Decided::Done, Some(grant)) = (decided, grant) {
//!                 rows.put_grant(&grant)?;
//!             }
//!             Ok(decided)
//!         })
//!         .await
//!     }
//! ```
//!
//! What a decision does to a grant is not for a store to say: [`Decision::apply_to`](crate::store::Decision::apply_to)
//! checks the grant that was read, in the order of the contract (not there, decided before, too late), changes it,
//! and has the answer. A store adds what makes it safe: that the grant is read and written in one transaction.
//! An approval moves the end, for which `put_grant`
//! makes a new entry in the index; the old one is recognised later, because the grant that it leads to has not ended.
//!
//! ```text
//!     async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
//!         let (id, exchange) = (exchange.grant, exchange.into_owned());
//!         self.write(move |rows| {
//!             let (grant, credential) = (rows.grant(id)?, rows.credential(*exchange.spend.key())?);
//!             let effect = exchange.effect_on(grant.as_ref(), credential);
//! ```
//!
//! The transaction runs on another thread, so it gets an exchange of its own,
//! [`into_owned`](crate::store::Exchange::into_owned). Grant and credential are read as they are, whatever their
//! state. [`Exchange::effect_on`](crate::store::Exchange::effect_on) has the checks of the contract in their order:
//! an inactive grant before an unknown credential, the same exchange again before spent, spent before expired. What is
//! passed as `None` is not there, and a credential of another grant is as unknown as one that is not there.
//!
//! ```text
//!             if let Some(spent) = effect.spent {
//!                 rows.put_credential(id, &spent)?;
//!             }
//!             rows.record(id, effect.successors)?;
//!             Ok(effect.exchanged)
//!         })
//!         .await
//!     }
//! ```
//!
//! The [effect](crate::store::ExchangeEffect) says what to write and what to answer. Where an exchange was refused, or
//! comes again, it has nothing to write: `spent` is `None`, and there are no successors. If a successor cannot be
//! recorded, the `?` takes the spending back. `record` leaves a successor as it is that is there already: it may be
//! spent by now, and written over it would be unspent again.
//!
//! ```text
//! if self.credential(credential.key)?.is_none() {
//!     self.put_credential(grant, credential)?;
//! }
//! ```
//!
//! ```text
//!     async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
//!         self.write(move |rows| {
//!             let revoked = match target {
//!                 Target::Grant(id) => rows.grant(id)?.map(|mut grant| {
//!                     grant.revoked_at.get_or_insert(now);
//!                     rows.put_grant(&grant)
//!                 }),
//!                 Target::Credential(key) => rows.credential(key)?.map(|(id, mut credential)| {
//!                     credential.spent_at.get_or_insert(now);
//!                     rows.put_credential(id, &credential)
//!                 }),
//!             };
//!             revoked.unwrap_or(Ok(()))
//!         })
//!         .await
//!     }
//! ```
//!
//! A moment that is set stays, and what is not there is passed over. That no exchange slips in behind a
//! revocation needs no line here: it comes before this transaction or after it.
//!
//! ```text
//!     async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
//!         self.write(move |rows| rows.remove_ended(now, limit)).await
//!     }
//! }
//! ```
//!
//! `rows.rs` goes through the index of ends, the oldest first, and stops at the limit:
//!
//! ```text
//! let mut due = ends.extract_from_if(..=last, |_, ()| true)?;
//! ```
//!
//! So a purge costs what there is to remove, not what there is. With a grant goes everything under it, spent
//! credentials included, and not before. All of them have the shard of the grant, so only the rows of this
//! shard have to be looked at, one in 65,536 of the table:
//!
//! ```text
//! let of_shard = (shard, &[0; 32])..=(shard, &[0xff; 32]);
//! credentials.retain_in(of_shard, |_, row| row.0 != &id)?;
//! ```
//!
//! `grant_directory.rs` adds [`GrantDirectory`](crate::store::GrantDirectory), which an account page needs: a
//! range of the index by subject. The kind of the subject is part of the key, so a client cannot take the
//! name of a user and see the user's grants. The moment of the latest exchange under a grant is read from what its
//! exchanges have spent, so that none of them writes more for it. A payload that cannot be read is no error of
//! `list`, but kept as it is, since one grant must not take away the others. Nor is it one for the verbs that
//! write, which do not look into it: so this grant can be revoked and removed.
//!
//! ```text
//! grant_with(id, row, |bytes| Ok(Payload::decode_or_keep(bytes)))
//! ```
//!
//! Its `page` is for the operator, who ends all grants of a client, or counts them: a range of the table behind
//! the last identifier, whatever the state of a grant. An identifier is a good cursor, since it means the same
//! however many rows have come and gone; a number of rows would leave some out.
//!
//! # The proof
//!
//! ```text
//! mod grants {
//!     oauth_testkit::grant_store_contract!(super::fresh, failing = super::refuse_inserts);
//! }
//! ```
//!
//! One macro of the crate `oauth-testkit`, and one test for each sentence of the contract. `fresh` makes a
//! store that is empty and nobody else's:
//!
//! ```text
//! async fn fresh() -> RedbGrantStore {
//!     let folder = TempDir::new().unwrap();
//!     RedbGrantStore::create(&folder.path().join("grants.redb")).unwrap()
//! }
//! ```
//!
//! `failing` is optional and worth the trouble. It gets a store from which on no credential can be recorded,
//! here by exchanging an index for a table of other types, and shows that a code whose tokens could not be
//! written is still unspent. A store with connections also says `second_connection`, for races between two.
//!
//! # What it does not do
//!
//! One process: redb locks its file. For several servers over one database take a ready store. Every write
//! waits for the disk by itself, which bounds the token requests in a second to the flushes of your disk;
//! behind that, requests queue. And an exchange that is refused commits as well, since the verb cannot say
//! that it has changed nothing; where replays are many, let it.
