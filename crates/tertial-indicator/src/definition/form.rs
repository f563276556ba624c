//! Reading a definition's table field by field; every fault is kept and reading goes on.

use super::{MethodVersion, VERSION_FIELDS};
use crate::place::locate;
use std::ops::Range;
use tertial_model::{Code, Decimal, Diagnostic, Location};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table being read, with its name for messages and its place.
pub(crate) struct Fields<'a, 'i> {
    pub(crate) table: &'a DeTable<'i>,
    pub(crate) span: Range<usize>,
    /// `version[2].`, or empty for the root.
    pub(crate) path: &'a str,
}

impl<'a, 'i> Fields<'a, 'i> {
    pub(crate) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }
}

/// The file, and the faults found so far.
pub(crate) struct Form<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) faults: Vec<Diagnostic>,
}

impl Form<'_> {
    fn fault(&mut self, code: Code, message: String, span: Range<usize>) -> &mut Diagnostic {
        let fault = if span == (0..0) {
            Diagnostic::error(code, message, Location::file(self.file))
        } else {
            let (location, excerpt) = locate(self.file, self.text, span);
            Diagnostic::error(code, message, location).with_excerpt(excerpt)
        };
        self.faults.push(fault);
        self.faults.last_mut().expect("just pushed")
    }

    /// The id is the file's name; a name that is no id is a fault of the file.
    pub(crate) fn id(&mut self) -> String {
        let name = self.file.rsplit(['/', '\\']).next().unwrap_or(self.file);
        let id = name.strip_suffix(".toml").unwrap_or(name);
        let plain = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let sound = id.split_once("__").is_some_and(|(area, what)| plain(area) && plain(what));
        if !sound {
            let fault = self.fault(
                Code::IncompleteDefinition,
                format!("`{id}` is not an indicator id"),
                0..0,
            );
            fault.expected = Some("`area__what_unit`, e.g. `hr__turnover_pct.toml`".into());
        }
        id.to_owned()
    }

    pub(crate) fn refuse_unknown(&mut self, fields: &Fields, known: &[&str]) {
        for key in fields.table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let message = format!("`{}{name}` is not a field of a definition", fields.path);
                let fault = self.fault(Code::BadSetting, message, key.span());
                fault.expected = Some(format!("one of `{}`", known.join("`, `")));
                fault.hints.push("correct the spelling or remove the line".into());
            }
        }
    }

    pub(crate) fn wrong_type(
        &mut self,
        fields: &Fields,
        key: &str,
        value: &Spanned<DeValue>,
        wanted: &str,
    ) {
        let message = format!("`{}{key}` is not {wanted}", fields.path);
        let kind = value.get_ref().type_str();
        let fault = self.fault(Code::BadSetting, message, value.span());
        fault.found = Some(format!("a TOML {kind}"));
        fault.expected = Some(wanted.to_owned());
    }

    pub(crate) fn content(&mut self, fields: &Fields, key: &str, message: &str, expected: &str) {
        self.refuse(Code::IncompleteDefinition, fields, key, message, expected);
    }

    /// T0525: words of a metric that do not go together.
    pub(crate) fn misfit(&mut self, fields: &Fields, key: &str, message: &str, expected: &str) {
        self.refuse(Code::InvalidMetric, fields, key, message, expected);
    }

    fn refuse(&mut self, code: Code, fields: &Fields, key: &str, message: &str, expected: &str) {
        let span = fields.get(key).map_or(fields.span.clone(), |value| value.span());
        self.fault(code, message.to_owned(), span).expected = Some(expected.to_owned());
    }

    pub(crate) fn missing(&mut self, fields: &Fields, key: &str) -> String {
        if fields.get(key).is_none() {
            let message = format!("`{}{key}` is missing", fields.path);
            let span = fields.span.clone();
            let fault = self.fault(Code::IncompleteDefinition, message, span);
            fault.hints.push(format!("add `{key} = …`"));
        }
        String::new()
    }

    pub(crate) fn missing_number(&mut self, fields: &Fields, key: &str) -> u8 {
        self.missing(fields, key);
        0
    }

    pub(crate) fn text(&mut self, fields: &Fields, key: &str) -> Option<String> {
        let value = fields.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.trim().to_owned()),
            _ => {
                self.wrong_type(fields, key, value, "a text");
                None
            }
        }
    }

    /// A text as it stands, blanks at its ends included.
    pub(crate) fn verbatim(&mut self, fields: &Fields, key: &str) -> Option<String> {
        let value = fields.get(key)?;
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(fields, key, value, "a text");
        }
        text
    }

    pub(crate) fn required_text(&mut self, fields: &Fields, key: &str) -> String {
        match self.text(fields, key) {
            Some(text) if !text.is_empty() => text,
            Some(_) => {
                let message = format!("`{}{key}` is empty", fields.path);
                self.content(fields, key, &message, "a text for the reader");
                String::new()
            }
            None => self.missing(fields, key),
        }
    }

    pub(crate) fn texts(&mut self, fields: &Fields, key: &str) -> Option<Vec<String>> {
        let value = fields.get(key)?;
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(fields, key, value, "a list of texts");
            return None;
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_str().map(str::trim) {
                Some("") => {
                    let message = format!("`{}{key}` holds an empty text", fields.path);
                    self.fault(Code::IncompleteDefinition, message, item.span());
                }
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong_type(fields, key, item, "a text"),
            }
        }
        Some(texts)
    }

    pub(crate) fn required_texts(&mut self, fields: &Fields, key: &str) -> Vec<String> {
        let before = self.faults.len();
        match self.texts(fields, key) {
            Some(texts) if texts.is_empty() && self.faults.len() == before => {
                let message = format!("`{}{key}` is empty", fields.path);
                self.content(fields, key, &message, "at least one text for the reader");
            }
            Some(texts) => return texts,
            None => {
                self.missing(fields, key);
            }
        }
        Vec::new()
    }

    pub(crate) fn boolean(&mut self, fields: &Fields, key: &str) -> Option<bool> {
        let value = fields.get(key)?;
        let answer = value.get_ref().as_bool();
        if answer.is_none() {
            self.wrong_type(fields, key, value, "true or false");
        }
        answer
    }

    /// The index of the word among `words`; a missing field takes `default` or is a fault.
    pub(crate) fn word(
        &mut self,
        fields: &Fields,
        key: &str,
        words: &[&str],
        default: Option<usize>,
    ) -> Option<usize> {
        if fields.get(key).is_none() {
            if default.is_none() {
                self.missing(fields, key);
            }
            return default;
        }
        let text = self.text(fields, key)?;
        let found = words.iter().position(|word| *word == text);
        if found.is_none() {
            let message = format!("`{}{key}` has no such value as `{text}`", fields.path);
            self.content(fields, key, &message, &format!("one of `{}`", words.join("`, `")));
        }
        found
    }

    /// A number without a detour over floats; also as a text, for decimals that must stay exact.
    pub(crate) fn decimal(
        &mut self,
        fields: &Fields,
        key: &str,
        default: Option<Decimal>,
    ) -> Option<Decimal> {
        let Some(value) = fields.get(key) else { return default };
        let number = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => Decimal::parse(number.as_str()),
            DeValue::Float(number) => Decimal::parse(number.as_str()),
            DeValue::String(text) => Decimal::parse(text),
            _ => None,
        };
        if number.is_none() {
            self.wrong_type(fields, key, value, "a decimal number");
        }
        number
    }

    pub(crate) fn factor(&mut self, fields: &Fields) -> Decimal {
        let before = self.faults.len();
        let factor = self.decimal(fields, "factor", None);
        if factor.is_none() && self.faults.len() == before {
            self.missing(fields, "factor");
        }
        if factor.is_some_and(|factor| factor <= Decimal::ZERO) {
            self.content(fields, "factor", "`factor` is not above zero", "e.g. `100` for per cent");
        }
        factor.unwrap_or(Decimal::whole(1))
    }

    pub(crate) fn whole(
        &mut self,
        fields: &Fields,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = fields.get(key)?;
        let number = value.get_ref().as_integer().filter(|number| number.radix() == 10);
        let number: Option<i64> = number.and_then(|number| number.as_str().parse().ok());
        let Some(number) = number else {
            self.wrong_type(fields, key, value, "a whole number");
            return Some(0);
        };
        if !range.contains(&number) {
            let message = format!("`{}{key}` is out of range", fields.path);
            let expected = format!("{} to {}", range.start(), range.end());
            self.content(fields, key, &message, &expected);
            return Some(0);
        }
        Some(number)
    }

    pub(crate) fn versions(&mut self, fields: &Fields) -> Vec<MethodVersion> {
        let Some(value) = fields.get("version") else {
            self.missing(fields, "version");
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array().filter(|items| !items.is_empty()) else {
            self.wrong_type(fields, "version", value, "a list of [[version]] tables");
            return Vec::new();
        };
        let mut versions: Vec<MethodVersion> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Some(table) = item.get_ref().as_table() else {
                self.wrong_type(fields, "version", item, "a [[version]] table");
                continue;
            };
            let path = format!("version[{}].", index + 1);
            let fields = Fields { table, span: item.span(), path: &path };
            let version = self.version(&fields, index == 0);
            if let Some(earlier) = versions.last() {
                let later = version.number > earlier.number
                    && version.valid_from.as_str() > earlier.valid_from.as_str();
                if !later && !version.valid_from.is_empty() && !earlier.valid_from.is_empty() {
                    let message =
                        format!("`version[{}]` does not follow the one before", index + 1);
                    let expected = format!(
                        "a number above {} and a day after {}",
                        earlier.number, earlier.valid_from
                    );
                    self.fault(Code::IncompleteDefinition, message, item.span()).expected =
                        Some(expected);
                }
            }
            versions.push(version);
        }
        versions
    }

    fn version(&mut self, fields: &Fields, is_first: bool) -> MethodVersion {
        self.refuse_unknown(fields, &VERSION_FIELDS);
        let number = match self.whole(fields, "number", 1..=100_000) {
            Some(number) => number as u32,
            None => u32::from(self.missing_number(fields, "number")),
        };
        let valid_from = self.day(fields, "valid_from");
        let valid_from = valid_from.unwrap_or_else(|| self.missing(fields, "valid_from"));
        let breaks_series = self.boolean(fields, "breaks_series");
        if is_first && breaks_series == Some(true) {
            let message = format!("`{}breaks_series` breaks nothing", fields.path);
            self.content(fields, "breaks_series", &message, "only in a version after the first");
        }
        MethodVersion {
            number,
            decided_on: self.day(fields, "decided_on"),
            valid_from,
            reason: self.required_text(fields, "reason"),
            breaks_series: breaks_series.unwrap_or(!is_first),
            name: self.text(fields, "name").filter(|name| !name.is_empty()),
            measures: self.text(fields, "measures").filter(|text| !text.is_empty()),
            base_year: self.whole(fields, "base_year", 1900..=2199).map(|year| year as i16),
            start_value: self.decimal(fields, "start_value", None),
        }
    }

    /// A day, written as a text or as TOML's own date.
    fn day(&mut self, fields: &Fields, key: &str) -> Option<String> {
        let day = match fields.get(key)?.get_ref() {
            DeValue::Datetime(day) => day.to_string(),
            _ => self.required_text(fields, key),
        };
        if !day.is_empty() && !is_day(&day) {
            let message = format!("`{}{key}` is not a day", fields.path);
            self.content(fields, key, &message, "e.g. `\"2024-01-01\"`");
        }
        Some(day)
    }
}

pub(crate) fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |length: usize| -> Option<u16> {
        let digits = parts.next()?;
        (digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    parts.next().is_none() && (1..=last).contains(&day)
}

pub(crate) fn syntax_fault(file: &str, text: &str, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let (location, excerpt) = locate(file, text, span);
    let message = format!("the file is not TOML: {}", error.message().replace('\n', ", "));
    Diagnostic::error(Code::BadSetting, message, location)
        .with_excerpt(excerpt)
        .with_hint("correct the line; nothing else of the file was judged")
}
