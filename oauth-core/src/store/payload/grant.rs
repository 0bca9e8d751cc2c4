use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::resource::Audience;
use crate::scope::Scope;

/// What was granted, and how the user had signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(crate) struct GrantPayload {
    pub(crate) scope: Scope,
    /// Unix time.
    pub(crate) opened_at: i64,
    pub(crate) auth_time: Option<i64>,
    /// `None` where all of it is absent: most grants have none of it, and a store in memory has many grants.
    seldom: Option<Box<Seldom>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Seldom {
    acr: Option<Arc<str>>,
    amr: Vec<String>,
    audience: Audience,
}

static NOTHING_SELDOM: Seldom = Seldom {
    acr: None,
    amr: Vec::new(),
    audience: Audience::ANY,
};

/// The form in which it is encoded.
#[derive(Serialize, Deserialize)]
struct Written {
    scope: Scope,
    opened_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acr: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amr: Vec<String>,
    #[serde(default, skip_serializing_if = "Audience::is_empty")]
    audience: Audience,
}

impl GrantPayload {
    /// A grant for any resource, of nobody who signed in.
    pub(crate) fn new(scope: Scope, opened_at: i64) -> Self {
        Self {
            scope,
            opened_at,
            auth_time: None,
            seldom: None,
        }
    }

    #[must_use]
    pub(crate) fn with_auth_time(mut self, auth_time: Option<i64>) -> Self {
        self.auth_time = auth_time;
        self
    }

    /// Authentication context class and methods.
    #[must_use]
    pub(crate) fn with_authentication(mut self, acr: Option<Arc<str>>, amr: Vec<String>) -> Self {
        if acr.is_some() || !amr.is_empty() {
            let seldom = self.seldom.get_or_insert_default();
            seldom.acr = acr;
            seldom.amr = amr;
        }
        self
    }

    #[must_use]
    pub(crate) fn with_audience(mut self, audience: Audience) -> Self {
        if !audience.is_empty() {
            self.seldom.get_or_insert_default().audience = audience;
        }
        self
    }

    fn seldom(&self) -> &Seldom {
        self.seldom.as_deref().unwrap_or(&NOTHING_SELDOM)
    }

    pub(crate) fn acr(&self) -> Option<&Arc<str>> {
        self.seldom().acr.as_ref()
    }

    /// Which resources tokens may be for; empty for any.
    pub(crate) fn audience(&self) -> &Audience {
        &self.seldom().audience
    }
}

impl From<Written> for GrantPayload {
    fn from(written: Written) -> Self {
        Self::new(written.scope, written.opened_at)
            .with_auth_time(written.auth_time)
            .with_authentication(written.acr, written.amr)
            .with_audience(written.audience)
    }
}

impl From<GrantPayload> for Written {
    fn from(payload: GrantPayload) -> Self {
        let Seldom { acr, amr, audience } =
            payload.seldom.map(|seldom| *seldom).unwrap_or_default();
        Self {
            scope: payload.scope,
            opened_at: payload.opened_at,
            auth_time: payload.auth_time,
            acr,
            amr,
            audience,
        }
    }
}
