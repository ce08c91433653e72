//! One statement for one query.

use std::cell::Cell;
use std::sync::Arc;

use circuit_core::{Filter, Query, QueryAnswer, Select};

use super::decode::RowPlan;
use super::dialect::Dialect;
use super::filter::{condition, narrowed};
use super::fragment::Fragment;
use super::scope::Scope;
use super::template::{Ready, tests};
use super::{group, order, select};

/// Makes the statement of one query.
pub(crate) struct Generator<'g, D: Dialect> {
    pub(super) dialect: &'g D,
    tables: &'g dyn Fn(&str) -> Option<Arc<D::Table>>,
    aliases: Cell<usize>,
    /// Whether an object that was never stored was asked for.
    missed: Cell<bool>,
}

/// A statement and what its rows are.
#[derive(Debug)]
pub(crate) struct Statement<D: Dialect> {
    sql: Fragment<D::Param>,
    output: Output,
    /// Whether no object that was never stored is in it.
    lasting: bool,
}

/// What the rows of a statement are.
#[derive(Debug)]
pub(crate) enum Output {
    /// One number.
    Count,
    /// Records.
    Rows(Box<RowPlan>),
    /// Rows of groups, which have no version.
    Groups(Box<RowPlan>),
}

impl<D: Dialect> Statement<D> {
    /// Returns the text and what is bound to it.
    pub(crate) fn render(self, mark: impl Fn(usize, &str) -> String) -> Ready<D::Param> {
        Ready::new(self.sql.render(mark), self.output, self.lasting)
    }
}

/// Returns the answer to a query for a number.
pub(crate) fn count(number: i64) -> QueryAnswer {
    QueryAnswer { count: usize::try_from(number).unwrap_or_default(), ..QueryAnswer::default() }
}

impl<'g, D: Dialect> Generator<'g, D> {
    pub(crate) fn new(dialect: &'g D, tables: &'g dyn Fn(&str) -> Option<Arc<D::Table>>) -> Self {
        Self { dialect, tables, aliases: Cell::new(0), missed: Cell::new(false) }
    }

    pub(super) fn table(&self, object: &str) -> Option<Arc<D::Table>> {
        let table = (self.tables)(object);
        self.missed.set(self.missed.get() || table.is_none());
        table
    }

    /// Returns a name that no other table of the statement has.
    pub(super) fn alias(&self) -> String {
        let number = self.aliases.replace(self.aliases.get() + 1);
        format!("t{number}")
    }

    /// Returns the statement that answers a query alone; `None` if SQL cannot.
    pub(crate) fn whole(&self, query: &'g Query) -> Option<Statement<D>> {
        let mut scope = Scope::new(self, &query.object, &query.rows)?;
        scope.tests = tests(query).unwrap_or_default();
        let (sql, output) = match &query.select {
            Select::Groups(groups) => group::statement(scope, query, groups)?,
            Select::Count => (scope.count(query)?, Output::Count),
            _ => {
                let (columns, plan) = select::columns(&mut scope, &query.select, false)?;
                let columns = Fragment::list(columns, ", ");
                let mut sql = scope.sorted(columns, query, Vec::new())?;
                if is_paged(query) {
                    sql.append(page(self.dialect, query));
                }
                (sql, Output::Rows(Box::new(plan)))
            }
        };
        let lasting = !self.missed.get();
        (sql.params() <= D::MAX_PARAMS).then_some(Statement { sql, output, lasting })
    }

    /// Returns a statement for whole records, those that a query's filter keeps and maybe more. After
    /// the columns of the record are whether it is deleted and with which other.
    pub(crate) fn narrowed(&self, query: &Query) -> Option<Statement<D>> {
        let mut scope = Scope::new(self, &query.object, &query.rows)?;
        let (mut columns, plan) = select::columns(&mut scope, &Select::Records, false)?;
        let alias = scope.root.alias.clone();
        let flag = self.dialect.deleted(&alias, true);
        columns.insert(
            2,
            Fragment::new(format!("CAST(CASE WHEN {flag} THEN 1 ELSE 0 END AS bigint)")),
        );
        columns.insert(3, Fragment::new(format!("{alias}._deleted_with")));
        let columns = Fragment::list(columns, ", ");
        let filters = query.filter.iter().flat_map(|filter| narrowed(&mut scope, filter));
        let mut filters: Vec<_> = filters.collect();
        if filters.iter().map(Fragment::params).sum::<usize>() > D::MAX_PARAMS {
            filters.clear();
        }
        let sql = scope.filtered(columns, filters)?;
        let output = Output::Rows(Box::new(plan.moved(2, 2)));
        Some(Statement { sql, output, lasting: false })
    }
}

impl<D: Dialect> Scope<'_, D> {
    /// Returns a statement with a condition for records.
    fn filtered(
        &self,
        columns: Fragment<D::Param>,
        filters: Vec<Fragment<D::Param>>,
    ) -> Option<Fragment<D::Param>> {
        let mut all = self.kept();
        all.extend(filters);
        let sql = Fragment::new("SELECT ").then(columns).text(" FROM ").then(self.from()?);
        if all.is_empty() {
            return Some(sql);
        }
        Some(sql.text(" WHERE ").then(Fragment::list(all, " AND ")))
    }

    /// Returns a statement for the records of a query in no order, without limits.
    pub(super) fn found(
        &mut self,
        columns: Fragment<D::Param>,
        filter: Option<&Filter>,
        mut filters: Vec<Fragment<D::Param>>,
    ) -> Option<Fragment<D::Param>> {
        if let Some(filter) = filter {
            filters.push(condition(self, filter)?);
        }
        self.filtered(columns, filters)
    }

    /// Returns a statement for the records of a query in order.
    pub(super) fn sorted(
        &mut self,
        columns: Fragment<D::Param>,
        query: &Query,
        filters: Vec<Fragment<D::Param>>,
    ) -> Option<Fragment<D::Param>> {
        let mut keys = order::keys(self, &query.order)?;
        keys.push(Fragment::new(format!("{}._key", self.root.alias)));
        let found = self.found(columns, query.filter.as_ref(), filters)?;
        Some(found.text(" ORDER BY ").then(Fragment::list(keys, ", ")))
    }

    /// Returns a statement for the values of a query, sorted where that tells which they are.
    pub(super) fn list(
        &mut self,
        columns: Fragment<D::Param>,
        query: &Query,
    ) -> Option<Fragment<D::Param>> {
        if is_paged(query) {
            let sorted = self.sorted(columns, query, Vec::new())?;
            return Some(sorted.then(page(self.generator.dialect, query)));
        }
        self.found(columns, query.filter.as_ref(), Vec::new())
    }

    fn count(&mut self, query: &Query) -> Option<Fragment<D::Param>> {
        if !is_paged(query) {
            return self.found(Fragment::new("count(*)"), query.filter.as_ref(), Vec::new());
        }
        let found = self.found(Fragment::new("1"), query.filter.as_ref(), Vec::new())?;
        let found = found.then(page(self.generator.dialect, query));
        Some(found.within("SELECT count(*) FROM (", ") AS found"))
    }
}

pub(super) fn is_paged(query: &Query) -> bool {
    query.limit.is_some() || query.offset > 0
}

/// Skips and cuts.
pub(super) fn page<D: Dialect>(dialect: &D, query: &Query) -> Fragment<D::Param> {
    let limit = Fragment::new(" LIMIT ").then(dialect.number(query.limit));
    limit.text(" OFFSET ").then(dialect.number(Some(query.offset)))
}
