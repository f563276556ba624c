//! What must hold of a reader whatever the bytes: it ends, its batches are well formed, every cell can
//! be found again, and nothing grows beyond its limits.

use std::io::{Cursor, Write};
use tertial_model::pipeline::Format;
use tertial_read::{Limits, ReadOptions, open_bytes};

/// Small limits, so that a file that goes beyond them is quick to find.
fn limits() -> Limits {
    Limits {
        file_bytes: 1 << 20,
        document_bytes: 1 << 20,
        unpacked_bytes: 16 << 20,
        record_bytes: 64 << 10,
        columns: 1_000,
        cells: 200_000,
        depth: 32,
        findings: 100,
        block_bytes: 4 << 10,
        batch_rows: 512,
    }
}

/// Reads bytes as a format and looks at everything that comes out.
pub fn read(bytes: &[u8], format: Format) {
    let file = "data/received/fil";
    let options = ReadOptions { limits: limits(), ..ReadOptions::new(format, file) };
    let mut reader = match open_bytes(bytes.to_vec(), &options) {
        Ok(reader) => reader,
        Err(fault) => {
            assert!(!fault.to_string().is_empty());
            return;
        }
    };
    let parts = reader.parts();
    let mut last_lines = vec![0; parts.len()];
    loop {
        let chunk = match reader.next() {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(fault) => {
                assert!(!fault.to_string().is_empty());
                return;
            }
        };
        let batch = chunk.parse();
        let part = &parts[batch.part];
        assert_eq!(batch.width, part.headings.len());
        assert_eq!(batch.cells.len(), batch.rows() * batch.width);
        assert!(part.types.is_empty() || part.types.len() == batch.width);
        assert!(batch.raw.is_empty() || batch.raw.len() == batch.rows());
        for (row, line) in batch.lines.iter().enumerate() {
            assert!(*line >= 1);
            last_lines[batch.part] = *line;
            batch.raw_row(row);
            for column in 0..batch.width.min(8) {
                batch.get(row, column);
                let place = batch.location(file, part, row, column);
                assert!(place.to_string().starts_with(file));
                batch.excerpt(row, column);
            }
        }
        for (row, fault) in &batch.faults {
            assert!(*row < batch.rows());
            let cells = &batch.cells[row * batch.width..(row + 1) * batch.width];
            assert!(cells.iter().all(|cell| !cell.is_present()), "{fault}");
        }
    }
    let summary = reader.finish();
    assert!(summary.diagnostics.len() <= 2_000);
}

/// A workbook from its parts: a whole file, or the XML of a sheet, of the shared texts and of the
/// styles, parted by zero bytes. Packed here, so that no checksum stands in the way.
pub fn workbook(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(b"PK") || bytes.starts_with(b"\xD0\xCF") {
        return bytes.to_vec();
    }
    let mut pieces = bytes.splitn(3, |byte| *byte == 0);
    let mut piece = || pieces.next().unwrap_or(b"");
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let link = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{relation}/{kind}\" Target=\"{target}\"/>")
    };
    let links =
        |inner: String| format!("<Relationships xmlns=\"{package}\">{inner}</Relationships>");
    let book = format!(
        "<workbook xmlns=\"{space}\" xmlns:r=\"{relation}\"><sheets><sheet name=\"Blad1\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let inner = link("r1", "worksheet", "worksheets/sheet1.xml")
        + &link("r2", "sharedStrings", "sharedStrings.xml")
        + &link("r3", "styles", "styles.xml");
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut add = |name: &str, bytes: &[u8]| {
        archive.start_file(name, stored).expect("a part");
        archive.write_all(bytes).expect("a part");
    };
    add(
        "[Content_Types].xml",
        b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
    );
    add("_rels/.rels", links(link("r1", "officeDocument", "xl/workbook.xml")).as_bytes());
    add("xl/workbook.xml", book.as_bytes());
    add("xl/_rels/workbook.xml.rels", links(inner).as_bytes());
    add("xl/worksheets/sheet1.xml", piece());
    add("xl/sharedStrings.xml", piece());
    add("xl/styles.xml", piece());
    archive.finish().expect("an archive").into_inner()
}
