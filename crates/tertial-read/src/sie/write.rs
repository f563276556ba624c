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
        let own =
            |(dimension, object): &(&str, &str)| ((*dimension).to_owned(), (*object).to_owned());
        self.listed("#TRANS", &[account], Some(objects.iter().map(own).collect()), rest);
    }

    /// A record with an object list between its fields, or without one: `#TRANS`, `#PSALDO`, `#OIB`.
    pub fn listed(
        &mut self,
        label: &str,
        before: &[&str],
        objects: Option<Vec<(String, String)>>,
        rest: &[&str],
    ) {
        let mut line = label.to_owned();
        for field in before {
            line += &format!(" {}", quote(field));
        }
        if let Some(objects) = objects {
            let pair = |(dimension, object): &(String, String)| {
                format!("{} {}", quote(dimension), quote(object))
            };
            line += &format!(" {{{}}}", objects.iter().map(pair).collect::<Vec<_>>().join(" "));
        }
        for field in rest {
            line += &format!(" {}", quote(field));
        }
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

/// A field as the format wants it: quoted when it is empty or holds blanks, braces or quotes. Control
/// characters may not occur and become blanks; a backslash before a mark would be read as its escape,
/// and the format has none for the backslash itself.
fn quote(field: &str) -> String {
    let plain = |c: char| !matches!(c, ' ' | '\t' | '"' | '{' | '}') && !c.is_control();
    if !field.is_empty() && field.chars().all(plain) {
        return field.to_owned();
    }
    let field = field.replace(|c: char| c.is_control(), " ");
    let field = field.replace("\\\"", "\"");
    let field = field.strip_suffix('\\').unwrap_or(&field);
    format!("\"{}\"", field.replace('"', "\\\""))
}
