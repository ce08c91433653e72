//! From records to rows of a result.

use std::sync::Arc;

use super::super::filter::Filter;
use super::super::query::{
    Children, Column, FieldPath, Hop, Operand, Query, Rows, Select, Stored, TypeOf,
};
use super::read::{PathReader, Reader};
use super::{Source, evaluate};
use crate::error::Result;
use crate::record::{ID_SLOT, Record, Shape};
use crate::value::{Text, Value};

/// What the rows of one object hold, parents nested.
#[derive(Debug, Default)]
pub(super) struct Plan {
    values: Vec<(Text, Operand)>,
    parents: Vec<(FieldPath, Self)>,
    children: Vec<(Text, Query)>,
    type_ofs: Vec<TypePlan>,
}

#[derive(Debug)]
struct TypePlan {
    path: FieldPath,
    branches: Vec<(Text, Plan)>,
    otherwise: Plan,
}

impl Plan {
    /// Plans the rows of a query; `None` where they are whole records.
    pub(super) fn of(query: &Query) -> Option<Self> {
        let Select::Columns(columns) = &query.select else { return None };
        let mut plan = Self::default();
        for column in columns {
            plan.add(column);
        }
        Some(plan)
    }

    fn add(&mut self, column: &Column) {
        match column {
            Column::Value { operand, alias: Some(alias) } => {
                self.values.push((alias.clone(), operand.clone()));
            }
            Column::Value { operand, alias: None } => self.add_operand(operand.clone()),
            Column::Children(children) => self.children.push(child_query(children)),
            Column::TypeOf(type_of) => self.type_ofs.push(TypePlan::of(type_of)),
            Column::Fields(_) => {}
        }
    }

    /// Adds a value, under its relationships if it is a parent's.
    fn add_operand(&mut self, mut operand: Operand) {
        let mut first = None;
        if let Operand::Field(path) | Operand::Format(path) | Operand::Date(_, path, _) =
            &mut operand
            && !path.is_own()
        {
            first = Some(path.hops.remove(0));
        }
        match first {
            None => self.values.push((operand.name(), operand)),
            Some(hop) => self.parent(hop).add_operand(operand),
        }
    }

    fn parent(&mut self, hop: Hop) -> &mut Self {
        let known = |(path, _): &(FieldPath, Self)| {
            path.hops[0].relationship.eq_ignore_ascii_case(&hop.relationship)
        };
        let at = self.parents.iter().position(known).unwrap_or_else(|| {
            let path = FieldPath { hops: vec![hop], field: Text::from_static("Id") };
            self.parents.push((path, Self::default()));
            self.parents.len() - 1
        });
        &mut self.parents[at].1
    }
}

impl TypePlan {
    fn of(type_of: &TypeOf) -> Self {
        let plan = |paths: &[FieldPath]| {
            let mut plan = Plan::default();
            for path in paths {
                plan.add_operand(Operand::Field(path.clone()));
            }
            plan
        };
        let branches = type_of.branches.iter().map(|(name, paths)| (name.clone(), plan(paths)));
        Self {
            path: FieldPath { hops: vec![type_of.hop.clone()], field: Text::from_static("Id") },
            branches: branches.collect(),
            otherwise: plan(&type_of.otherwise),
        }
    }
}

/// Returns the query over the children of one record, whose id stands in the first condition.
fn child_query(children: &Children) -> (Text, Query) {
    let mut query = children.query.clone();
    let of_parent = Filter::eq(&children.reference, Value::Null);
    query.filter =
        Some(Filter::And(std::iter::once(of_parent).chain(query.filter.take()).collect()));
    (children.relationship.clone(), query)
}

/// Makes the rows of one object.
pub(super) struct Projection<'a> {
    source: &'a dyn Source,
    plan: &'a Plan,
    shape: Option<Arc<Shape>>,
    values: Vec<Reader<'a>>,
    parents: Vec<(PathReader<'a>, Projection<'a>)>,
    type_ofs: Vec<(PathReader<'a>, Vec<Projection<'a>>)>,
}

impl<'a> Projection<'a> {
    pub(super) fn new(plan: &'a Plan, rows: &'a Rows, source: &'a dyn Source) -> Self {
        let parents = plan.parents.iter().map(|(path, parent)| {
            (PathReader::new(path, rows, source), Self::new(parent, rows, source))
        });
        let type_ofs = plan.type_ofs.iter().map(|type_of| {
            let branches = type_of.branches.iter().map(|(_, plan)| plan);
            let plans = branches.chain([&type_of.otherwise]);
            (
                PathReader::new(&type_of.path, rows, source),
                plans.map(|plan| Self::new(plan, rows, source)).collect(),
            )
        });
        Self {
            source,
            plan,
            shape: None,
            values: plan.values.iter().map(|(_, own)| Reader::new(own, rows, source)).collect(),
            parents: parents.collect(),
            type_ofs: type_ofs.collect(),
        }
    }

    /// Returns the row of a stored record.
    pub(super) fn stored(&mut self, stored: &Stored) -> Result<Stored> {
        Ok(Stored { record: self.record(&stored.record)?, version: stored.version })
    }

    /// Returns the row of a parent; one that can be of several objects says which it is of.
    fn parent(&mut self, record: &Record, object: Option<&Text>) -> Result<Record> {
        let mut row = self.record(record)?;
        for (name, operand) in &self.plan.values {
            if let (Operand::Field(path) | Operand::Format(path), Some(object)) = (operand, object)
                && path.is_own()
                && path.field.eq_ignore_ascii_case("Type")
                && record.get(&path.field).is_none()
            {
                row.set(name, object.clone());
            }
        }
        Ok(row)
    }

    fn record(&mut self, record: &Record) -> Result<Record> {
        let shape = Arc::clone(self.shape_of(record));
        let mut row = Record::of_shape(Arc::clone(&shape));
        let slots = row.slots_mut();
        let mut put = |name: &str, value: Value| {
            if let Some(slot) = shape.slot(name) {
                slots[slot] = Some(value);
            }
        };
        if let Some(id) = record.get_slot(ID_SLOT) {
            put("Id", id.clone());
        }
        for ((name, _), reader) in self.plan.values.iter().zip(&self.values) {
            put(name, reader.read(record).map_or(Value::Null, std::borrow::Cow::into_owned));
        }
        for (path, projection) in &mut self.parents {
            let parent = path.parent(record).map(|(parent, object)| {
                projection.parent(parent, path.is_polymorphic().then_some(object))
            });
            put(path.relationship(), nested(parent.transpose()?));
        }
        for ((path, projections), type_of) in self.type_ofs.iter_mut().zip(&self.plan.type_ofs) {
            let parent = path.parent(record).map(|(parent, object)| {
                let is_of = |(name, _): &(Text, Plan)| name.eq_ignore_ascii_case(object);
                let branch = type_of.branches.iter().position(is_of);
                let projection = &mut projections[branch.unwrap_or(type_of.branches.len())];
                projection.parent(parent, path.is_polymorphic().then_some(object))
            });
            put(path.relationship(), nested(parent.transpose()?));
        }
        for (relationship, query) in &self.plan.children {
            put(relationship, self.children(record, query)?);
        }
        Ok(row)
    }

    fn children(&self, record: &Record, query: &Query) -> Result<Value> {
        let mut query = query.clone();
        if let (Some(Filter::And(all)), Some(id)) = (&mut query.filter, record.id())
            && let Some(Filter::Compare { value, .. }) = all.first_mut()
        {
            *value = id.into();
        }
        let found = evaluate(&query, self.source)?.records;
        Ok(Value::Records(found.into_iter().map(|stored| stored.record).collect()))
    }

    /// Returns the shape of the rows; the columns are the same for all records of an object.
    fn shape_of(&mut self, record: &Record) -> &Arc<Shape> {
        let known = self.shape.take().filter(|shape| shape.object() == record.object());
        self.shape.insert(known.unwrap_or_else(|| {
            let values = self.plan.values.iter().map(|(name, _)| name.as_str());
            let parents = self.parents.iter().map(|(path, _)| path.relationship());
            let type_ofs = self.type_ofs.iter().map(|(path, _)| path.relationship());
            let children = self.plan.children.iter().map(|(name, _)| name.as_str());
            let names = values.chain(parents).chain(type_ofs).chain(children);
            Shape::of(record.object()).extended(names)
        }))
    }
}

fn nested(parent: Option<Record>) -> Value {
    parent.map_or(Value::Null, |parent| Value::Record(Arc::new(parent)))
}
