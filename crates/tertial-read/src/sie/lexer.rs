//! One line of a SIE file to a label and fields.
//!
//! Fields are parted by blanks and tabs, may be quoted, and `\"` in quotes is a quotation mark. An
//! object list in braces is one field. Nothing is copied: fields are spans of the line.

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As it stands.
    Plain,
    /// With `\"` in it.
    Escaped,
    /// What stands between the braces of an object list.
    List,
}

/// A field: a span of the line, quotes and braces left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// First byte.
    pub start: usize,
    /// After the last byte.
    pub end: usize,
    /// How it is written.
    pub kind: Kind,
}

impl Field {
    /// The text of the field as it stands in the line.
    pub fn text<'a>(&self, line: &'a str) -> &'a str {
        &line[self.start..self.end]
    }
}

/// What kind of line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Nothing but blanks.
    Blank,
    /// `{`
    Open,
    /// `}`
    Close,
    /// A label that ends before this byte; its fields are in the list.
    Record {
        /// Where the label begins, the `#` included.
        start: usize,
        /// After the label.
        end: usize,
        /// Whether a quote or a brace is never closed.
        open: bool,
    },
    /// Anything else.
    Other,
}

/// Reads a line into `fields`.
pub fn read(line: &str, fields: &mut Vec<Field>) -> Line {
    fields.clear();
    let bytes = line.as_bytes();
    let start = skip_blanks(bytes, 0);
    match bytes.get(start) {
        None => return Line::Blank,
        Some(b'{') => return Line::Open,
        Some(b'}') => return Line::Close,
        Some(b'#') => {}
        Some(_) => return Line::Other,
    }
    let end = word_end(bytes, start);
    let open = read_fields(bytes, end, fields);
    Line::Record { start, end, open }
}

/// Reads the words of an object list.
pub fn read_list(list: &str, words: &mut Vec<Field>) {
    words.clear();
    read_fields(list.as_bytes(), 0, words);
}

fn read_fields(bytes: &[u8], from: usize, fields: &mut Vec<Field>) -> bool {
    let mut at = skip_blanks(bytes, from);
    let mut open = false;
    while at < bytes.len() {
        let (field, after, closed) = match bytes[at] {
            b'"' => quoted(bytes, at + 1),
            b'{' => braced(bytes, at + 1),
            _ => {
                let end = word_end(bytes, at).max(at + 1);
                (Field { start: at, end, kind: Kind::Plain }, end, true)
            }
        };
        fields.push(field);
        open |= !closed;
        at = skip_blanks(bytes, after);
    }
    open
}

/// A quoted field from after its opening mark. A mark closes it when a blank, a brace or the
/// line's end follows; some programs write inner marks without the backslash.
fn quoted(bytes: &[u8], start: usize) -> (Field, usize, bool) {
    let mut kind = Kind::Plain;
    let mut at = start;
    while let Some(mark) = bytes[at..].iter().position(|b| *b == b'"').map(|found| at + found) {
        if mark > start && bytes[mark - 1] == b'\\' {
            kind = Kind::Escaped;
        } else if matches!(bytes.get(mark + 1), None | Some(b' ' | b'\t' | b'}' | b'{')) {
            return (Field { start, end: mark, kind }, mark + 1, true);
        }
        at = mark + 1;
    }
    (Field { start, end: bytes.len(), kind }, bytes.len(), false)
}

/// An object list from after its opening brace; braces inside quotes are text.
fn braced(bytes: &[u8], start: usize) -> (Field, usize, bool) {
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'}' => {
                let field = Field { start, end: at, kind: Kind::List };
                return (field, at + 1, true);
            }
            b'"' => at = quoted(bytes, at + 1).1,
            _ => at += 1,
        }
    }
    (Field { start, end: bytes.len(), kind: Kind::List }, bytes.len(), false)
}

fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    from + bytes[from..].iter().take_while(|b| blank(b)).count()
}

fn word_end(bytes: &[u8], from: usize) -> usize {
    let end = |b: &u8| matches!(b, b' ' | b'\t' | b'{' | b'}');
    bytes[from..].iter().position(end).map_or(bytes.len(), |found| from + found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(line: &str) -> Vec<String> {
        let mut fields = Vec::new();
        read(line, &mut fields);
        fields.iter().map(|field| format!("{:?}:{}", field.kind, field.text(line))).collect()
    }

    #[test]
    fn fields_as_programs_write_them() {
        let check = |line, expected: &[&str]| assert_eq!(fields(line), expected);
        check("#KONTO 1510 \"Kund fordringar\"", &["Plain:1510", "Plain:Kund fordringar"]);
        check("\t#TRANS\t1910 {}  -100.00", &["Plain:1910", "List:", "Plain:-100.00"]);
        check(
            "#TRANS 3010{1 \"Nord\" 6 0001} 5",
            &["Plain:3010", "List:1 \"Nord\" 6 0001", "Plain:5"],
        );
        check(
            "#VER \"\" \"\" 20080101 \"Div \\\"om\\\"\"",
            &["Plain:", "Plain:", "Plain:20080101", "Escaped:Div \\\"om\\\""],
        );
        check("#FNAMN \"Foo \"Bar AB\"", &["Plain:Foo \"Bar AB"]);
        check("#TRANS 1 {\"1\" \"a}b\"} 2", &["Plain:1", "List:\"1\" \"a}b\"", "Plain:2"]);
    }

    #[test]
    fn lines_are_told_apart() {
        let mut list = Vec::new();
        assert_eq!(read("  ", &mut list), Line::Blank);
        assert_eq!(read(" {", &mut list), Line::Open);
        assert_eq!(read("}", &mut list), Line::Close);
        assert_eq!(read("text", &mut list), Line::Other);
        assert_eq!(read(" #RAR 0", &mut list), Line::Record { start: 1, end: 5, open: false });
        assert_eq!(read("#PROSA \"x", &mut list), Line::Record { start: 0, end: 6, open: true });
    }

    proptest! {
        #[test]
        fn arbitrary_lines_never_panic(line in ".*") {
            let mut list = Vec::new();
            read(&line, &mut list);
            for field in &list {
                prop_assert!(line.get(field.start..field.end).is_some());
            }
            read_list(&line, &mut list);
        }
    }
}
