//! The four questions of an indicator as a table, and its months between their limits as a chart.

use crate::chart::{Chart, ChartKind, Point, Role, Series};
use crate::data::{IndicatorText, ReportData};
use crate::document::{Block, Cell, Column, ColumnKind, Number, Place, Row, RowKind, Table};
use tertial_model::{Missing, Month, Outcome, Period, Question, Sex, Signal, SignalPoint};

/// The table, and a chart for each level with limits; nothing for what the plan does not follow.
pub(super) fn blocks(data: &ReportData, text: &IndicatorText) -> Vec<Block> {
    let own: Vec<&Signal> = data
        .signals
        .iter()
        .filter(|signal| signal.id == text.id && signal.period == data.period)
        .collect();
    if own.is_empty() {
        return Vec::new();
    }
    let mut levels: Vec<(&str, &str)> = Vec::new();
    for signal in &own {
        let level = (signal.level.as_str(), signal.breakdown.as_str());
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    let mut blocks = vec![Block::Table(table(data, text, &own, &levels))];
    for (level, breakdown) in levels {
        let found = own.iter().find(|signal| {
            signal.question == Question::Variation && is_of(signal, level, breakdown)
        });
        blocks.extend(found.and_then(|signal| chart(data, text, signal)));
    }
    blocks
}

fn is_of(signal: &Signal, level: &str, breakdown: &str) -> bool {
    signal.level == level && signal.breakdown == breakdown
}

fn table(
    data: &ReportData,
    text: &IndicatorText,
    own: &[&Signal],
    levels: &[(&str, &str)],
) -> Table {
    let mut rows = Vec::new();
    for (level, breakdown) in levels {
        let name = |question: &str| match (levels.len(), *breakdown) {
            (1, _) => question.to_owned(),
            (_, "") => format!("{question}, {}", data.level_name(level)),
            (_, breakdown) => format!("{question}, {}, {breakdown}", data.level_name(level)),
        };
        rows.extend(figure(data, &text.id, level, breakdown).map(|outcome| status(outcome, &name)));
        for question in Question::ALL {
            let found = own
                .iter()
                .find(|signal| signal.question == question && is_of(signal, level, breakdown));
            rows.extend(found.map(|signal| answer(signal, name(question.label()))));
        }
    }
    let columns = vec![
        Column::text("question", "Fråga"),
        Column::text("answer", "Svar"),
        Column::text("reason", "Skäl"),
        Column::text("method", "Metod").placed(Place::Below),
    ];
    let caption = format!("Fyra frågor och en prognos: {}", text.name);
    let note = "Frågorna besvaras var för sig; inget svar är härlett ur ett annat.".to_owned();
    Table { rows, notes: vec![note], ..Table::new(format!("fragor-{}", text.id), caption, columns) }
}

fn figure<'a>(data: &'a ReportData, id: &str, level: &str, breakdown: &str) -> Option<&'a Outcome> {
    data.outcomes.iter().find(|outcome| {
        outcome.id == id
            && outcome.level == level
            && outcome.breakdown == breakdown
            && outcome.sex == Sex::T
            && outcome.period == data.period
    })
}

fn status(outcome: &Outcome, name: &dyn Fn(&str) -> String) -> Row {
    let judged = match outcome.status {
        Some(status) => Cell::status(status, outcome.status_reason.as_str()),
        None => Cell::missing(Missing::CannotOccur),
    };
    let cells = vec![
        Cell::text(name("Status")),
        judged,
        Cell::text(outcome.status_reason.as_str()),
        Cell::text("periodens utfall mot periodens mål; regel och tröskel står i skälet"),
    ];
    Row { kind: RowKind::Body, cells }
}

fn answer(signal: &Signal, name: String) -> Row {
    let cells = vec![
        Cell::text(name),
        Cell::answer(signal.answer, signal.answer_word.as_str()),
        Cell::text(signal.reason.as_str()),
        Cell::text(signal.method_text.as_str()),
    ];
    Row { kind: RowKind::Body, cells }
}

/// The months with mean, limits and target; none without limits.
fn chart(data: &ReportData, text: &IndicatorText, signal: &Signal) -> Option<Block> {
    let (mean, lower, upper) = (signal.mean?, signal.lower_limit?, signal.upper_limit?);
    let points: Vec<&SignalPoint> = data
        .signal_points
        .iter()
        .filter(|point| {
            point.id == signal.id
                && point.level == signal.level
                && point.breakdown == signal.breakdown
        })
        .collect();
    let (first, last) = (points.first()?.month, points.last()?.month);
    let months: Vec<Month> =
        (0..).map(|count| first.plus(count)).take_while(|month| *month <= last).collect();
    let at = |month: &Month| points.iter().find(|point| point.month == *month).copied();
    let outcome = figure(data, &signal.id, &signal.level, &signal.breakdown);
    let target = outcome.and_then(|outcome| outcome.target.as_ref()?.value);
    let target_at = |month: &Month| target.filter(|_| holds(data.period, *month));
    let freed = points.iter().any(|point| point.judged != point.value);
    let name = if freed { "Utfall, rensat från säsong" } else { "Utfall" };
    let decimals = outcome.map_or(1, |outcome| outcome.decimals).saturating_add(1);

    let constant =
        |name: &str, value: f64| line(name, Role::Limit, months.iter().map(|_| Some(value)));
    let mut series = Vec::new();
    if target.is_some() {
        series.push(line("Mål", Role::Target, months.iter().map(target_at)));
    }
    series.push(constant("Övre gräns", upper));
    series.push(constant("Medel", mean));
    series.push(constant("Nedre gräns", lower));
    let judged = months.iter().map(|month| at(month).map(|point| point.judged));
    series.push(line(name, Role::Data, judged));

    let of = |level: &str| match signal.breakdown.as_str() {
        "" => level.to_owned(),
        breakdown => format!("{level}, {breakdown}"),
    };
    let title = format!(
        "{}, {}: {} i {} {}",
        text.name,
        of(data.level_name(&signal.level)),
        signal.answer_word,
        last.label(),
        last.year()
    );
    let id = format!("variation-{}-{}", text.id, super::slug(&of(&signal.level)));
    let mut columns = vec![Column::new("month", "Månad", "", ColumnKind::Date, 0)];
    let number =
        |key: &str, label: &str| Column::new(key, label, &text.unit, ColumnKind::Number, decimals);
    columns.push(number("value", "Utfall"));
    if freed {
        columns.push(number("judged", "Rensat från säsong"));
    }
    columns.push(number("lower_limit", "Nedre gräns"));
    columns.push(number("mean", "Medel"));
    columns.push(number("upper_limit", "Övre gräns"));
    if target.is_some() {
        columns.push(number("target", "Mål"));
    }
    columns.push(Column::text("cause", "Regel"));
    let cell = |value: Option<f64>, missing: Missing| match value {
        Some(value) => Cell::number(Number::Float(value), decimals),
        None => Cell::missing(missing),
    };
    let rows = months.iter().map(|month| {
        let point = at(month);
        let mut cells = vec![Cell::text(format!("{} {}", month.label(), month.year()))];
        cells.push(cell(point.map(|point| point.value), Missing::NotAvailable));
        if freed {
            cells.push(cell(point.map(|point| point.judged), Missing::NotAvailable));
        }
        cells.extend([lower, mean, upper].map(|value| cell(Some(value), Missing::NotAvailable)));
        if target.is_some() {
            cells.push(cell(target_at(month), Missing::CannotOccur));
        }
        cells.push(match point {
            Some(point) => Cell::text(point.cause.as_str()),
            None => Cell::missing(Missing::NotAvailable),
        });
        Row { kind: RowKind::Body, cells }
    });
    let rows = rows.collect();
    let caption = format!("Tabell till diagrammet: {title}");
    let table = Table {
        rows,
        notes: vec![format!("Metod: {}.", signal.method_text)],
        source: text.source.clone(),
        ..Table::new(id.clone(), caption, columns)
    };
    let chart = Chart {
        id: format!("{id}-diagram"),
        kind: ChartKind::Line,
        title,
        subtitle: format!(
            "{name}, månad för månad; det grå är medel och de gränser som månaderna brukar hålla sig inom{}. {}",
            if target.is_some() { ", och målet gäller rapportperioden" } else { "" },
            match text.unit.as_str() {
                "" => String::new(),
                unit => format!("Enhet: {unit}."),
            }
        )
        .trim_end()
        .to_owned(),
        unit: text.unit.clone(),
        decimals,
        categories: months.iter().map(short).collect(),
        along: None,
        series,
        table_id: id,
        source: text.source.clone(),
    };
    Some(Block::Chart { chart, table })
}

fn line(name: &str, role: Role, values: impl Iterator<Item = Option<f64>>) -> Series {
    let points = values.map(|value| Point { value, preliminary: false }).collect();
    Series { name: name.to_owned(), role, points }
}

fn holds(period: Period, month: Month) -> bool {
    period.first_month() <= month && month <= period.last_month()
}

fn short(month: &Month) -> String {
    let name: String = month.label().chars().take(3).collect();
    format!("{name} {}", month.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::CellValue;
    use tertial_model::Answer;

    fn signal(question: Question, answer: Answer, word: &str) -> Signal {
        Signal {
            id: "hr__absence_pct".into(),
            level: "RS".into(),
            breakdown: String::new(),
            period: Period::parse("2024T2").unwrap(),
            question,
            answer,
            answer_word: word.into(),
            reason: "skäl".into(),
            method: "xmr".into(),
            method_version: 1,
            method_text: "regel xmr, version 1".into(),
            points: 3,
            mean: Some(5.0),
            lower_limit: Some(4.0),
            upper_limit: Some(6.0),
            slope: None,
            forecast: None,
            forecast_low: None,
            forecast_high: None,
            mase: None,
            mean_error: None,
            tested: None,
            covered: None,
            last_error: None,
            responsible: None,
        }
    }

    fn point(month: &str, value: f64) -> SignalPoint {
        SignalPoint {
            id: "hr__absence_pct".into(),
            level: "RS".into(),
            breakdown: String::new(),
            month: Month::parse(month).unwrap(),
            value,
            judged: value,
            cause: "inom det vanliga".into(),
        }
    }

    #[test]
    fn answers_stand_beside_each_other_and_a_missing_month_is_a_gap() {
        let mut data = super::super::tests::data();
        data.levels = [("RS".to_owned(), "Styrelsen".to_owned())].into();
        data.signals = vec![
            signal(Question::Variation, Answer::Common, "ingen säker förändring"),
            signal(Question::Trend, Answer::Silent, "kan inte bedömas"),
        ];
        data.signal_points =
            vec![point("2024-05", 5.1), point("2024-06", 4.9), point("2024-08", 5.0)];
        let text = IndicatorText {
            id: "hr__absence_pct".into(),
            name: "Sjukfrånvaro".into(),
            unit: "%".into(),
            ..IndicatorText::default()
        };
        let blocks = blocks(&data, &text);
        let Block::Table(table) = &blocks[0] else { panic!("{:?}", blocks[0]) };
        let answers: Vec<&CellValue> = table.rows.iter().map(|row| &row.cells[1].value).collect();
        assert!(matches!(answers[0], CellValue::Answer { answer: Answer::Common, .. }));
        assert!(matches!(answers[1], CellValue::Answer { answer: Answer::Silent, .. }));
        let Block::Chart { chart, table } = &blocks[1] else { panic!("{:?}", blocks[1]) };
        assert_eq!(chart.title, "Sjukfrånvaro, Styrelsen: ingen säker förändring i augusti 2024");
        assert_eq!(chart.series.last().unwrap().points[2].value, None);
        assert_eq!(table.rows[2].cells[1].printed(), "..");
        data.signals[0].mean = None;
        assert_eq!(super::blocks(&data, &text).len(), 1, "no limits, no chart");
    }
}
