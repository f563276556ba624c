//! A PostgreSQL of Debian's package, for the tests alone.

use crate::ordinary::{self, Served};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The password of the account `tertial`.
pub const PASSWORD: &str = "mycket;hemligt}lösen";

/// A server with an empty database `postgres`.
pub struct Postgres {
    /// Where it listens on the loopback.
    pub port: u16,
    _served: Served,
}

impl Postgres {
    /// Starts one.
    pub fn start() -> Postgres {
        let programs = programs();
        let folder = ordinary::folder("postgres");
        let password = folder.join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        ordinary::give(&password);
        let data = folder.join("data");
        let mut initdb = ordinary::command(programs.join("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", "tertial", "-A", "scram-sha-256", "-E", "UTF8"]);
        initdb.args(["--locale=C.UTF-8", "--no-sync", "--pwfile"]).arg(&password);
        ordinary::run(&mut initdb);
        let port = ordinary::free_port();
        let (number, folder_text) = (port.to_string(), folder.to_string_lossy().into_owned());
        let data = data.to_string_lossy().into_owned();
        let listens = ["-D", &data, "-p", &number, "-h", "127.0.0.1", "-k", &folder_text, "-F"];
        let program = programs.join("postgres").to_string_lossy().into_owned();
        let served = ordinary::serve(&folder, port, &program, &listens);
        let postgres = Postgres { port, _served: served };
        while !postgres.client("select 1").output().unwrap().status.success() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        postgres
    }

    /// Runs statements; what the client prints, without headings.
    pub fn run(&self, sql: &str) -> String {
        ordinary::run(&mut self.client(sql))
    }

    fn client(&self, sql: &str) -> Command {
        let mut client = ordinary::command(programs().join("psql"));
        client.env("PGPASSWORD", PASSWORD).args(["-h", "127.0.0.1", "-U", "tertial", "-p"]);
        client.arg(self.port.to_string()).args(["-d", "postgres", "-v", "ON_ERROR_STOP=1"]);
        client.args(["-X", "-q", "-A", "-t", "-c", sql]);
        client
    }

    /// How the driver gets there; `more` goes at the end.
    #[allow(dead_code, reason = "one of the two targets names a data source")]
    pub fn connection(&self, more: &str) -> String {
        let driver = driver().display().to_string();
        let password = PASSWORD.replace('}', "}}");
        format!(
            "Driver={driver};Server=127.0.0.1;Port={};Database=postgres;Uid=tertial;\
             Pwd={{{password}}};{more}",
            self.port
        )
    }
}

/// Where the newest version's programs lie.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .expect("Debian's package `postgresql`")
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.sort();
    found.pop().expect("a version of PostgreSQL")
}

/// The Unicode driver.
pub fn driver() -> PathBuf {
    let found = std::fs::read_dir("/usr/lib").unwrap().flatten().find_map(|entry| {
        let path = entry.path().join("odbc/psqlodbcw.so");
        Path::is_file(&path).then_some(path)
    });
    found.expect("Debian's package `odbc-postgresql`")
}
