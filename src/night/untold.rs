//! What an earlier run found and died before telling.
//!
//! The lake keeps what there is to tell of a load before the load counts, and of a release before it
//! is in force, until a run has told it.

use tertial_lake::{LoadManifest, Untold};
use tertial_model::Diagnostic;

/// What a release is called among the things to be told about.
pub fn of_release(id: &str) -> String {
    format!("release {id}")
}

/// What a load is called among them.
pub fn of_load(delivery: &str) -> String {
    format!("load {delivery}")
}

/// What is called so that two deliveries have too much in common.
pub fn of_keys(delivery: &str) -> String {
    format!("keys {delivery}")
}

/// Of what is untold at the end of a run, that which it does not tell itself: of `loads` and the release
/// `built` it does, and a release that is not `in_force` never came to be.
pub fn left(
    untold: Vec<Untold>,
    loads: &[LoadManifest],
    built: Option<&str>,
    in_force: Option<&str>,
) -> Vec<Diagnostic> {
    let is_told = |about: &str| {
        loads.iter().any(|load| {
            let id = &load.delivery.id;
            about == of_load(id) || about == of_keys(id)
        }) || built.is_some_and(|id| about == of_release(id))
    };
    let came_to_be = |about: &str| match about.strip_prefix(&of_release("")) {
        Some(release) => in_force == Some(release),
        None => true,
    };
    let left = untold.into_iter().filter(|one| came_to_be(&one.about) && !is_told(&one.about));
    left.flat_map(|one| one.diagnostics).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::{Code, Location};

    #[test]
    fn what_was_found_again_or_never_came_to_be_is_not_left() {
        let untold = |about: String| Untold {
            diagnostics: vec![Diagnostic::warning(Code::AuditFailed, &*about, Location::file("a"))],
            about,
        };
        let before =
            vec![untold(of_load("hr-1")), untold(of_release("r1")), untold(of_release("r2"))];
        let told = |built: Option<&str>, in_force: Option<&str>| -> Vec<String> {
            let left = left(before.clone(), &[], built, in_force);
            left.into_iter().map(|found| found.message).collect()
        };
        assert_eq!(told(None, Some("r1")), ["load hr-1", "release r1"]);
        assert_eq!(told(None, Some("r2")), ["load hr-1", "release r2"]);
        assert_eq!(told(Some("r2"), Some("r2")), ["load hr-1"]);
        assert_eq!(told(None, None), ["load hr-1"]);
    }
}
