use std::time::Duration;

use oauth_core::{Randomness, StoreError, SystemRandomness};

use crate::error::{Failure, Kind};

/// How often a verb is tried when it gets into the way of another, unless told otherwise.
pub(crate) const ATTEMPTS: u32 = 10;

/// What to do when the connection was lost, so that it is unknown whether the verb has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenLost {
    /// Asking again changes nothing that has happened.
    AskAgain,
    GiveUp,
}

/// Counts the attempts of one verb.
#[derive(Debug)]
pub(crate) struct Tries {
    left: u32,
    made: u32,
    when_lost: WhenLost,
    lost: bool,
}

impl Tries {
    pub(crate) fn new(attempts: u32, when_lost: WhenLost) -> Self {
        Self {
            left: attempts,
            made: 0,
            when_lost,
            lost: false,
        }
    }

    /// Returns when the verb is to be tried again.
    pub(crate) async fn after(&mut self, failure: Failure) -> Result<(), StoreError> {
        match failure.kind() {
            Kind::Conflict if self.left > 1 => {
                self.left -= 1;
                tokio::time::sleep(pause(self.made)).await;
                self.made += 1;
                Ok(())
            }
            Kind::Lost if self.when_lost == WhenLost::AskAgain && !self.lost => {
                self.lost = true;
                Ok(())
            }
            _ => Err(failure.into()),
        }
    }
}

/// Tries until it works or `$tries` gives up, and returns what came out.
macro_rules! keep_trying {
    ($store:ident, $tries:ident, $attempt:expr) => {
        loop {
            match $attempt.await {
                Ok(outcome) => return Ok(outcome),
                Err(failure) => {
                    $store.notice(&failure);
                    $tries.after(failure).await?;
                }
            }
        }
    };
}

pub(crate) use keep_trying;

/// Between half of and a whole 1, 2, 4, ... up to 64 milliseconds.
fn pause(made: u32) -> Duration {
    let longest = 1_000 << made.min(6);
    let mut random = [0; 4];
    SystemRandomness.fill(&mut random);
    let share = u64::from(u32::from_be_bytes(random) % 501);
    Duration::from_micros(longest / 2 + longest * share / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost() -> Failure {
        sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()).into()
    }

    #[tokio::test]
    async fn a_conflict_is_tried_again_so_often() {
        let mut tries = Tries::new(3, WhenLost::GiveUp);
        assert!(tries.after(Failure::Unsettled).await.is_ok());
        assert!(tries.after(Failure::Unsettled).await.is_ok());
        let error = tries.after(Failure::Unsettled).await.unwrap_err();
        assert!(error.is_transient());
    }

    #[tokio::test]
    async fn a_lost_connection_is_asked_again_once_where_that_is_safe() {
        let mut tries = Tries::new(3, WhenLost::GiveUp);
        assert!(tries.after(lost()).await.unwrap_err().is_transient());
        let mut tries = Tries::new(3, WhenLost::AskAgain);
        assert!(tries.after(lost()).await.is_ok());
        assert!(tries.after(lost()).await.unwrap_err().is_transient());
    }

    #[test]
    fn pauses_grow_and_differ() {
        for made in 0..100 {
            let longest = Duration::from_millis(1 << made.min(6));
            let pause = pause(made);
            assert!(
                pause >= longest / 2 && pause <= longest,
                "{made}: {pause:?}"
            );
        }
    }
}
