//! What a table or chart says of itself: one or two sentences made from its own cells, so that they
//! cannot contradict it. Which columns are asked stands in `seeds/report.toml`.

use crate::chart::{Chart, Role};
use crate::document::{CellValue, Number, Row, RowKind, Table};
use crate::spec::{FindingKind, FindingSpec};
use tertial_model::{Decimal, Status, swedish};

/// Thousands of kronor from here on are told as millions.
const LARGE: f64 = 1000.0;
/// Changes below this many per cent, or percentage points, are told as none.
const SMALL: f64 = 0.5;

/// The sentences of a table; empty when its cells do not carry any.
pub(super) fn of_table(spec: &FindingSpec, table: &Table) -> String {
    let view = View { spec, table };
    let told = match spec.kind {
        FindingKind::Deviation => view.deviation(),
        FindingKind::Statuses => view.statuses(),
        FindingKind::Change => view.change(),
        FindingKind::Total => view.total(),
        FindingKind::Marked => view.marked(),
        FindingKind::Subtotals => view.subtotals(),
        FindingKind::Above => view.above(),
        FindingKind::Years | FindingKind::Gap | FindingKind::Shares => None,
    };
    told.unwrap_or_default()
}

/// The sentence of a chart, without its full stop; one that says so when there is nothing to say.
pub(super) fn of_chart(spec: &FindingSpec, chart: &Chart) -> String {
    let told = match spec.kind {
        FindingKind::Years => years(spec, chart),
        FindingKind::Gap => gap(spec, chart),
        FindingKind::Shares => shares(spec, chart),
        _ => None,
    };
    told.unwrap_or_else(|| format!("{}: uppgifterna räcker inte till en slutsats", spec.subject))
}

/// The row that speaks for the whole table: the last sum, or the last part sum.
pub(super) fn sum_row(table: &Table) -> Option<&Row> {
    let of = |kind: RowKind| table.rows.iter().rev().find(move |row| row.kind == kind);
    of(RowKind::Sum).or_else(|| of(RowKind::Subtotal))
}

/// The number in a column of a row.
pub(super) fn number(table: &Table, row: &Row, column: &str) -> Option<Number> {
    let at = table.columns.iter().position(|known| known.key == column)?;
    match row.cells.get(at)?.value {
        CellValue::Number { value, .. } => Some(value),
        _ => None,
    }
}

/// An amount in words: thousands of kronor as millions where they are many.
pub(super) struct Told {
    /// The number, signed.
    pub number: String,
    /// The number without its sign.
    pub size: String,
    /// Its unit; empty for counts.
    pub unit: String,
}

/// A number as a sentence tells it.
fn told(value: Number, unit: &str, decimals: u8) -> Told {
    let (exact, unit, decimals) = match unit {
        "tkr" if value.to_f64().abs() >= LARGE => (millions(value), "mkr", 1),
        "antal" => (value, "", decimals),
        unit => (value, unit, decimals),
    };
    let number = exact.print(decimals);
    let size = number.trim_start_matches(swedish::MINUS).to_owned();
    Told { number, size, unit: unit.to_owned() }
}

impl Told {
    /// `−105,3 mkr`
    pub(super) fn signed(&self) -> String {
        swedish::with_unit(&self.number, &self.unit)
    }

    /// `105,3 mkr`
    pub(super) fn absolute(&self) -> String {
        swedish::with_unit(&self.size, &self.unit)
    }
}

/// The number in a column of a row, as a sentence tells it.
pub(super) fn told_in(table: &Table, row: &Row, column: &str) -> Option<Told> {
    let known = table.columns.iter().find(|known| known.key == column)?;
    Some(told(number(table, row, column)?, &known.unit, known.decimals))
}

/// Each row's deviation as `name (+1,2 mkr)`, the worst first.
pub(super) fn deviations<'a>(
    table: &Table,
    rows: impl Iterator<Item = &'a Row>,
    column: &str,
) -> Vec<(f64, String)> {
    let deviation = |row: &Row| {
        let value = number(table, row, column)?.to_f64();
        let sign = if value > 0.0 { "+" } else { "" };
        let told = told_in(table, row, column)?.signed();
        Some((value, format!("{} ({sign}{told})", row.cells[0].printed())))
    };
    let mut found: Vec<(f64, String)> = rows.filter_map(deviation).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found
}

/// The two worst of them that are below nothing, and the best when it is above.
pub(super) fn extremes(deviations: &[(f64, String)]) -> (Vec<String>, Option<&str>) {
    let below = deviations.iter().filter(|one| one.0 < 0.0);
    let best = deviations.last().filter(|one| one.0 > 0.0);
    (below.take(2).map(|one| one.1.clone()).collect(), best.map(|one| one.1.as_str()))
}

/// `105,3 mkr sämre än`, for what follows.
pub(super) fn beside(difference: f64, size: &str) -> String {
    match difference {
        d if d < 0.0 => format!("{size} sämre än"),
        d if d > 0.0 => format!("{size} bättre än"),
        _ => "lika med".to_owned(),
    }
}

fn millions(value: Number) -> Number {
    match value {
        Number::Exact(exact) => {
            let units = exact.units();
            let scale = exact.scale().saturating_add(3);
            Number::Exact(Decimal::new(units, scale))
        }
        Number::Float(value) => Number::Float(value / LARGE),
    }
}

/// `a, b och c`
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} och {last}", first.join(", ")),
    }
}

/// How many rows have each status in a column, sums not counted.
pub(super) fn counts(table: &Table, column: &str) -> [u64; 4] {
    let mut counts = [0; 4];
    let Some(at) = table.columns.iter().position(|known| known.key == column) else {
        return counts;
    };
    for row in table.rows.iter().filter(|row| row.kind == RowKind::Body) {
        if let Some(CellValue::Status { status, .. }) = row.cells.get(at).map(|cell| &cell.value) {
            counts[usize::from(status.number())] += 1;
        }
    }
    counts
}

struct View<'a> {
    spec: &'a FindingSpec,
    table: &'a Table,
}

impl View<'_> {
    fn told(&self, row: &Row, column: &str) -> Option<Told> {
        told_in(self.table, row, column)
    }

    fn body(&self) -> impl Iterator<Item = &Row> {
        self.table.rows.iter().filter(|row| matches!(row.kind, RowKind::Body | RowKind::Uncertain))
    }

    /// `Nettokostnaden är 105,3 mkr sämre än budget (…). Sämst är A och B, bäst är C.`
    fn deviation(&self) -> Option<String> {
        let (spec, sum) = (self.spec, sum_row(self.table)?);
        let difference = number(self.table, sum, &spec.difference)?.to_f64();
        let size = self.told(sum, &spec.difference)?.absolute();
        let (value, against) = (self.told(sum, &spec.value)?, self.told(sum, &spec.against)?);
        let side = beside(difference, &size);
        let mut text = format!(
            "{} är {side} {}: {} mot {}.",
            spec.subject,
            spec.words,
            value.number,
            against.signed()
        );
        let parts = deviations(self.table, self.body(), &spec.difference);
        let (worst, best) = extremes(&parts);
        text.push_str(&match (worst.is_empty(), best) {
            (false, Some(best)) => {
                format!(" Mest under {} ligger {}, mest över {best}.", spec.words, listed(&worst))
            }
            (false, None) => format!(" Mest under {} ligger {}.", spec.words, listed(&worst)),
            (true, Some(best)) => format!(" Mest över {} ligger {best}.", spec.words),
            (true, None) => String::new(),
        });
        Some(text)
    }

    /// `3 av 38 uppdrag är helt uppnådda, 34 delvis och 1 inte.`
    fn statuses(&self) -> Option<String> {
        let [met, partly, missed, unknown] = counts(self.table, &self.spec.value);
        let all = met + partly + missed + unknown;
        if all == 0 {
            return None;
        }
        let mut text = format!(
            "{met} av {all} {} är helt uppnådda, {partly} delvis och {missed} inte",
            self.spec.rows
        );
        if unknown > 0 {
            text.push_str(&format!("; för {unknown} saknas data"));
        }
        Some(text + ".")
    }

    /// `Månadsavlönade i augusti 2024: 665,0, 8,0 fler än ett år tidigare.`
    fn change(&self) -> Option<String> {
        let spec = self.spec;
        let row = self.body().last()?;
        let value = self.told(row, &spec.value)?;
        let change = number(self.table, row, &spec.difference)?.to_f64();
        let size = self.told(row, &spec.difference)?;
        let counted = size.unit.is_empty();
        let side = match (change, counted) {
            (c, true) if c > 0.0 => format!("{} fler än", size.absolute()),
            (c, true) if c < 0.0 => format!("{} färre än", size.absolute()),
            (c, false) if c > 0.0 => format!("{} mer än", size.absolute()),
            (c, false) if c < 0.0 => format!("{} mindre än", size.absolute()),
            _ => "lika med".to_owned(),
        };
        Some(format!(
            "{} i {}: {}, {side} {}.",
            spec.subject,
            row.cells[0].printed(),
            value.signed(),
            spec.words
        ))
    }

    /// `Sjukfrånvaron är 5,7 %, mot 5,2 % ett år tidigare. Den har stigit i 9 av 14 enheter.`
    fn total(&self) -> Option<String> {
        let spec = self.spec;
        let whole = sum_row(self.table).or_else(|| self.table.rows.first())?;
        let value = self.told(whole, &spec.value)?;
        let mut text = format!("{} är {}", spec.subject, value.signed());
        if let Some(before) = self.told(whole, &spec.against) {
            text.push_str(&format!(", mot {} {}", before.signed(), spec.words));
        }
        text.push('.');
        if !spec.rows.is_empty() {
            let both = self.body().filter(|row| !std::ptr::eq(*row, whole)).filter_map(|row| {
                let value = number(self.table, row, &spec.value)?.to_f64();
                Some(value > number(self.table, row, &spec.against)?.to_f64())
            });
            let rose: Vec<bool> = both.collect();
            if !rose.is_empty() {
                let higher = rose.iter().filter(|rose| **rose).count();
                text.push_str(&format!(
                    " Värdet är högre än så i {higher} av {} {} som kan jämföras.",
                    rose.len(),
                    spec.rows
                ));
            }
        }
        Some(text)
    }

    /// `Totalt mot budget: 9,6 mkr av bedömda 21,3 mkr.`
    fn subtotals(&self) -> Option<String> {
        let spec = self.spec;
        let of = |row: &Row| {
            let (value, against) = (self.told(row, &spec.value)?, self.told(row, &spec.against)?);
            let name = row.cells[0].printed();
            Some(format!("{name}: {} {} {}", value.signed(), spec.words, against.signed()))
        };
        let sums = self.table.rows.iter().filter(|row| row.kind == RowKind::Subtotal);
        let told: Vec<String> = sums.filter_map(of).collect();
        (!told.is_empty()).then(|| told.join(". ") + ".")
    }

    /// `Regionen ligger över medianen i 22 av 48 jämförelser och under i 24.`
    fn above(&self) -> Option<String> {
        let spec = self.spec;
        let both = self.body().filter_map(|row| {
            let value = number(self.table, row, &spec.value)?.to_f64();
            Some((value, number(self.table, row, &spec.against)?.to_f64()))
        });
        let both: Vec<(f64, f64)> = both.collect();
        let above = both.iter().filter(|(value, against)| value > against).count();
        let below = both.iter().filter(|(value, against)| value < against).count();
        (!both.is_empty()).then(|| {
            format!(
                "{} ligger över {} i {above} av {} {} och under i {below}.",
                spec.subject,
                spec.words,
                both.len(),
                spec.rows
            )
        })
    }

    /// `12 av 34 objekt har en anmärkning.`
    fn marked(&self) -> Option<String> {
        let spec = self.spec;
        let at = self.table.columns.iter().position(|known| known.key == spec.value)?;
        let all = self.body().count();
        let counts = |row: &&Row| match spec.equals.as_str() {
            "" => !row.cells[at].is_blank(),
            wanted => row.cells[at].printed() == wanted,
        };
        let found = self.body().filter(counts).count();
        (all > 0).then(|| format!("{found} av {all} {} {}.", spec.rows, spec.words))
    }
}

/// The series of data, limits and targets left out.
fn data(chart: &Chart) -> Vec<&crate::chart::Series> {
    chart.series.iter().filter(|series| series.role == Role::Data).collect()
}

/// `Arbetad tid januari–augusti är 3,2 % högre 2024 än 2023`
fn years(spec: &FindingSpec, chart: &Chart) -> Option<String> {
    let series = data(chart);
    let [.., before, latest] = series.as_slice() else { return None };
    let both: Vec<(f64, f64)> = latest
        .points
        .iter()
        .zip(&before.points)
        .filter_map(|(now, then)| Some((now.value?, then.value?)))
        .collect();
    let now: f64 = both.iter().map(|pair| pair.0).sum();
    let then: f64 = both.iter().map(|pair| pair.1).sum();
    if both.is_empty() || then == 0.0 {
        return None;
    }
    let percent = (now - then) / then.abs() * 100.0;
    let names = (&latest.name, &before.name);
    Some(match percent {
        p if p.abs() < SMALL => {
            format!("{} är i stort densamma {} som {}", spec.subject, names.0, names.1)
        }
        p => format!(
            "{} är {} {} {} än samma månader {}",
            spec.subject,
            swedish::with_unit(&swedish::float(p.abs(), 1), "%"),
            if p > 0.0 { "högre" } else { "lägre" },
            names.0,
            names.1
        ),
    })
}

/// `Sjukfrånvaron är högre för kvinnor än för män alla 20 månader`
fn gap(spec: &FindingSpec, chart: &Chart) -> Option<String> {
    let series = data(chart);
    let [first, second, ..] = series.as_slice() else { return None };
    let above: Vec<bool> = first
        .points
        .iter()
        .zip(&second.points)
        .filter_map(|(a, b)| Some(a.value? > b.value?))
        .collect();
    let (all, higher) = (above.len(), above.iter().filter(|above| **above).count());
    if all == 0 {
        return None;
    }
    let names = (first.name.to_lowercase(), second.name.to_lowercase());
    let (names, count) = match higher * 2 >= all {
        true => (names, higher),
        false => ((names.1, names.0), all - higher),
    };
    // Three of four is what a coin gives too seldom to be called chance with a year of months.
    if count * 4 < all * 3 {
        return Some(format!(
            "{} skiljer sig inte tydligt mellan {} och {}",
            spec.subject, names.0, names.1
        ));
    }
    let when = if count == all { format!("alla {all}") } else { format!("{count} av {all}") };
    Some(format!(
        "{} är högre för {} än för {} {when} {}",
        spec.subject, names.0, names.1, spec.rows
    ))
}

/// `29–59 dagar har ökat från 12,1 % till 15,3 % av sjuktimmarna mellan 2023 och 2024`
fn shares(spec: &FindingSpec, chart: &Chart) -> Option<String> {
    let last = chart.categories.len().checked_sub(1)?;
    let before = last.checked_sub(1)?;
    let series = data(chart);
    let changes = series.iter().filter_map(|series| {
        let (then, now) = (series.points[before].value?, series.points[last].value?);
        Some((series, then, now))
    });
    let largest = changes.max_by(|a, b| (a.2 - a.1).abs().total_cmp(&(b.2 - b.1).abs()))?;
    let (series, then, now) = largest;
    let years = (&chart.categories[before], &chart.categories[last]);
    if (now - then).abs() < SMALL {
        return Some(format!("{} fördelar sig {} som {}", spec.subject, years.1, years.0));
    }
    let print = |value: f64| swedish::with_unit(&swedish::float(value, 0), &chart.unit);
    Some(format!(
        "{}: {} har {} från {} {} till {} {}",
        spec.subject,
        series.name,
        if now > then { "ökat" } else { "minskat" },
        print(then),
        years.0,
        print(now),
        years.1
    ))
}

/// The words of a status as a sentence counts them.
pub(super) fn counted(status: Status) -> &'static str {
    match status {
        Status::Met => "helt uppnådda",
        Status::Partly => "delvis uppnådda",
        Status::NotMet => "ej uppnådda",
        Status::NoData => "utan data",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{ChartKind, Point, Series};
    use crate::document::{Cell, Column, ColumnKind};

    fn spec(kind: FindingKind) -> FindingSpec {
        FindingSpec {
            place: (1, 1),
            kind,
            subject: "Resultatet".into(),
            value: "value".into(),
            against: "budget".into(),
            difference: "difference".into(),
            words: "budget".into(),
            rows: "uppdrag".into(),
            equals: String::new(),
        }
    }

    fn money(rows: &[(&str, &str, &str, &str, RowKind)]) -> Table {
        let number = |key: &str| Column::new(key, key, "tkr", ColumnKind::Number, 0);
        let columns = vec![
            Column::text("line", "Post"),
            number("value"),
            number("budget"),
            number("difference"),
        ];
        let cell = |text: &str| Cell::number(Number::Exact(Decimal::parse(text).unwrap()), 0);
        let rows = rows.iter().map(|(name, value, budget, difference, kind)| Row {
            kind: *kind,
            cells: vec![Cell::text(*name), cell(value), cell(budget), cell(difference)],
        });
        Table { rows: rows.collect(), ..Table::new("t", "T", columns) }
    }

    #[test]
    fn a_deviation_tells_the_sum_and_the_rows_that_make_it() {
        let table = money(&[
            ("Bidrag", "214000", "116015", "97985", RowKind::Body),
            ("Personal", "-542657", "-460051", "-82606", RowKind::Body),
            ("Köp", "-709135", "-595492", "-113643", RowKind::Body),
            ("Netto", "-1268866", "-1163521", "-105345", RowKind::Sum),
        ]);
        assert_eq!(
            of_table(&spec(FindingKind::Deviation), &table),
            "Resultatet är 105,3\u{a0}mkr sämre än budget: −1\u{a0}268,9 mot −1\u{a0}163,5\u{a0}mkr. \
             Mest under budget ligger Köp (−113,6\u{a0}mkr) och Personal (−82,6\u{a0}mkr), mest över \
             Bidrag (+98,0\u{a0}mkr)."
        );
        let even = money(&[("Netto", "-5", "-5", "0", RowKind::Sum)]);
        assert_eq!(
            of_table(&spec(FindingKind::Deviation), &even),
            "Resultatet är lika med budget: −5 mot −5\u{a0}tkr."
        );
        assert_eq!(of_table(&spec(FindingKind::Deviation), &money(&[])), "");
        let parts = money(&[
            ("Totalt mot budget", "-12", "-10", "-2", RowKind::Subtotal),
            ("Resor", "5", "4", "1", RowKind::Body),
            ("Möten", "4", "4", "0", RowKind::Body),
        ]);
        let mut asked = spec(FindingKind::Subtotals);
        asked.words = "av".into();
        assert_eq!(of_table(&asked, &parts), "Totalt mot budget: −12\u{a0}tkr av −10\u{a0}tkr.");
        assert_eq!(
            of_table(&spec(FindingKind::Above), &parts),
            "Resultatet ligger över budget i 1 av 2 uppdrag och under i 0."
        );
    }

    #[test]
    fn statuses_are_counted_and_sums_are_not() {
        let row =
            |status: Status, kind: RowKind| Row { kind, cells: vec![Cell::status(status, "")] };
        let rows = vec![
            row(Status::Met, RowKind::Body),
            row(Status::NotMet, RowKind::Body),
            row(Status::NoData, RowKind::Body),
            row(Status::Partly, RowKind::Sum),
        ];
        let columns = vec![Column::new("value", "Status", "", ColumnKind::Status, 0)];
        let table = Table { rows, ..Table::new("t", "T", columns) };
        assert_eq!(
            of_table(&spec(FindingKind::Statuses), &table),
            "1 av 3 uppdrag är helt uppnådda, 0 delvis och 1 inte; för 1 saknas data."
        );
    }

    fn chart(series: &[(&str, &[f64])]) -> Chart {
        let series: Vec<Series> = series
            .iter()
            .map(|(name, values)| Series {
                name: (*name).to_owned(),
                role: Role::Data,
                points: values
                    .iter()
                    .map(|v| Point { value: Some(*v), preliminary: false })
                    .collect(),
            })
            .collect();
        Chart {
            id: "c".into(),
            kind: ChartKind::Line,
            title: String::new(),
            subtitle: String::new(),
            unit: "%".into(),
            decimals: 1,
            categories: ["2021", "2022", "2023", "2024"][..series[0].points.len()]
                .iter()
                .map(|year| (*year).to_owned())
                .collect(),
            along: None,
            series,
            table_id: "t".into(),
            source: String::new(),
        }
    }

    #[test]
    fn a_chart_says_what_it_shows_or_that_it_shows_nothing() {
        let two = chart(&[("Kvinnor", &[6.0, 6.2, 6.1, 6.0]), ("Män", &[4.0, 4.1, 6.3, 4.2])]);
        let mut asked = spec(FindingKind::Gap);
        asked.rows = "år".into();
        assert_eq!(of_chart(&asked, &two), "Resultatet är högre för kvinnor än för män 3 av 4 år");
        let even = chart(&[("Kvinnor", &[1.0, 3.0]), ("Män", &[2.0, 2.0])]);
        assert_eq!(
            of_chart(&asked, &even),
            "Resultatet skiljer sig inte tydligt mellan kvinnor och män"
        );
        assert_eq!(
            of_chart(
                &spec(FindingKind::Years),
                &chart(&[("2023", &[100.0, 0.0]), ("2024", &[52.0, 51.0])])
            ),
            "Resultatet är 3,0\u{a0}% högre 2024 än samma månader 2023"
        );
        assert_eq!(
            of_chart(
                &spec(FindingKind::Shares),
                &chart(&[("korta", &[40.0, 30.0]), ("långa", &[60.0, 70.0])])
            ),
            "Resultatet: långa har ökat från 60\u{a0}% 2021 till 70\u{a0}% 2022"
        );
        assert_eq!(
            of_chart(&spec(FindingKind::Shares), &chart(&[("korta", &[40.0])])),
            "Resultatet: uppgifterna räcker inte till en slutsats"
        );
    }
}
