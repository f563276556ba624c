//! A table in CSV as columns of text, through Polars' reader.

use crate::{TextColumn, unreadable};
use polars::prelude::*;
use std::io::Cursor;
use tertial_model::{Code, Diagnostic, Location};

/// The columns of a CSV text with headings. Every cell stays text; short rows are filled with missing
/// cells, the end of long ones is left out.
pub fn columns_of_csv(
    file: &str,
    text: &str,
    delimiter: char,
) -> Result<Vec<TextColumn>, Box<Diagnostic>> {
    let Ok(separator) = u8::try_from(delimiter) else {
        let fault = Diagnostic::error(
            Code::BadSetting,
            "a delimiter must be a single byte",
            Location::file(file),
        );
        return Err(Box::new(fault.with_found(format!("`{delimiter}`"))));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = CsvReadOptions::default()
        .with_has_header(true)
        .with_infer_schema_length(Some(0))
        .map_parse_options(|options| {
            options.with_separator(separator).with_truncate_ragged_lines(true)
        })
        .into_reader_with_file_handle(Cursor::new(text.as_bytes()))
        .finish();
    let frame = read.map_err(|error| unreadable(file, &error))?;
    let columns = frame.columns().iter().map(|column| {
        let cells = column.str()?.iter().map(|cell| cell.map(str::to_owned));
        Ok((column.name().to_string(), cells.collect()))
    });
    let columns: PolarsResult<Vec<TextColumn>> = columns.collect();
    columns.map_err(|error| unreadable(file, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> String {
        let columns = columns_of_csv("a.csv", text, ';').unwrap();
        let line = |(heading, cells): &TextColumn| {
            let cells = cells.iter().map(|cell| cell.as_deref().unwrap_or("∅"));
            format!("{heading}={}", cells.collect::<Vec<_>>().join("|"))
        };
        columns.iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn cells_stay_texts() {
        assert_eq!(check("\u{feff}kod;tal\n0042;1,50\n;x\n"), "kod=0042|∅ tal=1,50|x");
        assert_eq!(check("a;b\r\n\"x;\"\"y\"\"\";1\r\n"), "a=x;\"y\" b=1");
        assert_eq!(check("a;b\n1\n1;2;3\n"), "a=1|1 b=∅|2");
    }

    #[test]
    fn an_empty_text_is_told() {
        assert_eq!(columns_of_csv("a.csv", "", ';').unwrap_err().code, Code::DamagedFile);
        assert_eq!(columns_of_csv("a.csv", "a", '→').unwrap_err().code, Code::BadSetting);
    }
}
