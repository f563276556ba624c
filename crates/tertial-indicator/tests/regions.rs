//! Regions that never were, two hundred of them, each with the kinds of figures there are about
//! persons; and a reader with a solver, who must not learn what is hidden.

#[path = "attacker/mod.rs"]
mod attacker;
#[path = "attacker/reader.rs"]
mod reader;

use reader::{Cell, Form, Scale, knowledge, knowledge_of_both};
use std::collections::{BTreeMap, BTreeSet};
use tertial_indicator::Definition;
use tertial_indicator::suppression::{Row, hidden};
use tertial_model::{Decimal, Period, Sex};

/// So many regions share the secrets that are tried.
const EVERY: usize = 1;
/// How many regions there are; `TERTIAL_TEST_REGIONS` asks for another number.
const REGIONS: u64 = 200;
const MONTHS: usize = 4;
const AGES: [&str; 3] = ["-29", "30-49", "50-"];

/// A person of a region.
struct Person {
    unit: String,
    is_woman: bool,
    age: usize,
    is_manager: bool,
    /// Hundredths of hours, by month; 0 when not employed.
    hours: [i128; MONTHS],
    sick: [i128; MONTHS],
    says_yes: bool,
    points: i128,
}

/// Its units with their parents, and who works there.
struct Region {
    parents: BTreeMap<String, Option<String>>,
    persons: Vec<Person>,
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn person(&mut self, unit: &str) -> Person {
        let from = if self.below(12) == 0 { self.below(4) as usize } else { 0 };
        let rate = [5_000, 7_500, 10_000, 10_000, 10_000][self.below(5) as usize];
        let mut hours = [0; MONTHS];
        let mut sick = [0; MONTHS];
        let is_long_sick = self.below(25) == 0;
        for month in from..MONTHS {
            hours[month] = i128::from(165 * rate / 100);
            if is_long_sick {
                sick[month] = hours[month];
            } else if self.below(6) == 0 {
                sick[month] = i128::from(self.below(60) * 100);
            }
        }
        Person {
            unit: unit.to_owned(),
            is_woman: self.below(4) > 0,
            age: self.below(3) as usize,
            is_manager: self.below(14) == 0,
            hours,
            sick,
            says_yes: self.below(8) > 0,
            points: i128::from(8 + self.below(13)),
        }
    }

    fn size(&mut self) -> u64 {
        match self.below(4) {
            0 => 1 + self.below(6),
            1 => 5 + self.below(12),
            _ => 12 + self.below(60),
        }
    }
}

fn region(seed: u64) -> Region {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let mut region =
        Region { parents: BTreeMap::from([("RJH".to_owned(), None)]), persons: Vec::new() };
    let unit = |name: String, parent: &str, region: &mut Region| {
        region.parents.insert(name.clone(), Some(parent.to_owned()));
        name
    };
    for board in 0..1 + dice.below(2) {
        let board = unit(format!("B{board}"), "RJH", &mut region);
        // A board of few persons has no units below it.
        let areas = if dice.below(3) == 0 { 0 } else { 1 + dice.below(2) };
        let mut places: Vec<String> = Vec::new();
        for area in 0..areas {
            let area = unit(format!("{board}A{area}"), &board, &mut region);
            for department in 0..1 + dice.below(3) {
                places.push(unit(format!("{area}D{department}"), &area, &mut region));
            }
            // Persons employed directly at an area.
            if dice.below(3) == 0 {
                for _ in 0..1 + dice.below(3) {
                    let person = dice.person(&area);
                    region.persons.push(person);
                }
            }
        }
        if areas == 0 {
            places.push(board);
        }
        for place in places {
            for _ in 0..dice.size() {
                let person = dice.person(&place);
                region.persons.push(person);
            }
        }
    }
    region
}

impl Region {
    fn with_those_above(&self, unit: &str) -> Vec<String> {
        let mut found = vec![unit.to_owned()];
        while let Some(Some(parent)) = self.parents.get(found.last().unwrap()) {
            found.push(parent.clone());
        }
        found
    }
}

/// What a person adds to a cell: numerator and denominator in hundredths.
type Adds = fn(&Person, &[usize]) -> Option<(i128, Option<i128>)>;

/// A kind of figure about persons.
struct Kind {
    name: &'static str,
    factor: i128,
    decimals: u8,
    has_months: bool,
    has_sexes: bool,
    /// None, age groups that add up, or managers among all.
    breakdowns: &'static str,
    /// Whether areas are given.
    has_areas: bool,
    is_share_of_persons: bool,
    adds: Adds,
}

const KINDS: [Kind; 5] = [
    Kind {
        name: "hr__sick_leave_pct",
        factor: 100,
        decimals: 1,
        has_months: true,
        has_sexes: true,
        breakdowns: "ages",
        has_areas: true,
        is_share_of_persons: false,
        adds: |person, months| {
            let sum = |of: &[i128; MONTHS]| months.iter().map(|month| of[*month]).sum::<i128>();
            let hours = sum(&person.hours);
            (hours > 0).then(|| (sum(&person.sick), Some(hours)))
        },
    },
    Kind {
        name: "hr__health_index",
        factor: 1,
        decimals: 1,
        has_months: false,
        has_sexes: false,
        breakdowns: "managers",
        has_areas: false,
        is_share_of_persons: false,
        adds: |person, _| Some((person.points * 100, Some(400))),
    },
    Kind {
        name: "hr__monthly_paid_count",
        factor: 1,
        decimals: 1,
        has_months: true,
        has_sexes: true,
        breakdowns: "",
        has_areas: true,
        is_share_of_persons: false,
        adds: |person, months| (person.hours[*months.last()?] > 0).then_some((100, None)),
    },
    Kind {
        name: "hr__harassment_free_pct",
        factor: 100,
        decimals: 1,
        has_months: false,
        has_sexes: false,
        breakdowns: "",
        has_areas: true,
        is_share_of_persons: true,
        adds: |person, _| Some((if person.says_yes { 100 } else { 0 }, Some(100))),
    },
    Kind {
        name: "hr__healthy_share_pct",
        factor: 100,
        decimals: 1,
        has_months: false,
        has_sexes: true,
        breakdowns: "",
        has_areas: true,
        is_share_of_persons: false,
        adds: |person, _| {
            let hours: i128 = person.hours.iter().sum();
            let is_healthy = person.sick.iter().sum::<i128>() < 4_000;
            Some((if is_healthy { hours } else { 0 }, Some(hours)))
        },
    },
];

impl Kind {
    fn definition(&self) -> Definition {
        let text = format!(
            "name = \"x\"\nunit = \"%\"\nfactor = {}\ndecimals = {}\ndirection = \"lower\"\n\
             frequency = \"tertial\"\nmeasures = \"x\"\nkort = \"x\"\nviktigt = [\"x\"]\n\
             bearbetning = \"x\"\nresponsible = \"x\"\nsource = \"x\"\nsuppress_max = 10\n\
             breakdowns_add_up = {}\n[[version]]\nnumber = 1\nvalid_from = \"2019-01-01\"\n\
             reason = \"x\"\n",
            self.factor,
            self.decimals,
            self.breakdowns == "ages"
        );
        Definition::parse(&format!("sql/indicator/{}.toml", self.name), &text).unwrap()
    }

    fn cells(&self, region: &Region) -> Vec<Cell> {
        let mut periods: Vec<(String, Vec<usize>)> =
            vec![("2024T1".to_owned(), (0..MONTHS).collect())];
        if self.has_months {
            periods
                .extend((0..MONTHS).map(|month| (format!("2024-{:02}", month + 1), vec![month])));
        }
        let mut sums: BTreeMap<[String; 4], (i128, Option<i128>, u64)> = BTreeMap::new();
        for (period, months) in &periods {
            for person in &region.persons {
                let Some((numerator, denominator)) = (self.adds)(person, months) else { continue };
                let mut groups = vec![("T", "")];
                if self.has_sexes {
                    groups.push((if person.is_woman { "K" } else { "M" }, ""));
                }
                match self.breakdowns {
                    "ages" if months.len() < MONTHS => {}
                    "ages" => groups.push(("T", AGES[person.age])),
                    "managers" if person.is_manager => groups.push(("T", "Chefer")),
                    _ => {}
                }
                for unit in region.with_those_above(&person.unit) {
                    if !self.has_areas && unit.contains('A') && !unit.contains('D') {
                        continue;
                    }
                    for (sex, breakdown) in &groups {
                        let key =
                            [&unit, period, *sex, *breakdown].map(|text: &str| text.to_owned());
                        let sum = sums.entry(key).or_insert((0, denominator.map(|_| 0), 0));
                        sum.0 += numerator;
                        sum.1 = sum.1.zip(denominator).map(|(sum, more)| sum + more);
                        sum.2 += 1;
                    }
                }
            }
        }
        let amount = |hundredths: i128| Decimal::new(hundredths, 2).to_f64();
        sums.into_iter()
            .map(|([unit, period, sex, breakdown], (numerator, denominator, persons))| Cell {
                unit,
                period,
                sex,
                breakdown,
                numerator: amount(numerator),
                denominator: denominator.map(amount),
                persons,
                is_hidden: false,
            })
            .collect()
    }

    /// The cells with what the disclosure control hides.
    fn published(&self, region: &Region) -> Vec<Cell> {
        let mut cells = self.cells(region);
        let exact = |value: f64| Decimal::parse(&format!("{value:.2}"));
        let rows: Vec<Row> = cells
            .iter()
            .map(|cell| Row {
                unit: &cell.unit,
                period: Period::parse(&cell.period).unwrap(),
                sex: Sex::parse(&cell.sex).unwrap(),
                breakdown: &cell.breakdown,
                numerator: exact(cell.numerator),
                denominator: cell.denominator.and_then(exact),
                persons: Some(cell.persons),
                is_planned: cell.sex == "T"
                    && cell.period == "2024T1"
                    && ["RJH", "B0"].contains(&cell.unit.as_str()),
            })
            .collect();
        let reasons = hidden(&self.definition(), &region.parents, &rows);
        for (cell, reason) in cells.iter_mut().zip(reasons) {
            cell.is_hidden = reason.is_some();
        }
        cells
    }

    fn form(&self) -> Form {
        Form {
            name: self.name.to_owned(),
            factor: self.factor as f64,
            decimals: i32::from(self.decimals),
            max_persons: 10,
            breakdowns_add_up: self.breakdowns == "ages",
            is_two_sided: self.is_share_of_persons,
            is_whole: self.is_share_of_persons || self.factor == 1,
            counts_on: false,
        }
    }
}

/// What the reader finds in a region.
fn found(seed: u64) -> (Vec<String>, usize, usize) {
    let region = region(seed);
    let (mut told, mut hidden, mut all) = (Vec::new(), 0, 0);
    for kind in &KINDS {
        let cells = kind.published(&region);
        let few = cells.iter().filter(|cell| {
            let is_few = (1..=10).contains(&cell.persons);
            is_few && !cell.is_hidden
        });
        told.extend(few.map(|cell| format!("{} shows few persons: {cell:?}", kind.name)));
        hidden += cells.iter().filter(|cell| cell.is_hidden).count();
        all += cells.len();
        let mut known =
            knowledge(&kind.form(), &cells, Scale::of(&cells), &region.parents, &BTreeSet::new());
        // A linear program takes time: of the regions each tries its part of the secrets.
        known.keep_every(EVERY, seed as usize);
        told.extend(known.recovered().into_iter().map(|what| format!("region {seed}: {what}")));
    }
    (told, hidden, all)
}

#[test]
fn a_solver_recovers_nothing_hidden_in_any_region() {
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().min(4)) as u64;
    let regions = std::env::var("TERTIAL_TEST_REGIONS").map_or(REGIONS, |wanted| {
        wanted.parse().expect("TERTIAL_TEST_REGIONS is a number of regions")
    });
    let workers: Vec<_> = (0..threads)
        .map(|worker| {
            std::thread::spawn(move || {
                let seeds = (0..regions).filter(|seed| seed % threads == worker);
                seeds.map(found).collect::<Vec<_>>()
            })
        })
        .collect();
    let (mut told, mut hidden, mut all) = (Vec::new(), 0, 0);
    for worker in workers {
        for (some, of_hidden, of_all) in worker.join().unwrap() {
            told.extend(some);
            hidden += of_hidden;
            all += of_all;
        }
    }
    println!("{hidden} of {all} cells are hidden");
    assert!(
        told.is_empty(),
        "{} recovered:\n{}",
        told.len(),
        told[..told.len().min(20)].join("\n")
    );
    assert!(hidden * 20 > all, "{hidden} of {all} hidden: nothing to attack");
}

/// With only the small cells hidden the same reader finds many of them: he is not blind.
#[test]
fn the_reader_can_see() {
    let region = region(7);
    let mut told = 0;
    for kind in &KINDS {
        let mut cells = kind.cells(&region);
        for cell in &mut cells {
            cell.is_hidden = cell.persons <= 10;
        }
        let known =
            knowledge(&kind.form(), &cells, Scale::of(&cells), &region.parents, &BTreeSet::new());
        let exactly = known.determined().len();
        assert_eq!(exactly > 0, kind.name == "hr__monthly_paid_count", "{}: {exactly}", kind.name);
        told += known.recovered().len();
    }
    assert!(told > 20, "{told}");
}

/// One person's late hours make another release. The control does not look across releases, and this
/// is what that costs: a reader of both comes too close to no more than one secret of thirty in what
/// has changed.
#[test]
fn who_keeps_the_release_before_learns_little() {
    let (mut told, mut secrets) = (Vec::new(), 0);
    for seed in 0..30 {
        let before = region(seed);
        let mut now = region(seed);
        let late = (seed as usize * 7) % now.persons.len();
        let month = seed as usize % MONTHS;
        let person = &mut now.persons[late];
        person.sick[month] = (person.sick[month] + 4_000).min(person.hours[month]);
        for kind in &KINDS {
            let (one, other) = (kind.published(&before), kind.published(&now));
            if one == other {
                continue;
            }
            let (form, scale) = (kind.form(), Scale::of(&other));
            let known = knowledge_of_both(&form, &one, &other, scale, &before.parents);
            secrets += known.secrets.len();
            told.extend(known.recovered().into_iter().map(|what| format!("region {seed}: {what}")));
        }
    }
    println!("{} of {secrets} secrets are recovered from two releases", told.len());
    assert!(secrets > 1_000, "{secrets}: nothing to attack");
    assert!(told.len() * 30 <= secrets, "{} of {secrets}:\n{}", told.len(), told.join("\n"));
}
