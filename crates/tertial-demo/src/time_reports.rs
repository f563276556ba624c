//! Time reports of the folk high schools, as their scheduling program writes PAXml 2.0: the schedule
//! day by day, and the days of sick leave.
//!
//! The hours of a month are the payroll's, so that the one source can be held against the other. A
//! month's sick leave is a span of whole days and what is left of one; every third person is known by
//! the civic number and not by the employment's.

use crate::hr::{Present, Staff};
use crate::random::{Random, split};
use crate::{DemoError, DemoFile, Settings};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

/// The unit that reports in this way.
const UNIT: &str = "802";
/// The year and the last month it has reported.
const YEAR: i16 = 2024;
const LAST_MONTH: i8 = 8;

/// One file a month, `tid_folkhogskolor_<month>.xml`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let staff = Arc::new(Staff::new(settings)?);
    let seed = settings.seed;
    let file = |month: i8| {
        let staff = Arc::clone(&staff);
        let name = format!("tid_folkhogskolor_{YEAR}-{month:02}.xml");
        DemoFile::new("time_reports", name, move |sink| write(month, &staff, seed, sink))
    };
    Ok((1..=LAST_MONTH).map(file).collect())
}

fn write(month: i8, staff: &Staff, seed: u64, sink: &mut dyn Write) -> io::Result<()> {
    let days = working_days(month);
    let (mut times, mut schedules) = (String::new(), String::new());
    let present = staff.present(&format!("{YEAR}-{month:02}"));
    let own = present.iter().filter(|person| person.unit_id == UNIT);
    for (number, person) in own.enumerate() {
        let (ordinary, sick) = staff.hours(person);
        let hours = split(ordinary, &vec![1; days.len()]);
        let who = who(number, person);
        schedule(&mut schedules, &who, &days, &hours);
        let path = ["time_reports", &month.to_string(), person.employment_number];
        let mut random = Random::stream(seed, &path);
        time(&mut times, &who, &days, &hours, sick, &mut random);
    }
    let last = days.last().copied().unwrap_or(date(YEAR, month, 1));
    writeln!(
        sink,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<paxml>\n  <header>\n    <version>2.0</version>\n    \
         <format>LÖNIN</format>\n    <datum>{last}</datum>\n    <foretagnamn>Syntetisk folkhögskola\
         </foretagnamn>\n  </header>\n  <tidtransaktioner>\n{times}  </tidtransaktioner>\n  \
         <schematransaktioner>\n{schedules}  </schematransaktioner>\n</paxml>"
    )
}

/// The attribute by which a person is known.
fn who(number: usize, person: &Present<'_>) -> String {
    if number % 3 == 2 {
        format!("persnr=\"{}\"", person.civic_number)
    } else {
        format!("anstid=\"{}\"", person.employment_number)
    }
}

/// Monday to Friday of a month.
fn working_days(month: i8) -> Vec<Date> {
    let first = date(YEAR, month, 1);
    (0..first.days_in_month())
        .map(|day| first.saturating_add(i64::from(day).days()))
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
        .collect()
}

fn schedule(text: &mut String, who: &str, days: &[Date], hours: &[i64]) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "    <schema {who}>");
    for (day, hours) in days.iter().zip(hours) {
        let _ = writeln!(text, "      <dag datum=\"{day}\" timmar=\"{}\"/>", decimal(*hours));
    }
    let _ = writeln!(text, "    </schema>");
}

/// Whole days as a span at the schedule's extent, the rest as hours on the day after.
fn time(
    text: &mut String,
    who: &str,
    days: &[Date],
    hours: &[i64],
    sick: i64,
    random: &mut Random,
) {
    if sick <= 0 {
        return;
    }
    let needed = hours.iter().scan(0, |sum, hours| {
        *sum += hours;
        Some(*sum)
    });
    // Days that the whole month's sick leave fills when it begins on the first.
    let filled = needed.take_while(|sum| *sum <= sick).count();
    let start = random.between(0, days.len().saturating_sub(filled + 1) as i64) as usize;
    let mut left = sick;
    let mut end = start;
    while end < days.len() && hours[end] <= left {
        left -= hours[end];
        end += 1;
    }
    if end > start {
        let _ = writeln!(
            text,
            "    <tidtrans {who}><tidkod>SJK</tidkod><datumfrom>{}</datumfrom>\
             <datumtom>{}</datumtom><omfattning>100</omfattning></tidtrans>",
            days[start],
            days[end - 1]
        );
    }
    if left > 0 {
        let day = days[end.min(days.len() - 1)];
        let _ = writeln!(
            text,
            "    <tidtrans {who}><tidkod>SJK_LÖN</tidkod><datum>{day}</datum>\
             <timmar>{}</timmar></tidtrans>",
            decimal(left)
        );
    }
}

/// Hundredths with a decimal point.
fn decimal(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_s_sick_hours_are_told_in_full() {
        let days = working_days(2);
        let hours = vec![800; days.len()];
        for sick in [25, 800, 2_300, 16_800] {
            let mut text = String::new();
            time(&mut text, "anstid=\"1\"", &days, &hours, sick, &mut Random::stream(1, &["t"]));
            let mut told = 0;
            for line in text.lines() {
                let between = |open: &str, close: &str| {
                    let from = line.find(open)? + open.len();
                    Some(&line[from..from + line[from..].find(close)?])
                };
                if let Some(hours) = between("<timmar>", "<") {
                    told += hours.replace('.', "").parse::<i64>().unwrap();
                } else {
                    let from: Date = between("<datumfrom>", "<").unwrap().parse().unwrap();
                    let to: Date = between("<datumtom>", "<").unwrap().parse().unwrap();
                    told +=
                        800 * days.iter().filter(|day| (from..=to).contains(day)).count() as i64;
                }
            }
            assert_eq!(told, sick, "{text}");
        }
    }
}
