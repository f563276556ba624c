//! Which groups may read what is published: their names in `tertial.toml` as the system's numbers.

use crate::config;
use crate::project::Project;
use std::process::Command;
use tertial_model::{Code, Diagnostic, Excerpt, Faults, Location};
use tertial_warehouse::publish::Access;

/// The groups of a project; a fault for each name that the system does not know.
pub fn of(project: &Project) -> Result<Access, Faults> {
    let privacy = &project.config.privacy;
    let mut faults = Vec::new();
    let mut group = |key: &str, name: &Option<String>| {
        let name = name.as_deref()?;
        let id = id_of(name);
        if id.is_none() {
            faults.push(unknown(project, key, name));
        }
        id
    };
    let restricted = group("restricted_group", &privacy.restricted_group);
    let public = group("public_group", &privacy.public_group);
    if faults.is_empty() { Ok(Access { restricted, public }) } else { Err(faults.into()) }
}

/// A number stands for itself; a name is looked up in the system's files, then where else it looks.
fn id_of(name: &str) -> Option<u32> {
    if let Ok(id) = name.parse() {
        return Some(id);
    }
    let in_text = |text: &str| {
        let lines = text.lines().map(|line| line.split(':').collect::<Vec<_>>());
        lines.into_iter().find(|parts| parts.first() == Some(&name))?.get(2)?.parse().ok()
    };
    let own = std::fs::read_to_string("/etc/group").ok();
    own.as_deref().and_then(in_text).or_else(|| {
        let asked = Command::new("getent").args(["group", name]).output().ok()?;
        in_text(&String::from_utf8_lossy(&asked.stdout))
    })
}

fn unknown(project: &Project, key: &str, name: &str) -> Diagnostic {
    let text = project.text(config::FILE);
    let lines = text.lines().enumerate();
    let found = lines.into_iter().find(|(_, line)| line.trim_start().starts_with(key));
    let line = found.map_or(1, |(at, _)| at as u64 + 1);
    let place = Location::text(config::FILE, line, 1);
    let mut fault =
        Diagnostic::error(Code::BadSetting, format!("the system has no group `{name}`"), place)
            .with_found(format!("`{key} = \"{name}\"`"))
            .with_expected("the name or the number of a group of this machine")
            .with_effect("nothing is published; the release that was published last stays in force")
            .with_hint(format!(
                "make the group, such as with `groupadd {name}`, or take the line out"
            ));
    if let Some((_, text)) = found {
        let length = text.chars().count();
        fault = fault.with_excerpt(Excerpt { line, text: text.to_owned(), start: 0, length });
    }
    fault
}
