//! Rows of a mart → a chart and the table with the same numbers.

use super::{Composer, finding, tables};
use crate::chart::{Chart, Point, Role, Series};
use crate::data::{DataColumn, DataKind, DataTable, ReportData, Value};
use crate::document::{Block, Cell, Column, ColumnKind, Mark, Number, Row, RowKind, Table};
use crate::spec::ChartSpec;
use tertial_model::{Code, Missing};

/// The points of a chart before they are drawn: categories × series.
struct Grid {
    categories: Vec<String>,
    series: Vec<String>,
    cells: Vec<Vec<Option<Value>>>,
    doubled: Option<(String, String)>,
}

/// A block of kind `chart`.
pub(super) fn block(
    composer: &mut Composer<'_>,
    place: (u64, u32),
    spec: &ChartSpec,
) -> Vec<Block> {
    if composer.find(place, &spec.table).is_none() {
        return Vec::new();
    }
    let x = composer.column(place, &spec.table, &spec.x);
    let y: Option<Vec<usize>> =
        spec.y.iter().map(|name| composer.column(place, &spec.table, name)).collect();
    let series = match spec.series.as_str() {
        "" => Some(None),
        name => composer.column(place, &spec.table, name).map(Some),
    };
    let (Some(x), Some(y), Some(series)) = (x, y, series) else { return Vec::new() };
    let data = composer.data;
    let table = &data.tables[&spec.table];
    let grid = match grid(table, data, x, &y, series, &spec.table) {
        Ok(grid) => grid,
        Err(fault) => {
            composer.faults.push(*fault);
            return Vec::new();
        }
    };
    if !is_drawable(composer, place, spec, &grid) {
        return Vec::new();
    }
    if grid.categories.is_empty() {
        let words = format!("{}: inga uppgifter för perioden.", composer.fill(&spec.caption));
        return vec![Block::Paragraph(words)];
    }
    let caption = composer.fill(&spec.caption);
    let explain = composer.explained(&spec.table, &caption);
    let mut block = draw(composer, spec, table, x, y[0], grid);
    if let Block::Chart { table, .. } = &mut block {
        table.explain = explain;
    }
    if spec.folded {
        // What nobody sees at once is said at the head of the chapter.
        if let Block::Chart { chart, .. } = &block
            && spec.finding.is_some()
        {
            composer.told.push(format!("{}.", chart.title));
        }
        let summary = format!("Diagram: {caption}");
        return vec![Block::Folded { level: 0, id: String::new(), summary, blocks: vec![block] }];
    }
    vec![block]
}

fn is_drawable(
    composer: &mut Composer<'_>,
    place: (u64, u32),
    spec: &ChartSpec,
    grid: &Grid,
) -> bool {
    if let Some((category, series)) = &grid.doubled {
        let message = format!("the chart `{}` has two values for one place", spec.id);
        let fault = composer.fault(place, Code::BadSetting, message);
        fault.found = Some(format!("two rows for `{category}`, `{series}`"));
        fault.hints.push("add `series`, or let the mart give one row per place".to_owned());
        return false;
    }
    let most = spec.kind.most_series();
    if grid.series.len() > most {
        let message = format!("the chart `{}` has too many series to tell apart", spec.id);
        let fault = composer.fault(place, Code::BadSetting, message);
        fault.found = Some(format!("{} series", grid.series.len()));
        fault.expected = Some(format!("at most {most} in a chart of form `{}`", spec.kind.name()));
        fault.hints.push("show fewer, or take the form `small_multiples`".to_owned());
        return false;
    }
    true
}

/// Sorts the rows of the period into categories and series, in order of appearance.
fn grid(
    table: &DataTable,
    data: &ReportData,
    x: usize,
    y: &[usize],
    series: Option<usize>,
    name: &str,
) -> Result<Grid, Box<tertial_model::Diagnostic>> {
    let mut grid =
        Grid { categories: Vec::new(), series: Vec::new(), cells: Vec::new(), doubled: None };
    for row in tables::in_period(table, data) {
        if tables::row_kind(name, table, row)? != RowKind::Body {
            continue;
        }
        let category = short(&table.columns[x], &row[x]);
        for column in y {
            let line = match series {
                Some(at) if y.len() == 1 => short(&table.columns[at], &row[at]),
                Some(at) => {
                    let group = short(&table.columns[at], &row[at]);
                    format!("{group}, {}", table.columns[*column].label)
                }
                None => table.columns[*column].label.clone(),
            };
            grid.put(&category, &line, row[*column].clone());
        }
    }
    Ok(grid)
}

impl Grid {
    fn put(&mut self, category: &str, series: &str, value: Value) {
        let row = index(&mut self.categories, category);
        let column = index(&mut self.series, series);
        self.cells.resize(self.categories.len().max(self.cells.len()), Vec::new());
        let cells = &mut self.cells[row];
        if cells.len() <= column {
            cells.resize(column + 1, None);
        }
        if cells[column].replace(value).is_some() {
            self.doubled.get_or_insert((category.to_owned(), series.to_owned()));
        }
    }

    fn at(&self, category: usize, series: usize) -> Option<&Value> {
        self.cells[category].get(series).and_then(Option::as_ref)
    }
}

fn index(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// `jan 2024` for a month, the usual words for the rest.
fn short(column: &DataColumn, value: &Value) -> String {
    match tables::month(&value.plain()) {
        Some(month) if matches!(column.kind, DataKind::Month | DataKind::Date) => {
            let name: String = month.label().chars().take(3).collect();
            format!("{name} {}", month.year())
        }
        _ => tables::words(column, value),
    }
}

fn draw(
    composer: &Composer<'_>,
    spec: &ChartSpec,
    data: &DataTable,
    x: usize,
    y: usize,
    grid: Grid,
) -> Block {
    let value = &data.columns[y];
    let unit = if spec.unit.is_empty() { value.unit.clone() } else { spec.unit.clone() };
    let title = composer.fill(&spec.caption);
    let table_id = spec.id.clone();
    let first = Column { kind: ColumnKind::Text, ..tables::column(&data.columns[x]) };
    let numbers = grid.series.iter().enumerate().map(|(index, name)| {
        let key = format!("series_{}", index + 1);
        Column::new(&key, name, &unit, ColumnKind::Number, value.decimals)
    });
    let columns = std::iter::once(first).chain(numbers).collect();
    let rows = (0..grid.categories.len()).map(|at| row(&grid, at, value.decimals)).collect();
    let note = composer.fill(&spec.note);
    let table = Table {
        rows,
        notes: (!note.is_empty()).then_some(note).into_iter().collect(),
        source: data.source.clone(),
        ..Table::new(table_id.clone(), format!("Tabell till diagrammet: {title}"), columns)
    };
    let series = (0..grid.series.len()).map(|at| line(&grid, at)).collect();
    let mut chart = Chart {
        id: format!("{}-diagram", spec.id),
        kind: spec.kind,
        title,
        subtitle: composer.fill(&spec.subtitle),
        unit,
        decimals: value.decimals,
        categories: grid.categories,
        along: None,
        series,
        table_id,
        source: data.source.clone(),
    };
    if let Some(asked) = &spec.finding {
        // The title says what the chart shows; what it is stands below.
        let told = finding::of_chart(asked, &chart);
        let topic = std::mem::replace(&mut chart.title, told);
        chart.subtitle = match chart.subtitle.as_str() {
            "" => topic,
            subtitle => format!("{topic}. {subtitle}"),
        };
    }
    Block::Chart { chart, table }
}

fn row(grid: &Grid, category: usize, decimals: u8) -> Row {
    let mut cells = vec![Cell::text(grid.categories[category].as_str())];
    for series in 0..grid.series.len() {
        let value = grid.at(category, series);
        cells.push(match value.and_then(Value::number) {
            Some(number) => Cell::number(number, decimals).marked(mark(value)),
            None => match value {
                Some(Value::Missing(missing)) => Cell::missing(*missing),
                _ => Cell::missing(Missing::NotAvailable),
            },
        });
    }
    Row { kind: RowKind::Body, cells }
}

fn mark(value: Option<&Value>) -> Option<Mark> {
    match value {
        Some(Value::Marked(_, mark)) => Some(*mark),
        _ => None,
    }
}

fn line(grid: &Grid, series: usize) -> Series {
    let point = |category: usize| {
        let value = grid.at(category, series);
        Point {
            value: value.and_then(Value::number).map(Number::to_f64),
            preliminary: mark(value) == Some(Mark::Preliminary),
        }
    };
    let points = (0..grid.categories.len()).map(point).collect();
    Series { name: grid.series[series].clone(), role: Role::Data, points }
}

#[cfg(test)]
mod tests {
    use super::super::compose;
    use super::super::tests::{data, spec};
    use super::*;

    fn absence() -> DataTable {
        let row = |month: &str, sex: &str, value: Value| {
            vec![Value::Date(month.into()), Value::text(sex), value]
        };
        DataTable {
            columns: vec![
                DataColumn::new("month", "Månad", "", 0, DataKind::Month),
                DataColumn::new("sex", "Kön", "", 0, DataKind::Sex),
                DataColumn::number("absence_pct", "Sjukfrånvaro", "%", 1),
            ],
            rows: vec![
                row("2024-01-01", "K", Value::Float(6.25)),
                row("2024-01-01", "M", Value::Float(4.0)),
                row("2024-02-01", "K", Value::Null),
                row("2024-02-01", "M", Value::Float(3.5)),
            ],
            source: String::new(),
        }
    }

    const LINE: &str = "kind = \"chart\"\nid = \"c\"\nchart = \"line\"\ntable = \"s\"\n\
                        x = \"month\"\ny = \"absence_pct\"\nseries = \"sex\"\ncaption = \"S\"";

    #[test]
    fn long_rows_become_series_and_the_table_holds_the_same_numbers() {
        let mut data = data();
        data.tables.insert("s".into(), absence());
        let document = compose(&spec(LINE), &data).unwrap();
        let chart = document.charts().next().unwrap();
        assert_eq!(chart.categories, ["jan 2024", "feb 2024"]);
        assert_eq!(chart.series[0].name, "Kvinnor");
        assert_eq!(chart.series[0].points[1].value, None);
        let table = document.tables().next().unwrap();
        let printed: Vec<String> =
            table.rows.iter().flat_map(|row| &row.cells).map(Cell::printed).collect();
        assert_eq!(printed, ["jan 2024", "6,3", "4,0", "feb 2024", "..", "3,5"]);
    }

    #[test]
    fn two_values_for_one_place_are_refused() {
        let mut data = data();
        data.tables.insert("s".into(), absence());
        let faults = compose(&spec(&LINE.replace("series = \"sex\"\n", "")), &data).unwrap_err();
        assert_eq!(faults[0].message, "the chart `c` has two values for one place");
    }

    #[test]
    fn more_series_than_can_be_told_apart_are_refused() {
        let mut data = data();
        let mut table = absence();
        table.columns[1].kind = DataKind::Text;
        table.rows = (0..5)
            .map(|n| vec![Value::Date("2024-01-01".into()), Value::Integer(n), Value::Float(1.0)])
            .collect();
        data.tables.insert("s".into(), table);
        let bars = LINE.replace("\"line\"", "\"stacked_bar\"");
        let faults = compose(&spec(&bars), &data).unwrap_err();
        assert_eq!(faults[0].message, "the chart `c` has too many series to tell apart");
    }
}
