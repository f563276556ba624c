//! JSON to a tree of borrowed texts.
//!
//! Numbers stay as they were written: a float on the way would change the last digits of a
//! published figure, and amounts are never floats here.

use std::borrow::Cow;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// As written.
    Number(&'a str),
    /// Escapes undone.
    Text(Cow<'a, str>),
    /// In order.
    Array(Vec<Value<'a>>),
    /// In order; a name given twice is there twice.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

/// Why a text is no JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset.
    pub at: usize,
    /// In words.
    pub message: &'static str,
    /// Whether a limit was exceeded rather than the syntax broken.
    pub limit: bool,
}

impl<'a> Value<'a> {
    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        match self {
            Value::Object(members) => {
                members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The elements, none for anything but an array.
    pub fn elements(&self) -> &[Value<'a>] {
        match self {
            Value::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The members, none for anything but an object.
    pub fn members(&self) -> &[(Cow<'a, str>, Value<'a>)] {
        match self {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The text of a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number that counts something.
    pub fn as_count(&self) -> Option<usize> {
        match self {
            Value::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value as a cell: nothing for null, numbers in plain form, anything nested as JSON.
    pub fn cell(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Value::Null => return None,
            Value::Bool(true) => "true".into(),
            Value::Bool(false) => "false".into(),
            Value::Number(text) => crate::number::plain_number(text),
            Value::Text(text) => text.as_ref().into(),
            nested => nested.json().into(),
        })
    }

    fn json(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Number(text) => (*text).to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Text(text) => serde_json::Value::from(text.as_ref()).to_string(),
            Value::Array(elements) => {
                let inside: Vec<String> = elements.iter().map(Value::json).collect();
                format!("[{}]", inside.join(","))
            }
            Value::Object(members) => {
                let inside = members.iter().map(|(name, value)| {
                    format!("{}:{}", serde_json::Value::from(name.as_ref()), value.json())
                });
                format!("{{{}}}", inside.collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Reads one value that takes up the whole text, nested and of so many values at most.
pub fn parse(text: &str, depth: usize, values: usize) -> Result<Value<'_>, Fault> {
    let mut scanner = Scanner { text, at: 0, room: values };
    let value = scanner.value(depth)?;
    scanner.blanks();
    match scanner.peek() {
        None => Ok(value),
        Some(_) => Err(scanner.fault("something stands after the end of the document")),
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// How many more values there may be.
    room: usize,
}

impl<'a> Scanner<'a> {
    fn fault(&self, message: &'static str) -> Fault {
        Fault { at: self.at, message, limit: false }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.blanks();
        if self.room == 0 {
            let message = "the document has too many values";
            return Err(Fault { at: self.at, message, limit: true });
        }
        self.room -= 1;
        match self.peek() {
            None => Err(self.fault("the document ends where a value should stand")),
            Some(b'{' | b'[') if depth == 0 => {
                let message = "the document is nested too deeply";
                Err(Fault { at: self.at, message, limit: true })
            }
            Some(b'{') => self.object(depth - 1),
            Some(b'[') => self.array(depth - 1),
            Some(b'"') => Ok(Value::Text(self.text_value()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value<'a>, Fault> {
        let words =
            [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        for (word, value) in words {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.fault("no value begins like this"))
    }

    fn number(&mut self) -> Result<Value<'a>, Fault> {
        let start = self.at;
        let digits = |scanner: &mut Self| {
            let from = scanner.at;
            while matches!(scanner.peek(), Some(b'0'..=b'9')) {
                scanner.at += 1;
            }
            scanner.at > from
        };
        self.at += usize::from(self.peek() == Some(b'-'));
        let whole = self.at;
        let mut sound = digits(self);
        sound &= self.at == whole + 1 || self.text.as_bytes().get(whole) != Some(&b'0');
        if self.peek() == Some(b'.') {
            self.at += 1;
            sound &= digits(self);
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'-' | b'+')));
            sound &= digits(self);
        }
        if !sound {
            return Err(self.fault("a number lacks digits or begins with a nought"));
        }
        Ok(Value::Number(&self.text[start..self.at]))
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.at += 1;
        let mut elements = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value(depth)?);
            if !self.goes_on(b']')? {
                return Ok(Value::Array(elements));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.at += 1;
        let mut members = Vec::new();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.fault("a name in quotation marks should stand here"));
            }
            let name = self.text_value()?;
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.fault("a colon should stand here"));
            }
            self.at += 1;
            members.push((name, self.value(depth)?));
            if !self.goes_on(b'}')? {
                return Ok(Value::Object(members));
            }
        }
    }

    /// A comma goes on, the closing mark ends.
    fn goes_on(&mut self, close: u8) -> Result<bool, Fault> {
        self.blanks();
        let next = self.peek();
        self.at += 1;
        match next {
            Some(b',') => Ok(true),
            Some(byte) if byte == close => Ok(false),
            _ => {
                self.at -= 1;
                Err(self.fault("a comma or a closing bracket should stand here"))
            }
        }
    }

    fn text_value(&mut self) -> Result<Cow<'a, str>, Fault> {
        let opened = self.at;
        self.at += 1;
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let Some(end) = memchr::memchr2(b'"', b'\\', rest) else {
            self.at = opened;
            return Err(self.fault("a text is never closed"));
        };
        self.at = start + end;
        self.no_control(start, self.at)?;
        if rest[end] == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..start + end]));
        }
        let mut text = self.text[start..self.at].to_owned();
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let Some(end) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = opened;
                return Err(self.fault("a text is never closed"));
            };
            self.no_control(self.at, self.at + end)?;
            text.push_str(&self.text[self.at..self.at + end]);
            self.at += end + 1;
            if rest[end] == b'"' {
                return Ok(Cow::Owned(text));
            }
            text.push(self.escape()?);
        }
    }

    /// A text with a bare line end in it was damaged: a lost mark would swallow what follows.
    fn no_control(&mut self, from: usize, to: usize) -> Result<(), Fault> {
        match self.text.as_bytes()[from..to].iter().position(|byte| *byte < 0x20) {
            None => Ok(()),
            Some(at) => {
                self.at = from + at;
                Err(self.fault("a text with a bare control character"))
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let letter = match self.peek() {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.fault("an escape that JSON does not have")),
        };
        self.at += 1;
        Ok(letter)
    }

    fn unicode(&mut self) -> Result<char, Fault> {
        let high = self.four_digits()?;
        let surrogate = (0xD800..0xDC00).contains(&high);
        if surrogate && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let low = self.four_digits()?;
            let pair = char::decode_utf16([high as u16, low as u16]).next();
            return Ok(pair.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32, Fault> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        self.at += 4;
        value.ok_or(Fault {
            at: self.at - 4,
            message: "four hex digits should stand here",
            limit: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Value};
    use proptest::prelude::*;

    fn parse(text: &str, depth: usize) -> Result<Value<'_>, Fault> {
        super::parse(text, depth, 1000)
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::Array),
                prop::collection::vec(("[a-zå\"\\\\]{0,4}", inner), 0..4).prop_map(|members| {
                    serde_json::Value::Object(members.into_iter().collect())
                }),
            ]
        })
    }

    #[test]
    fn numbers_stay_as_written() {
        let value = parse("[1.10, -0.30000000000000004, 12345678901234567890123]", 4).unwrap();
        let cells: Vec<_> = value.elements().iter().filter_map(Value::cell).collect();
        assert_eq!(cells, ["1.10", "-0.30000000000000004", "12345678901234567890123"]);
    }

    #[test]
    fn escapes_are_undone() {
        let value = parse(r#""\u00e5\ud83d\ude00\n\"\/\ud800x""#, 1).unwrap();
        assert_eq!(value.as_text(), Some("å😀\n\"/\u{FFFD}x"));
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        let check = |text, at| assert_eq!(parse(text, 4).unwrap_err().at, at, "{text}");
        check("", 0);
        check("[1,]", 3);
        check("{\"a\" 1}", 5);
        check("{a: 1}", 1);
        check("[1] x", 4);
        check("\"abc", 0);
        check("-", 1);
        check("[\"a\nb\"]", 3);
        check("[\"\\n\n\"]", 4);
        assert!(parse("[[[[[1]]]]]", 4).unwrap_err().limit);
        let fault = super::parse("[1,2,3,4]", 4, 4).unwrap_err();
        assert!(fault.limit && super::parse("[1,2,3]", 4, 4).is_ok());
    }

    proptest! {
        #[test]
        fn reads_what_a_library_writes(value in any_json()) {
            let text = value.to_string();
            let read = parse(&text, 64).unwrap();
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&read.json()).unwrap(), value);
        }

        #[test]
        fn agrees_with_a_library_on_what_is_json(text in "[\\[\\]{}\",:0-9a-z\\\\ .-]{0,20}") {
            let library = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            // The library refuses numbers that no float can hold.
            let large = text.contains(['e', 'E']);
            prop_assert!(parse(&text, 64).is_ok() == library || large);
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let _ = parse(&text, 8);
        }
    }
}
