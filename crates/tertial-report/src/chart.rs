//! Charts as data, their words, and their drawing as SVG.
//!
//! At most four colours, labels at the lines, text horizontal, bars from zero, gaps where values are
//! missing, no second axis. Colour is never alone: dashes, marker shapes and patterns differ too.
//! The drawing carries explicit colours for print and classes that a style sheet may override.
//! Start reading in [`Chart::svg`]; `lines`, `bars` and `funnel` hold the forms, `canvas` the pens.

mod bars;
mod canvas;
mod funnel;
mod lines;

use canvas::{Pen, escape};
use std::fmt::Write as _;
use tertial_model::swedish;

/// A chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Anchor, unique in the document.
    pub id: String,
    /// Its form.
    pub kind: ChartKind,
    /// Title.
    pub title: String,
    /// What is shown, of whom.
    pub subtitle: String,
    /// Unit of all values; empty = none.
    pub unit: String,
    /// Decimals of the printed values.
    pub decimals: u8,
    /// The places along the axis, in order.
    pub categories: Vec<String>,
    /// Where the categories stand along a numeric axis; none when they stand side by side.
    pub along: Option<Along>,
    /// The series, the latest last.
    pub series: Vec<Series>,
    /// Anchor of the table with the same numbers.
    pub table_id: String,
    /// Where the figures come from; may be empty.
    pub source: String,
}

/// A numeric axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Along {
    /// What the numbers are.
    pub label: String,
    /// The place of each category.
    pub places: Vec<f64>,
}

/// The forms of chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// A line per series.
    Line,
    /// Bars beside each other.
    Bar,
    /// Bars on top of each other.
    StackedBar,
    /// A small line chart per series on common axes.
    SmallMultiples,
    /// Units between limits that narrow with their size; made by the program, never asked for by name.
    Funnel,
}

/// A series.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name, printed at the line.
    pub name: String,
    /// What it is in the chart.
    pub role: Role,
    /// One point per category.
    pub points: Vec<Point>,
}

/// What a series is in its chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What the chart is about.
    Data,
    /// A mean or limit that the data is seen against.
    Limit,
    /// What is aimed at.
    Target,
}

/// A value of a series.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// None is a gap.
    pub value: Option<f64>,
    /// Drawn hollow.
    pub preliminary: bool,
}

impl ChartKind {
    /// Reads the name used in `seeds/report.toml`.
    pub fn parse(text: &str) -> Option<ChartKind> {
        Some(match text {
            "line" => ChartKind::Line,
            "bar" => ChartKind::Bar,
            "stacked_bar" => ChartKind::StackedBar,
            "small_multiples" => ChartKind::SmallMultiples,
            _ => return None,
        })
    }

    /// The name used in `seeds/report.toml` and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ChartKind::Line => "line",
            ChartKind::Bar => "bar",
            ChartKind::StackedBar => "stacked_bar",
            ChartKind::SmallMultiples => "small_multiples",
            ChartKind::Funnel => "funnel",
        }
    }

    /// How many series the form can tell apart without more than four colours.
    pub fn most_series(self) -> usize {
        match self {
            ChartKind::Line => 8,
            ChartKind::Bar | ChartKind::StackedBar => 4,
            ChartKind::SmallMultiples => 24,
            ChartKind::Funnel => 6,
        }
    }

    fn is_bars(self) -> bool {
        matches!(self, ChartKind::Bar | ChartKind::StackedBar)
    }

    fn word(self) -> &'static str {
        match self {
            ChartKind::Line => "Linjediagram",
            ChartKind::Bar => "Stapeldiagram",
            ChartKind::StackedBar => "Staplat stapeldiagram",
            ChartKind::SmallMultiples => "Små linjediagram med gemensamma axlar",
            ChartKind::Funnel => "Trattdiagram",
        }
    }
}

impl Chart {
    /// The drawing; a whole SVG document without outer references.
    pub fn svg(&self) -> String {
        let drawing = match self.kind {
            ChartKind::Line => lines::draw(self),
            ChartKind::SmallMultiples => lines::draw_multiples(self),
            ChartKind::Bar | ChartKind::StackedBar => bars::draw(self),
            ChartKind::Funnel => funnel::draw(self),
        };
        let (width, height) = (drawing.width, drawing.height);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" \
             aria-labelledby=\"{id}-t {id}-d\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             width=\"{width:.0}\" height=\"{height:.0}\" font-family=\"Inter, sans-serif\" \
             font-size=\"13\"><title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{desc}</desc>\
             {body}</svg>",
            id = escape(&self.id),
            title = escape(&self.title),
            desc = escape(&self.description()),
            body = drawing.body,
        )
    }

    /// The text for those who cannot see the drawing: kind, title, finding, where the table is.
    pub fn alt(&self) -> String {
        format!(
            "{}: {}. {}",
            self.kind.word(),
            self.title.trim_end_matches('.'),
            self.description()
        )
    }

    /// Finding, range and where the numbers stand.
    fn description(&self) -> String {
        format!("{} Alla värden står i diagrammets tabell.", self.finding())
    }

    /// What the numbers say, from the numbers alone.
    pub fn finding(&self) -> String {
        if self.kind == ChartKind::Funnel {
            return self.outside_in_words();
        }
        let mut points = self.present();
        points.retain(|point| self.series[point.0].role == Role::Data);
        let count = self.series.iter().filter(|series| series.role == Role::Data).count();
        let (Some(lowest), Some(highest)) = (
            points.iter().copied().min_by(|a, b| a.2.total_cmp(&b.2)),
            points.iter().copied().max_by(|a, b| a.2.total_cmp(&b.2)),
        ) else {
            return "Inga värden finns för perioden.".to_owned();
        };
        let latest = self.latest(&points);
        let ends = |point: (usize, usize, f64)| {
            format!("{} ({})", self.print(point.2), self.name_of(point))
        };
        if count == 1 && self.kind.is_bars() {
            return format!("Högst {}, lägst {}.", ends(highest), ends(lowest));
        }
        if count == 1 && points.len() > 1 {
            let (from, to) = (points[0], points[points.len() - 1]);
            return format!(
                "Från {} till {}; lägst {}, högst {}.",
                ends(from),
                ends(to),
                ends(lowest),
                ends(highest),
            );
        }
        format!("{latest} Lägsta värdet är {}, högsta {}.", ends(lowest), ends(highest),)
    }

    /// Whether a unit of a funnel lies outside its inner limits.
    fn outside(&self, unit: usize) -> bool {
        let value = |series: usize| self.series.get(series)?.points.get(unit)?.value;
        let (Some(upper), Some(lower), Some(own)) = (value(1), value(3), value(5)) else {
            return false;
        };
        own > upper || own < lower
    }

    /// Which units of a funnel lie outside the inner limits.
    fn outside_in_words(&self) -> String {
        let Some(units) = self.series.last() else { return String::new() };
        let judged = units.points.iter().filter(|point| point.value.is_some()).count();
        let names: Vec<String> = (0..units.points.len())
            .filter(|at| self.outside(*at))
            .filter_map(|at| {
                let value = units.points[at].value?;
                Some(format!("{} ({})", self.categories.get(at)?, self.print(value)))
            })
            .collect();
        match names.len() {
            0 => format!("Alla {judged} enheter ligger innanför 95-procentsgränserna."),
            count => format!(
                "{count} av {judged} enheter ligger utanför 95-procentsgränserna: {}.",
                names.join(", ")
            ),
        }
    }

    /// The values of the last category in which the latest series has one.
    fn latest(&self, points: &[(usize, usize, f64)]) -> String {
        let newest = points.iter().map(|point| point.0).max();
        let of_newest = points.iter().filter(|point| Some(point.0) == newest);
        let Some(last) = of_newest.map(|point| point.1).max() else { return String::new() };
        let values: Vec<String> = points
            .iter()
            .filter(|point| point.1 == last)
            .map(|point| format!("{} {}", self.series[point.0].name, self.print(point.2)))
            .collect();
        format!("{}: {}.", capital(&self.categories[last]), values.join(", "))
    }

    /// Series, category and value of every present point.
    fn present(&self) -> Vec<(usize, usize, f64)> {
        let mut points = Vec::new();
        for (series, line) in self.series.iter().enumerate() {
            for (category, point) in line.points.iter().enumerate() {
                if let Some(value) = point.value {
                    points.push((series, category, value));
                }
            }
        }
        points
    }

    fn name_of(&self, point: (usize, usize, f64)) -> String {
        let others = |series: &Series| series.role == Role::Data;
        if self.series.iter().filter(|series| others(series)).count() == 1 {
            return self.categories[point.1].clone();
        }
        format!("{}, {}", self.series[point.0].name, self.categories[point.1])
    }

    fn print(&self, value: f64) -> String {
        swedish::with_unit(&swedish::float(value, self.decimals), &self.unit)
    }

    /// Smallest and largest value, none when there is no value.
    fn range(&self) -> Option<(f64, f64)> {
        let values = self.series.iter().flat_map(|s| &s.points).filter_map(|point| point.value);
        values.fold(None, |range, value| match range {
            None => Some((value, value)),
            Some((low, high)) => Some((value.min(low), value.max(high))),
        })
    }
}

/// Values side by side as a small line without axes, the last one marked; a gap lifts the pen.
pub fn spark(values: &[Option<f64>]) -> String {
    const WIDTH: f64 = 96.0;
    const HEIGHT: f64 = 24.0;
    const INSET: f64 = 3.0;
    let present: Vec<f64> = values.iter().flatten().copied().collect();
    let low = present.iter().copied().fold(f64::INFINITY, f64::min);
    let high = present.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let step = (WIDTH - 2.0 * INSET) / (values.len().saturating_sub(1).max(1)) as f64;
    let at = |index: usize, value: f64| {
        let share = if high > low { (value - low) / span } else { 0.5 };
        let y = HEIGHT - INSET - share * (HEIGHT - 2.0 * INSET);
        (canvas::number(INSET + step * index as f64), canvas::number(y))
    };
    let (mut path, mut last, mut is_drawing) = (String::new(), None, false);
    for (index, value) in values.iter().enumerate() {
        let Some(value) = value else {
            is_drawing = false;
            continue;
        };
        let (x, y) = at(index, *value);
        let _ = write!(path, "{}{x} {y}", if is_drawing { 'L' } else { 'M' });
        is_drawing = true;
        last = Some((x, y));
    }
    let end = last.map_or_else(String::new, |(x, y)| {
        format!(
            "<circle class=\"f1\" fill=\"{}\" cx=\"{x}\" cy=\"{y}\" r=\"2.4\"/>",
            Pen::Series(0).colour()
        )
    });
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart spark\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\" aria-hidden=\"true\" focusable=\"false\"><path class=\"l1\" \
         stroke=\"{}\" stroke-width=\"1.6\" fill=\"none\" stroke-linejoin=\"round\" d=\"{path}\"/>{end}</svg>",
        Pen::Series(0).colour(),
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn chart(kind: ChartKind, series: &[(&str, &[Option<f64>])]) -> Chart {
        let series: Vec<Series> = series
            .iter()
            .map(|(name, values)| Series {
                name: (*name).to_owned(),
                role: Role::Data,
                points: values.iter().map(|v| Point { value: *v, preliminary: false }).collect(),
            })
            .collect();
        let months = ["jan 2024", "feb 2024", "mar 2024", "apr 2024"];
        Chart {
            id: "kurva".into(),
            kind,
            title: "Sjukfrånvaron <minskar>".into(),
            subtitle: String::new(),
            unit: "%".into(),
            decimals: 1,
            categories: months[..series[0].points.len()].iter().map(|&m| m.to_owned()).collect(),
            along: None,
            series,
            table_id: "kurva-tabell".into(),
            source: String::new(),
        }
    }

    #[test]
    fn the_words_tell_finding_range_and_last_value() {
        let one = chart(ChartKind::Line, &[("Totalt", &[Some(6.3), None, Some(4.95), Some(5.2)])]);
        assert_eq!(
            one.alt(),
            "Linjediagram: Sjukfrånvaron <minskar>. Från 6,3\u{a0}% (jan 2024) till 5,2\u{a0}% \
             (apr 2024); lägst 5,0\u{a0}% (mar 2024), högst 6,3\u{a0}% (jan 2024). Alla värden \
             står i diagrammets tabell."
        );
        let two = chart(ChartKind::Bar, &[("Kvinnor", &[Some(1.0)]), ("Män", &[Some(-2.0)])]);
        assert_eq!(
            two.finding(),
            "Jan 2024: Kvinnor 1,0\u{a0}%, Män −2,0\u{a0}%. Lägsta värdet är −2,0\u{a0}% (Män, \
             jan 2024), högsta 1,0\u{a0}% (Kvinnor, jan 2024)."
        );
    }

    #[test]
    fn a_small_line_has_a_gap_where_a_value_is_missing_and_marks_the_last() {
        let line = spark(&[Some(1.0), Some(2.0), None, Some(1.5)]);
        let path = line.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(path, "M3 21L33 3M93 12");
        assert!(line.contains("cx=\"93\" cy=\"12\""), "{line}");
        assert!(
            spark(&[Some(2.0), Some(2.0)]).contains("M3 12L93 12"),
            "no change is a level line"
        );
    }

    #[test]
    fn every_form_is_escaped_labelled_and_free_of_broken_numbers() {
        let values: &[Option<f64>] = &[Some(-1.5), None, Some(0.0), Some(3.25)];
        let kinds =
            [ChartKind::Line, ChartKind::Bar, ChartKind::StackedBar, ChartKind::SmallMultiples];
        for kind in kinds {
            let svg = chart(kind, &[("A & B", values), ("C", values)]).svg();
            assert!(svg.contains("<title id=\"kurva-t\">Sjukfrånvaron &lt;minskar&gt;</title>"));
            assert!(svg.contains("A &amp; B") && svg.contains("<desc"), "{kind:?}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{kind:?}");
            assert!(!svg.contains("rotate"), "{kind:?}: text stays horizontal");
        }
    }

    #[test]
    fn a_funnel_names_the_units_outside_and_no_others() {
        let lines: Vec<(&str, Vec<Option<f64>>)> = [
            ("99,8 % övre", 9.0),
            ("95 % övre", 7.0),
            ("Totalt", 5.0),
            ("95 % nedre", 3.0),
            ("99,8 % nedre", 1.0),
        ]
        .into_iter()
        .map(|(name, value)| (name, vec![Some(value); 4]))
        .chain([("Enheter", vec![Some(5.5), Some(8.0), None, Some(2.0)])])
        .collect();
        let lines: Vec<(&str, &[Option<f64>])> =
            lines.iter().map(|(name, values)| (*name, values.as_slice())).collect();
        let mut funnel = chart(ChartKind::Funnel, &lines);
        funnel.along =
            Some(Along { label: "Storlek".into(), places: vec![10.0, 200.0, 30.0, 400.0] });
        assert_eq!(
            funnel.finding(),
            "2 av 3 enheter ligger utanför 95-procentsgränserna: feb 2024 (8,0\u{a0}%), \
             apr 2024 (2,0\u{a0}%)."
        );
        let svg = funnel.svg();
        assert_eq!(svg.matches("<circle").count(), 3, "a unit without value has no point");
        assert!(svg.contains("feb 2024 8,0") && !svg.contains("jan 2024 5,5"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn a_chart_without_values_says_so() {
        for kind in [ChartKind::Line, ChartKind::Bar, ChartKind::SmallMultiples] {
            let empty = chart(kind, &[("A", &[None, None])]);
            assert_eq!(empty.finding(), "Inga värden finns för perioden.");
            assert!(!empty.svg().contains("NaN"), "{kind:?}");
        }
    }

    #[test]
    fn no_form_uses_more_than_four_colours_for_series() {
        let values: &[Option<f64>] = &[Some(1.0), Some(2.0)];
        let many: Vec<(String, &[Option<f64>])> =
            (2020..2025).map(|year| (year.to_string(), values)).collect();
        let many: Vec<(&str, &[Option<f64>])> =
            many.iter().map(|(name, values)| (name.as_str(), *values)).collect();
        let svg = chart(ChartKind::Line, &many).svg();
        let colours = crate::palette::SERIES_LIGHT;
        assert!(svg.contains(colours[0]), "the latest year is strong");
        assert!(
            colours[1..].iter().all(|colour| !svg.contains(colour)),
            "earlier years stand back"
        );
        assert!(svg.contains("2020") && svg.contains("2024"));
    }
}
