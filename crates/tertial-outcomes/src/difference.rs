//! What changed between two publications, and why: late rows, a correction, a method, a target, an
//! organisation.
//!
//! Outcomes of the two are laid side by side. A figure's reasons are looked for where they can lie:
//! in its target, in the facts its query stands on, and in the deliveries it was made from. A change
//! for which none of these is found is told as such.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::{Decimal, Missing, Outcome, Period, Sex, swedish};

/// A figure that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The indicator.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The unit.
    pub level: String,
    /// The period.
    pub period: Period,
    /// T, K or M.
    pub sex: Sex,
    /// Further breakdown, empty when none.
    pub breakdown: String,
    /// As printed before; `..` when there was none.
    pub before: String,
    /// As printed now.
    pub after: String,
    /// Unrounded, before.
    pub value_before: Option<f64>,
    /// Unrounded, now.
    pub value_after: Option<f64>,
    /// Target and status, before: `mål Minst 70 %, Ej uppnått`.
    pub judged_before: String,
    /// Target and status, now.
    pub judged_after: String,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Change {
    /// `Sjukfrånvaro, kvinnor (RS)`.
    pub fn subject(&self) -> String {
        let mut subject = self.name.clone();
        if !self.breakdown.is_empty() {
            subject.push_str(&format!(", {}", self.breakdown));
        }
        if self.sex != Sex::T {
            subject.push_str(&format!(", {}", self.sex.label().to_lowercase()));
        }
        format!("{subject} ({})", self.level)
    }

    /// Why, in full.
    pub fn reasons_in_words(&self) -> Vec<String> {
        let words = |reason: &Reason| format!("{}: {}", reason.kind.word(), reason.text);
        self.reasons.iter().map(words).collect()
    }

    /// The value before, with target and status where there were any.
    pub fn before_in_words(&self) -> String {
        with_judgement(&self.before, &self.judged_before)
    }

    /// The value now, with target and status where there are any.
    pub fn after_in_words(&self) -> String {
        with_judgement(&self.after, &self.judged_after)
    }
}

fn with_judgement(value: &str, judged: &str) -> String {
    if judged.is_empty() { value.to_owned() } else { format!("{value} ({judged})") }
}

/// Why a figure changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// The kind.
    pub kind: Kind,
    /// What happened, in Swedish.
    pub text: String,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The plan's target is another.
    Target,
    /// Another version of the method, or another query.
    Method,
    /// More rows came for what had been delivered.
    LateRows,
    /// A delivery that replaces one, with as many rows or fewer.
    Replaced,
    /// A delivery of something that had not been delivered.
    NewDelivery,
    /// A delivery that counts no longer, with none in its place.
    Withdrawn,
    /// A later file states rows of a delivery anew.
    Restated,
    /// The source's faults are corrected in another way.
    Correction,
    /// A reference table is another.
    Reference,
    /// A contract or a pipeline reads the source in another way.
    Reading,
    /// Another organisation has been decided: the unit holds other units than it did.
    Organisation,
    /// The rules of the status are others.
    Rule,
    /// Another version of the program.
    Program,
    /// Nothing of this was found.
    Unknown,
}

impl Kind {
    /// In Swedish.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Target => "ändrat mål",
            Kind::Method => "ändrad metod",
            Kind::LateRows => "sena rader",
            Kind::Replaced => "ersatt leverans",
            Kind::NewDelivery => "ny leverans",
            Kind::Withdrawn => "återtagen leverans",
            Kind::Restated => "rättad i senare fil",
            Kind::Correction => "rättelse",
            Kind::Reference => "ändrad referenstabell",
            Kind::Reading => "ändrad inläsning",
            Kind::Organisation => "omorganisation",
            Kind::Rule => "ändrad statusregel",
            Kind::Program => "ny programversion",
            Kind::Unknown => "okänd orsak",
        }
    }
}

/// A delivery as a set of outcomes knew it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What a later delivery of the same replaces: source, pattern, period, scope.
    pub key: [String; 4],
    /// The file's name.
    pub name: String,
    /// The day it came.
    pub received: String,
    /// Accepted rows.
    pub rows: i64,
    /// Fingerprint of how it was read.
    pub load: String,
    /// Rows of it that no longer count, by the delivery that takes their place.
    pub superseded: BTreeMap<String, String>,
}

/// A set of outcomes with the deliveries and facts it was made from.
#[derive(Debug)]
pub struct Side {
    /// The day it looks from.
    pub day: Option<String>,
    /// The program that made it.
    pub program_version: String,
    /// The outcomes.
    pub outcomes: Vec<Outcome>,
    /// The deliveries, by id.
    pub deliveries: BTreeMap<String, Delivery>,
    /// A hash per file that had a say.
    pub facts: BTreeMap<String, String>,
}

/// What was decided of a reference table.
#[derive(Debug)]
pub struct Decision {
    /// The seed.
    pub seed: String,
    /// What the row is called.
    pub name: String,
    /// The day.
    pub decided_on: String,
    /// Whether it is about which units there are.
    pub is_organisation: bool,
}

/// What a comparison must know of the definitions and files of the later set.
pub trait Sources {
    /// The file with the settings of the whole project.
    fn settings_file(&self) -> &str;
    /// The file that states how an indicator's numerators and denominators are had.
    fn file_of_query(&self, indicator: &str) -> String;
    /// Every file that an indicator's figures stand on.
    fn files_behind(&self, indicator: &str) -> BTreeSet<String>;
    /// The stated reason of a version of an indicator's method.
    fn reason_of_version(&self, indicator: &str, version: u32) -> Option<String>;
    /// What was decided after the one day and up to the other, of that which a figure stands on.
    fn decisions(&self, figure: &Outcome, between: &(String, String)) -> Vec<Decision>;
}

type Key<'a> = (&'a str, &'a str, Period, Sex, &'a str);

fn key(outcome: &Outcome) -> Key<'_> {
    (&outcome.id, &outcome.level, outcome.period, outcome.sex, &outcome.breakdown)
}

/// Every figure that differs, in the order of the outcomes; `sources` are those of `after`.
pub fn compare(sources: &dyn Sources, before: &Side, after: &Side) -> Vec<Change> {
    let old: BTreeMap<Key, &Outcome> = before.outcomes.iter().map(|o| (key(o), o)).collect();
    let new: BTreeSet<Key> = after.outcomes.iter().map(key).collect();
    let pair = Pair { sources, before, after };
    let mut behind: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut changes = Vec::new();
    let gone = before.outcomes.iter().filter(|outcome| !new.contains(&key(outcome)));
    let both = after.outcomes.iter().map(|now| (old.get(&key(now)).copied(), Some(now)));
    for (was, now) in both.chain(gone.map(|was| (Some(was), None))) {
        if was.zip(now).is_some_and(|(was, now)| is_same(was, now)) {
            continue;
        }
        let Some(shown) = now.or(was) else { continue };
        let files =
            behind.entry(shown.id.as_str()).or_insert_with(|| pair.changed_files_behind(&shown.id));
        let nothing = || Missing::NotAvailable.sign().to_owned();
        changes.push(Change {
            id: shown.id.clone(),
            name: shown.name.clone(),
            level: shown.level.clone(),
            period: shown.period,
            sex: shown.sex,
            breakdown: shown.breakdown.clone(),
            before: was.map_or_else(nothing, exact_enough(was, now)),
            after: now.map_or_else(nothing, exact_enough(was, now)),
            value_before: was.and_then(|outcome| outcome.value),
            value_after: now.and_then(|outcome| outcome.value),
            judged_before: was.map_or_else(String::new, judged),
            judged_after: now.map_or_else(String::new, judged),
            reasons: pair.reasons(was, now, files),
        });
    }
    changes
}

/// Prints a value with as many decimals as it takes to tell the two apart.
fn exact_enough<'a>(
    was: Option<&'a Outcome>,
    now: Option<&'a Outcome>,
) -> impl Fn(&Outcome) -> String + use<'a> {
    move |outcome| {
        let Some(value) = outcome.value else { return outcome.printed() };
        let pair = was.and_then(|o| o.value).zip(now.and_then(|o| o.value));
        let differs = |places: u8| {
            pair.is_none_or(|(was, now)| swedish::float(was, places) != swedish::float(now, places))
        };
        let places = (outcome.decimals..=9).find(|places| differs(*places));
        let places = places.unwrap_or(outcome.decimals);
        swedish::with_unit(&swedish::float(value, places), &outcome.unit)
    }
}

fn judged(outcome: &Outcome) -> String {
    let target = outcome.target.as_ref().map(|target| format!("mål {}", target.printed));
    let status = outcome.status.map(|status| status.word().to_owned());
    target.into_iter().chain(status).collect::<Vec<_>>().join(", ")
}

fn parts(outcome: &Outcome) -> (Option<Decimal>, Option<Decimal>) {
    let normal = |part: Option<Decimal>| part.map(Decimal::normalized);
    (normal(outcome.numerator), normal(outcome.denominator))
}

fn same_value(was: &Outcome, now: &Outcome) -> bool {
    was.value == now.value && was.missing == now.missing && parts(was) == parts(now)
}

fn same_target(was: &Outcome, now: &Outcome) -> bool {
    was.target == now.target
}

fn is_same(was: &Outcome, now: &Outcome) -> bool {
    same_value(was, now) && same_target(was, now) && was.status == now.status
}

/// Two sets of outcomes, the earlier first.
struct Pair<'a> {
    sources: &'a dyn Sources,
    before: &'a Side,
    after: &'a Side,
}

impl Pair<'_> {
    fn reasons(
        &self,
        was: Option<&Outcome>,
        now: Option<&Outcome>,
        files: &[String],
    ) -> Vec<Reason> {
        let mut reasons = BTreeSet::new();
        if let (Some(was), Some(now)) = (was, now)
            && !same_target(was, now)
        {
            let text = |outcome: &Outcome| {
                outcome.target.as_ref().map_or_else(
                    || "inget mål".to_owned(),
                    |target| format!("{} (plan {})", target.printed, target.plan),
                )
            };
            let text = format!("från {} till {}", text(was), text(now));
            reasons.insert(Reason { kind: Kind::Target, text });
        }
        if !was.zip(now).is_some_and(|(was, now)| same_value(was, now)) {
            let method = self.method(was, now);
            // A version with its stated reason says what a changed definition would.
            let said = method.as_ref().and(now).map(|now| self.sources.file_of_query(&now.id));
            let said = said.filter(|file| file.ends_with(".toml"));
            let files = files.iter().filter(|file| said.as_ref() != Some(*file));
            reasons.extend(files.map(|file| self.of_file(file)));
            reasons.extend(method);
            reasons.extend(self.of_deliveries(was, now));
            reasons.extend(now.or(was).into_iter().flat_map(|figure| self.of_decisions(figure)));
        }
        let settings = self.sources.settings_file();
        if reasons.is_empty() && self.differs(settings) {
            let text = format!("{settings} är ändrad");
            reasons.insert(Reason { kind: Kind::Rule, text });
        }
        if reasons.is_empty() {
            let (old, new) = (&self.before.program_version, &self.after.program_version);
            reasons.insert(if old == new {
                let text = "orsaken framgår inte av mål, metod eller leveranser".to_owned();
                Reason { kind: Kind::Unknown, text }
            } else {
                Reason { kind: Kind::Program, text: format!("från {old} till {new}") }
            });
        }
        reasons.into_iter().collect()
    }

    /// A new version of the method, with its stated reason.
    fn method(&self, was: Option<&Outcome>, now: Option<&Outcome>) -> Option<Reason> {
        let (was, now) = was.zip(now)?;
        if was.method_version == now.method_version {
            return None;
        }
        let stated = self.sources.reason_of_version(&now.id, now.method_version)?;
        let text = format!("version {} till {}: {stated}", was.method_version, now.method_version);
        Some(Reason { kind: Kind::Method, text })
    }

    fn differs(&self, file: &str) -> bool {
        self.before.facts.get(file) != self.after.facts.get(file)
    }

    /// The facts behind an indicator that are not what they were.
    fn changed_files_behind(&self, indicator: &str) -> Vec<String> {
        let files = self.sources.files_behind(indicator);
        files.into_iter().filter(|file| self.differs(file)).collect()
    }

    /// What was decided between the days the two look from, of that which the figure stands on. The
    /// facts are the same; the later set knows more of them.
    fn of_decisions(&self, figure: &Outcome) -> Vec<Reason> {
        let days = (self.before.day.clone(), self.after.day.clone());
        let (Some(one), Some(other)) = days else { return Vec::new() };
        let between = (one.clone().min(other.clone()), one.max(other));
        let reason = |decision: Decision| {
            let Decision { seed, name, decided_on, is_organisation } = decision;
            let text = format!("{name} (beslut {decided_on})");
            match is_organisation {
                true => Reason { kind: Kind::Organisation, text },
                false => {
                    Reason { kind: Kind::Reference, text: format!("seeds/{seed}.csv: {text}") }
                }
            }
        };
        self.sources.decisions(figure, &between).into_iter().map(reason).collect()
    }

    fn of_file(&self, file: &str) -> Reason {
        let kind = if file.ends_with("/corrections.toml") {
            Kind::Correction
        } else if file.starts_with("seeds/") {
            Kind::Reference
        } else if file.starts_with("sql/") {
            Kind::Method
        } else {
            Kind::Reading
        };
        let what = match (self.before.facts.get(file), self.after.facts.get(file)) {
            (None, _) => "är ny",
            (_, None) => "är borttagen",
            _ => "är ändrad",
        };
        Reason { kind, text: format!("{file} {what}") }
    }

    /// Deliveries that came, went or were read again.
    fn of_deliveries(&self, was: Option<&Outcome>, now: Option<&Outcome>) -> Vec<Reason> {
        let ids = |outcome: Option<&Outcome>| -> BTreeSet<String> {
            outcome.into_iter().flat_map(|outcome| outcome.source_deliveries.clone()).collect()
        };
        let (old, new) = (ids(was), ids(now));
        let mut reasons = Vec::new();
        for id in new.difference(&old) {
            let Some(came) = self.after.deliveries.get(id) else { continue };
            // Known before, for other figures: that it stands behind this one has another reason.
            if self.before.deliveries.contains_key(id) {
                continue;
            }
            let replaced = old.difference(&new).find_map(|id| {
                self.before.deliveries.get(id).filter(|earlier| earlier.key == came.key)
            });
            let head = format!("{}, mottagen {}", came.name, came.received);
            reasons.push(match replaced {
                None => {
                    Reason { kind: Kind::NewDelivery, text: format!("{head}, {} rader", came.rows) }
                }
                Some(earlier) => Reason {
                    kind: if came.rows > earlier.rows { Kind::LateRows } else { Kind::Replaced },
                    text: format!(
                        "{head}, ersätter leveransen från {}: {} rader mot {}",
                        earlier.received, came.rows, earlier.rows
                    ),
                },
            });
        }
        for id in new.intersection(&old) {
            let pair = self.before.deliveries.get(id).zip(self.after.deliveries.get(id));
            let Some((earlier, later)) = pair else { continue };
            if earlier.load != later.load && earlier.rows != later.rows {
                let text = format!(
                    "{} lästes på nytt: {} rader mot {}",
                    later.name, later.rows, earlier.rows
                );
                reasons.push(Reason { kind: Kind::Reading, text });
            }
        }
        let keys: BTreeSet<&[String; 4]> =
            self.after.deliveries.values().map(|delivery| &delivery.key).collect();
        for id in old.difference(&new).filter(|id| !self.after.deliveries.contains_key(*id)) {
            let gone = self.before.deliveries.get(id).filter(|gone| !keys.contains(&gone.key));
            let Some(Delivery { name, received, rows, .. }) = gone else { continue };
            let text = format!("{name}, mottagen {received}, {rows} rader, räknas inte längre");
            reasons.push(Reason { kind: Kind::Withdrawn, text });
        }
        reasons.extend(old.union(&new).flat_map(|id| self.of_statements(id)));
        reasons
    }

    /// Later files that state rows of a delivery anew, or no longer do.
    fn of_statements(&self, id: &str) -> Vec<Reason> {
        let (before, after) = (self.before.deliveries.get(id), self.after.deliveries.get(id));
        let Some(shown) = after.or(before) else { return Vec::new() };
        let none = BTreeMap::new();
        let old = before.map_or(&none, |delivery| &delivery.superseded);
        let new = after.map_or(&none, |delivery| &delivery.superseded);
        let head = |side: &Side, by: &str| {
            side.deliveries
                .get(by)
                .map(|later| format!("{}, mottagen {}", later.name, later.received))
        };
        let stated = new.iter().filter(|(by, rows)| old.get(*by) != Some(rows));
        let stated = stated.filter_map(|(by, rows)| {
            let word = if rows == "1" { "rad" } else { "rader" };
            Some(format!(
                "{}, anger {rows} {word} ur {} på nytt",
                head(self.after, by)?,
                shown.name
            ))
        });
        let gone = old.keys().filter(|by| !new.contains_key(*by) && after.is_some());
        let gone = gone.filter_map(|by| {
            Some(format!("{}, rättar inte längre {}", head(self.before, by)?, shown.name))
        });
        stated.chain(gone).map(|text| Reason { kind: Kind::Restated, text }).collect()
    }
}
