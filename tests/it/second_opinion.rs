//! The ten most important indicators computed a second time, by other means, on made-up rows.
//!
//! The SQL says what the region's figures are; here the same definitions are put into Polars by
//! reading the definition and not the query. Rows are random, so gaps, zeros, negative amounts,
//! persons in two units and late years occur. Only the figure itself is compared, not its
//! breakdowns; what a figure becomes afterwards is not tested here.

use crate::workbench::{Facts, Given};
use polars::prelude::*;
use std::collections::BTreeMap;
use std::io::Cursor;
use tertial_model::Decimal;

/// Rounds per indicator, each with rows of its own.
const ROUNDS: u64 = 8;

/// `(unit, period, sex)` to numerator and denominator, in hundredths; none = the cell is null.
type Answers = BTreeMap<(String, String, String), (i128, Option<i128>)>;

// ---------------------------------------------------------------- made-up rows

/// A small generator of its own: the same rows on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }

    /// Kronor with öre, at times negative.
    fn amount(&mut self) -> String {
        let ore = self.below(5_000_000) as i64 - 400_000;
        let sign = if ore < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", ore.abs() / 100, ore.abs() % 100)
    }
}

/// A month between January of `first` and August 2024.
fn month(dice: &mut Dice, first: u64) -> String {
    let at = dice.below((2024 - first) * 12 + 8);
    format!("{}-{:02}-01", first + at / 12, at % 12 + 1)
}

/// Departments, their area, and what lies above.
const DEPARTMENTS: [(&str, &str); 4] = [("d1", "A1"), ("d2", "A1"), ("d3", "A2"), ("d4", "A2")];
const UNITS: [&str; 4] = ["d1", "d2", "d3", "d4"];

fn ancestors(unit: &str) -> Vec<(&str, &str)> {
    let area = DEPARTMENTS.iter().find(|(found, _)| *found == unit).expect("a department").1;
    vec![(unit, "department"), (area, "area"), ("RS", "board"), ("RJH", "region")]
}

fn organisation() -> String {
    let mut csv = "unit_id,ancestor_unit_id,ancestor_level\n".to_owned();
    for unit in UNITS {
        for (ancestor, level) in ancestors(unit) {
            csv += &format!("{unit},{ancestor},{level}\n");
        }
    }
    csv
}

fn table(headings: &str, rows: u64, mut row: impl FnMut(u64) -> String) -> String {
    let mut csv = format!("{headings}\n");
    for at in 0..rows {
        csv += &row(at);
        csv.push('\n');
    }
    csv
}

// ---------------------------------------------------------------- the second implementation

/// Rows as Polars reads them, every column text.
fn frame(csv: &str) -> DataFrame {
    CsvReadOptions::default()
        .with_infer_schema_length(Some(0))
        .into_reader_with_file_handle(Cursor::new(csv.as_bytes().to_vec()))
        .finish()
        .expect("rows")
}

/// A column of decimals in hundredths, under its own name.
fn in_hundredths(frame: &DataFrame, name: &str) -> DataFrame {
    let hundredths: Vec<i64> = texts(frame, name)
        .iter()
        .map(|text| {
            let number = Decimal::parse(text).unwrap_or_else(|| panic!("`{text}` in {name}"));
            i64::try_from(number.rescale(2).expect("two decimals").units()).expect("a small number")
        })
        .collect();
    let mut frame = frame.clone();
    frame.with_column(Column::new(name.into(), hundredths)).expect("a column");
    frame
}

fn texts(frame: &DataFrame, name: &str) -> Vec<String> {
    let column = frame.column(name).expect("a column").str().expect("text");
    column.iter().map(|text| text.unwrap_or_default().to_owned()).collect()
}

/// The rows for which `keeps` holds of the named column.
fn only(frame: &DataFrame, name: &str, keeps: impl Fn(&str) -> bool) -> DataFrame {
    let mask: BooleanChunked = texts(frame, name).iter().map(|text| Some(keeps(text))).collect();
    frame.filter(&mask).expect("a filter")
}

/// Sums of a column in hundredths per group of text columns.
fn sums(frame: &DataFrame, keys: &[&str], value: &str) -> BTreeMap<Vec<String>, i128> {
    if frame.height() == 0 {
        return BTreeMap::new();
    }
    let grouped = frame.group_by(keys.iter().copied()).expect("groups");
    #[expect(deprecated, reason = "the eager sum needs no query engine")]
    let summed = grouped.select([value]).sum().expect("sums");
    let totals =
        summed.column(&format!("{value}_sum")).expect("a sum").i64().expect("numbers").clone();
    let columns: Vec<Vec<String>> = keys.iter().map(|key| texts(&summed, key)).collect();
    totals
        .iter()
        .enumerate()
        .map(|(at, total)| {
            let key = columns.iter().map(|column| column[at].clone()).collect();
            (key, i128::from(total.unwrap_or(0)))
        })
        .collect()
}

fn total(frame: &DataFrame, value: &str) -> i128 {
    frame.column(value).expect("a column").i64().expect("numbers").sum().map_or(0, i128::from)
}

/// Each row once per unit above it, with the ancestor as `unit_id`.
fn with_ancestors(frame: &DataFrame, levels: &[&str]) -> DataFrame {
    let pairs: Vec<(&str, &str)> = UNITS
        .iter()
        .flat_map(|unit| {
            ancestors(unit).into_iter().map(move |(above, level)| (*unit, above, level))
        })
        .filter(|(_, _, level)| levels.contains(level))
        .map(|(unit, above, _)| (unit, above))
        .collect();
    let units: Vec<&str> = pairs.iter().map(|(unit, _)| *unit).collect();
    let above: Vec<&str> = pairs.iter().map(|(_, above)| *above).collect();
    let tree = df!("unit_id" => units, "above" => above).expect("a tree");
    let mut joined = frame.inner_join(&tree, ["unit_id"], ["unit_id"]).expect("a join");
    joined.drop_in_place("unit_id").expect("a column");
    joined.rename("above", "unit_id".into()).expect("a name");
    joined
}

/// The first day of each month of a period, so many years back.
fn months(period: &str, years_back: u16) -> Vec<String> {
    let year: u16 = period[..4].parse().expect("a year");
    let numbers = match &period[4..] {
        "" => 1..=12,
        rest if rest.starts_with('T') => 1..=rest[1..].parse::<u16>().expect("a tertial") * 4,
        rest => {
            let month: u16 = rest[1..].parse().expect("a month");
            month..=month
        }
    };
    numbers.map(|month| format!("{}-{month:02}-01", year - years_back)).collect()
}

/// Periods of a year that have begun when data reach `last`: a year only in December.
fn begun(first: u16, last: &str) -> Vec<String> {
    let mut periods = Vec::new();
    for year in first..=2024 {
        let starts = |month: u16| format!("{year}-{month:02}-01").as_str() <= last;
        periods.extend((1..=12).filter(|&m| starts(m)).map(|m| format!("{year}-{m:02}")));
        periods.extend((1..=3).filter(|t| starts(t * 4 - 3)).map(|t| format!("{year}T{t}")));
        periods.extend(starts(12).then(|| year.to_string()));
    }
    periods
}

fn last_month(frame: &DataFrame) -> String {
    texts(frame, "month").into_iter().max().unwrap_or_default()
}

fn first_month(frame: &DataFrame) -> String {
    texts(frame, "month").into_iter().min().unwrap_or_default()
}

fn within(frame: &DataFrame, months: &[String]) -> DataFrame {
    only(frame, "month", |month| months.iter().any(|found| found == month))
}

// ---------------------------------------------------------------- the comparison

/// What the project's query answers, breakdowns left out.
fn answered(indicator: &str, given: &Given) -> Answers {
    let rows = Facts::get().answer(&format!("indicator.{indicator}"), given);
    let mut answers = Answers::new();
    for at in 0..rows.rows.len() {
        let text = |name: &str| rows.get(at, name).text().unwrap_or_default();
        if !text("breakdown").is_empty() {
            continue;
        }
        let hundredths = |name: &str| {
            let number = rows.get(at, name).decimal()?;
            Some(number.rescale(2).expect("two decimals").units())
        };
        let key = (text("unit_id"), text("period"), text("sex"));
        let figure = (hundredths("numerator").expect("a numerator"), hundredths("denominator"));
        assert!(answers.insert(key.clone(), figure).is_none(), "{indicator}: {key:?} twice");
    }
    answers
}

/// Runs the rounds of an indicator and asks for the same answers, of which there must be some.
fn agree(
    indicator: &str,
    mut rows: impl FnMut(&mut Dice) -> Given,
    second: impl Fn(&Given) -> Answers,
) {
    let mut compared = 0;
    for round in 0..ROUNDS {
        let given = rows(&mut Dice(round + 1));
        let (found, expected) = (answered(indicator, &given), second(&given));
        compared += expected.len();
        for key in found.keys().chain(expected.keys()) {
            assert_eq!(found.get(key), expected.get(key), "{indicator}, round {round}, {key:?}");
        }
    }
    assert!(compared > 100, "{indicator}: {compared} figures are too few to compare");
}

fn given(tables: &[(&str, String)]) -> Given {
    tables.iter().map(|(name, csv)| ((*name).to_owned(), csv.clone())).collect()
}

fn key(unit: &str, period: &str, sex: &str) -> (String, String, String) {
    (unit.to_owned(), period.to_owned(), sex.to_owned())
}

/// Sums of two columns per period, unit and sex, over the period's own months.
fn shares(frame: &DataFrame, above: &str, below: &str, sexes: bool) -> Answers {
    let mut answers = Answers::new();
    for period in begun(2022, &last_month(frame)) {
        let rows = within(frame, &months(&period, 0));
        let mut keys = vec![vec!["unit_id"]];
        if sexes {
            keys.push(vec!["unit_id", "sex"]);
        }
        for keys in keys {
            let denominators = sums(&rows, &keys, below);
            for (group, numerator) in sums(&rows, &keys, above) {
                let sex = group.get(1).map_or("T", String::as_str);
                answers
                    .insert(key(&group[0], &period, sex), (numerator, Some(denominators[&group])));
            }
        }
    }
    answers
}

/// Growth of a sum against the same months of the year before, over what was there then.
fn growth(frame: &DataFrame, value: &str, known_from: &str, all: &DataFrame) -> Answers {
    let mut answers = Answers::new();
    let last = last_month(all);
    for period in begun(2022, &last) {
        let before: Vec<String> = months(&period, 1);
        if before.first().is_none_or(|first| first.as_str() < known_from) {
            continue;
        }
        // A period that is not over is compared month by month.
        let reached: Vec<bool> = months(&period, 0).iter().map(|month| *month <= last).collect();
        let kept = |months: Vec<String>| -> Vec<String> {
            months.into_iter().zip(&reached).filter(|(_, kept)| **kept).map(|(m, _)| m).collect()
        };
        let now = sums(&within(frame, &kept(months(&period, 0))), &["unit_id"], value);
        for (group, previous) in sums(&within(frame, &kept(before)), &["unit_id"], value) {
            let current = now.get(&group).copied().unwrap_or(0);
            if previous != 0 {
                let figure = (current - previous, Some(previous.abs()));
                answers.insert(key(&group[0], &period, "T"), figure);
            }
        }
    }
    answers
}

#[test]
fn sick_leave() {
    let rows = |dice: &mut Dice| {
        let headings =
            "month,employment_id,person_id,unit_id,sex,birth_year,ordinary_hours,sick_hours";
        let worked_time = table(headings, 400, |at| {
            let person = dice.below(60);
            format!(
                "{},e{at},p{person},{},{},{},{}.50,{}.25",
                month(dice, 2022),
                dice.pick(&UNITS),
                if person.is_multiple_of(3) { "M" } else { "K" },
                1960 + dice.below(45),
                80 + dice.below(90),
                dice.below(40)
            )
        });
        given(&[("core.worked_time", worked_time), ("core.unit_ancestors", organisation())])
    };
    agree("hr__sick_leave_pct", rows, |given| {
        let rows = frame(&given["core.worked_time"]);
        let rows = in_hundredths(&in_hundredths(&rows, "sick_hours"), "ordinary_hours");
        let rows = with_ancestors(&rows, &["region", "board", "area", "department"]);
        shares(&rows, "sick_hours", "ordinary_hours", true)
    });
}

#[test]
fn monthly_paid() {
    let rows = |dice: &mut Dice| {
        let headings = "month,employment_id,person_id,unit_id,sex,placement_share,is_monthly_paid";
        let employments = table(headings, 300, |at| {
            let person = dice.below(50);
            format!(
                "{},e{at},p{person},{},{},{},{}",
                month(dice, 2022),
                dice.pick(&UNITS),
                if person.is_multiple_of(4) { "M" } else { "K" },
                dice.pick(&["1.00", "0.50", "0.75"]),
                dice.pick(&["true", "true", "false"])
            )
        });
        given(&[("core.employments", employments), ("core.unit_ancestors", organisation())])
    };
    agree("hr__monthly_paid_count", rows, |given| {
        let rows =
            only(&frame(&given["core.employments"]), "is_monthly_paid", |paid| paid == "true");
        let rows = in_hundredths(&rows, "placement_share");
        let rows = with_ancestors(&rows, &["board", "area", "department"]);
        let mut answers = Answers::new();
        // A stock: the last month of the period, whether or not the period has begun for others.
        for period in begun(2022, "2024-12-01") {
            let last: Vec<String> = months(&period, 0).into_iter().last().into_iter().collect();
            for keys in [vec!["unit_id"], vec!["unit_id", "sex"]] {
                for (group, share) in sums(&within(&rows, &last), &keys, "placement_share") {
                    let sex = group.get(1).map_or("T", String::as_str);
                    answers.insert(key(&group[0], &period, sex), (share, None));
                }
            }
        }
        answers
    });
}

fn ledger(dice: &mut Dice) -> Given {
    let headings = "month,unit_id,account_code,result_line_code,line_type,balance_group,is_gross_cost,amount_sek";
    let months_of_ledger = table(headings, 500, |_| {
        let (line, kind, group, is_gross) = [
            ("personal", "cost", "", "true"),
            ("lakemedel", "cost", "", "true"),
            ("avgifter", "income", "", "false"),
            ("skatteintakter", "financing", "", "false"),
            ("generella_statsbidrag", "financing", "", "false"),
            ("eget_kapital", "balance", "equity", "false"),
            ("anlaggningar", "balance", "fixed_assets", "false"),
            ("kassa", "balance", "current_assets", "false"),
            ("lan", "balance", "interest_bearing_debt", "false"),
        ][dice.below(9) as usize];
        format!(
            "{},{},9{:03},{line},{kind},{group},{is_gross},{}",
            month(dice, 2022),
            dice.pick(&UNITS),
            dice.below(900),
            dice.amount()
        )
    });
    let headings = "year,account_code,result_line_code,line_type,balance_group,opening_sek";
    let groups = [
        "equity",
        "fixed_assets",
        "stock",
        "current_assets",
        "pension_investments",
        "interest_bearing_debt",
    ];
    let balances = table(headings, 30, |at| {
        let year = 2022 + at % 3;
        format!("{year},8{at:03},rad,balance,{},{}", dice.pick(&groups), dice.amount())
    });
    given(&[
        ("core.ledger_months", months_of_ledger),
        ("core.ledger_balances", balances),
        ("core.unit_ancestors", organisation()),
    ])
}

fn without(given: Given, table: &str) -> Given {
    given.into_iter().filter(|(name, _)| name != table).collect()
}

fn ledger_rows(given: &Given) -> DataFrame {
    in_hundredths(&frame(&given["core.ledger_months"]), "amount_sek")
}

#[test]
fn gross_cost_growth() {
    let rows = |dice: &mut Dice| without(ledger(dice), "core.ledger_balances");
    agree("economy__gross_cost_growth_pct", rows, |given| {
        let costs = only(&ledger_rows(given), "is_gross_cost", |gross| gross == "true");
        let by_unit = with_ancestors(&costs, &["region", "board", "area"]);
        growth(&by_unit, "amount_sek", &first_month(&costs), &costs)
    });
}

#[test]
fn net_cost_growth() {
    let rows = |dice: &mut Dice| without(ledger(dice), "core.ledger_balances");
    agree("economy__net_cost_growth_pct", rows, |given| {
        let rows =
            only(&ledger_rows(given), "line_type", |kind| kind == "income" || kind == "cost");
        let by_unit = with_ancestors(&rows, &["region", "board", "area"]);
        growth(&by_unit, "amount_sek", &first_month(&rows), &rows)
    });
}

/// Opening balance of the year plus the entries since January, for some rows.
fn standing(given: &Given, period: &str, keeps: &dyn Fn(&str, &str) -> bool) -> Option<i128> {
    let year = &period[..4];
    let balances = in_hundredths(&frame(&given["core.ledger_balances"]), "opening_sek");
    let opening = only(&balances, "year", |found| found == year);
    if opening.height() == 0 {
        return None;
    }
    let last = months(period, 0).pop().expect("a month");
    let entries =
        only(&ledger_rows(given), "month", |month| &month[..4] == year && month <= last.as_str());
    if entries.height() == 0 {
        return None;
    }
    let pick = |rows: &DataFrame, value: &str| -> i128 {
        sums(rows, &["balance_group", "line_type"], value)
            .into_iter()
            .filter(|(group, _)| keeps(&group[0], &group[1]))
            .map(|(_, sum)| sum)
            .sum()
    };
    Some(pick(&opening, "opening_sek") + pick(&entries, "amount_sek"))
}

#[test]
fn equity_ratio() {
    let rows = |dice: &mut Dice| without(ledger(dice), "core.unit_ancestors");
    agree("economy__equity_ratio_pct", rows, |given| {
        let assets = ["fixed_assets", "pension_investments", "stock", "current_assets"];
        let mut answers = Answers::new();
        for period in begun(2022, &last_month(&ledger_rows(given))) {
            let equity =
                standing(given, &period, &|group, kind| group == "equity" || kind != "balance");
            let total = standing(given, &period, &|group, _| assets.contains(&group));
            if let (Some(equity), Some(total)) = (equity, total) {
                answers.insert(key("RJH", &period, "T"), (-equity, Some(total)));
            }
        }
        answers
    });
}

#[test]
fn debt_ratio() {
    let rows = |dice: &mut Dice| without(ledger(dice), "core.unit_ancestors");
    agree("economy__debt_ratio_pct", rows, |given| {
        let mut answers = Answers::new();
        let entries = ledger_rows(given);
        for period in begun(2022, &last_month(&entries)) {
            let debts = only(&frame(&given["core.ledger_balances"]), "balance_group", |group| {
                group == "interest_bearing_debt"
            });
            if only(&debts, "year", |year| year == &period[..4]).height() == 0 {
                continue;
            }
            let debt = standing(given, &period, &|group, _| group == "interest_bearing_debt");
            let last = months(&period, 0).pop().expect("a month");
            let since = only(&entries, "month", |m| m[..4] == period[..4] && m <= last.as_str());
            let income = only(&since, "result_line_code", |line| {
                line == "skatteintakter" || line == "generella_statsbidrag"
            });
            if let (Some(debt), income) = (debt, total(&income, "amount_sek"))
                && income != 0
            {
                answers.insert(key("RJH", &period, "T"), (-debt, Some(-income)));
            }
        }
        answers
    });
}

#[test]
fn supplier_loyalty() {
    let rows = |dice: &mut Dice| {
        let headings = "month,voucher_number,voucher_row,unit_id,net_amount_sek,has_agreement,is_eu_project,can_be_procured";
        let invoices = table(headings, 400, |at| {
            format!(
                "{},v{at},1,{},{},{},{},{}",
                month(dice, 2022),
                dice.pick(&UNITS),
                dice.amount(),
                dice.pick(&["true", "true", "false"]),
                dice.pick(&["true", "false", "false"]),
                dice.pick(&["true", "true", "true", "false"])
            )
        });
        given(&[("core.invoices", invoices), ("core.unit_ancestors", organisation())])
    };
    agree("economy__supplier_loyalty_pct", rows, |given| {
        let rows = only(&frame(&given["core.invoices"]), "can_be_procured", |can| can == "true");
        let rows = in_hundredths(&rows, "net_amount_sek");
        let mut agreed = rows.clone();
        let with_agreement: Vec<i64> = texts(&rows, "has_agreement")
            .iter()
            .zip(rows.column("net_amount_sek").unwrap().i64().unwrap().iter())
            .map(|(has, amount)| if has == "true" { amount.unwrap_or(0) } else { 0 })
            .collect();
        agreed.with_column(Column::new("agreed".into(), with_agreement)).unwrap();
        let rows = with_ancestors(&agreed, &["region", "board"]);
        shares(&rows, "agreed", "net_amount_sek", false)
    });
}

#[test]
fn organic_food() {
    let rows = |dice: &mut Dice| {
        let purchases = table("month,kitchen,total_sek,organic_sek", 200, |_| {
            let total = 1_000 + dice.below(90_000);
            format!(
                "{},{},{total}.75,{}.25",
                month(dice, 2022),
                dice.pick(&["Norr", "Söder"]),
                dice.below(total)
            )
        });
        given(&[("core.food_purchases", purchases)])
    };
    agree("climate__organic_food_pct", rows, |given| {
        let rows = in_hundredths(&frame(&given["core.food_purchases"]), "organic_sek");
        let mut rows = in_hundredths(&rows, "total_sek");
        let region = vec!["RJH"; rows.height()];
        rows.with_column(Column::new("unit_id".into(), region)).unwrap();
        shares(&rows, "organic_sek", "total_sek", false)
    });
}

#[test]
fn waste_change() {
    let rows = |dice: &mut Dice| {
        let waste = table("month,fraction,treatment,weight_kg", 300, |at| {
            format!("{},f{at},t,{}.5", month(dice, 2019), 1 + dice.below(9_000))
        });
        given(&[("core.waste", waste)])
    };
    agree("climate__waste_change_pct", rows, |given| {
        let rows = in_hundredths(&frame(&given["core.waste"]), "weight_kg");
        let delivered = texts(&rows, "month");
        let mut answers = Answers::new();
        for period in begun(2020, &last_month(&rows)) {
            let back: u16 = period[..4].parse::<u16>().unwrap() - 2019;
            let pairs: Vec<(String, String)> = months(&period, 0)
                .into_iter()
                .zip(months(&period, back))
                .filter(|(now, base)| delivered.contains(now) && delivered.contains(base))
                .collect();
            let (now, base): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
            let base = total(&within(&rows, &base), "weight_kg");
            if base != 0 {
                let change = total(&within(&rows, &now), "weight_kg") - base;
                answers.insert(key("RJH", &period, "T"), (change, Some(base)));
            }
        }
        answers
    });
}

#[test]
fn targeted_talks() {
    let rows = |dice: &mut Dice| {
        let talks = table("month,centre_code,sex,talk_count", 250, |at| {
            format!("{},c{at},{},{}", month(dice, 2022), dice.pick(&["K", "M"]), dice.below(40))
        });
        let groups = table("year,centre_code,sex,person_count", 40, |at| {
            format!("{},c{at},{},{}", 2022 + at % 3, dice.pick(&["K", "M"]), 100 + dice.below(900))
        });
        given(&[("core.health_talks", talks), ("core.health_talk_target_groups", groups)])
    };
    agree("health__targeted_talks_pct", rows, |given| {
        let talks = in_hundredths(&frame(&given["core.health_talks"]), "talk_count");
        let groups =
            in_hundredths(&frame(&given["core.health_talk_target_groups"]), "person_count");
        let mut answers = Answers::new();
        let periods = begun(2022, &last_month(&talks));
        for period in periods.into_iter().filter(|period| !period.contains('-')) {
            let held = within(&talks, &months(&period, 0));
            let wanted = only(&groups, "year", |year| year == &period[..4]);
            for sex in ["T", "K", "M"] {
                let of = |rows: &DataFrame| only(rows, "sex", |found| sex == "T" || found == sex);
                let (held, wanted) = (of(&held), of(&wanted));
                if held.height() > 0 && wanted.height() > 0 {
                    let persons = total(&wanted, "person_count");
                    let figure = (total(&held, "talk_count"), Some(persons));
                    answers.insert(key("RJH", &period, sex), figure);
                }
            }
        }
        answers
    });
}

#[test]
fn antibiotics() {
    let rows = |dice: &mut Dice| {
        let headings = "month,municipality_code,sex,age_group,atc_code,cost_type,is_antibiotic,item_count,cost_sek";
        let items = table(headings, 600, |at| {
            format!(
                "{},2380,{},20-24,J01CE{at:02},{},{},{},{}",
                month(dice, 2022),
                dice.pick(&["K", "M"]),
                dice.pick(&["recept", "recept", "rekvisition"]),
                dice.pick(&["true", "false"]),
                dice.below(300),
                dice.amount()
            )
        });
        let populations = table("year,sex,inhabitant_count", 8, |at| {
            format!(
                "{},{},{}",
                2021 + at / 2,
                ["K", "M"][at as usize % 2],
                60_000 + dice.below(9_000)
            )
        });
        given(&[("core.dispensed_items", items), ("core.populations", populations)])
    };
    agree("drugs__antibiotics_per_1000", rows, |given| {
        let all = frame(&given["core.dispensed_items"]);
        let items = only(&all, "is_antibiotic", |yes| yes == "true");
        let items =
            in_hundredths(&only(&items, "cost_type", |kind| kind == "recept"), "item_count");
        let populations = in_hundredths(&frame(&given["core.populations"]), "inhabitant_count");
        let (first, last) = (first_month(&all), last_month(&all));
        let mut answers = Answers::new();
        for period in begun(2022, "2024-12-01") {
            // Twelve months that end with the period's last month.
            let end = months(&period, 0).pop().unwrap();
            let twelve: Vec<String> = (0..3u16)
                .flat_map(|back| months(&period[..4], back))
                .filter(|month| *month <= end)
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .rev()
                .take(12)
                .collect();
            if twelve.last().unwrap() < &first || end > last {
                continue;
            }
            let year = texts(&populations, "year")
                .into_iter()
                .filter(|year| year.as_str() < &period[..4])
                .max();
            let Some(year) = year else { continue };
            for sex in ["T", "K", "M"] {
                let of = |rows: &DataFrame| only(rows, "sex", |found| sex == "T" || found == sex);
                let items = of(&within(&items, &twelve));
                let people = only(&of(&populations), "year", |found| found == year);
                if items.height() > 0 && people.height() > 0 {
                    let figure =
                        (total(&items, "item_count"), Some(total(&people, "inhabitant_count")));
                    answers.insert(key("RJH", &period, sex), figure);
                }
            }
        }
        answers
    });
}

#[test]
fn drug_cost_growth() {
    let rows = |dice: &mut Dice| {
        let headings =
            "month,municipality_code,sex,age_group,atc_code,cost_type,item_count,cost_sek";
        let items = table(headings, 500, |at| {
            format!(
                "{},2380,K,20-24,A{at:03},{},{},{}",
                month(dice, 2022),
                dice.pick(&["recept", "rekvisition"]),
                dice.below(90),
                dice.amount()
            )
        });
        given(&[("core.dispensed_items", items)])
    };
    agree("drugs__cost_growth_pct", rows, |given| {
        let mut rows = in_hundredths(&frame(&given["core.dispensed_items"]), "cost_sek");
        let region = vec!["RJH"; rows.height()];
        rows.with_column(Column::new("unit_id".into(), region)).unwrap();
        growth(&rows, "cost_sek", &first_month(&rows), &rows)
    });
}
