//! What a [`ClientStore`] has to do.

use oauth_core::client::ClientBuilder;
use oauth_core::store::ClientStore;
use oauth_core::{Client, ClientId, GrantType, TokenEndpointAuthMethod};

use crate::Backend;
use crate::hostile::client_ids;
use crate::sample::client_id;

/// Tests of a [`ClientStore`], one for each clause of its contract.
///
/// `$with` is an `async fn(Vec<Client>) -> S`, which gives a store that knows these clients and no
/// others. Option: `when`, a `fn() -> bool`, whether the database is there.
///
/// ```
/// # fn main() {}
/// # mod tests {
/// use oauth_core::Client;
/// use oauth_core::store::memory::MemoryClientStore;
///
/// async fn with(clients: Vec<Client>) -> MemoryClientStore {
///     MemoryClientStore::new(clients)
/// }
///
/// mod clients {
///     oauth_testkit::client_store_contract!(super::with);
/// }
/// # }
/// ```
#[macro_export]
macro_rules! client_store_contract {
    (@each [$($callback:tt)+] $context:tt) => {
        $($callback)+! { $context client_store
            finds_a_client_as_it_was_registered
            finds_no_client_that_is_not_registered
            finds_each_of_many_clients
            tells_hostile_identifiers_apart
        }
    };
    ($with:expr $(, $option:ident = $value:expr)* $(,)?) => {
        $crate::client_store_contract! { @each [$crate::contract_tests] {
            $crate::Backend::with_clients($with)$(.$option($value))*
        } }
    };
}

/// What this contract asks of: a backend that is given its clients.
type Clients<S> = Backend<S, Vec<Client>>;

fn named(id: &str) -> ClientBuilder {
    Client::builder(id).redirect_uri("https://app.example/callback")
}

fn build(client: ClientBuilder) -> Client {
    client.build().expect("a valid client")
}

async fn found(store: &impl ClientStore, id: &ClientId) -> Option<Client> {
    let found = store.find(id).await.unwrap();
    found.map(|client| Client::clone(&client))
}

/// A registered client is found with everything that was registered.
pub async fn finds_a_client_as_it_was_registered<S: ClientStore>(backend: &Clients<S>) {
    let everything = named("everything")
        .name("Photo <printer> \"é\" 'x' \u{1f511}")
        .secret("secret%+ of everything")
        .secret("another one")
        .token_endpoint_auth_method(TokenEndpointAuthMethod::CLIENT_SECRET_POST)
        .redirect_uri("https://app.example/second?a=b%20c&d=")
        .redirect_uri("http://127.0.0.1/callback")
        .redirect_uri("com.example.app:/callback")
        .grant_types([
            GrantType::REFRESH_TOKEN,
            GrantType::AUTHORIZATION_CODE,
            GrantType::CLIENT_CREDENTIALS,
        ])
        .scope("profile email https://api.example/read")
        .first_party(true);
    let clients = [
        build(everything),
        build(named("public")),
        build(
            Client::builder("job")
                .secret("secret of job")
                .grant_types([GrantType::CLIENT_CREDENTIALS]),
        ),
    ];
    let store = backend.knowing(clients.to_vec()).await;
    for client in clients {
        let found = found(&store, client.id()).await.expect("it is registered");
        assert_same(&found, &client);
    }
}

/// Everything of a client that the core asks for. The order of lists means nothing.
#[track_caller]
fn assert_same(found: &Client, client: &Client) {
    assert_eq!(found.id(), client.id());
    assert_eq!(found.name(), client.name());
    assert_eq!(
        found.token_endpoint_auth_method(),
        client.token_endpoint_auth_method()
    );
    assert_eq!(found.is_first_party(), client.is_first_party());
    let secrets = |of: &Client| sorted(of.secrets().iter().map(|secret| *secret.as_bytes()));
    assert!(secrets(found) == secrets(client), "other secrets");
    let redirect_uris = |of: &Client| sorted(of.redirect_uris().iter().map(ToString::to_string));
    assert_eq!(redirect_uris(found), redirect_uris(client));
    let grant_types =
        |of: &Client| sorted(of.grant_types().iter().map(|it| it.as_str().to_owned()));
    assert_eq!(grant_types(found), grant_types(client));
    let values = |of: &Client| sorted(of.scope().values().map(str::to_owned));
    assert_eq!(values(found), values(client));
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items
}

/// A client that is not registered is no error.
pub async fn finds_no_client_that_is_not_registered<S: ClientStore>(backend: &Clients<S>) {
    let nobody = backend.knowing(Vec::new()).await;
    assert!(found(&nobody, &client_id("web")).await.is_none());
    let store = backend.knowing(vec![build(named("web"))]).await;
    for other in ["Web", "WEB", "web ", " web", "we", "webb", "w%", "we_", "*"] {
        let found = found(&store, &client_id(other)).await;
        assert!(found.is_none(), "{other:?} is not \"web\"");
    }
    assert!(found(&store, &client_id("web")).await.is_some());
}

/// Each of many clients is found by its own identifier.
pub async fn finds_each_of_many_clients<S: ClientStore>(backend: &Clients<S>) {
    let clients: Vec<Client> = (0..50)
        .map(|n| build(named(&format!("client-{n}")).name(format!("number {n}"))))
        .collect();
    let store = backend.knowing(clients.clone()).await;
    for client in &clients {
        let found = found(&store, client.id()).await.expect("it is registered");
        assert_same(&found, client);
    }
}

/// Identifiers are compared byte for byte, whatever their length and characters.
pub async fn tells_hostile_identifiers_apart<S: ClientStore>(backend: &Clients<S>) {
    let ids = client_ids();
    let clients = ids.iter().enumerate().map(|(n, id)| {
        let client = named(id.as_str()).name(format!("number {n}"));
        build(client)
    });
    let store = backend.knowing(clients.collect()).await;
    for (n, id) in ids.iter().enumerate() {
        let found = found(&store, id).await.expect("it is registered");
        assert_eq!(found.id(), id);
        assert_eq!(found.name(), format!("number {n}"), "{id:?}");
    }
}
