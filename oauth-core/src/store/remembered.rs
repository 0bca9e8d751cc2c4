//! What a consent covers where requests name resources (RFC 8707).
//!
//! A store unites the values of a scope and knows nothing of resources. What was allowed for one resource
//! is therefore kept as a value of its own, `<resource>^<value>`: neither has a space, and no resource has a
//! `^`. A value that has one itself is kept behind an empty resource, and so is the empty scope.

use std::collections::HashSet;
use std::sync::Arc;

use time::OffsetDateTime;

use super::consent::{Consent, ConsentStore};
use crate::client::ClientId;
use crate::error::StoreError;
use crate::resource::Audience;
use crate::scope::Scope;
use crate::subject::UserId;

/// The host's store, which remembers for which resources something was allowed.
pub(crate) struct RememberedConsents(Arc<dyn ConsentStore>);

impl RememberedConsents {
    pub(crate) fn new(store: Arc<dyn ConsentStore>) -> Self {
        Self(store)
    }

    pub(crate) async fn find(
        &self,
        user: &UserId,
        client: &ClientId,
    ) -> Result<Option<Consent>, StoreError> {
        self.0.find(user, client).await
    }

    /// With the scopes that people know.
    pub(crate) async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
        let mut consents = self.0.list(user).await?;
        for consent in &mut consents {
            consent.scope = consent.allowed_scope();
        }
        Ok(consents)
    }

    pub(crate) async fn record(
        &self,
        user: &UserId,
        client: &ClientId,
        (scope, audience): (&Scope, &Audience),
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let recorded = recorded(scope, audience);
        self.0.record(user, client, &recorded, now).await
    }

    pub(crate) async fn withdraw(
        &self,
        user: &UserId,
        client: &ClientId,
    ) -> Result<(), StoreError> {
        self.0.withdraw(user, client).await
    }
}

/// What is kept of a consent to this scope at these resources.
pub(crate) fn recorded(scope: &Scope, audience: &Audience) -> Scope {
    if audience.is_empty() && !scope.is_empty() && !has_mark(scope) {
        return scope.clone();
    }
    let mut values = Vec::new();
    for value in values_of(scope) {
        for resource in audience.resources() {
            values.push(format!("{}^{value}", resource.normalized()));
        }
        if audience.is_empty() {
            let is_plain = !value.is_empty() && !value.contains('^');
            values.push(if is_plain {
                value.to_owned()
            } else {
                format!("^{value}")
            });
        }
    }
    Scope::of(&values.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Its values; an empty one for the empty scope, which can be allowed as well.
fn values_of(scope: &Scope) -> impl Iterator<Item = &str> {
    let empty = scope.is_empty().then_some("");
    scope.values().chain(empty)
}

fn has_mark(scope: &Scope) -> bool {
    scope.as_str().contains('^')
}

/// The resource for which something was allowed, if only for one, and what.
fn read(value: &str) -> (Option<&str>, &str) {
    match value.split_once('^') {
        Some((resource, value)) => (Some(resource).filter(|it| !it.is_empty()), value),
        None => (None, value),
    }
}

impl Consent {
    /// What was allowed, whether for all resources or for some.
    ///
    /// ```
    /// # use oauth_core::{ClientId, Scope};
    /// # use oauth_core::store::Consent;
    /// # let recorded_at = time::OffsetDateTime::UNIX_EPOCH;
    /// let scope = Scope::parse("profile https://api.example.com/^profile https://api.example.com/^email")?;
    /// let consent = Consent { client_id: ClientId::parse("web")?, scope, recorded_at };
    /// assert_eq!(consent.allowed_scope().as_str(), "profile email");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn allowed_scope(&self) -> Scope {
        if !has_mark(&self.scope) {
            return self.scope.clone();
        }
        let mut seen = HashSet::new();
        let values = self.scope.values().map(|value| read(value).1);
        let allowed = values.filter(|value| !value.is_empty() && seen.insert(*value));
        Scope::of(&allowed.collect::<Vec<_>>())
    }

    /// Whether all of this was allowed at all of these resources; without a resource, at any.
    pub(crate) fn covers(&self, scope: &Scope, audience: &Audience) -> bool {
        if !scope.is_empty() && !has_mark(scope) && scope.is_subset(&self.scope) {
            return true;
        }
        let allowed = self.allowed();
        values_of(scope).all(|value| allowed.covers(value, audience))
    }

    /// The same, ready to be asked about many values.
    pub(crate) fn allowed(&self) -> Allowed<'_> {
        let values = values_of(&self.scope).map(read);
        Allowed(
            values
                .flat_map(|(at, value)| [(at, value), (at, "")])
                .collect(),
        )
    }
}

/// Each value with the one resource that it was allowed for, if only for one. The empty value stands for the
/// empty scope, which is allowed where anything is.
pub(crate) struct Allowed<'a>(HashSet<(Option<&'a str>, &'a str)>);

impl Allowed<'_> {
    /// Whether this value was allowed at all of these resources; without a resource, at any.
    pub(crate) fn covers(&self, value: &str, audience: &Audience) -> bool {
        let mut resources = audience.resources().iter();
        self.0.contains(&(None, value))
            || !audience.is_empty()
                && resources.all(|it| self.0.contains(&(Some(it.normalized()), value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::ResourceIndicator;

    const API: &str = "https://api.example/v1";
    const OTHER: &str = "https://other.example";

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    fn audience(resources: &[&str]) -> Audience {
        let resources = resources.iter();
        resources
            .map(|text| ResourceIndicator::parse(text).unwrap())
            .collect()
    }

    /// One after the other, as a store unites them.
    fn consent(allowed: &[(&str, &[&str])]) -> Consent {
        let united = allowed
            .iter()
            .map(|(text, resources)| recorded(&scope(text), &audience(resources)))
            .reduce(|before, next| before.union(&next));
        Consent {
            client_id: ClientId::parse("web").unwrap(),
            scope: united.unwrap(),
            recorded_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[track_caller]
    fn expect(consent: &Consent, text: &str, resources: &[&str], covered: bool) {
        let covers = consent.covers(&scope(text), &audience(resources));
        assert_eq!(covers, covered, "{text:?} at {resources:?} by {consent:?}");
    }

    #[test]
    fn what_is_allowed_everywhere_is_allowed_at_each_resource() {
        let consent = consent(&[("read write", &[])]);
        assert_eq!(consent.scope.as_str(), "read write");
        for resources in [&[][..], &[API], &[API, OTHER]] {
            expect(&consent, "read", resources, true);
            expect(&consent, "", resources, true);
            expect(&consent, "read admin", resources, false);
        }
    }

    #[test]
    fn what_is_allowed_at_one_resource_is_allowed_nowhere_else() {
        let consent = consent(&[("read", &[API])]);
        expect(&consent, "read", &[API], true);
        expect(&consent, "read", &["HTTPS://api.example:443/v1"], true);
        expect(&consent, "", &[API], true);
        expect(&consent, "write", &[API], false);
        for resources in [&[][..], &[OTHER], &[API, OTHER]] {
            expect(&consent, "read", resources, false);
            expect(&consent, "", resources, false);
        }
    }

    #[test]
    fn two_consents_do_not_add_up_to_a_third() {
        let consent = consent(&[("read", &[API]), ("write", &[OTHER]), ("email", &[])]);
        expect(&consent, "read email", &[API], true);
        expect(&consent, "write email", &[OTHER], true);
        expect(&consent, "email", &[API, OTHER], true);
        expect(&consent, "write", &[API], false);
        expect(&consent, "read", &[OTHER], false);
        expect(&consent, "read", &[], false);
        assert_eq!(consent.allowed_scope().as_str(), "read write email");
    }

    #[test]
    fn an_empty_scope_is_allowed_where_it_was() {
        let everywhere = consent(&[("", &[])]);
        assert!(everywhere.allowed_scope().is_empty());
        expect(&everywhere, "", &[], true);
        expect(&everywhere, "", &[API], true);
        expect(&everywhere, "read", &[], false);
        let at_one = consent(&[("", &[API])]);
        expect(&at_one, "", &[API], true);
        expect(&at_one, "", &[], false);
        expect(&at_one, "read", &[API], false);
        assert!(at_one.allowed_scope().is_empty());
        let both = consent(&[("", &[API]), ("", &[])]);
        expect(&both, "", &[], true);
        expect(&both, "", &[OTHER], true);
        expect(&both, "read", &[API], false);
    }

    /// Nobody gets more by a value that looks like what is kept for a resource.
    #[test]
    fn a_value_with_the_mark_is_that_value() {
        let forged = "https://api.example/v1^read";
        let consent = consent(&[(forged, &[]), ("a^b", &[OTHER])]);
        expect(&consent, forged, &[], true);
        expect(&consent, forged, &[API], true);
        expect(&consent, "a^b", &[OTHER], true);
        expect(&consent, "a^b", &[], false);
        expect(&consent, "read", &[API], false);
        expect(&consent, "b", &[OTHER], false);
        assert_eq!(consent.allowed_scope(), scope(&format!("{forged} a^b")));
        // Nor by asking for it where the value itself was allowed for a resource.
        let consent = super::tests::consent(&[("read", &[API])]);
        expect(&consent, forged, &[], false);
    }
}
