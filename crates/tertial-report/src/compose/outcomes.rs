//! The plan's indicators: one table per goal area with a row for each, its breakdowns folded below.

use super::{explain, slug};
use crate::data::{GoalArea, PlanEntry, ReportData};
use crate::document::{Block, Cell, Column, ColumnKind, Mark, Number, Place, Row, RowKind, Table};
use std::collections::BTreeSet;
use tertial_model::{
    Code, Diagnostic, Location, Missing, Outcome, Period, Question, Sex, Signal, Status,
    TargetView, swedish,
};

/// How the ids of the goal areas' tables begin.
pub const AREA_PREFIX: &str = "omrade-";

const STATUSES: [Status; 4] = [Status::Met, Status::Partly, Status::NotMet, Status::NoData];

/// How many months a row's line spans.
const MONTHS: i32 = 20;
/// Fewer values than this are not drawn.
const FEWEST: usize = 5;

/// The blocks; `others` adds a table of what the plan does not name.
pub(super) fn blocks(data: &ReportData, others: bool) -> Vec<Block> {
    let areas = areas(data);
    let mut blocks = vec![Block::Folded {
        level: 0,
        id: String::new(),
        summary: "Nyckeltalen räknade per målområde".to_owned(),
        blocks: vec![Block::Table(summary(data, &areas))],
    }];
    let mut said = BTreeSet::new();
    for area in areas {
        let name = short(&area.name);
        let id = format!("{AREA_PREFIX}{}", slug(&area.code));
        let entries = entries(data, &area.code);
        let rows = entries.iter().map(|entry| main_row(data, entry));
        let mut shown = table(data, id.clone(), format!("Nyckeltal: {name}"), rows.collect());
        // What holds for all the tables is said once, below the first.
        shown.notes.retain(|note| said.insert(note.clone()));
        blocks.push(Block::Table(shown));
        let parts: Vec<Row> = entries.iter().flat_map(|entry| parts(data, entry)).collect();
        blocks.extend(folded_parts(format!("{id}-uppdelat"), name, parts));
    }
    if others {
        blocks.extend(outside(data));
    }
    blocks
}

/// What the tables of the goal areas say together.
pub(super) fn finding(data: &ReportData) -> Vec<String> {
    let mut counts = [0u64; 4];
    for entry in &data.plan {
        counts[usize::from(status(data, entry).number())] += 1;
    }
    let [met, partly, missed, unknown] = counts;
    if data.plan.is_empty() {
        return Vec::new();
    }
    let farthest =
        data.plan.iter().filter(|entry| status(data, entry) == Status::NotMet).filter_map(
            |entry| {
                let share = main(data, entry)?.attainment?;
                Some((share, indicator_name(data, &entry.indicator).to_owned()))
            },
        );
    let mut farthest: Vec<(f64, String)> = farthest.collect();
    farthest.sort_by(|a, b| a.0.total_cmp(&b.0));
    let names: Vec<String> = farthest.into_iter().take(2).map(|part| part.1).collect();
    let counted = format!(
        "{met} av {} nyckeltal är helt uppnådda, {partly} delvis och {missed} inte; för {unknown} \
         saknas data.",
        data.plan.len()
    );
    let told = (!names.is_empty()).then(|| {
        format!(
            "Längst från sitt mål, där avståndet kan räknas, är {}.",
            super::finding::listed(&names)
        )
    });
    std::iter::once(counted).chain(told).collect()
}

/// The goal areas that the plan follows, in order.
fn areas(data: &ReportData) -> Vec<&GoalArea> {
    let mut areas: Vec<&GoalArea> = data.goal_areas.iter().collect();
    areas.sort_by(|a, b| (a.sort, &a.code).cmp(&(b.sort, &b.code)));
    areas.retain(|area| data.plan.iter().any(|entry| entry.goal_area == area.code));
    areas
}

/// A goal area's name without the goal that is printed behind it.
fn short(name: &str) -> &str {
    name.split_once(" - ").map_or(name, |(name, _)| name)
}

/// The status of an indicator of the plan; what nobody computed has no data.
pub(super) fn status(data: &ReportData, entry: &PlanEntry) -> Status {
    main(data, entry).and_then(|outcome| outcome.status).unwrap_or(Status::NoData)
}

/// What an indicator is called; its identifier when nobody defined it.
pub(super) fn indicator_name<'a>(data: &'a ReportData, id: &'a str) -> &'a str {
    let text = data.indicators.iter().find(|text| text.id == id);
    text.map_or(id, |text| text.name.as_str())
}

/// Indicators that are shown but not defined.
pub(super) fn undefined(data: &ReportData) -> Vec<Diagnostic> {
    let shown = data.plan.iter().map(|entry| &entry.indicator);
    let shown: BTreeSet<&String> = shown.chain(data.outcomes.iter().map(|o| &o.id)).collect();
    let known = |id: &String| data.indicators.iter().any(|text| text.id == *id);
    let faults = shown.into_iter().filter(|id| !known(id)).map(|id| {
        let file = format!("sql/indicator/{id}.toml");
        Diagnostic::error(
            Code::IncompleteDefinition,
            format!("the indicator `{id}` is shown but not defined"),
            Location::file(file),
        )
        .with_effect("no report can be made")
        .with_hint("write the definition, or take the indicator out of the plan")
    });
    faults.collect()
}

/// The plan's entries of a goal area, in order.
pub(super) fn entries<'a>(data: &'a ReportData, area: &str) -> Vec<&'a PlanEntry> {
    let mut entries: Vec<&PlanEntry> =
        data.plan.iter().filter(|entry| entry.goal_area == area).collect();
    entries.sort_by_key(|entry| entry.sort);
    entries
}

/// How many indicators of each status every goal area has.
fn summary(data: &ReportData, areas: &[&GoalArea]) -> Table {
    let mut columns = vec![Column::text("goal_area", "Målområde")];
    columns.extend(STATUSES.map(|status| {
        let key = format!("status_{}", status.number());
        Column::new(&key, status.word(), "", ColumnKind::Number, 0)
    }));
    columns.push(Column::new("count", "Nyckeltal", "antal", ColumnKind::Number, 0));
    let mut totals = [0i64; 5];
    let mut rows = Vec::new();
    for area in areas {
        let mut counts = [0i64; 5];
        for entry in entries(data, &area.code) {
            counts[usize::from(status(data, entry).number())] += 1;
            counts[4] += 1;
        }
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
        rows.push(counted(short(&area.name), counts, RowKind::Body));
    }
    rows.push(counted("Summa", totals, RowKind::Sum));
    let caption = "Nyckeltal efter målområde och status";
    Table { rows, ..Table::new("sammanfattning-nyckeltal", caption, columns) }
}

fn counted(name: &str, counts: [i64; 5], kind: RowKind) -> Row {
    let count =
        |count: i64| Cell::number(Number::Exact(tertial_model::Decimal::whole(count.into())), 0);
    let cells = std::iter::once(Cell::text(name)).chain(counts.map(count)).collect();
    Row { kind, cells }
}

fn table(data: &ReportData, id: String, caption: String, rows: Vec<Row>) -> Table {
    let number = |key: &str, label: &str| Column::new(key, label, "", ColumnKind::Number, 0);
    let before = before(data.period);
    let columns = vec![
        Column::text("indicator", "Nyckeltal"),
        Column::text("decided_by", "Beslut"),
        Column::text("series", "Månader"),
        number("value", "Utfall"),
        Column::text("target", "Mål"),
        Column::new("status", "Status", "", ColumnKind::Status, 0),
        number("change_tertial", &format!("Sedan {}", spoken(before))),
        number("change_year", "Sedan i fjol"),
        Column::text("variation", "Mot slumpen"),
        Column::text("assurance", "Mot målet"),
        number("forecast", "Helår"),
        number("attainment", "Måluppfyllelse").placed(Place::Data),
        Column::text("completeness", "Fullständighet").placed(Place::Data),
        Column::text("comment", "Kommentar").placed(Place::Below),
    ];
    let decided: BTreeSet<&str> = data.plan.iter().map(|entry| entry.decided_by.as_str()).collect();
    let mut notes = vec![format!(
        "Linjen visar månaderna, högst {MONTHS}, och slutar i periodens sista. Ändringarna är utfallet \
         minus utfallet för {} och för samma månader i fjol, avrundade; en del utfall är andelar, och \
         då är ändringen i procentenheter (p.e.).",
        before.label()
    )];
    if decided.contains("RF") || decided.contains("RS") {
        notes.push(
            "Beslut: målet är fastställt av regionfullmäktige (RF) eller regionstyrelsen (RS)."
                .into(),
        );
    }
    if rows.iter().any(|row| row.cells.last().is_some_and(Cell::is_blank)) {
        notes.push("Tom cell betyder att ingen kommentar har lämnats.".to_owned());
    }
    Table { rows, notes, ..Table::new(id, caption, columns) }
}

/// The breakdowns of a goal area's indicators, folded.
fn folded_parts(id: String, area: &str, rows: Vec<Row>) -> Option<Block> {
    if rows.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text("indicator", "Nyckeltal"),
        Column::new("value", "Utfall", "", ColumnKind::Number, 0),
        Column::text("target", "Mål"),
        Column::new("status", "Status", "", ColumnKind::Status, 0),
        Column::new("attainment", "Måluppfyllelse", "", ColumnKind::Number, 1),
        Column::text("completeness", "Fullständighet"),
    ];
    let caption = format!("Uppdelade utfall: {area}");
    let table = Table { rows, ..Table::new(id, caption, columns) };
    let summary = format!("{area}: utfall uppdelade på kön, ålder, enhet och annat");
    Some(Block::Folded { level: 0, id: String::new(), summary, blocks: vec![Block::Table(table)] })
}

/// The tertial before.
fn before(period: Period) -> Period {
    match period {
        Period::Tertial { year, number: 1 } => Period::Tertial { year: year - 1, number: 3 },
        Period::Tertial { year, number } => Period::Tertial { year, number: number - 1 },
        Period::Year(year) => Period::Tertial { year, number: 2 },
        Period::Month(month) => Period::Month(month.plus(-1)),
    }
}

/// A period as short as a heading needs: its last month.
fn spoken(period: Period) -> String {
    let month: String = period.last_month().label().chars().take(5).collect();
    month.trim_end().to_owned()
}

/// The outcome that answers the plan: both sexes, no breakdown.
fn main<'a>(data: &'a ReportData, entry: &PlanEntry) -> Option<&'a Outcome> {
    found(data, &entry.indicator, &entry.level)
        .into_iter()
        .find(|outcome| outcome.sex == Sex::T && outcome.breakdown.is_empty())
}

/// The period's outcomes of an indicator on a level: total first, then sexes, then breakdowns.
fn found<'a>(data: &'a ReportData, indicator: &str, level: &str) -> Vec<&'a Outcome> {
    let mut found: Vec<&Outcome> = data
        .outcomes
        .iter()
        .filter(|o| o.id == indicator && o.level == level && o.period == data.period)
        .collect();
    found.sort_by(|a, b| (&a.breakdown, a.sex).cmp(&(&b.breakdown, b.sex)));
    found
}

/// The row of an indicator of the plan: what the board asks of each.
fn main_row(data: &ReportData, entry: &PlanEntry) -> Row {
    let nothing = || Cell::missing(Missing::NotAvailable);
    let not_applicable = || Cell::missing(Missing::CannotOccur);
    let level = data.level_name(&entry.level);
    let signal = |question: Question| {
        data.signals.iter().find(|signal| {
            signal.question == question
                && signal.id == entry.indicator
                && signal.level == entry.level
                && signal.breakdown.is_empty()
                && signal.period == data.period
        })
    };
    let answer = |question: Question| match signal(question) {
        Some(signal) => Cell::answer(signal.answer, signal.answer_word.as_str()),
        None => not_applicable(),
    };
    let comment = Cell::text(comments(data, &entry.indicator, &entry.level));
    let decided = match entry.decided_by.as_str() {
        "" => not_applicable(),
        who => Cell::text(who),
    };
    let series = series(data, entry);
    let Some(outcome) = main(data, entry) else {
        // The plan names it and nobody computed it.
        let name = format!("{} ({level})", indicator_name(data, &entry.indicator));
        let cells = vec![
            Cell::link(name, format!("#{}", explain::anchor(&entry.indicator))),
            decided,
            series,
            nothing(),
            nothing(),
            Cell::status(Status::NoData, "utfall saknas för perioden"),
            not_applicable(),
            not_applicable(),
            answer(Question::Variation),
            answer(Question::Assurance),
            not_applicable(),
            nothing(),
            nothing(),
            comment,
        ];
        return Row { kind: RowKind::Body, cells };
    };
    let cells = vec![
        Cell::link(name(data, outcome), format!("#{}", explain::figure_anchor(data, outcome))),
        decided,
        series,
        value(data, outcome),
        target(outcome),
        judgement(outcome),
        change(data, outcome, before(data.period)),
        change(data, outcome, data.period.previous_year()),
        answer(Question::Variation),
        answer(Question::Assurance),
        signal(Question::Forecast).map_or_else(not_applicable, |signal| forecast(outcome, signal)),
        attainment(outcome),
        completeness(outcome),
        comment,
    ];
    Row { kind: RowKind::Body, cells }
}

/// The rows of an indicator's women, men and further breakdowns.
fn parts(data: &ReportData, entry: &PlanEntry) -> Vec<Row> {
    let found = found(data, &entry.indicator, &entry.level);
    let parts = found.into_iter().filter(|o| o.sex != Sex::T || !o.breakdown.is_empty());
    parts.map(|outcome| part(data, outcome)).collect()
}

fn part(data: &ReportData, outcome: &Outcome) -> Row {
    let cells = vec![
        Cell::link(name(data, outcome), format!("#{}", explain::figure_anchor(data, outcome))),
        value(data, outcome),
        target(outcome),
        judgement(outcome),
        attainment(outcome),
        completeness(outcome),
    ];
    let is_main = outcome.sex == Sex::T && outcome.breakdown.is_empty();
    Row { kind: if is_main { RowKind::Body } else { RowKind::Share }, cells }
}

fn judgement(outcome: &Outcome) -> Cell {
    match outcome.status {
        None => Cell::missing(Missing::CannotOccur),
        Some(status) => Cell::status(status, outcome.status_reason.as_str()),
    }
}

/// How much of the data has come; where there is nothing to judge, why, and not that all has come.
fn completeness(outcome: &Outcome) -> Cell {
    let complete = &outcome.completeness;
    match (outcome.value, outcome.missing) {
        (None, missing) => Cell::missing(missing.unwrap_or(Missing::NotAvailable)),
        _ if complete.expected == 0 => Cell::missing(Missing::CannotOccur),
        _ => Cell::text(complete.text()),
    }
}

/// The target in words and with its unit: `högst 5 %`.
fn target(outcome: &Outcome) -> Cell {
    outcome.target.as_ref().map_or_else(
        || Cell::missing(Missing::CannotOccur),
        |target| Cell::text(target_in_words(target, &outcome.unit)),
    )
}

/// A target as the report tells it: how it compares, its number in the one form and its unit. A target
/// that is no plain number keeps the plan's words, with their numbers in that form.
pub(super) fn target_in_words(target: &TargetView, unit: &str) -> String {
    let word = match target.comparator.as_str() {
        ">=" => "minst",
        "<=" => "högst",
        ">" => "över",
        "<" => "under",
        "=" => "lika med",
        _ => "",
    };
    let unit = if target.unit.is_empty() { unit } else { target.unit.as_str() };
    match target.value {
        Some(value) if !word.is_empty() && is_plain(&target.printed) => {
            // As many decimals as the plan has.
            let places = target
                .printed
                .split_once(',')
                .map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count() as u8);
            format!("{word} {}", swedish::with_unit(&swedish::float(value, places), unit))
        }
        _ => typeset(&target.printed),
    }
}

/// Whether a printed target is a number with at most a word before and a unit behind it.
fn is_plain(printed: &str) -> bool {
    let words = printed.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).all(|word| {
        [
            "minst", "högst", "över", "under", "procent", "index", "kwh", "m", "kr", "tkr", "mkr",
            "st",
        ]
        .contains(&word.as_str())
    })
}

/// Numbers in a text in the one form: U+2212 before a digit, a no-break space before per cent.
fn typeset(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut made = String::with_capacity(text.len());
    for (at, letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1);
        let parted = at == 0 || letters[at - 1].is_whitespace();
        match letter {
            '-' if parted && next.is_some_and(char::is_ascii_digit) => made.push(swedish::MINUS),
            ' ' if next == Some(&'%') => made.push(swedish::NO_BREAK_SPACE),
            '%' if at > 0 && letters[at - 1].is_ascii_digit() => {
                made.push(swedish::NO_BREAK_SPACE);
                made.push('%');
            }
            letter => made.push(*letter),
        }
    }
    made
}

/// The earlier outcome that a figure is held against.
fn earlier<'a>(data: &'a ReportData, outcome: &Outcome, period: Period) -> Option<&'a Outcome> {
    data.history
        .iter()
        .find(|then| then.id == outcome.id && then.level == outcome.level && then.period == period)
}

/// The outcome minus an earlier one, both as printed, so that a reader's subtraction agrees.
fn change(data: &ReportData, outcome: &Outcome, period: Period) -> Cell {
    let printed = |value: f64| swedish::from_float(value)?.rescale(outcome.decimals);
    let then = earlier(data, outcome, period).and_then(|then| then.value);
    let difference = outcome
        .value
        .and_then(printed)
        .zip(then.and_then(printed))
        .and_then(|(now, then)| now.checked_sub(then));
    let Some(difference) = difference else { return Cell::missing(Missing::CannotOccur) };
    let unit = if outcome.unit == "%" { "p.e." } else { "" };
    let number = swedish::decimal(difference, outcome.decimals);
    let printed = match number.starts_with(swedish::MINUS) {
        _ if difference.is_zero() => "±0".to_owned(),
        true => swedish::with_unit(&number, unit),
        false => swedish::with_unit(&format!("+{number}"), unit),
    };
    Cell::printed_number(Number::Exact(difference), printed)
}

/// The months up to the period's last as a line; nothing where there are too few.
fn series(data: &ReportData, entry: &PlanEntry) -> Cell {
    let last = data.period.last_month();
    let months = (1 - MONTHS..=0).map(|back| last.plus(back));
    let found: Vec<Option<&Outcome>> = months
        .map(|month| {
            data.history.iter().find(|then| {
                then.id == entry.indicator
                    && then.level == entry.level
                    && then.period == Period::Month(month)
                    && then.value.is_some()
            })
        })
        .collect();
    let first = found.iter().position(Option::is_some);
    let present: Vec<&Outcome> = found.iter().copied().flatten().collect();
    let (Some(first), [oldest, .., newest]) = (first, present.as_slice()) else {
        return Cell::missing(Missing::CannotOccur);
    };
    if present.len() < FEWEST {
        return Cell::missing(Missing::CannotOccur);
    }
    let words =
        format!("{} månader, från {} till {}", present.len(), oldest.printed(), newest.printed());
    Cell::series(found[first..].iter().map(|o| o.and_then(|o| o.value)).collect(), words)
}

/// The year's expected value; with the mark of a forecast, and nothing where none can be made.
fn forecast(outcome: &Outcome, signal: &Signal) -> Cell {
    match signal.forecast {
        Some(value) => {
            let number = swedish::float(value, outcome.decimals);
            let printed = swedish::with_unit(&number, &outcome.unit);
            Cell::printed_number(Number::Float(value), printed).marked(Some(Mark::Forecast))
        }
        None => Cell::missing(Missing::CannotOccur),
    }
}

/// `Sjukfrånvaro, kvinnor (Regionstyrelsen)`: complete in itself, so that a row can be read alone.
fn name(data: &ReportData, outcome: &Outcome) -> String {
    let mut name = outcome.name.clone();
    if !outcome.breakdown.is_empty() {
        name.push_str(", ");
        name.push_str(&outcome.breakdown);
    }
    if outcome.sex != Sex::T {
        name.push_str(", ");
        name.push_str(&outcome.sex.label().to_lowercase());
    }
    format!("{name} ({})", data.level_name(&outcome.level))
}

/// The outcome with its unit, a link to its explanation and what must be said about it.
pub(super) fn value(data: &ReportData, outcome: &Outcome) -> Cell {
    let Some(value) = outcome.value else {
        return Cell::missing(outcome.missing.unwrap_or(Missing::NotAvailable));
    };
    let plain = Cell::number(Number::Float(value), outcome.decimals);
    let is_nothing = plain.printed() == crate::legend::ZERO;
    let printed = match is_nothing {
        true => plain.printed(),
        false => swedish::with_unit(&plain.printed(), &outcome.unit),
    };
    let preliminary = outcome.completeness.preliminary.then_some(Mark::Preliminary);
    let stated = outcome.mark.map(Mark::from);
    Cell::printed_number(Number::Float(value), printed)
        .explained(explain::figure_anchor(data, outcome))
        .marked(stated.or(preliminary).or_else(|| explain::mark(data, outcome)))
}

pub(super) fn attainment(outcome: &Outcome) -> Cell {
    match (outcome.attainment, outcome.value, &outcome.target) {
        (Some(share), _, _) if share.is_finite() => {
            let percent = share * 100.0;
            let printed = swedish::with_unit(&swedish::float(percent, 1), "%");
            Cell::printed_number(Number::Float(percent), printed)
        }
        (_, Some(_), Some(_)) => Cell::text("kvot saknas"),
        (_, None, Some(_)) => Cell::missing(outcome.missing.unwrap_or(Missing::NotAvailable)),
        _ => Cell::missing(Missing::CannotOccur),
    }
}

fn comments(data: &ReportData, indicator: &str, level: &str) -> String {
    let texts = data
        .comments
        .iter()
        .filter(|comment| comment.indicator == indicator && comment.level == level)
        .map(|comment| {
            let signed = [comment.author_role.as_str(), comment.written_date.as_str()];
            let signed: Vec<&str> = signed.into_iter().filter(|part| !part.is_empty()).collect();
            match signed.is_empty() {
                true => comment.text.clone(),
                false => format!("{} ({})", comment.text, signed.join(", ")),
            }
        });
    texts.collect::<Vec<_>>().join(" ")
}

/// What is computed on the plan's levels but not named by the plan.
fn outside(data: &ReportData) -> Vec<Block> {
    let levels: BTreeSet<&String> = data.plan.iter().map(|entry| &entry.level).collect();
    let planned: BTreeSet<(&String, &String)> =
        data.plan.iter().map(|entry| (&entry.indicator, &entry.level)).collect();
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for outcome in &data.outcomes {
        let key = (&outcome.id, &outcome.level);
        if levels.contains(&outcome.level) && !planned.contains(&key) && seen.insert(key) {
            let all = found(data, &outcome.id, &outcome.level);
            rows.extend(all.into_iter().map(|outcome| part(data, outcome)));
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let caption = "Nyckeltal utanför planen".to_owned();
    let folded = folded_parts("nyckeltal-utanfor-planen".into(), &caption, rows);
    let heading = Block::Heading { level: 2, id: String::new(), text: caption };
    std::iter::once(heading).chain(folded).collect()
}

#[cfg(test)]
mod tests {
    use super::super::compose;
    use super::super::tests::{data, spec};
    use super::*;
    use crate::data::{Comment, IndicatorText};
    use crate::document::CellValue;
    use tertial_model::{Completeness, Period, TargetView};

    fn outcome(sex: Sex, value: Option<f64>) -> Outcome {
        let target = TargetView {
            printed: "Högst 5 %".into(),
            comparator: "<=".into(),
            value: Some(5.0),
            unit: "%".into(),
            baseline: None,
            plan: "2024".into(),
        };
        Outcome {
            id: "area__what_pct".into(),
            name: "Sjukfrånvaro".into(),
            unit: "%".into(),
            decimals: 1,
            level: "RS".into(),
            period: Period::parse("2024T2").unwrap(),
            sex,
            breakdown: String::new(),
            numerator: None,
            denominator: None,
            value,
            missing: value.is_none().then_some(Missing::Suppressed),
            target: (sex == Sex::T).then_some(target),
            attainment: (sex == Sex::T).then_some(5.0 / 5.65),
            status: (sex == Sex::T).then_some(Status::NotMet),
            status_reason: "under gränsen".into(),
            completeness: Completeness {
                of: "månader".into(),
                expected: 8,
                reported: 8,
                rejected_rows: 0,
                preliminary: false,
            },
            source_deliveries: vec!["hr-1".into()],
            method_version: 1,
            mark: None,
            response: None,
        }
    }

    fn planned() -> ReportData {
        let mut data = data();
        data.outcomes =
            vec![outcome(Sex::M, None), outcome(Sex::K, Some(6.0)), outcome(Sex::T, Some(5.65))];
        data.indicators = vec![IndicatorText {
            id: "area__what_pct".into(),
            name: "Sjukfrånvaro".into(),
            sql: "select 1".into(),
            ..IndicatorText::default()
        }];
        data.goal_areas = vec![GoalArea { code: "A".into(), name: "Personal".into(), sort: 1 }];
        data.levels = [("RS".to_owned(), "Styrelsen".to_owned())].into();
        data.plan = vec![PlanEntry {
            goal_area: "A".into(),
            indicator: "area__what_pct".into(),
            level: "RS".into(),
            sort: 1,
            decided_by: "RF".into(),
        }];
        data.comments = vec![Comment {
            indicator: "area__what_pct".into(),
            level: "RS".into(),
            text: "Högre än i fjol.".into(),
            author_role: "HR-direktör".into(),
            written_date: String::new(),
        }];
        data
    }

    fn printed(table: &Table, row: usize) -> Vec<String> {
        let columns = table.on_page();
        columns.into_iter().map(|at| table.rows[row].cells[at].printed()).collect()
    }

    fn of_id<'a>(document: &'a crate::document::Document, id: &str) -> &'a Table {
        document.tables().find(|table| table.id == id).unwrap()
    }

    #[test]
    fn an_indicator_has_one_row_and_its_women_and_men_are_folded() {
        let mut data = planned();
        let mut before = outcome(Sex::T, Some(5.2));
        before.period = Period::parse("2024T1").unwrap();
        data.history = vec![before];
        for month in 1..=8 {
            let mut one = outcome(Sex::T, Some(5.0 + f64::from(month) / 10.0));
            one.period = Period::parse(&format!("2024-{month:02}")).unwrap();
            data.history.push(one);
        }
        let document = compose(&spec("kind = \"outcomes\""), &data).unwrap();
        let table = of_id(&document, "omrade-a");
        assert_eq!(
            printed(table, 0),
            [
                "Sjukfrånvaro (Styrelsen)",
                "RF",
                "8 månader, från 5,1\u{a0}% till 5,8\u{a0}%",
                "5,7\u{a0}%",
                "högst 5\u{a0}%",
                "Ej uppnått",
                "+0,5\u{a0}p.e.",
                "Högre än i fjol. (HR-direktör)"
            ]
        );
        assert_eq!(table.rows.len(), 1);
        let keys: Vec<&str> = table.columns.iter().map(|column| column.key.as_str()).collect();
        assert!(keys.contains(&"attainment") && keys.contains(&"completeness"));
        let parts = of_id(&document, "omrade-a-uppdelat");
        assert_eq!(printed(parts, 0)[..2], ["Sjukfrånvaro, kvinnor (Styrelsen)", "6,0\u{a0}%"]);
        assert_eq!(printed(parts, 1)[1], "[s]");
        let status = &parts.rows[1].cells[3].value;
        assert!(matches!(status, CellValue::Missing(_)), "a part without target has no status");
    }

    #[test]
    fn a_target_has_its_unit_and_one_form_of_number() {
        let told = |printed: &str, comparator: &str, value: Option<f64>| {
            let target = TargetView {
                printed: printed.into(),
                comparator: comparator.into(),
                value,
                unit: String::new(),
                baseline: None,
                plan: "2024".into(),
            };
            target_in_words(&target, "%")
        };
        assert_eq!(told("5", "<=", Some(5.0)), "högst 5\u{a0}%");
        assert_eq!(told("-15,8 %", ">=", Some(-15.8)), "minst −15,8\u{a0}%");
        assert_eq!(told("Minst 95%", ">=", Some(95.0)), "minst 95\u{a0}%");
        assert_eq!(told("Högre än 2021", ">", Some(4.1)), "Högre än 2021");
        assert_eq!(told("mellan -2% och 3 %", "between", None), "mellan −2\u{a0}% och 3\u{a0}%");
        assert_eq!(told("Genomförd aktivitet", "done", None), "Genomförd aktivitet");
    }

    #[test]
    fn no_data_never_stands_beside_all_months() {
        let mut data = planned();
        data.outcomes.retain(|outcome| outcome.sex == Sex::T);
        data.outcomes[0].value = None;
        data.outcomes[0].missing = Some(Missing::CannotOccur);
        data.outcomes[0].status = Some(Status::NoData);
        let document = compose(&spec("kind = \"outcomes\""), &data).unwrap();
        let table = of_id(&document, "omrade-a");
        let told: Vec<String> = table.rows[0].cells.iter().map(Cell::printed).collect();
        assert!(told.contains(&"Data saknas".to_owned()));
        assert!(!told.iter().any(|text| text.contains("8 av 8")), "{told:?}");
    }

    #[test]
    fn the_summary_counts_what_the_plan_names() {
        let mut data = planned();
        data.plan.push(PlanEntry { sort: 2, level: "RJH".into(), ..data.plan[0].clone() });
        let document = compose(&spec("kind = \"outcomes\""), &data).unwrap();
        let summary = of_id(&document, "sammanfattning-nyckeltal");
        assert_eq!(printed(summary, 0), ["Personal", "–", "–", "1", "1", "2"]);
    }

    #[test]
    fn every_figure_leads_to_its_explanation() {
        let document = compose(&spec("kind = \"outcomes\""), &planned()).unwrap();
        let cell = &of_id(&document, "omrade-a").rows[0].cells[3];
        let anchor = cell.explain.clone().unwrap();
        let explained = document.blocks();
        let stands = |block: &&Block| match block {
            Block::Heading { id, .. } | Block::Folded { id, .. } => *id == anchor,
            _ => false,
        };
        assert!(explained.iter().any(stands), "{anchor}");
        let sql = |block: &&Block| matches!(block, Block::Code { text, .. } if text == "select 1");
        assert!(explained.iter().any(sql));
    }

    #[test]
    fn an_indicator_without_definition_is_a_fault() {
        let mut data = planned();
        data.indicators.clear();
        let faults = compose(&spec("kind = \"outcomes\""), &data).unwrap_err();
        assert_eq!(
            faults[0].to_string(),
            "\
error[T0506]: the indicator `area__what_pct` is shown but not defined
   --> sql/indicator/area__what_pct.toml
    = effect:   no report can be made

hint: write the definition, or take the indicator out of the plan
"
        );
    }
}
