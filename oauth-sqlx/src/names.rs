use std::fmt;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::Error;

/// Names of indexes are made from those of tables, and PostgreSQL's have 63 characters at most.
const MAX_LENGTH: usize = 32;

/// What stands before the name of each table: letters, digits and underscores, and before it, where
/// the tables live in a schema of their own, that schema and a dot.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Prefix(Arc<str>);

impl Prefix {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let (schema, prefix) = match text.split_once('.') {
            Some((schema, prefix)) => (Some(schema), prefix),
            None => (None, text),
        };
        let fits =
            schema.is_none_or(|schema| !schema.is_empty() && is_name(schema)) && is_name(prefix);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Error::InvalidPrefix)
        }
    }

    /// The schema, on MySQL the database, where one was given.
    pub(crate) fn schema(&self) -> Option<&str> {
        self.0.split_once('.').map(|(schema, _)| schema)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The text with the prefix in place of `{prefix}`.
    pub(crate) fn apply(&self, sql: &str) -> String {
        sql.replace("{prefix}", &self.0)
    }

    /// The same as a statement, which is cheap to clone.
    pub(crate) fn statement(&self, sql: &str) -> SqlStr {
        // Nothing but the prefix is put in, which has no character that could mean something.
        AssertSqlSafe(Arc::<str>::from(self.apply(sql))).into_sql_str()
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self("oauth_".into())
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.as_str())
    }
}

fn is_name(text: &str) -> bool {
    text.len() <= MAX_LENGTH
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_name_with_or_without_a_schema() {
        for (text, schema) in [
            ("oauth_", None),
            ("", None),
            ("_1", None),
            ("auth.", Some("auth")),
            ("auth.x_", Some("auth")),
        ] {
            let prefix = Prefix::parse(text).unwrap();
            assert_eq!((prefix.as_str(), prefix.schema()), (text, schema));
        }
        let long = "x".repeat(33);
        for text in [
            ".x", "a.b.c", "a b", "x;", "\"x\"", "é", "x-", "1x", "1.x", "x\0", &long,
        ] {
            assert!(Prefix::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn is_put_before_the_names() {
        let prefix = Prefix::parse("a.b_").unwrap();
        assert_eq!(prefix.apply("{prefix}x {prefix}y"), "a.b_x a.b_y");
        assert_eq!(prefix.statement("{prefix}x").as_str(), "a.b_x");
    }
}
