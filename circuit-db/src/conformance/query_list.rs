//! Claims about lists: of values, of what another query finds, and of chosen values.

use circuit_core::{Column, Filter, Operand, OrderBy, Query, Text, Value};

use super::db::Db;
use super::people::{of_people, people, table, who};
use super::support::{delete, same};
use super::{Shown, name_claims};

name_claims!(
    "queries with lists",
    |capability| capability.query.is_yes(),
    a_query_for_a_list_finds_what_it_names,
    a_null_among_what_a_query_finds_is_nobodys_value,
    not_in_a_query_keeps_records_without_a_value,
    not_in_a_query_that_finds_null_keeps_the_others,
    texts_of_a_query_match_without_case,
    a_query_for_a_list_sorts_and_is_cut,
    queries_for_lists_nest,
    a_query_for_a_list_looks_in_the_recycle_bin_only_if_asked,
    includes_finds_each_set_of_chosen_values,
    includes_ignores_case_and_matches_whole_values,
    excludes_keeps_records_without_a_value,
);

fn list(object: &str, field: &str) -> Query {
    Query::of(object).columns([Column::field(field)])
}

async fn a_query_for_a_list_finds_what_it_names(db: Db) -> Shown {
    people(&db).await?;
    let companies = list("Company", "Id").filter(Filter::eq("Name", "acme"));
    let filter = Filter::in_query("CompanyId", companies);
    same!(who(&db, filter).await?, ["Ada 36", "Bob 20"]);
    let noted = Filter::in_query("Id", list("Note", "WhatId"));
    same!(who(&db, noted).await?, ["Ada 36"]);
    Ok(())
}

async fn a_null_among_what_a_query_finds_is_nobodys_value(db: Db) -> Shown {
    people(&db).await?;
    let filter = Filter::in_query("Age", list("Person", "Age"));
    same!(who(&db, filter).await?, [" 20", "Ada 36", "Bob 20", "Dee 50"]);
    Ok(())
}

async fn not_in_a_query_keeps_records_without_a_value(db: Db) -> Shown {
    people(&db).await?;
    let filter = Filter::in_query("CompanyId", list("Company", "Id")).negated();
    same!(who(&db, filter).await?, [" 20", "ada -"]);
    Ok(())
}

async fn not_in_a_query_that_finds_null_keeps_the_others(db: Db) -> Shown {
    people(&db).await?;
    let filter = Filter::in_query("Id", list("Note", "WhatId")).negated();
    same!(who(&db, filter).await?, [" 20", "ada -", "Bob 20", "Dee 50"]);
    Ok(())
}

async fn texts_of_a_query_match_without_case(db: Db) -> Shown {
    people(&db).await?;
    let young = list("Person", "Name").filter(Filter::eq("Age", 36));
    same!(who(&db, Filter::in_query("Name", young)).await?, ["ada -", "Ada 36"]);
    let empty = list("Person", "Name").filter(Filter::eq("Name", Value::Null));
    same!(who(&db, Filter::in_query("Name", empty)).await?, Vec::<String>::new());
    Ok(())
}

async fn a_query_for_a_list_sorts_and_is_cut(db: Db) -> Shown {
    people(&db).await?;
    let oldest = list("Person", "Id").order_by(OrderBy::descending("Age").nulls_last()).limit(2);
    same!(who(&db, Filter::in_query("Id", oldest)).await?, ["Ada 36", "Dee 50"]);
    Ok(())
}

async fn queries_for_lists_nest(db: Db) -> Shown {
    people(&db).await?;
    let with_dee = list("Person", "CompanyId").filter(Filter::eq("Name", "dee"));
    let companies = list("Company", "Id").filter(Filter::in_query("Id", with_dee).negated());
    let filter = Filter::in_query("CompanyId", companies);
    same!(who(&db, filter).await?, ["Ada 36", "Bob 20"]);
    Ok(())
}

async fn a_query_for_a_list_looks_in_the_recycle_bin_only_if_asked(db: Db) -> Shown {
    people(&db).await?;
    delete(&db, "Company", "c2").await?;
    let filter = Filter::in_query("CompanyId", list("Company", "Id"));
    same!(who(&db, filter.clone()).await?, ["Ada 36", "Bob 20"]);
    let query = of_people(&["Name"]).filter(filter).all_rows();
    same!(table(&db, query, &["Name"]).await?, ["Ada", "Bob", "Dee"]);
    Ok(())
}

fn includes(sets: &[&[&str]]) -> Filter {
    let set = |set: &&[&str]| set.iter().map(|value| Text::from(*value)).collect();
    Filter::Includes { operand: Operand::field("Tags"), sets: sets.iter().map(set).collect() }
}

async fn includes_finds_each_set_of_chosen_values(db: Db) -> Shown {
    people(&db).await?;
    same!(who(&db, includes(&[&["red", "green"]])).await?, ["Ada 36"]);
    same!(who(&db, includes(&[&["green", "red"], &["redder"]])).await?, ["ada -", "Ada 36"]);
    Ok(())
}

async fn includes_ignores_case_and_matches_whole_values(db: Db) -> Shown {
    people(&db).await?;
    same!(who(&db, includes(&[&["RED"]])).await?, ["Ada 36", "Bob 20"]);
    same!(who(&db, includes(&[&["re"]])).await?, Vec::<String>::new());
    same!(who(&db, includes(&[&["red;green"]])).await?, Vec::<String>::new());
    Ok(())
}

async fn excludes_keeps_records_without_a_value(db: Db) -> Shown {
    people(&db).await?;
    let filter = includes(&[&["red"]]).negated();
    same!(who(&db, filter).await?, [" 20", "ada -", "Dee 50"]);
    Ok(())
}
