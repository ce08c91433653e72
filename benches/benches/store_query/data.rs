//! The records: 2,000 accounts and 100,000 contacts.

use chrono::{DateTime, TimeDelta};
use circuit_core::{
    CircuitDB, CommitPlan, FieldSchema, FieldType, ObjectSchema, OnDelete, Record, RecordId, Value,
    Write, WriteKind,
};
use rust_decimal::Decimal;

use super::Result;

pub(crate) const ACCOUNTS: usize = 2_000;
pub(crate) const CONTACTS: usize = 100_000;

pub(crate) fn schemas() -> Vec<ObjectSchema> {
    let of = FieldSchema::new;
    let account = of("AccountId", FieldType::Id).with_reference("Account", OnDelete::Clear);
    vec![
        ObjectSchema::new("Account").with_field(of("Name", FieldType::Text)),
        ObjectSchema::new("Contact")
            .with_field(of("Name", FieldType::Text))
            .with_field(of("Email", FieldType::Text).unique())
            .with_field(of("Stage", FieldType::Text))
            .with_field(of("Score", FieldType::Integer))
            .with_field(of("Amount", FieldType::Decimal))
            .with_field(of("Created", FieldType::DateTime))
            .with_field(account),
    ]
}

fn id(lead: &str, n: usize) -> Result<RecordId> {
    Ok(format!("{lead}{n:012}").parse()?)
}

fn contact(n: usize) -> Result<Record> {
    let number = i64::try_from(n)?;
    let created = DateTime::UNIX_EPOCH + TimeDelta::seconds(number * 7_919 % 1_000_000_007);
    Ok(Record::new("Contact")
        .with_id(id("003", n)?)
        .with("Name", format!("Contact number {n}"))
        .with("Email", format!("Person{n}@example.com"))
        .with("Stage", ["Open", "Won", "Lost", "Working"][n % 4])
        .with("Score", number * 31 % 100)
        .with("Amount", Value::Decimal(Decimal::new(number % 100_000, 2)))
        .with("Created", Value::DateTime(created))
        .with("AccountId", id("001", n % ACCOUNTS)?))
}

/// Stores all records.
pub(crate) async fn fill(store: &dyn CircuitDB) -> Result {
    let accounts = (0..ACCOUNTS).map(|n| {
        Ok(Record::new("Account").with_id(id("001", n)?).with("Name", format!("Account {n}")))
    });
    let all: Vec<Record> = accounts.chain((0..CONTACTS).map(contact)).collect::<Result<_>>()?;
    for part in all.chunks(5_000) {
        let writes = part.iter().filter_map(|record| {
            Some(Write::new(WriteKind::Insert, record.id()?.clone(), record.clone()))
        });
        store.commit(CommitPlan::new(writes.collect())).await?;
    }
    Ok(())
}
