//! What the README quotes is what runs, and it is as short as it says.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

use std::path::Path;

/// The file that shows how little a host writes, and the comment above its quotation.
const QUOTED: &str = "examples/axum-server/oauth.rs";
const MARKER: &str = "<!-- examples/axum-server/oauth.rs -->";
/// Its counterpart on the other framework, which is no longer.
const COUNTERPART: &str = "examples/actix-server/oauth.rs";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first block of Rust after the marker.
fn quotation(readme: &str) -> &str {
    let (_, after) = readme.split_once(MARKER).expect("the marker comment");
    let (_, block) = after
        .split_once("```rust\n")
        .expect("a block of Rust after the marker");
    block.split_once("\n```").expect("the end of the block").0
}

/// Lines that somebody has to write: imports, comments and blank lines apart.
fn code_lines(source: &str) -> usize {
    let mut in_import = false;
    let mut count = 0;
    for line in source.lines().map(str::trim) {
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        in_import |= line.starts_with("use ") || line.starts_with("pub use ");
        if !in_import {
            count += 1;
        }
        in_import &= !line.ends_with(';');
    }
    count
}

#[test]
fn the_readme_quotes_the_file_as_it_is() {
    assert_eq!(
        quotation(&read("README.md")).trim_end(),
        read(QUOTED).trim_end()
    );
}

/// The guide explains the small store piece by piece; what it quotes is in the file.
#[test]
fn the_guide_quotes_the_store_as_it_is() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let store = words(&read("oauth-core/examples/small_grant_store.rs"));
    let page = read("oauth-core/src/guide/writing_a_store.rs").replace("//!", "");
    let (_, section) = page
        .split_once("# A whole one, line by line")
        .expect("the section");
    let (section, _) = section.split_once("\n # ").expect("the next section");
    let quotations: Vec<_> = section
        .split("```text\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .collect();
    assert!(quotations.len() > 5, "only {} are left", quotations.len());
    for quotation in quotations {
        assert!(store.contains(&words(quotation)), "not there: {quotation}");
    }
}

/// What the guide explains of the example with stores of its own.
const CUSTOM_STORE: &str = "examples/custom-store/grant_store.rs";

/// The page on custom stores quotes the verbs as a whole, in their order, and everything else as it is.
#[test]
fn the_guide_quotes_every_line_of_the_custom_grant_store() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let others: Vec<_> = [
        "apps.sql",
        "client_store.rs",
        "database.rs",
        "main.rs",
        "rows.rs",
        "tests.rs",
    ]
    .map(|file| words(&read(&format!("examples/custom-store/{file}"))))
    .into();
    let store = read(CUSTOM_STORE);
    let (_, verbs) = store
        .split_once("#[async_trait]")
        .expect("an implementation");
    let verbs = words(&format!("#[async_trait]{verbs}"));
    let mut unexplained = verbs.as_str();
    let page = ["grants", "clients", "mod"]
        .map(|page| read(&format!("oauth-core/src/guide/custom_stores/{page}.rs")))
        .concat();
    let lines = page.lines().map(|line| line.trim_start_matches("//!"));
    let page = lines.collect::<Vec<_>>().join("\n");
    let quotations = page.split("```text\n").skip(1);
    for quotation in quotations.filter_map(|block| block.split("```").next()) {
        let quotation = words(quotation);
        match unexplained.strip_prefix(quotation.as_str()) {
            Some(rest) => unexplained = rest.trim_start(),
            None => assert!(
                others.iter().any(|file| file.contains(&quotation)),
                "not there: {quotation}"
            ),
        }
    }
    assert_eq!(unexplained, "", "not explained");
}

#[test]
fn a_grant_store_takes_at_most_eighty_lines_of_code() {
    let lines = code_lines(&read(CUSTOM_STORE));
    assert!((1..=80).contains(&lines), "{lines} lines of code");
}

#[test]
fn embedding_takes_at_most_forty_lines_of_code() {
    for file in [QUOTED, COUNTERPART] {
        let lines = code_lines(&read(file));
        assert!(
            (1..=40).contains(&lines),
            "{file} has {lines} lines of code"
        );
    }
}

#[test]
fn imports_comments_and_blank_lines_do_not_count() {
    let source = "//! Docs\n\nuse a::b;\nuse c::{\n    d,\n    e,\n};\n\n/// F\nfn f() {\n    g(); // h\n}\n";
    assert_eq!(code_lines(source), 3);
}
