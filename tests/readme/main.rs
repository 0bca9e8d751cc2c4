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
    let quotations: Vec<_> = page
        .split("```text\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .collect();
    assert!(quotations.len() > 5, "only {} are left", quotations.len());
    for quotation in quotations {
        assert!(store.contains(&words(quotation)), "not there: {quotation}");
    }
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
