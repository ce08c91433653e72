//! Children: a list of rows in JSON for each record, in the same statement.

use circuit_core::{Children, FieldType};

use super::decode::RowPlan;
use super::dialect::{Dialect, JSON_ROW, SqlTable};
use super::fragment::Fragment;
use super::scope::{Node, Scope};
use super::{select, statement};

/// Returns the children of a record as one column; `None` if SQL cannot say them.
pub(super) fn list<D: Dialect>(
    outer: &Scope<'_, D>,
    parent: &Node<D>,
    children: &Children,
) -> Option<(Fragment<D::Param>, RowPlan)> {
    let (generator, query) = (outer.generator, &children.query);
    let dialect = generator.dialect;
    let mut scope = Scope::new(generator, &query.object, &query.rows)?;
    let reference = scope.root.table.field(&children.reference)?;
    if reference.field_type() != FieldType::Id {
        return None;
    }
    let own = dialect.field(&scope.root.alias, reference);
    let of_parent =
        own.tuple().text(" = ").then(Fragment::tuple(dialect.id(&parent.alias).bare().to_vec()));
    let (parts, plan) = select::columns(&mut scope, &query.select, true)?;
    let names: Vec<_> = (0..parts.len()).map(|i| Fragment::new(format!("c{i}"))).collect();
    let each = parts.into_iter().enumerate();
    let columns = Fragment::list(each.map(|(i, part)| part.text(&format!(" AS c{i}"))), ", ");
    let mut rows = scope.sorted(columns, query, vec![of_parent])?;
    if !D::KEEPS_ORDER || statement::is_paged(query) {
        rows.append(statement::page(dialect, query));
    }
    let list = dialect.json_rows(json_row(dialect, names));
    let sql = list.within("(SELECT ", " FROM (").then(rows).text(") AS c)");
    Some((sql, plan))
}

fn json_row<D: Dialect>(dialect: &D, names: Vec<Fragment<D::Param>>) -> Fragment<D::Param> {
    if names.len() <= JSON_ROW {
        return dialect.json_row(names);
    }
    dialect.json_row(names.chunks(JSON_ROW).map(|part| dialect.json_row(part.to_vec())).collect())
}
