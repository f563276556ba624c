//! Which reader a file is for, from its bytes: for files that nobody has agreed on.
//!
//! What describes data and holds none (a list of tables, of codes, of stations) is named for what it
//! is. The ending counts only where the bytes do not tell.

use crate::ReadOptions;
use crate::input::Input;
use crate::json::scan::{self, Value};
use std::path::Path;
use tertial_model::pipeline::Format;
use tertial_model::{Code, Diagnostic, Location};

/// The format of a file; a fault when it cannot be opened, is no table of any kind, or describes
/// tables instead of being one.
pub fn format_of(path: &Path, options: &ReadOptions) -> Result<Format, Box<Diagnostic>> {
    let fault = |fault: std::io::Error| {
        let message = format!("the file cannot be opened: {fault}");
        Box::new(Diagnostic::error(Code::FileNotDelivered, message, Location::file(&options.file)))
    };
    let file = std::fs::File::open(path).map_err(fault)?;
    let input = Input::new(Box::new(file), options)?;
    let head = input.head.clone();
    let binary: [(&[u8], Format); 3] = [
        (b"PK\x03\x04", Format::Xlsx),
        (b"\xD0\xCF\x11\xE0", Format::Xlsx),
        (b"PAR1", Format::Parquet),
    ];
    if let Some((_, format)) = binary.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Ok(*format);
    }
    let text: String =
        head.iter().filter(|b| **b != 0 && b.is_ascii()).map(|b| char::from(*b)).collect();
    let text = text.trim_start();
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let ending = ending.as_deref().unwrap_or("");
    if text.starts_with(['{', '[']) {
        let (text, _) = input.read_text(options)?;
        let Ok(root) = scan::parse(&text, options.limits.depth, options.limits.cells) else {
            return Ok(Format::Json);
        };
        return match kind_of(&root) {
            Json::Data(format) => Ok(format),
            Json::Description(found, hint) => Err(Box::new(description(found, hint, options))),
        };
    }
    Ok(match () {
        () if is_label(text) => Format::Sie,
        () if is_px(text) => Format::Px,
        () if text.starts_with('<') && text.to_lowercase().contains("<paxml") => Format::Paxml,
        () if is_smhi(text) => Format::Smhi,
        // By its name the file is one of these; its reader says what is wrong with it.
        () => match ending {
            "se" | "si" | "sie" => Format::Sie,
            "px" => Format::Px,
            "xml" | "pax" => Format::Paxml,
            "json" => Format::Json,
            "parquet" => Format::Parquet,
            "xlsx" | "xls" | "xlsb" | "xlsm" | "ods" => Format::Xlsx,
            _ => Format::Csv,
        },
    })
}

/// `#FLAGGA`: what a SIE file begins with.
fn is_label(text: &str) -> bool {
    let label = text.strip_prefix('#').unwrap_or("");
    let letters = label.bytes().take_while(u8::is_ascii_uppercase).count();
    letters >= 3 && matches!(label.as_bytes().get(letters), Some(b' ' | b'\t' | b'\r' | b'\n'))
}

fn is_px(text: &str) -> bool {
    let upper = text.get(..text.len().min(64)).unwrap_or("").to_uppercase();
    let first = upper.split(['=', '[', '(']).next().unwrap_or("");
    matches!(first, "CHARSET" | "AXIS-VERSION" | "CODEPAGE" | "LANGUAGE" | "MATRIX")
}

/// The first block of SMHI's files, or the headings of their rows. Letters beyond ASCII are left out.
fn is_smhi(text: &str) -> bool {
    text.starts_with("Stationsnamn;") && text.contains("Tidsperiod")
        || text.contains("Datum;Tid (UTC);") && text.contains("Kvalitet")
        || text.contains("Datum Tid (UTC);Till Datum Tid (UTC);")
}

enum Json {
    Data(Format),
    /// What it is, and how to get at the data.
    Description(&'static str, &'static str),
}

fn kind_of(root: &Value<'_>) -> Json {
    let page = match root {
        Value::Array(pages) => pages.first().unwrap_or(root),
        page => page,
    };
    let has = |name: &str| page.get(name).is_some();
    let first = |name: &str| page.get(name).and_then(|list| list.elements().first());
    if page.get("class").and_then(Value::as_text) == Some("dataset") || has("dataset") {
        return Json::Data(Format::JsonStat);
    }
    if has("columns") && has("data") {
        return Json::Data(Format::JsonStat);
    }
    if let Some(entry) = first("values") {
        if matches!(entry.get("values"), Some(Value::Array(_))) {
            return Json::Data(Format::Kolada);
        }
        if entry.get("id").is_some() && entry.get("title").is_some() {
            return Json::Description(
                "a list of Kolada's indicators, municipalities or units, with `id` and `title`",
                "fetch the data: `/v3/data/kpi/<id>/municipality/<id>/year/<year>`",
            );
        }
        if entry.get("code").is_some() && entry.get("label").is_some() {
            return Json::Description(
                "a code list of PxWeb, with `code` and `label`",
                "fetch `/data` of a table",
            );
        }
    }
    if first("data").is_some_and(|row| row.get("varde").is_some()) {
        return Json::Data(Format::Socialstyrelsen);
    }
    if has("parameter") && (has("station") || has("value")) && has("value") {
        return Json::Data(Format::Smhi);
    }
    if has("variables") && has("title") {
        return Json::Description(
            "the description of a PxWeb table, with `title` and `variables`",
            "ask for the data: send a query to the same address (POST), with `\"response\": {\"format\": \"json-stat2\"}`",
        );
    }
    if has("query") && (has("response") || has("queryObj")) {
        return Json::Description(
            "a query to PxWeb, not its answer",
            "send it to the table's address and keep the answer",
        );
    }
    if first("tables").is_some_and(|table| table.get("id").is_some()) {
        return Json::Description("a list of PxWeb's tables", "fetch `/tables/<id>/data`");
    }
    if has("apiVersion") && has("maxDataCells") {
        return Json::Description("the settings of a PxWeb server", "fetch `/tables/<id>/data`");
    }
    let lists = ["resource", "station", "period", "parameter", "data"];
    if has("key") && has("updated") && lists.iter().any(|name| first(name).is_some()) {
        return Json::Description(
            "a list of SMHI's parameters, stations or periods",
            "fetch the observations: `…/station/<id>/period/<period>/data.csv`",
        );
    }
    Json::Data(Format::Json)
}

/// A file that tells about data.
fn description(found: &str, hint: &str, options: &ReadOptions) -> Diagnostic {
    let message = "the file describes data and holds none";
    Diagnostic::error(Code::WrongFormat, message, Location::file(&options.file))
        .with_found(found)
        .with_expected("a file with rows of figures")
        .with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, bytes: &[u8]) -> String {
        let folder = std::env::temp_dir().join(format!("tertial-recognise-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        let told = format_of(&path, &ReadOptions::new(Format::Csv, name));
        std::fs::remove_file(&path).unwrap();
        match told {
            Ok(format) => format.name().to_owned(),
            Err(fault) => fault.found.unwrap_or_default(),
        }
    }

    #[test]
    fn the_bytes_tell_more_than_the_name() {
        let check = |name: &str, bytes: &[u8], expected: &str| {
            assert_eq!(told(name, bytes), expected, "{name}");
        };
        check("a.csv", b"PAR1....", "parquet");
        check("a.txt", b"#FLAGGA 0\r\n", "sie");
        check("a.SE", b"\xEF\xBB\xBF#FLAGGA 0\r\n", "sie");
        check("a.csv", b"#Kommentar;x\n", "csv");
        check("a.dat", b"PK\x03\x04", "xlsx");
        check("a.txt", b"CHARSET=\"ANSI\";", "px");
        check("a", b"Kod;Belopp\n", "csv");
        check("a.SE", b"<html>", "sie");
        check("a.csv", "Datum;Tid (UTC);Temp;Kvalitet\n".as_bytes(), "smhi");
        check("a.json", b"{\"values\": [{\"kpi\": \"N1\", \"values\": []}]}", "kolada");
        check("a.json", b"{\"class\": \"dataset\", \"id\": []}", "json_stat");
        check("a.json", b"{\"columns\": [], \"data\": []}", "json_stat");
        check("a.json", b"{\"parameter\": {}, \"station\": {}, \"value\": []}", "smhi");
        check("a.json", b"[{\"a\": 1}]", "json");
        check("a.json", b"{\"a\": 1}\n{\"a\": 2}\n", "json");
        check("a.json", b"{\"data\": [{\"ar\": 2024, \"varde\": \"1\"}]}", "socialstyrelsen");
    }

    #[test]
    fn what_describes_data_is_named() {
        let check = |bytes: &[u8], words: &str| {
            let told = told("m.json", bytes);
            assert!(told.contains(words), "{told}");
        };
        check(b"{\"values\": [{\"id\": \"N00404\", \"title\": \"x\"}]}", "Kolada's indicators");
        check(b"{\"title\": \"x\", \"variables\": []}", "description of a PxWeb table");
        check(b"{\"tables\": [{\"id\": \"TAB1\"}]}", "list of PxWeb's tables");
        check(b"{\"id\": \"a\", \"values\": [{\"code\": \"1\", \"label\": \"x\"}]}", "code list");
        check(b"{\"query\": [], \"response\": {}}", "query to PxWeb");
        check(b"{\"key\": \"1\", \"updated\": 1, \"station\": [{}]}", "SMHI's parameters");
    }
}
