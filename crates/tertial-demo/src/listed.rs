//! Sources whose rows are few enough to stand in the tables as the source would send them.
//!
//! The first column of such a table says which delivery a row belongs to; the others are the
//! source's own, headings and all. Here is only said in which dress each of them travels.

use crate::dress::{Delimited, Encoding};
use crate::sheet::{Sheet, workbook};
use crate::{DemoError, DemoFile, Settings, totals};
use rust_xlsxwriter::ExcelDateTime;
use std::collections::BTreeMap;
use std::io;

/// One kind of file.
struct Listed {
    source: &'static str,
    /// File name under `totals/`.
    table: &'static str,
    text: &'static str,
    /// Name of the delivery, with the first column's text between the two.
    name: (&'static str, &'static str),
    dress: Dress,
}

enum Dress {
    Text(Encoding, char),
    Workbook(Sheet<'static>),
}

/// Every kind, in the order their files are listed.
const LISTED: &[Listed] = &[
    Listed {
        source: "doctor_visits",
        table: "doctor_visits.csv",
        text: include_str!("../totals/doctor_visits.csv"),
        name: ("lakarbesok_", ".csv"),
        dress: Dress::Text(Encoding::Windows1252, ';'),
    },
    Listed {
        source: "travel_survey",
        table: "travel_survey.csv",
        text: include_str!("../totals/travel_survey.csv"),
        name: ("sjukreseundersokning_", ".xlsx"),
        dress: Dress::Workbook(Sheet {
            name: "Nöjdhet",
            title: "Kundundersökning sjukresor",
            heading_row: 5,
            sum_label: Some("Alla färdsätt"),
            summed: &["Utskick", "Svar", "Nöjda (4–5)"],
        }),
    },
    Listed {
        source: "pupil_health",
        table: "pupil_health.csv",
        text: include_str!("../totals/pupil_health.csv"),
        name: ("elevhalsosamtal_", ".xlsx"),
        dress: Dress::Workbook(Sheet {
            name: "Självskattad hälsa",
            title: "Elevhälsosamtal: självskattad hälsa",
            heading_row: 4,
            sum_label: None,
            summed: &[],
        }),
    },
    Listed {
        source: "helpdesk",
        table: "helpdesk_cases.csv",
        text: include_str!("../totals/helpdesk_cases.csv"),
        name: ("helpdesk_", ".csv"),
        dress: Dress::Text(Encoding::Utf8, ';'),
    },
    Listed {
        source: "it_controls",
        table: "it_controls.csv",
        text: include_str!("../totals/it_controls.csv"),
        name: ("cis_kontroller_", ".xlsx"),
        dress: Dress::Workbook(Sheet {
            name: "Underkontroller",
            title: "Självvärdering av inventering och styrning",
            heading_row: 3,
            sum_label: None,
            summed: &[],
        }),
    },
    Listed {
        source: "it_incidents",
        table: "it_incidents.csv",
        text: include_str!("../totals/it_incidents.csv"),
        name: ("incidenter_", ".csv"),
        dress: Dress::Text(Encoding::Utf8WithMark, ','),
    },
    Listed {
        source: "information_classes",
        table: "information_assets.csv",
        text: include_str!("../totals/information_assets.csv"),
        name: ("informationstillgangar_", ".csv"),
        dress: Dress::Text(Encoding::Utf16, '\t'),
    },
    Listed {
        source: "planning",
        table: "planning_goals.csv",
        text: include_str!("../totals/planning_goals.csv"),
        name: ("mal_", ".csv"),
        dress: Dress::Text(Encoding::Windows1252, ';'),
    },
    Listed {
        source: "planning",
        table: "planning_activities.csv",
        text: include_str!("../totals/planning_activities.csv"),
        name: ("aktiviteter_", ".csv"),
        dress: Dress::Text(Encoding::Windows1252, ';'),
    },
    Listed {
        source: "budget",
        table: "budget_frames.csv",
        text: include_str!("../totals/budget_frames.csv"),
        name: ("budgetramar_", ".xlsx"),
        dress: Dress::Workbook(Sheet {
            name: "Ramar",
            title: "Budgetbok: nettobudgetramar och omdisponeringar, tkr",
            heading_row: 4,
            sum_label: None,
            summed: &[],
        }),
    },
    Listed {
        source: "forecast",
        table: "forecast_areas.csv",
        text: include_str!("../totals/forecast_areas.csv"),
        name: ("helarsprognos_", ".csv"),
        dress: Dress::Text(Encoding::Utf8WithMark, ';'),
    },
    Listed {
        source: "balance",
        table: "balance_lines.csv",
        text: include_str!("../totals/balance_lines.csv"),
        name: ("balansrakning_", ".xlsx"),
        dress: Dress::Workbook(Sheet {
            name: "Balansräkning",
            title: "Balansräkning, tkr",
            heading_row: 5,
            sum_label: None,
            summed: &[],
        }),
    },
    Listed {
        source: "investments",
        table: "investments_objects.csv",
        text: include_str!("../totals/investments_objects.csv"),
        name: ("investeringar_", ".xlsx"),
        dress: Dress::Workbook(Sheet {
            name: "Objekt",
            title: "Investeringsuppföljning, tkr",
            heading_row: 4,
            sum_label: Some("Summa"),
            summed: &[
                "Utfall i år",
                "Budget i år",
                "Prognos i år",
                "Total budget",
                "Totalt utfall",
            ],
        }),
    },
    Listed {
        source: "savings",
        table: "savings_measures.csv",
        text: include_str!("../totals/savings_measures.csv"),
        name: ("atgarder_", ".csv"),
        dress: Dress::Text(Encoding::Windows1252, ';'),
    },
];

/// One file for each text in the first column of each table.
pub fn files(_settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let mut files = Vec::new();
    for listed in LISTED {
        let headings = headings(listed.text);
        let rows: Vec<Vec<String>> = totals(listed.table, listed.text)?;
        let mut deliveries: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
        for mut row in rows {
            let delivery = row.remove(0);
            deliveries.entry(delivery).or_default().push(row);
        }
        for (delivery, rows) in deliveries {
            let headings = headings.clone();
            let name = format!("{}{delivery}{}", listed.name.0, listed.name.1);
            files.push(DemoFile::new(listed.source, name, move |sink| match &listed.dress {
                Dress::Text(encoding, delimiter) => {
                    let mut table = Delimited::parted_by(sink, *encoding, *delimiter, &headings)?;
                    for row in &rows {
                        row.iter().for_each(|cell| table.text(cell));
                        table.end_row()?;
                    }
                    table.finish()
                }
                Dress::Workbook(sheet) => {
                    sink.write_all(&bytes(sheet, &headings, &rows).map_err(io::Error::other)?)
                }
            }));
        }
    }
    Ok(files)
}

/// The source's headings: the table's, without the first.
fn headings(text: &str) -> Vec<String> {
    let first = text.lines().next().unwrap_or_default();
    first.split(',').skip(1).map(str::to_owned).collect()
}

fn bytes(
    sheet: &Sheet,
    headings: &[String],
    rows: &[Vec<String>],
) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    // A fixed time of making, so that the same table gives the same bytes.
    let made = ExcelDateTime::from_ymd(2024, 9, 5)?.and_hms(8, 0, 0)?;
    workbook(sheet, headings, rows, &made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(table: &str) -> Vec<Vec<String>> {
        let listed = LISTED.iter().find(|listed| listed.table == table).unwrap();
        totals(listed.table, listed.text).unwrap()
    }

    #[test]
    fn every_row_has_a_cell_for_every_heading_and_every_letter_its_place() {
        for listed in LISTED {
            let width = headings(listed.text).len() + 1;
            for row in rows(listed.table) {
                assert_eq!(row.len(), width, "{}: {row:?}", listed.table);
            }
            if matches!(listed.dress, Dress::Text(Encoding::Windows1252, _)) {
                let (_, _, has_gaps) = encoding_rs::WINDOWS_1252.encode(listed.text);
                assert!(!has_gaps, "{}", listed.table);
            }
        }
    }

    #[test]
    fn the_helpdesk_solves_as_many_calls_as_the_report_prints() {
        let number = |text: &String| text.parse::<i64>().unwrap();
        let (mut cases, mut solved) = (0, 0);
        for row in rows("helpdesk_cases.csv") {
            if row[1].as_str() >= "2024" && row[2] == "Telefon" {
                cases += number(&row[4]);
                solved += number(&row[5]);
            }
        }
        assert_eq!((solved, cases), (20_352, 24_432));
        assert_eq!(format!("{:.1}", solved as f64 / cases as f64 * 100.0), "83.3");
    }

    #[test]
    fn one_of_eight_and_four_of_ten_sub_controls_are_fulfilled() {
        let of = |kind: &str, state: Option<&str>| {
            let is_one = |row: &&Vec<String>| {
                row[0] == "2024T2" && row[5] == kind && state.is_none_or(|state| row[6] == state)
            };
            rows("it_controls.csv").iter().filter(is_one).count()
        };
        assert_eq!((of("Enheter", Some("Ja")), of("Enheter", None)), (1, 8));
        assert_eq!((of("Programvara", Some("Ja")), of("Programvara", None)), (4, 10));
    }

    #[test]
    fn pupils_of_2021_feel_as_the_plan_of_2022_prints() {
        for (grade, expected) in [("Åk 7", 0.70), ("Gy 1", 0.55)] {
            let (mut answers, mut good) = (0.0, 0.0);
            for row in rows("pupil_health.csv").iter().filter(|row| row[0] == "2021") {
                if row[5] == grade {
                    answers += row[7].parse::<f64>().unwrap();
                    good += row[8].parse::<f64>().unwrap();
                }
            }
            assert!((good / answers - expected).abs() < 1e-9, "{grade}");
        }
    }

    #[test]
    fn the_investments_sum_to_the_printed_totals() {
        let sum = |column: usize| -> i64 {
            let cells = rows("investments_objects.csv");
            cells.iter().filter_map(|row| row[column].parse::<i64>().ok()).sum()
        };
        // 1 311 + 13 835 + 20 246 spent, 516 + 53 880 + 66 323 budgeted, 47 339 + 36 090 forecast.
        assert_eq!((sum(7), sum(8), sum(9)), (35_392, 120_719, 83_429));
    }

    #[test]
    fn frames_and_forecasts_print_as_the_report_does() {
        let frame = |area: &str| -> i64 {
            let rows = rows("budget_frames.csv");
            rows.iter()
                .filter(|row| area.is_empty() || row[6] == area)
                .map(|row| row[8].parse::<i64>().unwrap())
                .sum()
        };
        let forecast = |area: &str| -> i64 {
            let rows = rows("forecast_areas.csv");
            rows.iter()
                .filter(|row| row[1] == "2024T2" && (area.is_empty() || row[2] == area))
                .map(|row| row[5].replace(',', "").parse::<i64>().unwrap())
                .sum()
        };
        let printed = |tkr: i64| format!("{:.1}", tkr as f64 / 1000.0);
        for (area, expected) in [
            ("Regionstaben", ["-606.9", "541.1", "-65.8"]),
            ("Regiongemensamt", ["-392.9", "296.7", "-96.1"]),
            ("Vårdval", ["-913.5", "916.5", "3.0"]),
            ("", ["-1913.3", "1754.4", "-159.0"]),
        ] {
            let (given, asked) = (frame(area), forecast(area));
            assert_eq!(
                [printed(asked), printed(given), printed(asked + given)],
                expected,
                "{area}"
            );
        }
        // A decision only moves money.
        let moved: i64 = rows("budget_frames.csv")
            .iter()
            .filter(|row| row[3] == "Omdisponering")
            .map(|row| row[8].parse::<i64>().unwrap())
            .sum();
        assert_eq!(moved, 0);
    }
}
