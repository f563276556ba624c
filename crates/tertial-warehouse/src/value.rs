//! Values that come out of and go into the engine, free of the engine's own types.

use duckdb::types::{TimeUnit, Value as Native};
use serde::Serialize;
use tertial_model::Decimal;

/// One value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// A float; only ratios and statistics are floats.
    Float(f64),
    /// Text.
    Text(String),
    /// A day, ISO.
    Date(String),
    /// A point in time, ISO, without zone.
    Timestamp(String),
}

impl Value {
    /// The value as text in machine form; `None` when there is none.
    pub fn text(&self) -> Option<String> {
        Some(match self {
            Value::Null => return None,
            Value::Boolean(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Decimal(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Text(value) | Value::Date(value) | Value::Timestamp(value) => value.clone(),
        })
    }

    /// The value as an exact decimal, where it is a number that has one.
    pub fn decimal(&self) -> Option<Decimal> {
        match self {
            Value::Integer(value) => Some(Decimal::whole(i128::from(*value))),
            Value::Decimal(value) => Some(*value),
            Value::Float(value) => tertial_model::swedish::from_float(*value),
            _ => None,
        }
    }

    /// The value as a float, where it is a number.
    pub fn float(&self) -> Option<f64> {
        match self {
            Value::Integer(value) => Some(*value as f64),
            Value::Decimal(value) => Some(value.to_f64()),
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The value as a whole number, where it is one.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Value::Integer(value) => Some(*value),
            Value::Decimal(value) => i64::try_from(value.rescale(0)?.units()).ok(),
            _ => None,
        }
    }

    pub(crate) fn from_native(native: Native) -> Value {
        match native {
            Native::Null => Value::Null,
            Native::Boolean(value) => Value::Boolean(value),
            Native::TinyInt(value) => Value::Integer(value.into()),
            Native::SmallInt(value) => Value::Integer(value.into()),
            Native::Int(value) => Value::Integer(value.into()),
            Native::BigInt(value) => Value::Integer(value),
            Native::UTinyInt(value) => Value::Integer(value.into()),
            Native::USmallInt(value) => Value::Integer(value.into()),
            Native::UInt(value) => Value::Integer(value.into()),
            Native::UBigInt(value) => wide(i128::from(value)),
            Native::HugeInt(value) => wide(value),
            Native::UHugeInt(value) => {
                i128::try_from(value).map_or_else(|_| Value::Text(value.to_string()), wide)
            }
            Native::Float(value) => Value::Float(value.into()),
            Native::Double(value) => Value::Float(value),
            Native::Decimal(value) => Decimal::parse(&value.to_string())
                .map_or_else(|| Value::Text(value.to_string()), Value::Decimal),
            Native::Text(value) | Native::Enum(value) => Value::Text(value),
            Native::Date32(days) => Value::Date(match days {
                i32::MAX => "infinity".to_owned(),
                days if days == -i32::MAX => "-infinity".to_owned(),
                days => day(i64::from(days)),
            }),
            Native::Timestamp(_, i64::MAX) => Value::Timestamp("infinity".to_owned()),
            Native::Timestamp(_, value) if value == -i64::MAX => {
                Value::Timestamp("-infinity".to_owned())
            }
            Native::Timestamp(unit, value) => Value::Timestamp(timestamp(micros(unit, value))),
            Native::Time64(TimeUnit::Microsecond, value) => Value::Text(clock(value)),
            other => Value::Text(format!("{other:?}")),
        }
    }
}

fn wide(value: i128) -> Value {
    i64::try_from(value).map_or_else(|_| Value::Decimal(Decimal::whole(value)), Value::Integer)
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Boolean(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Value {
        Value::Integer(value.into())
    }
}

/// A count; one that no table can hold is the largest that it can.
impl From<u64> for Value {
    fn from(value: u64) -> Value {
        Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Float(value)
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Value {
        Value::Decimal(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Value {
        Value::Text(value.clone())
    }
}

impl From<std::borrow::Cow<'_, str>> for Value {
    fn from(value: std::borrow::Cow<'_, str>) -> Value {
        Value::Text(value.into_owned())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Integer(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(value.to_owned())
    }
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_none(),
            Value::Boolean(value) => serializer.serialize_bool(*value),
            Value::Integer(value) => serializer.serialize_i64(*value),
            // JSON numbers are floats to most readers; an exact decimal that a float holds exactly
            // enough is written as a number, since BI tools expect numbers.
            Value::Decimal(value) => serializer.serialize_f64(value.to_f64()),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Text(value) | Value::Date(value) | Value::Timestamp(value) => {
                serializer.serialize_str(value)
            }
        }
    }
}

/// An answer: column names with DuckDB's type names, and rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// Name and type of each column.
    pub columns: Vec<(String, String)>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// The position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(column, _)| column == name)
    }

    /// A value by row and column name; [`Value::Null`] when there is no such column.
    pub fn get(&self, row: usize, name: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.position(name).and_then(|at| self.rows.get(row)?.get(at)).unwrap_or(&NULL)
    }
}

/// Days since 1970-01-01 as `YYYY-MM-DD` (Howard Hinnant's civil calendar arithmetic).
pub(crate) fn day(days: i64) -> String {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A point in time in millionths of a second; what does not fit is the last that does.
fn micros(unit: TimeUnit, value: i64) -> i64 {
    match unit {
        TimeUnit::Second => value.saturating_mul(1_000_000),
        TimeUnit::Millisecond => value.saturating_mul(1_000),
        TimeUnit::Microsecond => value,
        TimeUnit::Nanosecond => value.div_euclid(1_000),
    }
}

fn timestamp(micros: i64) -> String {
    let (days, rest) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
    format!("{} {}", day(days), clock(rest))
}

fn clock(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match micros % 1_000_000 {
        0 => text,
        fraction => format!("{text}.{fraction:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(19_950), "2024-08-15");
        assert_eq!(day(19_782), "2024-02-29");
        assert_eq!(day(-1), "1969-12-31");
        assert_eq!(micros(TimeUnit::Second, i64::MAX / 2), i64::MAX);
        assert_eq!(timestamp(1_500_000), "1970-01-01 00:00:01.500000");
    }
}
