//! The standard's own words for what values may be: limits, forms, lists, references, counts.
//!
//! A rule that other tools would read out of the contract is either checked at the door or told as a
//! fault of the contract. None is passed over in silence.

use crate::contract::rules::{Rules, allowed_fault, integer, is_identifier, number};
use crate::contract::tree::{At, Entry, Node};
use jiff::ToSpan;
use jiff::civil::Date;
use regex::Regex;
use tertial_model::{Column, ColumnType, Decimal};

/// Under `logicalTypeOptions`, what the door does not check.
const UNCHECKED_OPTIONS: [&str; 1] = ["multipleOf"];

impl Rules<'_> {
    /// `logicalTypeOptions`: limits and forms.
    pub(crate) fn options(&mut self, node: &Node, column: &mut Column, known: Option<ColumnType>) {
        let Some(options) = node.get("logicalTypeOptions") else { return };
        let is_text = matches!(known, None | Some(ColumnType::Text));
        if matches!(known, Some(ColumnType::Date | ColumnType::Month)) {
            self.days(options, column);
        } else {
            self.numbers(options, column, known);
        }
        if let Some(entry) = options.entry("pattern") {
            column.pattern = entry.node.text().map(str::to_owned);
            let broken = column.pattern.as_ref().and_then(|p| Regex::new(p).err());
            if let Some(error) = broken {
                let reason = error.to_string();
                let reason =
                    reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
                let found = column.pattern.as_ref().map(|p| format!("`{p}`, {reason}"));
                self.push(entry.node.at, "the pattern is not a regular expression", found, None);
            } else if !is_text {
                self.push(entry.at, "`pattern` cannot be used", None, Some("a column of text"));
            }
        }
        for key in ["minLength", "maxLength"] {
            let Some(entry) = options.entry(key) else { continue };
            let length = integer(&entry.node).and_then(|length| u32::try_from(length).ok());
            if length.is_none() || !is_text {
                let expected = "a number of characters, on a column of text";
                self.unusable(entry, expected);
            }
            let limit =
                if key == "minLength" { &mut column.min_length } else { &mut column.max_length };
            *limit = length;
        }
        for entry in UNCHECKED_OPTIONS.iter().filter_map(|key| options.entry(key)) {
            self.not_checked(&entry.key, entry.at);
        }
    }

    fn unusable(&mut self, entry: &Entry, expected: &str) {
        let found = entry.node.scalar().map(|text| format!("`{text}`"));
        self.push(entry.at, format!("`{}` cannot be used", entry.key), found, Some(expected));
    }

    fn numbers(&mut self, options: &Node, column: &mut Column, known: Option<ColumnType>) {
        let is_number =
            matches!(known, None | Some(ColumnType::Integer | ColumnType::Decimal { .. }));
        // The least difference between two values of the column: what "more than" is more by.
        let step = match known {
            Some(ColumnType::Decimal { scale, .. }) => Decimal::new(1, scale),
            _ => Decimal::whole(1),
        };
        for key in ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] {
            let Some(entry) = options.entry(key) else { continue };
            let mut limit = number(&entry.node);
            if limit.is_none() || !is_number {
                self.unusable(entry, "a number, on a column of numbers");
            }
            let is_low = key.ends_with("inimum");
            if key.starts_with("exclusive") {
                limit = limit
                    .and_then(|limit| {
                        // Rounded to the column's decimals, a limit between two values is inside already.
                        let exact = limit.rescale(step.scale()).filter(|exact| *exact == limit)?;
                        if is_low { exact.checked_add(step) } else { exact.checked_sub(step) }
                    })
                    .or(limit);
            }
            let side = if is_low { &mut column.minimum } else { &mut column.maximum };
            let narrower = match (*side, limit) {
                (Some(a), Some(b)) => Some(if is_low { a.max(b) } else { a.min(b) }),
                (a, b) => a.or(b),
            };
            *side = narrower;
        }
        if let (Some(low), Some(high)) = (column.minimum, column.maximum)
            && low > high
        {
            let entry = options.entry("minimum").or_else(|| options.entry("exclusiveMinimum"));
            let at = entry.map_or(options.at, |entry| entry.at);
            let found = Some(format!("`{low}` and `{high}`"));
            self.push(at, "`minimum` is above `maximum`", found, None);
        }
    }

    fn days(&mut self, options: &Node, column: &mut Column) {
        for key in ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] {
            let Some(entry) = options.entry(key) else { continue };
            let Some(mut day) = entry.node.text().and_then(|text| text.parse::<Date>().ok()) else {
                self.unusable(entry, "a day, e.g. `\"2019-01-01\"`");
                continue;
            };
            let is_low = key.ends_with("inimum");
            if key.starts_with("exclusive") {
                day = day.saturating_add(if is_low { 1.day() } else { -1.day() });
            }
            let side = if is_low { &mut column.earliest } else { &mut column.latest };
            *side = Some(day.to_string());
        }
        if let (Some(low), Some(high)) = (&column.earliest, &column.latest)
            && low > high
        {
            let entry = options.entry("minimum").or_else(|| options.entry("exclusiveMinimum"));
            let at = entry.map_or(options.at, |entry| entry.at);
            let found = Some(format!("`{low}` and `{high}`"));
            self.push(at, "`minimum` is above `maximum`", found, None);
        }
    }

    /// `enum`: the same as our `tertial.allowed`.
    pub(crate) fn values(&mut self, node: &Node, column: &mut Column, known: Option<ColumnType>) {
        let Some(entry) = node.entry("enum") else { return };
        let value = |node: &Node| node.get("value").unwrap_or(node).scalar();
        column.allowed = entry.node.list().iter().filter_map(value).collect();
        if let Some(fault) = allowed_fault(&column.allowed, known) {
            let message = "an allowed value does not fit the type";
            self.push(entry.at, message, Some(format!("`{fault}`")), None);
        }
    }

    /// `relationships`: the same as our `tertial.references`; a table named without its layer is raw.
    pub(crate) fn relationships(
        &mut self,
        node: &Node,
        column: &mut Column,
        known: Option<ColumnType>,
    ) {
        for relation in node.get("relationships").map(Node::list).unwrap_or_default() {
            let Some(to) = relation.get("to") else { continue };
            let text = to.text().unwrap_or_default();
            let parts: Vec<&str> = text.split('.').collect();
            let is_name = parts.iter().all(|part| is_identifier(part));
            let target = match parts.len() {
                2 if is_name => Some(format!("raw.{text}")),
                3 if is_name => Some(text.to_owned()),
                _ => None,
            };
            let is_text = matches!(known, None | Some(ColumnType::Text));
            match target.filter(|_| is_text && column.references.is_none()) {
                Some(target) => column.references = Some(target),
                None => {
                    let expected =
                        "one table and column, e.g. `seed.units.unit_id`, on a column of text";
                    let found = Some(format!("`{text}`"));
                    self.push(to.at, "the relationship cannot be used", found, Some(expected));
                }
            }
        }
    }

    /// `quality` of the table: `rowCount` is checked, words for people are left to them.
    pub(crate) fn quality(&mut self, object: &Node) -> Option<(u64, u64)> {
        let mut counts = None;
        for check in object.get("quality").map(Node::list).unwrap_or_default() {
            if check.get("type").and_then(Node::text) == Some("text") {
                continue;
            }
            let metric = check.get("metric").filter(|metric| metric.text() == Some("rowCount"));
            let limits = metric.and_then(|_| row_limits(check));
            match limits {
                Some(limits) => counts = Some(limits),
                None => self.not_checked("quality", check.at),
            }
        }
        for relation in object.get("relationships").map(Node::list).unwrap_or_default() {
            self.not_checked("relationships", relation.at);
            self.hint(Some("state the relationship at the column".to_owned()));
        }
        counts
    }

    /// Rules of a column that nothing here checks.
    pub(crate) fn unchecked(&mut self, node: &Node) {
        for check in node.get("quality").map(Node::list).unwrap_or_default() {
            if check.get("type").and_then(Node::text) != Some("text") {
                self.not_checked("quality", check.at);
            }
        }
    }

    fn not_checked(&mut self, word: &str, at: At) {
        let message = format!("the rule `{word}` is not checked by this program");
        self.push(at, message, None, None);
        self.hint(Some(
            "write it as an audit in `sql/audits`, or as `quality` of `type: text` for people to read"
                .to_owned(),
        ));
    }
}

/// The fewest and most rows that a `rowCount` allows.
fn row_limits(check: &Node) -> Option<(u64, u64)> {
    let whole = |node: &Node| integer(node).and_then(|count| u64::try_from(count).ok());
    let word = |key: &str| check.get(key).and_then(whole);
    if let Some(between) = check.get("mustBeBetween") {
        let [low, high] = between.list() else { return None };
        return Some((whole(low)?, whole(high)?)).filter(|(low, high)| low <= high);
    }
    if let Some(exactly) = word("mustBe") {
        return Some((exactly, exactly));
    }
    let low = word("mustBeGreaterOrEqualTo").or(word("mustBeGreaterThan").map(|count| count + 1));
    let high =
        word("mustBeLessOrEqualTo").or(word("mustBeLessThan").and_then(|c| c.checked_sub(1)));
    let is_told = low.is_some() || high.is_some();
    is_told.then(|| (low.unwrap_or(0), high.unwrap_or(u64::MAX))).filter(|(low, high)| low <= high)
}
