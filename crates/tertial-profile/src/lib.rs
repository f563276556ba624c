//! A first look at an unknown table: what its columns seem to hold, and a draft of its contract.
//!
//! Reading the file is left to others: a table comes as headings and texts, from any reader, or as
//! CSV through [`columns_of_csv`]. [`profile`] looks at it with Polars and proposes a type, a key and
//! what is missing; [`drafts`] writes the three files a pipeline begins with. Both propose, a person
//! decides: what a column means, and in which unit, no program can see.
//!
//! Nothing of what the cells say is told, for nobody knows yet whether it is about a person: only
//! shapes (`9999-99`), counts, and which months there are.

mod civic;
mod csv;
mod draft;
mod identifier;
mod key;
mod kind;
mod shape;

pub use csv::columns_of_csv;
pub use draft::{SourceFacts, drafts, pattern_of};
pub use identifier::identifier;
pub use kind::Kind;

use kind::Reading;
use polars::prelude::*;
use serde::Serialize;
use tertial_model::formula::is_sheet_error;
use tertial_model::{Code, Diagnostic, Location};

/// A heading and the cells below it; no cell is `None`.
pub type TextColumn = (String, Vec<Option<String>>);

/// The most different values of a list of codes, and the longest of them.
const CODE_LIST: (usize, u32) = (12, 30);

/// What a table seems to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// The file, for messages.
    pub file: String,
    /// How many rows.
    pub rows: usize,
    /// The columns in order.
    pub columns: Vec<ColumnProfile>,
    /// Names of the fewest columns that together tell every row apart; empty when none were found.
    pub key: Vec<String>,
    /// The decimal mark, when the columns with decimals agree on one.
    pub decimal: Option<char>,
    /// What a person should know of the table as a whole.
    pub notes: Vec<String>,
}

/// What a column seems to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// The heading as it stands in the source; its shape alone where it seems to be a value.
    pub heading: String,
    /// An identifier drafted from the heading.
    pub name: String,
    /// The type proposed.
    pub kind: Kind,
    /// Rows without a value.
    pub missing: usize,
    /// The same as a share, 0–1.
    pub missing_share: f64,
    /// Texts that seem to mean "no value".
    pub missing_texts: Vec<String>,
    /// How many different values.
    pub distinct: usize,
    /// Whether the values are few and come again and again, as those of a code list do.
    pub is_code_list: bool,
    /// Whether every row has a value of its own.
    pub is_unique: bool,
    /// The most frequent shapes of the values: `Aaa 9999-99`.
    pub shapes: Vec<String>,
    /// First and last month; other values are not told.
    pub months: Option<(String, String)>,
    /// Smallest and largest number, to see whether they can be years.
    #[serde(skip)]
    pub(crate) numbers: Option<(String, String)>,
    /// Whether the values seem to concern a person.
    pub is_personal: bool,
    /// What a person should know before the draft is used.
    pub notes: Vec<String>,
}

/// Looks at a table. `file` is for messages.
pub fn profile(file: &str, columns: &[TextColumn]) -> Result<Profile, Box<Diagnostic>> {
    let rows = columns.first().map_or(0, |(_, cells)| cells.len());
    if rows == 0 {
        let fault = Diagnostic::error(
            Code::FileWithoutRows,
            "the file holds no rows",
            Location::file(file),
        )
        .with_found(format!("{} columns, no row below the headings", columns.len()))
        .with_hint("export at least one full period and look at that");
        return Err(Box::new(fault));
    }
    look(file, rows, columns).map_err(|error| unreadable(file, &error))
}

fn look(file: &str, rows: usize, columns: &[TextColumn]) -> PolarsResult<Profile> {
    let mut names = identifier::Names::default();
    let mut notes = Vec::new();
    let is_headless = headless(columns);
    if is_headless {
        notes.push(
            "the first line looks like values, not headings: is the line of the headings missing?"
                .to_owned(),
        );
    }
    let mut profiles = Vec::with_capacity(columns.len());
    let mut texts = Vec::with_capacity(columns.len());
    for (index, (heading, cells)) in columns.iter().enumerate() {
        let hidden = civic::holds_civic(heading) || is_headless && is_value(heading);
        let name = names.draft(if hidden { "" } else { heading }, index);
        if shape::encoded_twice(heading) {
            notes.push("headings seem to have been encoded twice (`Ã¥` for `å`)".to_owned());
        }
        let column = trimmed(&name, cells);
        let reading = kind::read(heading, &column)?;
        let shown = if hidden { shape::shape(heading) } else { heading.clone() };
        profiles.push(column_profile(&shown, &name, rows, &column, reading)?);
        texts.push(column.into_column());
    }
    let frame = DataFrame::new(rows, texts)?;
    let key = key::candidate(&frame, &profiles)?;
    let mut marks: Vec<char> = profiles.iter().filter_map(|column| column.kind.mark()).collect();
    marks.sort_unstable();
    marks.dedup();
    let decimal = if let [mark] = marks[..] { Some(mark) } else { None };
    notes.dedup();
    Ok(Profile { file: file.to_owned(), rows, columns: profiles, key, decimal, notes })
}

/// Whether the headings are values: half of them or more are numbers, days or civic numbers.
fn headless(columns: &[TextColumn]) -> bool {
    let named = columns.iter().filter(|(heading, _)| !heading.trim().is_empty()).count();
    let values = columns.iter().filter(|(heading, _)| is_value(heading)).count();
    let civic = columns.iter().any(|(heading, _)| civic::holds_civic(heading));
    civic || named > 1 && values * 2 >= named
}

/// A number, a day, a civic number. A year may head a column.
fn is_value(heading: &str) -> bool {
    let text = heading.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let marks = |c: char| c.is_ascii_digit() || " ,.-\u{2212}\u{a0}/:".contains(c);
    let year = text.len() == 4 && digits == 4;
    civic::holds_civic(text) || digits > 0 && !year && text.chars().all(marks)
}

/// The cells without blanks around them; an empty cell is no value.
fn trimmed(name: &str, cells: &[Option<String>]) -> StringChunked {
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let cells = cells.iter().map(|cell| {
        let text = cell.as_deref()?.trim_matches(blank);
        (!text.is_empty()).then_some(text)
    });
    cells.collect::<StringChunked>().with_name(name.into())
}

fn column_profile(
    heading: &str,
    name: &str,
    rows: usize,
    texts: &StringChunked,
    reading: Reading,
) -> PolarsResult<ColumnProfile> {
    let Reading { kind, values, missing_texts, mut notes } = reading;
    let missing = values.null_count();
    let present = values.drop_nulls();
    let distinct = if present.is_empty() { 0 } else { present.n_unique()? };
    let is_person = kind == Kind::CivicNumber || civic::names_a_person(heading);
    let ordered = !is_person && kind != Kind::Boolean && !present.is_empty();
    let bounds = match ordered {
        true => Some((
            kind.show(present.min_reduce()?.value()),
            kind.show(present.max_reduce()?.value()),
        )),
        false => None,
    };
    let telling = texts.apply(|text| {
        text.filter(|text| !missing_texts.iter().any(|missing| missing == text)).map(Into::into)
    });
    let civic_found = kind == Kind::Text && texts.iter().flatten().any(civic::holds_civic);
    if civic_found {
        notes.push("some values hold what looks like a civic number".to_owned());
    }
    if texts.iter().flatten().any(shape::encoded_twice) {
        notes.push("some texts seem to have been encoded twice (`Ã¥` for `å`): ask the source to export again".to_owned());
    }
    if texts.iter().flatten().any(|text| text.contains('\u{fffd}')) {
        notes.push("some letters are lost (U+FFFD): ask the source to export again".to_owned());
    }
    let failed = texts.iter().flatten().filter(|text| is_sheet_error(text)).count();
    if failed > 0 {
        notes.push(format!(
            "{failed} cells hold an error or a formula without a result: no value, and rows with them will be set aside"
        ));
    }
    let longest = texts.str_len_chars().max().unwrap_or(0);
    let few = distinct <= CODE_LIST.0 && longest <= CODE_LIST.1 && rows >= distinct * 5;
    let few = few && kind == Kind::Text && !is_person && !civic_found;
    Ok(ColumnProfile {
        heading: heading.to_owned(),
        name: name.to_owned(),
        kind,
        missing,
        missing_share: missing as f64 / rows as f64,
        is_code_list: few,
        is_unique: missing == 0 && distinct == rows && rows > 1,
        missing_texts,
        distinct,
        shapes: shape::shapes(&telling),
        months: bounds.clone().filter(|_| kind == Kind::Month),
        numbers: bounds.filter(|_| matches!(kind, Kind::Integer)),
        is_personal: is_person || civic_found,
        notes,
    })
}

fn unreadable(file: &str, error: &PolarsError) -> Box<Diagnostic> {
    let fault =
        Diagnostic::error(Code::DamagedFile, "the table cannot be read", Location::file(file))
            .with_found(error.to_string())
            .with_hint("see that every row has as many cells as there are headings");
    Box::new(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TABLE: &str = "\
Månad;Anst-ID;Personnr;Kön;Avdelning;Sjuktimmar;Belopp (kr);Chef;Startdatum;Anteckning
2024-07;A1;19121212-1212;K;605;12,50;1 200;J;2020-01-01;
2024-07;A2;20121212-1212;M;0612;0;-;N;2021-06-15;ring 121212-1212
2024-08;A1;19121212-1212;K;605;7,25;950;J;2020-01-01;
2024-08;A2;20121212-1212;M;0612;;−75;N;2021-06-15;
2024-08;A3;19121212-1212;K;605;160;12 000;N;2019-12-31;ny
";

    fn table() -> Profile {
        let columns = columns_of_csv("a.csv", TABLE, ';').unwrap();
        profile("a.csv", &columns).unwrap()
    }

    fn line(column: &ColumnProfile) -> String {
        let months = match &column.months {
            Some((first, last)) => format!(", {first}–{last}"),
            None => String::new(),
        };
        format!(
            "{}: {:?}, {} missing, {} distinct{months}, {}",
            column.name,
            column.kind,
            column.missing,
            column.distinct,
            column.shapes.join(" | ")
        )
    }

    #[test]
    fn a_table_is_seen_for_what_it_is() {
        let profile = table();
        let lines: Vec<String> = profile.columns.iter().map(line).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        manad: Month, 0 missing, 2 distinct, 2024-07–2024-08, 9999-99
        anst_id: Text, 0 missing, 3 distinct, A9
        personnr: CivicNumber, 0 missing, 2 distinct, 99999999-9999
        kon: Text, 0 missing, 2 distinct, A
        avdelning: Text, 0 missing, 2 distinct, 999 | 9999
        sjuktimmar: Decimal { precision: 18, scale: 2, mark: ',' }, 1 missing, 4 distinct, 99,99 | 9 | 9,99 | 1 more
        belopp_kr: Integer, 1 missing, 4 distinct, 9 999 | 999 | −99 | 1 more
        chef: Boolean, 0 missing, 2 distinct, A
        startdatum: Date, 0 missing, 3 distinct, 9999-99-99
        anteckning: Text, 3 missing, 2 distinct, aaaa 999999-9999 | aa
        ");
        assert_eq!(profile.key, ["manad", "anst_id"]);
        assert_eq!(profile.decimal, Some(','));
        assert_eq!(profile.columns[6].missing_texts, ["-"]);
        assert!((profile.columns[9].missing_share - 0.6).abs() < 1e-12);
        assert!(profile.columns[9].is_personal);
    }

    #[test]
    fn a_line_of_values_is_no_line_of_headings_and_is_not_shown() {
        let table = "2024-07;19121212-1212;160,5;Nils\n2024-07;20121212-1212;12,5;Eva\n";
        let profile = profile("a.csv", &columns_of_csv("a.csv", table, ';').unwrap()).unwrap();
        assert_eq!(profile.notes.len(), 1);
        let headings: Vec<&str> = profile.columns.iter().map(|c| c.heading.as_str()).collect();
        assert_eq!(headings[..3], ["9999-99", "99999999-9999", "999,9"]);
        assert_eq!(profile.columns[1].name, "column_2");
        let years = "Enhet;2023;2024\nA;1;2\n";
        let profile =
            super::profile("a.csv", &columns_of_csv("a.csv", years, ';').unwrap()).unwrap();
        assert!(profile.notes.is_empty(), "{:?}", profile.notes);
    }

    #[test]
    fn what_is_wrong_with_the_texts_is_noted() {
        let table = "Ort;Belopp;Text\nÃ–stersund;1;#NO RESULT\nÃ…re;2;x\n";
        let profile = profile("a.csv", &columns_of_csv("a.csv", table, ';').unwrap()).unwrap();
        assert!(profile.columns[0].notes[0].contains("encoded twice"));
        assert!(profile.columns[1].notes.is_empty());
        assert!(profile.columns[2].notes[0].starts_with("1 cells hold an error"));
    }

    #[test]
    fn a_table_without_rows_is_told() {
        let fault = profile("tom.csv", &[("a".to_owned(), Vec::new())]).unwrap_err();
        insta::assert_snapshot!(fault, @"
        error[T0108]: the file holds no rows
           --> tom.csv
            = found:    1 columns, no row below the headings

        hint: export at least one full period and look at that
        ");
    }

    #[test]
    fn columns_of_unequal_length_are_told() {
        let cell = || Some("1".to_owned());
        let columns = [("a".to_owned(), vec![cell()]), ("b".to_owned(), vec![cell(), cell()])];
        assert_eq!(profile("a.csv", &columns).unwrap_err().code, Code::DamagedFile);
    }

    #[test]
    fn columns_with_different_marks_agree_on_none() {
        let table = "a;b\n1,5;1.5\n2,5;2.5\n";
        let profile = profile("a.csv", &columns_of_csv("a.csv", table, ';').unwrap()).unwrap();
        assert_eq!(profile.decimal, None);
        assert_eq!(profile.columns[0].kind.mark(), Some(','));
        assert_eq!(profile.columns[1].kind.mark(), Some('.'));
    }

    proptest! {
        #[test]
        fn arbitrary_cells_never_panic(
            rows in proptest::collection::vec((any::<Option<String>>(), "[-0-9,. −]{0,8}"), 1..20)
        ) {
            let first = rows.iter().map(|row| row.0.clone()).collect();
            let second = rows.iter().map(|row| Some(row.1.clone())).collect();
            let columns = [("a".to_owned(), first), ("b".to_owned(), second)];
            let profile = profile("a.csv", &columns).unwrap();
            let blank = |cell: &&str| cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty();
            let empty = rows.iter().map(|row| row.1.as_str()).filter(blank).count();
            prop_assert!(profile.columns[1].missing >= empty);
            prop_assert!(profile.columns.iter().all(|column| column.distinct + column.missing <= rows.len()));
        }
    }
}
