//! The survey among the staff, as its supplier sends it: a workbook a survey, answers counted per
//! unit, group and question, and how many were asked.
//!
//! A board's answers to a question sum to the points its table says; units and answers share them.
//! Managers are counted among all and again by themselves.

use crate::hr::Staff;
use crate::random::Random;
use crate::workbook::{Cell, Sheet, workbook};
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct Question {
    question_code: String,
    question_text: String,
    /// Mean on the scale 1–6 in hundredths, or for yes and no the share of no in per mille.
    mean: i64,
    is_scale: bool,
}

/// One board in one survey.
#[derive(Debug, Clone, Deserialize)]
struct Board {
    survey_month: String,
    board_id: String,
    response_pct: u64,
    /// Added to each question's mean, in hundredths.
    offset: i64,
    /// The managers' means above those of all, in hundredths.
    managers_above: i64,
}

/// A unit whose response differs from its board's.
#[derive(Debug, Clone, Deserialize)]
struct UnitResponse {
    survey_month: String,
    unit_id: String,
    response_pct: u64,
}

/// One unit in one survey: how many were asked and answered, managers apart from the others.
struct Unit {
    unit_id: String,
    asked: [i64; 2],
    answered: [i64; 2],
}

impl Unit {
    fn answers(&self) -> i64 {
        self.answered.iter().sum()
    }
}

/// Places in [`Unit::asked`] and [`Unit::answered`].
const OTHERS: usize = 0;
const MANAGERS: usize = 1;
/// Managers who answer, in per cent.
const MANAGERS_PCT: u64 = 92;

/// The tables.
struct Tables {
    questions: Vec<Question>,
    boards: Vec<Board>,
    units: Vec<UnitResponse>,
    seed: u64,
}

/// One workbook a survey, `medarbetarenkat_<month>.xlsx`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let tables = Arc::new(Tables {
        questions: totals("survey_questions.csv", include_str!("../totals/survey_questions.csv"))?,
        boards: totals("survey_boards.csv", include_str!("../totals/survey_boards.csv"))?,
        units: totals("survey_units.csv", include_str!("../totals/survey_units.csv"))?,
        seed: settings.seed,
    });
    let staff = Arc::new(Staff::new(settings)?);
    let mut surveys: Vec<String> =
        tables.boards.iter().map(|board| board.survey_month.clone()).collect();
    surveys.dedup();
    let file = |survey: String| {
        let (tables, staff) = (Arc::clone(&tables), Arc::clone(&staff));
        DemoFile::new("staff_survey", format!("medarbetarenkat_{survey}.xlsx"), move |sink| {
            let sheets = tables.sheets(&survey, &staff);
            let made = (survey[..4].parse().unwrap_or(2024), 12, 1);
            let book = workbook("Medarbetarenkät", "HR-avdelningen", &survey, made, &sheets);
            sink.write_all(&book.map_err(io::Error::other)?)
        })
    };
    Ok(surveys.into_iter().map(file).collect())
}

impl Tables {
    fn sheets(&self, survey: &str, staff: &Staff) -> [Sheet; 2] {
        let mut answers = Vec::new();
        let mut response = Vec::new();
        for board in self.boards.iter().filter(|board| board.survey_month == survey) {
            let units = self.units(board, staff);
            for unit in &units {
                response.extend(response_rows(survey, unit));
            }
            for question in &self.questions {
                for (unit, counts) in units.iter().zip(self.counts(board, question, &units)) {
                    answers.extend(answer_rows(survey, unit, question, counts));
                }
            }
        }
        [
            Sheet {
                name: "Svar per fråga",
                title: "Medarbetarenkät, antal svar per enhet, grupp och fråga",
                headings: &[
                    "Månad",
                    "Enhet",
                    "Grupp",
                    "Frågenummer",
                    "Fråga",
                    "Svar 1",
                    "Svar 2",
                    "Svar 3",
                    "Svar 4",
                    "Svar 5",
                    "Svar 6",
                    "Ja",
                    "Nej",
                    "Medelvärde",
                ],
                rows: answers,
                summed: &[],
                note: "Cheferna ingår även bland alla. Skalan går från 1 till 6.",
            },
            Sheet {
                name: "Svarsfrekvens",
                title: "Medarbetarenkät, utskick och svar",
                headings: &["Månad", "Enhet", "Grupp", "Utskick", "Svar"],
                rows: response,
                summed: &[],
                note: "Enkäten skickades till alla anställda den första i månaden.",
            },
        ]
    }

    /// The board's units with staff, in order.
    fn units(&self, board: &Board, staff: &Staff) -> Vec<Unit> {
        let mut asked: BTreeMap<String, [i64; 2]> = BTreeMap::new();
        let present = staff.present(&board.survey_month);
        for person in present.iter().filter(|person| person.board_id == board.board_id) {
            let place = if person.is_manager { MANAGERS } else { OTHERS };
            asked.entry(person.unit_id.to_owned()).or_default()[place] += 1;
        }
        let own = |unit_id: &str| {
            self.units
                .iter()
                .find(|unit| unit.survey_month == board.survey_month && unit.unit_id == unit_id)
        };
        asked
            .into_iter()
            .map(|(unit_id, asked)| {
                let pct = own(&unit_id).map_or(board.response_pct, |unit| unit.response_pct);
                let share = |count: i64, pct: u64| (count * pct as i64 + 50) / 100;
                let answered = [share(asked[OTHERS], pct), share(asked[MANAGERS], MANAGERS_PCT)];
                Unit { unit_id, asked, answered }
            })
            .collect()
    }

    /// What each unit's others and managers answered to a question.
    fn counts(&self, board: &Board, question: &Question, units: &[Unit]) -> Vec<[Counts; 2]> {
        let path = ["staff_survey", &board.survey_month, &board.board_id, &question.question_code];
        let mut random = Random::stream(self.seed, &path);
        let all: i64 = units.iter().map(Unit::answers).sum();
        if !question.is_scale {
            let mut yes_left = all - (all * question.mean + 500) / 1_000;
            // The few who say yes sit in the large units.
            let mut order: Vec<usize> = (0..units.len()).collect();
            order.sort_by_key(|&at| (-units[at].answered[OTHERS], at));
            let mut counts: Vec<[Counts; 2]> = vec![[Counts::default(); 2]; units.len()];
            for at in order {
                let yes = yes_left.min(units[at].answered[OTHERS] / 12);
                yes_left -= yes;
                counts[at][OTHERS] = Counts::yes_no(units[at].answered[OTHERS], yes);
                counts[at][MANAGERS] = Counts::yes_no(units[at].answered[MANAGERS], 0);
            }
            return counts;
        }
        let mean = question.mean + board.offset;
        let points = (all * mean + 50) / 100;
        let of = |count: i64, mean: i64| ((count * mean + 50) / 100).clamp(count, 6 * count);
        let mut sums: Vec<[i64; 2]> = units
            .iter()
            .map(|unit| {
                let unit_mean = mean + random.between(-22, 22);
                let managers = of(unit.answered[MANAGERS], (mean + board.managers_above).min(600));
                let others = of(unit.answers(), unit_mean) - managers;
                let count = unit.answered[OTHERS];
                [others.clamp(count, 6 * count), managers]
            })
            .collect();
        settle(&mut sums, units, points);
        units
            .iter()
            .zip(sums)
            .map(|(unit, sums)| {
                [OTHERS, MANAGERS]
                    .map(|place| Counts::scale(unit.answered[place], sums[place], &mut random))
            })
            .collect()
    }
}

/// Moves single points until the units' sums are the board's; managers keep theirs.
fn settle(sums: &mut [[i64; 2]], units: &[Unit], points: i64) {
    let mut left: i64 = points - sums.iter().flatten().sum::<i64>();
    while left != 0 {
        let before = left;
        for (sum, unit) in sums.iter_mut().zip(units) {
            let next = sum[OTHERS] + left.signum();
            let count = unit.answered[OTHERS];
            if left != 0 && (count..=6 * count).contains(&next) {
                sum[OTHERS] = next;
                left -= left.signum();
            }
        }
        if left == before {
            return;
        }
    }
}

/// Answers 1–6, then yes and no.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Counts {
    scale: [i64; 6],
    yes_no: [i64; 2],
}

impl Counts {
    fn yes_no(count: i64, yes: i64) -> Counts {
        Counts { yes_no: [yes, count - yes], ..Counts::default() }
    }

    /// `count` answers that sum to `points`: near the mean first, then spread by pairs of steps, one
    /// up and one down, which leave the sum as it is.
    fn scale(count: i64, points: i64, random: &mut Random) -> Counts {
        let mut scale = [0; 6];
        if count == 0 {
            return Counts::default();
        }
        let (low, rest) = ((points / count).clamp(1, 6), points % count);
        scale[low as usize - 1] += count - rest;
        if rest > 0 {
            scale[low as usize] += rest;
        }
        for _ in 0..count {
            let (down, up) = (random.between(1, 4) as usize, random.between(1, 4) as usize);
            let needed = if down == up { 2 } else { 1 };
            if scale[down] >= needed && scale[up] >= needed {
                scale[down] -= 1;
                scale[down - 1] += 1;
                scale[up] -= 1;
                scale[up + 1] += 1;
            }
        }
        Counts { scale, yes_no: [0; 2] }
    }

    fn plus(self, other: Counts) -> Counts {
        let mut sum = self;
        for (value, more) in sum.scale.iter_mut().zip(other.scale) {
            *value += more;
        }
        for (value, more) in sum.yes_no.iter_mut().zip(other.yes_no) {
            *value += more;
        }
        sum
    }

    /// Mean on the scale in hundredths, rounded; none without answers.
    fn mean(self) -> Option<i64> {
        let count: i64 = self.scale.iter().sum();
        let points: i64 = (1..).zip(self.scale).map(|(points, count)| points * count).sum();
        (count > 0).then(|| (points * 200 + count) / (2 * count))
    }
}

fn answer_rows(
    survey: &str,
    unit: &Unit,
    question: &Question,
    counts: [Counts; 2],
) -> Vec<Vec<Cell>> {
    let groups = [("Alla", counts[OTHERS].plus(counts[MANAGERS])), ("Chefer", counts[MANAGERS])];
    groups
        .into_iter()
        .filter(|(group, _)| *group == "Alla" || unit.answered[MANAGERS] > 0)
        .map(|(group, counts)| {
            let number = |is_asked: bool, count: i64| {
                if is_asked { Cell::Number(count, 0) } else { Cell::Empty }
            };
            let mut cells = vec![
                Cell::Text(survey.to_owned()),
                Cell::Text(unit.unit_id.clone()),
                Cell::Text(group.to_owned()),
                Cell::Text(question.question_code.clone()),
                Cell::Text(question.question_text.clone()),
            ];
            cells.extend(counts.scale.map(|count| number(question.is_scale, count)));
            cells.extend(counts.yes_no.map(|count| number(!question.is_scale, count)));
            cells.push(counts.mean().map_or(Cell::Empty, |mean| Cell::Number(mean, 2)));
            cells
        })
        .collect()
}

fn response_rows(survey: &str, unit: &Unit) -> Vec<Vec<Cell>> {
    let groups = [
        ("Alla", unit.asked.iter().sum::<i64>(), unit.answers()),
        ("Chefer", unit.asked[MANAGERS], unit.answered[MANAGERS]),
    ];
    groups
        .into_iter()
        .filter(|(_, asked, _)| *asked > 0)
        .map(|(group, asked, answered)| {
            vec![
                Cell::Text(survey.to_owned()),
                Cell::Text(unit.unit_id.clone()),
                Cell::Text(group.to_owned()),
                Cell::Number(asked, 0),
                Cell::Number(answered, 0),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points and answers of the rows of one group that a board's survey gives to the questions.
    fn sums(board_units: &[&str], survey: &str, group: &str, questions: &[&str]) -> (i64, i64) {
        let settings = Settings { scale: 0.02, seed: 3 };
        let tables = Tables {
            questions: totals("q", include_str!("../totals/survey_questions.csv")).unwrap(),
            boards: totals("b", include_str!("../totals/survey_boards.csv")).unwrap(),
            units: totals("u", include_str!("../totals/survey_units.csv")).unwrap(),
            seed: 3,
        };
        let [answers, _] = tables.sheets(survey, &Staff::new(&settings).unwrap());
        let mut sums = (0, 0);
        for row in &answers.rows {
            let is = |at: usize, texts: &[&str]| match &row[at] {
                Cell::Text(text) => texts.contains(&text.as_str()),
                _ => false,
            };
            if is(1, board_units) && is(2, &[group]) && is(3, questions) {
                for (points, cell) in (1..).zip(&row[5..11]) {
                    if let Cell::Number(count, 0) = cell {
                        sums.0 += points * count;
                        sums.1 += count;
                    }
                }
            }
        }
        sums
    }

    const RS: [&str; 12] =
        ["605", "607", "608", "612", "614", "616", "617", "621", "623", "631", "632", "633"];

    #[test]
    fn the_board_s_index_is_the_printed_one() {
        let index = ["H01", "H02", "H03", "H04", "H05", "H06", "H07", "H08"];
        let (points, answers) = sums(&RS, "2024-04", "Alla", &index);
        assert!(answers > 3_000, "{answers}");
        assert_eq!((points * 1_000 / answers + 5) / 10, 460);
        let (points, answers) = sums(&RS, "2024-04", "Alla", &["H03"]);
        assert_eq!((points * 1_000 / answers + 5) / 10, 460);
        let (points, answers) = sums(&RS, "2024-04", "Chefer", &index);
        assert!(points * 100 / answers > 470, "{points} {answers}");
    }

    #[test]
    fn answers_sum_to_their_points_whatever_the_spread() {
        let mut random = Random::stream(1, &["test"]);
        for (count, points) in [(0, 0), (1, 6), (7, 7), (40, 184), (11, 66)] {
            let counts = Counts::scale(count, points, &mut random);
            let sum: i64 = (1..).zip(counts.scale).map(|(points, count)| points * count).sum();
            assert_eq!((counts.scale.iter().sum::<i64>(), sum), (count, points));
        }
    }
}
