//! The `[[query]]`, `[[sftp]]` and `[drop]` entries of `pipeline.toml`, T0503.

use crate::fetch::{fits, name_fault, placeholder_fault};
use crate::toml_text::TomlText;
use tertial_model::pipeline::{FileSpec, Format, QuerySpec, SftpSpec};
use tertial_model::{Code, Diagnostic, Location, Pipeline};

/// Found faults of one entry, each at a key.
struct Faults<'a> {
    text: &'a TomlText<'a>,
    /// `query`, and its number from 0.
    entry: (&'a str, String),
    found: &'a mut Vec<Diagnostic>,
}

impl Faults<'_> {
    fn push(&mut self, key: &str, message: &str, found: String, expected: &str) {
        let span = self.text.span(&[self.entry.0, &self.entry.1, key]);
        let fault = self.text.fault(Code::UnknownName, message, span);
        self.found.push(fault.with_found(found).with_expected(expected));
    }

    /// A fault about what may be a secret: neither the value nor its line is repeated.
    fn push_unseen(&mut self, message: &str, expected: &str, hint: &str) {
        let message = format!("{message} in `[[{}]]` {}", self.entry.0, self.number());
        let place = Location::file(self.text.file);
        let told = Diagnostic::error(Code::UnknownName, message, place).with_expected(expected);
        self.found.push(told.with_hint(hint));
    }

    /// The entry's number, from 1.
    fn number(&self) -> usize {
        self.entry.1.parse::<usize>().map_or(1, |index| index + 1)
    }

    fn zeros(&mut self, limits: &[(&str, u64)]) {
        for (key, _) in limits.iter().filter(|(_, value)| *value == 0) {
            let message = "the limit lets nothing through";
            self.push(key, message, "`0`".to_owned(), "a number above zero");
        }
    }
}

/// The faults of all entries that need nothing but the pipeline.
pub(crate) fn way_faults(text: &TomlText, pipeline: &Pipeline, found: &mut Vec<Diagnostic>) {
    for (index, spec) in pipeline.queries.iter().enumerate() {
        let mut faults = Faults { text, entry: ("query", index.to_string()), found };
        query_entry(&mut faults, spec, pipeline, index);
    }
    for (index, spec) in pipeline.transfers.iter().enumerate() {
        let mut faults = Faults { text, entry: ("sftp", index.to_string()), found };
        sftp_entry(&mut faults, spec, pipeline);
    }
    let limits = [
        ("archive_max_bytes", pipeline.drop_folder.archive_max_bytes),
        ("archive_max_members", pipeline.drop_folder.archive_max_members),
    ];
    for (key, _) in limits.iter().filter(|(_, value)| *value == 0) {
        let fault = text.fault(
            Code::UnknownName,
            "the limit lets nothing through",
            text.span(&["drop", key]),
        );
        found.push(fault.with_found("`0`").with_expected("a number above zero"));
    }
}

fn query_entry(faults: &mut Faults<'_>, spec: &QuerySpec, pipeline: &Pipeline, index: usize) {
    if let Some(expected) = secret_fault(&spec.connection) {
        faults.push_unseen(
            "the connection does not say where it is kept",
            expected,
            "a connection string holds a password; keep it in the environment of the account the \
             night runs as",
        );
    }
    if !is_plain_file(&spec.sql) || !spec.sql.ends_with(".sql") {
        let expected = "a file of the pipeline's own folder, e.g. `utbetalningar.sql`";
        faults.push("sql", "the query cannot be found", format!("`{}`", spec.sql), expected);
    }
    if let Some((found, expected)) = name_fault(pipeline, &spec.file) {
        faults.push("file", "the answer would not be received", found, &expected);
    } else if let Some(file) = file_of_query(pipeline, spec) {
        for (found, expected) in dress_faults(file) {
            let message = "the answer is not written in the dress that is read";
            faults.push("file", message, found, expected);
        }
    }
    let other = pipeline.queries[..index].iter().any(|other| other.file == spec.file)
        || pipeline.fetches.iter().any(|other| other.file == spec.file);
    if other {
        let expected = "a name of its own for each answer";
        faults.push("file", "two answers have the same name", format!("`{}`", spec.file), expected);
    }
    faults.zeros(&[
        ("max_rows", spec.max_rows),
        ("max_bytes", spec.max_bytes),
        ("timeout_seconds", spec.timeout_seconds),
        ("max_text", spec.max_text),
        ("batch_rows", spec.batch_rows),
    ]);
}

/// The kind of file that an answer is received as.
pub fn file_of_query<'a>(pipeline: &'a Pipeline, spec: &QuerySpec) -> Option<&'a FileSpec> {
    let example = spec.file.replace("{period}", "2024T2").replace("{year}", "2024");
    pipeline.files.iter().find(|file| fits(&file.pattern, &example))
}

/// What must hold for the file as answers are written: CSV in UTF-8, comma between fields, point in
/// numbers, headings on the first line, one table.
fn dress_faults(file: &FileSpec) -> Vec<(String, &'static str)> {
    let mut faults = Vec::new();
    if file.format != Format::Csv {
        faults.push((format!("`format = \"{}\"`", file.format.name()), "`format = \"csv\"`"));
    }
    let shown = |mark: Option<char>| mark.map_or("nothing".to_owned(), |mark| format!("`{mark}`"));
    if file.delimiter != Some(',') {
        faults.push((format!("delimiter: {}", shown(file.delimiter)), "`delimiter = \",\"`"));
    }
    if file.decimal != Some('.') {
        faults.push((format!("decimal: {}", shown(file.decimal)), "`decimal = \".\"`"));
    }
    let encoding = file.encoding.as_deref().unwrap_or("nothing");
    if !encoding.eq_ignore_ascii_case("utf-8") {
        faults.push((format!("encoding: {encoding}"), "`encoding = \"utf-8\"`"));
    }
    if file.tables.len() != 1 {
        let found = format!("{} tables", file.tables.len());
        faults.push((found, "one `[[file.table]]` with the contract that the answer must keep"));
    }
    faults
}

fn sftp_entry(faults: &mut Faults<'_>, spec: &SftpSpec, pipeline: &Pipeline) {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic() && !"/@\\\"'".contains(c));
    if spec.host.is_empty() || !plain(&spec.host) {
        let expected = "the name of a machine, e.g. `sftp.region.example`";
        faults.push("host", "the machine has no usable name", format!("`{}`", spec.host), expected);
    }
    if spec.user.contains(':') {
        let expected = "the name of an account alone";
        let hint = "there is no log-in with a password; let a key in";
        faults.push_unseen("the account has a password", expected, hint);
    } else if spec.user.is_empty() || !plain(&spec.user) {
        let expected = "the name of an account, e.g. `tertial`";
        faults.push("user", "the account has no usable name", format!("`{}`", spec.user), expected);
    }
    if spec.port == 0 {
        faults.push("port", "the port cannot be used", "`0`".to_owned(), "1 to 65535");
    }
    if spec.passphrase.as_deref().is_some_and(|text| env_name(text).is_none()) {
        faults.push_unseen(
            "the passphrase does not say where it is kept",
            "`env:NAME`",
            "keep the passphrase in the environment of the account the night runs as",
        );
    }
    for (key, value) in [("key_file", &spec.key_file), ("known_hosts", &spec.known_hosts)] {
        if value.trim().is_empty() {
            faults.push(key, "a file is not named", "nothing".to_owned(), "a path");
        }
    }
    let folder_is_sound = !spec.folder.is_empty() && !spec.folder.chars().any(char::is_control);
    if !folder_is_sound {
        let expected = "a folder there, e.g. `/export/hr`; `.` for the one after log-in";
        faults.push("folder", "the folder cannot be used", format!("`{}`", spec.folder), expected);
    }
    if let Some(found) = pattern_fault(&spec.pattern) {
        let expected = "a file name with `{period}`, `{scope}` and `*`";
        faults.push("pattern", "the pattern cannot be used", found, expected);
    }
    if pipeline.files.is_empty() {
        let expected = "a `[[file]]` whose pattern the fetched names fit";
        faults.push("pattern", "nothing would be received", "no `[[file]]`".to_owned(), expected);
    }
    faults.zeros(&[
        ("max_bytes", spec.max_bytes),
        ("max_files", spec.max_files),
        ("timeout_seconds", spec.timeout_seconds),
    ]);
}

/// What is wrong with a pattern of remote names.
fn pattern_fault(pattern: &str) -> Option<String> {
    if pattern.is_empty() || pattern.contains(['/', '\\']) || pattern.starts_with('.') {
        return Some(format!("`{pattern}`"));
    }
    placeholder_fault(&pattern.replace("{scope}", "").replace("{period}", ""))
        .map(|_| format!("`{pattern}`, with an unknown placeholder"))
}

/// The file of a `[[query]]`, once it is read: it must be there and say in which order its rows come.
pub fn query_faults(
    file: &str,
    toml: &str,
    index: usize,
    spec: &QuerySpec,
    sql: Option<&str>,
) -> Vec<Diagnostic> {
    let Ok(text) = TomlText::parse(file, toml) else { return Vec::new() };
    let mut found = Vec::new();
    let mut faults = Faults { text: &text, entry: ("query", index.to_string()), found: &mut found };
    let Some(sql) = sql else {
        let expected = "a file with the query beside `pipeline.toml`";
        faults.push("sql", "the query cannot be found", format!("`{}`", spec.sql), expected);
        return found;
    };
    let plain = without_comments_and_texts(sql).to_lowercase();
    let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let is_question = matches!(words.first(), Some(&"select" | &"with"));
    if !is_question || plain.trim_end().trim_end_matches(';').contains(';') {
        let expected = "one `select`, which changes nothing";
        let found = match words.first() {
            Some(word) if !is_question => format!("`{}` begins with `{word}`", spec.sql),
            Some(_) => format!("`{}` holds several statements", spec.sql),
            None => format!("`{}` is empty", spec.sql),
        };
        faults.push("sql", "the query is no question", found, expected);
    } else if !words.windows(2).any(|pair| pair == ["order", "by"]) {
        let expected = "`order by` over columns that are unique together, so that the same rows are \
                        the same file";
        let found = format!("`{}` leaves the order of its rows open", spec.sql);
        faults.push("sql", "the query's answer has no order", found, expected);
    }
    let marks = plain.matches('?').count();
    if marks != spec.parameters.len() {
        let found = format!("{marks} in `{}`, {} here", spec.sql, spec.parameters.len());
        let expected = "a parameter for each `?` of the query, in order";
        faults.push("parameters", "question marks and parameters do not agree", found, expected);
    }
    found
}

/// The query without what a word may stand in by chance.
fn without_comments_and_texts(sql: &str) -> String {
    let mut plain = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '\'' || first == '"' {
            rest[1..].find(first).map_or(rest.len(), |end| end + 2)
        } else {
            plain.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        plain.push(' ');
        rest = &rest[skipped..];
    }
    plain
}

/// What is expected in place of a secret's whereabouts that cannot be used.
fn secret_fault(text: &str) -> Option<&'static str> {
    let expected = "`env:NAME` or `file:PATH`, with an absolute path or one below `data/`";
    if let Some(path) = text.strip_prefix("file:") {
        let is_outside = path.starts_with('/') || path.starts_with("data/");
        return (!is_outside || path.contains("..")).then_some(expected);
    }
    env_name(text).is_none().then_some(expected)
}

/// The variable of `env:NAME`.
fn env_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix("env:")?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some(name)
}

fn is_plain_file(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use crate::parse_pipeline;

    const FILE: &str = "pipelines/payments/pipeline.toml";
    const GOOD: &str = r#"name = "payments"

[[file]]
pattern = "utbetalningar_{period}.csv"
format = "csv"
encoding = "utf-8"
delimiter = ","
decimal = "."

[[file.table]]
contract = "payments__rows"

[[query]]
connection = "env:PAYMENTS_ODBC"
sql = "utbetalningar.sql"
file = "utbetalningar_{period}.csv"
parameters = ["first_day", "last_day"]

[[sftp]]
host = "sftp.region.example"
user = "tertial"
key_file = "/etc/tertial/id_ed25519"
known_hosts = "pipelines/payments/known_hosts"
folder = "/export"
pattern = "utbetalningar_*.csv"
"#;

    fn all(toml: &str) -> String {
        let faults = parse_pipeline(FILE, toml).unwrap_err();
        faults.iter().map(|fault| format!("{fault}\n")).collect()
    }

    #[test]
    fn sound_entries_and_their_defaults() {
        let pipeline = parse_pipeline(FILE, GOOD).unwrap();
        let (query, transfer) = (&pipeline.queries[0], &pipeline.transfers[0]);
        assert_eq!((query.max_rows, query.batch_rows, query.max_text), (20_000_000, 2_000, 65_536));
        assert_eq!((transfer.port, transfer.max_files), (22, 1000));
        assert_eq!(transfer.url(), "sftp://tertial@sftp.region.example:22/export");
        let drop = &pipeline.drop_folder;
        assert_eq!((drop.quiet_seconds, drop.archive_max_members), (30, 1000));
        let file = GOOD.replace("env:PAYMENTS_ODBC", "file:/etc/tertial/payments.odbc");
        assert!(parse_pipeline(FILE, &file).is_ok());
        let file = GOOD.replace("env:PAYMENTS_ODBC", "file:data/secret/payments.odbc");
        assert!(parse_pipeline(FILE, &file).is_ok());
    }

    #[test]
    fn a_connection_string_in_the_project_is_not_repeated() {
        for wrong in ["DSN=lon;PWD=hemligt", "file:pipelines/lon/odbc", "file:data/../odbc", "env:"]
        {
            let told = all(&GOOD.replace("env:PAYMENTS_ODBC", wrong));
            assert!(!told.contains("hemligt") && !told.contains("DSN"), "{told}");
        }
        insta::assert_snapshot!(all(&GOOD.replace("env:PAYMENTS_ODBC", "DSN=lon;PWD=hemligt")), @"
        error[T0503]: the connection does not say where it is kept in `[[query]]` 1
           --> pipelines/payments/pipeline.toml
            = expected: `env:NAME` or `file:PATH`, with an absolute path or one below `data/`

        hint: a connection string holds a password; keep it in the environment of the account the night runs as
        ");
    }

    #[test]
    fn every_fault_in_one_run() {
        let wrong = GOOD
            .replace("encoding = \"utf-8\"\n", "")
            .replace("delimiter = \",\"", "delimiter = \";\"")
            .replace("decimal = \".\"", "decimal = \",\"")
            .replace("\"utbetalningar.sql\"", "\"../fråga.sql\"\nmax_rows = 0")
            .replace("sftp.region.example", "sftp://host")
            .replace("user = \"tertial\"", "user = \"tertial:hemligt\"\npassphrase = \"hemligt\"")
            .replace("folder = \"/export\"", "folder = \"\"")
            .replace("utbetalningar_*.csv", "{month}.csv")
            + "\n[drop]\narchive_max_bytes = 0\n";
        assert!(!all(&wrong).contains("hemligt"));
        insta::assert_snapshot!(all(&wrong), @r#"
        error[T0503]: the account has a password in `[[sftp]]` 1
           --> pipelines/payments/pipeline.toml
            = expected: the name of an account alone

        hint: there is no log-in with a password; let a key in

        error[T0503]: the passphrase does not say where it is kept in `[[sftp]]` 1
           --> pipelines/payments/pipeline.toml
            = expected: `env:NAME`

        hint: keep the passphrase in the environment of the account the night runs as

        error[T0503]: the query cannot be found
           --> pipelines/payments/pipeline.toml:14:7
            |
         14 | sql = "../fråga.sql"
            |       ^^^^^^^^^^^^^^
            = found:    `../fråga.sql`
            = expected: a file of the pipeline's own folder, e.g. `utbetalningar.sql`

        error[T0503]: the limit lets nothing through
           --> pipelines/payments/pipeline.toml:15:12
            |
         15 | max_rows = 0
            |            ^
            = found:    `0`
            = expected: a number above zero

        error[T0503]: the answer is not written in the dress that is read
           --> pipelines/payments/pipeline.toml:16:8
            |
         16 | file = "utbetalningar_{period}.csv"
            |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    delimiter: `;`
            = expected: `delimiter = ","`

        error[T0503]: the answer is not written in the dress that is read
           --> pipelines/payments/pipeline.toml:16:8
            |
         16 | file = "utbetalningar_{period}.csv"
            |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    decimal: `,`
            = expected: `decimal = "."`

        error[T0503]: the answer is not written in the dress that is read
           --> pipelines/payments/pipeline.toml:16:8
            |
         16 | file = "utbetalningar_{period}.csv"
            |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    encoding: nothing
            = expected: `encoding = "utf-8"`

        error[T0503]: the machine has no usable name
           --> pipelines/payments/pipeline.toml:20:8
            |
         20 | host = "sftp://host"
            |        ^^^^^^^^^^^^^
            = found:    `sftp://host`
            = expected: the name of a machine, e.g. `sftp.region.example`

        error[T0503]: the folder cannot be used
           --> pipelines/payments/pipeline.toml:25:10
            |
         25 | folder = ""
            |          ^^
            = found:    ``
            = expected: a folder there, e.g. `/export/hr`; `.` for the one after log-in

        error[T0503]: the pattern cannot be used
           --> pipelines/payments/pipeline.toml:26:11
            |
         26 | pattern = "{month}.csv"
            |           ^^^^^^^^^^^^^
            = found:    `{month}.csv`, with an unknown placeholder
            = expected: a file name with `{period}`, `{scope}` and `*`

        error[T0503]: the limit lets nothing through
           --> pipelines/payments/pipeline.toml:29:21
            |
         29 | archive_max_bytes = 0
            |                     ^
            = found:    `0`
            = expected: a number above zero
        "#);
        let twice = GOOD.replace("[[sftp]]", "[[query]]\nconnection = \"env:A\"\nsql = \"a.sql\"\nfile = \"utbetalningar_{period}.csv\"\n\n[[sftp]]");
        insta::assert_snapshot!(all(&twice), @r#"
        error[T0503]: two answers have the same name
           --> pipelines/payments/pipeline.toml:22:8
            |
         22 | file = "utbetalningar_{period}.csv"
            |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    `utbetalningar_{period}.csv`
            = expected: a name of its own for each answer
        "#);
        let workbook = GOOD
            .replace("format = \"csv\"", "format = \"json\"")
            .replace("delimiter = \",\"\n", "")
            .replace("\n[[file.table]]\ncontract = \"payments__rows\"\n", "");
        insta::assert_snapshot!(all(&workbook), @r#"
        error[T0503]: the answer is not written in the dress that is read
           --> pipelines/payments/pipeline.toml:12:8
            |
         12 | file = "utbetalningar_{period}.csv"
            |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    `format = "json"`
            = expected: `format = "csv"`

        error[T0503]: the answer is not written in the dress that is read
           --> pipelines/payments/pipeline.toml:12:8
            |
         12 | file = "utbetalningar_{period}.csv"
            |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    delimiter: nothing
            = expected: `delimiter = ","`

        error[T0503]: the answer is not written in the dress that is read
           --> pipelines/payments/pipeline.toml:12:8
            |
         12 | file = "utbetalningar_{period}.csv"
            |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    0 tables
            = expected: one `[[file.table]]` with the contract that the answer must keep
        "#);
    }

    #[test]
    fn queries() {
        let pipeline = parse_pipeline(FILE, GOOD).unwrap();
        let faults = |sql: Option<&str>| -> String {
            let found = super::query_faults(FILE, GOOD, 0, &pipeline.queries[0], sql);
            found.iter().map(|fault| format!("{fault}\n")).collect()
        };
        let sound = "-- ? order by\nselect a, ';?' from b where d between ? and ? order by a;\n";
        assert_eq!(faults(Some(sound)), "");
        assert_eq!(
            faults(Some("with x as (select 1) select * from x where a > ? and b < ?\nORDER  BY a")),
            ""
        );
        insta::assert_snapshot!(faults(None), @r#"
        error[T0503]: the query cannot be found
           --> pipelines/payments/pipeline.toml:15:7
            |
         15 | sql = "utbetalningar.sql"
            |       ^^^^^^^^^^^^^^^^^^^
            = found:    `utbetalningar.sql`
            = expected: a file with the query beside `pipeline.toml`
        "#);
        insta::assert_snapshot!(faults(Some("select a from b where d > ? -- order by a\n")), @r#"
        error[T0503]: the query's answer has no order
           --> pipelines/payments/pipeline.toml:15:7
            |
         15 | sql = "utbetalningar.sql"
            |       ^^^^^^^^^^^^^^^^^^^
            = found:    `utbetalningar.sql` leaves the order of its rows open
            = expected: `order by` over columns that are unique together, so that the same rows are the same file

        error[T0503]: question marks and parameters do not agree
           --> pipelines/payments/pipeline.toml:17:14
            |
         17 | parameters = ["first_day", "last_day"]
            |              ^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    1 in `utbetalningar.sql`, 2 here
            = expected: a parameter for each `?` of the query, in order
        "#);
        insta::assert_snapshot!(faults(Some("delete from b where d between ? and ?")), @r#"
        error[T0503]: the query is no question
           --> pipelines/payments/pipeline.toml:15:7
            |
         15 | sql = "utbetalningar.sql"
            |       ^^^^^^^^^^^^^^^^^^^
            = found:    `utbetalningar.sql` begins with `delete`
            = expected: one `select`, which changes nothing
        "#);
        insta::assert_snapshot!(faults(Some("select ?, ? order by 1; drop table b")), @r#"
        error[T0503]: the query is no question
           --> pipelines/payments/pipeline.toml:15:7
            |
         15 | sql = "utbetalningar.sql"
            |       ^^^^^^^^^^^^^^^^^^^
            = found:    `utbetalningar.sql` holds several statements
            = expected: one `select`, which changes nothing
        "#);
        insta::assert_snapshot!(faults(Some(" ")), @r#"
        error[T0503]: the query is no question
           --> pipelines/payments/pipeline.toml:15:7
            |
         15 | sql = "utbetalningar.sql"
            |       ^^^^^^^^^^^^^^^^^^^
            = found:    `utbetalningar.sql` is empty
            = expected: one `select`, which changes nothing

        error[T0503]: question marks and parameters do not agree
           --> pipelines/payments/pipeline.toml:17:14
            |
         17 | parameters = ["first_day", "last_day"]
            |              ^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    0 in `utbetalningar.sql`, 2 here
            = expected: a parameter for each `?` of the query, in order
        "#);
    }
}
