use time::OffsetDateTime;

use super::{Grant, Payload};
use crate::subject::Subject;

/// The answer to a grant that was opened undecided.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// A user agreed: completes the grant.
    Approve {
        /// The user.
        subject: Subject,
        /// The grant's lifetime from now on.
        expires_at: OffsetDateTime,
        /// Replaces the grant's payload.
        payload: Payload,
    },
    /// A user refused: the grant is revoked.
    Deny,
}

/// How a decision ended. Anything but `Done` has changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decided {
    /// It counts.
    Done,
    /// The grant was decided before, which is final.
    AlreadyDecided,
    /// The grant has expired.
    Expired,
    /// There is no such grant.
    Unknown,
}

impl Decision {
    /// Decides a grant that a store has read: [`GrantStore::decide`](super::GrantStore::decide) between reading
    /// and writing.
    ///
    /// `grant` is what the store has under the identifier, `None` where that is nothing. It is changed in place,
    /// only where the answer is [`Decided::Done`], and the store has to write it then. Reading, this and writing
    /// have to be one step: under one lock, or in one transaction that nobody else writes beside.
    ///
    /// # Example
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use std::sync::Mutex;
    ///
    /// use oauth_core::GrantId;
    /// use oauth_core::store::{Decided, Decision, Grant};
    /// use time::OffsetDateTime;
    ///
    /// fn decide(
    ///     grants: &Mutex<HashMap<GrantId, Grant>>,
    ///     id: &GrantId,
    ///     decision: Decision,
    ///     now: OffsetDateTime,
    /// ) -> Decided {
    ///     decision.apply_to(grants.lock().unwrap().get_mut(id), now)
    /// }
    ///
    /// let (grants, id) = (Mutex::default(), GrantId::from_bytes([7; 18]));
    /// let decided = decide(&grants, &id, Decision::Deny, OffsetDateTime::UNIX_EPOCH);
    /// assert_eq!(decided, Decided::Unknown);
    /// ```
    pub fn apply_to(self, grant: Option<&mut Grant>, now: OffsetDateTime) -> Decided {
        let Some(grant) = grant else {
            return Decided::Unknown;
        };
        if grant.subject.is_some() || grant.revoked_at.is_some() {
            return Decided::AlreadyDecided;
        }
        if grant.expires_at <= now {
            return Decided::Expired;
        }
        match self {
            Self::Approve {
                subject,
                expires_at,
                payload,
            } => {
                grant.subject = Some(subject);
                grant.expires_at = expires_at;
                grant.payload = payload;
            }
            Self::Deny => grant.revoked_at = Some(now),
        }
        Decided::Done
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::client::ClientId;
    use crate::credential::GrantId;
    use crate::store::{AccessTokenPayload, Content, RefreshTokenPayload};
    use crate::subject::UserId;

    const END: OffsetDateTime = OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::seconds(600));
    const IN_TIME: OffsetDateTime = END.saturating_sub(Duration::microseconds(1));
    const LATE: [OffsetDateTime; 2] = [END, END.saturating_add(Duration::seconds(1))];

    fn alice() -> Subject {
        Subject::User(UserId::new("alice"))
    }

    fn undecided() -> Grant {
        Grant {
            id: GrantId::from_bytes([7; 18]),
            client_id: ClientId::parse("device").unwrap(),
            subject: None,
            expires_at: END,
            revoked_at: None,
            payload: Payload::new(Content::AccessToken(AccessTokenPayload::default())),
        }
    }

    fn approval() -> Decision {
        Decision::Approve {
            subject: alice(),
            expires_at: END + Duration::days(1),
            payload: Payload::new(Content::RefreshToken(RefreshTokenPayload::default())),
        }
    }

    fn approved() -> Grant {
        Grant {
            subject: Some(alice()),
            expires_at: END + Duration::days(1),
            payload: Payload::new(Content::RefreshToken(RefreshTokenPayload::default())),
            ..undecided()
        }
    }

    fn denied() -> Grant {
        Grant {
            revoked_at: Some(IN_TIME),
            ..undecided()
        }
    }

    /// What becomes of a grant, with the answer.
    fn apply(decision: Decision, mut grant: Grant, now: OffsetDateTime) -> (Decided, Grant) {
        let decided = decision.apply_to(Some(&mut grant), now);
        (decided, grant)
    }

    #[test]
    fn a_grant_that_is_not_there_is_unknown() {
        for decision in [approval(), Decision::Deny] {
            assert_eq!(decision.apply_to(None, IN_TIME), Decided::Unknown);
        }
    }

    #[test]
    fn an_approval_sets_subject_lifetime_and_payload_and_nothing_else() {
        let outcome = apply(approval(), undecided(), IN_TIME);
        assert_eq!(outcome, (Decided::Done, approved()));
    }

    #[test]
    fn a_refusal_sets_the_moment_of_revocation_and_nothing_else() {
        let outcome = apply(Decision::Deny, undecided(), IN_TIME);
        assert_eq!(outcome, (Decided::Done, denied()));
    }

    /// Also after its end: decided comes before expired.
    #[test]
    fn what_was_decided_or_revoked_stays_as_it_is() {
        for grant in [approved(), denied()] {
            for now in [IN_TIME, END, END + Duration::days(2)] {
                for decision in [approval(), Decision::Deny] {
                    let expected = (Decided::AlreadyDecided, grant.clone());
                    assert_eq!(apply(decision, grant.clone(), now), expected);
                }
            }
        }
    }

    #[test]
    fn a_decision_comes_too_late_from_the_end_on_and_changes_nothing() {
        for now in LATE {
            for decision in [approval(), Decision::Deny] {
                let outcome = apply(decision, undecided(), now);
                assert_eq!(outcome, (Decided::Expired, undecided()));
            }
        }
    }
}
