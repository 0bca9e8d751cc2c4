//! The users of the service and their passwords.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::secret::{Key, Secret};

/// Memory for one hash, in KiB, and the number of passes over it: Argon2id with one of the
/// parameter sets that OWASP recommends. All of them cost an attacker the same; this one needs the
/// least memory, of which each sign-in takes its own. 100 users take about two seconds of one core.
const MEMORY_KIB: u32 = 7 * 1024;
const PASSES: u32 = 5;

/// A longer password is nobody's.
const LONGEST_PASSWORD: usize = 1024;
/// So many may wait for their password to be checked.
const LONGEST_LINE: usize = 1000;

/// Too many sign in at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many sign in at once")]
pub struct Busy;

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("users: a password could not be hashed: {0}")]
pub struct PasswordError(#[from] argon2::password_hash::Error);

/// The users, each with a hash of their password.
pub struct Users {
    hashes: HashMap<String, PasswordHash>,
    /// Checked in place of the hash of a user who does not exist, so that the time an answer takes
    /// does not tell who does.
    nobody: PasswordHash,
    checks: Arc<Semaphore>,
    line: Semaphore,
}

impl Users {
    /// Hashes the passwords of the given users, on all cores. Blocks while it does.
    ///
    /// # Errors
    /// If a password cannot be hashed, which a password of sane length always can.
    pub fn new<'a>(
        users: impl IntoIterator<Item = (&'a str, &'a Secret)>,
    ) -> Result<Self, PasswordError> {
        let users: Vec<_> = users.into_iter().collect();
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let share = users.len().div_ceil(cores).max(1);
        let hashes = thread::scope(|scope| {
            let threads: Vec<_> = users
                .chunks(share)
                .map(|users| scope.spawn(move || hash_all(users)))
                .collect();
            let mut hashes = HashMap::with_capacity(users.len());
            for thread in threads {
                // A panic of a thread goes on as one of the caller.
                let hashed = thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                hashes.extend(hashed?);
            }
            Ok::<_, PasswordError>(hashes)
        })?;
        Ok(Self {
            hashes,
            nobody: hash(Key::<32>::random().as_bytes())?,
            checks: Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))),
            line: Semaphore::new(LONGEST_LINE),
        })
    }

    /// Whether there is a user of this name.
    pub fn contains(&self, username: &str) -> bool {
        self.hashes.contains_key(username)
    }

    /// The name of the user, if the password is theirs.
    ///
    /// Takes some 20 ms of a core, for a user who does not exist too, so it must not be called on
    /// a thread that serves asynchronous tasks: there it is [`Users::sign_in`].
    pub fn verify(&self, username: &str, password: &str) -> Option<&str> {
        let user = self.hashes.get_key_value(username);
        let hash = user.map_or(&self.nobody, |(_, hash)| hash);
        let matches =
            argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), hash).is_ok());
        user.filter(|_| matches)
            .map(|(username, _)| username.as_str())
    }

    /// [`Users::verify`] on a thread for blocking work, at most one check for each core but one at a
    /// time, so that signing in cannot take the machine from everything else.
    ///
    /// Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Busy`] when too many wait already.
    pub async fn sign_in(
        self: &Arc<Self>,
        username: String,
        password: Secret,
    ) -> Result<Option<String>, Busy> {
        if password.expose().len() > LONGEST_PASSWORD {
            return Ok(None);
        }
        let place = self.line.try_acquire().map_err(|_| Busy)?;
        let permit = Arc::clone(&self.checks)
            .acquire_owned()
            .await
            .map_err(|_| Busy)?;
        drop(place);
        let users = Arc::clone(self);
        let check = tokio::task::spawn_blocking(move || {
            // Kept until the work is done: a caller who goes away does not stop it.
            let _permit = permit;
            users
                .verify(&username, password.expose())
                .map(str::to_owned)
        });
        check.await.map_err(|_| Busy)
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Users")
            .field("count", &self.hashes.len())
            .finish_non_exhaustive()
    }
}

fn hash_all(users: &[(&str, &Secret)]) -> Result<Vec<(String, PasswordHash)>, PasswordError> {
    let hash_one = |(username, password): &(&str, &Secret)| {
        Ok(((*username).to_owned(), hash(password.expose().as_bytes())?))
    };
    users.iter().map(hash_one).collect()
}

fn hash(password: &[u8]) -> Result<PasswordHash, PasswordError> {
    Ok(argon2()?.hash_password(password)?)
}

fn argon2() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users() -> Users {
        let (alice, bob) = (Secret::new("wonderland"), Secret::new("builder"));
        Users::new([("alice", &alice), ("bob", &bob)]).unwrap()
    }

    #[test]
    fn only_the_own_password_is_right() {
        let users = users();
        assert_eq!(users.verify("alice", "wonderland"), Some("alice"));
        assert_eq!(users.verify("bob", "builder"), Some("bob"));
        for (username, password) in [
            ("alice", "builder"),
            ("alice", "wonderland "),
            ("alice", ""),
            ("Alice", "wonderland"),
            ("nobody", "wonderland"),
            ("", ""),
        ] {
            assert_eq!(
                users.verify(username, password),
                None,
                "{username} {password}"
            );
        }
        assert!(users.contains("bob") && !users.contains("nobody"));
    }

    #[test]
    fn nobody_can_sign_in_where_nobody_is() {
        let users = Users::new([]).unwrap();
        assert_eq!(users.verify("", ""), None);
    }

    #[test]
    fn an_unknown_user_costs_the_same_hash() {
        let users = users();
        let params = |hash: &PasswordHash| (hash.algorithm, hash.params.to_string());
        let known = users.hashes.get("alice").unwrap();
        assert_eq!(params(known), params(&users.nobody));
        assert_eq!(known.params.to_string(), "m=7168,t=5,p=1");
    }

    #[tokio::test]
    async fn sign_in_works_for_more_people_than_cores() {
        let users = Arc::new(users());
        let tasks: Vec<_> = (0..8)
            .map(|turn| {
                let users = Arc::clone(&users);
                let password = if turn % 2 == 0 { "wonderland" } else { "wrong" };
                tokio::spawn(async move {
                    users
                        .sign_in("alice".to_owned(), Secret::new(password))
                        .await
                })
            })
            .collect();
        for (turn, task) in tasks.into_iter().enumerate() {
            let expected = (turn % 2 == 0).then(|| "alice".to_owned());
            assert_eq!(task.await.unwrap(), Ok(expected));
        }
    }

    #[test]
    fn debug_output_shows_no_hash() {
        assert_eq!(format!("{:?}", users()), "Users { count: 2, .. }");
    }
}
