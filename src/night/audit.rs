//! The claims about a built warehouse; a failed *stop* audit keeps it from ever being published.

use super::warehouse::{Built, engine_settings};
use super::{Told, meta};
use crate::project::Project;
use std::collections::BTreeSet;
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::publish::WAREHOUSE_FILE;
use tertial_warehouse::{Audit, AuditResult, AuditSeverity, Engine};

/// Runs every audit and writes `meta.audits`.
///
/// Findings that are known on the day the release looks from are noted as such and need nobody.
pub fn audit(project: &Project, built: &Built) -> Result<(Vec<AuditResult>, Told), Faults> {
    let path = built.folder.join(WAREHOUSE_FILE);
    let failed = |error: tertial_warehouse::engine::EngineError| {
        let message = format!("the built warehouse cannot be audited: {error}");
        Faults::from(Diagnostic::error(
            Code::QueryFailed,
            message,
            Location::file(path.to_string_lossy()),
        ))
    };
    let engine = Engine::create(&path, &engine_settings(project, &built.folder)).map_err(failed)?;
    let engine = engine.with_time_limit(project.config.night.query_limit());
    let mut results = run(&engine, project)?;
    for result in &mut results {
        result.acknowledge(&project.known, built.day());
    }
    meta::write_audits(&engine, &results).map_err(failed)?;
    engine.close().map_err(failed)?;
    let diagnostics = results.iter().filter_map(AuditResult::diagnostic).collect();
    Ok((results, Told { diagnostics }))
}

/// How many acknowledgements in force are about no finding: what they speak of is mended, and they can go.
pub fn idle(project: &Project, built: &Built, results: &[AuditResult]) -> usize {
    let used: BTreeSet<u64> =
        results.iter().flat_map(|result| result.known_lines.iter().copied()).collect();
    let in_force = project.known.iter().filter(|one| one.holds_on(built.day()));
    in_force.filter(|one| !used.contains(&one.line)).count()
}

/// Runs every audit; the faults of those that cannot be run, all at once.
pub fn run(engine: &Engine, project: &Project) -> Result<Vec<AuditResult>, Faults> {
    let mut results = Vec::new();
    let mut faults = Vec::new();
    for model in &project.graph.audits {
        match Audit::from_model(model).and_then(|audit| audit.run(engine)) {
            Ok(result) => results.push(result),
            Err(fault) => faults.push(*fault),
        }
    }
    if faults.is_empty() { Ok(results) } else { Err(faults.into()) }
}

/// Whether any audit forbids the release.
pub fn stops(results: &[AuditResult]) -> bool {
    results.iter().any(|result| result.offenders > 0 && result.severity == AuditSeverity::Stop)
}
