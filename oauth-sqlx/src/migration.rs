use crate::Error;
use crate::names::Prefix;

/// One step from a version of the tables to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    /// The version that the tables have afterwards.
    pub(crate) version: i32,
    /// With `{prefix}` where the prefix belongs. The last statement records the version.
    pub(crate) sql: &'static str,
}

/// The migrations that tables of version `found` lack.
pub(crate) fn missing(
    all: &'static [Migration],
    found: i32,
) -> Result<&'static [Migration], Error> {
    let known = all.last().map_or(0, |last| last.version);
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    let done = all.iter().take_while(|it| it.version <= found).count();
    Ok(all.get(done..).unwrap_or_default())
}

/// Fails unless tables of version `found` are what this crate works with.
pub(crate) fn check(all: &'static [Migration], found: i32) -> Result<(), Error> {
    match missing(all, found)? {
        [] => Ok(()),
        [.., last] => Err(Error::OutdatedSchema {
            found,
            needed: last.version,
        }),
    }
}

/// The texts with the prefix applied.
pub(crate) fn texts(all: &[Migration], prefix: &str) -> Result<Vec<String>, Error> {
    let prefix = Prefix::parse(prefix)?;
    Ok(all.iter().map(|it| prefix.apply(it.sql)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Migration] = &[
        Migration {
            version: 1,
            sql: "CREATE TABLE {prefix}a",
        },
        Migration {
            version: 2,
            sql: "CREATE TABLE {prefix}b",
        },
    ];

    fn versions(found: i32) -> Vec<i32> {
        let missing = missing(ALL, found).unwrap();
        missing.iter().map(|it| it.version).collect()
    }

    #[test]
    fn runs_what_is_missing() {
        assert_eq!(versions(0), [1, 2]);
        assert_eq!(versions(1), [2]);
        assert!(versions(2).is_empty());
    }

    #[test]
    fn refuses_tables_of_another_version() {
        assert!(check(ALL, 2).is_ok());
        let outdated = check(ALL, 1).unwrap_err();
        assert!(matches!(
            outdated,
            Error::OutdatedSchema {
                found: 1,
                needed: 2
            }
        ));
        let newer = Error::NewerSchema { found: 3, known: 2 };
        assert_eq!(check(ALL, 3).unwrap_err().to_string(), newer.to_string());
        assert_eq!(missing(ALL, 3).unwrap_err().to_string(), newer.to_string());
    }

    #[test]
    fn a_text_has_its_prefix() {
        assert_eq!(
            texts(ALL, "x.").unwrap(),
            ["CREATE TABLE x.a", "CREATE TABLE x.b"]
        );
        assert!(texts(ALL, "x;").is_err());
    }
}
