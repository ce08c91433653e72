//! The SELECT clause.

use circuit_soql::ast::{self, SelectItem, Selected};

use super::Lower;
use crate::db::{
    Children, Column, FieldSet, Grouping, Groups, Hop, Operand, Query, Select, TypeOf,
};
use crate::error::Result;
use crate::value::Text;

impl Lower<'_, '_> {
    pub(super) fn select(&self, query: &ast::Query) -> Result<Select> {
        if let [SelectItem::Count(_)] = query.select.as_slice() {
            return Ok(Select::Count);
        }
        let aggregates = query.select.iter().any(|item| match item {
            SelectItem::Expression(selected) => selected.expression.is_aggregated(),
            _ => false,
        });
        if query.group.is_some() || aggregates {
            return self.groups(query).map(Select::Groups);
        }
        let columns = query.select.iter().map(|item| self.column(item));
        columns.collect::<Result<_>>().map(Select::Columns)
    }

    fn column(&self, item: &SelectItem) -> Result<Column> {
        match item {
            SelectItem::Expression(Selected { expression, alias }) => Ok(Column::Value {
                operand: self.operand(expression)?,
                alias: alias.as_ref().map(|alias| alias.text.as_str().into()),
            }),
            SelectItem::Fields(set, _) => Ok(Column::Fields(match set {
                ast::FieldSet::All => FieldSet::All,
                ast::FieldSet::Standard => FieldSet::Standard,
                ast::FieldSet::Custom => FieldSet::Custom,
            })),
            SelectItem::SubQuery(query) => self.children(query),
            SelectItem::TypeOf(type_of) => self.type_of(type_of),
            SelectItem::Count(_) => Err(self.invalid("COUNT() stands alone")),
        }
    }

    fn children(&self, query: &ast::Query) -> Result<Column> {
        let inner = self.inner(query);
        let relationship = Text::from(inner.object());
        let query = Query { object: Text::default(), ..inner.query(query)? };
        let reference = Text::default();
        Ok(Column::Children(Box::new(Children { relationship, reference, query })))
    }

    fn type_of(&self, type_of: &ast::TypeOf) -> Result<Column> {
        let path = self.path(&type_of.relationship);
        if !path.is_own() {
            return Err(self.unsupported("TYPEOF looks at a relationship of the object itself"));
        }
        let fields = |paths: &[ast::Path]| paths.iter().map(|path| self.path(path)).collect();
        let branches = type_of.branches.iter();
        Ok(Column::TypeOf(TypeOf {
            hop: Hop::new(path.field),
            branches: branches
                .map(|when| (when.object.text.as_str().into(), fields(&when.fields)))
                .collect(),
            otherwise: fields(&type_of.otherwise),
        }))
    }

    fn groups(&self, query: &ast::Query) -> Result<Groups> {
        let mut groups = Groups::default();
        if let Some(group) = &query.group {
            groups.keys = group.keys.iter().map(|key| self.operand(key)).collect::<Result<_>>()?;
            groups.grouping = match group.grouping {
                ast::Grouping::Plain => Grouping::Plain,
                ast::Grouping::Rollup => Grouping::Rollup,
                ast::Grouping::Cube => Grouping::Cube,
            };
        }
        let mut unnamed = 0;
        for item in &query.select {
            let SelectItem::Expression(Selected { expression, alias }) = item else {
                return Err(self.invalid("a query with groups selects keys and aggregates"));
            };
            let operand = self.operand(expression)?;
            let name = match (alias, &operand) {
                (Some(alias), _) => alias.text.as_str().into(),
                (None, Operand::Field(path) | Operand::Format(path)) => path.field.clone(),
                // As in Salesforce, what has no name gets a number.
                (None, _) => {
                    unnamed += 1;
                    format!("expr{}", unnamed - 1).into()
                }
            };
            groups.columns.push((operand, name));
        }
        let having = query.having.as_ref();
        groups.having = having.map(|own| self.condition(own)).transpose()?;
        Ok(groups)
    }
}
