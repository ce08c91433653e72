//! JSON to records and back, against `serde_json::Value`: 200 records of 31 fields.

use std::fmt::Write;
use std::hint::black_box;

use circuit_benches::measure::{self, Allocated, least};
use circuit_benches::{Result, heading, line, say};
use circuit_core::{Record, RecordJson};
use serde_json::Value;

const RECORDS: usize = 200;
const PASSES: usize = 60;
/// A field in the middle.
const FIELD: &str = "MailingCity";

pub(crate) fn run() -> Result<()> {
    for (kind, fraction) in [("whole numbers", ""), ("numbers with fractions", ".25")] {
        let text = text(fraction);
        let size = text.len() / 1024;
        heading(&format!("{RECORDS} records of 31 fields, {size} KiB of JSON, {kind}"));
        say(format_args!(
            "  {:<20}{:>9}{:>9}{:>13}{:>10}{:>10}{:>9}{:>8}",
            "", "parse us", "drop us", "allocations", "live KiB", "write us", "copy us", "get ns"
        ));
        values(&text)?;
        records(&text)?;
    }
    Ok(())
}

/// What was measured of one representation.
struct Row {
    parse: f64,
    release: f64,
    allocated: Allocated,
    write: f64,
    copy: f64,
    get: f64,
}

#[expect(clippy::cast_precision_loss, reason = "a number of bytes is far below 2^52")]
fn print(name: &str, row: &Row) {
    say(format_args!(
        "  {name:<20}{:>9.0}{:>9.0}{:>13}{:>10.0}{:>10.0}{:>9.1}{:>8.1}",
        row.parse / 1e3,
        row.release / 1e3,
        row.allocated.times,
        row.allocated.live as f64 / 1024.0,
        row.write / 1e3,
        row.copy / 1e3,
        row.get,
    ));
}

fn values(text: &str) -> Result<()> {
    let parse = |text: &str| serde_json::from_str::<Vec<Value>>(text);
    let (list, allocated) = measure::count(|| parse(text));
    let list = list?;
    let get = |list: &Vec<Value>| list.iter().filter(|one| one.get(FIELD).is_some()).count();
    let row = Row {
        allocated,
        parse: least(PASSES, || text, parse),
        release: least(PASSES, || parse(text), drop),
        write: least(PASSES, || &list, serde_json::to_string),
        copy: least(PASSES, || &list, Vec::clone),
        get: per_get(|| get(black_box(&list))),
    };
    print("serde_json::Value", &row);
    Ok(())
}

fn records(text: &str) -> Result<()> {
    let parse = |text: &str| RecordJson::salesforce().read_list(text);
    let (list, allocated) = measure::count(|| parse(text));
    let list = list?;
    let get = |list: &Vec<Record>| list.iter().filter(|one| one.get(FIELD).is_some()).count();
    let row = Row {
        allocated,
        parse: least(PASSES, || text, parse),
        release: least(PASSES, || parse(text), drop),
        write: least(PASSES, || &list, serde_json::to_string),
        copy: least(PASSES, || &list, Vec::clone),
        get: per_get(|| get(black_box(&list))),
    };
    print("Record", &row);
    let slot = list[0].shape().slot(FIELD).ok_or("the field has no slot")?;
    let by_slot =
        |list: &Vec<Record>| list.iter().filter(|one| one.get_slot(slot).is_some()).count();
    let by_slot = per_get(|| by_slot(black_box(&list)));
    let apart =
        least(PASSES, || list.clone(), |copy| copy.into_iter().map(changed).collect::<Vec<_>>());
    line("Record: get by slot", format_args!("{by_slot:>9.1} ns"));
    line("Record: copy, then change each copy", format_args!("{:>9.1} us", apart / 1e3));
    Ok(())
}

/// The first change copies the values, once.
fn changed(mut record: Record) -> Record {
    record.slots_mut()[1] = None;
    record
}

/// Returns the nanoseconds of one look-up of a pass over all records.
fn per_get(pass: impl Fn() -> usize) -> f64 {
    const REPEAT: u32 = 500;
    let repeated = |()| (0..REPEAT).map(|_| pass()).sum::<usize>();
    least(20, || (), repeated) / (f64::from(REPEAT) * 200.0)
}

const TEXTS: [(&str, &str); 19] = [
    ("FirstName", "Margaret"),
    ("LastName", "Hamilton"),
    ("Email", "margaret.hamilton@draper.example.org"),
    ("Phone", "+1 415 555 0100"),
    ("MobilePhone", "+1 415 555 0199"),
    ("Title", "Director of Software Engineering"),
    ("Department", "Flight Software"),
    ("LeadSource", "Partner Referral"),
    ("MailingStreet", "555 Technology Square, Floor 4"),
    ("MailingCity", "Cambridge"),
    ("MailingState", "Massachusetts"),
    ("MailingPostalCode", "02139"),
    ("MailingCountry", "United States"),
    ("Description", "Met at the spring conference; wants a demonstration for the whole team."),
    ("AccountId", "001D000000IRFmaIAH"),
    ("OwnerId", "005D0000001KwQpIAK"),
    ("CreatedDate", "2026-03-01T10:15:30.000+0000"),
    ("LastModifiedDate", "2026-11-01T08:00:00.000+0000"),
    ("Industry__c", "Aerospace and Defence"),
];

/// 31 fields with the id: 19 texts, 8 numbers, 2 flags and a null.
fn text(fraction: &str) -> String {
    let mut text = String::from("[");
    for number in 0..RECORDS {
        let lead = if number == 0 { "" } else { "," };
        let id = format!("003D{number:011}");
        let url = format!("/services/data/v67.0/sobjects/Contact/{id}");
        let _ =
            write!(text, r#"{lead}{{"attributes":{{"type":"Contact","url":"{url}"}},"Id":"{id}""#);
        for (name, value) in TEXTS {
            let _ = write!(text, r#","{name}":"{value}""#);
        }
        for field in 0..8 {
            let value = number * 37 + field * 1001;
            let _ = write!(text, r#","Amount{field}__c":{value}{fraction}"#);
        }
        text.push_str(r#","IsDeleted":false,"HasOptedOutOfEmail":true,"Fax":null}"#);
    }
    text.push(']');
    text
}
