//! Completed trainings of the learning platform, and the answers to the evaluation after one.
//!
//! The tables say how large a share of the staff completes a course in a year; who it is, is drawn.
//! Elected representatives take part too and have no employment.

use crate::dress::{Delimited, Encoding};
use crate::hr::{Staff, civic};
use crate::random::Random;
use crate::{DemoError, DemoFile, Settings, totals};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::Deserialize;
use std::io::{self, Write};
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct Course {
    year: i16,
    course_code: String,
    course_name: String,
    /// Days of the year during which it is given.
    days: i64,
    staff_per_mille: u64,
    elected_count: u32,
}

#[derive(Debug, Clone, Deserialize)]
struct Evaluation {
    month: String,
    course_code: String,
    answer_count: i64,
    new_knowledge_count: i64,
}

/// Civic numbers of elected representatives are taken from here on: no staff is that many.
const ELECTED_FROM: u32 = 3_600;

/// The yearly files `genomforda_utbildningar_<year>.csv` and `kursutvardering_<year>.csv`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let courses: Vec<Course> =
        totals("training_courses.csv", include_str!("../totals/training_courses.csv"))?;
    let evaluations: Vec<Evaluation> =
        totals("training_evaluations.csv", include_str!("../totals/training_evaluations.csv"))?;
    let staff = Arc::new(Staff::new(settings)?);
    let mut years: Vec<i16> = courses.iter().map(|course| course.year).collect();
    years.dedup();
    let seed = settings.seed;
    let files = years.into_iter().flat_map(|year| {
        let courses: Vec<Course> =
            courses.iter().filter(|course| course.year == year).cloned().collect();
        let of_year = |row: &&Evaluation| row.month.starts_with(&year.to_string());
        let evaluations: Vec<Evaluation> = evaluations.iter().filter(of_year).cloned().collect();
        let staff = Arc::clone(&staff);
        [
            DemoFile::new("training", format!("genomforda_utbildningar_{year}.csv"), move |sink| {
                write_participations(&courses, &staff, seed, sink)
            }),
            DemoFile::new("training", format!("kursutvardering_{year}.csv"), move |sink| {
                write_evaluations(&evaluations, sink)
            }),
        ]
    });
    Ok(files.collect())
}

fn write_participations(
    courses: &[Course],
    staff: &Staff,
    seed: u64,
    sink: &mut dyn Write,
) -> io::Result<()> {
    let headings = ["Personnummer", "Kurskod", "Kurs", "Genomförd", "Roll", "Organisationsenhet"];
    let mut table = Delimited::new(sink, Encoding::Utf8, &headings)?;
    let mut row = |course: &Course, civic: &str, day: Date, role: &str, unit: &str| {
        table.text(civic);
        table.text(&course.course_code);
        table.text(&course.course_name);
        table.text(&day.to_string());
        table.text(role);
        table.text(unit);
        table.end_row()
    };
    for course in courses {
        let path = ["training", &course.year.to_string(), &course.course_code];
        let mut random = Random::stream(seed, &path);
        let mut day =
            || date(course.year, 1, 8).saturating_add(random.between(0, course.days).days());
        let mut choice = Random::stream(seed, &["training", "who", &course.course_code]);
        for person in staff.present(&format!("{}-06", course.year)) {
            if choice.below(1_000) < course.staff_per_mille {
                row(course, person.civic_number, day(), "Medarbetare", person.unit_id)?;
            }
        }
        for number in 0..course.elected_count {
            let born = 1955 + (number % 40) as u16;
            let civic = civic::number(born, number.is_multiple_of(2), ELECTED_FROM + number / 40);
            row(course, &civic, day(), "Förtroendevald", "")?;
        }
    }
    table.finish()
}

fn write_evaluations(evaluations: &[Evaluation], sink: &mut dyn Write) -> io::Result<()> {
    let headings = ["Månad", "Kurskod", "Antal svar", "Fått ny kunskap"];
    let mut table = Delimited::new(sink, Encoding::Utf8, &headings)?;
    for row in evaluations {
        table.text(&row.month);
        table.text(&row.course_code);
        table.whole(row.answer_count);
        table.whole(row.new_knowledge_count);
        table.end_row()?;
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn nobody_completes_a_course_twice_in_a_year() {
        for file in files(&Settings { scale: 0.02, seed: 1 }).unwrap() {
            let mut bytes = Vec::new();
            (file.write)(&mut bytes).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            let key = |line: &str| line.split(';').take(2).collect::<Vec<_>>().join(";");
            let keys: BTreeSet<String> = text.lines().skip(1).map(key).collect();
            assert_eq!(keys.len(), text.lines().count() - 1, "{}", file.name);
        }
    }
}
