//! What a server has to allow, and what it is warned of.

use std::io::Write;
use std::sync::{Arc, Mutex};

use oauth_core::store::{ConsentStore, Exchange, Exchanged, GrantDirectory, GrantStore, Spend};
use oauth_core::{Client, Scope, UserId};
use oauth_redis::RedisStore;
use oauth_testkit::sample::{self, START, at};
use tracing_subscriber::fmt::MakeWriter;

use crate::server::{Server, can_be_started};

#[tokio::test]
async fn a_user_with_the_documented_rights_is_enough() {
    if !can_be_started() {
        return;
    }
    let server = Server::start(&[]);
    let mut command = redis::cmd("ACL");
    command.arg("SETUSER").arg("oauth").arg("on").arg(">secret");
    command.arg(&[
        "~oauth:*",
        "+@read",
        "+@write",
        "+@scripting",
        "-@dangerous",
    ]);
    let () = command.query(&mut server.connection()).unwrap();
    let url = format!("redis://oauth:secret@127.0.0.1:{}/", server.port);
    let store = RedisStore::connect(&url).await.unwrap();

    let web = Client::builder("web")
        .redirect_uri("https://app.example/")
        .build()
        .unwrap();
    store.save(&web).await.unwrap();
    let grant = sample::grant(1);
    let code = sample::code(1);
    let opened = store.open(&grant, std::slice::from_ref(&code), START).await;
    opened.unwrap();
    let exchange = Exchange {
        id: sample::exchange_id(1),
        grant: grant.id,
        spend: Spend::Once(code.key),
        successors: vec![sample::refresh_token(2)].into(),
        now: at(1),
    };
    assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Done);
    let listed = GrantDirectory::list(&store, &sample::alice(), at(1)).await;
    let listed = listed.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].grant, grant);
    let page = store.page(None, 1_000).await.unwrap();
    assert_eq!(page.grants, [grant]);
    let scope = Scope::parse("profile").unwrap();
    let recorded = store
        .record(&UserId::new("alice"), web.id(), &scope, START)
        .await;
    recorded.unwrap();

    let elsewhere = store.with_prefix("other:").unwrap();
    let forbidden = elsewhere.save(&web).await.unwrap_err();
    assert!(!forbidden.is_transient());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

async fn logged_while_connecting(arguments: &[&str]) -> String {
    let server = Server::start(arguments);
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    RedisStore::connect(&server.url()).await.unwrap();
    drop(guard);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_server_that_would_evict_records_is_warned_of() {
    if !can_be_started() {
        return;
    }
    let log = logged_while_connecting(&["--maxmemory-policy", "allkeys-lru"]).await;
    assert!(log.contains("WARN") && log.contains("noeviction"), "{log}");
    let log = logged_while_connecting(&["--maxmemory-policy", "noeviction"]).await;
    assert!(!log.contains("noeviction"), "{log}");
}
