use async_trait::async_trait;
use oauth_core::CredentialKind;
use oauth_core::store::{Credential, Grant};
use redis::aio::ConnectionManager;
use redis::{Script, ScriptInvocation};
use time::OffsetDateTime;

use super::{Bare, Connections, Opening, Spending};
use crate::place::redis::{
    Redis as Place, SLACK, credential_fields, encoded, grant_fields, lifetime, moment, subject_name,
};
use crate::row::client_key;

macro_rules! script {
    ($($file:literal)+) => {
        Script::new(concat!($(include_str!(concat!("../../../oauth-redis/src/scripts/", $file))),+))
    };
}

/// The scripts of the store, over a connection like its own.
pub(crate) struct Redis {
    connection: ConnectionManager,
    prefix: String,
    find: Script,
    exchange: Script,
    open: Script,
    index: Script,
}

impl Redis {
    pub(crate) fn new(place: &Place) -> Self {
        Self {
            connection: place.connection.clone(),
            prefix: place.prefix.clone(),
            find: script!("find.lua"),
            exchange: script!("keep.lua" "insert.lua" "exchange.lua"),
            open: script!("keep.lua" "insert.lua" "open.lua"),
            index: script!("keep.lua" "index.lua"),
        }
    }

    async fn find_client(&self, id: &oauth_core::ClientId) {
        let key = format!("{}client:{}", self.prefix, encoded(&client_key(id)));
        let mut get = redis::cmd("GET");
        let client = get.arg(key).query_async(&mut self.connection.clone()).await;
        let client: Vec<u8> = client.expect("an answer");
        assert!(!client.is_empty());
    }

    fn key(&self, shard: u16, what: &str, name: &str) -> String {
        format!("{}{{{shard:04x}}}:{what}:{name}", self.prefix)
    }

    fn credential(&self, key: &oauth_core::CredentialKey) -> String {
        self.key(key.shard(), "credential", &encoded(key.digest()))
    }
}

/// What the script `insert` reads.
fn record(invocation: &mut ScriptInvocation<'_>, lifetime: &str, fields: &[(&str, Vec<u8>)]) {
    invocation.arg(lifetime).arg(2 * fields.len());
    for (field, value) in fields {
        invocation.arg(*field).arg(value.as_slice());
    }
}

fn record_credential(
    invocation: &mut ScriptInvocation<'_>,
    grant: &Grant,
    credential: &Credential,
    otherwise: &str,
    now: OffsetDateTime,
) {
    let kept = match credential.kind {
        CredentialKind::AccessToken => lifetime(credential.expires_at, now).to_string(),
        _ => otherwise.to_owned(),
    };
    record(invocation, &kept, &credential_fields(grant, credential));
}

#[async_trait]
impl Bare for Redis {
    async fn spend(&self, spending: &Spending, _: Connections) {
        let mut connection = self.connection.clone();
        self.find_client(&spending.client).await;
        let spent = self.credential(&spending.spent);
        let mut find = self.find.key(&spent);
        find.arg(self.key(spending.spent.shard(), "grant", ""));
        let found: Vec<Option<Vec<u8>>> = find
            .invoke_async(&mut connection)
            .await
            .expect("a credential");
        assert_eq!(found.len(), 12);
        let grant = &spending.grant;
        let mut exchange = self.exchange.prepare_invoke();
        exchange
            .key(self.key(grant.id.shard(), "grant", &grant.id.to_string()))
            .key(spent);
        exchange
            .arg(spending.exchange.as_bytes())
            .arg(moment(spending.now));
        exchange
            .arg(grant.id.to_string())
            .arg("1")
            .arg(SLACK.whole_milliseconds().to_string());
        for successor in &spending.successors {
            exchange.key(self.credential(&successor.key));
            record_credential(&mut exchange, grant, successor, "", spending.now);
        }
        let exchanged: Vec<String> = exchange
            .invoke_async(&mut connection)
            .await
            .expect("an answer");
        assert_eq!(exchanged, ["done"]);
    }

    async fn open(&self, opening: &Opening, _: Connections) {
        let mut connection = self.connection.clone();
        self.find_client(&opening.client).await;
        let (grant, now) = (&opening.grant, opening.now);
        let subject = grant.subject.as_ref().expect("a subject");
        let kept = lifetime(grant.expires_at, now).to_string();
        let mut index = self
            .index
            .key(format!("{}subject:{}", self.prefix, subject_name(subject)));
        index.arg(grant.expires_at.unix_timestamp() + 1);
        index.arg(format!("{}@{}", grant.id, now.unix_timestamp()));
        index.arg(&kept).arg((now - SLACK).unix_timestamp());
        let _: i64 = index
            .invoke_async(&mut connection)
            .await
            .expect("an answer");
        let mut open = self.open.prepare_invoke();
        open.key(self.key(grant.id.shard(), "grant", &grant.id.to_string()));
        open.key(self.credential(&opening.credential.key));
        record(&mut open, &kept, &grant_fields(grant));
        record_credential(&mut open, grant, &opening.credential, &kept, now);
        let opened: i64 = open.invoke_async(&mut connection).await.expect("an answer");
        assert_eq!(opened, 1);
    }
}
