//! `meta.receipts`: what came when, under which name.

use crate::clock::Moment;
use crate::own;
use tertial_lake::{ReceiptEvent, Receipts};
use tertial_model::persons;
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{Cell, Engine, Record};

/// Writes the receipts up to a moment, in the order they were written down.
pub fn write(engine: &Engine, receipts: &Receipts, moment: &Moment) -> Result<(), EngineError> {
    let known = receipts.events().iter().filter(|event| event.received_at <= moment.at);
    own::write(engine, known.zip(1..).map(|(event, number)| ReceiptRow { event, number }))
}

struct ReceiptRow<'a> {
    event: &'a ReceiptEvent,
    number: i64,
}

impl Record for ReceiptRow<'_> {
    const TABLE: &'static str = "meta.receipts";

    fn cells(&self) -> Vec<Cell> {
        let event = self.event;
        vec![
            ("receipt", self.number.into()),
            ("received_at", (&event.received_at).into()),
            ("source", (&event.source).into()),
            ("file_name", persons::masked(&event.file).into()),
            ("member", event.member.as_deref().map(persons::masked).into()),
            ("byte_count", event.bytes.into()),
            ("sha256", (&event.sha256).into()),
            ("delivery_id", event.delivery.as_deref().into()),
        ]
    }
}
