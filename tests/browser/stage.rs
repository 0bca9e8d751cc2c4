//! The other programs of the play: the app that connects to it, a callback that listens.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::extract::Form;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use web_client::Settings;

use crate::harness::User;
use crate::page::Page;

/// A program of this process that a browser reaches, ended when dropped.
pub(crate) struct Site {
    pub(crate) origin: String,
    task: JoinHandle<()>,
}

impl Site {
    async fn start(routes: impl FnOnce(&str) -> Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("its address"));
        let routes = routes(&origin);
        let task = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("it goes on");
        });
        Self { origin, task }
    }

    /// The demo web app. Its redirect URI differs from the registered one in the port only.
    pub(crate) async fn web_client(issuer: &str) -> Self {
        Self::start(|origin| {
            let settings = Settings::new(issuer, &format!("{origin}/callback"));
            web_client::router(settings.expect("settings that work"))
        })
        .await
    }

    /// A redirect URI that takes `response_mode=form_post`, and what arrives there.
    pub(crate) async fn form_callback() -> (Self, UnboundedReceiver<Vec<(String, String)>>) {
        let (send, receive) = unbounded_channel();
        let callback = move |Form(form): Form<Vec<(String, String)>>| async move {
            send.send(form).expect("a test that waits");
            "received"
        };
        let site = Self::start(|_| Router::new().route("/callback", post(callback))).await;
        (site, receive)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A server started without a configuration, as a newcomer starts it. Ended when dropped.
pub(crate) struct Demo {
    process: Child,
    /// The first address that it asks to open.
    pub(crate) invitation: String,
}

impl Demo {
    pub(crate) fn start(program: &str) -> Self {
        let mut process = Command::new(program)
            .args(["--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server process");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let said: Vec<_> = output
            .lines()
            .map_while(Result::ok)
            .take_while(|line| !line.starts_with("listening on "))
            .collect();
        let invitation = said
            .iter()
            .flat_map(|line| line.split_ascii_whitespace())
            .find(|word| word.starts_with("http://"))
            .unwrap_or_else(|| panic!("no address to open in {said:?}"))
            .to_owned();
        Self {
            process,
            invitation,
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Page {
    /// Fills in the login form and sends it.
    pub(crate) async fn sign_in(&self, user: &User) {
        self.sign_in_with(&user.name, &user.password).await;
    }

    pub(crate) async fn sign_in_with(&self, username: &str, password: &str) {
        self.fill("username", username).await;
        self.fill("password", password).await;
        self.press("form:has([name=password]) :is(button, [type=submit])")
            .await;
    }

    pub(crate) async fn decide(&self, decision: &str) {
        self.press(&format!("[name=decision][value={decision}]"))
            .await;
    }

    /// Connects the demo app from its start page to the profile.
    pub(crate) async fn connect(&self, app: &Site, user: &User) {
        self.open(&app.origin).await;
        self.press("form[action='/connect'] button").await;
        self.sign_in(user).await;
        self.decide("allow").await;
        self.shows(&format!("Hello, {}", user.name)).await;
    }
}

/// Waits until something has arrived.
pub(crate) async fn arrival<T>(receive: &mut UnboundedReceiver<T>) -> Option<T> {
    tokio::time::timeout(Duration::from_secs(3), receive.recv())
        .await
        .ok()
        .flatten()
}
