//! Which further cells are hidden: until every small group has worlds far apart that look the same.
//!
//! A *move* makes some pieces larger and others as much smaller: one piece alone, which printed digits
//! may not show; one piece and another that differs in one way, as hours of another unit, sex, age or
//! month; or four pieces, as the women of two units and their men. Moves are made after each other,
//! each as far as every shown cell still prints as it does and every hidden cell is possible, until a
//! secret lies far enough from where it lay.
//!
//! Where that fails, the move is taken that costs a reader least to make possible, and the cells in
//! its way are hidden. Hiding never makes a secret less safe. At the end cells that need not be hidden
//! are shown again, those needed most first. Same cells, same answer.

use super::table::{Place, Table};
use super::{Reason, WITHIN};
use std::collections::{BTreeMap, BTreeSet};

/// No more of what is possible is asked for, so that a group can be safe at all.
const OF_POSSIBLE: f64 = 0.8;
/// Pieces of a secret that are tried.
const PIECES: usize = 12;
/// A plan that costs more is compared with those of units elsewhere.
const DEAR: f64 = 1_000.0;
/// Less than this is nothing.
const NOTHING: f64 = 1e-9;

/// What must not be told: a cell, or several cells together.
type Secret = Vec<usize>;
/// Cells and how often they contain what moves.
type Change = Vec<(usize, f64)>;
/// How far cells lie from where they lay, at the lowest and at the highest.
type Proof = BTreeMap<usize, (f64, f64)>;

/// The decision in the making.
pub(super) struct Search<'a> {
    table: &'a Table<'a>,
    hidden: Vec<Option<Reason>>,
    /// The sums that a cell is in.
    sums_of: Vec<Vec<usize>>,
    /// The sum of the units below a cell.
    units_below: BTreeMap<usize, usize>,
    /// How far each secret can move, and the worlds.
    proofs: BTreeMap<Secret, (f64, Proof)>,
}

/// How many persons stand behind cells together.
#[derive(Debug, Clone, Copy)]
enum Left {
    /// The same behind each of them, as in months.
    OfTheSame,
    /// No more than the shown parts leave of the whole.
    AtMost(u64),
}

/// A move that is not possible yet.
struct Plan {
    cost: f64,
    in_the_way: Vec<usize>,
    /// Its pieces stand below different units.
    is_far: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(table: &'a Table<'a>) -> Search<'a> {
        let primary = |cell: &super::table::Cell| {
            (cell.row.is_some() && table.scale.is_few(cell)).then_some(Reason::Primary)
        };
        let of_units = table.sums.iter().enumerate().filter(|(_, sum)| sum.is_of_units);
        let mut sums_of = vec![Vec::new(); table.cells.len()];
        for (at, sum) in table.sums.iter().enumerate() {
            sum.cells().for_each(|cell| sums_of[cell].push(at));
        }
        Search {
            table,
            sums_of,
            hidden: table.cells.iter().map(primary).collect(),
            units_below: of_units.map(|(at, sum)| (sum.whole, at)).collect(),
            proofs: BTreeMap::new(),
        }
    }

    /// Why each cell is hidden.
    pub(super) fn decide(mut self) -> Vec<Option<Reason>> {
        loop {
            let secrets = self.secrets();
            let open: Vec<Secret> =
                secrets.into_iter().filter(|secret| !self.proofs.contains_key(secret)).collect();
            if open.is_empty() {
                break;
            }
            open.into_iter().for_each(|secret| self.protect(secret));
        }
        self.show_what_may_be_shown();
        self.hidden
    }

    /// Nobody sees it: it is hidden, or what is left of a whole.
    fn is_unseen(&self, cell: usize) -> bool {
        self.hidden[cell].is_some() || self.table.cells[cell].row.is_none()
    }

    /// How far a cell may lie from where it lies.
    fn room(&self, cell: usize) -> (f64, f64) {
        let own = &self.table.cells[cell];
        if self.is_unseen(cell) { own.possible } else { own.printed }
    }

    fn secrets(&self) -> BTreeSet<Secret> {
        let is_few = |cell: &usize| self.table.scale.is_few(&self.table.cells[*cell]);
        let few = (0..self.hidden.len()).filter(|cell| self.is_unseen(*cell) && is_few(cell));
        let mut found: BTreeSet<Secret> = few.map(|cell| vec![cell]).collect();
        for sum in 0..self.table.sums.len() {
            found.extend(self.secrets_in(sum));
        }
        found
    }

    /// The hidden parts of a whole, which other sums may tell where it is hidden itself, and the lowest
    /// hidden units in a shown one, where they are few; each with what is left and without it.
    fn secrets_in(&self, sum: usize) -> impl Iterator<Item = Secret> {
        let sum = &self.table.sums[sum];
        let persons = |cell: &usize| self.table.cells[*cell].persons;
        let (unseen, shown): (Secret, Secret) =
            sum.parts.iter().partition(|part| self.is_unseen(**part));
        let all = persons(&sum.whole);
        let left = all.saturating_sub(shown.iter().map(persons).sum());
        let left = if sum.shares_persons { Left::OfTheSame } else { Left::AtMost(left) };
        let mut together = vec![(unseen, left)];
        if sum.is_of_units && !self.is_unseen(sum.whole) {
            let (mut lowest, mut shown) = (Secret::new(), 0);
            self.unseen_below(sum.whole, &mut lowest, &mut shown);
            together.push((lowest, Left::AtMost(all.saturating_sub(shown))));
        }
        let with_rest = sum.rest.into_iter().flat_map(|rest| {
            together.iter().map(move |(cells, left)| ([cells.as_slice(), &[rest]].concat(), *left))
        });
        let all: Vec<(Secret, Left)> = with_rest.chain(together.iter().cloned()).collect();
        all.into_iter().filter_map(|(cells, left)| self.few_together(&cells, left))
    }

    /// The secrets that a cell which has just been shown makes: in its sums, and in that of the
    /// nearest shown unit above it.
    fn secrets_near(&self, shown: usize) -> BTreeSet<Secret> {
        let mut sums: Vec<usize> = self.sums_of[shown].clone();
        let mut unit = shown;
        loop {
            let is_above = |at: &&usize| {
                let sum = &self.table.sums[**at];
                sum.is_of_units && sum.whole != unit
            };
            let Some(&above) = self.sums_of[unit].iter().find(is_above) else { break };
            sums.push(above);
            unit = self.table.sums[above].whole;
            if !self.is_unseen(unit) {
                break;
            }
        }
        sums.into_iter().flat_map(|sum| self.secrets_in(sum)).collect()
    }

    /// Hidden units below a shown one, and below those in their place where they have shown parts.
    /// `shown` grows by the persons of the parts that are shown.
    fn unseen_below(&self, whole: usize, found: &mut Secret, shown: &mut u64) {
        let Some(sum) = self.units_below.get(&whole).map(|at| &self.table.sums[*at]) else {
            return;
        };
        for &part in &sum.parts {
            match (self.is_unseen(part), self.units_below.contains_key(&part)) {
                (false, _) => *shown += self.table.cells[part].persons,
                (true, true) => self.unseen_below(part, found, shown),
                (true, false) => found.push(part),
            }
        }
    }

    fn few_together(&self, cells: &[usize], left: Left) -> Option<Secret> {
        let persons = cells.iter().map(|cell| self.table.cells[*cell].persons);
        let persons = match left {
            Left::OfTheSame => persons.max()?,
            // Who stands in several parts is counted in each of them, and once in what is left.
            Left::AtMost(left @ 1..) => persons.sum::<u64>().min(left),
            Left::AtMost(0) => persons.sum(),
        };
        let is_few = (1..=self.table.scale.max_persons).contains(&persons);
        let mut secret = cells.to_vec();
        secret.sort_unstable();
        (cells.len() > 1 && is_few).then_some(secret)
    }

    /// How far apart two values of a secret must lie.
    fn width(&self, secret: &[usize]) -> f64 {
        let cells = || secret.iter().map(|cell| &self.table.cells[*cell]);
        let few = cells().any(|cell| (1..=self.table.scale.max_persons).contains(&cell.persons));
        let size = match secret {
            [cell] if !few => self.table.cells[*cell].few_side.unwrap_or(0.0),
            _ => {
                // Of a share the smaller side counts.
                let of = cells().map(|cell| cell.of).sum::<Option<f64>>();
                let side = |amount: f64| of.map_or(amount, |of| amount.min((of - amount).max(0.0)));
                let sum = |of: fn(&super::table::Cell) -> f64| cells().map(of).sum::<f64>();
                side(sum(|cell| cell.amount)).abs().max(side(sum(|cell| cell.usual)))
            }
        };
        let width = 2.0 * WITHIN * size;
        // Of what is counted two numbers are two values.
        let width = if self.table.scale.is_whole { width.max(1.0).ceil() } else { width };
        let possible: f64 = cells().map(|cell| cell.possible.1 - cell.possible.0).sum();
        width.min(OF_POSSIBLE * possible)
    }

    fn protect(&mut self, secret: Secret) {
        let mut kinds = Kind::NEAR;
        let mut before = -1.0;
        loop {
            let width = self.width(&secret);
            let found = self.spread(&secret, width, kinds);
            let is_enough = found.0 >= width * (1.0 - NOTHING);
            if is_enough {
                self.proofs.insert(secret, found);
                return;
            }
            // What is missing may be in the way of moves that were made already: then all of it is asked
            // for anew.
            let is_nearer = found.0 > before + width * NOTHING;
            let missing = if is_nearer { width - found.0 } else { width };
            before = found.0;
            let in_the_way = match self.cheapest_plan(&secret, missing) {
                Some(plan) => {
                    if plan.is_far {
                        kinds = &Kind::ALL;
                    }
                    plan.in_the_way
                }
                None => self.cheapest_beside(&secret).into_iter().collect(),
            };
            if in_the_way.is_empty() {
                self.proofs.insert(secret, found);
                return;
            }
            for cell in in_the_way {
                self.hidden[cell] = Some(Reason::Secondary);
            }
        }
    }

    /// How far apart two worlds that look the same can be for a secret, at most a width; and the
    /// worlds.
    fn spread(&self, secret: &[usize], width: f64, kinds: &[Kind]) -> (f64, Proof) {
        let mut proof = Proof::new();
        let mut reached = 0.0;
        if self.is_tight(secret, width) {
            return (reached, proof);
        }
        for sign in [1.0, -1.0] {
            let mut world: BTreeMap<usize, f64> = BTreeMap::new();
            reached += self.push(secret, sign, width - reached, kinds, &mut world);
            for (cell, by) in world {
                let (low, high) = proof.entry(cell).or_insert((0.0, 0.0));
                (*low, *high) = (low.min(by), high.max(by));
            }
            if reached >= width * (1.0 - NOTHING) {
                break;
            }
        }
        (reached, proof)
    }

    /// Whether the other cells of a sum have less room together than a cell needs: then no search is
    /// needed to see that it is known.
    fn is_tight(&self, secret: &[usize], width: f64) -> bool {
        let [cell] = secret else { return false };
        self.sums_of[*cell].iter().any(|sum| {
            let others = self.table.sums[*sum].cells().filter(|other| other != cell);
            let room = others.map(|other| self.room(other));
            room.map(|(low, high)| high - low).sum::<f64>() < width * (1.0 - NOTHING)
        })
    }

    /// Makes moves in one direction until a secret has moved far enough or no move is left.
    fn push(
        &self,
        secret: &[usize],
        sign: f64,
        wanted: f64,
        kinds: &[Kind],
        world: &mut BTreeMap<usize, f64>,
    ) -> f64 {
        let mut gained = 0.0;
        let pieces = self.pieces_of(secret);
        for &kind in kinds {
            for &piece in &pieces {
                self.moves(piece, kind, &mut |change| {
                    let left = wanted - gained;
                    let own = own_change(change, secret);
                    if left <= wanted * NOTHING || own <= NOTHING {
                        return;
                    }
                    let far = change.iter().map(|(cell, times)| {
                        let (low, high) = self.room(*cell);
                        let at = world.get(cell).copied().unwrap_or(0.0);
                        let times = times * sign;
                        if times > 0.0 { (high - at) / times } else { (low - at) / times }
                    });
                    let far = far.fold(f64::INFINITY, f64::min);
                    let far = match self.table.scale.is_whole {
                        true => (far + NOTHING).floor().min((left / own).ceil()),
                        false => far.min(left / own),
                    };
                    if far * own > wanted * NOTHING {
                        for (cell, times) in change {
                            *world.entry(*cell).or_default() += times * sign * far;
                        }
                        gained += far * own;
                    }
                });
                if gained >= wanted * (1.0 - NOTHING) {
                    return gained;
                }
            }
        }
        gained
    }

    /// The pieces that a secret contains; of many some, spread over all of them.
    fn pieces_of(&self, secret: &[usize]) -> Vec<usize> {
        let pieces = secret.iter().flat_map(|cell| &self.table.pieces_of[*cell]);
        let all: BTreeSet<usize> = pieces.copied().collect();
        let step = all.len().div_ceil(PIECES).max(1);
        all.into_iter().step_by(step).collect()
    }

    /// The moves that begin with a piece.
    fn moves(&self, piece: usize, kind: Kind, with: &mut dyn FnMut(&Change)) {
        let place = self.table.places[piece];
        let others = |way: usize| -> Vec<Place> {
            let other = |at: usize| {
                let mut place = place;
                place[way] = at;
                place
            };
            let near = &self.table.siblings[place[0]];
            match (way, kind) {
                (0, Kind::Pair | Kind::Four) => near.iter().copied().map(other).collect(),
                (0, _) => {
                    let far = |at: &usize| *at != place[0] && !near.contains(at);
                    (0..self.table.size[0]).filter(far).map(other).collect()
                }
                _ => {
                    let is_near = |at: &usize| way < 3 || at.abs_diff(place[3]) <= STRETCHES;
                    let others = (0..self.table.size[way]).filter(|at| *at != place[way]);
                    others.filter(is_near).map(other).collect()
                }
            }
        };
        let cells = |place: &Place| Some(&self.table.pieces[*self.table.at.get(place)?]);
        let own = &self.table.pieces[piece];
        let ways = match kind {
            Kind::Alone => {
                with(&difference(own, &[]));
                0
            }
            Kind::Pair => place.len(),
            Kind::FarPair => 1,
            Kind::Four | Kind::FarFour => 0,
        };
        for other in (0..ways).flat_map(others) {
            if let Some(other) = cells(&other) {
                with(&difference(own, other));
            }
        }
        let fours: &[(usize, usize)] = match kind {
            Kind::Four => &FOURS,
            Kind::FarFour => &FOURS[..2],
            _ => &[],
        };
        for (one_way, other_way) in fours {
            for other in others(*other_way) {
                let Some(second) = cells(&other) else { continue };
                let here = difference(own, second);
                for one in others(*one_way) {
                    let mut across = one;
                    across[*other_way] = other[*other_way];
                    let (Some(first), Some(across)) = (cells(&one), cells(&across)) else {
                        continue;
                    };
                    with(&merged(&here, &difference(across, first)));
                }
            }
        }
    }

    /// The move that costs least to make possible, for what is missing.
    fn cheapest_plan(&self, secret: &[usize], missing: f64) -> Option<Plan> {
        let mut best: Option<Plan> = None;
        let pieces = self.pieces_of(secret);
        for kind in Kind::ALL {
            let limit = best.as_ref().map_or(f64::INFINITY, |plan| plan.cost);
            let is_far = !Kind::NEAR.contains(&kind);
            if is_far && limit < DEAR {
                break;
            }
            for &piece in &pieces {
                self.moves(piece, kind, &mut |change| {
                    let own = own_change(change, secret).abs();
                    let limit = best.as_ref().map_or(f64::INFINITY, |plan| plan.cost);
                    let plan = (own > NOTHING).then(|| self.plan(change, own, missing, limit));
                    if let Some(plan) = plan.flatten() {
                        best = Some(Plan { is_far, ..plan });
                    }
                });
            }
        }
        best
    }

    /// What has to be hidden for a move, in the direction in which that costs least; none when it would
    /// not help or costs more than a limit.
    fn plan(&self, change: &Change, own: f64, missing: f64, limit: f64) -> Option<Plan> {
        let one = self.plan_in_direction(change, own, missing, limit, 1.0);
        let limit = one.as_ref().map_or(limit, |plan| plan.cost);
        self.plan_in_direction(change, own, missing, limit, -1.0).or(one)
    }

    fn plan_in_direction(
        &self,
        change: &Change,
        own: f64,
        missing: f64,
        limit: f64,
        sign: f64,
    ) -> Option<Plan> {
        let (mut cost, mut reach, mut in_the_way) = (0.0, 1.0f64, Vec::new());
        for (cell, times) in change {
            let wanted = missing * times.abs() / own;
            let far = |(low, high): (f64, f64)| if times * sign > 0.0 { high } else { -low };
            if far(self.room(*cell)) >= wanted {
                continue;
            }
            let figure = &self.table.cells[*cell];
            if !self.is_unseen(*cell) {
                cost += figure.cost;
                in_the_way.push(*cell);
                if cost >= limit {
                    return None;
                }
            }
            reach = reach.min(far(figure.possible) / wanted);
        }
        let is_help = reach > 1e-3 && !in_the_way.is_empty();
        let cost = cost / reach;
        (is_help && cost < limit).then_some(Plan { cost, in_the_way, is_far: false })
    }

    /// The cheapest cell that is shown in a sum with a secret, or in a sum with cells of those sums, and
    /// so on: what goes where no move is found.
    fn cheapest_beside(&self, secret: &[usize]) -> Option<usize> {
        let cost = |cell: &usize| self.table.cells[*cell].cost;
        let mut reached: BTreeSet<usize> = secret.iter().copied().collect();
        let mut edge: Vec<usize> = secret.to_vec();
        while !edge.is_empty() {
            let sums = edge.iter().flat_map(|cell| &self.sums_of[*cell]);
            let cells = sums.flat_map(|sum| self.table.sums[*sum].cells());
            let beside: BTreeSet<usize> = cells.filter(|cell| !reached.contains(cell)).collect();
            let shown = beside.iter().copied().filter(|cell| !self.is_unseen(*cell));
            let cheapest =
                shown.min_by(|one, other| cost(one).total_cmp(&cost(other)).then(one.cmp(other)));
            if cheapest.is_some() {
                return cheapest;
            }
            edge = beside.iter().copied().collect();
            reached.extend(beside);
        }
        None
    }

    /// Shows secondary cells again, those needed most first, as long as everything stays safe.
    fn show_what_may_be_shown(&mut self) {
        // What was hidden for others may have made room for a secret that had none.
        let is_short = |secret: &Secret, reached: f64| {
            let width = self.width(secret);
            (reached < width * (1.0 - NOTHING)).then(|| (secret.clone(), width))
        };
        let short: Vec<(Secret, f64)> = self
            .proofs
            .iter()
            .filter_map(|(secret, (reached, _))| is_short(secret, *reached))
            .collect();
        for (secret, width) in short {
            let found = self.spread(&secret, width, &Kind::ALL);
            self.proofs.insert(secret, found);
        }
        let is_secondary = |cell: &usize| self.hidden[*cell] == Some(Reason::Secondary);
        let mut order: Vec<usize> = (0..self.hidden.len()).filter(is_secondary).collect();
        order.sort_by(|one, other| {
            let cost = |cell: &usize| self.table.cells[*cell].cost;
            cost(other).total_cmp(&cost(one)).then(one.cmp(other))
        });
        for cell in order {
            self.hidden[cell] = None;
            match self.proofs_anew(cell) {
                Some(anew) => self.proofs.extend(anew),
                None => self.hidden[cell] = Some(Reason::Secondary),
            }
        }
    }

    /// What has to be proven anew when a hidden cell is shown; none when it cannot be.
    fn proofs_anew(&self, shown: usize) -> Option<Vec<(Secret, (f64, Proof))>> {
        let (low, high) = self.table.cells[shown].printed;
        let holds = |proof: &Proof| {
            proof
                .get(&shown)
                .is_none_or(|(least, most)| *least >= low - NOTHING && *most <= high + NOTHING)
        };
        let broken = self
            .proofs
            .iter()
            .filter(|(secret, (_, proof))| secret.binary_search(&shown).is_err() && !holds(proof));
        let broken = broken.map(|(secret, (reached, _))| (secret.clone(), *reached));
        let near = self.secrets_near(shown).into_iter();
        let near = near.filter(|secret| !self.proofs.contains_key(secret));
        let near = near.map(|secret| {
            let width = self.width(&secret);
            (secret, width)
        });
        broken
            .chain(near)
            .map(|(secret, wanted)| {
                let found = self.spread(&secret, wanted, &Kind::ALL);
                (found.0 >= wanted * (1.0 - NOTHING)).then_some((secret, found))
            })
            .collect()
    }
}

/// How many pieces a move changes, and whether their units lie below the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Alone,
    Pair,
    Four,
    FarPair,
    FarFour,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Alone, Kind::Pair, Kind::Four, Kind::FarPair, Kind::FarFour];
    const NEAR: &[Kind] = &[Kind::Alone, Kind::Pair, Kind::Four];
}

/// The two ways in which four pieces differ: units, sexes, breakdowns, stretches.
const FOURS: [(usize, usize); 5] = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3)];

/// Stretches of time further from each other than this are not held against each other.
const STRETCHES: usize = 2;

fn own_change(change: &Change, secret: &[usize]) -> f64 {
    let own = change.iter().filter(|(cell, _)| secret.binary_search(cell).is_ok());
    own.map(|(_, times)| times).sum()
}

/// What happens to cells when one piece grows and another shrinks; both in order.
fn difference(grows: &[usize], shrinks: &[usize]) -> Change {
    let of = |cells: &[usize], times: f64| cells.iter().map(|cell| (*cell, times)).collect();
    let (grows, shrinks): (Change, Change) = (of(grows, 1.0), of(shrinks, -1.0));
    merged(&grows, &shrinks)
}

/// Both changes together; both in order.
fn merged(one: &Change, other: &Change) -> Change {
    let mut found = Change::with_capacity(one.len() + other.len());
    let (mut i, mut j) = (0, 0);
    while i < one.len() || j < other.len() {
        let left = one.get(i).map_or(usize::MAX, |(cell, _)| *cell);
        let right = other.get(j).map_or(usize::MAX, |(cell, _)| *cell);
        let times = if left <= right { one[i].1 } else { 0.0 }
            + if right <= left { other[j].1 } else { 0.0 };
        if times != 0.0 {
            found.push((left.min(right), times));
        }
        i += usize::from(left <= right);
        j += usize::from(right <= left);
    }
    found
}
