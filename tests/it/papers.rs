//! What the printed documents say: each audit of it on rows written by hand, every quotation and
//! figure of the seeds in the documents themselves, no line of theirs lost, and what the audits find
//! in the four of them.
//!
//! `tests/audits/<audit>.toml` holds the rows: at least one case that is sound and one that is not.
//! The documents lie beside the repository; without them the tests that read them say so.

use crate::support::{demo, demo_copy, on, repository};
use crate::workbench::{Facts, Given, stems};
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// Rows given and how many offenders there are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What it shows.
    name: String,
    /// How many rows the audit returns.
    finds: usize,
    /// Rows of the tables below.
    given: Given,
}

/// Columns that say where an offender stands: a line of a document, or a row of a delivery.
const PLACES: [&str; 6] =
    ["source_line", "first_line", "source", "origin", "_row", "outcome_source"];

#[test]
fn every_audit_of_printed_tables_has_cases() {
    let cases = stems("tests/audits", "toml");
    let known: BTreeSet<String> = stems("sql/audits", "sql");
    let orphans: Vec<&String> = cases.difference(&known).collect();
    assert!(orphans.is_empty(), "cases of no audit: {orphans:?}");
    let printed = ["core.printed_", "core.measure_goals", "core.meeting_items", "seed.comparison"];
    let without: Vec<&str> = Facts::get()
        .graph
        .audits
        .iter()
        .filter(|audit| audit.reads.iter().any(|read| printed.iter().any(|p| read.starts_with(p))))
        .map(|audit| audit.name.trim_start_matches("audits."))
        .filter(|name| !name.contains("keys_are_unique") && !name.contains("rows_are_conserved"))
        .filter(|name| !cases.contains(*name))
        .collect();
    assert!(without.is_empty(), "no tests/audits/<audit>.toml for {without:?}");
}

#[test]
fn audits_are_silent_on_sound_rows_and_find_the_fault() {
    let faults: Vec<String> =
        stems("tests/audits", "toml").par_iter().flat_map(|audit| run(audit)).collect();
    assert!(faults.is_empty(), "{} cases differ\n\n{}", faults.len(), faults.join("\n\n"));
}

fn run(audit: &str) -> Vec<String> {
    let path = repository().join(format!("tests/audits/{audit}.toml"));
    let text = std::fs::read_to_string(&path).expect("cases");
    let file: File =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(file.case.iter().any(|case| case.finds == 0), "{audit} has no sound case");
    assert!(file.case.iter().any(|case| case.finds > 0), "{audit} has no fault");
    let mut faults = Vec::new();
    for case in &file.case {
        let answer = Facts::get().answer(&format!("audits.{audit}"), &case.given);
        if answer.rows.len() != case.finds {
            faults.push(format!(
                "{audit}, {}: {} found for {}\n  {:?}",
                case.name,
                answer.rows.len(),
                case.finds,
                answer.rows
            ));
        }
        for at in 0..answer.rows.len() {
            let placed = PLACES.iter().any(|place| {
                answer.position(place).is_some() && answer.get(at, place).text().is_some()
            });
            if !placed {
                faults.push(format!("{audit}, {}: an offender has no place", case.name));
            }
        }
    }
    faults
}

/// The documents' lines, by the code and by every name that the seeds call them.
struct Documents {
    lines: BTreeMap<&'static str, Vec<String>>,
}

/// File, code, and the names in the seeds.
const DOCUMENTS: [(&str, &str, &[&str]); 4] = [
    ("000_44ed9c89c24516f9.txt", "plan_2025", &["Plan med budget 2025"]),
    (
        "001_b8d71badfe9e0f4e.txt",
        "revidering_2025_02_11",
        &["Regionstyrelsens rapport 250211", "Regionstyrelsens rapport 2025-02-11"],
    ),
    ("002_b98e996134ffb76b.txt", "plan_2022", &["Verksamhetsplan 2022"]),
    ("004_61455444c630c138.txt", "delar_2024_08", &["Delårsrapport augusti 2024"]),
];

impl Documents {
    fn read() -> Option<Documents> {
        let folder = repository().parent()?.join("shared/seeds");
        if !folder.is_dir() {
            println!("the documents are not there: nothing was tested");
            return None;
        }
        let mut lines = BTreeMap::new();
        for (file, code, _) in DOCUMENTS {
            let text = std::fs::read_to_string(folder.join(file)).expect("a document");
            lines.insert(code, text.split('\n').map(str::to_owned).collect());
        }
        Some(Documents { lines })
    }

    /// The code of a document that a seed calls by code or by name.
    fn code(named: &str) -> Option<&'static str> {
        DOCUMENTS
            .iter()
            .find(|(_, code, names)| *code == named || names.contains(&named))
            .map(|(_, code, _)| *code)
    }

    /// The text of the named lines (`12`, `430–434; 443`), with some lines around.
    fn at(&self, code: &str, lines: &str, around: usize) -> String {
        let all = &self.lines[code];
        let mut wanted = BTreeSet::new();
        for (first, last) in ranges(lines) {
            wanted.extend(first.saturating_sub(around)..=last + around);
        }
        let found = wanted.iter().filter_map(|line| all.get(line.checked_sub(1)?));
        found.map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

/// Line numbers and spans of them, as the seeds write them.
fn ranges(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for part in text.split([';', ',', '+']) {
        let mut numbers = part
            .split(['–', '-'])
            .filter_map(|number| number.trim().trim_start_matches("rad ").parse::<usize>().ok());
        if let Some(first) = numbers.next() {
            found.push((first, numbers.next().unwrap_or(first)));
        }
    }
    found
}

/// Letters and digits alone: columns, line breaks and hyphens of the print do not count.
fn bare(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .filter(|letter| letter.is_alphanumeric() || *letter == '%')
        .collect()
}

/// Without spaces, with one kind of minus: `-1 913,3` and `−1 913,3` are `-1913,3`.
fn number(text: &str) -> String {
    text.replace('−', "-").chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// In how many pieces a text stands in another, `None` when some of it does not: a cell that the
/// print breaks over two pages stands in two.
fn pieces(text: &str, whole: &str) -> Option<usize> {
    let letters: Vec<char> = text.chars().collect();
    let (mut at, mut count) = (0, 0);
    while at < letters.len() {
        let longest = (at + 1..=letters.len())
            .rev()
            .find(|&end| whole.contains(&letters[at..end].iter().collect::<String>()))?;
        if longest - at < 4 && longest < letters.len() {
            return None;
        }
        (at, count) = (longest, count + 1);
    }
    Some(count)
}

type Row = BTreeMap<String, String>;

fn seed(name: &str) -> Vec<Row> {
    let path = repository().join(format!("seeds/{name}.csv"));
    let mut reader = csv::Reader::from_path(&path).expect("a seed");
    reader.deserialize().map(|row| row.unwrap_or_else(|error| panic!("{name}: {error}"))).collect()
}

/// A text that a seed says is printed, and where.
struct Quoted {
    what: String,
    text: String,
    document: &'static str,
    lines: String,
    /// Whether it is a figure, where signs and decimals count.
    is_number: bool,
    /// In how many pieces it may stand.
    pieces: usize,
    /// How many lines around may hold it.
    around: usize,
}

/// Everything that the seeds say is printed in one of the documents.
fn quoted() -> Vec<Quoted> {
    let mut all = Vec::new();
    let mut add =
        |seed_name: &str, key: &str, row: &Row, column: &str, how: (bool, usize, usize)| {
            let named = row.get("document").filter(|name| Documents::code(name).is_some());
            let source = row.get("source").map(String::as_str).unwrap_or_default();
            let (source, in_source) = source.split_once(", rad ").unwrap_or((source, ""));
            let document = Documents::code(named.map_or(source, String::as_str));
            let document = document
                .unwrap_or_else(|| panic!("{seed_name} {}: no document `{source}`", row[key]));
            let lines = row.get("source_line").map_or(in_source, String::as_str).to_owned();
            assert!(!ranges(&lines).is_empty(), "{seed_name} {}: no line", row[key]);
            if !row[column].is_empty() {
                all.push(Quoted {
                    what: format!("{seed_name}.{column} {}", row[key]),
                    text: row[column].clone(),
                    document,
                    lines,
                    is_number: how.0,
                    pieces: how.1,
                    around: how.2,
                });
            }
        };
    for row in seed("printed_tables") {
        // In the plan of 2022 a cell's text runs over lines, and its amount follows.
        let around = if row["document"] == "plan_2022" { 16 } else { 0 };
        add("printed_tables", "row_name", &row, "printed", (true, 1, around));
    }
    for row in seed("printed_causes") {
        add("printed_causes", "cause_id", &row, "printed", (true, 1, 0));
        add("printed_causes", "cause_id", &row, "quote", (false, 1, 0));
    }
    for row in seed("printed_facts") {
        add("printed_facts", "fact", &row, "quote", (false, 1, 0));
    }
    for row in seed("published_texts") {
        add("published_texts", "text_id", &row, "quote", (false, 1, 0));
    }
    for row in seed("published_outcomes") {
        add("published_outcomes", "published_id", &row, "printed", (true, 1, 0));
    }
    for row in seed("published_statuses") {
        add("published_statuses", "nr", &row, "printed_outcome", (true, 1, 0));
        add("published_statuses", "nr", &row, "printed_target", (true, 1, 0));
    }
    for row in seed("assignments") {
        add("assignments", "assignment_id", &row, "assignment_text", (false, 3, 3));
    }
    for row in seed("meeting_items") {
        add("meeting_items", "first_date", &row, "item", (false, 2, 0));
        add("meeting_items", "item", &row, "responsible_printed", (false, 2, 16));
    }
    // A revision prints what it changes; the rest stands in the plan that it revises.
    let revisions: BTreeSet<String> = seed("plans")
        .into_iter()
        .filter(|plan| !plan["revises"].is_empty())
        .map(|plan| plan["plan"].clone())
        .collect();
    for row in seed("plan_items").iter().filter(|row| !revisions.contains(&row["plan"])) {
        add("plan_items", "nr", row, "printed_name", (false, 3, 0));
        add("plan_items", "nr", row, "description", (false, 4, 0));
    }
    for row in seed("targets").iter().filter(|row| !revisions.contains(&row["plan"])) {
        add("targets", "indicator_id", row, "printed", (false, 4, 0));
    }
    all
}

#[test]
fn every_quotation_stands_in_its_document_where_the_seed_says() {
    let Some(documents) = Documents::read() else { return };
    let all = quoted();
    assert!(all.len() > 1500, "only {} texts", all.len());
    let missing: Vec<String> = all
        .iter()
        .filter(|quoted| {
            let printed = documents.at(quoted.document, &quoted.lines, quoted.around);
            if quoted.is_number {
                !number(&printed).contains(&number(&quoted.text))
            } else {
                pieces(&bare(&quoted.text), &bare(&printed)).is_none_or(|n| n > quoted.pieces)
            }
        })
        .map(|quoted| {
            format!(
                "{}: `{}` is not at {}:{}",
                quoted.what, quoted.text, quoted.document, quoted.lines
            )
        })
        .collect();
    assert!(missing.is_empty(), "{} of {}\n{}", missing.len(), all.len(), missing.join("\n"));
}

#[test]
fn the_value_of_a_figure_is_what_is_printed_and_its_unit_stands_beside_it() {
    let Some(documents) = Documents::read() else { return };
    let mut faults = Vec::new();
    for (name, sign_in_words) in
        [("printed_tables", true), ("published_outcomes", false), ("printed_causes", true)]
    {
        for row in seed(name).iter().filter(|row| !row["value"].is_empty()) {
            let digits: String = number(&row["printed"])
                .chars()
                .filter(|letter| letter.is_ascii_digit() || *letter == ',')
                .collect();
            let (value, printed) =
                (row["value"].parse::<f64>().unwrap(), digits.replace(',', ".").parse::<f64>());
            // Words and dashes that stand for a figure hold none.
            let Ok(printed) = printed else {
                if value != 0.0 {
                    faults.push(format!("{name} {row:?}: no figure is printed"));
                }
                continue;
            };
            let is_negative = number(&row["printed"]).starts_with('-');
            let is_same = (value.abs() - printed).abs() < 1e-9
                && (sign_in_words || value == 0.0 || is_negative == (value < 0.0));
            let decimals = digits.split_once(',').map_or(0, |(_, decimals)| decimals.len());
            if !is_same || row["decimals"] != decimals.to_string() {
                faults
                    .push(format!("{name}: {} is not {} in {row:?}", row["value"], row["printed"]));
            }
        }
    }
    // In running text the unit follows the figure.
    let running: BTreeSet<(String, String)> = seed("printed_columns")
        .into_iter()
        .filter(|column| column["table_name"].contains("(löptext)"))
        .map(|column| (column["document"].clone(), column["table_id"].clone()))
        .collect();
    let of_text = seed("printed_tables")
        .into_iter()
        .filter(|row| running.contains(&(row["document"].clone(), row["table_id"].clone())));
    for row in of_text.chain(seed("printed_causes")) {
        let words: &[&str] = match row["unit"].as_str() {
            "mkr" => &["mkr", "miljoner"],
            "tkr" => &["tkr"],
            _ => continue,
        };
        if !row["printed"].chars().any(|letter| letter.is_ascii_digit()) {
            continue;
        }
        let place = documents.at(&row["document"], &row["source_line"], 1).to_lowercase();
        let place = number(&place).replace('*', "");
        let figure = number(&row["printed"]);
        // `153 787 tkr`, and `med 47 104` where the unit was said once for the sentence.
        let beside = words.iter().any(|word| place.contains(&format!("{figure}{word}")));
        let said_once = words.iter().any(|word| place.contains(word)) && row["unit"] == "tkr";
        if !beside && !said_once {
            faults.push(format!("{} {} stands nowhere in {row:?}", row["printed"], row["unit"]));
        }
    }
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
}

/// Lines of the tables of a document that some row of the seeds names.
fn cited(code: &str) -> BTreeSet<usize> {
    let mut cited = BTreeSet::new();
    for name in stems("seeds", "csv") {
        for row in seed(&name) {
            let named = row.get("document").filter(|name| Documents::code(name).is_some());
            let source = row.get("source").map(String::as_str).unwrap_or_default();
            let (source, in_source) = source.split_once(", rad ").unwrap_or((source, ""));
            if Documents::code(named.map_or(source, String::as_str)) == Some(code) {
                let lines = row.get("source_line").map_or(in_source, String::as_str);
                cited.extend(ranges(lines).into_iter().flat_map(|(first, last)| first..=last));
            }
        }
    }
    cited
}

#[test]
fn no_row_of_the_documents_tables_is_lost_to_the_last() {
    let Some(documents) = Documents::read() else { return };
    // Headings of tables, and the two tables that hold nothing to follow up: the list of contents
    // and how private providers are followed.
    let headings = [
        "Uppdrag\t",
        "Långsiktiga nyckeltal\t",
        "Kortsiktiga nyckeltal\t",
        "Finansiella mål\t",
        "Planerad åtgärd",
        "Politisk besuttsnivå",
        "Beslut tjänstepersonsnivå",
        "(Mkr)\t",
        "Mkr\t",
        "Område/Avdelning",
        "Utförare\t",
        "Hälsoval Region",
        "Vårdval medicinsk",
        "Vårdval barn- och",
        "Privata vårdgivare med",
        "Målområde med",
        "Intäkter och kostnader i tkr",
        "Avdelning\t",
        "Åtgärd/aktivitet",
        "Antal anställda (administrativ",
        "Budgetram förtroendevalda",
        "Regionstyrelsen (mkr)",
        "Antal månadsavlönade",
        "Beslutade och avslutade",
        "Under 2024 beviljade",
        "Beslutade investeringar överförda från år 2023 till år 2024 enligt",
    ];
    for code in ["plan_2025", "delar_2024_08"] {
        let (lines, cited) = (&documents.lines[code], cited(code));
        let lost: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
            .filter(|(_, line)| line.contains('\t'))
            .filter(|(number, _)| !cited.contains(number))
            .filter(|(number, _)| *number > 30)
            .filter(|(_, line)| !headings.iter().any(|heading| line.starts_with(heading)))
            // Lines that go on from the one before, years and days that stand above their rows.
            .filter(|(_, line)| !line.starts_with('\t'))
            .filter(|(_, line)| !line.ends_with("\t\t"))
            .map(|(number, line)| format!("{code}:{number} {line}"))
            .collect();
        assert!(lost.is_empty(), "{}", lost.join("\n"));
        let last = lines.iter().rposition(|line| line.contains('\t')).unwrap() + 1;
        assert!(cited.contains(&last), "the last row of {code}, line {last}, is lost");
        assert_eq!(last, lines.len(), "{code} does not end with its last table any more");
    }
    // The plan of 2022 ends with its calendar as well, set in columns.
    let lines = &documents.lines["plan_2022"];
    let last = lines.iter().rposition(|line| !line.trim().is_empty()).unwrap() + 1;
    assert!(cited("plan_2022").contains(&last), "the last row, line {last}, is lost");
    // The slides hold figures on the lines of transfers, the frame and the result.
    let slides = cited("revidering_2025_02_11");
    for line in [23, 37, 43, 44, 45, 50, 51, 52] {
        assert!(slides.contains(&line), "line {line} of the slides is lost");
    }
}

#[test]
fn every_word_of_the_calendar_of_2025_is_an_item_or_a_responsible() {
    let Some(documents) = Documents::read() else { return };
    let items = seed("meeting_items");
    let mut left = Vec::new();
    for (at, line) in documents.lines["plan_2025"].iter().enumerate().skip(436) {
        let number = (at + 1).to_string();
        let mut rest = bare(line);
        let here: Vec<&Row> = items
            .iter()
            .filter(|row| row["plan"] == "2025" && row["source_line"] == number)
            .collect();
        if here.is_empty() {
            continue;
        }
        let mut strike = |text: &str| {
            let text = bare(text);
            if !text.is_empty() {
                rest = rest.replacen(&text, "", 1);
            }
        };
        // The longest first: an item may begin with the words of another.
        let mut texts: Vec<&String> = here.iter().map(|row| &row["item"]).collect();
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.into_iter().for_each(|text| strike(text));
        let responsible: BTreeSet<&String> =
            here.iter().map(|row| &row["responsible_printed"]).collect();
        let mut responsible: Vec<&String> = responsible.into_iter().collect();
        responsible.sort_by_key(|text| std::cmp::Reverse(text.len()));
        responsible.into_iter().for_each(|text| strike(text));
        strike(&here[0]["heading"]);
        here.iter().for_each(|row| strike(&row["form"]));
        if !rest.is_empty() {
            left.push(format!("{number} {rest}"));
        }
    }
    // Two roles answer for nothing: the print names more of them than there are items.
    assert_eq!(left, ["450 hrdirektör", "454 itchef"]);
}

/// Audit and number of offenders in the release of a project, of the named audits.
fn counts(project: &Path) -> BTreeMap<String, i64> {
    let answer =
        on(project, &["sql", "--format", "json", "select audit, offender_count from meta.audits"]);
    let rows = answer.ended(0).json();
    let pair = |row: &Value| {
        (row["audit"].as_str().unwrap().to_owned(), row["offender_count"].as_i64().unwrap())
    };
    rows.as_array().unwrap().iter().map(pair).collect()
}

/// What the audits find in the four documents.
const FOUND: [(&str, i64); 28] = [
    ("printed_deviations__large_ones_are_explained", 13),
    ("printed_deviations__named_causes_explain_them", 22),
    ("printed_causes__are_of_a_printed_deviation", 0),
    ("printed_causes__have_the_sign_of_their_effect", 6),
    ("printed_causes__keep_their_pace", 1),
    ("printed_tables__signs_are_allowed", 4),
    ("printed_tables__blanks_are_not_nothing", 2),
    ("printed_tables__parts_sum_to_total", 3),
    ("printed_tables__same_quantity_same_figure", 3),
    ("printed_tables__differences_follow_the_heading", 1),
    ("printed_ratios__follow_from_their_figures", 1),
    ("printed_facts__are_told_alike", 9),
    ("printed_facts__have_no_placeholder", 4),
    ("measure_goals__measures_suffice", 4),
    // The first tertial's measures are the demo's own: one and three are printed.
    ("savings_measures__reach_what_their_name_says", 2),
    ("savings_measures__outcome_is_near_the_assessment", 6),
    ("investments__carried_over_is_what_was_left", 20),
    ("investments__comments_agree_with_figures", 0),
    ("published_statuses__outcome_has_the_targets_unit", 6),
    ("plan_items__are_followed_as_often_as_said", 2),
    ("plan_items__description_agrees_with_target", 1),
    ("assignments__deadlines_lie_in_the_plan", 0),
    ("targets__follow_the_direction_of_their_name", 0),
    ("meeting_items__follow_ups_say_their_form", 0),
    ("meeting_items__have_a_responsible", 2),
    ("clauses__level_words_agree_with_figures", 1),
    ("clauses__tell_nothing_from_the_future", 2),
    ("claims__have_a_figure", 1),
];

#[test]
fn the_contradictions_of_the_papers_are_found() {
    let counts = counts(demo());
    let found: Vec<(&str, i64)> = FOUND.iter().map(|(audit, _)| (*audit, counts[*audit])).collect();
    assert_eq!(found, FOUND);
}

#[test]
fn the_plan_of_2025_adds_its_own() {
    let project = demo_copy("papers-2025");
    on(&project, &["--quiet", "run", "--as-of", "2025-03-01"]);
    let counts = counts(&project);
    for (audit, expected) in [
        ("meeting_items__satisfy_follow_up_rules", 2),
        ("meeting_items__follow_ups_say_their_form", 1),
        ("meeting_items__have_a_responsible", 3),
        ("assignments__deadlines_lie_in_the_plan", 1),
        ("targets__follow_the_direction_of_their_name", 1),
    ] {
        assert_eq!(counts[audit], expected, "{audit}");
    }
}
