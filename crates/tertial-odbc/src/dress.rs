//! How an answer is written: CSV that is read back to the very same texts.

use std::io::{self, Write};

/// Writes rows; counts what it writes.
pub(crate) struct Dress<'a> {
    out: &'a mut dyn Write,
    line: Vec<u8>,
    fields: usize,
    /// Bytes written.
    pub bytes: u64,
}

impl<'a> Dress<'a> {
    pub(crate) fn new(out: &'a mut dyn Write) -> Dress<'a> {
        Dress { out, line: Vec::new(), fields: 0, bytes: 0 }
    }

    /// Adds a field to the line: nothing for a missing value, quotes where a reader needs them.
    pub(crate) fn field(&mut self, text: Option<&str>) {
        if self.fields > 0 {
            self.line.push(b',');
        }
        self.fields += 1;
        let Some(text) = text else { return };
        let needs_quotes = text.is_empty() || text.contains([',', '"', '\n', '\r']);
        if needs_quotes {
            self.line.push(b'"');
            self.line.extend(text.replace('"', "\"\"").as_bytes());
            self.line.push(b'"');
        } else {
            self.line.extend(text.as_bytes());
        }
    }

    /// Ends the line. One that would be empty is `""`, since an empty line is no row.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        if self.line.is_empty() {
            self.line.extend(b"\"\"");
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.bytes += self.line.len() as u64;
        self.line.clear();
        self.fields = 0;
        Ok(())
    }
}

/// An exact number with a digit before its mark: some drivers write `.5`.
pub(crate) fn number(text: &mut String) {
    let at = usize::from(text.starts_with('-'));
    if text[at..].starts_with('.') {
        text.insert(at, '0');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_as_they_are() {
        let mut bytes = Vec::new();
        let mut dress = Dress::new(&mut bytes);
        for row in [
            vec![Some("månad"), Some("belopp")],
            vec![Some("2024-08"), None],
            vec![None, Some("")],
            vec![Some("a,b"), Some("sade \"å\"\nöppet\r")],
            vec![None],
        ] {
            row.iter().for_each(|field| dress.field(*field));
            dress.end().unwrap();
        }
        let count = dress.bytes;
        assert_eq!(count, bytes.len() as u64);
        insta::assert_debug_snapshot!(String::from_utf8(bytes).unwrap(), @r#""månad,belopp\n2024-08,\n,\"\"\n\"a,b\",\"sade \"\"å\"\"\nöppet\r\"\n\"\"\n""#);
    }

    #[test]
    fn numbers_have_a_digit_before_the_mark() {
        for (written, expected) in
            [(".50", "0.50"), ("-.5", "-0.5"), ("1.50", "1.50"), ("-1", "-1"), ("", ""), ("-", "-")]
        {
            let mut text = written.to_owned();
            number(&mut text);
            assert_eq!(text, expected);
        }
    }
}
