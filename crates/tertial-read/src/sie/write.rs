//! Writing SIE: for tests that read back what they wrote, and for small exports.

use super::checksum::Checksum;
use super::lexer;

/// A SIE file under construction, CP437 with CRLF.
pub struct Writer {
    lines: Vec<String>,
    checksum: Option<Checksum>,
}

impl Writer {
    /// Begins with `#FLAGGA 0`, and with an opening `#KSUMMA` when a checksum is wanted.
    pub fn new(checksum: bool) -> Writer {
        let mut lines = vec!["#FLAGGA 0".to_owned()];
        if checksum {
            lines.push("#KSUMMA".to_owned());
        }
        Writer { lines, checksum: checksum.then(Checksum::new) }
    }

    /// A record of plain fields; a field is quoted where the format asks for it.
    pub fn record(&mut self, label: &str, fields: &[&str]) {
        let fields: Vec<String> = fields.iter().map(|field| quote(field)).collect();
        self.push(format!("{label} {}", fields.join(" ")));
    }

    /// A row of a voucher: account, objects, and what follows the object list.
    pub fn entry(&mut self, account: &str, objects: &[(&str, &str)], rest: &[&str]) {
        let pairs: Vec<String> = objects
            .iter()
            .map(|(dimension, object)| format!("{} {}", quote(dimension), quote(object)))
            .collect();
        let rest: Vec<String> = rest.iter().map(|field| quote(field)).collect();
        let line = format!("#TRANS {} {{{}}} {}", quote(account), pairs.join(" "), rest.join(" "));
        self.push(line);
    }

    /// The brace before a voucher's rows.
    pub fn open(&mut self) {
        self.lines.push("{".to_owned());
    }

    /// The brace after a voucher's rows.
    pub fn close(&mut self) {
        self.lines.push("}".to_owned());
    }

    /// The bytes of the file.
    pub fn finish(mut self) -> Vec<u8> {
        if let Some(sum) = &self.checksum {
            self.lines.push(format!("#KSUMMA {}", sum.value()));
        }
        let text = self.lines.join("\r\n") + "\r\n";
        oem_cp::encode_string_lossy(&text, &oem_cp::code_table::ENCODING_TABLE_CP437)
    }

    fn push(&mut self, line: String) {
        if let Some(sum) = &mut self.checksum {
            let mut fields = Vec::new();
            if let lexer::Line::Record { start, end, .. } = lexer::read(&line, &mut fields) {
                sum.record(&line, (start, end), &fields);
            }
        }
        self.lines.push(line);
    }
}

/// A field as the format wants it: quoted when it is empty or holds blanks, braces or quotes.
fn quote(field: &str) -> String {
    let plain = |c: char| !matches!(c, ' ' | '\t' | '"' | '{' | '}');
    if !field.is_empty() && field.chars().all(plain) {
        return field.to_owned();
    }
    format!("\"{}\"", field.replace('"', "\\\""))
}
