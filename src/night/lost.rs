//! What is told of received bytes that are gone or other than those that came.

use crate::project::Project;
use tertial_lake::{Damage, DeliveryManifest, Lake, LoadManifest, Receipts};
use tertial_model::{Code, Diagnostic, Location};

/// T0822: the bytes of a delivery are gone or other than those that came.
pub fn lost_bytes(
    project: &Project,
    lake: &Lake,
    delivery: &DeliveryManifest,
    load: Option<&LoadManifest>,
    damage: &Damage,
) -> Diagnostic {
    let stored = lake.stored_bytes(delivery);
    let message = match damage {
        Damage::Gone => "the received bytes of a delivery are gone",
        _ => "the received bytes of a delivery are not those that came",
    };
    let expected = match damage {
        Damage::Bytes(_) => damage.expected(&stored.written),
        _ => format!("{} bytes, sha256 `{}`", delivery.bytes, delivery.sha256),
    };
    let day = delivery.received_at.get(..10).unwrap_or_default();
    let what = match load {
        Some(load) if !load.tables.is_empty() => {
            let tables: Vec<String> =
                load.tables.iter().map(|table| format!("`{}`", table.table)).collect();
            format!(
                "what was loaded from it before ({}) stays in force, and it cannot be read again",
                tables.join(", ")
            )
        }
        _ => "it cannot be read; where its rows would count, the night stops and the release that \
              was published last stays in force"
            .to_owned(),
    };
    let inbox = project.sources.iter().find(|one| one.pipeline.name == delivery.source);
    let inbox = inbox.map(|source| project.shown(&project.inbox(source)));
    let fault = Diagnostic::error(
        Code::ReceivedBytesLost,
        message,
        Location::file(project.shown(&stored.path)),
    )
    .with_found(damage.found())
    .with_expected(format!("{expected}, received {day} as `{}`", delivery.original_name))
    .with_effect(what)
    .with_hint(format!(
        "take `data/received/{}/{}` back from the backup",
        delivery.source, delivery.id
    ));
    match inbox {
        Some(inbox) => fault.with_hint(format!(
            "or lay the same file into `{inbox}` again, or a newer export that supersedes it"
        )),
        None => fault,
    }
}

/// T0822 of a delivery of which only the log speaks.
pub fn lost_delivery(source: &str, id: &str, log: &Receipts) -> Diagnostic {
    let event = log.events().iter().rev().find(|event| event.delivery.as_deref() == Some(id));
    let place = Location::file(format!("data/received/{source}/{id}"));
    let fault = Diagnostic::error(
        Code::ReceivedBytesLost,
        "the received bytes of a delivery are gone",
        place,
    )
    .with_found("no folder")
    .with_effect("it cannot be read, and no load of it is known: no figure holds its rows")
    .with_hint(format!("take `data/received/{source}/{id}` back from the backup"));
    match event {
        Some(event) => fault
            .with_expected(format!(
                "the bytes with sha256 `{}`, received {}",
                event.sha256,
                event.received_at.get(..10).unwrap_or_default()
            ))
            .with_hint(format!("or lay `{}` there again as it was", event.file)),
        None => fault,
    }
}
