//! `tertial demo`: a synthetic region from deliveries to report, in one command.

use super::{Ending, Outcome, init};
use crate::args::Ways;
use crate::clock::Moment;
use crate::config::{After, Config, Night, Privacy, Region};
use crate::output;
use crate::project::Project;
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Faults, Location, Period};

/// The project of this repository, carried by the program.
static PIPELINES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pipelines");
static SCHEMAS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schemas");
pub(super) static SQL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sql");
pub(super) static SEEDS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/seeds");

/// What the user wished for.
pub struct Wish {
    /// Folder.
    pub dir: PathBuf,
    /// Size of the row level.
    pub scale: f64,
    /// Seed.
    pub seed: u64,
    /// Leave the night to the user.
    pub only_deliveries: bool,
}

/// The file that tells a demo from a project somebody works in.
const MARKER: &str = ".tertial-demo";

/// The morning the demo is looked at from; fixed, so that two demos give the same bytes.
const MORNING: &str = "2024-09-16T06:00:00Z";

/// The verb.
pub fn run(wish: &Wish) -> Outcome {
    if !(wish.scale > 0.0 && wish.scale <= 10.0) {
        let place = Location::file("--scale");
        return Err(Faults::from(
            Diagnostic::error(Code::BadSetting, "the scale is out of range", place)
                .with_found(wish.scale.to_string())
                .with_expected("a number above 0 and at most 10; 1 is the real size"),
        ));
    }
    let dir = prepare(&wish.dir)?;
    let failed = |error: io::Error| {
        let message = format!("the demo project cannot be written: {error}");
        Faults::from(Diagnostic::error(
            Code::FileAccess,
            message,
            Location::file(wish.dir.to_string_lossy()),
        ))
    };
    write_project(&dir, wish.seed).map_err(failed)?;
    let settings = tertial_demo::Settings { scale: wish.scale, seed: wish.seed };
    let clock = std::time::Instant::now();
    let files = tertial_demo::write_deliveries(&settings, &dir).map_err(failed)?;
    output::progress(&format!(
        "made {} synthetic deliveries in {:.1} s",
        files.len(),
        clock.elapsed().as_secs_f64()
    ));
    if wish.only_deliveries {
        output::line(&dir.to_string_lossy());
        return Ok(Ending::Clean);
    }
    let project = Project::open(&dir)?;
    let lake = Lake::open(project.data())?;
    let _lock = lake.lock("tertial demo")?;
    let moment = Moment::given(MORNING).expect("a moment");
    let wish = super::run::Wish { ways: Ways { offline: true }, new_key: None };
    super::run::run(&project, &lake, &moment, &wish)
}

/// An empty folder, or one an earlier demo left.
fn prepare(dir: &Path) -> Result<PathBuf, Faults> {
    let failed = |error: io::Error| {
        let message = format!("the folder cannot be used: {error}");
        Faults::from(Diagnostic::error(
            Code::FileAccess,
            message,
            Location::file(dir.to_string_lossy()),
        ))
    };
    if dir.join(MARKER).exists() {
        std::fs::remove_dir_all(dir).map_err(failed)?;
    }
    std::fs::create_dir_all(dir).map_err(failed)?;
    if std::fs::read_dir(dir).map_err(failed)?.next().is_some() {
        return Err(Faults::from(
            Diagnostic::error(
                Code::FileAccess,
                "the folder is not empty and is no earlier demo",
                Location::file(dir.to_string_lossy()),
            )
            .with_effect("nothing was written")
            .with_hint("name another folder: `tertial demo DIR`"),
        ));
    }
    dir.canonicalize().map_err(failed)
}

fn write_project(dir: &Path, seed: u64) -> io::Result<()> {
    std::fs::write(
        dir.join(MARKER),
        "An earlier `tertial demo` made this folder; the next one removes it.\n",
    )?;
    let key_file = "data/secret/pseudonym.key";
    let config = Config {
        region: Region { name: "Region Jämtland Härjedalen".to_owned(), synthetic: true },
        night: Night { open_period: Period::parse("2024T2"), ..Night::default() },
        privacy: Privacy { key_file: Some(key_file.to_owned()), ..Privacy::default() },
        after: After::default(),
    };
    init::write(dir, &config)?;
    for (name, folder) in
        [("pipelines", &PIPELINES), ("schemas", &SCHEMAS), ("sql", &SQL), ("seeds", &SEEDS)]
    {
        let target = dir.join(name);
        std::fs::create_dir_all(&target)?;
        folder.extract(&target)?;
    }
    let key: String = Sha256::digest(format!("synthetic demo key {seed}"))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let path = dir.join(key_file);
    let folder = path.parent().expect("a folder");
    std::fs::create_dir_all(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    std::fs::write(&path, key + "\n")?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
}
