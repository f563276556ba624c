//! The payroll: who is employed and how much they work and are ill.
//!
//! Three files a year, as a payroll system of the older kind writes them: Windows-1252, `;`, decimal
//! comma. Sources that ask the same persons something take them from [`Staff`]. The board's own staff is the same at every scale, so its head counts and sick leave are
//! the tables' whatever the size of the rest. Start reading in [`plan`], then [`staff`],
//! [`sickness`] and [`absences`]; [`civic`] says why the civic numbers are nobody's.

mod absences;
pub(crate) mod civic;
mod plan;
mod sickness;
mod staff;

use crate::dress::{Delimited, Encoding};
use crate::random::Random;
use crate::{DemoError, DemoFile, Settings};
use absences::Calendar;
use plan::Plan;
use sickness::WorkedMonth;
use staff::{Employment, FIRST_YEAR};
use std::io::{self, Write};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

const EMPLOYMENT_HEADINGS: &[&str] = &[
    "Månad",
    "Anställningsnummer",
    "Personnummer",
    "Organisationsenhet",
    "AID",
    "Chef",
    "Chefsförordnande",
    "Anställningsform",
    "Sysselsättningsgrad",
    "Placeringsandel",
    "Kön",
    "Födelseår",
    "Arbetsplatskommun",
];

const ABSENCE_HEADINGS: &[&str] = &[
    "Anställningsnummer",
    "Personnummer",
    "Frånvaroorsak",
    "Från och med",
    "Till och med",
    "Omfattning",
];

const TIME_HEADINGS: &[&str] = &[
    "Månad",
    "Anställningsnummer",
    "Personnummer",
    "Organisationsenhet",
    "Kön",
    "Födelseår",
    "Ordinarie tid",
    "Arbetad tid",
    "Sjuktid",
    "Sjuktid dag 1-14",
    "Sjuktid dag 15-59",
    "Sjuktid dag 60-",
    "Påbörjade sjukfall",
];

/// The staff with its months, shared by the files.
pub(crate) struct Staff {
    plan: Plan,
    employments: Vec<Employment>,
    seed: u64,
    /// Worked out when somebody asks; most sources want only the persons.
    months: OnceLock<Vec<Vec<WorkedMonth>>>,
}

/// Somebody employed in a month.
pub(crate) struct Present<'a> {
    pub unit_id: &'a str,
    pub board_id: &'a str,
    pub employment_number: &'a str,
    /// Twelve digits.
    pub civic_number: &'a str,
    /// Manager or appointed to be one.
    pub is_manager: bool,
    index: usize,
    month: usize,
}

/// The yearly files `medarbetare_<year>.csv`, `arbetstid_<year>.csv` and `franvaro_<year>.csv`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let staff = Arc::new(Staff::new(settings)?);
    let month_count = staff.plan.months.len();
    let years = (0..month_count.div_ceil(12)).flat_map(|index| {
        let year = FIRST_YEAR + index as u16;
        let months = index * 12..(index * 12 + 12).min(month_count);
        let [people, time, away] = [&staff, &staff, &staff].map(Arc::clone);
        let (time_months, away_months) = (months.clone(), months.clone());
        [
            DemoFile::new("hr", format!("medarbetare_{year}.csv"), move |sink| {
                people.write_employments(months, sink)
            }),
            DemoFile::new("hr", format!("arbetstid_{year}.csv"), move |sink| {
                time.write_worked_time(time_months, sink)
            }),
            DemoFile::new("hr", format!("franvaro_{year}.csv"), move |sink| {
                away.write_absences(away_months, sink)
            }),
        ]
    });
    Ok(years.collect())
}

impl Staff {
    /// The staff of a region of that size.
    pub(crate) fn new(settings: &Settings) -> Result<Staff, DemoError> {
        let plan = plan::plan(settings.scale)?;
        let employments = staff::employ(&plan.units, settings.seed);
        Ok(Staff { plan, employments, seed: settings.seed, months: OnceLock::new() })
    }

    /// Those employed in a month (`2024-08`), the second half of a shared person left out. Empty for
    /// a month outside the tables.
    pub(crate) fn present(&self, month: &str) -> Vec<Present<'_>> {
        let Some(month) = self.plan.months.iter().position(|plan| plan.month == month) else {
            return Vec::new();
        };
        let is_first_half = |number: &str| !number.ends_with("-2");
        (0..self.employments.len())
            .filter(|&index| self.employments[index].is_employed(month))
            .filter(|&index| is_first_half(&self.employments[index].number))
            .map(|index| {
                let employment = &self.employments[index];
                let unit = &self.plan.units[employment.unit];
                Present {
                    unit_id: &unit.unit_id,
                    board_id: &unit.board_id,
                    employment_number: &employment.number,
                    civic_number: &employment.civic_number,
                    is_manager: employment.managing_in(month).is_some(),
                    index,
                    month,
                }
            })
            .collect()
    }

    /// Ordinary and sick hours of somebody present, in hundredths.
    pub(crate) fn hours(&self, present: &Present<'_>) -> (i64, i64) {
        let first = self.employments[present.index].first;
        let worked = self.months()[present.index][present.month - first];
        (worked.ordinary, worked.sick.iter().sum())
    }

    fn months(&self) -> &[Vec<WorkedMonth>] {
        self.months.get_or_init(|| sickness::fall_ill(&self.plan, &self.employments, self.seed))
    }

    fn write_employments(&self, months: Range<usize>, sink: &mut dyn Write) -> io::Result<()> {
        let mut table = Delimited::new(sink, Encoding::Windows1252, EMPLOYMENT_HEADINGS)?;
        for month in months {
            for employment in self.employments.iter().filter(|one| one.is_employed(month)) {
                self.identify(&mut table, employment, &employment.civic_number, month);
                table.text(&self.occupation(employment, month));
                let managing = employment.managing_in(month);
                table.text(yes_or_no(managing.is_some_and(|managing| managing.is_manager)));
                table.text(yes_or_no(managing.is_some_and(|managing| managing.has_appointment)));
                table.text(if employment.is_permanent { "Tillsvidare" } else { "Visstid" });
                table.decimal(employment.rate_pct * 100, 2);
                table.decimal(i64::from(employment.halves) * 50, 2);
                table.text(sex(employment));
                table.whole(i64::from(employment.birth_year));
                table.text(self.workplace(employment));
                table.end_row()?;
            }
        }
        table.finish()
    }

    fn write_absences(&self, months: Range<usize>, sink: &mut dyn Write) -> io::Result<()> {
        let calendar = Calendar::new(&self.plan);
        let (from, to) = calendar.days(&months);
        let mut table = Delimited::new(sink, Encoding::Windows1252, ABSENCE_HEADINGS)?;
        for employment in &self.employments {
            for absence in calendar.absences(&self.plan, employment, self.seed) {
                if absence.spell_end < from || absence.first_day > to {
                    continue;
                }
                table.text(&employment.number);
                table.text(&employment.civic_number);
                table.text(absence.cause);
                table.text(&calendar.date(absence.first_day).to_string());
                // Whoever is still away when the file is taken out has no last day in it.
                let last_day = (absence.last_day <= to).then(|| calendar.date(absence.last_day));
                table.text(&last_day.map(|day| day.to_string()).unwrap_or_default());
                table.decimal(absence.extent_pct * 100, 2);
                table.end_row()?;
            }
        }
        table.finish()
    }

    fn write_worked_time(&self, months: Range<usize>, sink: &mut dyn Write) -> io::Result<()> {
        let mut table = Delimited::new(sink, Encoding::Windows1252, TIME_HEADINGS)?;
        for month in months {
            for (employment, worked) in self.employments.iter().zip(self.months()) {
                if !employment.is_employed(month) {
                    continue;
                }
                let worked = worked[month - employment.first];
                // The time system writes the same numbers with a hyphen.
                let (day, serial) = employment.civic_number.split_at(8);
                self.identify(&mut table, employment, &format!("{day}-{serial}"), month);
                table.text(sex(employment));
                table.whole(i64::from(employment.birth_year));
                table.decimal(worked.ordinary, 2);
                table.decimal(worked.worked, 2);
                table.decimal(worked.sick.iter().sum(), 2);
                for hours in worked.sick {
                    table.decimal(hours, 2);
                }
                table.whole(i64::from(worked.spells));
                table.end_row()?;
            }
        }
        table.finish()
    }

    fn identify(
        &self,
        table: &mut Delimited,
        employment: &Employment,
        civic_number: &str,
        month: usize,
    ) {
        table.text(&self.plan.months[month].month);
        table.text(&employment.number);
        table.text(civic_number);
        table.text(&self.plan.units[employment.unit].unit_id);
    }

    /// Code of the municipality where the person mostly works; the same through the employment.
    fn workplace(&self, employment: &Employment) -> &str {
        let mut random = Random::stream(self.seed, &["hr", "workplace", &employment.number]);
        self.plan.units[employment.unit].workplace(random.below(100))
    }

    /// The occupation code; a manager's carries the letter of responsibility.
    fn occupation(&self, employment: &Employment, month: usize) -> String {
        let letter = if employment.managing_in(month).is_some() { "C" } else { "" };
        format!("{}{letter}", employment.occupation_code)
    }
}

fn yes_or_no(is_so: bool) -> &'static str {
    if is_so { "J" } else { "N" }
}

fn sex(employment: &Employment) -> &'static str {
    if employment.is_woman { "Kvinna" } else { "Man" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    const BOARD_UNITS: [&str; 12] =
        ["605", "607", "608", "612", "614", "616", "617", "621", "623", "631", "632", "633"];

    /// The rows of all files of one kind, as texts.
    fn rows(kind: &str, seed: u64) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for file in files(&Settings { scale: 0.02, seed }).unwrap() {
            if !file.name.starts_with(kind) {
                continue;
            }
            let mut bytes = Vec::new();
            (file.write)(&mut bytes).unwrap();
            let (text, _, has_gaps) = encoding_rs::WINDOWS_1252.decode(&bytes);
            assert!(!has_gaps);
            let fields = |line: &str| line.split(';').map(str::to_owned).collect();
            rows.extend(text.lines().skip(1).map(fields));
        }
        rows
    }

    fn hundredths(text: &str) -> i64 {
        text.replace(',', "").parse().unwrap()
    }

    fn is_board(row: &[String]) -> bool {
        BOARD_UNITS.contains(&row[3].as_str())
    }

    #[test]
    fn head_counts_are_the_printed_ones() {
        let rows = rows("medarbetare", 1);
        let count = |month: &str, suits: &dyn Fn(&[String]) -> bool| -> i64 {
            rows.iter()
                .filter(|row| row[0] == month && suits(row))
                .map(|row| hundredths(&row[9]))
                .sum()
        };
        let months = ["2021-08", "2022-08", "2023-08", "2024-02", "2024-08"];
        let board = months.map(|month| count(month, &is_board));
        assert_eq!(board, [59_850, 62_800, 65_700, 65_750, 66_500]);
        let change = |unit: &'static str, from: &str| {
            let of_unit = move |row: &[String]| row[3] == unit;
            count("2024-08", &of_unit) - count(from, &of_unit)
        };
        assert_eq!(change("632", "2023-08"), 400);
        assert_eq!(change("631", "2023-08"), 200);
        assert_eq!(change("632", "2024-02"), 500);
        assert_eq!(change("607", "2024-02"), 400);
    }

    #[test]
    fn eight_of_the_managers_of_august_2023_are_so_no_longer() {
        let rows = rows("medarbetare", 1);
        let managers = |month: &str| -> BTreeSet<&str> {
            rows.iter()
                .filter(|row| row[0] == month && is_board(row) && (row[5] == "J" || row[6] == "J"))
                .map(|row| row[2].as_str())
                .collect()
        };
        let (before, now) = (managers("2023-08"), managers("2024-08"));
        assert_eq!((before.len(), now.len(), before.difference(&now).count()), (58, 60, 8));
    }

    #[test]
    fn sick_leave_is_the_printed_one_whatever_the_seed() {
        for seed in [1, 2] {
            let (mut ordinary, mut sick, mut long) = ([0, 0], [0, 0], 0);
            for row in rows("arbetstid", seed) {
                let hours: Vec<i64> = row[6..12].iter().map(|text| hundredths(text)).collect();
                assert_eq!(hours[2], hours[3] + hours[4] + hours[5], "{row:?}");
                assert!(hours[1] + hours[2] <= hours[0] && hours[1] >= 0, "{row:?}");
                if is_board(&row) && row[0].starts_with("2024") {
                    let sex = usize::from(row[4] == "Man");
                    ordinary[sex] += hours[0];
                    sick[sex] += hours[2];
                    long += hours[5];
                }
            }
            let share = |part: i64, whole: i64| part as f64 * 100.0 / whole as f64;
            let total = share(sick[0] + sick[1], ordinary[0] + ordinary[1]);
            assert!((5.65..5.75).contains(&total), "{total}");
            assert!(share(sick[0], ordinary[0]) > share(sick[1], ordinary[1]) + 1.0);
            let long = share(long, sick[0] + sick[1]);
            assert!((38.0..42.0).contains(&long), "{long}");
        }
    }

    #[test]
    fn sick_hours_and_periods_of_absence_are_of_the_same_days() {
        let month_of = |day: &str| day[..7].to_owned();
        let mut away: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for row in rows("franvaro", 1).into_iter().filter(|row| row[2] != "Vård av barn") {
            let to = if row[4].is_empty() { "2024-08".to_owned() } else { month_of(&row[4]) };
            away.entry(row[0].clone()).or_default().push((month_of(&row[3]), to));
        }
        for row in rows("arbetstid", 1).iter().filter(|row| hundredths(&row[8]) > 0) {
            let periods = away.get(&row[1]).map(Vec::as_slice).unwrap_or_default();
            let is_away = periods.iter().any(|(from, to)| *from <= row[0] && row[0] <= *to);
            assert!(is_away, "{row:?}");
        }
    }

    #[test]
    fn about_seven_in_ten_hours_are_those_of_the_healthy() {
        let mut persons: BTreeMap<String, [i64; 3]> = BTreeMap::new();
        for row in rows("arbetstid", 1) {
            if is_board(&row) && ("2023-09"..="2024-08").contains(&row[0].as_str()) {
                let sums = persons.entry(row[2].clone()).or_default();
                sums[0] += hundredths(&row[6]);
                sums[1] += hundredths(&row[8]);
                sums[2] += row[12].parse::<i64>().unwrap();
            }
        }
        let whole: i64 = persons.values().map(|sums| sums[0]).sum();
        let healthy: i64 = persons
            .values()
            .filter(|[_, sick, spells]| *sick <= 4_000 && *spells <= 3)
            .map(|sums| sums[0])
            .sum();
        let share = healthy as f64 / whole as f64;
        assert!((0.65..0.75).contains(&share), "{share}");
    }

    #[test]
    fn the_board_s_staff_is_the_same_at_every_scale() {
        let board_lines = |scale: f64| -> Vec<String> {
            let all = files(&Settings { scale, seed: 1 }).unwrap();
            let file = all.into_iter().find(|file| file.name == "medarbetare_2024.csv").unwrap();
            let mut bytes = Vec::new();
            (file.write)(&mut bytes).unwrap();
            let (text, _, _) = encoding_rs::WINDOWS_1252.decode(&bytes);
            let is_board_line =
                |line: &&str| BOARD_UNITS.contains(&line.split(';').nth(3).unwrap_or(""));
            text.lines().filter(is_board_line).map(str::to_owned).collect()
        };
        assert_eq!(board_lines(0.02), board_lines(0.2));
    }
}
