//! Which figures are about persons, and whether it is said of each what protects them.

use crate::project::Project;
use tertial_model::{Code, Diagnostic, Location};

/// Indicators about persons that neither hide small groups nor say why not.
pub fn faults(project: &Project) -> Vec<Diagnostic> {
    let classes = &project.decision().classes;
    let definitions = project.definitions.values();
    let unsaid =
        definitions.filter(|one| one.suppress_max.is_none() && one.unsuppressed_because.is_none());
    let about = unsaid.filter_map(|definition| {
        let table = format!("indicator.{}", definition.id);
        Some((definition, classes.person_behind(&table)?))
    });
    about
        .map(|(definition, person)| {
            let file = format!("sql/indicator/{}.toml", definition.id);
            let message = format!("`{}` is about persons and says nothing of small groups", definition.id);
            Diagnostic::error(Code::IncompleteDefinition, message, Location::file(file))
                .with_found(format!("it stands on `{person}`"))
                .with_expected(
                    "`suppress_max = 10`, or `unsuppressed_because` with the reason why nothing is hidden",
                )
                .with_effect("small groups would be shown as they are")
        })
        .collect()
}
