//! Writes a report about a made-up region in every format, to be looked at:
//! `cargo run -p tertial-report --example sample -- FOLDER`.

#[path = "../tests/support/sample.rs"]
mod sample;

use std::error::Error;
use std::path::PathBuf;
use tertial_report::{Part, html, json, pdf, xlsx};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let document = sample::document();
    let told = |fault: Box<tertial_model::Diagnostic>| fault.to_string();
    std::fs::write(folder.join("report.html"), html::render(&document).map_err(told)?)?;
    std::fs::write(folder.join("report.json"), json::render(&document))?;
    std::fs::write(folder.join("report.xlsx"), xlsx::render(&document).map_err(told)?)?;
    for (name, part) in [("report.pdf", Part::Report), ("underlag.pdf", Part::Basis)] {
        std::fs::write(folder.join(name), pdf::render(&document, part).map_err(told)?)?;
    }
    Ok(())
}
