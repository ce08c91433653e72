//! Claims about groups and their aggregates.

use circuit_core::{
    Aggregate, Column, DatePart, FieldSet, Filter, Grouping, Groups, Operand, OrderBy, Query, Value,
};

use super::db::Db;
use super::people::{of_people, over, people, table};
use super::support::{count, same};
use super::{Shown, name_claims};

name_claims!(
    "queries for groups",
    |capability| capability.query.is_yes(),
    a_group_has_the_records_that_agree,
    texts_agree_without_case_and_the_first_by_bytes_is_shown,
    the_empty_text_is_in_the_group_of_null,
    groups_come_in_the_order_of_their_keys_nulls_first,
    count_of_a_field_leaves_out_nulls,
    count_of_different_values_ignores_case,
    least_and_largest_leave_out_nulls,
    a_sum_of_integers_is_an_integer,
    a_sum_of_decimals_is_exact,
    an_average_has_ten_places,
    aggregates_of_nothing_are_null_and_counts_zero,
    without_keys_there_is_one_group,
    no_record_is_no_group_where_there_are_keys,
    groups_by_a_parents_field,
    groups_by_a_part_of_a_date,
    having_keeps_groups,
    groups_sort_by_an_aggregate,
    groups_are_cut_after_they_are_sorted,
    rollup_adds_subtotals_from_the_last_key_on,
    cube_adds_subtotals_of_every_key,
    grouping_tells_subtotals_from_nulls,
    a_sum_that_no_decimal_can_hold_is_an_error,
    count_alone_has_no_records,
    a_set_of_fields_is_all_of_them,
    a_set_of_custom_fields_is_those_with_their_ending,
);

fn groups(keys: &[&str], columns: &[(&str, Operand)]) -> Query {
    let groups = Groups {
        keys: keys.iter().map(Operand::field).collect(),
        columns: columns.iter().map(|(name, operand)| (operand.clone(), (*name).into())).collect(),
        ..Groups::default()
    };
    Query::of("Person").groups(groups)
}

fn changed(mut query: Query, change: impl FnOnce(&mut Groups)) -> Query {
    if let circuit_core::Select::Groups(groups) = &mut query.select {
        change(groups);
    }
    query
}

fn all() -> Operand {
    Operand::Aggregate(Aggregate::Count, None)
}

fn by(field: &str) -> Query {
    groups(&[field], &[("key", Operand::field(field)), ("n", all())])
}

async fn a_group_has_the_records_that_agree(db: Db) -> Shown {
    people(&db).await?;
    same!(table(&db, by("Age"), &["key", "n"]).await?, ["- 1", "20 2", "36 1", "50 1"]);
    Ok(())
}

async fn texts_agree_without_case_and_the_first_by_bytes_is_shown(db: Db) -> Shown {
    people(&db).await?;
    same!(table(&db, by("Name"), &["key", "n"]).await?, ["- 1", "Ada 2", "Bob 1", "Dee 1"]);
    Ok(())
}

async fn the_empty_text_is_in_the_group_of_null(db: Db) -> Shown {
    people(&db).await?;
    let query = by("Name").filter(Filter::eq("Name", ""));
    same!(table(&db, query, &["key", "n"]).await?, ["- 1"]);
    Ok(())
}

async fn groups_come_in_the_order_of_their_keys_nulls_first(db: Db) -> Shown {
    people(&db).await?;
    same!(table(&db, by("Pay"), &["key"]).await?, ["-", "10", "20.01"]);
    Ok(())
}

async fn count_of_a_field_leaves_out_nulls(db: Db) -> Shown {
    people(&db).await?;
    let columns = [
        ("all", all()),
        ("ages", over(Aggregate::Count, "Age")),
        ("names", over(Aggregate::Count, "Name")),
    ];
    same!(table(&db, groups(&[], &columns), &["all", "ages", "names"]).await?, ["5 4 4"]);
    Ok(())
}

async fn count_of_different_values_ignores_case(db: Db) -> Shown {
    people(&db).await?;
    let columns = [
        ("names", over(Aggregate::CountDistinct, "Name")),
        ("ages", over(Aggregate::CountDistinct, "Age")),
    ];
    same!(table(&db, groups(&[], &columns), &["names", "ages"]).await?, ["3 3"]);
    Ok(())
}

async fn least_and_largest_leave_out_nulls(db: Db) -> Shown {
    people(&db).await?;
    let columns = [
        ("a", over(Aggregate::Min, "Age")),
        ("b", over(Aggregate::Max, "Age")),
        ("c", over(Aggregate::Min, "Name")),
        ("d", over(Aggregate::Max, "Name")),
        ("e", over(Aggregate::Max, "Born")),
    ];
    let found = table(&db, groups(&[], &columns), &["a", "b", "c", "d", "e"]).await?;
    same!(found, ["20 50 Ada Dee 2005-12-31"]);
    Ok(())
}

async fn a_sum_of_integers_is_an_integer(db: Db) -> Shown {
    people(&db).await?;
    let query = groups(&[], &[("sum", over(Aggregate::Sum, "Age"))]);
    let found = db.query(&query).await?.records;
    same!(found[0].record.get("sum"), Some(&Value::Integer(126)));
    Ok(())
}

async fn a_sum_of_decimals_is_exact(db: Db) -> Shown {
    people(&db).await?;
    let query = groups(&[], &[("sum", over(Aggregate::Sum, "Pay"))]);
    same!(table(&db, query, &["sum"]).await?, ["30.01"]);
    Ok(())
}

async fn an_average_has_ten_places(db: Db) -> Shown {
    people(&db).await?;
    let query = groups(&[], &[("mean", over(Aggregate::Avg, "Age"))]);
    let young = query.filter(Filter::ne("Name", "Dee"));
    same!(table(&db, young, &["mean"]).await?, ["25.3333333333"]);
    Ok(())
}

async fn aggregates_of_nothing_are_null_and_counts_zero(db: Db) -> Shown {
    people(&db).await?;
    let columns = [
        ("n", over(Aggregate::Count, "Age")),
        ("sum", over(Aggregate::Sum, "Age")),
        ("mean", over(Aggregate::Avg, "Age")),
        ("least", over(Aggregate::Min, "Age")),
    ];
    let query = groups(&[], &columns).filter(Filter::eq("Name", "nobody"));
    same!(table(&db, query, &["n", "sum", "mean", "least"]).await?, ["0 - - -"]);
    Ok(())
}

async fn without_keys_there_is_one_group(db: Db) -> Shown {
    same!(table(&db, groups(&[], &[("n", all())]), &["n"]).await?, ["0"]);
    people(&db).await?;
    same!(table(&db, groups(&[], &[("n", all())]), &["n"]).await?, ["5"]);
    Ok(())
}

async fn no_record_is_no_group_where_there_are_keys(db: Db) -> Shown {
    same!(table(&db, by("Age"), &["n"]).await?, Vec::<String>::new());
    Ok(())
}

async fn groups_by_a_parents_field(db: Db) -> Shown {
    people(&db).await?;
    let found = table(&db, by("Company.Name"), &["key", "n"]).await?;
    same!(found, ["- 2", "Acme 2", "beta 1"]);
    Ok(())
}

async fn groups_by_a_part_of_a_date(db: Db) -> Shown {
    people(&db).await?;
    let month = Operand::Date(DatePart::DayInMonth, "Born".into(), chrono_tz::UTC);
    let query = groups(&[], &[("key", month.clone()), ("n", all())]);
    let query = changed(query, |groups| groups.keys = vec![month]);
    same!(table(&db, query, &["key", "n"]).await?, ["- 2", "1 1", "31 2"]);
    Ok(())
}

async fn having_keeps_groups(db: Db) -> Shown {
    people(&db).await?;
    let many = changed(by("Age"), |groups| groups.having = Some(all().greater(1)));
    same!(table(&db, many, &["key", "n"]).await?, ["20 2"]);
    let having = over(Aggregate::Sum, "Age").at_least(50).or(Operand::field("Name").eq("bob"));
    let named = changed(by("Name"), |groups| groups.having = Some(having));
    same!(table(&db, named, &["key"]).await?, ["Bob", "Dee"]);
    Ok(())
}

async fn groups_sort_by_an_aggregate(db: Db) -> Shown {
    people(&db).await?;
    let mut most = OrderBy::by(all());
    most.direction = circuit_core::Direction::Descending;
    let found = table(&db, by("Age").order_by(most), &["key", "n"]).await?;
    same!(found, ["20 2", "- 1", "36 1", "50 1"]);
    Ok(())
}

async fn groups_are_cut_after_they_are_sorted(db: Db) -> Shown {
    people(&db).await?;
    let query = by("Age").order_by(OrderBy::descending("Age").nulls_last()).limit(2).offset(1);
    same!(table(&db, query, &["key"]).await?, ["36", "20"]);
    Ok(())
}

fn firms(grouping: Grouping) -> Query {
    let columns = [
        ("a", Operand::field("Company.Name")),
        ("b", Operand::field("Age")),
        ("n", all()),
        ("s", Operand::Grouping(Box::new(Operand::field("Age")))),
    ];
    let query = groups(&["Company.Name", "Age"], &columns);
    let query = query.filter(Filter::ne("Company.Name", Value::Null));
    changed(query, |groups| groups.grouping = grouping)
}

async fn rollup_adds_subtotals_from_the_last_key_on(db: Db) -> Shown {
    people(&db).await?;
    let found = table(&db, firms(Grouping::Rollup), &["a", "b", "n"]).await?;
    same!(found, ["Acme 20 1", "Acme 36 1", "Acme - 2", "beta 50 1", "beta - 1", "- - 3"]);
    Ok(())
}

async fn cube_adds_subtotals_of_every_key(db: Db) -> Shown {
    people(&db).await?;
    let found = table(&db, firms(Grouping::Cube), &["a", "b", "n"]).await?;
    let rollup = ["Acme 20 1", "Acme 36 1", "Acme - 2", "beta 50 1", "beta - 1"];
    let others = ["- 20 1", "- 36 1", "- 50 1", "- - 3"];
    same!(found, [rollup.as_slice(), &others].concat());
    Ok(())
}

async fn grouping_tells_subtotals_from_nulls(db: Db) -> Shown {
    people(&db).await?;
    let query = changed(by("Age"), |groups| {
        groups.grouping = Grouping::Rollup;
        let of = Operand::Grouping(Box::new(Operand::field("Age")));
        groups.columns.push((of, "s".into()));
    });
    let found = table(&db, query, &["key", "n", "s"]).await?;
    same!(found, ["- 1 0", "20 2 0", "36 1 0", "50 1 0", "- 5 1"]);
    Ok(())
}

async fn a_sum_that_no_decimal_can_hold_is_an_error(db: Db) -> Shown {
    use super::support::{fill, record};

    let most = Value::Decimal(rust_decimal::Decimal::MAX);
    let person = |key: &str| record("Person", key).with("Pay", most.clone());
    fill(&db, [person("p1"), person("p2")]).await?;
    let query = groups(&[], &[("sum", over(Aggregate::Sum, "Pay"))]);
    let error = db.query(&query).await.err();
    let kind = error.as_ref().map(circuit_core::Error::kind);
    same!(kind, Some(circuit_core::ErrorKind::InvalidQuery));
    Ok(())
}

async fn count_alone_has_no_records(db: Db) -> Shown {
    people(&db).await?;
    let query = Query::of("Person").filter(Filter::eq("Company.Name", "acme"));
    same!(count(&db, query.clone()).await?, 2);
    same!(db.query(&query.count()).await?.records.len(), 0);
    Ok(())
}

async fn a_set_of_fields_is_all_of_them(db: Db) -> Shown {
    people(&db).await?;
    let query = of_people(&[]).columns([Column::Fields(FieldSet::All)]);
    let query = query.filter(Filter::eq("Name", "Bob"));
    let paths = ["Name", "Age", "Pay", "Tags", "Lat"];
    same!(table(&db, query, &paths).await?, ["Bob 20 20.01 Red 51.5074"]);
    Ok(())
}

async fn a_set_of_custom_fields_is_those_with_their_ending(db: Db) -> Shown {
    people(&db).await?;
    let of = |set: FieldSet| {
        Query::of("Company").filter(Filter::eq("Name", "Acme")).columns([Column::Fields(set)])
    };
    same!(table(&db, of(FieldSet::Custom), &["Name", "Size__c"]).await?, ["? 10"]);
    same!(table(&db, of(FieldSet::Standard), &["Name", "Size__c"]).await?, ["Acme ?"]);
    Ok(())
}
