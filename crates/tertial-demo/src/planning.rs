//! What the offices report in the planning system: the state of each assignment, and their comments
//! on the indicators.
//!
//! The tables hold the rows themselves, written for the demo. One comment quotes a figure that the
//! facts do not give, as a printed report once did, so that the reconciliation has something to find.

use crate::dress::{Delimited, Encoding};
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Debug, Clone, Deserialize)]
struct Assignment {
    period: String,
    assignment_id: String,
    status: String,
    comment: String,
    responsible_role: String,
    reported_date: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Comment {
    period: String,
    indicator_id: String,
    unit_id: String,
    comment: String,
    author_role: String,
    written_date: String,
}

/// The files `uppdrag_<period>.csv` and `kommentarer_<period>.csv`, one of each a tertial.
pub fn files(_settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let assignments: Vec<Assignment> =
        totals("planning_assignments.csv", include_str!("../totals/planning_assignments.csv"))?;
    let comments: Vec<Comment> =
        totals("planning_comments.csv", include_str!("../totals/planning_comments.csv"))?;
    let mut files = Vec::new();
    for (period, rows) in by_period(assignments, |row| &row.period) {
        files.push(DemoFile::new("planning", format!("uppdrag_{period}.csv"), move |sink| {
            write_assignments(&rows, sink)
        }));
    }
    for (period, rows) in by_period(comments, |row| &row.period) {
        files.push(DemoFile::new("planning", format!("kommentarer_{period}.csv"), move |sink| {
            write_comments(&rows, sink)
        }));
    }
    Ok(files)
}

fn by_period<T>(rows: Vec<T>, period: impl Fn(&T) -> &String) -> BTreeMap<String, Vec<T>> {
    let mut periods: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in rows {
        let period = period(&row).clone();
        periods.entry(period).or_default().push(row);
    }
    periods
}

fn write_assignments(rows: &[Assignment], sink: &mut dyn Write) -> io::Result<()> {
    let headings = ["Uppdragsnummer", "Period", "Status", "Kommentar", "Ansvarig", "Rapporterad"];
    let mut table = Delimited::new(sink, Encoding::Windows1252, &headings)?;
    for row in rows {
        table.text(&row.assignment_id);
        table.text(&row.period);
        table.text(&row.status);
        table.text(&row.comment);
        table.text(&row.responsible_role);
        table.text(&row.reported_date);
        table.end_row()?;
    }
    table.finish()
}

fn write_comments(rows: &[Comment], sink: &mut dyn Write) -> io::Result<()> {
    let headings = ["Nyckeltal", "Enhet", "Period", "Kommentar", "Författare", "Skriven"];
    let mut table = Delimited::new(sink, Encoding::Windows1252, &headings)?;
    for row in rows {
        table.text(&row.indicator_id);
        table.text(&row.unit_id);
        table.text(&row.period);
        table.text(&row.comment);
        table.text(&row.author_role);
        table.text(&row.written_date);
        table.end_row()?;
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_are_those_of_the_printed_matrix() {
        let text = include_str!("../totals/planning_assignments.csv");
        let rows: Vec<Assignment> = totals("planning_assignments.csv", text).unwrap();
        let state = |from: usize, to: usize, status: &str| {
            rows.iter()
                .filter(|row| row.period == "2024T2" && row.status == status)
                .filter(|row| {
                    let number: usize = row.assignment_id[1..].parse().unwrap();
                    (from..=to).contains(&number)
                })
                .count()
        };
        // The six goal areas in the order of the print: met, partly met, not met.
        let areas = [(1, 8), (9, 13), (14, 14), (15, 15), (16, 29), (30, 38)];
        let matrix =
            areas.map(|(a, b)| [state(a, b, "helt"), state(a, b, "delvis"), state(a, b, "ej")]);
        assert_eq!(matrix, [[0, 8, 0], [0, 5, 0], [1, 0, 0], [0, 1, 0], [1, 13, 0], [1, 7, 1]]);
    }

    #[test]
    fn every_letter_exists_in_the_source_s_encoding() {
        for text in [
            include_str!("../totals/planning_assignments.csv"),
            include_str!("../totals/planning_comments.csv"),
        ] {
            let (_, _, has_gaps) = encoding_rs::WINDOWS_1252.encode(text);
            assert!(!has_gaps);
        }
    }
}
