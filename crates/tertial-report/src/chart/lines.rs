//! Lines: one chart with labels at the lines' ends, or one small chart per series.

use super::canvas::{
    self, Anchor, Drawing, LINE, Pen, Scale, TEXT, Voice, number, split_year, width, wrap,
};
use super::{Chart, Role, Series};
use crate::palette::LIGHT_PAPER;
use std::fmt::Write as _;
use tertial_model::swedish;

const WIDTH: f64 = 720.0;
const PLOT: f64 = 270.0;
const TOP: f64 = 14.0;
const LABEL_LIMIT: f64 = 170.0;
const DASHES: [&str; 4] = ["", "8 4", "2 3", "10 3 2 3"];

/// A part of the drawing with its axes.
struct Panel<'a> {
    chart: &'a Chart,
    scale: Scale,
    left: f64,
    right: f64,
    bottom: f64,
}

/// How a line is told from the others.
#[derive(Clone, Copy)]
struct Style {
    pen: Pen,
    dash: &'static str,
    shape: usize,
    strong: bool,
}

/// A line chart.
pub fn draw(chart: &Chart) -> Drawing {
    let bottom = TOP + PLOT;
    let scale = Scale::new(chart.range(), false, bottom, TOP);
    let left = scale.label_width() + 12.0;
    let labels: Vec<Vec<String>> =
        chart.series.iter().map(|series| wrap(&end_label(chart, series), LABEL_LIMIT)).collect();
    let widest = labels.iter().flatten().map(|line| width(line)).fold(0.0, f64::max);
    let panel = Panel { chart, scale, left, right: WIDTH - widest - 22.0, bottom };
    let mut body = String::new();
    panel.axes(&mut body);
    for (index, series) in chart.series.iter().enumerate() {
        panel.line(&mut body, series, style(chart, index));
    }
    panel.end_labels(&mut body, &labels);
    Drawing { width: WIDTH, height: bottom + 56.0, body }
}

/// A panel per series, all on the same axes.
pub fn draw_multiples(chart: &Chart) -> Drawing {
    const COLUMNS: usize = 3;
    const PANEL: f64 = 118.0;
    let scale = |bottom: f64| Scale::new(chart.range(), false, bottom, bottom - PANEL);
    let margin = scale(0.0).label_width() + 10.0;
    let slot = (WIDTH - margin) / COLUMNS as f64;
    let mut body = String::new();
    let mut top = 0.0;
    for row in chart.series.chunks(COLUMNS) {
        let titles: Vec<Vec<String>> =
            row.iter().map(|series| wrap(&series.name, slot - 24.0)).collect();
        let lines = titles.iter().map(Vec::len).max().unwrap_or(1) as f64;
        let bottom = top + lines * LINE + 14.0 + PANEL;
        for (column, (series, title)) in row.iter().zip(&titles).enumerate() {
            let left = margin + column as f64 * slot;
            let panel =
                Panel { chart, scale: scale(bottom), left, right: left + slot - 48.0, bottom };
            for (index, line) in title.iter().enumerate() {
                let y = top + LINE * (index as f64 + 1.0) - 3.0;
                canvas::text(&mut body, (left, y), Anchor::Start, Voice::Strong, line);
            }
            panel.small(&mut body, series, column == 0);
        }
        top = bottom + 30.0;
    }
    Drawing { width: WIDTH, height: top.max(60.0), body }
}

/// Data is solid, dark and marked; limits stand back and the target is dashed in its own colour. With
/// more than four series of data the latest is strong and the earlier ones stand back.
fn style(chart: &Chart, index: usize) -> Style {
    let of_data = |series: &&Series| series.role == Role::Data;
    let count = chart.series.iter().filter(of_data).count();
    let place = chart.series[..index].iter().filter(of_data).count();
    match chart.series[index].role {
        Role::Limit => Style { pen: Pen::Background, dash: "2 4", shape: 0, strong: false },
        Role::Target => Style { pen: Pen::Series(2), dash: "8 4", shape: 3, strong: false },
        Role::Data if count <= 4 => {
            let (dash, strong) = (DASHES[place % DASHES.len()], count == 1);
            Style { pen: Pen::Series(place), dash, shape: place, strong }
        }
        Role::Data if place + 1 == count => {
            Style { pen: Pen::Series(0), dash: "", shape: 0, strong: true }
        }
        Role::Data => {
            let dash = DASHES[1 + place % (DASHES.len() - 1)];
            Style { pen: Pen::Background, dash, shape: 1 + place % 3, strong: false }
        }
    }
}

/// Name and last value; a long unit stands only above the chart.
fn end_label(chart: &Chart, series: &Series) -> String {
    let unit = if chart.unit.chars().count() <= 3 { chart.unit.as_str() } else { "" };
    match series.points.iter().rev().find_map(|point| point.value) {
        Some(value) => {
            let number = swedish::float(value, chart.decimals);
            format!("{} {}", series.name, swedish::with_unit(&number, unit))
        }
        None => series.name.clone(),
    }
}

impl Panel<'_> {
    fn x(&self, index: usize) -> f64 {
        let count = self.chart.categories.len();
        if count < 2 {
            return (self.left + self.right) / 2.0;
        }
        let inset = 8.0;
        let span = self.right - self.left - 2.0 * inset;
        self.left + inset + span * index as f64 / (count - 1) as f64
    }

    fn axes(&self, body: &mut String) {
        for tick in &self.scale.ticks {
            let y = self.scale.at(*tick);
            let zero = *tick == 0.0;
            canvas::grid(body, (self.left, y), (self.right, y), zero);
            let at = (self.left - 8.0, y + TEXT * 0.35);
            canvas::text(body, at, Anchor::End, Voice::Muted, &self.scale.label(*tick));
        }
        if !self.scale.has_zero() {
            let at = (self.left, self.bottom + 51.0);
            canvas::text(body, at, Anchor::Start, Voice::Muted, "Axeln börjar inte vid noll.");
        }
        self.categories(body);
    }

    /// As many labels as there is room for, counted from the last; the year where it changes.
    fn categories(&self, body: &mut String) {
        let categories = &self.chart.categories;
        let Some(last) = categories.len().checked_sub(1) else { return };
        let widest =
            categories.iter().map(|label| width(split_year(label).0)).fold(0.0, f64::max) + 8.0;
        let slot = if last == 0 { f64::MAX } else { self.x(1) - self.x(0) };
        let every = (widest / slot).ceil().max(1.0) as usize;
        let mut shown_year = None;
        for (index, label) in categories.iter().enumerate() {
            if (last - index) % every != 0 {
                continue;
            }
            let (month, year) = split_year(label);
            let x = self.x(index);
            let y = self.bottom + 18.0;
            canvas::text(body, (x, y), Anchor::Middle, Voice::Muted, month);
            if let Some(year) = year.filter(|year| shown_year != Some(*year)) {
                canvas::text(body, (x, y + LINE - 1.0), Anchor::Middle, Voice::Muted, year);
                shown_year = Some(year);
            }
        }
    }

    fn line(&self, body: &mut String, series: &Series, style: Style) {
        let mut path = String::new();
        let mut pen_down = false;
        for (index, point) in series.points.iter().enumerate() {
            let Some(value) = point.value else {
                pen_down = false;
                continue;
            };
            let command = if pen_down { 'L' } else { 'M' };
            let (x, y) = (number(self.x(index)), number(self.scale.at(value)));
            let _ = write!(path, "{command}{x} {y}");
            pen_down = true;
        }
        let dash = match style.dash {
            "" => String::new(),
            dash => format!(" stroke-dasharray=\"{dash}\""),
        };
        let thickness = match (style.strong, style.pen) {
            (true, _) => "2.6",
            (false, Pen::Background) => "1.2",
            (false, Pen::Series(_)) => "2.2",
        };
        let _ = write!(
            body,
            "<path class=\"l{}\" stroke=\"{}\" stroke-width=\"{thickness}\" fill=\"none\" \
             stroke-linejoin=\"round\"{dash} d=\"{path}\"/>",
            style.pen.class(),
            style.pen.colour(),
        );
        self.markers(body, series, style);
    }

    /// Every point up to 24 of what does not stand back, else the last one and those without neighbours.
    fn markers(&self, body: &mut String, series: &Series, style: Style) {
        let points = &series.points;
        let last = points.iter().rposition(|point| point.value.is_some());
        let alone = |index: usize| {
            let present = |at: Option<usize>| {
                at.and_then(|at| points.get(at)).is_some_and(|point| point.value.is_some())
            };
            !present(index.checked_sub(1)) && !present(Some(index + 1))
        };
        for (index, point) in points.iter().enumerate() {
            let Some(value) = point.value else { continue };
            let is_quiet = series.role == Role::Limit;
            let is_shown =
                points.len() <= 48 && series.role == Role::Data && style.pen != Pen::Background;
            if is_shown || (!is_quiet && (Some(index) == last || alone(index))) || point.preliminary
            {
                let at = (self.x(index), self.scale.at(value));
                marker(body, at, style, point.preliminary);
            }
        }
    }

    /// Names at the ends of the lines, moved apart so that none covers another.
    fn end_labels(&self, body: &mut String, labels: &[Vec<String>]) {
        let mut places: Vec<(usize, f64)> = Vec::new();
        for (index, series) in self.chart.series.iter().enumerate() {
            let value = series.points.iter().rev().find_map(|point| point.value);
            let Some(value) = value else { continue };
            if self.ends_early(index) {
                self.label_at_end(body, index, &labels[index].join(" "));
                continue;
            }
            places.push((index, self.scale.at(value)));
        }
        places.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let height = |index: usize| labels[index].len() as f64 * LINE + 2.0;
        let mut floor = f64::MIN;
        for (index, y) in &mut places {
            let half = height(*index) / 2.0;
            *y = y.max(floor + half);
            floor = *y + half;
        }
        let mut ceiling = self.bottom + 34.0;
        for (index, y) in places.iter_mut().rev() {
            let half = height(*index) / 2.0;
            *y = y.min(ceiling - half);
            ceiling = *y - half;
        }
        let of_data = self.chart.series.iter().filter(|series| series.role == Role::Data).count();
        let strong = self.chart.series.iter().rposition(|series| series.role == Role::Data);
        let strong = strong.filter(|_| of_data == 1 || of_data > 4);
        for (index, y) in places {
            let voice = match self.chart.series[index].role {
                _ if Some(index) == strong => Voice::Strong,
                Role::Limit => Voice::Muted,
                _ => Voice::Plain,
            };
            self.leader(body, index, y);
            let lines = &labels[index];
            let first = y - (lines.len() as f64 - 1.0) * LINE / 2.0 + TEXT * 0.35;
            for (number, line) in lines.iter().enumerate() {
                let at = (self.right + 12.0, first + number as f64 * LINE);
                canvas::text(body, at, Anchor::Start, voice, line);
            }
        }
    }

    /// Whether a line stops well before the last category.
    fn ends_early(&self, index: usize) -> bool {
        let last = self.chart.series[index].points.iter().rposition(|point| point.value.is_some());
        last.is_some_and(|last| self.right - self.x(last) > 30.0)
    }

    /// The name right above the last point of a line that ends early.
    fn label_at_end(&self, body: &mut String, index: usize, words: &str) {
        let points = &self.chart.series[index].points;
        let Some(at) = points.iter().rposition(|point| point.value.is_some()) else { return };
        let Some(value) = points[at].value else { return };
        let voice = match self.chart.series[index].role {
            Role::Limit => Voice::Muted,
            _ if self.chart.series.len() > 4 => Voice::Strong,
            _ => Voice::Plain,
        };
        let place = (self.x(at), self.scale.at(value) - 12.0);
        canvas::text(body, place, Anchor::Middle, voice, words);
    }

    /// A thin line from the end of a line to its name, where the two do not meet.
    fn leader(&self, body: &mut String, index: usize, label: f64) {
        let points = &self.chart.series[index].points;
        let Some(at) = points.iter().rposition(|point| point.value.is_some()) else { return };
        let Some(value) = points[at].value else { return };
        let (x, y) = (self.x(at), self.scale.at(value));
        if (label - y).abs() > 5.0 {
            canvas::grid(body, (x + 6.0, y), (self.right + 10.0, label), true);
        }
    }

    /// A panel of small multiples: light grid, first and last category, last value.
    fn small(&self, body: &mut String, series: &Series, with_labels: bool) {
        for tick in &self.scale.ticks {
            let y = self.scale.at(*tick);
            canvas::grid(body, (self.left, y), (self.right, y), *tick == 0.0);
            if with_labels {
                let at = (self.left - 6.0, y + TEXT * 0.35);
                canvas::text(body, at, Anchor::End, Voice::Muted, &self.scale.label(*tick));
            }
        }
        self.line(body, series, Style { pen: Pen::Series(0), dash: "", shape: 0, strong: false });
        let y = self.bottom + 17.0;
        let categories = &self.chart.categories;
        if let Some(first) = categories.first() {
            canvas::text(body, (self.left, y), Anchor::Start, Voice::Muted, first);
        }
        if let Some(last) = categories.last().filter(|_| categories.len() > 1) {
            canvas::text(body, (self.right, y), Anchor::End, Voice::Muted, last);
        }
        if let Some(value) = series.points.iter().rev().find_map(|point| point.value) {
            let at = (self.right + 4.0, self.scale.at(value) + TEXT * 0.35);
            let words = swedish::float(value, self.chart.decimals);
            canvas::text(body, at, Anchor::Start, Voice::Plain, &words);
        }
    }
}

/// A circle, square, triangle or diamond; hollow when preliminary.
fn marker(body: &mut String, (x, y): (f64, f64), style: Style, hollow: bool) {
    let path = match style.shape % 4 {
        0 => {
            format!("M{} {}a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0 -7.2 0z", number(x - 3.6), number(y))
        }
        1 => format!("M{} {}h6.4v6.4h-6.4z", number(x - 3.2), number(y - 3.2)),
        2 => format!("M{} {}l4.2 7.4h-8.4z", number(x), number(y - 4.6)),
        _ => format!("M{} {}l4.4 4.4l-4.4 4.4l-4.4 -4.4z", number(x), number(y - 4.4)),
    };
    let (class, colour) = (style.pen.class(), style.pen.colour());
    let (fill_class, fill) =
        if hollow { ("p".to_owned(), LIGHT_PAPER) } else { (format!("f{class}"), colour) };
    let _ = write!(
        body,
        "<path class=\"l{class} {fill_class}\" fill=\"{fill}\" stroke=\"{colour}\" \
         stroke-width=\"1.4\" d=\"{path}\"/>"
    );
}

#[cfg(test)]
mod tests {
    use super::super::ChartKind;
    use super::super::tests::chart;

    #[test]
    fn a_gap_lifts_the_pen() {
        let svg = chart(ChartKind::Line, &[("A", &[Some(1.0), None, Some(2.0), Some(3.0)])]).svg();
        let start = svg.find("class=\"l1\"").unwrap();
        let path = svg[start..].split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(path.matches('M').count(), 2, "{path}");
        assert_eq!(path.matches('L').count(), 1, "{path}");
    }

    #[test]
    fn a_cut_axis_is_said_to_be_cut() {
        let svg = chart(ChartKind::Line, &[("A", &[Some(600.0), Some(665.0)])]).svg();
        assert!(svg.contains("Axeln börjar inte vid noll."));
    }

    #[test]
    fn lines_differ_without_colour() {
        let values: &[Option<f64>] = &[Some(1.0), Some(2.0)];
        let svg = chart(ChartKind::Line, &[("A", values), ("B", values), ("C", values)]).svg();
        assert!(
            svg.contains("stroke-dasharray=\"8 4\"") && svg.contains("stroke-dasharray=\"2 3\"")
        );
    }
}
