//! The plan's indicators: a summary, then one table per goal area.

use super::{explain, slug};
use crate::data::{GoalArea, PlanEntry, ReportData};
use crate::document::{Block, Cell, Column, ColumnKind, Mark, Number, Row, RowKind, Table};
use std::collections::BTreeSet;
use tertial_model::{Code, Diagnostic, Location, Missing, Outcome, Sex, Status, swedish};

/// How the ids of the goal areas' tables begin.
pub const AREA_PREFIX: &str = "omrade-";

const STATUSES: [Status; 4] = [Status::Met, Status::Partly, Status::NotMet, Status::NoData];

/// The blocks; `others` adds a table of what the plan does not name.
pub(super) fn blocks(data: &ReportData, others: bool) -> Vec<Block> {
    let mut areas: Vec<&GoalArea> = data.goal_areas.iter().collect();
    areas.sort_by(|a, b| (a.sort, &a.code).cmp(&(b.sort, &b.code)));
    areas.retain(|area| data.plan.iter().any(|entry| entry.goal_area == area.code));
    let mut blocks = vec![Block::Table(summary(data, &areas))];
    for area in areas {
        blocks.push(Block::Heading { level: 2, id: String::new(), text: area.name.clone() });
        let id = format!("{AREA_PREFIX}{}", slug(&area.code));
        let caption = format!("Nyckeltal: {}", area.name);
        let rows = entries(data, &area.code).into_iter().flat_map(|entry| rows(data, entry));
        blocks.push(Block::Table(table(id, caption, rows.collect())));
    }
    if others {
        blocks.extend(outside(data));
    }
    blocks
}

/// Indicators that are shown but not defined.
pub(super) fn undefined(data: &ReportData) -> Vec<Diagnostic> {
    let shown = data.plan.iter().map(|entry| &entry.indicator);
    let shown: BTreeSet<&String> = shown.chain(data.outcomes.iter().map(|o| &o.id)).collect();
    let known = |id: &String| data.indicators.iter().any(|text| text.id == *id);
    let faults = shown.into_iter().filter(|id| !known(id)).map(|id| {
        let file = format!("sql/indicator/{id}.toml");
        Diagnostic::error(
            Code::T0506,
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
            let status =
                main(data, entry).and_then(|outcome| outcome.status).unwrap_or(Status::NoData);
            counts[usize::from(status.number())] += 1;
            counts[4] += 1;
        }
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
        rows.push(counted(&area.name, counts, RowKind::Body));
    }
    rows.push(counted("Summa", totals, RowKind::Sum));
    Table {
        id: "sammanfattning-nyckeltal".into(),
        caption: "Nyckeltal efter målområde och status".into(),
        columns,
        rows,
        notes: Vec::new(),
        source: String::new(),
        explain: None,
        paper_rows: None,
    }
}

fn counted(name: &str, counts: [i64; 5], kind: RowKind) -> Row {
    let count =
        |count: i64| Cell::number(Number::Exact(tertial_model::Decimal::whole(count.into())), 0);
    let cells = std::iter::once(Cell::text(name)).chain(counts.map(count)).collect();
    Row { kind, cells }
}

fn table(id: String, caption: String, rows: Vec<Row>) -> Table {
    let uncommented = rows.iter().any(|row| row.cells.iter().any(Cell::is_blank));
    let note = "Tom cell i kolumnen Kommentar betyder att ingen kommentar har lämnats.";
    Table {
        id,
        caption,
        columns: vec![
            Column::text("indicator", "Nyckeltal"),
            Column::new("value", "Utfall", "", ColumnKind::Number, 0),
            Column::text("target", "Mål"),
            Column::new("status", "Status", "", ColumnKind::Status, 0),
            Column::new("attainment", "Måluppfyllelse", "", ColumnKind::Number, 1),
            Column::text("completeness", "Fullständighet"),
            Column::text("comment", "Kommentar"),
        ],
        rows,
        notes: uncommented.then(|| note.to_owned()).into_iter().collect(),
        source: String::new(),
        explain: None,
        paper_rows: None,
    }
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

fn rows(data: &ReportData, entry: &PlanEntry) -> Vec<Row> {
    let outcomes = found(data, &entry.indicator, &entry.level);
    if !outcomes.iter().any(|o| o.sex == Sex::T && o.breakdown.is_empty()) {
        let mut rows = vec![absent(data, entry)];
        rows.extend(outcomes.into_iter().map(|outcome| row(data, outcome)));
        return rows;
    }
    outcomes.into_iter().map(|outcome| row(data, outcome)).collect()
}

/// The row of an indicator that the plan names and nobody computed.
fn absent(data: &ReportData, entry: &PlanEntry) -> Row {
    let text = data.indicators.iter().find(|text| text.id == entry.indicator);
    let name = text.map_or(entry.indicator.as_str(), |text| text.name.as_str());
    let anchor = explain::anchor(&entry.indicator);
    let nothing = || Cell::missing(Missing::NotAvailable);
    let cells = vec![
        Cell::link(format!("{name} ({})", entry.level), format!("#{anchor}")),
        nothing(),
        nothing(),
        Cell::status(Status::NoData, "utfall saknas för perioden"),
        nothing(),
        nothing(),
        Cell::text(comments(data, &entry.indicator, &entry.level)),
    ];
    Row { kind: RowKind::Body, cells }
}

fn row(data: &ReportData, outcome: &Outcome) -> Row {
    let is_main = outcome.sex == Sex::T && outcome.breakdown.is_empty();
    let not_applicable = || Cell::missing(Missing::CannotOccur);
    let target = outcome.target.as_ref();
    let comment = if is_main { comments(data, &outcome.id, &outcome.level) } else { String::new() };
    let status = match outcome.status {
        None => not_applicable(),
        Some(status) => Cell::status(status, outcome.status_reason.as_str()),
    };
    let complete = &outcome.completeness;
    let cells = vec![
        Cell::link(name(outcome), format!("#{}", explain::figure_anchor(data, outcome))),
        value(data, outcome),
        target.map_or_else(not_applicable, |target| Cell::text(target.printed.as_str())),
        status,
        attainment(outcome),
        if complete.expected == 0 { not_applicable() } else { Cell::text(complete.text()) },
        Cell::text(comment),
    ];
    Row { kind: if is_main { RowKind::Body } else { RowKind::Share }, cells }
}

/// `Sjukfrånvaro, kvinnor (RS)`: complete in itself, so that a row can be read alone.
fn name(outcome: &Outcome) -> String {
    let mut name = outcome.name.clone();
    if !outcome.breakdown.is_empty() {
        name.push_str(", ");
        name.push_str(&outcome.breakdown);
    }
    if outcome.sex != Sex::T {
        name.push_str(", ");
        name.push_str(&outcome.sex.label().to_lowercase());
    }
    format!("{name} ({})", outcome.level)
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

fn attainment(outcome: &Outcome) -> Cell {
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
            rows.extend(all.into_iter().map(|outcome| row(data, outcome)));
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let caption = "Nyckeltal utanför planen".to_owned();
    vec![
        Block::Heading { level: 2, id: String::new(), text: caption.clone() },
        Block::Table(table("nyckeltal-utanfor-planen".into(), caption, rows)),
    ]
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
        data.plan = vec![PlanEntry {
            goal_area: "A".into(),
            indicator: "area__what_pct".into(),
            level: "RS".into(),
            sort: 1,
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

    #[test]
    fn a_goal_area_shows_total_then_women_then_men() {
        let document = compose(&spec("kind = \"outcomes\""), &planned()).unwrap();
        let table = document.tables().nth(1).unwrap();
        let printed: Vec<Vec<String>> =
            table.rows.iter().map(|row| row.cells.iter().map(Cell::printed).collect()).collect();
        assert_eq!(
            printed[0],
            [
                "Sjukfrånvaro (RS)",
                "5,7\u{a0}%",
                "Högst 5 %",
                "Ej uppnått",
                "88,5\u{a0}%",
                "8 av 8 månader",
                "Högre än i fjol. (HR-direktör)"
            ]
        );
        assert_eq!(printed[1][..3], ["Sjukfrånvaro, kvinnor (RS)", "6,0\u{a0}%", "."]);
        assert_eq!(printed[2][1], "[s]");
        let status = &table.rows[2].cells[3].value;
        assert!(matches!(status, CellValue::Missing(_)), "a part without target has no status");
    }

    #[test]
    fn the_summary_counts_what_the_plan_names() {
        let mut data = planned();
        data.plan.push(PlanEntry { sort: 2, level: "RJH".into(), ..data.plan[0].clone() });
        let document = compose(&spec("kind = \"outcomes\""), &data).unwrap();
        let summary = document.tables().next().unwrap();
        let printed: Vec<String> = summary.rows[0].cells.iter().map(Cell::printed).collect();
        assert_eq!(printed, ["Personal", "–", "–", "1", "1", "2"]);
    }

    #[test]
    fn every_figure_leads_to_its_explanation() {
        let document = compose(&spec("kind = \"outcomes\""), &planned()).unwrap();
        let cell = &document.tables().nth(1).unwrap().rows[0].cells[1];
        let anchor = cell.explain.clone().unwrap();
        let explained = &document.chapters.last().unwrap().blocks;
        let stands = |block: &Block| matches!(block, Block::Heading { id, .. } if *id == anchor);
        assert!(explained.iter().any(stands), "{anchor}");
        let sql = |block: &Block| matches!(block, Block::Code { text, .. } if text == "select 1");
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
