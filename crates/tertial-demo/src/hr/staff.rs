//! Who is employed where, month by month, so that every unit has the head count its table says.
//!
//! A unit is a number of placements. People leave and others come, but the sum of the placements'
//! shares is the unit's head count in every month. Managers come and go on the months their own
//! table names, so that the turnover of managers is known.
//! Sick leave is [`super::sickness`]'s work.

use super::civic;
use super::plan::{ManagerChange, UnitPlan};
use crate::random::Random;
use std::collections::BTreeMap;

/// One employment in one unit.
#[derive(Debug, Clone)]
pub(super) struct Employment {
    /// The payroll's own number; the second placement of a shared person ends in `-2`.
    pub number: String,
    /// Civic number of the person.
    pub civic_number: String,
    /// Index of the unit among the plans.
    pub unit: usize,
    pub is_woman: bool,
    pub birth_year: u16,
    /// Employment rate in per cent.
    pub rate_pct: i64,
    /// Halves of a placement: 2 whole, 1 shared with another unit.
    pub halves: u32,
    /// First month employed.
    pub first: usize,
    /// The month after the last one.
    pub end: usize,
    pub managing: Option<Managing>,
    pub occupation_code: String,
    pub is_permanent: bool,
    /// How prone to sick leave the person is; 1 on average.
    pub proneness: f64,
}

/// Months as manager or with an appointment to be one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Managing {
    pub first: usize,
    pub end: usize,
    pub is_manager: bool,
    pub has_appointment: bool,
}

impl Employment {
    pub(super) fn is_employed(&self, month: usize) -> bool {
        (self.first..self.end).contains(&month)
    }

    /// Manager or appointed in that month, and in which way.
    pub(super) fn managing_in(&self, month: usize) -> Option<Managing> {
        self.managing.filter(|managing| (managing.first..managing.end).contains(&month))
    }

    fn age(&self, month: usize) -> u16 {
        year(month) - self.birth_year
    }
}

/// The first year of the staff tables.
pub(super) const FIRST_YEAR: u16 = 2020;

/// Calendar year of a month counted from January of [`FIRST_YEAR`].
pub(super) fn year(month: usize) -> u16 {
    FIRST_YEAR + (month / 12) as u16
}

/// The unit where a shared person has the other half.
const OTHER_HALF_UNIT: &str = "702";

/// Every employment, unit by unit in the order of the plans.
pub(super) fn employ(plans: &[UnitPlan], seed: u64) -> Vec<Employment> {
    let mut all: Vec<Vec<Employment>> = plans
        .iter()
        .enumerate()
        .map(|(unit, plan)| Unit::new(unit, plan, seed).through_the_months())
        .collect();
    number_persons(&mut all);
    add_other_halves(plans, &mut all);
    all.into_iter().flatten().collect()
}

/// Gives each person a civic number. Units come in order, and those that follow the scale come
/// last, so the board's own staff are the same persons at every scale.
fn number_persons(units: &mut [Vec<Employment>]) {
    let mut taken: BTreeMap<(u16, bool), u32> = BTreeMap::new();
    for employment in units.iter_mut().flatten() {
        let index = taken.entry((employment.birth_year, employment.is_woman)).or_default();
        employment.civic_number = civic::number(employment.birth_year, employment.is_woman, *index);
        *index += 1;
    }
}

fn add_other_halves(plans: &[UnitPlan], units: &mut [Vec<Employment>]) {
    let Some(other) = plans.iter().position(|plan| plan.unit_id == OTHER_HALF_UNIT) else {
        return;
    };
    let shared = |employment: &&Employment| employment.halves == 1;
    let others: Vec<Employment> = (0..other)
        .flat_map(|unit| units[unit].iter().filter(shared))
        .map(|employment| Employment {
            number: format!("{}-2", employment.number),
            unit: other,
            managing: None,
            ..employment.clone()
        })
        .collect();
    units[other].extend(others);
}

/// One unit while its months are lived through.
struct Unit<'a> {
    index: usize,
    plan: &'a UnitPlan,
    random: Random,
    employments: Vec<Employment>,
    /// Indexes of those employed in the present month.
    present: Vec<usize>,
}

impl<'a> Unit<'a> {
    fn new(index: usize, plan: &'a UnitPlan, seed: u64) -> Unit<'a> {
        let random = Random::stream(seed, &["hr", "staff", &plan.unit_id]);
        Unit { index, plan, random, employments: Vec::new(), present: Vec::new() }
    }

    fn through_the_months(mut self) -> Vec<Employment> {
        for month in 0..self.plan.halves.len() {
            if month > 0 {
                self.let_go(month);
                let change = self.plan.changes[month];
                self.end_managing(month, change.ended);
            }
            self.fill(month);
            let count =
                if month == 0 { self.plan.managers } else { self.plan.changes[month].appointed };
            self.appoint(month, count);
        }
        // Hired and let go while the same month was balanced: never employed.
        self.employments.retain(|employment| employment.first < employment.end);
        self.employments
    }

    /// Those who retire or leave of their own accord. Managers leave by their own table.
    fn let_go(&mut self, month: usize) {
        let random = &mut self.random;
        let employments = &mut self.employments;
        self.present.retain(|&at| {
            let employment = &mut employments[at];
            let is_leaving = random.chance(0.009) || employment.age(month) > 66;
            let stays = employment.managing_in(month).is_some() || !is_leaving;
            if !stays {
                employment.end = month;
            }
            stays
        });
    }

    /// Ends `count` managers' time, those who have been it longest first; two of three leave
    /// altogether, the others stay as staff.
    fn end_managing(&mut self, month: usize, count: u32) {
        for _ in 0..count {
            let longest = self
                .present
                .iter()
                .copied()
                .filter(|&at| self.employments[at].managing_in(month).is_some())
                .min_by_key(|&at| (self.employments[at].managing.map(|m| m.first), at));
            let Some(at) = longest else { return };
            if let Some(managing) = &mut self.employments[at].managing {
                managing.end = month;
            }
            if self.random.chance(0.67) {
                self.employments[at].end = month;
                self.present.retain(|&other| other != at);
            }
        }
    }

    /// Hires or lets go until the placements are as many as the table says.
    fn fill(&mut self, month: usize) {
        let wanted = self.plan.halves[month];
        loop {
            let held: u32 = self.present.iter().map(|&at| self.employments[at].halves).sum();
            match held.cmp(&wanted) {
                std::cmp::Ordering::Equal => return,
                std::cmp::Ordering::Less if wanted - held == 1 => {
                    // Someone who was shared is replaced by someone who is not, if there is one.
                    if self.present.iter().any(|&at| self.employments[at].halves == 1) {
                        self.dismiss(month, 1);
                        self.hire(month, 2);
                    } else {
                        self.hire(month, 1);
                    }
                }
                std::cmp::Ordering::Less => {
                    let halves = if self.random.chance(0.04) { 1 } else { 2 };
                    self.hire(month, halves);
                }
                std::cmp::Ordering::Greater => self.dismiss(month, held - wanted),
            }
        }
    }

    /// Ends one employment that is no manager's, a shared one if only half a placement is too many.
    fn dismiss(&mut self, month: usize, halves: u32) {
        let staff = |at: &usize| self.employments[*at].managing_in(month).is_none();
        let mut choice: Vec<usize> = self.present.iter().copied().filter(staff).collect();
        if halves == 1 {
            let shared: Vec<usize> =
                choice.iter().copied().filter(|&at| self.employments[at].halves == 1).collect();
            if !shared.is_empty() {
                choice = shared;
            }
        }
        let at = *self.random.pick(&choice);
        self.employments[at].end = month;
        self.present.retain(|&other| other != at);
    }

    fn hire(&mut self, month: usize, halves: u32) {
        let random = &mut self.random;
        let is_woman = random.below(100) < u64::from(self.plan.women_pct);
        let age = if month == 0 { random.between(24, 63) } else { random.between(22, 57) };
        let part_time = if is_woman { 0.30 } else { 0.14 };
        let rate_pct =
            if random.chance(part_time) { *random.pick(&[75, 80, 80, 90, 50, 60]) } else { 100 };
        let is_permanent = month == 0 || random.chance(0.8);
        let occupation_code = self.plan.occupation(random.below(100)).to_owned();
        let fraction = random.fraction();
        let cube = fraction * fraction * fraction;
        let running = self.employments.len() + 1;
        self.present.push(self.employments.len());
        self.employments.push(Employment {
            number: format!("{}{running:05}", self.plan.unit_id),
            civic_number: String::new(),
            unit: self.index,
            is_woman,
            birth_year: year(month) - age as u16,
            rate_pct,
            halves,
            first: month,
            end: self.plan.halves.len(),
            managing: None,
            occupation_code,
            is_permanent,
            // A fraction's sixth power has mean 1/7: most are seldom ill and a few are often.
            proneness: 0.05 + 6.65 * cube * cube,
        });
    }

    /// Makes `count` of the unit's whole-time staff managers, nobody for the second time.
    fn appoint(&mut self, month: usize, count: u32) {
        for _ in 0..count {
            let suits = |at: &usize| {
                let employment = &self.employments[*at];
                let age = employment.age(month);
                employment.halves == 2 && employment.managing.is_none() && (28..=60).contains(&age)
            };
            let choice: Vec<usize> = self.present.iter().copied().filter(suits).collect();
            if choice.is_empty() {
                return;
            }
            let at = *self.random.pick(&choice);
            let way = self.random.below(100);
            let employment = &mut self.employments[at];
            employment.rate_pct = 100;
            employment.managing = Some(Managing {
                first: month,
                end: self.plan.halves.len(),
                is_manager: way < 84,
                has_appointment: way >= 68,
            });
        }
    }
}

/// Changes that happen by a yearly rate instead of a table: for units that follow the scale.
pub(super) fn steady_changes(managers: u32, months: usize) -> Vec<ManagerChange> {
    (0..months)
        .map(|month| {
            // One manager in ten a year leaves and is replaced the same month.
            let so_far = |month: usize| managers as usize * month / 120;
            let count = if month == 0 { 0 } else { (so_far(month) - so_far(month - 1)) as u32 };
            ManagerChange { ended: count, appointed: count }
        })
        .collect()
}
