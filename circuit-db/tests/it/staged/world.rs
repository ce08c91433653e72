//! Records, and what an execution does to them.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use circuit_core::{
    Clock, Execution, FieldSchema, FieldType, MultiPicklist, ObjectSchema, OnDelete, Period,
    Record, RecordId, Value,
};
use rust_decimal::Decimal;

use super::day::words;
use super::dice::Dice;

pub(super) const NAMES: [&str; 6] = ["ada", "Ada", "bob", "", "\u{c4}rger", "o'H_\\a%"];
pub(super) const AMOUNTS: [&str; 7] =
    ["1.0", "1.00", "1", "-0.5", "0", "79228162514264337593543950335", "0.0000000001"];
pub(super) const TAGS: [&str; 5] = ["", "a", "A;b", "b;c", "c"];
const OBJECTS: [&str; 3] = ["Account", "Contact", "Task"];

/// Days before and after today at which words for days begin, end or are far away.
const DAYS: [i64; 22] =
    [-730, -366, -365, -92, -90, -31, -29, -8, -7, -6, -2, -1, 0, 1, 2, 6, 7, 8, 28, 31, 90, 365];

/// Around the ends of days, months and years, and where clocks are changed.
const MOMENTS: [&str; 6] = [
    "2026-03-01T23:30:00Z",
    "2026-03-29T00:30:00Z",
    "2026-10-25T01:30:00Z",
    "2024-02-29T12:00:00Z",
    "2026-12-31T23:45:00Z",
    "2026-08-02T05:00:00Z",
];

/// When and where the queries are asked.
#[derive(Debug)]
pub(super) struct World {
    pub(super) now: DateTime<Utc>,
    pub(super) zone: Tz,
    pub(super) words: Vec<(String, Period)>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let now = dice.pick(&MOMENTS).parse().unwrap();
        let zones = [Tz::UTC, Tz::Europe__Berlin, Tz::America__Los_Angeles, Tz::Asia__Kathmandu];
        let zone = *dice.pick(&zones);
        let n = *dice.pick(&[1, 2, 3]);
        Self { now, zone, words: words(now, zone, n) }
    }

    /// Returns a day near today.
    pub(super) fn day(&self, dice: &mut Dice) -> chrono::NaiveDate {
        let today = self.now.with_timezone(&self.zone).date_naive();
        today + TimeDelta::days(*dice.pick(&DAYS))
    }

    /// Returns a moment, mostly at the beginning or the end of the user's day.
    pub(super) fn moment(&self, dice: &mut Dice) -> DateTime<Utc> {
        let day = self.day(dice);
        let start = Period::new(day, day, self.zone).from_at;
        start + TimeDelta::seconds(*dice.pick(&[-1, 0, 1, 43_200, 86_399]))
    }
}

impl Clock for &'static World {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }

    fn until(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::pending())
    }
}

pub(super) fn schemas() -> Vec<ObjectSchema> {
    let to = |field: &str, object: &str| {
        FieldSchema::new(field, FieldType::Id).with_reference(object, OnDelete::Clear)
    };
    let own = |object: &str| {
        ObjectSchema::new(object)
            .with_field(FieldSchema::new("Name", FieldType::Text).indexed())
            .with_field(FieldSchema::new("Size", FieldType::Integer))
            .with_field(FieldSchema::new("Amount", FieldType::Decimal))
            .with_field(FieldSchema::new("Day", FieldType::Date))
            .with_field(FieldSchema::new("At", FieldType::DateTime).indexed())
            .with_field(FieldSchema::new("Tags", FieldType::MultiPicklist))
    };
    vec![
        own("Account")
            .with_field(to("ParentId", "Account").with_relationship("Parent", "Subsidiaries")),
        own("Contact").with_field(to("AccountId", "Account")),
        own("Task").with_field(to("WhoId", "Contact").or_reference("Account")),
    ]
}

fn id(object: &str, n: usize) -> RecordId {
    format!("{}{n}", &object[..1].to_lowercase()).parse().unwrap()
}

pub(super) fn any_id(dice: &mut Dice) -> RecordId {
    id(dice.pick::<&str>(&OBJECTS), dice.below(5))
}

pub(super) fn any_object(dice: &mut Dice) -> &'static str {
    dice.pick::<&str>(&OBJECTS)
}

/// One change of a record.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Save(Record),
    Delete(Record),
    Undelete(Record),
}

impl Step {
    pub(super) fn new(seed: u64, world: &World) -> Self {
        let dice = &mut Dice::new(seed);
        let object = any_object(dice);
        let record = Record::new(object).with_id(id(object, dice.below(4)));
        match dice.below(7) {
            0 => Self::Delete(record),
            1 => Self::Undelete(record),
            _ => Self::Save(filled(dice, world, record)),
        }
    }

    /// Does the step; one that is refused does nothing.
    pub(super) async fn apply(&self, execution: &Execution) {
        let _refused = match self {
            Self::Save(record) => execution.upsert(record.clone()).await.err(),
            Self::Delete(record) => execution.delete(record.clone()).await.err(),
            Self::Undelete(record) => execution.undelete(record.clone()).await.err(),
        };
    }
}

fn filled(dice: &mut Dice, world: &World, mut record: Record) -> Record {
    record.set("Name", *dice.pick(&NAMES));
    record.set("Size", dice.below(5) as i64 - 2);
    if dice.chance(80) {
        record.set("Amount", dice.pick(&AMOUNTS).parse::<Decimal>().unwrap());
        record.set("Day", world.day(dice));
        record.set("At", world.moment(dice));
        record.set("Tags", Value::MultiPicklist(MultiPicklist::from(*dice.pick(&TAGS))));
    }
    let parent = match record.object().as_str() {
        _ if dice.chance(30) => return record,
        "Account" => ("ParentId", id("Account", dice.below(4))),
        "Contact" => ("AccountId", id("Account", dice.below(4))),
        _ if dice.chance(50) => ("WhoId", id("Account", dice.below(4))),
        _ => ("WhoId", id("Contact", dice.below(4))),
    };
    record.with(parent.0, parent.1)
}
