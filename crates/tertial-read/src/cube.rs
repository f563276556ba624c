//! A statistical cube as rows: one per cell, last dimension fastest, codes before value and status.

use crate::ReadOptions;
use crate::batch::BatchBuilder;
use tertial_model::{Cell, Code, ColumnType, Diagnostic, Location, Part, Place, TextBatch};

/// A dimension with its categories in the cube's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    /// Heading of the column.
    pub name: String,
    /// Code of each category, or its text where there is no code.
    pub codes: Vec<String>,
}

/// How many cells the dimensions make; T0109 above the limit.
pub fn size(dimensions: &[Dimension], options: &ReadOptions) -> Result<usize, Box<Diagnostic>> {
    let product = dimensions
        .iter()
        .try_fold(1_usize, |product, dimension| product.checked_mul(dimension.codes.len()));
    let fits = |cells: &usize| {
        let stored = cells.checked_mul(dimensions.len() + 2);
        *cells <= options.limits.cells && stored.is_some_and(|all| all / 8 <= options.limits.cells)
    };
    match product.filter(fits) {
        Some(cells) => Ok(cells),
        None => {
            let sizes: Vec<String> = dimensions.iter().map(|d| d.codes.len().to_string()).collect();
            let location = Location::file(&options.file);
            let fault =
                Diagnostic::error(Code::LimitExceeded, "the cube has too many cells", location)
                    .with_found(format!("{} categories", sizes.join(" × ")))
                    .with_expected(format!("at most {} cells", options.limits.cells))
                    .with_hint("ask the source for fewer categories at a time");
            Err(Box::new(fault))
        }
    }
}

/// The part of a cube: its dimensions, then `value` and `status`.
pub fn part(dimensions: &[Dimension], decimals: Option<u8>) -> Part {
    let mut headings: Vec<String> = dimensions.iter().map(|d| d.name.clone()).collect();
    headings.extend(["value".to_owned(), "status".to_owned()]);
    let mut types = vec![ColumnType::Text; dimensions.len()];
    types.extend([value_type(decimals), ColumnType::Text]);
    Part { name: String::new(), headings, types }
}

/// The type of published figures: with the decimals that are stated, or room for ten.
pub fn value_type(decimals: Option<u8>) -> ColumnType {
    match decimals.filter(|decimals| *decimals <= 18) {
        Some(scale) => ColumnType::Decimal { precision: 28, scale },
        None => ColumnType::Decimal { precision: 28, scale: 10 },
    }
}

/// The rows of a cube; `cell` gives value and status of a flat position.
pub fn rows<'a>(
    dimensions: &[Dimension],
    cells: usize,
    options: &ReadOptions,
    cell: impl Fn(usize) -> (Option<std::borrow::Cow<'a, str>>, Option<&'a str>),
) -> Vec<TextBatch> {
    let width = dimensions.len() + 2;
    let place = Place::Cube { key: (0..dimensions.len()).collect() };
    let mut builder = BatchBuilder::new(0, width, place, &options.limits);
    let mut batches = Vec::new();
    let mut codes = Codes::new(dimensions);
    let mut place = vec![0; dimensions.len()];
    let mut row = vec![Cell::ABSENT; width];
    for position in 0..cells {
        for (column, category) in place.iter().enumerate() {
            row[column] = codes.cell(column, *category, &mut builder);
        }
        let (value, status) = cell(position);
        row[width - 2] = builder.optional(value.as_deref());
        row[width - 1] = builder.optional(status);
        builder.row(position as u64 + 1, &row);
        advance(&mut place, dimensions);
        if let Some(batch) = builder.take_full() {
            batches.push(batch);
            codes.forget();
        }
    }
    batches.extend(builder.take());
    batches
}

/// The cells of the codes in the current batch: of each dimension the last one, and of short
/// dimensions every one, so that a code is copied once per batch and not once per row.
struct Codes<'a> {
    dimensions: &'a [Dimension],
    last: Vec<Option<(usize, Cell)>>,
    all: Vec<Vec<Option<Cell>>>,
}

/// Above this many categories only the last one is remembered.
const SHORT: usize = 1024;

impl<'a> Codes<'a> {
    fn new(dimensions: &'a [Dimension]) -> Codes<'a> {
        let room = |dimension: &Dimension| match dimension.codes.len() {
            length if length <= SHORT => vec![None; length],
            _ => Vec::new(),
        };
        let all = dimensions.iter().map(room).collect();
        Codes { dimensions, last: vec![None; dimensions.len()], all }
    }

    fn cell(&mut self, column: usize, category: usize, builder: &mut BatchBuilder) -> Cell {
        let known = match self.last[column] {
            Some((last, cell)) if last == category => Some(cell),
            _ => self.all[column].get(category).copied().flatten(),
        };
        let cell = known.unwrap_or_else(|| builder.text(&self.dimensions[column].codes[category]));
        self.last[column] = Some((category, cell));
        if let Some(place) = self.all[column].get_mut(category) {
            *place = Some(cell);
        }
        cell
    }

    /// A new batch has begun.
    fn forget(&mut self) {
        self.last.fill(None);
        self.all.iter_mut().for_each(|cells| cells.fill(None));
    }
}

fn advance(place: &mut [usize], dimensions: &[Dimension]) {
    for (category, dimension) in place.iter_mut().zip(dimensions).rev() {
        *category += 1;
        if *category < dimension.codes.len() {
            return;
        }
        *category = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use tertial_model::pipeline::Format;

    fn dimension(name: &str, codes: &[&str]) -> Dimension {
        Dimension {
            name: name.to_owned(),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    #[test]
    fn the_last_dimension_is_fastest_whatever_the_batch_size() {
        let dimensions =
            [dimension("Kon", &["1", "2"]), dimension("Tid", &["2023", "2024", "2025"])];
        let limits = Limits { batch_rows: 4, ..Limits::default() };
        let options = ReadOptions { limits, ..ReadOptions::new(Format::JsonStat, "f.json") };
        let cells = size(&dimensions, &options).unwrap();
        let batches =
            rows(&dimensions, cells, &options, |at| (Some((at * 10).to_string().into()), None));
        let text: Vec<String> =
            batches.iter().flat_map(|b| (0..b.rows()).map(|row| b.raw_row(row))).collect();
        let expected =
            ["1;2023;0;", "1;2024;10;", "1;2025;20;", "2;2023;30;", "2;2024;40;", "2;2025;50;"];
        assert_eq!((batches.len(), text), (2, expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_cube_that_is_too_large_is_refused() {
        let many = Dimension { name: "x".into(), codes: vec![String::new(); 5000] };
        let options = ReadOptions::new(Format::JsonStat, "f.json");
        let fault = size(&vec![many; 6], &options).unwrap_err();
        assert_eq!(fault.code, Code::LimitExceeded);
    }
}
