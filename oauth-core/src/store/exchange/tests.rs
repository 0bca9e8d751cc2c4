use time::Duration;

use super::*;
use crate::client::ClientId;
use crate::credential::CredentialKind;
use crate::store::{AccessTokenPayload, Content, Payload, RefreshTokenPayload};
use crate::subject::{Subject, UserId};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::seconds(60));
const LATER: OffsetDateTime = NOW.saturating_add(Duration::microseconds(1));
const EARLIER: OffsetDateTime = NOW.saturating_sub(Duration::seconds(1));
const THIS: ExchangeId = ExchangeId::from_bytes([1; 16]);
const OTHER: ExchangeId = ExchangeId::from_bytes([2; 16]);
const GRANT: GrantId = GrantId::from_bytes([7; 18]);

const fn key(n: u8) -> CredentialKey {
    CredentialKey::new(7, [n; 32])
}

fn grant() -> Grant {
    Grant {
        id: GRANT,
        client_id: ClientId::parse("web").unwrap(),
        subject: Some(Subject::User(UserId::new("alice"))),
        expires_at: LATER,
        revoked_at: None,
        payload: Payload::new(Content::AccessToken(AccessTokenPayload::default())),
    }
}

fn credential(n: u8) -> Credential {
    Credential {
        key: key(n),
        kind: CredentialKind::RefreshToken,
        expires_at: LATER,
        spent_at: None,
        spent_by: None,
        payload: Payload::new(Content::RefreshToken(RefreshTokenPayload::default())),
    }
}

fn spent(by: Option<ExchangeId>) -> Credential {
    Credential {
        spent_at: Some(EARLIER),
        spent_by: by,
        ..credential(1)
    }
}

fn expired(credential: Credential) -> Credential {
    Credential {
        expires_at: NOW,
        ..credential
    }
}

fn under(grant: GrantId, credential: Credential) -> Option<(GrantId, Credential)> {
    Some((grant, credential))
}

const ONCE: Spend = Spend::Once(key(1));
const NOTHING: Spend = Spend::Nothing {
    while_unspent: key(1),
};

fn exchange(spend: Spend) -> Exchange<'static> {
    Exchange {
        id: THIS,
        grant: GRANT,
        spend,
        successors: vec![credential(2), credential(3)].into(),
        now: NOW,
    }
}

/// Whether it spends or not: the answer, and nothing to be written.
fn assert_answers(
    expected: Exchanged,
    grant: Option<&Grant>,
    credential: &Option<(GrantId, Credential)>,
) {
    for spend in [ONCE, NOTHING] {
        let expected = ExchangeEffect {
            exchanged: expected,
            spent: None,
            successors: &[],
        };
        let exchange = exchange(spend);
        assert_eq!(exchange.effect_on(grant, credential.clone()), expected);
    }
}

/// Each state of the credential that has an answer of its own.
fn credentials() -> [Option<(GrantId, Credential)>; 6] {
    let elsewhere = GrantId::from_bytes([8; 18]);
    [
        under(GRANT, credential(1)),
        None,
        under(elsewhere, credential(1)),
        under(GRANT, spent(Some(THIS))),
        under(GRANT, spent(Some(OTHER))),
        under(GRANT, expired(credential(1))),
    ]
}

#[test]
fn a_grant_that_is_not_there_or_not_active_comes_first() {
    let inactive = [
        Grant {
            subject: None,
            ..grant()
        },
        Grant {
            expires_at: NOW,
            ..grant()
        },
        Grant {
            revoked_at: Some(EARLIER),
            ..grant()
        },
        // A revocation counts for an exchange with an earlier moment, too.
        Grant {
            revoked_at: Some(LATER),
            ..grant()
        },
        Grant {
            id: GrantId::from_bytes([8; 18]),
            ..grant()
        },
    ];
    for credential in credentials() {
        assert_answers(Exchanged::Inactive, None, &credential);
        for grant in &inactive {
            assert_answers(Exchanged::Inactive, Some(grant), &credential);
        }
    }
}

#[test]
fn a_credential_that_is_not_there_or_of_another_grant_is_unknown_whatever_its_state() {
    assert_answers(Exchanged::Unknown, Some(&grant()), &None);
    for (grant_of_it, credential) in credentials().into_iter().flatten() {
        let elsewhere = under(GrantId::from_bytes([8; 18]), credential.clone());
        assert_answers(Exchanged::Unknown, Some(&grant()), &elsewhere);
        let another = Credential {
            key: key(9),
            ..credential
        };
        let another = under(grant_of_it, another);
        assert_answers(Exchanged::Unknown, Some(&grant()), &another);
    }
}

#[test]
fn the_same_exchange_again_is_done_and_writes_nothing_even_when_expired() {
    for credential in [spent(Some(THIS)), expired(spent(Some(THIS)))] {
        let credential = under(GRANT, credential);
        assert_answers(Exchanged::Done, Some(&grant()), &credential);
    }
}

#[test]
fn spent_by_another_exchange_or_revoked_comes_before_expired() {
    for by in [Some(OTHER), None] {
        for credential in [spent(by), expired(spent(by))] {
            let answer = Exchanged::Spent {
                grant: GRANT,
                at: EARLIER,
            };
            assert_answers(answer, Some(&grant()), &under(GRANT, credential));
        }
    }
}

#[test]
fn a_credential_expires_at_exactly_its_moment() {
    let credential = under(GRANT, expired(credential(1)));
    assert_answers(Exchanged::Expired, Some(&grant()), &credential);
}

#[test]
fn what_is_unspent_is_spent_and_its_successors_are_recorded() {
    let exchange = exchange(ONCE);
    let effect = exchange.effect_on(Some(&grant()), under(GRANT, credential(1)));
    let expected = ExchangeEffect {
        exchanged: Exchanged::Done,
        spent: Some(Credential {
            spent_at: Some(NOW),
            spent_by: Some(THIS),
            ..credential(1)
        }),
        successors: &[credential(2), credential(3)],
    };
    assert_eq!(effect, expected);
}

#[test]
fn an_exchange_that_spends_nothing_only_records() {
    let exchange = exchange(NOTHING);
    let effect = exchange.effect_on(Some(&grant()), under(GRANT, credential(1)));
    let expected = ExchangeEffect {
        exchanged: Exchanged::Done,
        spent: None,
        successors: &[credential(2), credential(3)],
    };
    assert_eq!(effect, expected);
}

#[test]
fn an_owned_exchange_is_the_same_one() {
    let successors = [credential(2)];
    let owned = {
        let exchange = Exchange {
            successors: (&successors).into(),
            ..exchange(NOTHING)
        };
        exchange.into_owned()
    };
    assert_eq!(owned.id, THIS);
    assert_eq!(owned.grant, GRANT);
    assert_eq!(owned.spend, NOTHING);
    assert_eq!(owned.successors, successors.as_slice());
    assert_eq!(owned.now, NOW);
}
