//! The release as others see it: DuckDB clients of three generations, a notebook, a browser, poppler.

use crate::support::{demo, on, repository, tool};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn run(program: &str, arguments: &[&str], release: &Path) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env("TERTIAL_RELEASE", release)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("MPLBACKEND", "Agg")
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}\n{out}\n{err}");
    out
}

fn reads_everything(variable: &str) {
    let Some(python) = tool(variable) else { return };
    let script = repository().join("tests/tools/read_release.py");
    let out = run(&python, &[script.to_str().unwrap()], &demo().join("data/releases/current"));
    let tables: usize = out.lines().last().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(tables > 40, "{out}");
}

#[test]
fn duckdb_1_4_reads_every_table_and_view() {
    reads_everything("TERTIAL_TEST_PYTHON_1_4");
}

#[test]
fn duckdb_1_5_reads_every_table_and_view() {
    reads_everything("TERTIAL_TEST_PYTHON_1_5");
}

#[test]
fn duckdb_2_0_reads_every_table_and_view() {
    reads_everything("TERTIAL_TEST_PYTHON_2_0");
}

/// Holds the helper of the notebooks against the demo's release.
fn the_helper_holds(variable: &str) {
    let Some(python) = tool(variable) else { return };
    let script = repository().join("tests/tools/check_helper.py");
    let out = run(&python, &[script.to_str().unwrap()], &demo().join("data/releases/current"));
    assert!(out.contains(" hidden and "), "{out}");
}

#[test]
fn the_python_helper_keeps_hidden_and_missing_apart_with_duckdb_1_4() {
    the_helper_holds("TERTIAL_TEST_PYTHON_1_4");
}

#[test]
fn the_python_helper_keeps_hidden_and_missing_apart_with_duckdb_1_5() {
    the_helper_holds("TERTIAL_TEST_PYTHON_1_5");
}

#[test]
fn the_python_helper_keeps_hidden_and_missing_apart_with_duckdb_2_0() {
    the_helper_holds("TERTIAL_TEST_PYTHON_2_0");
}

/// Runs a notebook on the demo's release, which stops at the first thing it claims that is not so.
fn notebook(name: &str, shown: &[&str]) {
    let Some(python) = tool("TERTIAL_TEST_PYTHON_2_0") else { return };
    let script = repository().join("tests/tools/run_notebook.py");
    let notebook = repository().join("notebooks").join(name);
    let arguments = [script.to_str().unwrap(), notebook.to_str().unwrap()];
    let out = run(&python, &arguments, &demo().join("data/releases/current"));
    for words in ["image/png", "syntetiska data"].iter().chain(shown) {
        assert!(out.contains(words), "{name} does not show {words}: {out}");
    }
}

#[test]
fn the_first_notebook_runs_on_the_demo_release() {
    notebook("getting_started.ipynb", &["Sjukfrånvaro", "dold, för få personer"]);
}

#[test]
fn the_notebook_about_sick_leave_runs_on_the_demo_release() {
    let checks = ["published values are their hours divided", "funnel held against the warehouse"];
    notebook("sick_leave.ipynb", &checks);
}

#[test]
fn the_notebook_about_antibiotics_runs_on_the_demo_release() {
    notebook("antibiotics.ipynb", &["standardised values held against the warehouse: 8"]);
}

#[test]
fn the_pdf_is_tagged_and_says_that_it_is_synthetic() {
    if tool("TERTIAL_TEST_TOOLS").is_none() {
        return;
    }
    let pdf = demo().join("data/reports/2024T2/report.pdf");
    let information = run("pdfinfo", &[pdf.to_str().unwrap()], demo());
    assert!(information.contains("Tagged:") && information.contains("yes"), "{information}");
    let structure = run("pdfinfo", &["-struct", pdf.to_str().unwrap()], demo());
    for tag in ["H1", "Table", "TH", "Figure", "Caption"] {
        assert!(structure.contains(tag), "no {tag} in the structure");
    }
    let text = run("pdftotext", &["-l", "4", pdf.to_str().unwrap(), "-"], demo());
    assert!(text.contains("Syntetiska data") && text.contains("Måluppfyllelse"), "{text}");
    let bytes = String::from_utf8_lossy(&std::fs::read(&pdf).unwrap()).into_owned();
    assert!(bytes.contains("pdfuaid") && bytes.contains("pdfaid"));
}

/// A page as chromium lays it out in a frame of that size.
fn measured(page: &Path, name: &str, (width, height): (u32, u32)) -> Value {
    let folder = crate::support::folder(&format!("measured-{name}-{width}"));
    let script = std::fs::read_to_string(repository().join("tests/tools/measure.js")).unwrap();
    let shown = std::fs::read_to_string(page).unwrap() + "<script>" + &script + "</script>";
    std::fs::write(folder.join("page.html"), shown).unwrap();
    let frame = format!(
        "<!DOCTYPE html><body style='margin:0'><iframe src='page.html' scrolling='no' \
         style='border:0;width:{width}px;height:{height}px'></iframe><pre id='measured'></pre>\
         <script>onmessage = told => document.getElementById('measured').textContent = told.data\
         </script>"
    );
    std::fs::write(folder.join("frame.html"), frame).unwrap();
    let address = format!("file://{}", folder.join("frame.html").display());
    let dom = drawn(&folder.join("profile"), &address);
    let told = dom.split("<pre id=\"measured\">").nth(1).and_then(|rest| rest.split('<').next());
    let told = told.unwrap_or_else(|| panic!("nothing was measured: {dom}"));
    let told = told.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
    serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}"))
}

fn drawn(profile: &Path, address: &str) -> String {
    run(
        "chromium",
        &[
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=2000,1400",
            &format!("--user-data-dir={}", profile.display()),
            "--dump-dom",
            address,
        ],
        demo(),
    )
}

fn page() -> PathBuf {
    demo().join("data/reports/2024T2/report.html")
}

#[test]
fn the_page_is_drawn_by_a_browser() {
    if tool("TERTIAL_TEST_TOOLS").is_none() {
        return;
    }
    let address = format!("file://{}", page().display());
    let dom = drawn(&crate::support::folder("chromium"), &address);
    assert!(dom.contains("Sammanvägd") && dom.contains("Ej uppnått"), "the page is empty");
}

#[test]
fn the_first_screen_says_what_matters_on_a_desk_and_on_a_phone() {
    if tool("TERTIAL_TEST_TOOLS").is_none() {
        return;
    }
    let report = on(demo(), &["report", "2024T2", "--format", "json"]).ended(0).json();
    let cell = |table: &str, row: usize, column: &str| {
        let printed = &report["tables"][table]["rows"][row][column]["printed"];
        printed.as_str().unwrap_or_else(|| panic!("{table} {row} {column}")).to_owned()
    };
    let last = report["tables"]["ekonomi"]["rows"].as_array().unwrap().len() - 1;
    let thousands = report["tables"]["ekonomi"]["rows"][last]["difference_tkr"]["value"].clone();
    let thousands: f64 = thousands.as_f64().unwrap();
    let result = tertial_model::swedish::float(thousands / 1000.0, 1);
    let areas = report["tables"]["prognos"]["rows"].as_array().unwrap().len();
    let forecast = cell("prognos", areas - 1, "deviation_mkr");
    let matrix = report["tables"]["maluppfyllelse"]["rows"].as_array().unwrap();
    let total = matrix.iter().rposition(|row| row["overall_status"]["value"].is_number()).unwrap();
    for size in [(1280, 800), (390, 844)] {
        let seen = measured(&page(), "first", size);
        let text = |group: &str| -> Vec<String> {
            let parts = seen[group].as_array().unwrap();
            let words = parts.iter().map(|part| part["text"].as_str().unwrap().to_owned());
            words.collect()
        };
        for group in ["headline", "figures", "segments", "sentences"] {
            for part in seen[group].as_array().unwrap() {
                let bottom = part["bottom"].as_f64().unwrap();
                assert!(bottom <= f64::from(size.1), "{group} ends at {bottom} of {size:?}");
            }
        }
        let figures = text("figures").join(" ");
        assert!(figures.contains(&result) && figures.contains(&forecast), "{figures}");
        let counts: Vec<String> = ["indicators", "assignments"]
            .iter()
            .flat_map(|kind| (0..4).map(move |status| format!("{kind}_{status}")))
            .map(|column| cell("maluppfyllelse", total, &column))
            .filter(|count| count != "–")
            .collect();
        let shown: Vec<String> = text("segments")
            .iter()
            .map(|words| words.split_whitespace().next().unwrap().to_owned())
            .collect();
        assert_eq!(shown, counts, "the strips count as the matrix does");
        assert_eq!(text("sentences").len(), 5);
        assert!(seen["links"].as_u64().unwrap() >= 10, "each leads somewhere");
    }
}

#[test]
fn the_page_is_short_and_never_wider_than_its_window() {
    if tool("TERTIAL_TEST_TOOLS").is_none() {
        return;
    }
    for width in [390, 794, 1280, 1920] {
        let seen = measured(&page(), "size", (width, 800));
        assert_eq!(seen["wide"], false, "{width}: the page scrolls sideways");
        assert_eq!(seen["clipped"], 0, "{width}: a cell is cut");
        assert_eq!(seen["outside"], 0, "{width}: a table or chart is outside");
        let screens = seen["height"].as_f64().unwrap() / 800.0;
        assert!(width != 1280 || screens <= 12.0, "{screens} screens");
    }
}

#[test]
fn the_report_is_at_most_thirty_upright_pages() {
    if tool("TERTIAL_TEST_TOOLS").is_none() {
        return;
    }
    for (name, most) in [("report.pdf", 30), ("underlag.pdf", 200)] {
        let pdf = demo().join("data/reports/2024T2").join(name);
        let told = run("pdfinfo", &["-l", "-1", pdf.to_str().unwrap()], demo());
        let pages = told.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap();
        let pages: u32 = pages.trim().parse().unwrap();
        assert!(pages <= most, "{name} has {pages} pages");
        let is_size = |line: &&str| line.starts_with("Page ") && line.contains(" size:");
        let sizes: Vec<&str> = told.lines().filter(is_size).collect();
        assert_eq!(sizes.len(), pages as usize);
        assert!(sizes.iter().all(|line| line.contains("595.276 x 841.89")), "{name}: {sizes:?}");
    }
}
