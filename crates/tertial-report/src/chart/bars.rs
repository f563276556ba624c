//! Bars from zero, beside or on top of each other; lying down when the names are long.

use super::canvas::{
    self, Anchor, Drawing, LINE, Pen, Scale, TEXT, Voice, escape, number, split_year, width, wrap,
};
use super::{Chart, ChartKind};
use std::fmt::Write as _;
use tertial_model::swedish;

const WIDTH: f64 = 720.0;
const NAME_LIMIT: f64 = 210.0;

/// A bar chart.
pub fn draw(chart: &Chart) -> Drawing {
    let mut body = patterns(chart);
    let top = key(chart, &mut body);
    let slot = (WIDTH - 70.0) / chart.categories.len().max(1) as f64;
    let widest =
        chart.categories.iter().map(|label| width(split_year(label).0)).fold(0.0, f64::max);
    if widest + 6.0 > slot { lying(chart, body, top) } else { standing(chart, body, top) }
}

/// Fills that differ without colour: plain, diagonal, dotted, striped.
fn patterns(chart: &Chart) -> String {
    let mut defs = String::from("<defs>");
    for index in 1..chart.series.len().min(4) {
        let pen = Pen::Series(index);
        let mark = match index {
            1 => {
                "<path class=\"lp\" stroke=\"#FFFFFF\" stroke-width=\"1.6\" d=\"M-2 2L2 -2M0 8L8 0M6 10L10 6\"/>"
            }
            2 => "<circle class=\"p\" fill=\"#FFFFFF\" cx=\"4\" cy=\"4\" r=\"1.4\"/>",
            _ => "<path class=\"lp\" stroke=\"#FFFFFF\" stroke-width=\"1.4\" d=\"M0 4L8 4\"/>",
        };
        let _ = write!(
            defs,
            "<pattern id=\"{}-p{index}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
             <rect class=\"f{}\" fill=\"{}\" width=\"8\" height=\"8\"/>{mark}</pattern>",
            escape(&chart.id),
            pen.class(),
            pen.colour(),
        );
    }
    defs + "</defs>"
}

/// The names of several series above the bars; gives the height it took.
fn key(chart: &Chart, body: &mut String) -> f64 {
    if chart.series.len() < 2 {
        return 6.0;
    }
    let (mut x, mut y) = (0.0, 4.0);
    for (index, series) in chart.series.iter().enumerate() {
        let room = 22.0 + width(&series.name) + 22.0;
        if x > 0.0 && x + room > WIDTH {
            x = 0.0;
            y += LINE + 6.0;
        }
        bar(chart, body, index, (x, y), (14.0, 14.0));
        let at = (x + 20.0, y + 7.0 + TEXT * 0.35);
        canvas::text(body, at, Anchor::Start, Voice::Plain, &series.name);
        x += room;
    }
    y + LINE + 14.0
}

fn bar(chart: &Chart, body: &mut String, index: usize, at: (f64, f64), size: (f64, f64)) {
    let pen = Pen::Series(index);
    let (class, fill) = match index {
        0 => (format!("f{} l{}", pen.class(), pen.class()), pen.colour().to_owned()),
        _ => (format!("l{}", pen.class()), format!("url(#{}-p{index})", escape(&chart.id))),
    };
    let _ = write!(
        body,
        "<rect class=\"{class}\" fill=\"{fill}\" stroke=\"{}\" stroke-width=\"1\" x=\"{}\" \
         y=\"{}\" width=\"{}\" height=\"{}\"/>",
        pen.colour(),
        number(at.0),
        number(at.1),
        number(size.0.max(0.0)),
        number(size.1.max(0.0)),
    );
}

/// From and to of every bar of a category: series, start value, end value.
fn extents(chart: &Chart, category: usize) -> Vec<(usize, Option<(f64, f64)>)> {
    let (mut above, mut below) = (0.0, 0.0);
    let mut bars = Vec::new();
    for (index, series) in chart.series.iter().enumerate() {
        let value = series.points.get(category).and_then(|point| point.value);
        let extent = value.map(|value| {
            if chart.kind != ChartKind::StackedBar {
                return (0.0, value);
            }
            let start = if value < 0.0 { &mut below } else { &mut above };
            let from = *start;
            *start += value;
            (from, *start)
        });
        bars.push((index, extent));
    }
    bars
}

fn range(chart: &Chart) -> Option<(f64, f64)> {
    let ends = (0..chart.categories.len())
        .flat_map(|category| extents(chart, category))
        .filter_map(|(_, extent)| extent)
        .map(|(_, end)| end);
    ends.fold(None, |range: Option<(f64, f64)>, end| {
        let (low, high) = range.unwrap_or((end, end));
        Some((low.min(end), high.max(end)))
    })
}

/// How many bars stand beside each other in a category.
fn lanes(chart: &Chart) -> usize {
    if chart.kind == ChartKind::StackedBar { 1 } else { chart.series.len().max(1) }
}

fn standing(chart: &Chart, mut body: String, top: f64) -> Drawing {
    let (top, bottom) = (top + 16.0, top + 266.0);
    let scale = Scale::new(range(chart), true, bottom, top);
    let left = scale.label_width() + 12.0;
    for tick in &scale.ticks {
        let y = scale.at(*tick);
        canvas::grid(&mut body, (left, y), (WIDTH, y), *tick == 0.0);
        let at = (left - 8.0, y + TEXT * 0.35);
        canvas::text(&mut body, at, Anchor::End, Voice::Muted, &scale.label(*tick));
    }
    let slot = (WIDTH - left) / chart.categories.len().max(1) as f64;
    let thickness = (slot * 0.76 / lanes(chart) as f64).min(46.0);
    let mut shown_year = None;
    for (category, label) in chart.categories.iter().enumerate() {
        let middle = left + slot * (category as f64 + 0.5);
        let first = middle - thickness * lanes(chart) as f64 / 2.0;
        for (index, extent) in extents(chart, category) {
            let lane = if lanes(chart) == 1 { 0.0 } else { index as f64 };
            let x = first + lane * thickness;
            stand(chart, &mut body, &scale, index, extent, (x, thickness));
        }
        let (month, year) = split_year(label);
        canvas::text(&mut body, (middle, bottom + 18.0), Anchor::Middle, Voice::Muted, month);
        if let Some(year) = year.filter(|year| shown_year != Some(*year)) {
            let at = (middle, bottom + 17.0 + LINE);
            canvas::text(&mut body, at, Anchor::Middle, Voice::Muted, year);
            shown_year = Some(year);
        }
    }
    Drawing { width: WIDTH, height: bottom + 42.0, body }
}

/// One standing bar, with its value when there is room.
fn stand(
    chart: &Chart,
    body: &mut String,
    scale: &Scale,
    index: usize,
    extent: Option<(f64, f64)>,
    (x, thickness): (f64, f64),
) {
    let middle = x + thickness / 2.0;
    let Some((from, to)) = extent else {
        let at = (middle, scale.at(0.0) - 4.0);
        canvas::text(body, at, Anchor::Middle, Voice::Muted, "..");
        return;
    };
    let (upper, lower) = (scale.at(from.max(to)), scale.at(from.min(to)));
    bar(chart, body, index, (x + 1.0, upper), (thickness - 2.0, lower - upper));
    let words = swedish::float(to, chart.decimals);
    if chart.kind == ChartKind::Bar && width(&words) <= thickness + 2.0 {
        let y = if to < 0.0 { lower + TEXT } else { upper - 4.0 };
        canvas::text(body, (middle, y), Anchor::Middle, Voice::Plain, &words);
    }
}

fn lying(chart: &Chart, mut body: String, top: f64) -> Drawing {
    let names: Vec<Vec<String>> =
        chart.categories.iter().map(|name| wrap(name, NAME_LIMIT)).collect();
    let left = names.iter().flatten().map(|line| width(line)).fold(0.0, f64::max) + 14.0;
    let values = chart.kind == ChartKind::Bar;
    let room = if values { widest_value(chart) + 10.0 } else { 16.0 };
    let negative = range(chart).is_some_and(|(low, _)| low < 0.0);
    let start = left + if negative && values { room } else { 0.0 };
    let scale = Scale::new(range(chart), true, start, WIDTH - room);
    let thickness = 17.0;
    let heights: Vec<f64> = names
        .iter()
        .map(|lines| (lines.len() as f64 * LINE).max(lanes(chart) as f64 * thickness) + 9.0)
        .collect();
    let bottom = top + heights.iter().sum::<f64>();
    for tick in &scale.ticks {
        let x = scale.at(*tick);
        canvas::grid(&mut body, (x, top), (x, bottom), *tick == 0.0);
    }
    ticks_below(&mut body, &scale, bottom + 18.0);
    let mut y = top;
    for (category, (lines, height)) in names.iter().zip(&heights).enumerate() {
        let middle = y + height / 2.0;
        let first = middle - (lines.len() as f64 - 1.0) * LINE / 2.0 + TEXT * 0.35;
        for (index, line) in lines.iter().enumerate() {
            let at = (left - 10.0, first + index as f64 * LINE);
            canvas::text(&mut body, at, Anchor::End, Voice::Plain, line);
        }
        let upper = middle - thickness * lanes(chart) as f64 / 2.0;
        for (index, extent) in extents(chart, category) {
            let lane = if lanes(chart) == 1 { 0.0 } else { index as f64 };
            lie(chart, &mut body, &scale, index, extent, (upper + lane * thickness, thickness));
        }
        y += height;
    }
    Drawing { width: WIDTH, height: bottom + 28.0, body }
}

/// Labels below the ticks, every second one left out until they fit.
fn ticks_below(body: &mut String, scale: &Scale, y: f64) {
    let Some(pair) = scale.ticks.get(..2) else { return };
    let slot = (scale.at(pair[1]) - scale.at(pair[0])).abs().max(1.0);
    let every = ((scale.label_width() + 10.0) / slot).ceil().max(1.0) as usize;
    let zero = scale.ticks.iter().position(|tick| *tick == 0.0).unwrap_or(0);
    for (index, tick) in scale.ticks.iter().enumerate() {
        if index.abs_diff(zero).is_multiple_of(every) {
            let at = (scale.at(*tick), y);
            canvas::text(body, at, Anchor::Middle, Voice::Muted, &scale.label(*tick));
        }
    }
}

fn lie(
    chart: &Chart,
    body: &mut String,
    scale: &Scale,
    index: usize,
    extent: Option<(f64, f64)>,
    (y, thickness): (f64, f64),
) {
    let baseline = y + thickness / 2.0 + TEXT * 0.35;
    let Some((from, to)) = extent else {
        let at = (scale.at(0.0) + 5.0, baseline);
        canvas::text(body, at, Anchor::Start, Voice::Muted, "..");
        return;
    };
    let (near, far) = (scale.at(from.min(to)), scale.at(from.max(to)));
    bar(chart, body, index, (near, y + 1.0), (far - near, thickness - 2.0));
    if chart.kind == ChartKind::Bar {
        let (x, anchor) =
            if to < 0.0 { (near - 5.0, Anchor::End) } else { (far + 5.0, Anchor::Start) };
        let words = swedish::float(to, chart.decimals);
        canvas::text(body, (x, baseline), anchor, Voice::Plain, &words);
    }
}

fn widest_value(chart: &Chart) -> f64 {
    chart
        .present()
        .iter()
        .map(|point| width(&swedish::float(point.2, chart.decimals)))
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::tests::chart;
    use super::*;

    #[test]
    fn stacks_grow_upwards_and_downwards_from_zero() {
        let stack = chart(
            ChartKind::StackedBar,
            &[("A", &[Some(2.0)]), ("B", &[Some(-1.0)]), ("C", &[Some(3.0)])],
        );
        let ends: Vec<(f64, f64)> = extents(&stack, 0).into_iter().filter_map(|e| e.1).collect();
        assert_eq!(ends, [(0.0, 2.0), (0.0, -1.0), (2.0, 5.0)]);
        assert_eq!(range(&stack), Some((-1.0, 5.0)));
    }

    #[test]
    fn long_names_lie_down_and_bars_have_patterns() {
        let mut long = chart(ChartKind::Bar, &[("A", &[Some(1.0)]), ("B", &[None])]);
        long.categories = vec!["Forskning, utbildning och utveckling ".repeat(4)];
        let svg = long.svg();
        assert!(svg.contains("text-anchor=\"end\""));
        assert!(svg.contains("url(#kurva-p1)") && svg.contains("id=\"kurva-p1\""));
        assert!(svg.contains(">..</text>"), "a missing bar is a sign, not a zero");
    }
}
