//! Is the last point noise, and will the process as it is meet the target? XmR limits, four rules.
//!
//! Version 1. Within each level (rebase group): mean of the baseline; moving ranges between
//! neighbours; their average, worked out once more without those of 3,267 times the average or more
//! (screening; the mean is not screened); limits at the mean ± 2,66 times that, near limits at two
//! thirds. Four special causes, the first that holds: outside a limit; a trend of seven points; two
//! of three near a limit on one side; a shift of seven points. Variation is the last point's;
//! assurance compares target and limits of the last level. The two are separate answers, and
//! neither is a status.
//!
//! A run of points (trend, shift, two of three) never goes over a hole: what nobody measured may have
//! lain on the other side. The moving range does, as the values stand, and the note names the hole.
//!
//! Limits need thirteen points (twelve for a fixed baseline). Cumulative and rolling series are
//! refused: on noise summed over twelve months nearly every series shows a mark. So are months that
//! are no measurements of their own, such as one value per tertial.
//! The rules themselves are in [`rules`]; drawing is the report's work.

pub mod rules;

use crate::definition::Direction;
use crate::numeric::{lag_one_autocorrelation, mean};
use crate::series::{Series, Silence, in_words, position, without_season};
use rules::Cause;
use tertial_model::Period;

/// Name of the rule set.
pub const RULE: &str = "xmr-7-7-2av3";
/// Version of the rule set.
pub const VERSION: u32 = 1;

/// Limits lie this many average moving ranges from the mean.
const LIMIT_FACTOR: f64 = 2.66;
/// Moving ranges of this many averages or more are screened away.
const SCREEN_FACTOR: f64 = 3.267;

/// What may be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Fewest points of a level with limits.
    pub minimum_points: usize,
    /// Fewest points of a fixed baseline.
    pub minimum_baseline: usize,
    /// Baseline of the first points of each level; none = all points.
    pub fix_after: Option<usize>,
    /// Whether wild moving ranges are screened away.
    pub screening: bool,
    /// Points of a trend.
    pub trend_points: usize,
    /// Points of a shift.
    pub shift_points: usize,
    /// Lag-1 autocorrelation above which a warning is given.
    pub autocorrelation_limit: f64,
    /// Whether the calendar's effect is taken out before the limits.
    pub seasonal: bool,
    /// Complete years needed for that.
    pub seasonal_years: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            minimum_points: 13,
            minimum_baseline: 12,
            fix_after: None,
            screening: true,
            trend_points: 7,
            shift_points: 7,
            autocorrelation_limit: 0.3,
            seasonal: false,
            seasonal_years: 3,
        }
    }
}

/// A decision that the process has a new level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebase {
    /// First period of the new level.
    pub from: Period,
    /// Why.
    pub reason: String,
    /// Role that decided.
    pub decided_by: String,
    /// Day of the decision.
    pub decided_on: String,
}

/// Mean and limits of a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Mean of the baseline.
    pub mean: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Lower near limit.
    pub near_lower: f64,
    /// Upper near limit.
    pub near_upper: f64,
}

/// One level of the process.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Indexes of its points.
    pub points: std::ops::Range<usize>,
    /// Points the limits were worked out from.
    pub baseline: usize,
    /// Its limits, or why there are none.
    pub limits: Result<Limits, Silence>,
    /// The decision it began with; none for the first.
    pub rebase: Option<Rebase>,
}

/// A point judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The period.
    pub period: Period,
    /// The value, freed of its season when the settings say so.
    pub value: f64,
    /// Which rule it met; none without limits.
    pub cause: Option<Cause>,
    /// What that means in the indicator's direction.
    pub variation: Option<Variation>,
}

/// What a special cause means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variation {
    /// Nothing but noise.
    Common,
    /// A change for the better.
    Improvement,
    /// A change for the worse.
    Concern,
    /// A change upwards of an indicator without direction.
    High,
    /// A change downwards of an indicator without direction.
    Low,
}

impl Variation {
    /// The word beside the shape.
    pub fn word(self) -> &'static str {
        match self {
            Variation::Common => "ingen säker förändring",
            Variation::Improvement => "förbättring",
            Variation::Concern => "försämring",
            Variation::High => "högre än vanligt",
            Variation::Low => "lägre än vanligt",
        }
    }

    fn of(cause: Cause, direction: Direction) -> Variation {
        match (cause.goes_up(), direction) {
            (None, _) => Variation::Common,
            (Some(up), Direction::None) if up => Variation::High,
            (Some(_), Direction::None) => Variation::Low,
            (Some(up), direction) if up == (direction == Direction::Higher) => {
                Variation::Improvement
            }
            _ => Variation::Concern,
        }
    }
}

/// Whether the process as it is meets the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assurance {
    /// The target lies beyond the limits on the good side of every value.
    Passes,
    /// The target lies beyond the limits on the bad side.
    Fails,
    /// The target lies between (or on) the limits.
    HitOrMiss,
}

impl Assurance {
    /// The word beside the shape.
    pub fn word(self) -> &'static str {
        match self {
            Assurance::Passes => "når målet stadigt",
            Assurance::Fails => "når inte målet",
            Assurance::HitOrMiss => "når målet ibland",
        }
    }
}

/// A chart's numbers and answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Every point.
    pub points: Vec<Judged>,
    /// The levels in order.
    pub groups: Vec<Group>,
    /// Variation of the last point, or why there is no answer.
    pub variation: Result<Variation, Silence>,
    /// What a reader should know, in Swedish: screening, baseline, levels, warnings.
    pub notes: Vec<String>,
}

impl Chart {
    /// Draws a chart, or says why not.
    pub fn draw(
        series: &Series,
        direction: Direction,
        rebases: &[Rebase],
        settings: &Settings,
    ) -> Result<Chart, Silence> {
        series.independent()?;
        series.each_month()?;
        if series.points.len() < settings.minimum_points {
            return Err(Silence::too_few(series.points.len(), settings.minimum_points));
        }
        if settings.fix_after.is_some_and(|n| n < settings.minimum_baseline) {
            return Err(Silence::new(format!(
                "fast baslinje kräver minst {} punkter",
                settings.minimum_baseline
            )));
        }
        let values = if settings.seasonal {
            without_season(&series.points, settings.seasonal_years)?
        } else {
            series.values()
        };
        let mut notes = Vec::new();
        let groups = groups(series, &values, rebases, settings, &mut notes)?;
        let stretches = series.stretches();
        let mut points = Vec::with_capacity(values.len());
        for group in &groups {
            let inside = &values[group.points.clone()];
            let causes = group.limits.as_ref().ok().map(|limits| {
                let parts = within(&stretches, &group.points, &values);
                let causes = parts.into_iter().map(|part| {
                    rules::causes(part, limits, settings.trend_points, settings.shift_points)
                });
                causes.collect::<Vec<_>>().concat()
            });
            for (offset, value) in inside.iter().enumerate() {
                let cause = causes.as_ref().map(|causes| causes[offset]);
                let period = series.points[group.points.start + offset].period;
                let variation = cause.map(|cause| Variation::of(cause, direction));
                points.push(Judged { period, value: *value, cause, variation });
            }
        }
        describe(series, &values, &groups, &points, settings, &mut notes);
        let variation = last(&groups, &points)?;
        Ok(Chart { points, groups, variation, notes })
    }

    /// Whether the process as it is meets a target; only the last level counts.
    pub fn assurance(&self, target: f64, direction: Direction) -> Option<Assurance> {
        let limits = self.groups.last()?.limits.as_ref().ok()?;
        assurance(limits, target, direction)
    }
}

/// Assurance of limits against a target; none without direction.
pub fn assurance(limits: &Limits, target: f64, direction: Direction) -> Option<Assurance> {
    let more_is_better = match direction {
        Direction::Higher => true,
        Direction::Lower => false,
        Direction::None => return None,
    };
    Some(if target > limits.upper {
        if more_is_better { Assurance::Fails } else { Assurance::Passes }
    } else if target < limits.lower {
        if more_is_better { Assurance::Passes } else { Assurance::Fails }
    } else {
        Assurance::HitOrMiss
    })
}

/// Mean and limits of a baseline.
pub fn limits(baseline: &[f64], screening: bool) -> Limits {
    let centre = mean(baseline);
    let ranges: Vec<f64> = baseline.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let mut range = if ranges.is_empty() { 0.0 } else { mean(&ranges) };
    if screening {
        let kept: Vec<f64> =
            ranges.iter().copied().filter(|one| *one < SCREEN_FACTOR * range).collect();
        // With constant values every range is screened; the limits then lie on the mean.
        if !kept.is_empty() {
            range = mean(&kept);
        }
    }
    let reach = LIMIT_FACTOR * range;
    let near = reach * 2.0 / 3.0;
    Limits {
        mean: centre,
        lower: centre - reach,
        upper: centre + reach,
        near_lower: centre - near,
        near_upper: centre + near,
    }
}

/// Cuts the series at its rebases; a rebase with too few points behind it waits.
fn groups(
    series: &Series,
    values: &[f64],
    rebases: &[Rebase],
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<Vec<Group>, Silence> {
    let mut sorted: Vec<&Rebase> = rebases.iter().collect();
    sorted.sort_by_key(|rebase| position(rebase.from));
    let mut starts: Vec<(usize, Option<Rebase>)> = vec![(0, None)];
    for rebase in sorted {
        if [&rebase.reason, &rebase.decided_by, &rebase.decided_on].iter().any(|t| t.is_empty()) {
            return Err(Silence::new("en ny nivå kräver skäl, dag och vem som beslutat"));
        }
        let first = position(rebase.from);
        let start = series.points.iter().position(|point| position(point.period) >= first);
        let start = start.unwrap_or(values.len());
        if values.len() - start < settings.shift_points {
            notes.push(format!(
                "beslutad ny nivå från {} väntar: {} av {} punkter",
                rebase.from.label(),
                values.len() - start,
                settings.shift_points
            ));
        } else if start > 0 && starts.last().is_none_or(|(earlier, _)| *earlier < start) {
            starts.push((start, Some(rebase.clone())));
        }
    }
    let ends: Vec<usize> =
        starts.iter().skip(1).map(|(start, _)| *start).chain([values.len()]).collect();
    let groups = starts.into_iter().zip(ends).map(|((start, rebase), end)| {
        let inside = &values[start..end];
        let baseline = settings.fix_after.unwrap_or(inside.len()).min(inside.len());
        let limits = if inside.len() < settings.minimum_points {
            Err(Silence::too_few(inside.len(), settings.minimum_points))
        } else {
            Ok(limits(&inside[..baseline], settings.screening))
        };
        Group { points: start..end, baseline, limits, rebase }
    });
    Ok(groups.collect())
}

/// The values of a level, parted where a period is missing.
fn within<'a>(
    stretches: &[std::ops::Range<usize>],
    level: &std::ops::Range<usize>,
    values: &'a [f64],
) -> Vec<&'a [f64]> {
    let shared = stretches.iter().map(|part| part.start.max(level.start)..part.end.min(level.end));
    shared.filter(|part| !part.is_empty()).map(|part| &values[part]).collect()
}

fn last(groups: &[Group], points: &[Judged]) -> Result<Result<Variation, Silence>, Silence> {
    let (Some(group), Some(point)) = (groups.last(), points.last()) else {
        return Err(Silence::too_few(0, 1));
    };
    Ok(match (&group.limits, point.variation) {
        (Err(silence), _) => Err(silence.clone()),
        (Ok(_), Some(variation)) => Ok(variation),
        (Ok(_), None) => Err(Silence::too_few(0, 1)),
    })
}

fn describe(
    series: &Series,
    values: &[f64],
    groups: &[Group],
    points: &[Judged],
    settings: &Settings,
    notes: &mut Vec<String>,
) {
    let screened = if settings.screening { "med" } else { "utan" };
    notes.insert(0, format!("regel {RULE}, version {VERSION}, {screened} gallring av spann"));
    if let Some(count) = settings.fix_after {
        notes.push(format!("gränser från de första {count} punkterna i varje nivå"));
    }
    for rebase in groups.iter().filter_map(|group| group.rebase.as_ref()) {
        notes.push(format!(
            "ny nivå från {}: {} (beslut {}, {})",
            rebase.from.label(),
            rebase.reason,
            rebase.decided_on,
            rebase.decided_by
        ));
    }
    if settings.seasonal {
        notes.push("värdena är rensade från säsong".to_owned());
    }
    if series.denominators_differ(2.0) {
        notes.push("nämnarna skiljer sig mer än dubbelt".to_owned());
    }
    let absent = series.absent();
    if !absent.is_empty() {
        notes.push(format!(
            "perioder saknas i serien: {}; spannet räknas över luckan, en följd av punkter bryts där",
            in_words(&absent)
        ));
    }
    let Some(group) = groups.last() else { return };
    let parts = within(&series.stretches(), &group.points, values);
    let correlation = lag_one_autocorrelation(&parts);
    if let Some(r) = correlation.filter(|r| *r > settings.autocorrelation_limit) {
        let r = tertial_model::swedish::float(r, 2);
        notes.push(format!("värden intill varandra hänger ihop ({r}); gränserna är för snäva"));
    }
    let has = |wanted| points[group.points.clone()].iter().any(|p| p.variation == Some(wanted));
    if has(Variation::Improvement) && has(Variation::Concern) {
        notes.push("nivån har både förbättringar och försämringar".to_owned());
    }
}

#[cfg(test)]
mod tests;
