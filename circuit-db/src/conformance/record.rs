//! Claims about records: what is stored comes back as it was.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime};
use circuit_core::{MultiPicklist, Value};
use rust_decimal::Decimal;

use super::db::Db;
use super::support::{fill, get, id, insert, present, record, same, store};
use super::{Shown, name_claims};

name_claims!(
    "records",
    |_| true,
    a_value_of_each_type_survives_in_a_declared_field,
    a_declared_field_without_a_value_is_null,
    a_decimal_keeps_every_digit,
    a_moment_keeps_its_nanoseconds,
    text_keeps_every_character,
    field_names_match_without_regard_to_case,
    object_names_match_without_regard_to_case,
    what_is_not_there_is_none_at_its_place,
    a_record_without_fields_survives,
    the_largest_numbers_survive,
);

fn values() -> Vec<(&'static str, Value)> {
    let day = NaiveDate::from_ymd_opt(2026, 2, 28).expect("a day");
    let moment = DateTime::from_timestamp(1_770_000_000, 123_456_789).expect("a moment");
    let hour = NaiveTime::from_hms_milli_opt(23, 59, 59, 7).expect("a time");
    vec![
        ("Flag", Value::Boolean(true)),
        ("Whole", Value::Integer(-7)),
        ("Exact", Value::Decimal(Decimal::new(-1_234_567_890_123, 5))),
        ("Name", Value::from("Ada; \"quoted\" 'x'")),
        ("Day", Value::Date(day)),
        ("Moment", Value::DateTime(moment)),
        ("Hour", Value::Time(hour)),
        ("Parent", Value::Id(id("001D000000IRFmaIAH"))),
        ("Colours", Value::MultiPicklist(MultiPicklist::from("red;green"))),
        ("Tree", Value::Json(Arc::new(serde_json::json!({"a": [1, null, "x"], "b": 1.5})))),
    ]
}

pub(super) async fn survive(db: Db, object: &str) -> Shown {
    let full =
        values().into_iter().fold(record(object, "r1"), |r, (name, value)| r.with(name, value));
    fill(&db, [full]).await?;
    let found = present(&db, object, "r1").await?.record;
    for (name, value) in values() {
        same!((name, found.get(name)), (name, Some(&value)));
    }
    Ok(())
}

async fn a_value_of_each_type_survives_in_a_declared_field(db: Db) -> Shown {
    survive(db, "Typed").await
}

async fn a_declared_field_without_a_value_is_null(db: Db) -> Shown {
    fill(&db, [record("Typed", "r1").with("Name", Value::Null)]).await?;
    let found = present(&db, "Typed", "r1").await?.record;
    same!(found.get("Name"), Some(&Value::Null));
    same!(found.get("Whole"), Some(&Value::Null));
    Ok(())
}

async fn a_decimal_keeps_every_digit(db: Db) -> Shown {
    let digits =
        ["0.1", "1.10", "79228162514264337593543950335", "-0.0000000000000000000000000001"];
    for (i, text) in digits.iter().enumerate() {
        let value: Decimal = text.parse().expect("a decimal");
        let key = format!("r{i}");
        fill(&db, [record("Typed", &key).with("Exact", value)]).await?;
        let found = present(&db, "Typed", &key).await?.record;
        same!(
            found.get("Exact").map(|v| format!("{v:?}")),
            Some(format!("{:?}", Value::Decimal(value)))
        );
    }
    Ok(())
}

async fn a_moment_keeps_its_nanoseconds(db: Db) -> Shown {
    for (key, seconds, nanos) in [("r1", -1, 1), ("r2", 253_402_300_799, 999_999_999)] {
        let moment = Value::DateTime(DateTime::from_timestamp(seconds, nanos).expect("a moment"));
        fill(&db, [record("Typed", key).with("Moment", moment.clone())]).await?;
        same!(present(&db, "Typed", key).await?.record.get("Moment"), Some(&moment));
    }
    Ok(())
}

async fn text_keeps_every_character(db: Db) -> Shown {
    let text = "ä 你好 \u{1F600} \n\t\\ %_ \u{0301}";
    for &object in db.homes() {
        fill(&db, [record(object, "r1").with("Name", text)]).await?;
        same!(present(&db, object, "r1").await?.record.get("Name"), Some(&Value::from(text)));
    }
    Ok(())
}

async fn field_names_match_without_regard_to_case(db: Db) -> Shown {
    for &object in db.homes() {
        fill(&db, [record(object, "1").with("NAME", "x")]).await?;
        same!(present(&db, object, "1").await?.record.get("nAme"), Some(&Value::from("x")));
    }
    Ok(())
}

async fn object_names_match_without_regard_to_case(db: Db) -> Shown {
    for &object in db.homes() {
        fill(&db, [record(&object.to_uppercase(), "1")]).await?;
        same!(get(&db, &object.to_lowercase(), "1").await?.is_some(), true);
    }
    Ok(())
}

async fn what_is_not_there_is_none_at_its_place(db: Db) -> Shown {
    let home = db.home();
    fill(&db, [record(home, "b")]).await?;
    let keys = ["a", "b", "c"].map(|name| db.id(home, name));
    let found = db.fetch(&circuit_core::FetchRequest::by_id(home, keys)).await?;
    let found: Vec<bool> = found.iter().map(Option::is_some).collect();
    same!(found, [false, true, false]);
    Ok(())
}

async fn a_record_without_fields_survives(db: Db) -> Shown {
    let home = db.home();
    store(&db, vec![insert(record(home, "1"))]).await?;
    let found = present(&db, home, "1").await?.record;
    same!(found.iter().filter(|(_, value)| !value.is_null()).count(), 1);
    Ok(())
}

async fn the_largest_numbers_survive(db: Db) -> Shown {
    for (i, number) in [i64::MIN, i64::MAX, 0].into_iter().enumerate() {
        for &object in db.homes() {
            let key = format!("r{i}");
            fill(&db, [record(object, &key).with("Whole", number)]).await?;
            same!(
                present(&db, object, &key).await?.record.get("Whole"),
                Some(&Value::Integer(number))
            );
        }
    }
    Ok(())
}
