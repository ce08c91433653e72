//! Claims about records: what is stored comes back as it was.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime};
use circuit_core::{MultiPicklist, Record, Value};
use rust_decimal::Decimal;

use super::support::{Db, fill, get, id, insert, present, record, same, store};
use super::{Shown, name_claims};

name_claims!(
    "records",
    |_| true,
    a_value_of_each_type_survives_in_a_declared_field,
    a_value_of_each_type_survives_in_an_undeclared_field,
    a_declared_field_without_a_value_is_null,
    null_and_absent_differ_in_an_undeclared_field,
    a_decimal_keeps_every_digit,
    a_moment_keeps_its_nanoseconds,
    text_keeps_every_character,
    field_names_match_without_regard_to_case,
    object_names_match_without_regard_to_case,
    both_forms_of_a_salesforce_id_find_the_record,
    an_id_keeps_the_form_in_which_it_was_given,
    ids_of_other_services_differ_in_case,
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

async fn survive(db: Db, object: &str) -> Shown {
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

async fn a_value_of_each_type_survives_in_an_undeclared_field(db: Db) -> Shown {
    survive(db, "Open").await
}

async fn a_declared_field_without_a_value_is_null(db: Db) -> Shown {
    fill(&db, [record("Typed", "r1").with("Name", Value::Null)]).await?;
    let found = present(&db, "Typed", "r1").await?.record;
    same!(found.get("Name"), Some(&Value::Null));
    same!(found.get("Whole"), Some(&Value::Null));
    Ok(())
}

async fn null_and_absent_differ_in_an_undeclared_field(db: Db) -> Shown {
    fill(&db, [record("Open", "r1").with("Here", Value::Null)]).await?;
    let found = present(&db, "Open", "r1").await?.record;
    same!(found.get("Here"), Some(&Value::Null));
    same!(found.get("There"), None);
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
    for object in ["Typed", "Open"] {
        fill(&db, [record(object, "r1").with("Name", text)]).await?;
        same!(present(&db, object, "r1").await?.record.get("Name"), Some(&Value::from(text)));
    }
    Ok(())
}

async fn field_names_match_without_regard_to_case(db: Db) -> Shown {
    fill(&db, [record("Typed", "r1").with("NAME", "x"), record("Open", "o1").with("Name", "y")])
        .await?;
    same!(present(&db, "Typed", "r1").await?.record.get("name"), Some(&Value::from("x")));
    same!(present(&db, "Open", "o1").await?.record.get("nAME"), Some(&Value::from("y")));
    Ok(())
}

async fn object_names_match_without_regard_to_case(db: Db) -> Shown {
    fill(&db, [record("TYPED", "r1"), record("open", "o1")]).await?;
    same!(get(&db, "typed", "r1").await?.is_some(), true);
    same!(get(&db, "OPEN", "o1").await?.is_some(), true);
    Ok(())
}

async fn both_forms_of_a_salesforce_id_find_the_record(db: Db) -> Shown {
    fill(&db, [record("Open", "001D000000IRFma"), record("Typed", "001D000000IRFmaIAH")]).await?;
    same!(get(&db, "Open", "001D000000IRFmaIAH").await?.is_some(), true);
    same!(get(&db, "Typed", "001D000000IRFma").await?.is_some(), true);
    Ok(())
}

async fn an_id_keeps_the_form_in_which_it_was_given(db: Db) -> Shown {
    for (object, text) in [("Open", "001D000000IRFma"), ("Typed", "001D000000IRFmaIAH")] {
        fill(&db, [record(object, text)]).await?;
        let found = present(&db, object, text).await?.record;
        same!(found.id().map(ToString::to_string), Some(text.to_owned()));
    }
    Ok(())
}

async fn ids_of_other_services_differ_in_case(db: Db) -> Shown {
    fill(&db, [record("Open", "abc"), record("Open", "ABC")]).await?;
    same!(get(&db, "Open", "aBC").await?.is_some(), false);
    Ok(())
}

async fn what_is_not_there_is_none_at_its_place(db: Db) -> Shown {
    fill(&db, [record("Open", "b")]).await?;
    let request = circuit_core::FetchRequest::by_id("Open", ["a", "b", "c"].map(id));
    let found: Vec<bool> = db.fetch(&request).await?.iter().map(Option::is_some).collect();
    same!(found, [false, true, false]);
    same!(get(&db, "Nobody", "a").await?.is_some(), false);
    Ok(())
}

async fn a_record_without_fields_survives(db: Db) -> Shown {
    store(&db, vec![insert(Record::new("Open").with_id(id("r1")))]).await?;
    same!(present(&db, "Open", "r1").await?.record.iter().count(), 1);
    Ok(())
}

async fn the_largest_numbers_survive(db: Db) -> Shown {
    for (i, number) in [i64::MIN, i64::MAX, 0].into_iter().enumerate() {
        for object in ["Typed", "Open"] {
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
