//! A first look at an unknown table: what its columns seem to hold, and a draft of its contract.
//!
//! Reading the file is left to others: a table comes as headings and texts, from any reader, or as
//! CSV through [`columns_of_csv`]. [`profile`] looks at it with Polars and proposes a type, a key and
//! what is missing; [`draft`] writes the three files a pipeline begins with. Both propose, a person
//! decides: what a column means, and in which unit, no program can see.

mod civic;
mod csv;
mod draft;
mod identifier;
mod key;
mod kind;

pub use csv::columns_of_csv;
pub use draft::{Draft, SourceFacts, draft, pattern_of};
pub use identifier::identifier;
pub use kind::Kind;

use kind::Reading;
use polars::prelude::*;
use serde::Serialize;
use tertial_model::{Code, Diagnostic, Location};

/// A heading and the cells below it; no cell is `None`.
pub type TextColumn = (String, Vec<Option<String>>);

/// The most different values of a list of codes, and the longest of them.
const CODE_LIST: (usize, u32) = (12, 30);
/// Examples shown per column.
const EXAMPLES: usize = 3;

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
}

/// What a column seems to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// The heading as it stands in the source.
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
    /// Every value, in order, when they are few and come again and again.
    pub values: Vec<String>,
    /// Whether every row has a value of its own.
    pub is_unique: bool,
    /// Smallest value in machine form; for texts the first in byte order.
    pub minimum: Option<String>,
    /// Largest value.
    pub maximum: Option<String>,
    /// The first values as they stand in the source, masked where they seem to name a person.
    pub examples: Vec<String>,
    /// Whether the values seem to concern a person.
    pub is_personal: bool,
    /// What a person should know before the draft is used.
    pub notes: Vec<String>,
}

/// Looks at a table. `file` is for messages.
pub fn profile(file: &str, columns: &[TextColumn]) -> Result<Profile, Box<Diagnostic>> {
    let rows = columns.first().map_or(0, |(_, cells)| cells.len());
    if rows == 0 {
        let fault = Diagnostic::error(Code::T0108, "the file holds no rows", Location::file(file))
            .with_found(format!("{} columns, no row below the headings", columns.len()))
            .with_hint("export at least one full period and look at that");
        return Err(Box::new(fault));
    }
    look(file, rows, columns).map_err(|error| unreadable(file, &error))
}

fn look(file: &str, rows: usize, columns: &[TextColumn]) -> PolarsResult<Profile> {
    let mut names = identifier::Names::default();
    let mut profiles = Vec::with_capacity(columns.len());
    let mut texts = Vec::with_capacity(columns.len());
    for (index, (heading, cells)) in columns.iter().enumerate() {
        let name = names.draft(heading, index);
        let column = trimmed(&name, cells);
        let reading = kind::read(heading, &column)?;
        profiles.push(column_profile(heading, &name, rows, &column, reading)?);
        texts.push(column.into_column());
    }
    let frame = DataFrame::new(rows, texts)?;
    let key = key::candidate(&frame, &profiles)?;
    let mut marks: Vec<char> = profiles.iter().filter_map(|column| column.kind.mark()).collect();
    marks.sort_unstable();
    marks.dedup();
    let decimal = if let [mark] = marks[..] { Some(mark) } else { None };
    Ok(Profile { file: file.to_owned(), rows, columns: profiles, key, decimal })
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
    let bound = |value: PolarsResult<Scalar>| {
        let text = kind.show(value?.value());
        PolarsResult::Ok(Some(civic::masked_if_civic(&text)))
    };
    let (minimum, maximum) = if ordered {
        (bound(present.min_reduce())?, bound(present.max_reduce())?)
    } else {
        (None, None)
    };
    let shown: Vec<String> = first_texts(texts, &missing_texts)?;
    let civic_found = kind == Kind::Text && texts.iter().flatten().any(civic::holds_civic);
    if civic_found {
        notes.push("some values hold what looks like a civic number".to_owned());
    }
    let mask = |text: &String| match is_person {
        true => civic::masked(text),
        false => civic::masked_if_civic(text),
    };
    let longest = texts.str_len_chars().max().unwrap_or(0);
    let few = distinct <= CODE_LIST.0 && longest <= CODE_LIST.1 && rows >= distinct * 5;
    let few = few && kind == Kind::Text && !is_person && !civic_found;
    Ok(ColumnProfile {
        heading: heading.to_owned(),
        name: name.to_owned(),
        kind,
        missing,
        missing_share: missing as f64 / rows as f64,
        values: if few { listed(&present)? } else { Vec::new() },
        is_unique: missing == 0 && distinct == rows && rows > 1,
        missing_texts,
        distinct,
        minimum,
        maximum,
        examples: shown.iter().map(mask).collect(),
        is_personal: is_person || civic_found,
        notes,
    })
}

/// The first different texts of a column as they stand in the source.
fn first_texts(texts: &StringChunked, missing: &[String]) -> PolarsResult<Vec<String>> {
    let mut found: Vec<String> = Vec::with_capacity(EXAMPLES);
    for text in texts.iter().flatten() {
        let known = found.iter().any(|one| one == text) || missing.iter().any(|one| one == text);
        if !known {
            found.push(text.to_owned());
        }
        if found.len() == EXAMPLES {
            break;
        }
    }
    Ok(found)
}

/// Every different text in order.
fn listed(present: &Series) -> PolarsResult<Vec<String>> {
    let unique = present.unique()?.sort(SortOptions::default())?;
    Ok(unique.str()?.iter().flatten().map(str::to_owned).collect())
}

fn unreadable(file: &str, error: &PolarsError) -> Box<Diagnostic> {
    let fault = Diagnostic::error(Code::T0103, "the table cannot be read", Location::file(file))
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
        let bounds = match (&column.minimum, &column.maximum) {
            (Some(low), Some(high)) => format!("{low}–{high}"),
            _ => "-".to_owned(),
        };
        format!(
            "{}: {:?}, {} missing, {} distinct, {bounds}, e.g. {}",
            column.name,
            column.kind,
            column.missing,
            column.distinct,
            column.examples.join(" | ")
        )
    }

    #[test]
    fn a_table_is_seen_for_what_it_is() {
        let profile = table();
        let lines: Vec<String> = profile.columns.iter().map(line).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        manad: Month, 0 missing, 2 distinct, 2024-07–2024-08, e.g. 2024-07 | 2024-08
        anst_id: Text, 0 missing, 3 distinct, A1–A3, e.g. A1 | A2 | A3
        personnr: CivicNumber, 0 missing, 2 distinct, -, e.g. <masked, 13 characters> | <masked, 13 characters>
        kon: Text, 0 missing, 2 distinct, K–M, e.g. K | M
        avdelning: Text, 0 missing, 2 distinct, 0612–605, e.g. 605 | 0612
        sjuktimmar: Decimal { precision: 18, scale: 2, mark: ',' }, 1 missing, 4 distinct, 0.00–160.00, e.g. 12,50 | 0 | 7,25
        belopp_kr: Integer, 1 missing, 4 distinct, -75–12000, e.g. 1 200 | 950 | −75
        chef: Boolean, 0 missing, 2 distinct, -, e.g. J | N
        startdatum: Date, 0 missing, 3 distinct, 2019-12-31–2021-06-15, e.g. 2020-01-01 | 2021-06-15 | 2019-12-31
        anteckning: Text, 3 missing, 2 distinct, ny–<masked, 16 characters>, e.g. <masked, 16 characters> | ny
        ");
        assert_eq!(profile.key, ["manad", "anst_id"]);
        assert_eq!(profile.decimal, Some(','));
        assert_eq!(profile.columns[6].missing_texts, ["-"]);
        assert!((profile.columns[9].missing_share - 0.6).abs() < 1e-12);
        assert!(profile.columns[9].is_personal);
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
        assert_eq!(profile("a.csv", &columns).unwrap_err().code, Code::T0103);
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
