//! Claims about children: a query over the records that refer to each record.

use circuit_core::{Column, Filter, OrderBy, Query};

use super::db::Db;
use super::people::{people, table};
use super::support::{delete, same};
use super::{Shown, name_claims};

name_claims!(
    "queries over children",
    |capability| capability.query.is_yes(),
    children_are_a_list_in_each_record,
    a_record_without_children_has_an_empty_list,
    children_have_a_condition_of_their_own,
    children_sort_and_are_cut_for_each_record,
    children_without_an_order_come_in_that_of_their_ids,
    children_show_fields_of_their_parents,
    children_have_children,
    whole_children_have_all_their_fields,
    deleted_children_are_not_there,
    deleted_children_are_there_in_all_rows,
    children_through_a_reference_to_several_objects,
);

fn companies(children: Query) -> Query {
    Query::of("Company")
        .columns([Column::field("Name"), Column::children("People", children)])
        .order_by(OrderBy::ascending("Name"))
}

fn names() -> Query {
    Query::of("Person").columns([Column::field("Name")]).order_by(OrderBy::descending("Name"))
}

async fn children_are_a_list_in_each_record(db: Db) -> Shown {
    people(&db).await?;
    let found = table(&db, companies(names()), &["Name", "People.Name"]).await?;
    same!(found, ["Acme [Bob,Ada]", "beta [Dee]"]);
    Ok(())
}

async fn a_record_without_children_has_an_empty_list(db: Db) -> Shown {
    people(&db).await?;
    let nobody = names().filter(Filter::eq("Name", "nobody"));
    same!(table(&db, companies(nobody), &["People.Name"]).await?, ["[]", "[]"]);
    Ok(())
}

async fn children_have_a_condition_of_their_own(db: Db) -> Shown {
    people(&db).await?;
    let old = names().filter(Filter::greater("Age", 30));
    same!(table(&db, companies(old), &["People.Name"]).await?, ["[Ada]", "[Dee]"]);
    let of_parent = names().filter(Filter::eq("Company.Name", "BETA"));
    same!(table(&db, companies(of_parent), &["People.Name"]).await?, ["[]", "[Dee]"]);
    Ok(())
}

async fn children_sort_and_are_cut_for_each_record(db: Db) -> Shown {
    people(&db).await?;
    let first = companies(names().limit(1));
    same!(table(&db, first, &["People.Name"]).await?, ["[Bob]", "[Dee]"]);
    let second = companies(names().limit(5).offset(1));
    same!(table(&db, second, &["People.Name"]).await?, ["[Ada]", "[]"]);
    Ok(())
}

async fn children_without_an_order_come_in_that_of_their_ids(db: Db) -> Shown {
    people(&db).await?;
    let children = Query::of("Person").columns([Column::field("Name")]);
    let mut wanted = [(db.id("Person", "p1"), "Ada"), (db.id("Person", "p2"), "Bob")];
    wanted.sort();
    let wanted = format!("[{},{}]", wanted[0].1, wanted[1].1);
    let found = table(&db, companies(children), &["People.Name"]).await?;
    same!(found, [wanted, "[Dee]".to_owned()]);
    Ok(())
}

async fn children_show_fields_of_their_parents(db: Db) -> Shown {
    people(&db).await?;
    let children = names().columns([Column::field("Company.Name")]);
    let found = table(&db, companies(children), &["People.Company.Name"]).await?;
    same!(found, ["[Acme,Acme]", "[beta]"]);
    Ok(())
}

async fn children_have_children(db: Db) -> Shown {
    people(&db).await?;
    let notes = Query::of("Note").columns([Column::field("Title")]);
    let children = names().columns([Column::children("Notes", notes)]);
    let found = table(&db, companies(children), &["People.Notes.Title"]).await?;
    same!(found, ["[[],[n2]]", "[[]]"]);
    Ok(())
}

async fn whole_children_have_all_their_fields(db: Db) -> Shown {
    people(&db).await?;
    let children = Query::of("Person").order_by(OrderBy::ascending("Name"));
    let paths = ["People.Age", "People.Pay", "People.Tags", "People.Born"];
    let found = table(&db, companies(children), &paths).await?;
    same!(
        found,
        ["[36,20] [10,20.01] [red;green,Red] [1990-01-31,2005-12-31]", "[50] [-] [-] [1976-04-01]"]
    );
    Ok(())
}

async fn deleted_children_are_not_there(db: Db) -> Shown {
    people(&db).await?;
    delete(&db, "Person", "p2").await?;
    same!(table(&db, companies(names()), &["People.Name"]).await?, ["[Ada]", "[Dee]"]);
    Ok(())
}

async fn deleted_children_are_there_in_all_rows(db: Db) -> Shown {
    people(&db).await?;
    delete(&db, "Person", "p2").await?;
    let found = table(&db, companies(names()).all_rows(), &["People.Name"]).await?;
    same!(found, ["[Bob,Ada]", "[Dee]"]);
    Ok(())
}

async fn children_through_a_reference_to_several_objects(db: Db) -> Shown {
    people(&db).await?;
    let notes = || {
        let titles = Query::of("Note").columns([Column::field("Title")]);
        Column::children("Notes", titles.order_by(OrderBy::ascending("Title")))
    };
    let of = |object: &str, name: &str| {
        Query::of(object).filter(Filter::eq("Name", name)).columns([notes()])
    };
    same!(table(&db, of("Company", "Acme"), &["Notes.Title"]).await?, ["[n1,n3]"]);
    same!(table(&db, of("Person", "Bob"), &["Notes.Title"]).await?, ["[]"]);
    Ok(())
}
