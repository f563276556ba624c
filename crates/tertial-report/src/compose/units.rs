//! Units of an indicator beside each other: a funnel with its table, or a table with intervals.

use crate::chart::{Along, Chart, ChartKind, Point, Role, Series};
use crate::data::{IndicatorText, ReportData};
use crate::document::{Block, Cell, Column, ColumnKind, Mark, Number, Row, RowKind, Table};
use tertial_model::{Missing, UnitFigure, UnitPanel, swedish};

/// The blocks of an indicator's units; none when its definition does not ask for them.
pub(super) fn blocks(data: &ReportData, text: &IndicatorText) -> Vec<Block> {
    let Some((panel, units)) = data.units.iter().find(|(panel, _)| panel.id == text.id) else {
        return Vec::new();
    };
    let places = data
        .outcomes
        .iter()
        .find(|outcome| outcome.id == text.id)
        .map_or(1, |outcome| outcome.decimals);
    let view = View { data, text, panel, units, decimals: places.saturating_add(1) };
    let table = view.table();
    match panel.form.as_str() {
        "funnel" => vec![Block::Chart { chart: view.chart(&table), table }],
        _ => vec![Block::Table(table)],
    }
}

struct View<'a> {
    data: &'a ReportData,
    text: &'a IndicatorText,
    panel: &'a UnitPanel,
    units: &'a [UnitFigure],
    decimals: u8,
}

impl View<'_> {
    fn id(&self) -> String {
        format!("enheter-{}", self.text.id)
    }

    fn is_funnel(&self) -> bool {
        self.panel.form == "funnel"
    }

    fn has_responses(&self) -> bool {
        self.units.iter().any(|unit| unit.response_rate.is_some())
    }

    fn table(&self) -> Table {
        let unit = self.text.unit.as_str();
        let number = |key: &str, label: &str| {
            Column::new(key, label, unit, ColumnKind::Number, self.decimals)
        };
        let mut columns = vec![
            Column::text("unit", "Enhet"),
            Column::new("denominator", "Nämnare", "", ColumnKind::Number, 0),
            number("value", "Utfall"),
        ];
        if self.has_responses() {
            columns.push(Column::new("response_rate", "Svarsfrekvens", "%", ColumnKind::Number, 0));
        }
        if self.is_funnel() {
            columns.push(number("outer_low", "Gräns 99,8 % nedre"));
            columns.push(number("low", "Gräns 95 % nedre"));
            columns.push(number("high", "Gräns 95 % övre"));
            columns.push(number("outer_high", "Gräns 99,8 % övre"));
        } else {
            columns.push(number("low", "Intervall, från"));
            columns.push(number("high", "Intervall, till"));
        }
        columns.push(Column::text("verdict", "Mot enheternas total"));
        if self.panel.standard.is_some() {
            columns.push(number("standardised", "Åldersstandardiserat"));
            columns.push(number("standardised_low", "Standardiserat, från"));
            columns.push(number("standardised_high", "Standardiserat, till"));
        }
        let caption =
            format!("Enheterna bredvid varandra: {}, {}", self.text.name, self.data.period.label());
        Table {
            rows: self.units.iter().map(|unit| self.row(unit)).collect(),
            notes: self.notes(),
            source: self.text.source.clone(),
            ..Table::new(self.id(), caption, columns)
        }
    }

    fn row(&self, unit: &UnitFigure) -> Row {
        let gone = unit.missing.unwrap_or(Missing::CannotOccur);
        let cell = |value: Option<f64>, decimals: u8, otherwise: Missing| match value {
            Some(value) => Cell::number(Number::Float(value), decimals),
            None => Cell::missing(otherwise),
        };
        let own = |value: Option<f64>| cell(value, self.decimals, gone);
        let mark = unit.is_uncertain.then_some(Mark::Uncertain);
        let mut cells = vec![
            Cell::text(unit.name.as_str()),
            cell(unit.denominator, 0, gone),
            own(unit.value).marked(mark.filter(|_| unit.value.is_some())),
        ];
        if self.has_responses() {
            let percent = unit.response_rate.map(|rate| rate * 100.0);
            cells.push(cell(percent, 0, Missing::NotAvailable));
        }
        if self.is_funnel() {
            cells.extend([unit.outer_low, unit.low, unit.high, unit.outer_high].map(own));
        } else {
            cells.extend([unit.low, unit.high].map(own));
        }
        cells.push(match (unit.verdict.as_str(), unit.reason.as_str()) {
            ("", "") => Cell::missing(Missing::CannotOccur),
            ("", reason) => Cell::text(reason),
            (verdict, "") => Cell::text(verdict),
            (verdict, reason) => Cell::text(format!("{verdict}: {reason}")),
        });
        if self.panel.standard.is_some() {
            if unit.standardised.is_none() && !unit.standardised_reason.is_empty() {
                cells.push(Cell::text(unit.standardised_reason.as_str()));
            } else {
                cells.push(own(unit.standardised));
            }
            cells.extend([unit.standardised_low, unit.standardised_high].map(own));
        }
        Row { kind: RowKind::Body, cells }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(total) = self.panel.total {
            let total = swedish::with_unit(&swedish::float(total, self.decimals), &self.text.unit);
            notes.push(format!(
                "Total av de enheter som visas: {total}. Enheterna står i organisationens ordning \
                 och rangordnas inte."
            ));
        }
        if !self.panel.reason.is_empty() {
            notes.push(format!("Inget trattdiagram: {}.", self.panel.reason));
        }
        notes.push(format!("Metod: {}.", self.panel.method_text));
        if let Some(standard) = &self.panel.standard {
            notes.push(format!(
                "Åldersstandardiserat med direkt metod mot {standard}, intervall 95 % enligt Dobson."
            ));
        }
        notes
    }

    fn chart(&self, table: &Table) -> Chart {
        let shown: Vec<&UnitFigure> = self
            .units
            .iter()
            .filter(|unit| unit.value.is_some() && unit.denominator.is_some())
            .collect();
        let series = |name: &str, of: &dyn Fn(&UnitFigure) -> Option<f64>, hollow: bool| Series {
            name: name.to_owned(),
            role: if hollow { Role::Data } else { Role::Limit },
            points: shown
                .iter()
                .map(|unit| Point { value: of(unit), preliminary: hollow && unit.is_uncertain })
                .collect(),
        };
        let total = self.panel.total;
        let limited = |unit: &UnitFigure| total.filter(|_| unit.low.is_some());
        let outside = shown
            .iter()
            .filter(|unit| {
                let value = unit.value.zip(unit.low.zip(unit.high));
                value.is_some_and(|(value, (low, high))| value < low || value > high)
            })
            .count();
        let finding = match outside {
            0 => "inga enheter avviker mer än slumpen".to_owned(),
            1 => "en enhet avviker mer än slumpen".to_owned(),
            count => format!("{count} enheter avviker mer än slumpen"),
        };
        Chart {
            id: format!("{}-diagram", self.id()),
            kind: ChartKind::Funnel,
            title: format!("{}: {finding}, {}", self.text.name, self.data.period.label()),
            subtitle: format!(
                "Utfall per enhet mot enhetens storlek, med totalen och gränser på 95 och 99,8 \
                 procent.{}",
                match self.text.unit.as_str() {
                    "" => String::new(),
                    unit => format!(" Enhet: {unit}."),
                }
            ),
            unit: self.text.unit.clone(),
            decimals: self.decimals,
            categories: shown.iter().map(|unit| unit.name.clone()).collect(),
            along: Some(Along {
                label: "Nämnare".to_owned(),
                places: shown.iter().filter_map(|unit| unit.denominator).collect(),
            }),
            series: vec![
                series("99,8 % övre", &|unit| unit.outer_high, false),
                series("95 % övre", &|unit| unit.high, false),
                series("Totalt", &limited, false),
                series("95 % nedre", &|unit| unit.low, false),
                series("99,8 % nedre", &|unit| unit.outer_low, false),
                series("Enheter", &|unit| unit.value, true),
            ],
            table_id: table.id.clone(),
            source: table.source.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str, value: f64) -> UnitFigure {
        UnitFigure {
            unit: name.to_lowercase(),
            name: name.to_owned(),
            numerator: Some(value),
            denominator: Some(100.0),
            value: Some(value),
            missing: None,
            response_rate: None,
            is_uncertain: false,
            low: Some(4.0),
            high: Some(6.0),
            outer_low: Some(3.0),
            outer_high: Some(7.0),
            verdict: "som väntat".to_owned(),
            reason: String::new(),
            standardised: None,
            standardised_low: None,
            standardised_high: None,
            standardised_reason: String::new(),
        }
    }

    fn shown(units: Vec<UnitFigure>) -> (Chart, Table) {
        let mut data = super::super::tests::data();
        let panel = UnitPanel {
            id: "hr__absence_pct".into(),
            period: data.period,
            form: "funnel".into(),
            total: Some(5.0),
            phi: Some(2.0),
            tau: Some(0.5),
            reason: String::new(),
            method_text: "regel enheter".into(),
            standard: None,
        };
        data.units = vec![(panel, units)];
        let text = IndicatorText {
            id: "hr__absence_pct".into(),
            name: "Sjukfrånvaro".into(),
            unit: "%".into(),
            ..IndicatorText::default()
        };
        match blocks(&data, &text).pop() {
            Some(Block::Chart { chart, table }) => (chart, table),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_unit_outside_is_named_in_words_and_none_is_ranked() {
        let mut high = unit("Lagret", 9.0);
        high.verdict = "mycket högre än väntat".to_owned();
        let (chart, table) = shown(vec![unit("Köket", 5.0), high]);
        assert_eq!(
            chart.title,
            "Sjukfrånvaro: en enhet avviker mer än slumpen, januari–augusti 2024"
        );
        let names: Vec<String> = table.rows.iter().map(|row| row.cells[0].printed()).collect();
        assert_eq!(names, ["Köket", "Lagret"], "the order of the organisation");
        assert!(chart.finding().starts_with("1 av 2 enheter ligger utanför"));
    }

    #[test]
    fn hidden_and_uncertain_units_stand_in_the_table_without_a_judgement() {
        let mut hidden = unit("Arkivet", 0.0);
        hidden.missing = Some(Missing::Suppressed);
        (hidden.value, hidden.denominator, hidden.low, hidden.high) = (None, None, None, None);
        (hidden.outer_low, hidden.outer_high) = (None, None);
        hidden.verdict = String::new();
        hidden.reason = "dold, för få personer".to_owned();
        let mut few = unit("Växeln", 8.0);
        few.is_uncertain = true;
        few.response_rate = Some(0.4);
        (few.low, few.high, few.outer_low, few.outer_high) = (None, None, None, None);
        few.verdict = "bedöms inte".to_owned();
        few.reason = "svarsfrekvensen 40 % är under gränsen 60 %".to_owned();
        let (chart, table) = shown(vec![unit("Köket", 5.0), hidden, few]);
        assert_eq!(chart.categories, ["Köket", "Växeln"], "a hidden unit is not drawn");
        let printed: Vec<String> = table.rows[1].cells.iter().map(Cell::printed).collect();
        assert_eq!(printed[2], "[s]");
        assert_eq!(table.rows[2].cells[2].printed(), "8,00\u{a0}[o]");
        assert!(table.rows[2].cells.last().unwrap().printed().starts_with("bedöms inte"));
    }
}
