//! The configuration file of a server under test.

use std::fmt::{self, Display, Formatter, Write};

use super::Client;
use super::client::fresh;

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub struct User {
    pub name: String,
    pub password: String,
}

impl User {
    /// A user no other server knows, so that several may share one database.
    pub fn fresh() -> Self {
        Self {
            name: fresh("user"),
            password: fresh("password"),
        }
    }
}

/// Sections and keys of the file. [`Configuration::standard`] is where every test begins.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub lifetimes: Vec<(&'static str, u64)>,
    pub policy: Vec<(&'static str, String)>,
    pub users: Vec<User>,
    pub clients: Vec<Client>,
    pub scopes: Vec<(&'static str, &'static str)>,
    /// Lines added as they are, for files with mistakes.
    pub appended: String,
}

impl Configuration {
    /// Every client of [`Client::all`], two scopes and the given number of users.
    pub fn standard(users: usize) -> Self {
        Self {
            lifetimes: Vec::new(),
            policy: Vec::new(),
            users: (0..users).map(|_| User::fresh()).collect(),
            clients: Client::all(),
            scopes: vec![
                ("profile", "Read your profile"),
                ("email", "Read your <e-mail> address"),
            ],
            appended: String::new(),
        }
    }

    /// For a server of its own: three users, one lifetime of its own.
    pub fn with_lifetime(name: &'static str, seconds: u64) -> Self {
        Self::standard(3).lifetime(name, seconds)
    }

    pub fn lifetime(mut self, name: &'static str, seconds: u64) -> Self {
        self.lifetimes.push((name, seconds));
        self
    }

    /// Turns the retry window for lost refresh responses on.
    pub fn refresh_retry_window(mut self, seconds: u64) -> Self {
        // 32 bytes, as the contract asks for.
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        self.policy.push(("rotation_key", string(key)));
        self.lifetime("refresh_retry_window", seconds)
    }

    /// Sessions that several processes share, and that outlive one.
    pub fn shared_sessions(self) -> Self {
        // 64 bytes, as the contract asks for.
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==";
        self.append(&format!("[server]\nsession_key = {}", string(key)))
    }

    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    pub fn append(mut self, lines: &str) -> Self {
        self.appended.push_str(lines);
        self.appended.push('\n');
        self
    }
}

impl Display for Configuration {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if !self.lifetimes.is_empty() {
            writeln!(out, "[lifetimes]")?;
        }
        for (name, seconds) in &self.lifetimes {
            writeln!(out, "{name} = {seconds}")?;
        }
        if !self.policy.is_empty() {
            writeln!(out, "[policy]")?;
        }
        for (name, value) in &self.policy {
            writeln!(out, "{name} = {value}")?;
        }
        for user in &self.users {
            writeln!(out, "[[users]]")?;
            writeln!(out, "username = {}", string(&user.name))?;
            writeln!(out, "password = {}", string(&user.password))?;
        }
        for client in &self.clients {
            client.write(out)?;
        }
        for (name, description) in &self.scopes {
            writeln!(out, "[[scopes]]")?;
            writeln!(out, "name = {}", string(name))?;
            writeln!(out, "description = {}", string(description))?;
        }
        out.write_str(&self.appended)
    }
}

impl Client {
    fn write(&self, out: &mut impl Write) -> fmt::Result {
        writeln!(out, "[[clients]]")?;
        writeln!(out, "client_id = {}", string(self.id))?;
        if let Some(secret) = self.secret {
            writeln!(out, "client_secret = {}", string(secret))?;
        }
        writeln!(out, "token_endpoint_auth_method = {}", string(self.method))?;
        writeln!(out, "client_name = {}", string(self.name))?;
        writeln!(out, "redirect_uris = {}", list(&self.redirect_uris))?;
        writeln!(out, "grant_types = {}", list(&self.grant_types))?;
        writeln!(out, "scope = {}", string(self.scope))?;
        writeln!(out, "first_party = {}", self.first_party)?;
        writeln!(out, "introspect = {}", self.introspect)?;
        writeln!(out, "resources = {}", list(&self.resources))
    }
}

/// A string of JSON is a basic string of TOML.
fn string(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

fn list(texts: &[&str]) -> String {
    serde_json::to_string(texts).expect("a list of strings")
}
