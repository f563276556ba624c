//! `tertial withdraw`: a delivery that should not have come counts no longer, from now on.

use super::{Ending, Outcome};
use crate::args::DecisionArguments;
use crate::clock::Moment;
use crate::night::timeline;
use crate::output;
use crate::project::Project;
use tertial_lake::{DeliveryDecision, Lake, Standing};
use tertial_model::{Code, Diagnostic, Faults, Location};

/// What is decided about which delivery.
pub struct Wish<'a> {
    /// Its id or its file's name.
    pub delivery: String,
    /// Why, and by whom.
    pub decision: &'a DecisionArguments,
    /// Whether it counts again.
    pub undo: bool,
}

/// The verb.
pub fn run(project: &Project, lake: &Lake, moment: &Moment, wish: &Wish) -> Outcome {
    // History is only ever added to, also where the moment is given.
    timeline::require_clock(project, lake, moment)?;
    let standings = lake.standings(Some(&moment.at))?;
    let found = find(&standings, wish)?;
    let delivery = &found.manifest.delivery;
    let (reason, decided_by) = words(wish.decision)?;
    lake.decide(&DeliveryDecision {
        decided_at: moment.at_by_now(),
        delivery: delivery.id.clone(),
        is_withdrawn: !wish.undo,
        reason,
        decided_by,
    })?;
    let after = lake.standings(None)?;
    let counts = |one: &&Standing| {
        one.in_force
            && one.manifest.delivery.supersession_key() == delivery.supersession_key()
            && one.manifest.delivery.id != delivery.id
    };
    let instead = after.iter().find(counts).map(|one| &one.manifest.delivery);
    if output::is_json() {
        output::json(&serde_json::json!({
            "delivery": delivery.id, "file": delivery.original_name, "withdrawn": !wish.undo,
            "in_its_place": instead.map(|delivery| &delivery.id),
        }));
        return Ok(Ending::Clean);
    }
    let verb = if wish.undo { "counts again" } else { "withdrawn" };
    output::data(&format!("{verb}  {}  {}", delivery.id, delivery.original_name));
    if !wish.undo {
        output::data(&match instead {
            Some(earlier) => format!(
                "in force   {}  {}, received {}",
                earlier.id,
                earlier.original_name,
                earlier.received_at.get(..10).unwrap_or_default()
            ),
            None => "in force   nothing in its place".to_owned(),
        });
    }
    output::data("the next `tertial run` publishes what follows from it");
    Ok(Ending::Clean)
}

/// Reason and role; neither may be blank, since both are read by whoever comes after.
pub fn words(decision: &DecisionArguments) -> Result<(String, String), Faults> {
    let [reason, role] = [&decision.reason, &decision.decided_by].map(|text| text.trim());
    for (option, text) in [("--reason", reason), ("--decided-by", role)] {
        if text.is_empty() {
            let message = format!("`{option}` says nothing");
            let fault = Diagnostic::error(Code::BadSetting, message, Location::file(option));
            return Err(Faults::from(
                fault
                    .with_expected("a sentence, and a role such as `analysenheten`")
                    .with_effect("nothing was decided"),
            ));
        }
    }
    Ok((reason.to_owned(), role.to_owned()))
}

/// The delivery that is meant.
fn find<'a>(standings: &'a [Standing], wish: &Wish) -> Result<&'a Standing, Faults> {
    let what = wish.delivery.as_str();
    let is_open = |one: &&Standing| match wish.undo {
        true => one.withdrawn.is_some(),
        false => one.in_force,
    };
    let by_id = standings.iter().find(|one| one.manifest.delivery.id == what);
    let by_name: Vec<&Standing> = standings
        .iter()
        .filter(|one| one.manifest.delivery.original_name == what)
        .filter(is_open)
        .collect();
    let fault = |message: String| {
        Diagnostic::error(Code::BadSetting, message, Location::file("withdraw"))
            .with_effect("nothing was decided")
    };
    match (by_id, by_name.as_slice()) {
        (Some(one), _) if is_open(&one) => Ok(one),
        (None, [one]) => Ok(*one),
        (Some(one), _) => {
            let state = match (&one.withdrawn, one.refused, &one.superseded_by) {
                (Some(decision), ..) => {
                    format!("withdrawn {}: {}", decision.decided_at, decision.reason)
                }
                (None, true, _) => "refused".to_owned(),
                (None, false, Some(later)) => format!("superseded by `{later}`"),
                (None, false, None) => "in force".to_owned(),
            };
            let expected = match wish.undo {
                true => "a delivery that is withdrawn",
                false => "a delivery in force: no other stands behind a figure",
            };
            let message = format!("`{what}` cannot be decided about so");
            Err(Faults::from(fault(message).with_found(state).with_expected(expected)))
        }
        (None, []) => Err(Faults::from(
            fault(format!("there is no delivery `{what}`"))
                .with_expected("the id of a delivery, or the name of its file")
                .with_hint(
                    "`tertial sql --warehouse \"select delivery_id, original_name, received_at \
                     from meta.deliveries where is_in_force\"` lists them",
                ),
        )),
        (None, several) => {
            let ids: Vec<&str> =
                several.iter().map(|one| one.manifest.delivery.id.as_str()).collect();
            let message = format!("several deliveries have the name `{what}`");
            Err(Faults::from(fault(message).with_expected(format!("one of {}", ids.join(", ")))))
        }
    }
}
