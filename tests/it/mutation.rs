//! Sound deliveries damaged at random: nothing panics or hangs, memory stays bounded, every row is
//! accepted or set aside, and a row that was not touched has the value it had.
//!
//! A delivery is a list of pieces, one a row ([`deliveries`]); damage changes, cuts, repeats, moves or
//! joins pieces and remembers which were left alone ([`damage`]). An accepted row is led back to its
//! piece by its line or number.

mod damage;
pub mod deliveries;

use crate::door::{Row, Taken, TakenPart};
use damage::damage;
use deliveries::{Delivery, Find};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tertial_demo::random::Random;

const CASES: u64 = 10_000;
const SEED: u64 = 20_241_127;
/// How long one case may take before the run is ended; sound ones take some milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most memory of the whole test process.
const MOST_KIB: u64 = 1 << 20;

/// A piece of a delivery after the damage.
#[derive(Clone)]
pub struct Piece {
    pub bytes: Vec<u8>,
    /// Which piece of the sound delivery it is; none when it was touched.
    pub origin: Option<usize>,
    /// Whether it holds a row.
    pub is_row: bool,
}

/// What was seen over all cases.
#[derive(Debug, Default, Clone)]
struct Tally {
    cases: u64,
    refused: u64,
    rows: u64,
    compared: u64,
    without_comparison: u64,
}

#[test]
fn damage_is_told_and_spreads_no_further() {
    let deliveries = deliveries::all();
    let sound: Vec<Vec<Vec<Row>>> = deliveries.iter().map(sound).collect();
    let next = AtomicU64::new(0);
    let tallies: Mutex<BTreeMap<&str, Tally>> = Mutex::new(BTreeMap::new());
    // Reserves the start of each running case, for the watchman.
    let running: [Mutex<Option<(u64, Instant)>>; 2] = [Mutex::new(None), Mutex::new(None)];
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let workers: Vec<_> = running
            .iter()
            .map(|slot| {
                let (next, tallies, deliveries, sound) = (&next, &tallies, &deliveries, &sound);
                scope.spawn(move || {
                    loop {
                        let case = next.fetch_add(1, Ordering::Relaxed);
                        if case >= CASES {
                            return;
                        }
                        *slot.lock().unwrap() = Some((case, Instant::now()));
                        let index = (case % deliveries.len() as u64) as usize;
                        let delivery = &deliveries[index];
                        let tally = run(case, delivery, &sound[index]);
                        *slot.lock().unwrap() = None;
                        let mut tallies = tallies.lock().unwrap();
                        let all = tallies.entry(delivery.name).or_default();
                        all.cases += 1;
                        all.refused += tally.refused;
                        all.rows += tally.rows;
                        all.compared += tally.compared;
                        all.without_comparison += tally.without_comparison;
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(200));
                for slot in &running {
                    let state = *slot.lock().unwrap();
                    if let Some((case, begin)) = state.filter(|(_, at)| at.elapsed() > PATIENCE) {
                        eprintln!(
                            "case {case} of seed {SEED} has not ended after {:?}",
                            begin.elapsed()
                        );
                        std::process::abort();
                    }
                }
            }
        });
        let ended: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        done.store(true, Ordering::Relaxed);
        for one in ended {
            if let Err(panic) = one {
                std::panic::resume_unwind(panic);
            }
        }
    });
    judge(&tallies.into_inner().unwrap(), &deliveries);
}

/// The accepted rows of each part of the sound delivery, which must be sound.
fn sound(delivery: &Delivery) -> Vec<Vec<Row>> {
    let bytes = delivery.bytes(&delivery.pieces);
    let taken = delivery.agreement.take(bytes);
    let told: String = taken.refused.iter().map(ToString::to_string).collect();
    assert!(taken.refused.is_empty(), "{}: {told}", delivery.name);
    let told: String =
        taken.parts.iter().flat_map(|p| &p.reasons).map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}: {told}", delivery.name);
    let named = |part: &TakenPart| {
        part.accepted.iter().map(|(line, cells)| (*line, part.named(cells))).collect()
    };
    let rows: Vec<Vec<Row>> = taken.parts.iter().map(named).collect();
    assert!(rows.iter().map(Vec::len).sum::<usize>() >= 12, "{} is too small", delivery.name);
    rows
}

fn run(case: u64, delivery: &Delivery, sound: &[Vec<Row>]) -> Tally {
    let mut random = Random::stream(SEED, &[delivery.name, &case.to_string()]);
    let (pieces, what) = damage(delivery, &mut random);
    let place = || format!("case {case} of seed {SEED}, {}: {what}", delivery.name);
    let bytes = delivery.bytes(&pieces);
    let taken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        delivery.agreement.take(bytes.clone())
    }));
    let taken = taken.unwrap_or_else(|_| {
        let kept = std::env::temp_dir().join(format!("tertial-mutation-{case}"));
        std::fs::write(&kept, &bytes).unwrap();
        panic!("{} panicked; kept as {}", place(), kept.display())
    });
    let mut tally = Tally::default();
    if !taken.refused.is_empty() {
        tally.refused = 1;
        return tally;
    }
    for part in &taken.parts {
        assert_eq!(part.given, part.read, "{}, part {}", place(), part.name);
        let settled = part.accepted.len() as u64 + part.rejected + part.sum_rows;
        assert_eq!(part.read, settled, "{}, part {}", place(), part.name);
        tally.rows += part.read;
    }
    compare(delivery, &pieces, &taken, sound, &mut tally, &place);
    tally.without_comparison = u64::from(tally.compared == 0);
    tally
}

/// Untouched rows have the cells they had.
fn compare(
    delivery: &Delivery,
    pieces: &[Piece],
    taken: &Taken,
    sound: &[Vec<Row>],
    tally: &mut Tally,
    place: &dyn Fn() -> String,
) {
    let Some(found) = Find::new(delivery, pieces, taken) else { return };
    for ((part, rows), original) in found.rows(taken).into_iter().zip(sound) {
        // The sound rows by the piece they stand in and their place among its rows.
        let mut known: BTreeMap<(usize, u64), &Vec<String>> = BTreeMap::new();
        for (line, cells) in original {
            if let Some(key) = delivery.sound_place(&part.name, *line) {
                known.insert(key, cells);
            }
        }
        for (key, cells) in rows {
            let Some(key) = key else { continue };
            let Some(before) = known.get(&key) else {
                panic!("{}: piece {} gives a row it did not give before: {cells:?}", place(), key.0)
            };
            assert_eq!(
                &&part.named(cells),
                before,
                "{}, part `{}`, piece {}",
                place(),
                part.name,
                key.0
            );
            tally.compared += 1;
        }
    }
}

/// The test must have looked at something, in every format.
fn judge(tallies: &BTreeMap<&str, Tally>, deliveries: &[Delivery]) {
    let mut whole = Tally::default();
    for (name, tally) in tallies {
        println!("{name:24} {tally:?}");
        whole.cases += tally.cases;
        whole.refused += tally.refused;
        whole.compared += tally.compared;
        let delivery = deliveries.iter().find(|delivery| delivery.name == *name).unwrap();
        let read = tally.cases - tally.refused;
        assert!(!delivery.has_pieces() || read > 0, "{name} is always refused");
        assert!(!delivery.has_pieces() || tally.compared > 0, "{name} is never compared");
    }
    println!("{:24} {whole:?}", "together");
    assert_eq!(whole.cases, CASES);
    assert!(whole.compared > 100_000, "only {} rows were compared", whole.compared);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < MOST_KIB, "{peak} KiB of memory");
}
