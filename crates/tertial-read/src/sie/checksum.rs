//! `#KSUMMA`: CRC-32 over labels and fields, without blanks, quotes and braces, in CP437.

use super::lexer::{Field, Kind, read_list};

const POLYNOMIAL: u32 = 0xEDB8_8320;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { POLYNOMIAL ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};

/// A running checksum.
#[derive(Debug, Clone)]
pub struct Checksum {
    state: u32,
    words: Vec<Field>,
}

impl Checksum {
    /// Nothing summed yet.
    pub fn new() -> Checksum {
        Checksum { state: u32::MAX, words: Vec::new() }
    }

    /// The sum so far, as the file prints it.
    pub fn value(&self) -> u32 {
        !self.state
    }

    /// Adds a record.
    pub fn record(&mut self, line: &str, label: (usize, usize), fields: &[Field]) {
        self.text(&line[label.0..label.1]);
        for field in fields {
            let text = field.text(line);
            match field.kind {
                Kind::Plain => self.text(text),
                Kind::Escaped => self.text(&text.replace("\\\"", "\"")),
                Kind::List => self.list(text),
            }
        }
    }

    fn list(&mut self, list: &str) {
        let mut words = std::mem::take(&mut self.words);
        read_list(list, &mut words);
        for word in &words {
            let text = word.text(list);
            if word.kind == Kind::Escaped {
                self.text(&text.replace("\\\"", "\""));
            } else {
                self.text(text);
            }
        }
        self.words = words;
    }

    fn text(&mut self, text: &str) {
        if text.is_ascii() {
            text.bytes().for_each(|byte| self.byte(byte));
            return;
        }
        for letter in text.chars() {
            let code = &oem_cp::code_table::ENCODING_TABLE_CP437;
            let byte = u8::try_from(letter).ok().filter(u8::is_ascii);
            self.byte(byte.or_else(|| code.get(&letter).copied()).unwrap_or(b'?'));
        }
    }

    fn byte(&mut self, byte: u8) {
        let index = (self.state ^ u32::from(byte)) & 0xFF;
        self.state = TABLE[index as usize] ^ (self.state >> 8);
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexer::{Line, read};
    use super::*;

    #[test]
    fn the_sum_is_zlibs_crc32() {
        let mut sum = Checksum::new();
        sum.text("123456789");
        assert_eq!(sum.value(), 0xCBF4_3926);
    }

    #[test]
    fn blanks_quotes_and_braces_do_not_count() {
        let value = |line: &str| {
            let mut fields = Vec::new();
            let Line::Record { start, end, .. } = read(line, &mut fields) else { panic!("{line}") };
            let mut sum = Checksum::new();
            sum.record(line, (start, end), &fields);
            sum.value()
        };
        let mut plain = Checksum::new();
        plain.text("#TRANS193016051.00å\"");
        assert_eq!(value("#TRANS 1930 {1 \"605\"} 1.00 \"å\\\"\""), plain.value());
        assert_eq!(value("\t#TRANS\t\"1930\" {\"1\"  605}  1.00 å\""), plain.value());
    }
}
