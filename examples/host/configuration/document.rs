//! Walks a TOML document, noting mistakes on the way and going on.

use std::cell::RefCell;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problems::Problems;

/// The whole file.
pub(super) struct Document<'d> {
    root: Spanned<DeTable<'d>>,
    problems: &'d Problems<'d>,
    known: RefCell<Vec<&'static str>>,
}

impl<'d> Document<'d> {
    /// `None` if the text is not TOML, which is then noted.
    pub(super) fn parse(text: &'d str, problems: &'d Problems<'d>) -> Option<Self> {
        let root = DeTable::parse(text)
            .map_err(|error| problems.add_syntax(&error))
            .ok()?;
        Some(Self {
            root,
            problems,
            known: RefCell::default(),
        })
    }

    /// The table of this name; an empty one if it is absent.
    pub(super) fn table(&self, name: &'static str) -> Section<'_> {
        let found = self.find(name);
        let table = found.and_then(|value| value.get_ref().as_table());
        let offset = found.map_or(0, |value| value.span().start);
        if found.is_some() && table.is_none() {
            self.problems
                .add(name, offset, &format!("must be a table, [{name}]"));
        }
        Section::new(name.to_owned(), offset, table, self.problems)
    }

    /// The tables of the array of this name.
    pub(super) fn list(&self, name: &'static str) -> Vec<Section<'_>> {
        let Some(found) = self.find(name) else {
            return Vec::new();
        };
        let wrong = |offset| {
            self.problems.add(
                name,
                offset,
                &format!("must be a list of tables, [[{name}]]"),
            );
        };
        let Some(array) = found.get_ref().as_array() else {
            wrong(found.span().start);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, value) in array.iter().enumerate() {
            let offset = value.span().start;
            match value.get_ref().as_table() {
                None => wrong(offset),
                table => {
                    let path = format!("{name}[{index}]");
                    sections.push(Section::new(path, offset, table, self.problems));
                }
            }
        }
        sections
    }

    /// Notes tables that nobody asked for.
    pub(super) fn finish(&self) {
        let known = self.known.borrow();
        note_unknown("", self.root.get_ref(), &known, self.problems);
    }

    fn find(&self, name: &'static str) -> Option<&Spanned<DeValue<'d>>> {
        self.known.borrow_mut().push(name);
        find(self.root.get_ref(), name)
    }
}

/// One table of the file. Asking for a key makes it known.
pub(super) struct Section<'a> {
    path: String,
    offset: usize,
    table: Option<&'a DeTable<'a>>,
    known: Vec<&'static str>,
    problems: &'a Problems<'a>,
}

impl<'a> Section<'a> {
    fn new(
        path: String,
        offset: usize,
        table: Option<&'a DeTable<'a>>,
        problems: &'a Problems<'a>,
    ) -> Self {
        Self {
            path,
            offset,
            table,
            known: Vec::new(),
            problems,
        }
    }

    /// Whether the key is there, with whatever value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| find(table, key).is_some())
    }

    pub(super) fn string(&mut self, key: &'static str) -> Option<String> {
        self.read(key, "a string in quotes", |value| {
            value.as_str().map(str::to_owned)
        })
    }

    /// A string without which the table makes no sense.
    pub(super) fn required_string(&mut self, key: &'static str) -> String {
        if !self.has(key) {
            self.problem(key, "is missing");
        }
        let text = self.string(key);
        if text.as_deref() == Some("") {
            self.problem(key, "must not be empty");
        }
        text.unwrap_or_default()
    }

    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        self.read(key, "true or false", DeValue::as_bool)
            .unwrap_or_default()
    }

    pub(super) fn integer(&mut self, key: &'static str) -> Option<i64> {
        self.read(key, "a whole number, without quotes", |value| {
            let integer = value.as_integer()?;
            // A number that does not fit is out of any range, so the nearest that fits will do.
            let nearest = if integer.as_str().starts_with('-') {
                i64::MIN
            } else {
                i64::MAX
            };
            Some(i64::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(nearest))
        })
    }

    pub(super) fn strings(&mut self, key: &'static str) -> Option<Vec<String>> {
        self.read(key, "a list of strings, [\"..\"]", |value| {
            let items = value.as_array()?.iter();
            items
                .map(|item| item.get_ref().as_str().map(str::to_owned))
                .collect()
        })
    }

    /// Notes a mistake at a key of this table, whether it is there or not.
    pub(super) fn problem(&self, key: &str, what: &str) {
        self.problems
            .add(&format!("{}.{key}", self.path), self.offset_of(key), what);
    }

    /// Where in the text the value is, or else the table.
    pub(super) fn offset_of(&self, key: &str) -> usize {
        let value = self.table.and_then(|table| find(table, key));
        value.map_or(self.offset, |value| value.span().start)
    }

    /// Notes keys that nobody asked for.
    pub(super) fn finish(self) {
        if let Some(table) = self.table {
            note_unknown(
                &format!("{}.", self.path),
                table,
                &self.known,
                self.problems,
            );
        }
    }

    fn read<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        convert: impl Fn(&DeValue<'a>) -> Option<T>,
    ) -> Option<T> {
        self.known.push(key);
        let value = find(self.table?, key)?;
        let converted = convert(value.get_ref());
        if converted.is_none() {
            self.problem(key, &format!("must be {expected}"));
        }
        converted
    }
}

fn find<'t, 'd>(table: &'t DeTable<'d>, key: &str) -> Option<&'t Spanned<DeValue<'d>>> {
    table
        .iter()
        .find(|(name, _)| name.get_ref() == key)
        .map(|(_, value)| value)
}

fn note_unknown(path: &str, table: &DeTable<'_>, known: &[&str], problems: &Problems<'_>) {
    for (name, _) in table.iter() {
        if !known.contains(&&**name.get_ref()) {
            let what = format!("unknown key; known are {}", known.join(", "));
            // A key may be any string; control characters do not belong on a terminal.
            let shown: String = name.get_ref().escape_debug().collect();
            problems.add(&format!("{path}{shown}"), name.span().start, &what);
        }
    }
}
