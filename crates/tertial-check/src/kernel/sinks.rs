//! Where accepted values go: straight into the buffers of an Arrow array.
//!
//! A sink either takes a text or says what is wrong with it and takes nothing.

use crate::cell::number::NumberForm;
use crate::cell::{civic, moment, truth};
use crate::fault::Problem;
use crate::kernel::compiled::{DayRule, Hashing, NumberRule, Pattern, Strangers, TextRule};
use arrow::array::{
    ArrayRef, BooleanArray, BooleanBufferBuilder, Date32Array, Decimal128Array, Int64Array,
    NullBufferBuilder, StringArray,
};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use jiff::civil::Date;
use std::sync::Arc;
use tertial_model::{ColumnType, persons};

/// Takes one column's values in order.
pub(crate) trait Sink {
    /// A value that is there, without blanks around it.
    fn accept(&mut self, text: &str) -> Result<(), Problem>;
    /// A value that is not.
    fn missing(&mut self);
}

/// Texts, identifiers and codes.
pub(crate) struct TextSink<'a> {
    rule: &'a TextRule,
    received_on: Date,
    plain: bool,
    /// Of this sink alone: threads that share one wait for each other.
    pattern: Option<Pattern>,
    ends: Vec<i32>,
    bytes: Vec<u8>,
    nulls: NullBufferBuilder,
    /// Short texts that passed the rules, each in the place its hash gives; most columns hold few
    /// different ones.
    passed: Box<[u128; PASSED]>,
    /// Cells with a civic number that the column does not expect.
    pub(crate) strangers: u64,
}

/// Fewest bytes of a civic number.
const SHORTEST_NUMBER: usize = 10;

/// How many texts are remembered.
const PASSED: usize = 256;

/// A text of at most 15 bytes, in the order of memory, with its length as the last byte; zero for
/// longer ones and for none. Read in two pieces that overlap, since a loop over so few bytes, or a
/// call to copy them, takes longer than all the rest.
#[inline]
fn packed(text: &str) -> u128 {
    let bytes = text.as_bytes();
    let length = bytes.len();
    let eight = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap_or_default());
    let four = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap_or_default());
    let (low, high) = match length {
        8..=15 => {
            let rest = eight(length - 8).checked_shr(8 * (16 - length as u32));
            (eight(0), rest.unwrap_or(0))
        }
        4..=7 => {
            let rest = four(length - 4).checked_shr(8 * (8 - length as u32));
            (u64::from(four(0)) | u64::from(rest.unwrap_or(0)) << 32, 0)
        }
        1..=3 => {
            let byte = |at: usize| u64::from(bytes[at]) << (8 * at);
            (byte(0) | byte(length / 2) | byte(length - 1), 0)
        }
        _ => return 0,
    };
    u128::from(low) | u128::from(high) << 64 | (length as u128) << 120
}

/// Where a packed text is remembered.
#[inline]
fn place_of(packed: u128) -> usize {
    let mixed = (packed as u64 ^ (packed >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 56) as usize
}

impl<'a> TextSink<'a> {
    pub(crate) fn new(
        rule: &'a TextRule,
        received_on: Date,
        rows: usize,
        bytes: usize,
    ) -> TextSink<'a> {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        let plain = rule.max_length.is_none()
            && rule.min_length.is_none()
            && rule.pattern.is_none()
            && rule.allowed.is_empty()
            && rule.known.is_none()
            && rule.hashing.is_none();
        TextSink {
            rule,
            received_on,
            plain,
            pattern: rule.pattern.clone(),
            ends,
            bytes: Vec::with_capacity(bytes.min(rows * 12)),
            nulls: NullBufferBuilder::new(rows),
            passed: Box::new([0; PASSED]),
            strangers: 0,
        }
    }

    fn check(&self, text: &str) -> Result<(), Problem> {
        let rule = self.rule;
        if let Some(longest) = rule.max_length
            && text.len() > longest as usize
            && text.chars().count() > longest as usize
        {
            return Err(Problem::Long);
        }
        if rule.min_length.is_some_and(|shortest| text.chars().count() < shortest as usize) {
            return Err(Problem::Short);
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.matches(text)) {
            return Err(Problem::Pattern);
        }
        if !rule.allowed.is_empty() && !rule.allowed.iter().any(|allowed| allowed == text) {
            return Err(Problem::Allowed);
        }
        if rule.known.as_ref().is_some_and(|known| !known.set.contains(text)) {
            return Err(Problem::Reference);
        }
        Ok(())
    }

    /// Takes a text with a civic number in it by its code or masked; false when there is none, or
    /// when the column expects it.
    fn takes_stranger(&mut self, text: &str) -> bool {
        if matches!(self.rule.strangers, Strangers::None) || !persons::holds_civic_number(text) {
            return false;
        }
        self.strangers += 1;
        match (&self.rule.strangers, civic::normalise(text, self.received_on)) {
            (Strangers::Coded(hash), Ok(twelve)) => hash.append(&twelve, &mut self.bytes),
            _ => self.bytes.extend_from_slice(persons::masked(text).as_bytes()),
        }
        true
    }

    pub(crate) fn finish(mut self) -> ArrayRef {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        Arc::new(StringArray::new(offsets, Buffer::from_vec(self.bytes), self.nulls.finish()))
    }
}

impl Sink for TextSink<'_> {
    #[inline]
    fn accept(&mut self, text: &str) -> Result<(), Problem> {
        let packed = packed(text);
        if !self.plain {
            let place = place_of(packed);
            if packed == 0 || self.passed[place] != packed {
                self.check(text)?;
                self.passed[place] = packed;
            }
        }
        if text.len() >= SHORTEST_NUMBER && self.takes_stranger(text) {
            self.ends.push(self.bytes.len() as i32);
            self.nulls.append_non_null();
            return Ok(());
        }
        match &self.rule.hashing {
            None if packed != 0 => {
                let end = self.bytes.len() + text.len();
                self.bytes.extend_from_slice(&packed.to_le_bytes());
                self.bytes.truncate(end);
            }
            None => self.bytes.extend_from_slice(text.as_bytes()),
            Some(Hashing::Any(hash)) => hash.append(text.as_bytes(), &mut self.bytes),
            Some(Hashing::Civic(hash)) => {
                let twelve = civic::normalise(text, self.received_on).map_err(Problem::Civic)?;
                hash.append(&twelve, &mut self.bytes);
            }
        }
        self.ends.push(self.bytes.len() as i32);
        self.nulls.append_non_null();
        Ok(())
    }

    #[inline]
    fn missing(&mut self) {
        self.ends.push(self.bytes.len() as i32);
        self.nulls.append_null();
    }
}

/// Whole and decimal numbers.
pub(crate) struct NumberSink<'a> {
    rule: &'a NumberRule,
    form: NumberForm,
    shows_units: bool,
    values: Vec<i128>,
    nulls: NullBufferBuilder,
    pub(crate) total: i128,
    pub(crate) unreadable: u64,
}

impl<'a> NumberSink<'a> {
    /// `floats`: the texts come from binary numbers; `shows_units`: from a workbook's cells.
    pub(crate) fn new(
        rule: &'a NumberRule,
        floats: bool,
        shows_units: bool,
        rows: usize,
    ) -> NumberSink<'a> {
        NumberSink {
            rule,
            shows_units,
            form: NumberForm { floats, ..rule.form },
            values: Vec::with_capacity(rows),
            nulls: NullBufferBuilder::new(rows),
            total: 0,
            unreadable: 0,
        }
    }

    pub(crate) fn finish(mut self, column_type: ColumnType) -> ArrayRef {
        let nulls = self.nulls.finish();
        match column_type {
            ColumnType::Decimal { precision, scale } => Arc::new(
                Decimal128Array::new(ScalarBuffer::from(self.values), nulls)
                    .with_precision_and_scale(precision, scale as i8)
                    .expect("a contract's precision and scale are sound"),
            ),
            _ => {
                let values: Vec<i64> = self.values.into_iter().map(|value| value as i64).collect();
                Arc::new(Int64Array::new(ScalarBuffer::from(values), nulls))
            }
        }
    }
}

impl Sink for NumberSink<'_> {
    #[inline]
    fn accept(&mut self, text: &str) -> Result<(), Problem> {
        // An amount of so many digits that is a day with a sound check digit is none.
        if text.len() == 12 && persons::holds_civic_number(text) {
            return Err(Problem::Stranger);
        }
        let value = match self.rule.read(&self.form, self.shows_units, text) {
            Ok(value) => value,
            Err(fault) => {
                self.unreadable += 1;
                return Err(Problem::Number(fault));
            }
        };
        self.total = self.total.saturating_add(value);
        if value < self.rule.minimum || value > self.rule.maximum {
            return Err(Problem::Range);
        }
        if value < self.rule.within.0 || value > self.rule.within.1 {
            return Err(Problem::Outside);
        }
        if !self.rule.allowed.is_empty() && !self.rule.allowed.contains(&value) {
            return Err(Problem::Allowed);
        }
        self.values.push(value);
        self.nulls.append_non_null();
        Ok(())
    }

    #[inline]
    fn missing(&mut self) {
        self.values.push(0);
        self.nulls.append_null();
    }
}

/// Days and months.
pub(crate) struct DaySink<'a> {
    rule: &'a DayRule,
    months: bool,
    days: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl<'a> DaySink<'a> {
    pub(crate) fn new(rule: &'a DayRule, months: bool, rows: usize) -> DaySink<'a> {
        let (days, nulls) = (Vec::with_capacity(rows), NullBufferBuilder::new(rows));
        DaySink { rule, months, days, nulls }
    }

    pub(crate) fn finish(mut self) -> ArrayRef {
        Arc::new(Date32Array::new(ScalarBuffer::from(self.days), self.nulls.finish()))
    }
}

impl Sink for DaySink<'_> {
    #[inline]
    fn accept(&mut self, text: &str) -> Result<(), Problem> {
        let day = if self.months {
            moment::month_of(text, self.rule.zone.as_ref()).map_err(Problem::Month)?
        } else {
            moment::day(text, self.rule.zone.as_ref()).map_err(Problem::Date)?
        };
        if day < self.rule.earliest || day > self.rule.latest {
            return Err(Problem::Range);
        }
        if day < self.rule.within.0 || day > self.rule.within.1 {
            return Err(Problem::Outside);
        }
        self.days.push(day);
        self.nulls.append_non_null();
        Ok(())
    }

    #[inline]
    fn missing(&mut self) {
        self.days.push(0);
        self.nulls.append_null();
    }
}

/// Truth values.
pub(crate) struct TruthSink<'a> {
    marks: &'a [String],
    bits: BooleanBufferBuilder,
    nulls: NullBufferBuilder,
}

/// What an empty cell is replaced by where it means false.
pub(crate) const FALSE_WORD: &str = "false";

impl<'a> TruthSink<'a> {
    pub(crate) fn new(marks: &'a [String], rows: usize) -> TruthSink<'a> {
        let (bits, nulls) = (BooleanBufferBuilder::new(rows), NullBufferBuilder::new(rows));
        TruthSink { marks, bits, nulls }
    }

    pub(crate) fn finish(mut self) -> ArrayRef {
        Arc::new(BooleanArray::new(self.bits.finish(), self.nulls.finish()))
    }
}

impl Sink for TruthSink<'_> {
    #[inline]
    fn accept(&mut self, text: &str) -> Result<(), Problem> {
        let agreed =
            self.marks.is_empty() || text == FALSE_WORD || self.marks.iter().any(|m| m == text);
        let value = truth::truth(text).filter(|_| agreed).ok_or(Problem::Truth)?;
        self.bits.append(value);
        self.nulls.append_non_null();
        Ok(())
    }

    #[inline]
    fn missing(&mut self) {
        self.bits.append(false);
        self.nulls.append_null();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_packed_text_is_its_bytes_and_its_length(text in "[a-zåäö]{0,16}") {
            let words = packed(&text).to_le_bytes();
            if text.is_empty() || text.len() > 15 {
                prop_assert_eq!(words, [0; 16]);
            } else {
                prop_assert_eq!(&words[..text.len()], text.as_bytes());
                prop_assert!(words[text.len()..15].iter().all(|byte| *byte == 0));
                prop_assert_eq!(usize::from(words[15]), text.len());
            }
        }
    }
}
