//! The mistakes found in a configuration file.

use std::cell::RefCell;
use std::fmt;
use std::path::Path;

/// More than this many mistakes are counted, not told.
const TOLD: usize = 20;

/// What is wrong with a configuration file: a line for each mistake, beginning with its key. Never
/// shows a value.
#[derive(Debug)]
pub struct ConfigurationError {
    lines: Vec<String>,
}

impl ConfigurationError {
    pub(super) fn unreadable(file: &Path, error: &std::io::Error) -> Self {
        Self {
            lines: vec![format!("--config: cannot read {}: {error}", file.display())],
        }
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.lines.join("\n"))
    }
}

impl std::error::Error for ConfigurationError {}

/// Collects mistakes while the file is read.
pub(super) struct Problems<'d> {
    text: &'d str,
    /// Where in the text, and what.
    found: RefCell<Vec<(usize, String)>>,
}

impl<'d> Problems<'d> {
    pub(super) fn new(text: &'d str) -> Self {
        Self {
            text,
            found: RefCell::default(),
        }
    }

    pub(super) fn add(&self, key: &str, offset: usize, what: &str) {
        let line = self.line(offset);
        self.found
            .borrow_mut()
            .push((offset, format!("{key}: {what} (line {line})")));
    }

    /// A mistake in the syntax. The parser does not say at which key, so the line is looked at.
    pub(super) fn add_syntax(&self, error: &toml::de::Error) {
        let offset = error.span().map_or(0, |span| span.start);
        let line = self
            .text
            .lines()
            .nth(self.line(offset) - 1)
            .unwrap_or_default();
        let key = line.split('=').next().unwrap_or_default().trim();
        let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let named = line.contains('=') && !key.is_empty() && key.chars().all(is_key);
        let what = error.message().replace('\n', ", ");
        self.add(
            if named { key } else { "--config" },
            offset,
            &format!("not TOML: {what}"),
        );
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    pub(super) fn in_file(self, file: &Path) -> ConfigurationError {
        let mut found = self.found.into_inner();
        found.sort_by_key(|(offset, _)| *offset);
        let untold = found.len().saturating_sub(TOLD);
        let mut lines: Vec<_> = found.into_iter().take(TOLD).map(|(_, line)| line).collect();
        if untold > 0 {
            lines.push(format!("and {untold} more"));
        }
        lines.push(format!("in the file {}", file.display()));
        ConfigurationError { lines }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}
