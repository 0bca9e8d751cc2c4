//! Token requests beside the statements that they take.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use oauth_core::store::Grant;
use oauth_core::{
    Authentication, AuthorizationServer, AuthorizationServerBuilder, Client, GrantType, Subject,
    UserId,
};
use oauth_testkit::{TestClient, sample};

use crate::bare::{self, Bare, Connections, Opening, Spending};
use crate::options::{Backend, Tokens};
use crate::place::{Absent, Place};
use crate::population::Population;
use crate::stopwatch::{median, shown, timed};

const SECRET: &str = "Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU";
const REDIRECT_URI: &str = "https://printer.example.com/callback";
// RFC 7636 appendix B, which the test client uses.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// So many requests are made on one side before it is the next one's turn.
const IN_TURN: usize = 20;
/// Of the store beside which both sides work.
const CREDENTIALS: u64 = 10_000;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    CodeExchange,
    Refresh,
    ClientCredentials,
}

impl Operation {
    pub(crate) const ALL: [Self; 3] = [Self::CodeExchange, Self::Refresh, Self::ClientCredentials];

    const fn name(self) -> &'static str {
        match self {
            Self::CodeExchange => "code exchange",
            Self::Refresh => "refresh",
            Self::ClientCredentials => "client credentials",
        }
    }
}

/// What a side without the framework writes.
pub(crate) enum Prepared {
    Spending(Spending),
    Opening(Opening),
}

/// The medians of one operation.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) operation: Operation,
    /// The statements, each with a connection from the pool.
    pub(crate) each: Duration,
    /// The same on one connection.
    pub(crate) one: Duration,
    pub(crate) framework: Duration,
}

/// The server and the bare statements, on one database.
pub(crate) struct Sides {
    server: AuthorizationServer,
    bare: Box<dyn Bare>,
    population: Population,
    made: u64,
}

pub(crate) async fn report(tokens: &Tokens) {
    println!(
        "| database | request | bare statements | on one connection | framework | ratio \
         | ratio to one connection |"
    );
    println!("|---|---|---|---|---|---|---|");
    for backend in Backend::chosen(&tokens.backends) {
        if backend == Backend::Memory {
            continue;
        }
        match measure(backend, tokens.calls).await {
            Ok(measured) => measured
                .iter()
                .for_each(|measured| print(backend, measured)),
            Err(Absent(why)) => println!("\n{} was skipped: {why}\n", backend.name()),
        }
    }
}

pub(crate) async fn measure(backend: Backend, calls: usize) -> Result<Vec<Measured>, Absent> {
    let place = Place::make(backend).await?;
    let mut sides = Sides::on(&place).await;
    let mut measured = Vec::new();
    for operation in Operation::ALL {
        let mut times: [Vec<Duration>; 3] = Default::default();
        // The first calls prepare statements and connect.
        sides.measure(operation, 2).await;
        while times[0].len() < calls {
            let more = sides.measure(operation, IN_TURN.min(calls)).await;
            for (all, more) in times.iter_mut().zip(more) {
                all.extend(more);
            }
        }
        let [each, one, framework] = times.map(median);
        measured.push(Measured {
            operation,
            each,
            one,
            framework,
        });
    }
    drop(sides);
    place.remove().await;
    Ok(measured)
}

fn print(backend: Backend, measured: &Measured) {
    let Measured {
        operation,
        each,
        one,
        framework,
    } = measured;
    println!(
        "| {} | {} | {} | {} | {} | {:.2} | {:.2} |",
        backend.name(),
        operation.name(),
        shown(*each),
        shown(*one),
        shown(*framework),
        framework.as_secs_f64() / each.as_secs_f64(),
        framework.as_secs_f64() / one.as_secs_f64(),
    );
}

impl Sides {
    /// Fills the place and opens it from both sides.
    pub(crate) async fn on(place: &Place) -> Self {
        let population = Population::new(CREDENTIALS, u64::MAX);
        place.fill(&population).await;
        let builder = AuthorizationServer::builder("https://auth.example.com")
            .scope("profile", "Read your profile")
            .scope("email", "Read your address");
        let (builder, bare) = sides(place, builder).await;
        Self {
            server: builder.build().expect("a server"),
            bare,
            population,
            made: 0,
        }
    }

    /// The times of so many requests on each side: bare statements both ways, then the framework.
    async fn measure(&mut self, operation: Operation, count: usize) -> [Vec<Duration>; 3] {
        let [mut each, mut one, mut framework] = [const { Vec::new() }; 3];
        for _ in 0..count {
            each.push(self.bare(operation, Connections::Each).await);
        }
        for _ in 0..count {
            one.push(self.bare(operation, Connections::One).await);
        }
        for _ in 0..count {
            framework.push(self.framework(operation).await);
        }
        [each, one, framework]
    }

    async fn framework(&mut self, operation: Operation) -> Duration {
        self.made += 1;
        let request = self.request(operation).await;
        self.answer(&request).await
    }

    pub(crate) async fn answer(&self, request: &Request<Bytes>) -> Duration {
        let (response, time) = timed(self.server.token(request)).await;
        assert_eq!(response.status(), StatusCode::OK, "{response:?}");
        time
    }

    /// A request that can be answered once.
    pub(crate) async fn request(&self, operation: Operation) -> Request<Bytes> {
        let web = TestClient::confidential(&self.server, "web", SECRET);
        let user = UserId::new(format!("browser-{}", self.made % 100));
        let user = Authentication::new(user, "session");
        match operation {
            Operation::CodeExchange => {
                let code = web.code(&user).await;
                let form =
                    format!("grant_type=authorization_code&code={code}&code_verifier={VERIFIER}");
                request("web", form)
            }
            Operation::Refresh => {
                let tokens = web.exchange(&web.code(&user).await).await;
                let token = tokens.refresh_token();
                request(
                    "web",
                    format!("grant_type=refresh_token&refresh_token={token}"),
                )
            }
            Operation::ClientCredentials => {
                request("job", "grant_type=client_credentials".to_owned())
            }
        }
    }

    async fn bare(&mut self, operation: Operation, connections: Connections) -> Duration {
        let prepared = self.prepare(operation).await;
        self.issue(&prepared, connections).await
    }

    pub(crate) async fn issue(&self, prepared: &Prepared, connections: Connections) -> Duration {
        match prepared {
            Prepared::Spending(spending) => timed(self.bare.spend(spending, connections)).await.1,
            Prepared::Opening(opening) => timed(self.bare.open(opening, connections)).await.1,
        }
    }

    /// What statements can write once.
    pub(crate) async fn prepare(&mut self, operation: Operation) -> Prepared {
        self.made += 1;
        // None of these is in the store.
        let n = (1 << 40) + self.made;
        let (grant, now) = (self.population.grant(n), self.population.now);
        let [refresh_token, access_token] = self.population.credentials_of(n);
        if operation == Operation::ClientCredentials {
            let client = sample::client_id("job");
            return Prepared::Opening(Opening {
                grant: Grant {
                    client_id: client.clone(),
                    subject: Some(Subject::Client(client.clone())),
                    ..grant
                },
                client,
                credential: access_token,
                now,
            });
        }
        let spent = refresh_token.key;
        let mut spent_credential = refresh_token;
        if operation == Operation::CodeExchange {
            spent_credential.kind = oauth_core::CredentialKind::AuthorizationCode;
            spent_credential.payload = sample::code_payload();
        }
        let client = sample::client_id("web");
        let opening = Opening {
            client: client.clone(),
            grant,
            credential: spent_credential,
            now,
        };
        self.bare.open(&opening, Connections::One).await;
        Prepared::Spending(Spending {
            client,
            grant: opening.grant,
            spent,
            exchange: self.population.exchange(n),
            successors: self.population.successors(n),
            now,
        })
    }
}

async fn sides(
    place: &Place,
    builder: AuthorizationServerBuilder,
) -> (AuthorizationServerBuilder, Box<dyn Bare>) {
    macro_rules! sides {
        ($store:expr, $bare:expr) => {{
            for client in clients() {
                $store.save(&client).await.expect("a client");
            }
            (builder.store($store.clone()), Box::new($bare))
        }};
    }
    match place {
        Place::Sqlite(place) => {
            let store = place.store().await;
            sides!(store, bare::Sqlite::new(&store).await)
        }
        Place::Postgres(place) => sides!(place.store, bare::Postgres::new(&place.store)),
        Place::Mysql(place) => sides!(place.store, bare::Mysql::new(&place.store)),
        Place::Redis(place) => sides!(place.store, bare::Redis::new(place)),
        Place::Memory(_) => panic!("there are no statements in memory"),
    }
}

fn clients() -> [Client; 2] {
    let client = |id: &str| Client::builder(id).secret(SECRET).scope("profile email");
    let web = client("web")
        .name("Photo printer")
        .redirect_uri(REDIRECT_URI)
        .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN]);
    let job = client("job").grant_types([GrantType::CLIENT_CREDENTIALS]);
    [web, job].map(|client| client.build().expect("a client"))
}

fn request(client: &str, form: String) -> Request<Bytes> {
    let pair = STANDARD.encode(format!("{client}:{SECRET}"));
    let request = Request::post("/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {pair}"))
        .body(form.into());
    request.expect("a request")
}
