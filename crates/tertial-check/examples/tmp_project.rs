//! temporary
use std::collections::BTreeSet;
fn main() {
    let root = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let mut contracts = Vec::new();
    let mut bad = 0;
    let mut paths: Vec<_> =
        std::fs::read_dir(root.join("schemas")).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let start = std::time::Instant::now();
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        let name = format!("schemas/{}", path.file_name().unwrap().to_string_lossy());
        match tertial_check::parse_contract(&name, &text) {
            Ok(contract) => contracts.push(contract),
            Err(faults) => {
                bad += 1;
                for fault in faults {
                    println!("{fault}");
                }
            }
        }
    }
    println!("{} contracts, {bad} bad, {:?}", paths.len(), start.elapsed());
    let names: BTreeSet<String> = contracts.iter().map(|c| c.table.clone()).collect();
    let known: Vec<&tertial_model::Contract> = contracts.iter().collect();
    let mut paths: Vec<_> =
        std::fs::read_dir(root.join("pipelines")).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let source = path.file_name().unwrap().to_string_lossy().into_owned();
        let file = |name: &str| {
            (format!("pipelines/{source}/{name}"), std::fs::read_to_string(path.join(name)))
        };
        if let (name, Ok(text)) = file("pipeline.toml") {
            match tertial_check::parse_pipeline(&name, &text) {
                Ok(pipeline) => {
                    for fault in tertial_check::check_pipeline(&name, &text, &pipeline, &names) {
                        println!("{fault}")
                    }
                }
                Err(faults) => {
                    for fault in faults {
                        println!("{fault}")
                    }
                }
            }
        }
        if let (name, Ok(text)) = file("headings.csv") {
            match tertial_check::Headings::parse(&name, &text) {
                Ok(headings) => {
                    for fault in headings.faults(&known) {
                        println!("{fault}")
                    }
                }
                Err(faults) => {
                    for fault in faults {
                        println!("{fault}")
                    }
                }
            }
        }
        if let (name, Ok(text)) = file("codes.csv") {
            match tertial_check::Codes::parse(&name, &text) {
                Ok(codes) => {
                    for fault in codes.faults(&known) {
                        println!("{fault}")
                    }
                }
                Err(faults) => {
                    for fault in faults {
                        println!("{fault}")
                    }
                }
            }
        }
        if let (name, Ok(text)) = file("corrections.toml") {
            match tertial_check::Corrections::parse(&name, &text, jiff::civil::date(2024, 9, 16)) {
                Ok(found) => {
                    for fault in found.notes() {
                        println!("{fault}")
                    }
                }
                Err(faults) => {
                    for fault in faults {
                        println!("{fault}")
                    }
                }
            }
        }
    }
}
