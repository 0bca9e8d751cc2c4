//! Scope: what an access token may be used for.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// More values than this in one scope are refused.
const MAX_VALUES: usize = 100;

/// Where both texts are longer, some thirty values, their values are hashed. Below, to look at each is faster.
const HASHED_ABOVE: usize = 256;

/// A set of scope values, in the order they were given ([RFC 6749 section 3.3]).
///
/// Values are compared byte for byte. The text form separates them with one space; repeated values
/// and superfluous spaces are dropped. The empty scope is allowed. At most 100 values.
///
/// ```
/// use oauth_core::Scope;
///
/// let scope = Scope::parse("profile email profile")?;
/// assert_eq!(scope.as_str(), "profile email");
/// assert!(scope.contains("email"));
/// assert!(Scope::parse("email")?.is_subset(&scope));
/// # Ok::<(), oauth_core::InvalidScope>(())
/// ```
///
/// [RFC 6749 section 3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(Option<Arc<str>>);

/// A text that is not a scope: a character outside of RFC 6749 section 3.3, or too many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a scope: values are visible ASCII without quote and backslash, at most 100")]
pub struct InvalidScope;

impl Scope {
    /// Reads values separated by spaces.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] for a character outside of `%x21 / %x23-5B / %x5D-7E`, or more than 100
    /// values.
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        let mut values: Vec<&str> = Vec::new();
        for value in values_in(text)? {
            if !values.contains(&value) {
                if values.len() == MAX_VALUES {
                    return Err(InvalidScope);
                }
                values.push(value);
            }
        }
        Ok(Self::of(&values))
    }

    /// The same with a text of its own.
    pub(crate) fn unshared(&self) -> Self {
        Self(self.0.as_deref().map(Arc::from))
    }

    /// Reads values separated by spaces, however many: those of a [`Consent`](crate::store::Consent) in a
    /// store, which have come together from many requests.
    ///
    /// ```
    /// use oauth_core::Scope;
    ///
    /// let kept: Vec<String> = (0..250).map(|n| format!("project:{n}")).collect();
    /// assert_eq!(Scope::parse_stored(&kept.join(" "))?.values().count(), 250);
    /// # Ok::<(), oauth_core::InvalidScope>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] for a character outside of `%x21 / %x23-5B / %x5D-7E`.
    pub fn parse_stored(text: &str) -> Result<Self, InvalidScope> {
        let mut seen = HashSet::new();
        let values: Vec<&str> = values_in(text)?
            .filter(|value| seen.insert(*value))
            .collect();
        Ok(Self::of(&values))
    }

    /// Whether a text is one value, without a space around it.
    pub(crate) fn is_one_value(text: &str) -> bool {
        !text.is_empty() && !text.contains(' ') && Self::parse(text).is_ok()
    }

    /// Of values that are values, each once, and may be more than a hundred.
    pub(crate) fn of(values: &[&str]) -> Self {
        if values.is_empty() {
            Self(None)
        } else {
            Self(Some(values.join(" ").into()))
        }
    }

    /// The values, separated by one space; empty for the empty scope.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The values one by one.
    pub fn values(&self) -> impl Iterator<Item = &str> + Clone {
        self.as_str().split(' ').filter(|value| !value.is_empty())
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether `value` is one of the values.
    pub fn contains(&self, value: &str) -> bool {
        // Not `str::split`, whose search is made for long texts and loses with values of a few bytes.
        let mut own = self.as_str().as_bytes().split(|byte| *byte == b' ');
        !value.is_empty() && own.any(|own| own == value.as_bytes())
    }

    /// Whether each value is also one of `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self == other || self.values().all(other.lookup(self))
    }

    /// The values that are also in `other`, in this scope's order.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        let is_in_other = other.lookup(self);
        if self.values().all(&is_in_other) {
            return self.clone();
        }
        let shared = self.values().filter(|value| is_in_other(value));
        Self::of(&shared.collect::<Vec<_>>())
    }

    /// The values of both, this scope's first.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() || self == other {
            return other.clone();
        }
        let is_own = self.lookup(other);
        let added = other.values().filter(|value| !is_own(value));
        let values: Vec<&str> = [self.as_str()].into_iter().chain(added).collect();
        match values[..] {
            [_] => self.clone(),
            _ => Self::of(&values),
        }
    }

    /// [`contains`](Self::contains), ready to be asked about each value of `asked`.
    fn lookup(&self, asked: &Self) -> impl Fn(&str) -> bool {
        let shorter = self.as_str().len().min(asked.as_str().len());
        let hashed: Option<HashSet<&str>> =
            (shorter > HASHED_ABOVE).then(|| self.values().collect());
        move |value| match &hashed {
            Some(values) => values.contains(value),
            None => self.contains(value),
        }
    }
}

/// The values in a text that has no character that no scope has.
fn values_in(text: &str) -> Result<impl Iterator<Item = &str>, InvalidScope> {
    let allowed = |byte: u8| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    if !text.bytes().all(allowed) {
        return Err(InvalidScope);
    }
    Ok(text.split(' ').filter(|value| !value.is_empty()))
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scope({:?})", self.as_str())
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
        Self::parse(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn reads_values_once_and_in_order() {
        assert_eq!(scope(" b  a b ").as_str(), "b a");
        assert!(scope("").is_empty());
        assert_eq!(scope("").values().count(), 0);
    }

    #[test]
    fn refuses_other_characters() {
        for text in ["a\tb", "a\"b", "a\\b", "é", "a\nb", "a\u{7f}"] {
            assert_eq!(Scope::parse(text), Err(InvalidScope), "{text:?}");
        }
        let many = (0..101)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(Scope::parse(&many), Err(InvalidScope));
    }

    #[test]
    fn what_was_stored_may_have_any_number_of_values() {
        // So many that comparing each with all others would take far longer than a test may.
        let values: Vec<String> = (0..300_000).map(|n| n.to_string()).collect();
        let text = values.join(" ");
        let twice = format!(" {text}  {text}");
        assert_eq!(Scope::parse_stored(&twice).unwrap().as_str(), text);
        assert!(Scope::parse_stored("").unwrap().is_empty());
        assert_eq!(Scope::parse_stored("a \u{e9}"), Err(InvalidScope));
    }

    #[test]
    fn compares_whole_values() {
        assert!(!scope("profile:read").contains("profile"));
        assert!(!scope("profile").contains("Profile"));
        assert!(scope("").is_subset(&scope("a")));
        assert!(!scope("a b").is_subset(&scope("a")));
        assert_eq!(scope("a b c").intersection(&scope("c a")).as_str(), "a c");
        assert_eq!(scope("b a").union(&scope("c a")).as_str(), "b a c");
    }

    #[test]
    fn scopes_of_any_size_are_united_and_compared_alike() {
        // So many that comparing each with all others would take far longer than a test may.
        let stored = |numbers: std::ops::Range<u32>| {
            let values: Vec<String> = numbers.map(|n| n.to_string()).collect();
            Scope::parse_stored(&values.join(" ")).unwrap()
        };
        let (first, second) = (stored(0..100_000), stored(50_000..150_000));
        assert_eq!(first.union(&second), stored(0..150_000));
        assert_eq!(first.intersection(&second), stored(50_000..100_000));
        assert!(!first.is_subset(&second));
        assert!(stored(1..100_000).is_subset(&first));
        // Whatever their number, which decides how they are looked for.
        for (few, many) in [(2, 5), (20, 40), (40, 90), (90, 2_000)] {
            let (few, many) = (stored(0..few), stored(few - 1..many));
            let united = format!("{} {}", few.as_str(), many.as_str());
            let united = Scope::parse_stored(&united).unwrap();
            assert_eq!(few.union(&many), united);
            assert_eq!(few.intersection(&many).values().count(), 1);
            assert!(few.is_subset(&united) && many.is_subset(&united));
            assert!(!united.is_subset(&few) && !united.is_subset(&many));
        }
    }
}
