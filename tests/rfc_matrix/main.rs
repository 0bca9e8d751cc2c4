//! The pages of `guide::rfc_matrix` name tests that exist, and leave no row without an answer.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

use std::path::{Path, PathBuf};

/// The pages, which are also the modules that the first page lists.
const PAGES: [&str; 11] = [
    "bearer",
    "best_practice",
    "framework",
    "introspection",
    "issuer_identification",
    "metadata",
    "pkce",
    "resource_indicators",
    "resource_metadata",
    "revocation",
    "step_up",
];

/// What the last column may say where it names no test, or beside one.
const WORDS: [&str; 3] = ["departure: ", "host: ", "absent: "];

/// Where the modules of a path are, by its first part.
const ROOTS: [(&str, &str); 6] = [
    ("conformance", "tests/conformance"),
    ("host", "examples/host"),
    ("oauth_actix", "oauth-actix/src"),
    ("oauth_axum", "oauth-axum/src"),
    ("oauth_core", "oauth-core/src"),
    ("remote", "oauth-introspection/tests/remote"),
];

struct Row {
    page: &'static str,
    section: String,
    requirement: String,
    shown_by: String,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page(name: &str) -> String {
    let folder = repository().join("oauth-core/src/guide/rfc_matrix");
    let path = folder.join(format!("{name}.rs"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for page_name in PAGES {
        let text = page(page_name);
        let lines = text
            .lines()
            .filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"));
        let mut cells = lines.map(|line| line.split(" | ").map(str::to_owned).collect::<Vec<_>>());
        let head = cells.next().expect("a head of the table");
        assert_eq!(head, ["section", "requirement", "shown by"], "{page_name}");
        rows.extend(cells.map(|cells| {
            let [section, requirement, shown_by] = cells
                .try_into()
                .unwrap_or_else(|cells| panic!("not three cells in {page_name}: {cells:?}"));
            Row {
                page: page_name,
                section,
                requirement,
                shown_by,
            }
        }));
    }
    rows
}

/// The tests at the beginning of the last column, and what stands behind them.
fn answer(shown_by: &str) -> (Vec<&str>, &str) {
    let mut tests = Vec::new();
    let mut rest = shown_by.trim();
    while let Some((test, behind)) = rest.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
        tests.push(test);
        rest = behind.trim_start_matches(',').trim_start();
    }
    (tests, rest)
}

/// Why there is no such test, if there is none.
fn missing(test: &str) -> Option<String> {
    let mut parts = test.split("::");
    let root = parts.next().unwrap_or_default();
    let Some((_, folder)) = ROOTS.iter().find(|(name, _)| *name == root) else {
        return Some(format!("nothing is known of {root}"));
    };
    let mut modules: Vec<_> = parts.collect();
    let name = modules.pop()?;
    let mut folder = repository().join(folder);
    let mut source = String::new();
    for module in modules {
        let candidates = [
            folder.join(format!("{module}.rs")),
            folder.join(module).join("mod.rs"),
        ];
        match candidates.iter().find(|path| path.is_file()) {
            Some(path) => {
                source = std::fs::read_to_string(path).unwrap_or_default();
                folder = folder.join(module);
            }
            None if source.contains(&format!("mod {module} {{")) => {}
            None => return Some(format!("there is no module {module}")),
        }
    }
    let listed = source.lines().any(|line| line.trim() == format!("{name},"));
    let defined = source
        .split(&format!("fn {name}("))
        .collect::<Vec<_>>()
        .windows(2)
        .any(|around| {
            let before = around.first().copied().unwrap_or_default();
            let attributes = before.rsplit(['}', ';']).next().unwrap_or_default();
            attributes.contains("#[test]") || attributes.contains("#[tokio::test")
        });
    let exists = if root == "conformance" {
        listed && source.contains(&format!("pub async fn {name}("))
    } else {
        defined
    };
    (!exists).then(|| format!("there is no test {name} in its module"))
}

#[test]
fn every_named_test_exists() {
    let mut problems = Vec::new();
    for row in rows() {
        for test in answer(&row.shown_by).0 {
            if let Some(why) = missing(test) {
                problems.push(format!("{} {}: {test}: {why}", row.page, row.section));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_row_has_an_answer() {
    let mut problems = Vec::new();
    for row in rows() {
        let (tests, rest) = answer(&row.shown_by);
        let said = WORDS
            .iter()
            .any(|word| rest.strip_prefix(word).is_some_and(|why| why.len() > 3));
        if !said && (tests.is_empty() || !rest.is_empty()) {
            problems.push(format!("{} {}: {rest:?}", row.page, row.section));
        }
        let number = row.section.split('.').all(|part| {
            !part.is_empty() && (part.bytes().all(|byte| byte.is_ascii_digit()) || part == "B")
        });
        if !number || row.requirement.is_empty() {
            problems.push(format!("{}: no section: {:?}", row.page, row.section));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_page_is_listed_and_has_rows() {
    let first = page("mod");
    let rows = rows();
    for name in PAGES {
        assert!(
            first.contains(&format!("[`{name}`]")),
            "{name} is not listed"
        );
        assert!(
            first.contains(&format!("pub mod {name};")),
            "{name} is no module"
        );
        assert!(
            rows.iter().any(|row| row.page == name),
            "{name} has no rows"
        );
    }
    let modules = first.lines().filter(|line| line.starts_with("pub mod "));
    assert_eq!(modules.count(), PAGES.len(), "a page that nobody checks");
    assert!(rows.len() > 150, "only {} rows are left", rows.len());
}

#[test]
fn what_does_not_exist_is_noticed() {
    assert_eq!(missing("conformance::pkce::plain_is_invalid_request"), None);
    assert_eq!(missing("oauth_core::issuer::tests::joins_paths"), None);
    for test in [
        "conformance::pkce::unheard_of",
        "conformance::unheard_of::plain_is_invalid_request",
        "conformance::pkce::refused",
        "oauth_core::issuer::tests::unheard_of",
        "oauth_core::issuer::parse_insecure",
        "oauth_core::issuer::nothing::joins_paths",
        "oauth_else::issuer::tests::joins_paths",
        "plain_is_invalid_request",
    ] {
        assert!(missing(test).is_some(), "{test}");
    }
}

#[test]
fn an_answer_is_read_to_its_end() {
    assert_eq!(answer("`a::b`, `a::c`"), (vec!["a::b", "a::c"], ""));
    assert_eq!(answer("`a::b` host: TLS"), (vec!["a::b"], "host: TLS"));
    assert_eq!(answer("later"), (vec![], "later"));
}
