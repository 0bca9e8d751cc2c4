use async_trait::async_trait;
use oauth_core::store::{Consent, ConsentStore};
use oauth_core::{ClientId, Scope, StoreError, UserId};
use redis::cmd;
use time::OffsetDateTime;

use crate::RedisStore;
use crate::error::Unreadable;
use crate::moment;
use crate::script::RECORD;

#[async_trait]
impl ConsentStore for RedisStore {
    async fn find(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        let mut command = cmd("HGET");
        command.arg(self.keys.consents(user)).arg(client.as_str());
        let text: Option<String> = self.connection.ask(&command).await?;
        text.map(|text| consent(client.clone(), &text)).transpose()
    }

    async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
        let mut command = cmd("HGETALL");
        command.arg(self.keys.consents(user));
        let mut all: Vec<(String, String)> = self.connection.ask(&command).await?;
        // Redis has them in no order.
        all.sort();
        let read = |(client, text): (String, String)| {
            let client = ClientId::parse(&client).map_err(|_| Unreadable("a client_id"))?;
            consent(client, &text)
        };
        all.into_iter().map(read).collect()
    }

    async fn record(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let now = moment::encode(now);
        let mut texts = vec![client.as_str().as_bytes(), now.as_bytes()];
        texts.extend(scope.values().map(str::as_bytes));
        let keys = [self.keys.consents(user)];
        self.connection.run(&RECORD, &keys, &texts).await
    }

    async fn withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError> {
        let mut command = cmd("HDEL");
        command.arg(self.keys.consents(user)).arg(client.as_str());
        self.connection.ask(&command).await
    }
}

/// Reads a moment, a space and a scope.
fn consent(client_id: ClientId, text: &str) -> Result<Consent, StoreError> {
    let (recorded_at, values) = text.split_once(' ').ok_or(Unreadable("a consent"))?;
    Ok(Consent {
        client_id,
        scope: Scope::parse_stored(values).map_err(|_| Unreadable("a scope"))?,
        recorded_at: moment::decode(recorded_at)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_may_have_any_number_of_values() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let read = |values: &str| {
            let text = format!("{} {values}", moment::encode(now));
            consent(ClientId::parse("web").unwrap(), &text)
        };
        // So many that uniting them one by one would take hours.
        let many: Vec<String> = (0..300_000).map(|n| n.to_string()).collect();
        let many = many.join(" ");
        let consent = read(&many).unwrap();
        assert_eq!(consent.scope.as_str(), many);
        assert_eq!(consent.recorded_at, now);
        assert!(read("").unwrap().scope.is_empty());
        assert!(!read("\"").unwrap_err().is_transient());
    }
}
