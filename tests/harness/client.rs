//! The clients of the configuration file.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use url::form_urlencoded;

/// A registered client. The constructors are the clients that every server under test knows.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: &'static str,
    pub secret: Option<&'static str>,
    /// `client_secret_basic`, `client_secret_post` or `none`.
    pub method: &'static str,
    pub name: &'static str,
    pub redirect_uris: Vec<&'static str>,
    pub grant_types: Vec<&'static str>,
    pub scope: &'static str,
    pub first_party: bool,
    /// Whether it is a resource server, and which resources it serves then.
    pub introspect: bool,
    pub resources: Vec<&'static str>,
}

/// Resources that only a resource server of the configuration file serves.
pub const PHOTOS: &str = "https://Photos.example:443/api";
pub const VIDEOS: [&str; 2] = ["https://videos.example/v1", "https://videos.example/v2"];

impl Client {
    /// Confidential, asks for consent, and may do all that a web application does.
    pub fn web() -> Self {
        Self {
            id: "web",
            secret: Some("web-secret-0123456789abcdef"),
            method: "client_secret_basic",
            name: "Web <b>application</b> & friends",
            redirect_uris: vec!["http://127.0.0.1:9999/callback"],
            grant_types: vec!["authorization_code", "refresh_token"],
            scope: "profile email",
            first_party: false,
            introspect: false,
            resources: Vec::new(),
        }
    }

    /// As `web`, and another one.
    pub fn other() -> Self {
        let secret = Some("other-secret-0123456789abcdef");
        Self {
            id: "other",
            secret,
            name: "Other application",
            ..Self::web()
        }
    }

    /// Confidential and first-party: its code comes without a consent page.
    pub fn first() -> Self {
        let secret = Some("first-secret-0123456789abcdef");
        Self {
            id: "first",
            secret,
            name: "First application",
            first_party: true,
            ..Self::web()
        }
    }

    /// Sends its secret in the body.
    pub fn post() -> Self {
        let secret = Some("post-secret-0123456789abcdef");
        let (id, method, name) = ("post", "client_secret_post", "Post application");
        Self {
            id,
            secret,
            method,
            name,
            ..Self::first()
        }
    }

    /// A secret in which every character that the form encoding touches occurs.
    pub fn awkward() -> Self {
        let secret = Some("a b+c%25\"d':e&f=g/h\\i~0123456789");
        Self {
            id: "awkward",
            secret,
            name: "Awkward application",
            ..Self::first()
        }
    }

    /// Public, with a loopback redirect URI that any program of the machine could claim.
    pub fn public() -> Self {
        let (id, secret, method) = ("public", None, "none");
        Self {
            id,
            secret,
            method,
            name: "Public application",
            ..Self::web()
        }
    }

    /// Public, loopback, and first-party in vain.
    pub fn first_public() -> Self {
        Self {
            id: "first-public",
            name: "First on loopback",
            first_party: true,
            ..Self::public()
        }
    }

    /// Public, with a private-use scheme.
    pub fn native() -> Self {
        let redirect_uris = vec!["com.example.app:/callback"];
        Self {
            id: "native",
            name: "Native application",
            redirect_uris,
            ..Self::public()
        }
    }

    /// Public, with a redirect URI that only its owner can serve.
    pub fn spa() -> Self {
        let redirect_uris = vec!["https://spa.example/callback"];
        Self {
            id: "spa",
            name: "Application in the browser",
            redirect_uris,
            ..Self::public()
        }
    }

    /// May only use the client credentials grant.
    pub fn machine() -> Self {
        let (id, secret) = ("machine", Some("machine-secret-0123456789abcdef"));
        let (redirect_uris, grant_types) = (Vec::new(), vec!["client_credentials"]);
        Self {
            id,
            secret,
            name: "Machine",
            redirect_uris,
            grant_types,
            ..Self::web()
        }
    }

    /// Has a redirect URI, but no grant type that leads there.
    pub fn stranded() -> Self {
        let redirect_uris = Self::web().redirect_uris;
        let secret = Some("stranded-secret-0123456789abcdef");
        Self {
            id: "stranded",
            secret,
            name: "Stranded",
            redirect_uris,
            ..Self::machine()
        }
    }

    /// Gets no refresh tokens, and its scope is narrower than what the server knows.
    pub fn code_only() -> Self {
        let (id, secret) = ("code-only", Some("code-only-secret-0123456789abcdef"));
        let (grant_types, scope) = (vec!["authorization_code"], "profile");
        Self {
            id,
            secret,
            name: "Code only",
            grant_types,
            scope,
            ..Self::first()
        }
    }

    /// Several redirect URIs, each in a form that invites to be normalised.
    pub fn addresses() -> Self {
        let redirect_uris = vec![
            "https://client.example/Callback",
            "https://client.example/dir/callback/",
            "https://client.example/cb?tenant=a%20b&tenant=2",
            "https://client.example:8443/callback",
            "https://client.example",
            "http://127.0.0.1/callback",
            "http://[::1]:4000/callback",
            "http://localhost:5000/callback",
        ];
        let secret = Some("addresses-secret-0123456789abcdef");
        Self {
            id: "addresses",
            secret,
            name: "Addresses",
            redirect_uris,
            ..Self::first()
        }
    }

    /// A resource server: may ask about tokens, and can get none.
    pub fn photos() -> Self {
        let (secret, resources) = (Some("photos-secret-0123456789abcdef"), vec![PHOTOS]);
        let (redirect_uris, grant_types) = (Vec::new(), Vec::new());
        Self {
            id: "photos",
            secret,
            name: "Photo API",
            redirect_uris,
            grant_types,
            introspect: true,
            resources,
            ..Self::web()
        }
    }

    /// A resource server of two resources that sends its secret in the body.
    pub fn videos() -> Self {
        let (secret, method) = (Some("videos-secret-0123456789abcdef"), "client_secret_post");
        Self {
            id: "videos",
            secret,
            method,
            name: "Video API",
            resources: VIDEOS.to_vec(),
            ..Self::photos()
        }
    }

    /// A resource server of nothing that has a name.
    pub fn gateway() -> Self {
        let secret = Some("gateway-secret-0123456789abcdef");
        Self {
            id: "gateway",
            secret,
            name: "Gateway",
            resources: Vec::new(),
            ..Self::photos()
        }
    }

    pub fn all() -> Vec<Self> {
        vec![
            Self::web(),
            Self::other(),
            Self::first(),
            Self::post(),
            Self::awkward(),
            Self::public(),
            Self::first_public(),
            Self::native(),
            Self::spa(),
            Self::machine(),
            Self::stranded(),
            Self::code_only(),
            Self::addresses(),
            Self::photos(),
            Self::videos(),
            Self::gateway(),
        ]
    }

    /// The value of an `Authorization` header for HTTP Basic, form-encoded as RFC 6749 section 2.3.1
    /// asks.
    pub fn basic(&self) -> String {
        basic(self.id, self.secret.expect("a confidential client"))
    }

    /// The parameters that authenticate this client in the body, if that is its way.
    pub fn in_body(&self) -> Vec<(&'static str, &'static str)> {
        match (self.method, self.secret) {
            ("client_secret_basic", _) => Vec::new(),
            ("client_secret_post", Some(secret)) => {
                vec![("client_id", self.id), ("client_secret", secret)]
            }
            _ => vec![("client_id", self.id)],
        }
    }
}

/// `Basic …` for any identifier and secret.
pub fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    raw_basic(&format!("{}:{}", encode(id), encode(secret)))
}

/// `Basic …` for credentials that are not form-encoded.
pub fn raw_basic(credentials: &str) -> String {
    format!(
        "Basic {}",
        base64::prelude::BASE64_STANDARD.encode(credentials)
    )
}

/// A name that nothing else has, in this run or in another one on the same database.
pub fn fresh(what: &str) -> String {
    static RUN: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!(
        "{what}-{:016x}-{}",
        *RUN,
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}
