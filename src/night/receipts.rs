//! `meta.receipts`: what came when, under which name.

use crate::clock::Moment;
use tertial_lake::{ReceiptEvent, Receipts};
use tertial_model::persons;
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{Engine, Value};

/// Writes the receipts up to a moment, in the order they were written down.
pub fn write(engine: &Engine, receipts: &Receipts, moment: &Moment) -> Result<(), EngineError> {
    let columns = [
        ("receipt", "bigint"),
        ("received_at", "varchar"),
        ("source", "varchar"),
        ("file_name", "varchar"),
        ("member", "varchar"),
        ("byte_count", "bigint"),
        ("sha256", "varchar"),
        ("delivery_id", "varchar"),
    ];
    let known = receipts.events().iter().filter(|event| event.received_at <= moment.at);
    let rows = known.zip(1..).map(|(event, number)| row(event, number));
    engine.create_table("meta.receipts", &columns, rows)
}

fn row(event: &ReceiptEvent, number: i64) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let optional = |value: &Option<String>| value.as_deref().map_or(Value::Null, text);
    vec![
        Value::Integer(number),
        text(&event.received_at),
        text(&event.source),
        text(&persons::masked(&event.file)),
        optional(&event.member.as_deref().map(|member| persons::masked(member).into_owned())),
        Value::Integer(i64::try_from(event.bytes).unwrap_or(i64::MAX)),
        text(&event.sha256),
        optional(&event.delivery),
    ]
}
