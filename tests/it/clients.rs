//! The release as others see it: DuckDB clients of three generations, a notebook, a browser, poppler.

use crate::support::{demo, repository, tool};
use std::path::Path;
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

#[test]
fn the_notebook_runs_on_the_demo_release() {
    let Some(python) = tool("TERTIAL_TEST_PYTHON_2_0") else { return };
    let script = repository().join("tests/tools/run_notebook.py");
    let notebook = repository().join("notebooks/getting_started.ipynb");
    let arguments = [script.to_str().unwrap(), notebook.to_str().unwrap()];
    let out = run(&python, &arguments, &demo().join("data/releases/current"));
    assert!(out.contains("hr__sick_leave_pct") || out.contains("Sjukfrånvaro"), "{out}");
    assert!(out.contains("image/png"), "the notebook draws nothing: {out}");
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

#[test]
fn the_page_is_drawn_by_a_browser() {
    if tool("TERTIAL_TEST_TOOLS").is_none() {
        return;
    }
    let page = format!("file://{}", demo().join("data/reports/2024T2/report.html").display());
    let profile = crate::support::folder("chromium");
    let dom = run(
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
            &format!("--user-data-dir={}", profile.display()),
            "--dump-dom",
            &page,
        ],
        demo(),
    );
    assert!(dom.contains("Sammanvägd") && dom.contains("Ej uppnått"), "the page is empty");
}
