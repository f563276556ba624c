//! Which keys of a delivery may stand twice, found in bounded memory whatever the number of rows.
//!
//! Keys come as 64-bit hashes, in any order and amount, and wait in buckets by their first byte. When
//! the buckets are full they are moved to a nameless file on the lake's disk, which goes with the
//! process. At the end each bucket is sorted by itself, and neighbours that are equal are what was
//! asked for. That two keys share a hash is possible: the answer is a suspicion and not a verdict.

use crate::Lake;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use tertial_model::Diagnostic;

/// One for each first byte.
const BUCKETS: usize = 256;
/// Bytes of hashes that may wait in memory.
const MEMORY_LIMIT: usize = 64 << 20;

/// The keys of one table of one delivery.
#[derive(Debug)]
pub struct KeyScreen {
    lake: Lake,
    buckets: Vec<Vec<u64>>,
    /// The fullest a bucket may be.
    most: usize,
    spill: Option<Spill>,
}

/// Hashes on disk: the file, and for each bucket where its pieces begin and how many hashes they hold.
#[derive(Debug)]
struct Spill {
    file: File,
    pieces: Vec<Vec<(u64, usize)>>,
    end: u64,
}

impl KeyScreen {
    /// No keys yet.
    pub fn new(lake: &Lake) -> KeyScreen {
        KeyScreen {
            lake: lake.clone(),
            buckets: vec![Vec::new(); BUCKETS],
            most: MEMORY_LIMIT / BUCKETS / size_of::<u64>(),
            spill: None,
        }
    }

    /// Lets another number of bytes wait in memory; what is found is the same.
    pub fn with_memory_limit(mut self, bytes: usize) -> KeyScreen {
        self.most = (bytes / BUCKETS / size_of::<u64>()).max(1);
        self
    }

    /// Takes in hashes; zero stands for a row that has no key.
    pub fn push(&mut self, hashes: &[u64]) -> Result<(), Box<Diagnostic>> {
        for hash in hashes.iter().copied().filter(|hash| *hash != 0) {
            let bucket = &mut self.buckets[(hash >> 56) as usize];
            bucket.push(hash);
            if bucket.len() == self.most {
                self.spill()?;
            }
        }
        Ok(())
    }

    /// Moves all buckets to disk.
    fn spill(&mut self) -> Result<(), Box<Diagnostic>> {
        let spilt = match &mut self.spill {
            Some(spill) => spill.add(&mut self.buckets),
            None => Spill::create(&self.lake)
                .and_then(|spill| self.spill.insert(spill).add(&mut self.buckets)),
        };
        spilt.map_err(|error| self.lake.unusable("write", self.lake.data_dir(), &error))
    }

    /// The hashes that came more than once, and those that `others` holds too, in order; `None` when
    /// they are more than `most`.
    pub fn repeated(
        mut self,
        others: Option<KeyScreen>,
        most: usize,
    ) -> Result<Option<Vec<u64>>, Box<Diagnostic>> {
        let mut mine: Vec<Vec<u64>> = std::mem::take(&mut self.buckets);
        let (mut theirs, other_spill) =
            others.map_or((Vec::new(), None), |others| (others.buckets, others.spill));
        theirs.resize(BUCKETS, Vec::new());
        let (spill, other_spill) = (self.spill.as_ref(), other_spill.as_ref());
        let found =
            mine.par_iter_mut().zip(&mut theirs).enumerate().map(|(index, (mine, theirs))| {
                let mut mine = sorted(std::mem::take(mine), spill, index)?;
                let theirs = sorted(std::mem::take(theirs), other_spill, index)?;
                let twice = mine.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
                let mut found: BTreeSet<u64> = twice.collect();
                mine.dedup();
                found.extend(common(&mine, &theirs));
                Ok::<_, io::Error>(found)
            });
        let found: Result<Vec<BTreeSet<u64>>, io::Error> = found.collect();
        let found =
            found.map_err(|error| self.lake.unusable("read", self.lake.data_dir(), &error))?;
        let count: usize = found.iter().map(BTreeSet::len).sum();
        Ok((count <= most).then(|| found.into_iter().flatten().collect()))
    }
}

/// The hashes that stand in two sorted lists.
fn common<'a>(mine: &'a [u64], theirs: &'a [u64]) -> impl Iterator<Item = u64> + 'a {
    let mut rest = theirs;
    mine.iter().copied().filter(move |hash| {
        rest = &rest[rest.partition_point(|other| other < hash)..];
        rest.first() == Some(hash)
    })
}

/// All hashes of a bucket, in memory and on disk.
fn sorted(mut bucket: Vec<u64>, spill: Option<&Spill>, index: usize) -> io::Result<Vec<u64>> {
    if let Some(spill) = spill {
        spill.read(index, &mut bucket)?;
    }
    bucket.sort_unstable();
    Ok(bucket)
}

impl Spill {
    fn create(lake: &Lake) -> io::Result<Spill> {
        let file = tempfile::tempfile_in(lake.data_dir())?;
        Ok(Spill { file, pieces: vec![Vec::new(); BUCKETS], end: 0 })
    }

    /// Appends the buckets and empties them.
    fn add(&mut self, buckets: &mut [Vec<u64>]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for (bucket, pieces) in buckets.iter_mut().zip(&mut self.pieces) {
            bytes.clear();
            bucket.iter().for_each(|hash| bytes.extend_from_slice(&hash.to_le_bytes()));
            self.file.write_all(&bytes)?;
            pieces.push((self.end, bucket.len()));
            self.end += bytes.len() as u64;
            bucket.clear();
        }
        Ok(())
    }

    /// Adds what was written of a bucket.
    fn read(&self, index: usize, bucket: &mut Vec<u64>) -> io::Result<()> {
        let mut bytes = Vec::new();
        for (start, count) in &self.pieces[index] {
            bytes.resize(count * size_of::<u64>(), 0);
            self.file.read_exact_at(&mut bytes, *start)?;
            let hashes = bytes.chunks_exact(size_of::<u64>());
            bucket
                .extend(hashes.map(|hash| u64::from_le_bytes(hash.try_into().unwrap_or_default())));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn screen(lake: &Lake, bytes: usize, hashes: &[u64]) -> KeyScreen {
        let mut screen = KeyScreen::new(lake).with_memory_limit(bytes);
        hashes.chunks(7).for_each(|some| screen.push(some).unwrap());
        screen
    }

    #[test]
    fn what_is_on_disk_is_compared_with_what_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        let mut hashes: Vec<u64> =
            (1..=100_000u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        hashes.extend([hashes[3], hashes[99_999], hashes[3], 0, 0]);
        let mut expected = vec![hashes[3], hashes[99_999]];
        expected.sort_unstable();
        let small = screen(&lake, 64 << 10, &hashes);
        assert!(small.spill.is_some() && small.buckets.iter().map(Vec::len).sum::<usize>() < 8192);
        assert_eq!(small.repeated(None, 2).unwrap(), Some(expected.clone()));
        let large = screen(&lake, 64 << 20, &hashes);
        assert!(large.spill.is_none());
        assert_eq!(large.repeated(None, 2).unwrap(), Some(expected));
        assert_eq!(screen(&lake, 64 << 10, &hashes).repeated(None, 1).unwrap(), None);
        // Nothing is left behind.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    proptest! {
        #[test]
        fn as_a_plain_count_finds(
            mine in prop::collection::vec((0u64..4, 0u64..20), 0..200),
            theirs in prop::collection::vec((0u64..4, 0u64..20), 0..60),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let lake = Lake::open(folder.path()).unwrap();
            let hash = |(first, rest): &(u64, u64)| first << 60 | rest;
            let (mine, theirs): (Vec<u64>, Vec<u64>) =
                (mine.iter().map(hash).collect(), theirs.iter().map(hash).collect());
            let counts = |hash: &u64| mine.iter().filter(|other| *other == hash).count();
            let expected: BTreeSet<u64> = mine
                .iter()
                .filter(|hash| **hash != 0 && (counts(hash) > 1 || theirs.contains(hash)))
                .copied()
                .collect();
            let found = screen(&lake, 4096, &mine).repeated(Some(screen(&lake, 2048, &theirs)), 1000);
            prop_assert_eq!(found.unwrap(), Some(expected.into_iter().collect::<Vec<_>>()));
        }
    }
}
