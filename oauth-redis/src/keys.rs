//! The names of keys.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_core::{ClientId, CredentialKey, GrantId, Subject, UserId};
use sha2::{Digest, Sha256};

/// A prefix that a key cannot begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a prefix has at most 64 visible ASCII characters and no braces, which mark a key's shard")]
pub struct InvalidPrefix;

/// Makes the names of keys.
///
/// What somebody chose, a user's identifier say, is in no name: its digest is, so that no brace in it
/// moves a key to another shard, and no length matters.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            prefix: "oauth:".to_owned(),
        }
    }
}

impl Keys {
    pub(crate) fn new(prefix: String) -> Result<Self, InvalidPrefix> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}');
        if prefix.len() > 64 || !prefix.bytes().all(allowed) {
            return Err(InvalidPrefix);
        }
        Ok(Self { prefix })
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn grant(&self, id: &GrantId) -> String {
        format!("{}{id}", self.grants(id.shard()))
    }

    /// A pattern that every key of a grant fits, whatever its shard.
    pub(crate) fn any_grant(&self) -> String {
        let mut pattern = String::new();
        for character in self.prefix.chars() {
            if matches!(character, '*' | '?' | '[' | ']' | '^' | '-' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern + "{????}:grant:*"
    }

    /// The grant that has this key.
    pub(crate) fn grant_id(&self, key: &str) -> Option<GrantId> {
        let (_, id) = key.rsplit_once(':')?;
        let id = id.parse().ok()?;
        (self.grant(&id) == key).then_some(id)
    }

    /// What the keys of a shard's grants begin with.
    pub(crate) fn grants(&self, shard: u16) -> String {
        self.of_shard(shard, "grant")
    }

    pub(crate) fn credential(&self, key: &CredentialKey) -> String {
        format!("{}{}", self.credentials(key.shard()), digest(key))
    }

    /// What the keys of a shard's credentials begin with.
    pub(crate) fn credentials(&self, shard: u16) -> String {
        self.of_shard(shard, "credential")
    }

    /// A key of a shard under which nothing is ever kept.
    pub(crate) fn nothing(&self, shard: u16) -> String {
        self.of_shard(shard, "nothing")
    }

    pub(crate) fn request(&self, key: &CredentialKey) -> String {
        format!("{}{}", self.requests(key.shard()), digest(key))
    }

    /// What the keys of a shard's requests begin with.
    pub(crate) fn requests(&self, shard: u16) -> String {
        self.of_shard(shard, "request")
    }

    /// What the keys begin with under which the owners of a shard have their requests listed.
    pub(crate) fn owners(&self, shard: u16) -> String {
        self.of_shard(shard, "owner")
    }

    pub(crate) fn grants_of(&self, subject: &Subject) -> String {
        format!("{}subject:{}", self.prefix, name(subject))
    }

    pub(crate) fn consents(&self, user: &UserId) -> String {
        format!("{}consents:{}", self.prefix, digest_of(user.as_str()))
    }

    pub(crate) fn client(&self, id: &ClientId) -> String {
        format!("{}client:{}", self.prefix, digest_of(id.as_str()))
    }

    fn of_shard(&self, shard: u16, what: &str) -> String {
        format!("{}{{{shard:04x}}}:{what}:", self.prefix)
    }
}

/// A credential's part of its name.
pub(crate) fn digest(key: &CredentialKey) -> String {
    URL_SAFE_NO_PAD.encode(key.digest())
}

/// A subject's part of a name.
pub(crate) fn name(subject: &Subject) -> String {
    format!("{}:{}", subject.kind(), digest_of(subject.id()))
}

fn digest_of(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shard_is_the_hash_tag() {
        let keys = Keys::new("shop:".to_owned()).unwrap();
        let key = CredentialKey::new(0xbeef, [0; 32]);
        let id = GrantId::from_bytes([0xbe; 18]);
        assert_eq!(
            keys.credential(&key),
            format!("shop:{{beef}}:credential:{}", "A".repeat(43))
        );
        assert!(keys.grant(&id).starts_with("shop:{bebe}:grant:vr6-"));
    }

    #[test]
    fn a_pattern_means_the_prefix_as_it_is() {
        let keys = Keys::new(r"a*b[c]?\:".to_owned()).unwrap();
        assert_eq!(keys.any_grant(), r"a\*b\[c\]\?\\:{????}:grant:*");
        let id = GrantId::from_bytes([0xbe; 18]);
        assert_eq!(keys.grant_id(&keys.grant(&id)), Some(id));
        for other in [keys.grants(0xbeef), Keys::default().grant(&id)] {
            assert_eq!(keys.grant_id(&other), None);
        }
    }

    #[test]
    fn what_somebody_chose_is_in_no_name() {
        let keys = Keys::new(String::new()).unwrap();
        let hostile = UserId::new("{beef}:grant:*\0");
        for name in [
            keys.consents(&hostile),
            keys.grants_of(&Subject::User(hostile.clone())),
        ] {
            assert!(!name.contains(['{', '*', '\0']), "{name}");
        }
    }

    #[test]
    fn a_prefix_cannot_change_the_shard() {
        for prefix in ["{a}:", "a}", "a b", "\u{e9}", "a\0", &"a".repeat(65)] {
            assert_eq!(Keys::new(prefix.to_owned()).unwrap_err(), InvalidPrefix);
        }
        assert!(Keys::new(String::new()).is_ok());
    }
}
