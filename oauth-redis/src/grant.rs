use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, ExchangeId, Exchanged, Found, Grant, GrantStore,
    Payload, Spend, Target,
};
use oauth_core::{
    CredentialKey, CredentialKind, GrantId, Randomness, StoreError, SystemRandomness,
};
use time::OffsetDateTime;

use crate::RedisStore;
use crate::error::Unreadable;
use crate::keys::digest;
use crate::moment::{self, SLACK};
use crate::record::{Fields, Record};
use crate::script::{DECIDE, EXCHANGE, FIND, MARK, OPEN};

/// The fields of a grant, in the order in which [`grant`] reads them.
pub(crate) const GRANT: [&str; 6] = [
    "client_id",
    "subject_kind",
    "subject",
    "expires_at",
    "revoked_at",
    "payload",
];

/// So many fields of a credential does the script of `find` give, and then those of its grant.
const CREDENTIAL_FIELDS: usize = 6;

#[async_trait]
impl GrantStore for RedisStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut keys = vec![self.keys.grant(&grant.id)];
        let lifetime = lifetime(grant, credentials, now);
        let mut texts = grant_texts(grant, credentials, lifetime);
        for credential in credentials {
            keys.push(self.key_under(&grant.id, credential)?);
            let lifetime = match credential.kind {
                CredentialKind::AccessToken => moment::lifetime(credential.expires_at, now),
                _ => lifetime,
            };
            credential_texts(&mut texts, &grant.id, credential, &lifetime.to_string());
        }
        if let Some(subject) = &grant.subject {
            self.enter(subject, &grant.id, grant.expires_at, now)
                .await?;
        }
        self.connection.run(&OPEN, &keys, &slices(&texts)).await
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        let keys = [self.keys.credential(key)];
        let grants = self.keys.grants(key.shard());
        let found: Option<Fields> = self
            .connection
            .run(&FIND, &keys, &[grants.as_bytes()])
            .await?;
        let Some(fields) = found else {
            return Ok(None);
        };
        let has_grant = fields.len() > CREDENTIAL_FIELDS;
        let mut record = Record::new(fields);
        let id: GrantId = record.text()?.parse().map_err(StoreError::permanent)?;
        let credential = credential(*key, &mut record)?;
        if !has_grant {
            // It is gone, or the slot of both is on its way to another node.
            let fields: Fields = self.connection.ask(&self.read(&id)).await?;
            if fields.first().is_none_or(Option::is_none) {
                return Ok(None);
            }
            record = Record::new(fields);
        }
        let grant = self::grant(id, &mut record)?;
        Ok(Some(Found { grant, credential }))
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        let keys = [self.keys.grant(id)];
        // It may be sent twice, by a cluster's client itself, and must know its own answer.
        let mut decision_id = [0; 16];
        SystemRandomness.fill(&mut decision_id);
        let mut texts = vec![moment::encode(now).into_bytes(), decision_id.to_vec()];
        if let Decision::Approve {
            subject,
            expires_at,
            payload,
        } = decision
        {
            self.enter(&subject, id, expires_at, now).await?;
            texts.extend([
                subject.kind().into(),
                subject.id().into(),
                moment::encode(expires_at).into_bytes(),
                payload.encode(),
                moment::lifetime(expires_at, now).to_string().into_bytes(),
                self.keys.credentials(id.shard()).into_bytes(),
            ]);
        }
        let decided: String = self.connection.run(&DECIDE, &keys, &slices(&texts)).await?;
        match decided.as_str() {
            "done" => Ok(Decided::Done),
            "already_decided" => Ok(Decided::AlreadyDecided),
            "expired" => Ok(Decided::Expired),
            "unknown" => Ok(Decided::Unknown),
            _ => Err(Unreadable("an answer").into()),
        }
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let Exchange {
            id,
            grant,
            spend,
            successors,
            now,
        } = exchange;
        let (grant, key) = (&grant, spend.key());
        let credential = if key.shard() == grant.shard() {
            self.keys.credential(key)
        } else {
            // Another shard's is under another grant. Its key may live on another node.
            self.keys.nothing(grant.shard())
        };
        let mut keys = vec![self.keys.grant(grant), credential];
        let mut texts = vec![
            id.as_bytes().to_vec(),
            moment::encode(now).into_bytes(),
            grant.to_string().into_bytes(),
            match spend {
                Spend::Once(_) => b"1".to_vec(),
                Spend::Nothing { .. } => b"0".to_vec(),
            },
            SLACK.whole_milliseconds().to_string().into_bytes(),
        ];
        for successor in successors.iter() {
            keys.push(self.key_under(grant, successor)?);
            let lifetime = match successor.kind {
                CredentialKind::AccessToken => {
                    moment::lifetime(successor.expires_at, now).to_string()
                }
                _ => String::new(),
            };
            credential_texts(&mut texts, grant, successor, &lifetime);
        }
        let answer: Fields = self
            .connection
            .run(&EXCHANGE, &keys, &slices(&texts))
            .await?;
        let mut answer = Record::new(answer);
        match answer.text()?.as_str() {
            "done" => Ok(Exchanged::Done),
            "spent" => Ok(Exchanged::Spent {
                grant: *grant,
                at: answer.moment()?,
            }),
            "expired" => Ok(Exchanged::Expired),
            "inactive" => Ok(Exchanged::Inactive),
            "unknown" => Ok(Exchanged::Unknown),
            _ => Err(Unreadable("an answer").into()),
        }
    }

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        let (key, field) = match target {
            Target::Grant(id) => (self.keys.grant(&id), "revoked_at"),
            Target::Credential(key) => (self.keys.credential(&key), "spent_at"),
        };
        let now = moment::encode(now);
        self.connection
            .run(&MARK, &[key], &[field.as_bytes(), now.as_bytes()])
            .await
    }

    /// Redis removes what has expired by itself: there is nothing left to do.
    async fn purge(&self, _now: OffsetDateTime, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

impl RedisStore {
    fn key_under(&self, grant: &GrantId, credential: &Credential) -> Result<String, StoreError> {
        if credential.key.shard() != grant.shard() {
            return Err(StoreError::permanent(
                "a credential has the shard of its grant",
            ));
        }
        Ok(self.keys.credential(&credential.key))
    }
}

/// How many milliseconds a grant is kept that is opened with these credentials.
///
/// Of a grant that has nothing but a code nothing comes unless somebody comes for the code, and then
/// `exchange` keeps it longer.
fn lifetime(grant: &Grant, credentials: &[Credential], now: OffsetDateTime) -> i128 {
    let whole = moment::lifetime(grant.expires_at, now);
    match credentials {
        [only] if only.kind == CredentialKind::AuthorizationCode && only.spent_at.is_none() => {
            whole.min(moment::lifetime(only.expires_at, now))
        }
        _ => whole,
    }
}

fn grant_texts(grant: &Grant, credentials: &[Credential], lifetime: i128) -> Vec<Vec<u8>> {
    let mut fields: Vec<(&str, Vec<u8>)> = vec![
        ("client_id", grant.client_id.as_str().into()),
        ("expires_at", moment::encode(grant.expires_at).into_bytes()),
        ("payload", grant.payload.encode()),
    ];
    match &grant.subject {
        Some(subject) => fields.extend([
            ("subject_kind", subject.kind().into()),
            ("subject", subject.id().into()),
        ]),
        // `decide` prolongs them. Until then the grant has no others, since nothing is exchanged.
        None => {
            let longest = credentials
                .iter()
                .filter(|credential| credential.kind != CredentialKind::AccessToken);
            let names: Vec<String> = longest.map(|credential| digest(&credential.key)).collect();
            fields.push(("credentials", names.join(" ").into_bytes()));
        }
    }
    if let Some(revoked_at) = grant.revoked_at {
        fields.push(("revoked_at", moment::encode(revoked_at).into_bytes()));
    }
    let mut texts = Vec::new();
    record_texts(&mut texts, &lifetime.to_string(), fields);
    texts
}

fn credential_texts(
    texts: &mut Vec<Vec<u8>>,
    grant: &GrantId,
    credential: &Credential,
    lifetime: &str,
) {
    let expires_at = moment::encode(credential.expires_at).into_bytes();
    let mut fields: Vec<(&str, Vec<u8>)> = vec![
        ("grant", grant.to_string().into_bytes()),
        ("kind", credential.kind.as_str().into()),
        ("expires_at", expires_at),
        ("payload", credential.payload.encode()),
    ];
    if let Some(spent_at) = credential.spent_at {
        fields.push(("spent_at", moment::encode(spent_at).into_bytes()));
    }
    if let Some(spent_by) = credential.spent_by {
        fields.push(("spent_by", spent_by.as_bytes().to_vec()));
    }
    record_texts(texts, lifetime, fields);
}

/// What `insert` in the scripts reads.
fn record_texts(texts: &mut Vec<Vec<u8>>, lifetime: &str, fields: Vec<(&str, Vec<u8>)>) {
    texts.push(lifetime.into());
    texts.push((2 * fields.len()).to_string().into_bytes());
    for (field, value) in fields {
        texts.push(field.into());
        texts.push(value);
    }
}

fn slices(texts: &[Vec<u8>]) -> Vec<&[u8]> {
    texts.iter().map(Vec::as_slice).collect()
}

fn credential(key: CredentialKey, record: &mut Record) -> Result<Credential, StoreError> {
    let kind = CredentialKind::parse(&record.text()?).ok_or(Unreadable("a kind of credential"))?;
    let expires_at = record.moment()?;
    let spent_at = record.optional_moment()?;
    let spent_by = match record.optional_bytes() {
        Some(bytes) => {
            let bytes = bytes.try_into().map_err(|_| Unreadable("an exchange"))?;
            Some(ExchangeId::from_bytes(bytes))
        }
        None => None,
    };
    Ok(Credential {
        key,
        kind,
        expires_at,
        spent_at,
        spent_by,
        payload: record.payload()?,
    })
}

/// Reads the fields of [`GRANT`].
pub(crate) fn grant(id: GrantId, record: &mut Record) -> Result<Grant, StoreError> {
    grant_with(id, record, Record::payload)
}

/// The same, for `list`, which keeps a payload that it cannot read.
pub(crate) fn grant_with(
    id: GrantId,
    record: &mut Record,
    payload: fn(&mut Record) -> Result<Payload, StoreError>,
) -> Result<Grant, StoreError> {
    Ok(Grant {
        id,
        client_id: record.client_id()?,
        subject: record.optional_subject()?,
        expires_at: record.moment()?,
        revoked_at: record.optional_moment()?,
        payload: payload(record)?,
    })
}
