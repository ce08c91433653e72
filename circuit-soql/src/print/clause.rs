//! Queries and their clauses.

use std::fmt;

use super::Printer;
use crate::ast::{
    CategoryFilter, CategoryOperator, Count, Direction, FieldSet, For, From, GroupBy, Grouping,
    Lookup, Name, Nulls, OrderBy, Query, SelectItem, SetOptions, TypeOf, Update, With,
};

impl Printer<'_> {
    pub(crate) fn query(&mut self, query: &Query) -> fmt::Result {
        self.text("SELECT")?;
        self.items(&query.select)?;
        self.clause("FROM ")?;
        self.from(&query.from)?;
        self.using(query)?;
        if let Some(filter) = &query.filter {
            self.clause("WHERE ")?;
            self.condition(filter)?;
        }
        match query.with.as_deref() {
            Some(With::Several(all)) => {
                all.iter().try_for_each(|with| self.with_clause(with))?;
            }
            Some(with) => self.with_clause(with)?,
            None => {}
        }
        if let Some(group) = &query.group {
            self.clause("GROUP BY ")?;
            self.group(group)?;
        }
        if let Some(having) = &query.having {
            self.clause("HAVING ")?;
            self.condition(having)?;
        }
        if !query.order.is_empty() {
            self.clause("ORDER BY ")?;
            self.list(&query.order, Self::order)?;
        }
        self.tail(query)
    }

    fn using(&mut self, query: &Query) -> fmt::Result {
        if let Some(scope) = &query.scope {
            self.clause("USING SCOPE ")?;
            self.short(&scope.name.text)?;
        }
        match &query.lookup {
            Some(lookup) if query.scope.is_some() => {
                self.text(", LOOKUP ")?;
                self.path(&lookup.field)
            }
            Some(lookup) => {
                self.clause("USING LOOKUP ")?;
                self.path(&lookup.field)
            }
            None => Ok(()),
        }
    }

    pub(crate) fn lookup_binds(&mut self, lookup: Option<&Lookup>) -> fmt::Result {
        let Some(lookup) = lookup.filter(|lookup| !lookup.binds.is_empty()) else {
            return Ok(());
        };
        self.clause("BIND ")?;
        self.list(&lookup.binds, |printer, bind| {
            printer.short(&bind.field.text)?;
            printer.text(" = ")?;
            printer.literal(&bind.value)
        })
    }

    /// The clauses behind `ORDER BY`.
    fn tail(&mut self, query: &Query) -> fmt::Result {
        self.page(query.limit.as_ref(), query.offset.as_ref())?;
        self.lookup_binds(query.lookup.as_deref())?;
        if query.all_rows {
            self.clause("ALL ROWS")?;
        }
        if !query.purpose.is_empty() {
            self.clause("FOR ")?;
            self.list(&query.purpose, |printer, purpose| {
                printer.text(match purpose {
                    For::View => "VIEW",
                    For::Reference => "REFERENCE",
                    For::Update => "UPDATE",
                })
            })?;
        }
        self.update(&query.update)?;
        match &query.options {
            Some(options) => self.set_options(options),
            None => Ok(()),
        }
    }

    /// `LIMIT` and `OFFSET`.
    pub(crate) fn page(&mut self, limit: Option<&Count>, offset: Option<&Count>) -> fmt::Result {
        for (word, count) in [("LIMIT ", limit), ("OFFSET ", offset)] {
            match count {
                Some(Count::Number(number, _)) => {
                    self.clause(word)?;
                    self.number(*number)?;
                }
                Some(Count::Bind(bind)) => {
                    self.clause(word)?;
                    self.bind(bind)?;
                }
                None => {}
            }
        }
        Ok(())
    }

    pub(crate) fn update(&mut self, update: &[Update]) -> fmt::Result {
        if update.is_empty() {
            return Ok(());
        }
        self.clause("UPDATE ")?;
        self.list(update, |printer, update| {
            printer.text(match update {
                Update::Tracking => "TRACKING",
                Update::ViewStat => "VIEWSTAT",
            })
        })
    }

    fn set_options(&mut self, options: &SetOptions) -> fmt::Result {
        self.clause("SET OPTIONS ")?;
        let all = match options {
            SetOptions::Bind(bind) => return self.bind(bind),
            SetOptions::List(all) => all,
        };
        self.text("(")?;
        self.list(all, |printer, option| {
            printer.short(&option.name.text)?;
            printer.text(" = ")?;
            printer.literal(&option.value)
        })?;
        self.text(")")
    }

    /// The start of a clause.
    #[inline]
    pub(crate) fn clause(&mut self, word: &str) -> fmt::Result {
        self.line_or(" ")?;
        self.text(word)
    }

    /// What is selected: one item on the line of `SELECT`, several on lines of their own.
    fn items(&mut self, items: &[SelectItem]) -> fmt::Result {
        let simple = matches!(items, [item] if !matches!(item, SelectItem::SubQuery(_)));
        if simple || !self.lines() {
            self.text(" ")?;
            return self.list(items, Self::item);
        }
        self.inner(|printer| {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    printer.text(",")?;
                }
                printer.line_or("")?;
                printer.item(item)?;
            }
            Ok(())
        })
    }

    pub(crate) fn item(&mut self, item: &SelectItem) -> fmt::Result {
        match item {
            SelectItem::Expression(selected) => {
                self.expression(&selected.expression)?;
                self.alias(selected.alias.as_ref())
            }
            SelectItem::Count(_) => self.text("COUNT()"),
            SelectItem::Fields(set, _) => self.text(match set {
                FieldSet::All => "FIELDS(ALL)",
                FieldSet::Standard => "FIELDS(STANDARD)",
                FieldSet::Custom => "FIELDS(CUSTOM)",
            }),
            SelectItem::SubQuery(query) => self.sub_query(query),
            SelectItem::TypeOf(type_of) => self.type_of(type_of),
        }
    }

    fn alias(&mut self, alias: Option<&Name>) -> fmt::Result {
        match alias {
            Some(name) => {
                self.text(" ")?;
                self.short(&name.text)
            }
            None => Ok(()),
        }
    }

    /// A query in parentheses.
    pub(crate) fn sub_query(&mut self, query: &Query) -> fmt::Result {
        self.text("(")?;
        self.inner(|printer| {
            printer.line_or("")?;
            printer.query(query)
        })?;
        self.line_or("")?;
        self.text(")")
    }

    pub(crate) fn type_of(&mut self, type_of: &TypeOf) -> fmt::Result {
        self.text("TYPEOF ")?;
        self.path(&type_of.relationship)?;
        self.inner(|printer| {
            for branch in &type_of.branches {
                printer.clause("WHEN ")?;
                printer.short(&branch.object.text)?;
                printer.text(" THEN ")?;
                printer.list(&branch.fields, Self::path)?;
            }
            if !type_of.otherwise.is_empty() {
                printer.clause("ELSE ")?;
                printer.list(&type_of.otherwise, Self::path)?;
            }
            Ok(())
        })?;
        self.clause("END")
    }

    fn from(&mut self, from: &From) -> fmt::Result {
        self.path(&from.object)?;
        self.alias(from.alias.as_ref())?;
        for relation in &from.relations {
            self.text(", ")?;
            self.path(&relation.path)?;
            self.alias(relation.alias.as_ref())?;
        }
        Ok(())
    }

    fn with_clause(&mut self, with: &With) -> fmt::Result {
        self.clause("WITH ")?;
        self.with(with)
    }

    pub(crate) fn with(&mut self, with: &With) -> fmt::Result {
        match with {
            With::SecurityEnforced => self.text("SECURITY_ENFORCED"),
            With::UserMode => self.text("USER_MODE"),
            With::SystemMode => self.text("SYSTEM_MODE"),
            With::DataCategory(filters) => {
                self.text("DATA CATEGORY ")?;
                for (at, filter) in filters.iter().enumerate() {
                    if at > 0 {
                        self.text(" AND ")?;
                    }
                    self.category(filter)?;
                }
                Ok(())
            }
            With::Other { name, value } => {
                self.path(name)?;
                self.text(" ")?;
                self.text(value)
            }
            With::Several(all) => {
                for (at, with) in all.iter().enumerate() {
                    if at > 0 {
                        self.text(" WITH ")?;
                    }
                    self.with(with)?;
                }
                Ok(())
            }
        }
    }

    fn category(&mut self, filter: &CategoryFilter) -> fmt::Result {
        self.short(&filter.group.text)?;
        self.text(match filter.operator {
            CategoryOperator::At => " AT ",
            CategoryOperator::Above => " ABOVE ",
            CategoryOperator::Below => " BELOW ",
            CategoryOperator::AboveOrBelow => " ABOVE_OR_BELOW ",
        })?;
        let name = |printer: &mut Self, name: &Name| printer.short(&name.text);
        if let [one] = filter.categories.as_slice() {
            return name(self, one);
        }
        self.text("(")?;
        self.list(&filter.categories, name)?;
        self.text(")")
    }

    fn group(&mut self, group: &GroupBy) -> fmt::Result {
        let word = match group.grouping {
            Grouping::Plain => return self.list(&group.keys, Self::expression),
            Grouping::Rollup => "ROLLUP(",
            Grouping::Cube => "CUBE(",
        };
        self.text(word)?;
        self.list(&group.keys, Self::expression)?;
        self.text(")")
    }

    pub(crate) fn order(&mut self, order: &OrderBy) -> fmt::Result {
        self.expression(&order.expression)?;
        match order.direction {
            Some(Direction::Ascending) => self.text(" ASC")?,
            Some(Direction::Descending) => self.text(" DESC")?,
            None => {}
        }
        match order.nulls {
            Some(Nulls::First) => self.text(" NULLS FIRST"),
            Some(Nulls::Last) => self.text(" NULLS LAST"),
            None => Ok(()),
        }
    }
}
