//! What a table must be: the part of an Open Data Contract Standard (ODCS v3) document that we act on.
//!
//! One contract states each column once. From it come the check at the door, the Arrow, Parquet and
//! DuckDB types, the comments in the database, the data dictionary and half of each error text.
//! Reading the YAML is `tertial-check`'s work; this module only says what a contract holds.

use crate::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One table's contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// Table name, `source__entities` for a raw table, `layer.name` for the others' files.
    pub table: String,
    /// Contract version, semantic.
    pub version: String,
    /// Path relative to the project, for messages.
    pub file: String,
    /// What one row is, in Swedish.
    pub description: String,
    /// Role that answers for the table.
    pub owner: String,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// Names of the columns that together are unique over the deliveries in force; may be empty.
    pub key: Vec<String>,
    /// The column whose month (or year) partitions the lake; none = one partition `all`.
    pub period_column: Option<String>,
    /// The column that tells what time a row is about, where that is not the one that divides the
    /// table; none for a register, which is about no time.
    pub time_column: Option<String>,
    /// How many rows of one delivery may be set aside before it is refused.
    pub reject_max: RejectMax,
    /// Fewest and most rows a delivery may hold.
    pub row_count: Option<(u64, u64)>,
    /// Days after which the newest delivery counts as stale.
    pub max_age_days: Option<u32>,
    /// What of another table is found again in this one, no more and no less.
    pub conserves: Option<Conserved>,
}

/// The table whose rows a table holds again, and how that is seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conserved {
    /// `staging.hr__employments`.
    pub table: String,
    /// The column that counts the other table's rows; none when each is a row here.
    pub count: Option<String>,
    /// Columns of both tables with the same sum.
    pub sums: Vec<String>,
}

/// The limit above which a delivery is refused and the last good one stays in force.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum RejectMax {
    /// A number of rows.
    Rows(u64),
    /// A share of the rows read, 0–1.
    Share(f64),
}

impl RejectMax {
    /// The largest number of rejects allowed among `rows`.
    pub fn allowed(self, rows: u64) -> u64 {
        match self {
            RejectMax::Rows(count) => count,
            RejectMax::Share(share) => (rows as f64 * share).floor() as u64,
        }
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// English identifier, unit last.
    pub name: String,
    /// Swedish label.
    pub label: String,
    /// Swedish explanation.
    pub description: String,
    /// Type at rest.
    pub column_type: ColumnType,
    /// Whether a missing value rejects the row.
    pub required: bool,
    /// Whether no value may stand twice in a delivery.
    pub unique: bool,
    /// Unit of the values, `SEK`, `timmar`, `%`.
    pub unit: Option<String>,
    /// Decimals when printed; none = as the type.
    pub decimals: Option<u8>,
    /// Who may see the values.
    pub classification: Classification,
    /// Allowed values after code mapping; empty = any.
    pub allowed: Vec<String>,
    /// Smallest allowed number.
    pub minimum: Option<Decimal>,
    /// Largest allowed number.
    pub maximum: Option<Decimal>,
    /// Regular expression the whole text must match.
    pub pattern: Option<String>,
    /// First allowed day, `2019-01-01`.
    pub earliest: Option<String>,
    /// Last allowed day.
    pub latest: Option<String>,
    /// IANA zone of moments that name none of their own, in a column of days or months; none = such a
    /// moment is refused. The day and month are always those of Sweden.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Shortest allowed text in characters.
    pub min_length: Option<u32>,
    /// Longest allowed text in characters.
    pub max_length: Option<u32>,
    /// `seed.units.unit_code`: the table and column that must hold the value.
    pub references: Option<String>,
    /// What happens to the value before it is stored.
    pub transform: Transform,
    /// An example in the source's own dress, for error texts.
    pub example: Option<String>,
}

/// Type of a column at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// 64-bit whole number.
    Integer,
    /// Exact decimal.
    Decimal {
        /// Digits in all, at most 38.
        precision: u8,
        /// Digits after the mark, at most 18.
        scale: u8,
    },
    /// Calendar day.
    Date,
    /// Calendar month, stored as its first day.
    Month,
    /// True or false.
    Boolean,
    /// Binary fraction, for values that are computed; never for what is delivered, nor for money.
    Double,
}

impl ColumnType {
    /// Reads the `physicalType` of a contract: `varchar`, `bigint`, `decimal(18,2)`, `date`,
    /// `month`, `boolean`, `double`.
    pub fn parse(text: &str) -> Option<ColumnType> {
        Some(match text {
            "varchar" => ColumnType::Text,
            "bigint" => ColumnType::Integer,
            "date" => ColumnType::Date,
            "month" => ColumnType::Month,
            "boolean" => ColumnType::Boolean,
            "double" => ColumnType::Double,
            _ => {
                let inner = text.strip_prefix("decimal(")?.strip_suffix(')')?;
                let (precision, scale) = inner.split_once(',')?;
                let precision: u8 = precision.trim().parse().ok()?;
                let scale: u8 = scale.trim().parse().ok()?;
                let sound = (1..=38).contains(&precision) && scale <= precision.min(18);
                return sound.then_some(ColumnType::Decimal { precision, scale });
            }
        })
    }

    /// The type in DuckDB's words.
    pub fn duckdb(self) -> String {
        match self {
            ColumnType::Month => "date".to_owned(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnType::Text => f.write_str("varchar"),
            ColumnType::Integer => f.write_str("bigint"),
            ColumnType::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            ColumnType::Date => f.write_str("date"),
            ColumnType::Month => f.write_str("month"),
            ColumnType::Boolean => f.write_str("boolean"),
            ColumnType::Double => f.write_str("double"),
        }
    }
}

/// Who may see a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Classification {
    /// Anyone.
    Open,
    /// Concerns nobody, and is of use in the house only: never in `tertial.duckdb`.
    Internal,
    /// Nobody has said: never in `tertial.duckdb`.
    Undeclared,
    /// Concerns a person: never in `tertial.duckdb`.
    Personal,
    /// Concerns a person and is masked in every message.
    Sensitive,
}

/// What happens to a value between text and store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Nothing.
    None,
    /// A Swedish civic number: checked (Luhn, date), then replaced by a keyed hash for this purpose.
    CivicNumber {
        /// Domain of the hash; hashes of different purposes cannot be joined.
        purpose: String,
    },
    /// Any identifier of a person, replaced by a keyed hash for this purpose.
    Pseudonym {
        /// Domain of the hash.
        purpose: String,
    },
}

impl Classification {
    /// Whether values of the class are about a person.
    pub fn concerns_persons(self) -> bool {
        self >= Classification::Personal
    }

    /// The word in a contract and in the dictionary.
    pub fn word(self) -> &'static str {
        match self {
            Classification::Open => "open",
            Classification::Internal => "internal",
            Classification::Undeclared => "undeclared",
            Classification::Personal => "personal",
            Classification::Sensitive => "sensitive",
        }
    }
}

impl Contract {
    /// A table of these columns of which nothing more is said: no key, and no row may be set aside.
    pub fn of(table: impl Into<String>, columns: Vec<Column>) -> Contract {
        Contract {
            table: table.into(),
            version: "0.0.0".to_owned(),
            file: String::new(),
            description: String::new(),
            owner: String::new(),
            columns,
            key: Vec::new(),
            period_column: None,
            time_column: None,
            reject_max: RejectMax::Rows(0),
            row_count: None,
            max_age_days: None,
            conserves: None,
        }
    }

    /// Whether any of its columns is said to concern persons.
    pub fn concerns_persons(&self) -> bool {
        self.columns.iter().any(|column| column.classification.concerns_persons())
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Column {
    /// A plain open text column, for tables whose contract is drawn from the reader itself.
    pub fn text(name: &str) -> Column {
        Column {
            name: name.to_owned(),
            label: name.to_owned(),
            description: String::new(),
            column_type: ColumnType::Text,
            required: false,
            unique: false,
            unit: None,
            decimals: None,
            classification: Classification::Open,
            allowed: Vec::new(),
            minimum: None,
            maximum: None,
            pattern: None,
            earliest: None,
            latest: None,
            time_zone: None,
            min_length: None,
            max_length: None,
            references: None,
            transform: Transform::None,
            example: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_back() {
        for text in ["varchar", "bigint", "decimal(18,2)", "date", "month", "boolean", "double"] {
            assert_eq!(ColumnType::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "decimal(0,0)", "decimal(39,2)", "decimal(5,6)", "decimal(18,19)", "text"]
        {
            assert_eq!(ColumnType::parse(text), None, "{text}");
        }
    }
}
