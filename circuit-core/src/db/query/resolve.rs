//! From names to what they stand for: relationships, sets of fields, children.

use std::sync::Arc;

use super::{
    Children, Column, FieldPath, FieldSet, Groups, Hop, Operand, OrderBy, Query, Rows, Select,
    TypeOf,
};
use crate::db::CircuitDB;
use crate::db::filter::Filter;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{ObjectSchema, nearest};
use crate::value::Text;

impl Query {
    /// Finds out which fields the names of relationships stand for, and checks that every object
    /// with a schema has every field named. Every store calls it; what is resolved stays as it is.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] naming object and field.
    pub fn resolve(&self, db: &dyn CircuitDB) -> Result<Self> {
        self.clone().resolved(db)
    }

    /// As [`resolve`](Self::resolve), of a query that nobody else needs.
    pub(crate) fn resolved(mut self, db: &dyn CircuitDB) -> Result<Self> {
        resolve(&mut self, db)?;
        Ok(self)
    }
}

fn resolve(query: &mut Query, db: &dyn CircuitDB) -> Result<()> {
    // What is looked at beside the records is looked at in one place, also by queries in the query.
    let rows = if query.rows == Rows::All { Rows::All } else { Rows::Live };
    let schema = db.describe(&query.object);
    let scope = Scope { object: query.object.clone(), schema, rows, db };
    if let Some(schema) = &scope.schema {
        query.object = schema.object().clone();
    }
    if let Some(filter) = &mut query.filter {
        scope.filter(filter)?;
    }
    match &mut query.select {
        Select::Records | Select::Count => {}
        Select::Columns(columns) => scope.columns(columns)?,
        Select::Groups(groups) => scope.groups(groups)?,
    }
    query.order.iter_mut().try_for_each(|key| scope.operand(&mut key.operand))?;
    scope.no_aggregates(query.filter.as_ref())?;
    match &query.select {
        Select::Groups(groups) => query.order.iter().try_for_each(|key| scope.sorted(groups, key)),
        _ if query.order.iter().any(|key| key.operand.is_aggregate()) => {
            Err(scope.invalid("only a query with groups is sorted by an aggregate"))
        }
        _ => Ok(()),
    }
}

/// The object whose fields the names are.
struct Scope<'a> {
    object: Text,
    schema: Option<Arc<ObjectSchema>>,
    /// Which records the queries in the query are over.
    rows: Rows,
    db: &'a dyn CircuitDB,
}

impl Scope<'_> {
    fn invalid(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::InvalidQuery, message).with("object", &self.object)
    }

    /// Small on the stack, because filters nest.
    fn filter(&self, filter: &mut Filter) -> Result<()> {
        match filter {
            Filter::And(filters) | Filter::Or(filters) => {
                filters.iter_mut().try_for_each(|filter| self.filter(filter))
            }
            Filter::Not(filter) => self.filter(filter),
            test => self.test(test),
        }
    }

    #[inline(never)]
    fn test(&self, filter: &mut Filter) -> Result<()> {
        match filter {
            Filter::Compare { operand, .. }
            | Filter::In { operand, .. }
            | Filter::Like { operand, .. }
            | Filter::Within { operand, .. }
            | Filter::Includes { operand, .. } => self.operand(operand),
            Filter::InQuery { operand, query } => {
                self.operand(operand)?;
                query.rows = self.rows.clone();
                resolve(query, self.db)?;
                match &query.select {
                    Select::Columns(columns) if matches!(columns[..], [Column::Value { .. }]) => {
                        Ok(())
                    }
                    _ => Err(self.invalid("a query that gives a list has one column")),
                }
            }
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) => Ok(()),
        }
    }

    fn operand(&self, operand: &mut Operand) -> Result<()> {
        operand.paths_mut(&mut |path| self.path(path))
    }

    /// Resolves the steps of a path, and checks the field where they end.
    fn path(&self, path: &mut FieldPath) -> Result<()> {
        let mut at = vec![(self.object.clone(), self.schema.clone())];
        for hop in &mut path.hops {
            self.hop(&at, hop)?;
            at = hop.objects.iter().map(|name| (name.clone(), self.db.describe(name))).collect();
        }
        if path.field.eq_ignore_ascii_case("Id") || is_object_name(path) {
            return Ok(());
        }
        let mut has = at.iter().map(|(_, schema)| {
            schema.as_ref().is_none_or(|schema| schema.field(&path.field).is_some())
        });
        if has.any(|has| has) {
            return Ok(());
        }
        let (object, schema) = &at[0];
        Err(unknown_field(object, schema.as_deref(), &path.field))
    }

    fn hop(&self, at: &[(Text, Option<Arc<ObjectSchema>>)], hop: &mut Hop) -> Result<()> {
        if !hop.reference.is_empty() {
            return Ok(());
        }
        let [(object, schema)] = at else {
            let message = "a path goes no further than the fields of a parent of several objects";
            return Err(self.invalid(message).with("relationship", &hop.relationship));
        };
        let Some(schema) = schema else {
            let message = "an object without a schema has no relationships";
            let error = Error::new(ErrorKind::InvalidQuery, message).with("object", object);
            return Err(error.with("relationship", &hop.relationship));
        };
        let found = schema.fields().iter().find_map(|field| {
            let reference = field.reference()?;
            let named = field.relationship()?.eq_ignore_ascii_case(&hop.relationship);
            named.then(|| (field.name().clone(), reference.objects()))
        });
        let Some((reference, objects)) = found else {
            return Err(unknown_relationship(object, schema, &hop.relationship));
        };
        (hop.reference, hop.objects) = (reference, objects);
        Ok(())
    }

    fn columns(&self, columns: &mut Vec<Column>) -> Result<()> {
        let mut all = Vec::with_capacity(columns.len());
        for mut column in columns.drain(..) {
            match &mut column {
                Column::Fields(set) => {
                    self.fields(*set, &mut all)?;
                    continue;
                }
                Column::Value { operand, .. } if operand.is_aggregate() => {
                    return Err(self.invalid("an aggregate is selected with groups"));
                }
                Column::Value { operand, .. } => self.operand(operand)?,
                Column::Children(children) => self.children(children)?,
                Column::TypeOf(type_of) => self.type_of(type_of)?,
            }
            all.push(column);
        }
        *columns = all;
        Ok(())
    }

    fn fields(&self, set: FieldSet, all: &mut Vec<Column>) -> Result<()> {
        let Some(schema) = &self.schema else {
            return Err(self.invalid("an object without a schema has no list of its fields"));
        };
        let fits = |name: &str| {
            let custom = name.len() > 3 && name[name.len() - 3..].eq_ignore_ascii_case("__c");
            set == FieldSet::All || custom == (set == FieldSet::Custom)
        };
        let names = schema.fields().iter().map(|field| field.name().as_str());
        all.extend(names.filter(|name| fits(name)).map(Column::field));
        Ok(())
    }

    fn children(&self, children: &mut Children) -> Result<()> {
        if children.reference.is_empty() {
            let (object, reference) = self.child_relationship(&children.relationship)?;
            (children.query.object, children.reference) = (object, reference);
        }
        if !matches!(children.query.select, Select::Columns(_) | Select::Records) {
            return Err(self.invalid("a query over children returns records"));
        }
        children.query.rows = self.rows.clone();
        resolve(&mut children.query, self.db)
    }

    /// Finds the object and the field that a relationship's name stands for.
    fn child_relationship(&self, name: &str) -> Result<(Text, Text)> {
        let mut known = Vec::new();
        for schema in self.db.schemas() {
            for field in schema.fields() {
                let of_this = field.reference().is_some_and(|reference| {
                    reference.objects().iter().any(|to| to.eq_ignore_ascii_case(&self.object))
                });
                let Some(children) = field.children(schema.object()).filter(|_| of_this) else {
                    continue;
                };
                if children.eq_ignore_ascii_case(name) {
                    return Ok((schema.object().clone(), field.name().clone()));
                }
                known.push(children);
            }
        }
        let error = self.invalid(format!(
            "no such child relationship{}",
            did_you_mean(nearest(known.iter(), name))
        ));
        Err(error.with("relationship", name))
    }

    fn type_of(&self, type_of: &mut TypeOf) -> Result<()> {
        self.hop(&[(self.object.clone(), self.schema.clone())], &mut type_of.hop)?;
        let TypeOf { hop, branches, otherwise } = type_of;
        for (object, fields) in branches.iter_mut() {
            if !hop.objects.iter().any(|known| known.eq_ignore_ascii_case(object)) {
                let message = format!("the relationship leads to {} alone", hop.objects.join(", "));
                let error = self.invalid(message).with("relationship", &hop.relationship);
                return Err(error.with("branch", &*object));
            }
            let schema = self.db.describe(object);
            let inner =
                Scope { object: object.clone(), schema, rows: self.rows.clone(), db: self.db };
            fields.iter_mut().try_for_each(|path| inner.path(path))?;
        }
        for path in otherwise {
            let mut whole = FieldPath { hops: vec![hop.clone()], field: path.field.clone() };
            if !path.is_own() {
                return Err(self.invalid("ELSE names fields, not fields of parents"));
            }
            self.path(&mut whole)?;
        }
        Ok(())
    }

    fn groups(&self, groups: &mut Groups) -> Result<()> {
        groups.keys.iter_mut().try_for_each(|key| self.operand(key))?;
        for (operand, name) in &mut groups.columns {
            self.grouped(&groups.keys, operand).map_err(|error| error.with("column", &*name))?;
        }
        self.different_names(groups)?;
        let Some(having) = &mut groups.having else { return Ok(()) };
        self.filter(having)?;
        let mut problem = Ok(());
        having.operands(&mut |operand| {
            if problem.is_ok() {
                problem = self.is_of_group(&groups.keys, operand);
            }
        });
        problem
    }

    fn no_aggregates(&self, filter: Option<&Filter>) -> Result<()> {
        let mut found = false;
        if let Some(filter) = filter {
            filter.operands(&mut |operand| found |= operand.is_aggregate());
        }
        if found {
            return Err(
                self.invalid("an aggregate is a condition on groups: `having`, not `filter`")
            );
        }
        Ok(())
    }

    /// Two columns of one name would be one in the row.
    fn different_names(&self, groups: &Groups) -> Result<()> {
        for (at, (_, name)) in groups.columns.iter().enumerate() {
            if groups.columns[..at].iter().any(|(_, other)| other.eq_ignore_ascii_case(name)) {
                let message = "two columns have one name: give one of them an alias";
                return Err(self.invalid(message).with("column", name));
            }
        }
        Ok(())
    }

    fn grouped(&self, keys: &[Operand], operand: &mut Operand) -> Result<()> {
        self.operand(operand)?;
        self.is_of_group(keys, operand)
    }

    fn is_of_group(&self, keys: &[Operand], operand: &Operand) -> Result<()> {
        let known = match operand {
            Operand::Aggregate(..) => true,
            Operand::Grouping(key) => keys.iter().any(|own| is_same(own, key)),
            other => {
                let is_key = |of: &Operand| keys.iter().any(|own| is_same(own, of));
                is_key(other) || other.formats().is_some_and(|of| of.is_aggregate() || is_key(&of))
            }
        };
        if known {
            return Ok(());
        }
        let error = self.invalid("a value that differs within a group is grouped by or aggregated");
        Err(error.with("field", operand.name()))
    }

    fn sorted(&self, groups: &Groups, key: &OrderBy) -> Result<()> {
        self.is_of_group(&groups.keys, &key.operand)
    }
}

/// Returns whether two operands stand for the same value, names compared without case.
pub fn is_same(a: &Operand, b: &Operand) -> bool {
    let same = |a: &FieldPath, b: &FieldPath| a.to_string().eq_ignore_ascii_case(&b.to_string());
    match (a, b) {
        (Operand::Field(a), Operand::Field(b)) | (Operand::Format(a), Operand::Format(b)) => {
            same(a, b)
        }
        (Operand::Date(p, a, zone), Operand::Date(q, b, other)) => {
            p == q && zone == other && same(a, b)
        }
        (Operand::Aggregate(f, a), Operand::Aggregate(g, b)) => {
            let both = a.as_ref().zip(b.as_ref());
            f == g && a.is_some() == b.is_some() && both.is_none_or(|(a, b)| same(a, b))
        }
        (Operand::Grouping(a), Operand::Grouping(b))
        | (Operand::FormatOf(a), Operand::FormatOf(b)) => is_same(a, b),
        (a, b) => a == b,
    }
}

/// `What.Type` is the name of the parent's object.
pub fn is_object_name(path: &FieldPath) -> bool {
    path.field.eq_ignore_ascii_case("Type")
        && path.hops.last().is_some_and(|hop| hop.objects.len() > 1)
}

fn did_you_mean(known: Option<&Text>) -> String {
    known.map_or_else(String::new, |known| format!("; did you mean `{known}`?"))
}

fn unknown_field(object: &Text, schema: Option<&ObjectSchema>, field: &Text) -> Error {
    let names = schema.iter().flat_map(|schema| schema.fields()).map(crate::FieldSchema::name);
    let hint = did_you_mean(nearest(names, field));
    Error::new(ErrorKind::InvalidQuery, format!("the object has no such field{hint}"))
        .with("object", object)
        .with("field", field)
}

fn unknown_relationship(object: &Text, schema: &ObjectSchema, name: &Text) -> Error {
    let known: Vec<Text> =
        schema.fields().iter().filter_map(crate::FieldSchema::relationship).collect();
    let hint = did_you_mean(nearest(known.iter(), name));
    Error::new(ErrorKind::InvalidQuery, format!("the object has no such relationship{hint}"))
        .with("object", object)
        .with("relationship", name)
}
