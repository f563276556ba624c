//! Building batches row by row, for readers whose cells are not spans of the source.

use crate::{Limits, PartChoice, ReadOptions};
use tertial_model::{
    Cell, Code, ColumnType, Diagnostic, Location, Part, Parts, Place, TextBatch, same,
};

/// Collects rows and gives them out in batches of a bounded size.
pub struct BatchBuilder {
    part: usize,
    width: usize,
    place: Place,
    batch_rows: usize,
    block_bytes: usize,
    batch: TextBatch,
    /// How many rows were taken in all.
    pub rows: u64,
}

impl BatchBuilder {
    /// A builder for one part.
    pub fn new(part: usize, width: usize, place: Place, limits: &Limits) -> BatchBuilder {
        let batch = empty(part, width, place.clone());
        let (batch_rows, block_bytes) = (limits.batch_rows.max(1), limits.block_bytes.max(1));
        BatchBuilder { part, width, place, batch_rows, block_bytes, batch, rows: 0 }
    }

    /// Copies a text into the batch; its span can serve several cells of the batch.
    pub fn text(&mut self, text: &str) -> Cell {
        let start = self.batch.buffer.len();
        self.batch.buffer.push_str(text);
        Cell::new(start, text.len())
    }

    /// As [`BatchBuilder::text`], and no cell for no text.
    pub fn optional(&mut self, text: Option<&str>) -> Cell {
        text.map_or(Cell::ABSENT, |text| self.text(text))
    }

    /// Ends a row whose cells were made with [`BatchBuilder::text`] since the last batch was taken.
    pub fn row(&mut self, line: u64, cells: &[Cell]) {
        debug_assert_eq!(cells.len(), self.width);
        self.batch.cells.extend_from_slice(cells);
        self.batch.lines.push(line);
        self.rows += 1;
    }

    /// The line of the row that is ended next, as it stood in the source; for all rows or for none.
    pub fn raw(&mut self, line: &str) {
        let cell = self.text(line);
        self.batch.raw.push(cell);
    }

    /// Adds a row of texts.
    pub fn texts(&mut self, line: u64, texts: &[Option<&str>]) {
        for text in texts {
            let cell = self.optional(*text);
            self.batch.cells.push(cell);
        }
        self.batch.lines.push(line);
        self.rows += 1;
    }

    /// The row that was added last cannot be read.
    pub fn fault(&mut self, fault: Diagnostic) {
        if let Some(row) = self.batch.lines.len().checked_sub(1) {
            self.batch.faults.push((row, fault));
        }
    }

    /// The batch when it is large enough; spans made before are of no use after.
    pub fn take_full(&mut self) -> Option<TextBatch> {
        let full = self.batch.rows() >= self.batch_rows
            || self.batch.buffer.len() >= self.block_bytes
            || self.batch.cells.len() * size_of::<Cell>() >= 8 * self.block_bytes.max(1 << 16);
        if full { self.take() } else { None }
    }

    /// What is left, if anything.
    pub fn take(&mut self) -> Option<TextBatch> {
        if self.batch.lines.is_empty() {
            return None;
        }
        let next = empty(self.part, self.width, self.place.clone());
        Some(std::mem::replace(&mut self.batch, next))
    }
}

fn empty(part: usize, width: usize, place: Place) -> TextBatch {
    TextBatch {
        part,
        width,
        buffer: String::new(),
        cells: Vec::new(),
        lines: Vec::new(),
        raw: Vec::new(),
        place,
        faults: Vec::new(),
    }
}

/// A part from its headings with their guaranteed types.
pub fn part(name: &str, columns: &[(&str, ColumnType)]) -> Part {
    Part {
        name: name.to_owned(),
        headings: columns.iter().map(|(heading, _)| (*heading).to_owned()).collect(),
        types: columns.iter().map(|(_, column_type)| *column_type).collect(),
    }
}

/// Which of the reader's own parts are asked for; T0111 for one that the reader does not give.
pub fn wanted(parts: &Parts, options: &ReadOptions) -> Result<Vec<bool>, Box<Diagnostic>> {
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    if options.tables.is_empty() {
        return Ok(vec![true; names.len()]);
    }
    let mut wanted = vec![false; names.len()];
    for PartChoice { part, .. } in &options.tables {
        let found = match part {
            Some(name) => names.iter().position(|known| same::is_same(known, name)),
            None => (names.len() == 1).then_some(0),
        };
        match found {
            Some(index) => wanted[index] = true,
            None => return Err(Box::new(missing_part(part.as_deref(), &names, options))),
        }
    }
    Ok(wanted)
}

/// A part that is not there, with those that are.
pub fn missing_part(name: Option<&str>, there: &[&str], options: &ReadOptions) -> Diagnostic {
    let location = Location::file(&options.file);
    let list = there.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let message = match name {
        Some(name) => format!("the file has no part `{name}`"),
        None => format!("the file has {} parts, and the pipeline names none", there.len()),
    };
    Diagnostic::error(Code::PartMissing, message, location)
        .with_found(if list.is_empty() { "no parts".to_owned() } else { list })
        .with_hint("set `part` of the table in the pipeline to one of those found")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::pipeline::Format;

    #[test]
    fn batches_are_bounded_and_spans_can_be_shared() {
        let limits = Limits { batch_rows: 2, ..Limits::default() };
        let mut builder = BatchBuilder::new(0, 2, Place::Text, &limits);
        let code = builder.text("0023");
        let value = builder.text("1");
        builder.row(1, &[code, value]);
        assert!(builder.take_full().is_none());
        builder.row(2, &[code, Cell::ABSENT]);
        let batch = builder.take_full().unwrap();
        assert_eq!((batch.get(1, 0), batch.get(1, 1), batch.rows()), (Some("0023"), None, 2));
        builder.texts(3, &[Some("x"), None]);
        assert_eq!(builder.take().unwrap().lines, [3]);
        assert!(builder.take().is_none());
        assert_eq!(builder.rows, 3);
    }

    #[test]
    fn a_part_that_is_not_there_is_told_with_those_that_are() {
        let parts: Parts = ["time", "salary"].map(|name| part(name, &[])).to_vec().into();
        let mut options = ReadOptions::new(Format::Paxml, "f.xml");
        assert_eq!(wanted(&parts, &options).unwrap(), [true, true]);
        options.tables.push(PartChoice { part: Some("salary".into()), ..PartChoice::default() });
        assert_eq!(wanted(&parts, &options).unwrap(), [false, true]);
        options.tables.push(PartChoice { part: Some("pay".into()), ..PartChoice::default() });
        insta::assert_snapshot!(wanted(&parts, &options).unwrap_err(), @r"
        error[T0111]: the file has no part `pay`
           --> f.xml
            = found:    `time`, `salary`

        hint: set `part` of the table in the pipeline to one of those found
        ");
    }
}
