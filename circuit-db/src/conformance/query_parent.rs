//! Claims about fields of parents.

use circuit_core::{Column, FieldPath, Filter, Hop, Operand, OrderBy, Query, TypeOf, Value};

use super::db::Db;
use super::people::{of_people, people, table, who};
use super::support::{delete, same};
use super::{Broken, Shown, name_claims};

name_claims!(
    "queries over parents",
    |capability| capability.query.is_yes(),
    a_parents_field_is_in_a_record_of_the_relationship,
    a_parent_that_is_not_there_is_null,
    a_parents_record_has_its_id,
    a_condition_on_a_parents_field_finds_its_children,
    a_parents_field_without_a_parent_is_null_in_conditions,
    inequality_of_a_parents_field_keeps_records_without_a_parent,
    records_sort_by_a_parents_field_nulls_first,
    a_deleted_parent_is_not_there,
    a_deleted_parent_is_there_in_all_rows,
    a_parents_field_can_have_a_name_of_its_own,
    parents_of_several_objects_are_found,
    the_type_of_a_parent_is_the_name_of_its_object,
    a_condition_on_the_type_of_a_parent,
    typeof_shows_other_fields_for_each_object,
    typeof_shows_the_fields_of_else_for_all_other_objects,
);

async fn a_parents_field_is_in_a_record_of_the_relationship(db: Db) -> Shown {
    people(&db).await?;
    let found = table(&db, of_people(&["Name", "Company.Name"]), &["Name", "Company.Name"]).await?;
    same!(found, [" -", "ada -", "Ada Acme", "Bob Acme", "Dee beta"]);
    Ok(())
}

async fn a_parent_that_is_not_there_is_null(db: Db) -> Shown {
    people(&db).await?;
    let query = of_people(&["Company.Name"]).filter(Filter::eq("Age", Value::Null));
    same!(table(&db, query, &["Company"]).await?, ["-"]);
    Ok(())
}

async fn a_parents_record_has_its_id(db: Db) -> Shown {
    people(&db).await?;
    let query = of_people(&["Company.Name"]).filter(Filter::eq("Name", "Bob"));
    let found = db.query(&query).await?.records;
    let company = found[0].record.get("Company").and_then(Value::as_record);
    same!(company.and_then(|company| company.id().cloned()), Some(db.id("Company", "c1")));
    Ok(())
}

async fn a_condition_on_a_parents_field_finds_its_children(db: Db) -> Shown {
    people(&db).await?;
    same!(who(&db, Filter::eq("Company.Name", "ACME")).await?, ["Ada 36", "Bob 20"]);
    same!(who(&db, Filter::like("Company.Name", "b%")).await?, ["Dee 50"]);
    Ok(())
}

async fn a_parents_field_without_a_parent_is_null_in_conditions(db: Db) -> Shown {
    people(&db).await?;
    same!(who(&db, Filter::eq("Company.Name", Value::Null)).await?, [" 20", "ada -"]);
    same!(who(&db, Filter::less("Company.Size__c", 100)).await?, ["Ada 36", "Bob 20"]);
    Ok(())
}

async fn inequality_of_a_parents_field_keeps_records_without_a_parent(db: Db) -> Shown {
    people(&db).await?;
    same!(who(&db, Filter::ne("Company.Name", "acme")).await?, [" 20", "ada -", "Dee 50"]);
    let not_like = Filter::like("Company.Name", "A%").negated();
    same!(who(&db, not_like).await?, [" 20", "ada -", "Dee 50"]);
    Ok(())
}

async fn records_sort_by_a_parents_field_nulls_first(db: Db) -> Shown {
    people(&db).await?;
    let by = |order: OrderBy| {
        let named = Query::of("Person").filter(Filter::ne("Age", 20));
        named.columns([Column::field("Name")]).order_by(order)
    };
    let found = table(&db, by(OrderBy::ascending("Company.Name")), &["Name"]).await?;
    same!(found, ["ada", "Ada", "Dee"]);
    let last = OrderBy::descending("Company.Name").nulls_last();
    same!(table(&db, by(last), &["Name"]).await?, ["Dee", "Ada", "ada"]);
    Ok(())
}

async fn a_deleted_parent_is_not_there(db: Db) -> Shown {
    people(&db).await?;
    delete(&db, "Company", "c2").await?;
    let query = of_people(&["Company.Name"]).filter(Filter::eq("Name", "Dee"));
    same!(table(&db, query, &["Company"]).await?, ["-"]);
    same!(who(&db, Filter::eq("Company.Name", "beta")).await?, Vec::<String>::new());
    Ok(())
}

async fn a_deleted_parent_is_there_in_all_rows(db: Db) -> Shown {
    people(&db).await?;
    delete(&db, "Company", "c2").await?;
    let query = of_people(&["Company.Name"]).filter(Filter::eq("Company.Name", "beta"));
    same!(table(&db, query.all_rows(), &["Company.Name"]).await?, ["beta"]);
    Ok(())
}

async fn a_parents_field_can_have_a_name_of_its_own(db: Db) -> Shown {
    people(&db).await?;
    let query = Query::of("Person")
        .filter(Filter::eq("Name", "Bob"))
        .columns([Column::named(Operand::field("Company.Name"), "firm")]);
    same!(table(&db, query, &["firm", "Company"]).await?, ["Acme ?"]);
    Ok(())
}

fn notes(columns: impl IntoIterator<Item = Column>) -> Query {
    Query::of("Note").columns(columns).order_by(OrderBy::ascending("Title"))
}

async fn parents_of_several_objects_are_found(db: Db) -> Shown {
    people(&db).await?;
    let found = table(&db, notes([Column::field("What.Name")]), &["What.Name"]).await?;
    same!(found, ["Acme", "Ada", "Acme", "-"]);
    let query = notes([Column::field("Title")]).filter(Filter::eq("What.Name", "ada"));
    same!(table(&db, query, &["Title"]).await?, ["n2"]);
    Ok(())
}

async fn the_type_of_a_parent_is_the_name_of_its_object(db: Db) -> Shown {
    people(&db).await?;
    let found = table(&db, notes([Column::field("What.Type")]), &["What.Type"]).await?;
    same!(found, ["Company", "Person", "Company", "-"]);
    Ok(())
}

async fn a_condition_on_the_type_of_a_parent(db: Db) -> Shown {
    people(&db).await?;
    let of = |filter: Filter| notes([Column::field("Title")]).filter(filter);
    let found = table(&db, of(Filter::eq("What.Type", "person")), &["Title"]).await?;
    same!(found, ["n2"]);
    let found = table(&db, of(Filter::ne("What.Type", "Company")), &["Title"]).await?;
    same!(found, ["n2", "n4"]);
    Ok(())
}

fn type_of(branches: &[(&str, &[&str])], otherwise: &[&str]) -> Column {
    let paths = |names: &[&str]| names.iter().map(|name| FieldPath::from(*name)).collect();
    Column::TypeOf(TypeOf {
        hop: Hop::new("What"),
        branches: branches.iter().map(|(name, of)| ((*name).into(), paths(of))).collect(),
        otherwise: paths(otherwise),
    })
}

async fn typeof_shows_other_fields_for_each_object(db: Db) -> Result<(), Broken> {
    people(&db).await?;
    let column = type_of(&[("Company", &["Size__c"]), ("Person", &["Age", "Company.Name"])], &[]);
    let paths = ["What.Size__c", "What.Age", "What.Company.Name"];
    let found = table(&db, notes([column]), &paths).await?;
    same!(found, ["10 ? ?", "? 36 Acme", "10 ? ?", "- - -"]);
    Ok(())
}

async fn typeof_shows_the_fields_of_else_for_all_other_objects(db: Db) -> Shown {
    people(&db).await?;
    let column = type_of(&[("Company", &["Size__c"])], &["Name"]);
    let found = table(&db, notes([column]), &["What.Size__c", "What.Name"]).await?;
    same!(found, ["10 ?", "? Ada", "10 ?", "- -"]);
    Ok(())
}
