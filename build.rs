//! Tells Cargo that the program carries the repository's project folders.

fn main() {
    for folder in ["pipelines", "schemas", "sql", "seeds", "templates", "src/own"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
