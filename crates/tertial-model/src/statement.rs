//! Statements: deliveries in force of one table, in the order they were made, and what later ones say
//! anew of the rows of earlier ones.

use serde::{Deserialize, Serialize};

/// How a source tells of changes in what it has sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sends {
    /// What is new and what has changed: a row stands until a later file states it anew.
    Changes,
    /// All rows of the period in the file's name: it takes the place of what was said of it.
    Period,
    /// All rows there are: it takes the place of every earlier file.
    History,
}

/// One delivery in force as a statement about the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Statements of one lane come from one sender and speak of the same things.
    pub lane: u32,
    /// Its place in the order of all statements, the latest last.
    pub number: u32,
    /// The delivery's id.
    pub delivery: String,
    /// Paths of the Parquet files with its rows.
    pub files: Vec<String>,
    /// Whether a row with the same key in a later statement takes the place of one of this lane.
    pub by_key: bool,
    /// First day of the period in its name, and the day after its last.
    pub about: Option<(String, String)>,
    /// What it takes the place of besides.
    pub replaces: Replaces,
}

/// What a statement takes the place of, besides the rows it states anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaces {
    /// Nothing.
    Nothing,
    /// Every earlier row of the period in its name.
    Period,
    /// Every earlier row.
    Everything,
}

/// Rows of one delivery, in one partition, that a later delivery takes the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restatement {
    /// The delivery whose rows no longer count.
    pub earlier: String,
    /// The delivery that takes their place.
    pub later: String,
    /// The partition: `2024-08`, `2024` or `all`.
    pub period: String,
    /// How many rows no longer count.
    pub rows: u64,
    /// Of them, those that the later delivery states with other values.
    pub changed: u64,
    /// Of them, those that the later delivery states for another period.
    pub moved: u64,
    /// Of them, those that the later delivery leaves out.
    pub left_out: u64,
    /// Some of those that changed, moved or were left out, in words; the same for all partitions of
    /// two deliveries.
    pub examples: Vec<String>,
}
