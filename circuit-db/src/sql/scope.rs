//! What a statement is over: the table of an object, joined with those of its parents.

use std::cell::Cell;
use std::sync::Arc;

use circuit_core::{
    FieldPath, FieldSchema, FieldType, Filter, Hop, Operand, Rows, Text, Value, eval,
};

use super::dialect::{Dialect, SqlTable, Typed};
use super::filter::Unique;
use super::fragment::Fragment;
use super::statement::Generator;

/// The records of one object in a statement.
#[derive(Debug)]
pub(super) struct Node<D: Dialect> {
    pub(super) alias: String,
    /// The object's name, as the reference to it has it.
    pub(super) object: Text,
    pub(super) table: Arc<D::Table>,
}

impl<D: Dialect> Clone for Node<D> {
    fn clone(&self) -> Self {
        let (alias, object) = (self.alias.clone(), self.object.clone());
        Self { alias, object, table: Arc::clone(&self.table) }
    }
}

/// One step to parents: a join for each object that they can be of.
struct Join<D: Dialect> {
    from: String,
    reference: String,
    /// What the parents' keys are compared with.
    on: Fragment<D::Param>,
    parents: Vec<Node<D>>,
}

/// What a statement is over.
pub(super) struct Scope<'g, D: Dialect> {
    pub(super) generator: &'g Generator<'g, D>,
    pub(super) rows: &'g Rows,
    pub(super) root: Node<D>,
    joins: Vec<Join<D>>,
    /// Whether a condition asks an index of unique values.
    by_unique: Cell<bool>,
    /// The conditions whose values are bound again where the statement is found again.
    pub(super) tests: Vec<&'g Filter>,
}

impl<'g, D: Dialect> Scope<'g, D> {
    pub(super) fn new(
        generator: &'g Generator<'g, D>,
        object: &str,
        rows: &'g Rows,
    ) -> Option<Self> {
        let table = generator.table(object)?;
        let root = Node { alias: generator.alias(), object: table.object().clone(), table };
        let by_unique = Cell::new(false);
        Some(Self { generator, rows, root, joins: Vec::new(), by_unique, tests: Vec::new() })
    }

    /// Returns the tables, joined; `None` if they are too many.
    pub(super) fn from(&self) -> Option<Fragment<D::Param>> {
        let mut from = Fragment::new(format!("{} AS {}", self.root.table.name(), self.root.alias));
        let mut tables = 1;
        for join in &self.joins {
            for Node { alias, table, .. } in &join.parents {
                tables += 1;
                from = from
                    .text(&format!(" LEFT JOIN {} AS {alias} ON {alias}._key = ", table.name()))
                    .then(join.on.clone());
                if *self.rows != Rows::All {
                    let live = self.generator.dialect.deleted(alias, false);
                    from = from.text(&format!(" AND {live}"));
                }
            }
        }
        (tables <= D::MAX_JOINS).then_some(from)
    }

    /// Returns the condition that a record is one that the query is over.
    pub(super) fn kept(&self) -> Vec<Fragment<D::Param>> {
        let (dialect, alias) = (self.generator.dialect, &self.root.alias);
        match self.rows {
            Rows::Live if self.by_unique.get() => {
                vec![Fragment::new(dialect.deleted(alias, false))]
            }
            Rows::Live => vec![Fragment::new(dialect.scanned(alias))],
            Rows::DeletedWith(root) => {
                let with = Fragment::new(format!("{alias}._deleted_with = "));
                vec![
                    Fragment::new(dialect.deleted(alias, true)),
                    with.then(dialect.key(root.key())),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// Returns the parents to which a step leads, the object that is looked in first in front.
    pub(super) fn parents(&mut self, at: &Node<D>, hop: &Hop) -> Option<Vec<Node<D>>> {
        let field = at.table.field(&hop.reference)?;
        let reference = field.name().to_ascii_lowercase();
        let known = |join: &&Join<D>| join.from == at.alias && join.reference == reference;
        if let Some(join) = self.joins.iter().find(known) {
            return Some(join.parents.clone());
        }
        let dialect = self.generator.dialect;
        let on = dialect.reference(&dialect.field(&at.alias, field))?;
        let mut parents = Vec::new();
        for object in &hop.objects {
            // Of an object that was never stored there are no records.
            if let Some(table) = self.generator.table(object) {
                let alias = self.generator.alias();
                parents.push(Node { alias, object: object.clone(), table });
            }
        }
        let from = at.alias.clone();
        self.joins.push(Join { from, reference, on, parents: parents.clone() });
        Some(parents)
    }

    /// Returns where a path ends.
    fn ends(&mut self, from: &Node<D>, path: &FieldPath) -> Option<Vec<Node<D>>> {
        let mut at = vec![from.clone()];
        for hop in &path.hops {
            let [one] = at.as_slice() else { return None };
            let one = one.clone();
            at = self.parents(&one, hop)?;
        }
        Some(at)
    }

    /// Returns a field in SQL; `None` if it has no column that can be compared.
    fn path(&mut self, from: &Node<D>, path: &FieldPath) -> Option<Typed<D::Param>> {
        let ends = self.ends(from, path)?;
        let is_name = eval::is_object_name(path);
        let mut found: Vec<(String, Typed<D::Param>)> = Vec::new();
        for node in &ends {
            match self.field(node, &path.field) {
                Field::Typed(typed) => found.push((node.alias.clone(), typed)),
                Field::Absent if is_name => {
                    let name = self.generator.dialect.text(&node.object);
                    found.push((node.alias.clone(), name));
                }
                Field::Absent => {}
                Field::Unknown => return None,
            }
        }
        if ends.len() == 1 && !is_name {
            return Some(found.pop()?.1);
        }
        cases(&found)
    }

    /// Returns the field of a record, if it can be compared.
    fn field(&self, node: &Node<D>, name: &str) -> Field<D> {
        let dialect = self.generator.dialect;
        if name.eq_ignore_ascii_case("Id") {
            return Field::Typed(dialect.id(&node.alias));
        }
        match node.table.field(name) {
            Some(field) if is_comparable(field) => Field::Typed(dialect.field(&node.alias, field)),
            None if node.table.schema().is_some() => Field::Absent,
            _ => Field::Unknown,
        }
    }

    /// Returns the unique field that an operand is, if its index can be asked.
    pub(super) fn unique(&self, operand: &Operand, value: &Value) -> Option<Unique<D::Param>> {
        let Operand::Field(path) = operand else { return None };
        if !path.is_own() || *self.rows != Rows::Live {
            return None;
        }
        let field = self.root.table.field(&path.field).filter(|field| field.is_unique())?;
        if !field.field_type().admits(value) {
            return None;
        }
        let dialect = self.generator.dialect;
        let (column, key) = (dialect.unique(&self.root.alias, field), dialect.unique_key(value)?);
        self.by_unique.set(true);
        Some(Unique { column, kind: field.field_type(), key })
    }

    /// Returns what a condition, a column or a sort key is about.
    pub(super) fn operand(&mut self, operand: &Operand) -> Option<Typed<D::Param>> {
        let root = self.root.clone();
        self.operand_at(&root, operand)
    }

    /// Returns what an operand is about that starts at a parent.
    pub(super) fn operand_at(
        &mut self,
        at: &Node<D>,
        operand: &Operand,
    ) -> Option<Typed<D::Param>> {
        let dialect = self.generator.dialect;
        match operand {
            Operand::Field(path) => self.path(at, path),
            Operand::Date(part, path, zone) => {
                let of = self.path(at, path)?;
                dialect.date_part(*part, &of, *zone)
            }
            Operand::Distance(distance) => {
                let latitude = self.path(at, &distance.latitude)?;
                let longitude = self.path(at, &distance.longitude)?;
                dialect.distance(distance, &latitude, &longitude)
            }
            Operand::Format(path) => {
                let of = self.path(at, path)?;
                dialect.format(&of)
            }
            _ => None,
        }
    }
}

enum Field<D: Dialect> {
    Typed(Typed<D::Param>),
    /// The object's schema has no such field.
    Absent,
    /// SQL cannot compare it.
    Unknown,
}

/// Takes the value of the one candidate that is there.
fn cases<P: Clone>(found: &[(String, Typed<P>)]) -> Option<Typed<P>> {
    let first = found.first()?.1.clone();
    let alike = |(_, typed): &(String, Typed<P>)| {
        typed.kind == first.kind && typed.bare().len() == first.bare().len()
    };
    if !found.iter().all(alike) {
        return None;
    }
    let case = |part: &dyn Fn(&Typed<P>) -> Fragment<P>| {
        let mut sql = Fragment::new("(CASE");
        for (alias, typed) in found {
            sql = sql.text(&format!(" WHEN {alias}._key IS NOT NULL THEN ")).then(part(typed));
        }
        sql.text(" END)")
    };
    let value = (0..first.value.len()).map(|i| case(&|typed| typed.value[i].clone())).collect();
    // Own ids are compared by their keys and references by their values, so both are said.
    let same = found.iter().all(|(_, typed)| typed.key.is_none());
    let keys = (0..first.bare().len()).map(|i| case(&|typed| typed.bare()[i].clone()));
    let key = (!same).then(|| keys.collect());
    let collate = found.iter().map(|(_, typed)| typed.collate).max().unwrap_or_default();
    Some(Typed { value, key, collate, ..first })
}

/// JSON and values of any type are compared by Circuit.
pub(super) fn is_comparable(field: &FieldSchema) -> bool {
    !matches!(field.field_type(), FieldType::Any | FieldType::Json)
}

/// Returns columns of a derived table that hold a value.
pub(super) fn columns<P: Clone>(of: &Typed<P>, lead: &str) -> Typed<P> {
    let named = |letter: char, n: usize| {
        (0..n).map(|i| Fragment::new(format!("{lead}{letter}{i}"))).collect::<Vec<_>>()
    };
    Typed {
        value: named('v', of.value.len()),
        key: of.key.as_ref().map(|key| named('k', key.len())),
        ..of.clone()
    }
}

/// Returns the same columns as they are selected into the derived table.
pub(super) fn selected<P: Clone>(of: &Typed<P>, lead: &str) -> Vec<Fragment<P>> {
    let named = |letter: char, parts: &[Fragment<P>]| {
        let each = parts.iter().enumerate();
        each.map(|(i, part)| part.clone().text(&format!(" AS {lead}{letter}{i}")))
            .collect::<Vec<_>>()
    };
    let mut all = named('v', &of.value);
    all.extend(of.key.iter().flat_map(|key| named('k', key)));
    all
}
