//! Claims about queries; each filter runs over declared and over undeclared fields.

use circuit_core::{ErrorKind, Filter, OrderBy, Query, Value};
use rust_decimal::Decimal;

use super::db::Db;
use super::support::{all, count, fill, id, kept, names_of, record, same};
use super::{Broken, Shown, name_claims};

name_claims!(
    "queries",
    |capability| capability.query.is_yes(),
    equality_of_text_ignores_case,
    equality_with_null_finds_records_without_a_value,
    empty_text_equals_null,
    inequality_keeps_records_without_a_value,
    comparisons_drop_records_without_a_value,
    a_list_finds_each_of_its_values,
    an_empty_list_finds_nothing,
    a_list_with_null_finds_records_without_a_value,
    like_knows_percent_underscore_and_backslash,
    not_like_keeps_records_without_a_value,
    and_or_and_not_combine,
    integers_and_decimals_compare,
    decimals_compare_as_numbers,
    values_of_different_types_are_never_the_same,
    ids_match_in_both_forms,
    dates_moments_and_times_compare,
    text_sorts_without_regard_to_case,
    nulls_come_first_in_both_directions_unless_last_is_asked,
    several_keys_sort_one_after_the_other,
    records_that_tie_come_in_the_order_of_their_ids,
    limit_and_offset_cut_the_sorted_list,
    count_answers_the_number_within_limit_and_offset,
    an_offset_beyond_the_end_finds_nothing,
    a_query_on_a_field_that_the_schema_lacks_is_an_error,
    a_long_list_is_no_problem,
    hostile_names_and_values_are_only_text,
);

async fn names(db: &Db) -> Shown {
    for &home in db.homes() {
        let of = |key: &str, name: Value| record(home, key).with("Name", name);
        let records = [
            of("1", "Ada".into()),
            of("2", "bob".into()),
            of("3", Value::Null),
            of("4", "".into()),
            of("5", "ÄRGER".into()),
            of("6", "100%".into()),
        ];
        fill(db, records).await?;
    }
    Ok(())
}

/// Checks what a filter keeps in both homes.
async fn finds(db: &Db, filter: Filter, wanted: &[&str]) -> Result<(), Broken> {
    for &home in db.homes() {
        let found = kept(db, home, filter.clone()).await?;
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        same!((home, &filter, found), (home, &filter, wanted));
    }
    Ok(())
}

async fn equality_of_text_ignores_case(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::eq("Name", "aDA"), &["1"]).await?;
    finds(&db, Filter::eq("name", "ärger"), &["5"]).await
}

async fn equality_with_null_finds_records_without_a_value(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::eq("Name", Value::Null), &["3", "4"]).await
}

async fn empty_text_equals_null(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::eq("Name", ""), &["3", "4"]).await
}

async fn inequality_keeps_records_without_a_value(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::ne("Name", "ada"), &["2", "3", "4", "5", "6"]).await?;
    finds(&db, Filter::ne("Name", Value::Null), &["1", "2", "5", "6"]).await
}

async fn comparisons_drop_records_without_a_value(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::greater("Name", "ADA"), &["2", "5"]).await?;
    finds(&db, Filter::at_least("Name", "ADA"), &["1", "2", "5"]).await?;
    finds(&db, Filter::less("Name", "ada"), &["4", "6"]).await?;
    finds(&db, Filter::at_most("Name", "ada"), &["1", "4", "6"]).await
}

async fn a_list_finds_each_of_its_values(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::is_in("Name", ["BOB", "ada", "nobody"]), &["1", "2"]).await
}

async fn an_empty_list_finds_nothing(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::is_in("Name", Vec::<Value>::new()), &[]).await?;
    let all = ["1", "2", "3", "4", "5", "6"];
    finds(&db, Filter::is_in("Name", Vec::<Value>::new()).negated(), &all).await
}

async fn a_list_with_null_finds_records_without_a_value(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::is_in("Name", ["ada".into(), Value::Null]), &["1", "3", "4"]).await
}

async fn like_knows_percent_underscore_and_backslash(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::like("Name", "%B"), &["2"]).await?;
    finds(&db, Filter::like("Name", "_da"), &["1"]).await?;
    finds(&db, Filter::like("Name", r"100\%"), &["6"]).await?;
    finds(&db, Filter::like("Name", "%"), &["1", "2", "4", "5", "6"]).await
}

async fn not_like_keeps_records_without_a_value(db: Db) -> Shown {
    names(&db).await?;
    finds(&db, Filter::like("Name", "a%").negated(), &["2", "3", "4", "5", "6"]).await
}

async fn and_or_and_not_combine(db: Db) -> Shown {
    names(&db).await?;
    let either = Filter::eq("Name", "ada").or(Filter::eq("Name", "bob"));
    finds(&db, either.clone().and(Filter::ne("Name", "bob")), &["1"]).await?;
    finds(&db, either.negated().and(Filter::greater("Name", "1")), &["5", "6"]).await
}

async fn numbers(db: &Db, field: &str, all: &[(&str, Value)]) -> Shown {
    for &home in db.homes() {
        fill(db, all.iter().map(|(key, value)| record(home, key).with(field, value.clone())))
            .await?;
    }
    Ok(())
}

fn decimal(number: i64, scale: u32) -> Value {
    Value::Decimal(Decimal::new(number, scale))
}

async fn integers_and_decimals_compare(db: Db) -> Shown {
    numbers(&db, "Whole", &[("1", 2.into()), ("2", 3.into())]).await?;
    finds(&db, Filter::less("Whole", decimal(25, 1)), &["1"]).await?;
    finds(&db, Filter::eq("Whole", decimal(300, 2)), &["2"]).await
}

async fn decimals_compare_as_numbers(db: Db) -> Shown {
    let all = [
        ("1", decimal(90, 1)),
        ("2", decimal(100, 1)),
        ("3", decimal(-1, 0)),
        ("4", decimal(10, 0)),
    ];
    numbers(&db, "Exact", &all).await?;
    finds(&db, Filter::greater("Exact", decimal(95, 1)), &["2", "4"]).await?;
    finds(&db, Filter::eq("Exact", 10), &["2", "4"]).await?;
    for &home in db.homes() {
        let order = names_of(&db, Query::of(home).order_by(OrderBy::ascending("Exact"))).await?;
        same!(order, ["3", "1", "2", "4"]);
    }
    Ok(())
}

async fn values_of_different_types_are_never_the_same(db: Db) -> Shown {
    numbers(&db, "Whole", &[("1", 36.into())]).await?;
    finds(&db, Filter::eq("Whole", "36"), &[]).await?;
    finds(&db, Filter::ne("Whole", "36"), &["1"]).await?;
    finds(&db, Filter::less("Whole", "99"), &[]).await?;
    finds(&db, Filter::is_in("Whole", [Value::from("36"), true.into()]), &[]).await?;
    finds(&db, Filter::like("Whole", "3%"), &[]).await
}

async fn ids_match_in_both_forms(db: Db) -> Shown {
    for &home in db.homes() {
        fill(&db, [record(home, "1").with("Parent", id("001D000000IRFmaIAH"))]).await?;
    }
    finds(&db, Filter::eq("Parent", id("001D000000IRFma")), &["1"]).await?;
    finds(&db, Filter::eq("Parent", "001D000000IRFma"), &["1"]).await?;
    for &home in db.homes() {
        let own = db.id(home, "1");
        same!(kept(&db, home, Filter::is_in("Id", [own.clone(), id("none")])).await?, ["1"]);
        same!(kept(&db, home, Filter::eq("id", own.as_str())).await?, ["1"]);
    }
    Ok(())
}

async fn dates_moments_and_times_compare(db: Db) -> Shown {
    let day = |text: &str| Value::Date(text.parse().expect("a day"));
    numbers(&db, "Day", &[("1", day("2026-02-28")), ("2", day("2025-12-31"))]).await?;
    finds(&db, Filter::at_least("Day", day("2026-01-01")), &["1"]).await?;
    let moment = |text: &str| Value::DateTime(text.parse().expect("a moment"));
    for &home in db.homes() {
        fill(&db, [record(home, "3").with("Moment", moment("2026-02-28T10:00:00.5Z"))]).await?;
    }
    finds(&db, Filter::less("Moment", moment("2026-02-28T10:00:00.50001Z")), &["3"]).await?;
    finds(&db, Filter::eq("Moment", moment("2026-02-28T11:00:00.5+01:00")), &["3"]).await
}

async fn sorted(db: &Db, order: OrderBy, wanted: &[&str]) -> Result<(), Broken> {
    for &home in db.homes() {
        same!(names_of(db, Query::of(home).order_by(order.clone())).await?, wanted.to_vec());
    }
    Ok(())
}

async fn text_sorts_without_regard_to_case(db: Db) -> Shown {
    let all = [("1", "b".into()), ("2", "A".into()), ("3", "C".into()), ("4", "a1".into())];
    numbers(&db, "Name", &all).await?;
    sorted(&db, OrderBy::ascending("Name"), &["2", "4", "1", "3"]).await?;
    sorted(&db, OrderBy::descending("Name"), &["3", "1", "4", "2"]).await
}

async fn nulls_come_first_in_both_directions_unless_last_is_asked(db: Db) -> Shown {
    numbers(&db, "Whole", &[("1", 2.into()), ("2", Value::Null), ("3", 1.into())]).await?;
    sorted(&db, OrderBy::ascending("Whole"), &["2", "3", "1"]).await?;
    sorted(&db, OrderBy::descending("Whole"), &["2", "1", "3"]).await?;
    sorted(&db, OrderBy::ascending("Whole").nulls_last(), &["3", "1", "2"]).await?;
    sorted(&db, OrderBy::descending("Whole").nulls_last(), &["1", "3", "2"]).await
}

async fn several_keys_sort_one_after_the_other(db: Db) -> Shown {
    for &home in db.homes() {
        let of = |key: &str, name: &str, whole: i64| {
            record(home, key).with("Name", name).with("Whole", whole)
        };
        fill(&db, [of("1", "x", 1), of("2", "X", 2), of("3", "a", 3)]).await?;
        let order = Query::of(home)
            .order_by(OrderBy::ascending("Name"))
            .order_by(OrderBy::descending("Whole"));
        same!(names_of(&db, order).await?, ["3", "2", "1"]);
    }
    Ok(())
}

async fn records_that_tie_come_in_the_order_of_their_ids(db: Db) -> Shown {
    numbers(&db, "Whole", &[("c", 1.into()), ("a", 1.into()), ("b", 1.into())]).await?;
    for &home in db.homes() {
        let mut names = ["a", "b", "c"];
        names.sort_by_key(|name| db.id(home, name));
        let tied = Query::of(home).order_by(OrderBy::descending("Whole"));
        same!(names_of(&db, tied).await?, names);
        let filtered = Query::of(home).filter(Filter::eq("Whole", 1));
        same!(names_of(&db, filtered).await?, names);
    }
    Ok(())
}

async fn ten(db: &Db) -> Shown {
    let all: Vec<(String, Value)> = (0..10).map(|n| (format!("{n}"), Value::Integer(n))).collect();
    let all: Vec<(&str, Value)> =
        all.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    numbers(db, "Whole", &all).await
}

async fn limit_and_offset_cut_the_sorted_list(db: Db) -> Shown {
    ten(&db).await?;
    for &home in db.homes() {
        let page = Query::of(home).order_by(OrderBy::descending("Whole")).offset(2).limit(3);
        same!(names_of(&db, page).await?, ["7", "6", "5"]);
        same!(names_of(&db, Query::of(home).limit(0)).await?.len(), 0);
    }
    Ok(())
}

async fn count_answers_the_number_within_limit_and_offset(db: Db) -> Shown {
    ten(&db).await?;
    for &home in db.homes() {
        let some = Query::of(home).filter(Filter::at_least("Whole", 4)).count();
        let answer = db.query(&some).await?;
        same!((answer.count, answer.records.len()), (6, 0));
        same!(count(&db, some.clone().limit(5)).await?, 5);
        same!(count(&db, some.offset(4)).await?, 2);
    }
    Ok(())
}

async fn an_offset_beyond_the_end_finds_nothing(db: Db) -> Shown {
    ten(&db).await?;
    for &home in db.homes() {
        same!(names_of(&db, Query::of(home).offset(11)).await?.len(), 0);
        same!(count(&db, Query::of(home).offset(11)).await?, 0);
    }
    Ok(())
}

async fn a_query_on_a_field_that_the_schema_lacks_is_an_error(db: Db) -> Shown {
    let queries = [
        Query::of("Typed").filter(Filter::eq("Gone", 1)),
        Query::of("Typed").order_by(OrderBy::ascending("Gone")),
    ];
    for query in queries {
        let error = db.query(&query).await.err();
        same!(error.as_ref().map(circuit_core::Error::kind), Some(ErrorKind::InvalidQuery));
        same!(error.as_ref().and_then(|error| error.context("field")), Some("Gone"));
    }
    Ok(())
}

async fn a_long_list_is_no_problem(db: Db) -> Shown {
    ten(&db).await?;
    let long: Vec<i64> = (5..50_000).collect();
    finds(&db, Filter::is_in("Whole", long), &["5", "6", "7", "8", "9"]).await?;
    let deep = (0..2_000).fold(Filter::eq("Whole", 1), |filter, _| filter.negated());
    finds(&db, deep, &["1"]).await
}

async fn hostile_names_and_values_are_only_text(db: Db) -> Shown {
    let evil = "x\"; DROP TABLE \"o_typed\"; --' OR 1=1";
    fill(&db, [record("Typed", "1").with("Name", evil)]).await?;
    same!(kept(&db, "Typed", Filter::eq("Name", evil)).await?, ["1"]);
    if db.capability().open_objects.is_yes() {
        fill(&db, [record("Open", "1").with(evil, evil), record(evil, "1")]).await?;
        same!(kept(&db, "Open", Filter::eq(evil, evil)).await?, ["1"]);
        same!(all(&db, evil).await?, ["1"]);
    }
    Ok(())
}
