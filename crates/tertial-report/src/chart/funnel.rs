//! A funnel: a point per unit at its size, around the total, between limits that narrow with size.
//!
//! The last series holds the units, the others are lines: the limits and the total, in the order in
//! which they are drawn from above. A unit outside the inner limits is filled and named.

use super::Chart;
use super::canvas::{self, Anchor, Drawing, LINE, Pen, Scale, TEXT, Voice, number, width};
use crate::palette::LIGHT_PAPER;
use std::fmt::Write as _;
use tertial_model::swedish;

const WIDTH: f64 = 720.0;
const PLOT: f64 = 290.0;
const TOP: f64 = 14.0;
/// Dashes of the lines from above: outer, inner, total, inner, outer.
const DASHES: [&str; 5] = ["2 3", "8 4", "", "8 4", "2 3"];

/// A funnel.
pub fn draw(chart: &Chart) -> Drawing {
    let bottom = TOP + PLOT;
    let mut body = String::new();
    let (Some((units, lines)), Some(along)) = (chart.series.split_last(), chart.along.as_ref())
    else {
        return Drawing { width: WIDTH, height: bottom, body };
    };
    let scale = Scale::new(chart.range(), false, bottom, TOP);
    let left = scale.label_width() + 12.0;
    let widest = lines.iter().map(|line| width(&line.name)).fold(0.0, f64::max);
    let right = WIDTH - widest - 22.0;
    let largest = along.places.iter().copied().fold(0.0, f64::max);
    let across = Scale::new(Some((0.0, largest)), true, left + 8.0, right - 8.0);
    axes(&mut body, chart, (&scale, &across), (left, right, bottom));

    let mut order: Vec<usize> = (0..along.places.len()).collect();
    order.sort_by(|a, b| along.places[*a].total_cmp(&along.places[*b]));
    let mut ends = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let mut path = String::new();
        let mut end = None;
        for at in &order {
            let Some(value) = line.points.get(*at).and_then(|point| point.value) else { continue };
            let (x, y) = (across.at(along.places[*at]), scale.at(value));
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{command}{} {}", number(x), number(y));
            end = Some((x, y));
        }
        let dash = match DASHES[index % DASHES.len()] {
            "" => String::new(),
            dash => format!(" stroke-dasharray=\"{dash}\""),
        };
        let pen = Pen::Background;
        let _ = write!(
            body,
            "<path class=\"l{}\" stroke=\"{}\" stroke-width=\"1.6\" fill=\"none\"{dash} d=\"{path}\"/>",
            pen.class(),
            pen.colour(),
        );
        ends.extend(end.map(|(_, y)| (line.name.as_str(), y)));
    }
    names(&mut body, ends, right);
    points(&mut body, chart, units, (&scale, &across), right);
    Drawing { width: WIDTH, height: bottom + 44.0, body }
}

fn axes(
    body: &mut String,
    chart: &Chart,
    (scale, across): (&Scale, &Scale),
    (left, right, bottom): (f64, f64, f64),
) {
    for tick in &scale.ticks {
        let y = scale.at(*tick);
        canvas::grid(body, (left, y), (right, y), *tick == 0.0);
        let at = (left - 8.0, y + TEXT * 0.35);
        canvas::text(body, at, Anchor::End, Voice::Muted, &scale.label(*tick));
    }
    let y = bottom + 18.0;
    // Labels as far apart as the widest of them needs.
    let slot = across.at(across.ticks[1]) - across.at(across.ticks[0]);
    let every = ((across.label_width() + 12.0) / slot).ceil().max(1.0) as usize;
    for tick in across.ticks.iter().step_by(every) {
        canvas::text(
            body,
            (across.at(*tick), y),
            Anchor::Middle,
            Voice::Muted,
            &across.label(*tick),
        );
    }
    if let Some(along) = &chart.along {
        let mut words = along.label.clone();
        if !scale.has_zero() {
            words.push_str(". Den lodräta axeln börjar inte vid noll.");
        }
        canvas::text(body, (left, y + LINE + 2.0), Anchor::Start, Voice::Muted, &words);
    }
}

/// The lines' names at their right ends, moved apart so that none covers another.
fn names(body: &mut String, mut ends: Vec<(&str, f64)>, right: f64) {
    ends.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut floor = f64::MIN;
    for (name, y) in ends {
        let place = y.max(floor);
        floor = place + LINE;
        canvas::text(body, (right + 8.0, place + TEXT * 0.35), Anchor::Start, Voice::Plain, name);
    }
}

fn points(
    body: &mut String,
    chart: &Chart,
    units: &super::Series,
    (scale, across): (&Scale, &Scale),
    right: f64,
) {
    let Some(along) = &chart.along else { return };
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    for (at, point) in units.points.iter().enumerate() {
        let (Some(value), Some(place)) = (point.value, along.places.get(at)) else { continue };
        let (x, y) = (across.at(*place), scale.at(value));
        let is_outside = chart.outside(at);
        let pen = Pen::Series(0);
        let (class, fill) = match (is_outside, point.preliminary) {
            (true, _) => (format!("f{}", pen.class()), pen.colour()),
            (false, _) => ("p".to_owned(), LIGHT_PAPER),
        };
        let _ = write!(
            body,
            "<circle class=\"l{} {class}\" fill=\"{fill}\" stroke=\"{}\" stroke-width=\"1.8\" \
             cx=\"{}\" cy=\"{}\" r=\"4.4\"{}/>",
            pen.class(),
            pen.colour(),
            number(x),
            number(y),
            if point.preliminary { " stroke-dasharray=\"2 2\"" } else { "" }
        );
        if is_outside && let Some(name) = chart.categories.get(at) {
            let words = format!("{name} {}", swedish::float(value, chart.decimals));
            let room = width(&words);
            let is_left = x + 10.0 + room > right;
            let (from, to) = if is_left { (x - 10.0 - room, x) } else { (x, x + 10.0 + room) };
            let mut middle = y;
            while taken
                .iter()
                .any(|(a, b, line)| from < *b && *a < to && (line - middle).abs() < LINE)
            {
                middle -= LINE;
            }
            taken.push((from, to, middle));
            let (anchor, start) =
                if is_left { (Anchor::End, x - 9.0) } else { (Anchor::Start, x + 9.0) };
            canvas::text(body, (start, middle + TEXT * 0.35), anchor, Voice::Strong, &words);
        }
    }
}
