//! The first screen: what the board must know, in a headline, five sentences, two numbers and two
//! strips, made from the tables and outcomes of the finished document.

use super::Composer;
use super::finding::{
    beside, counted, counts, deviations, extremes, listed, number, sum_row, told_in,
};
use super::outcomes;
use crate::data::ReportData;
use crate::document::{Block, Chapter, Front, KeyFigure, Row, RowKind, Sentence, Strip, Table};
use crate::spec::SourceSpec;
use tertial_model::{Answer, Code, Question, Signal, Status};

/// What is told from the document's tables, with the chapter each stands in.
struct Reader<'a> {
    data: &'a ReportData,
    chapters: &'a [Chapter],
    result: Option<Found<'a>>,
    forecast: Option<Found<'a>>,
    assignments: Option<Found<'a>>,
}

/// A table that the specification names, and the chapter it stands in.
#[derive(Clone, Copy)]
struct Found<'a> {
    spec: &'a SourceSpec,
    table: &'a Table,
    heading: &'a str,
}

/// The first screen of a document of these chapters.
pub(super) fn front(composer: &mut Composer<'_>, chapters: &[Chapter]) -> Front {
    let spec = &composer.spec.message;
    let reader = Reader {
        data: composer.data,
        chapters,
        result: find(composer, chapters, spec.result.as_ref()),
        forecast: find(composer, chapters, spec.forecast.as_ref()),
        assignments: find(composer, chapters, spec.assignments.as_ref()),
    };
    Front {
        headline: reader.headline(),
        sentences: reader.sentences(),
        figures: [reader.result, reader.forecast]
            .into_iter()
            .flatten()
            .filter_map(figure)
            .collect(),
        strips: reader.strips(),
    }
}

/// The table of a source, with the columns that are asked for; none where it has no rows.
fn find<'a>(
    composer: &mut Composer<'_>,
    chapters: &'a [Chapter],
    spec: Option<&'a SourceSpec>,
) -> Option<Found<'a>> {
    let spec = spec?;
    for chapter in chapters {
        let mut blocks = Vec::new();
        chapter.blocks.iter().for_each(|block| block.walk(&mut blocks));
        for block in blocks {
            let Block::Table(table) = block else { continue };
            if table.id != spec.block {
                continue;
            }
            let named = [&spec.value, &spec.against, &spec.difference, &spec.change];
            for name in named.into_iter().filter(|name| !name.is_empty()) {
                if !table.columns.iter().any(|column| column.key == *name) {
                    let message = format!("the block `{}` shows no column `{name}`", spec.block);
                    let known: Vec<String> =
                        table.columns.iter().map(|column| format!("`{}`", column.key)).collect();
                    let fault = composer.fault(spec.place, Code::UnknownName, message);
                    fault.found = Some(format!("`{name}`"));
                    fault.expected = Some(format!("one of {}", known.join(", ")));
                    fault.hints.push("correct the message, or show the column".to_owned());
                    return None;
                }
            }
            return Some(Found { spec, table, heading: &chapter.heading });
        }
    }
    None
}

/// The sum's value, with what it is held against below it.
fn figure(found: Found<'_>) -> Option<KeyFigure> {
    let Found { spec, table, .. } = found;
    let row = sum_row(table)?;
    let value = |name: &str| told_in(table, row, name);
    let (difference, value, against) =
        (value(&spec.difference)?, value(&spec.value)?, value(&spec.against)?);
    Some(KeyFigure {
        label: format!("{} mot budget", spec.subject),
        printed: difference.number,
        unit: difference.unit,
        beside: format!("{} mot {}", value.number, against.signed()),
        target: table.id.clone(),
    })
}

/// `105,3 mkr sämre än budget`
fn against_budget(found: Found<'_>) -> Option<String> {
    let Found { spec, table, .. } = found;
    let row = sum_row(table)?;
    let value = number(table, row, &spec.difference)?.to_f64();
    let size = told_in(table, row, &spec.difference)?.absolute();
    Some(format!("{} budget", beside(value, &size)))
}

/// The rows that are neither sums nor marked.
fn plain(table: &Table) -> impl Iterator<Item = &Row> {
    table.rows.iter().filter(|row| row.kind == RowKind::Body)
}

impl Reader<'_> {
    /// How many of the plan's indicators have each status.
    fn indicators(&self) -> [u64; 4] {
        let mut counts = [0; 4];
        for entry in &self.data.plan {
            counts[usize::from(outcomes::status(self.data, entry).number())] += 1;
        }
        counts
    }

    fn assignments(&self) -> Option<[u64; 4]> {
        let found = self.assignments?;
        let counts = counts(found.table, &found.spec.value);
        (counts.iter().sum::<u64>() > 0).then_some(counts)
    }

    /// Where the indicators are listed: the chapter of the first goal area's table.
    fn listed_at(&self) -> (String, String) {
        let shows = |chapter: &&Chapter| {
            chapter.blocks.iter().any(|block| {
                matches!(block, Block::Table(table) if table.id.starts_with(outcomes::AREA_PREFIX))
            })
        };
        let chapter = self.chapters.iter().find(shows);
        chapter.map(|c| (c.id.clone(), c.heading.clone())).unwrap_or_default()
    }

    fn headline(&self) -> String {
        let [met, ..] = self.indicators();
        let all = self.data.plan.len();
        let reached = (all > 0).then(|| format!("{met} av {all} nyckeltal är helt uppnådda"));
        let result = self.result.and_then(|found| {
            Some(format!("{} är {}", found.spec.subject, against_budget(found)?))
        });
        let mut parts: Vec<String> = result.into_iter().chain(reached).collect();
        if let [_, second] = parts.as_mut_slice() {
            *second = format!("och {second}");
        }
        parts.join(" ")
    }

    fn sentences(&self) -> Vec<Sentence> {
        [self.result(), self.forecast(), self.beyond_chance(), self.decisions(), self.missing()]
            .into_iter()
            .flatten()
            .collect()
    }

    /// What makes the result.
    fn result(&self) -> Option<Sentence> {
        let Found { spec, table, heading } = self.result?;
        let parts = deviations(table, plain(table), &spec.difference);
        let (worst, best) = extremes(&parts);
        let worst = (!worst.is_empty()).then(|| format!("Mest tynger {}", listed(&worst)));
        let (lead, rest) = match (worst, best) {
            (Some(worst), Some(best)) => (worst, format!("; mest lyfter {best}.")),
            (Some(worst), None) => (worst, ".".to_owned()),
            (None, Some(best)) => (format!("Mest lyfter {best}"), ".".to_owned()),
            (None, None) => return None,
        };
        Some(Sentence { lead, rest, target: table.id.clone(), place: heading.to_owned() })
    }

    /// What the year is expected to be, and what that has changed to.
    fn forecast(&self) -> Option<Sentence> {
        let found = self.forecast?;
        let Found { spec, table, heading } = found;
        let change = sum_row(table).and_then(|row| {
            let value = number(table, row, &spec.change)?;
            let size = told_in(table, row, &spec.change)?.absolute();
            Some(match value.to_f64() {
                v if v > 0.0 => format!(", {size} bättre än i den förra prognosen"),
                v if v < 0.0 => format!(", {size} sämre än i den förra prognosen"),
                _ => ", som i den förra prognosen".to_owned(),
            })
        });
        Some(Sentence {
            lead: format!("{} är {}", spec.subject, against_budget(found)?),
            rest: change.unwrap_or_default() + ".",
            target: table.id.clone(),
            place: heading.to_owned(),
        })
    }

    /// What has changed more than chance makes likely.
    fn beyond_chance(&self) -> Option<Sentence> {
        let asked = self
            .data
            .signals
            .iter()
            .filter(|s| s.question == Question::Variation && s.period == self.data.period);
        let asked: Vec<&Signal> = asked.collect();
        let named = |answer: Answer| -> Vec<String> {
            asked.iter().filter(|s| s.answer == answer).map(|s| self.name(s)).collect()
        };
        let judged = asked.iter().filter(|s| s.answer != Answer::Silent).count();
        let (better, worse) = (named(Answer::Improvement), named(Answer::Concern));
        let (target, place) = self.listed_at();
        let left = asked.len() - judged;
        let tried = match left {
            0 => format!(" {judged} serier är prövade."),
            _ => format!(" {judged} serier kunde prövas; {left} är för korta eller brutna."),
        };
        let lead = match (better.is_empty(), worse.is_empty()) {
            _ if asked.is_empty() => return None,
            _ if judged == 0 => "Ingen serie kan prövas mot slumpen".to_owned(),
            (true, true) => "Inget är bättre eller sämre än slumpen kan förklara".to_owned(),
            (false, true) => format!("Bättre än slumpen kan förklara: {}", listed(&better)),
            (true, false) => format!("Sämre än slumpen kan förklara: {}", listed(&worse)),
            (false, false) => format!(
                "Mer än slumpen kan förklara: bättre {}, sämre {}",
                listed(&better),
                listed(&worse)
            ),
        };
        Some(Sentence { lead, rest: format!(".{tried}"), target, place })
    }

    /// A series by the name of its indicator and, outside the plan, of its unit.
    fn name(&self, signal: &Signal) -> String {
        let text = self.data.indicators.iter().find(|text| text.id == signal.id);
        let name = text.map_or(signal.id.as_str(), |text| text.name.as_str());
        let is_planned = self
            .data
            .plan
            .iter()
            .any(|entry| entry.indicator == signal.id && entry.level == signal.level);
        match is_planned {
            true => name.to_owned(),
            false => format!("{} för {}", name.to_lowercase(), self.data.level_name(&signal.level)),
        }
    }

    /// What is not met, and who is expected to exceed the budget.
    fn decisions(&self) -> Option<Sentence> {
        let over = self
            .forecast
            .into_iter()
            .flat_map(|found| deviations(found.table, plain(found.table), &found.spec.difference));
        let over: Vec<String> = over.filter(|one| one.0 < 0.0).map(|one| one.1).collect();
        let missed = [
            (self.indicators()[usize::from(Status::NotMet.number())], "nyckeltal"),
            (
                self.assignments().map_or(0, |counts| counts[usize::from(Status::NotMet.number())]),
                "uppdrag",
            ),
        ];
        let missed: Vec<String> = missed
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| format!("{count} {noun}"))
            .collect();
        let mut parts = Vec::new();
        if !over.is_empty() {
            parts.push(format!("{} väntas överskrida budget", listed(&over)));
        }
        if !missed.is_empty() {
            parts.push(format!("{} är {}", listed(&missed), counted(Status::NotMet)));
        }
        let (target, place) = match (self.forecast, over.is_empty()) {
            (Some(found), false) => (found.table.id.clone(), found.heading.to_owned()),
            _ => self.listed_at(),
        };
        (!parts.is_empty()).then(|| Sentence {
            lead: "Kräver beslut".to_owned(),
            rest: format!(": {}.", parts.join("; ")),
            target,
            place,
        })
    }

    /// Which of the plan's indicators nobody can judge.
    fn missing(&self) -> Option<Sentence> {
        let all = self.data.plan.len();
        if all == 0 {
            return None;
        }
        let without = self
            .data
            .plan
            .iter()
            .filter(|entry| outcomes::status(self.data, entry) == Status::NoData)
            .map(|entry| outcomes::indicator_name(self.data, &entry.indicator).to_owned());
        let without: Vec<String> = without.collect();
        let (target, place) = self.listed_at();
        Some(match without.len() {
            0 => Sentence {
                lead: format!("Alla {all} nyckeltal har data"),
                rest: ".".to_owned(),
                target,
                place,
            },
            count => Sentence {
                lead: format!("Data saknas för {count} av {all} nyckeltal"),
                rest: format!(": {}.", listed(&without)),
                target,
                place,
            },
        })
    }

    fn strips(&self) -> Vec<Strip> {
        let indicators = self.indicators();
        let all: u64 = indicators.iter().sum();
        let mut strips = Vec::new();
        if all > 0 {
            let target = self.listed_at().0;
            strips.push(Strip { label: format!("{all} nyckeltal"), counts: indicators, target });
        }
        if let (Some(counts), Some(found)) = (self.assignments(), self.assignments) {
            let all: u64 = counts.iter().sum();
            let target = found.table.id.clone();
            strips.push(Strip { label: format!("{all} uppdrag"), counts, target });
        }
        strips
    }
}
