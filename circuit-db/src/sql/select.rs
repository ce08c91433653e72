//! Columns: which are selected, and which records the rows are.

use std::sync::Arc;

use circuit_core::{
    Column, DatePart, FieldPath, FieldType, Hop, Operand, Record, Select, Shape, Text, TypeOf,
    Value,
};

use super::children;
use super::decode::{Decode, IfAbsent, RowPlan, Source};
use super::dialect::{Dialect, SqlTable, Typed};
use super::fragment::Fragment;
use super::scope::{Node, Scope};

/// What the rows of one object hold, parents nested; as the evaluator plans them.
#[derive(Default)]
struct Wanted<'q> {
    /// Own values, and those of any place that have a name at the top.
    values: Vec<(Text, Operand)>,
    parents: Vec<(Hop, Self)>,
    type_ofs: Vec<&'q TypeOf>,
    children: Vec<&'q circuit_core::Children>,
}

impl<'q> Wanted<'q> {
    fn of(columns: &'q [Column]) -> Self {
        let mut wanted = Self::default();
        for column in columns {
            match column {
                Column::Value { operand, alias: Some(alias) } => {
                    wanted.values.push((alias.clone(), operand.clone()));
                }
                Column::Value { operand, alias: None } => wanted.add(operand.clone()),
                Column::Children(children) => wanted.children.push(children),
                Column::TypeOf(type_of) => wanted.type_ofs.push(type_of),
                _ => {}
            }
        }
        wanted
    }

    fn paths(paths: &[FieldPath]) -> Self {
        let mut wanted = Self::default();
        for path in paths {
            wanted.add(Operand::Field(path.clone()));
        }
        wanted
    }

    /// Adds a value, under its relationships if it is a parent's.
    fn add(&mut self, mut operand: Operand) {
        let mut first = None;
        if let Operand::Field(path) | Operand::Format(path) | Operand::Date(_, path, _) =
            &mut operand
            && !path.is_own()
        {
            first = Some(path.hops.remove(0));
        }
        match first {
            None => self.values.push((operand.name(), operand)),
            Some(hop) => self.parent(hop).add(operand),
        }
    }

    fn parent(&mut self, hop: Hop) -> &mut Self {
        let known =
            |(own, _): &(Hop, Self)| own.relationship.eq_ignore_ascii_case(&hop.relationship);
        let at = self.parents.iter().position(known).unwrap_or_else(|| {
            self.parents.push((hop, Self::default()));
            self.parents.len() - 1
        });
        &mut self.parents[at].1
    }

    fn shape(&self, object: &str) -> Arc<Shape> {
        let mut names = Record::new(object);
        let values = self.values.iter().map(|(name, _)| name);
        let parents = self.parents.iter().map(|(hop, _)| &hop.relationship);
        let type_ofs = self.type_ofs.iter().map(|type_of| &type_of.hop.relationship);
        let children = self.children.iter().map(|children| &children.relationship);
        for name in values.chain(parents).chain(type_ofs).chain(children) {
            names.set(name, Value::Null);
        }
        Arc::clone(names.shape())
    }
}

/// The columns so far.
struct Columns<D: Dialect> {
    parts: Vec<Fragment<D::Param>>,
    json: bool,
}

impl<D: Dialect> Columns<D> {
    /// Adds a value and returns where it is.
    fn add(&mut self, dialect: &D, value: &Typed<D::Param>) -> usize {
        let at = self.parts.len();
        let parts = if self.json { dialect.read_json(value) } else { dialect.read(value) };
        debug_assert_eq!(parts.len(), D::width(value.decode));
        self.parts.extend(parts);
        at
    }

    fn raw(&mut self, sql: Fragment<D::Param>) -> usize {
        self.parts.push(sql);
        self.parts.len() - 1
    }
}

/// Returns the columns of a query for records: the id, the version unless in JSON, then all others;
/// `None` if SQL cannot say one.
pub(super) fn columns<D: Dialect>(
    scope: &mut Scope<'_, D>,
    select: &Select,
    json: bool,
) -> Option<(Vec<Fragment<D::Param>>, RowPlan)> {
    let mut columns = Columns { parts: Vec::new(), json };
    let root = scope.root.clone();
    let id = id(scope, &mut columns, &root);
    if !json {
        columns.raw(Fragment::new(format!("{}._version", root.alias)));
    }
    let plan = match select {
        Select::Columns(all) => {
            let wanted = Wanted::of(all);
            row(scope, &mut columns, &root, id, &wanted, false)?
        }
        _ => whole(scope, &mut columns, &root, id),
    };
    (columns.parts.len() <= MAX_COLUMNS).then_some((columns.parts, plan))
}

/// SQLite has 2,000 columns at most, PostgreSQL 1,664.
const MAX_COLUMNS: usize = 1_500;

fn id<D: Dialect>(scope: &Scope<'_, D>, columns: &mut Columns<D>, node: &Node<D>) -> usize {
    let dialect = scope.generator.dialect;
    columns.add(dialect, &dialect.id(&node.alias))
}

/// Returns the plan of whole records.
fn whole<D: Dialect>(
    scope: &Scope<'_, D>,
    columns: &mut Columns<D>,
    node: &Node<D>,
    id: usize,
) -> RowPlan {
    let dialect = scope.generator.dialect;
    let rest = columns.raw(Fragment::new(dialect.rest(&node.alias)));
    let fields = node.table.schema().map_or(&[][..], |schema| schema.fields());
    let values = fields.iter().enumerate().map(|(i, field)| {
        let typed = dialect.field(&node.alias, field);
        (i + 1, Source::Column(columns.add(dialect, &typed), typed.decode))
    });
    let values = values.collect();
    RowPlan {
        object: node.table.object().clone(),
        shape: Arc::clone(node.table.shape()),
        id: Some(id),
        rest: Some(rest),
        whole: true,
        values,
        parents: Vec::new(),
        children: Vec::new(),
    }
}

/// Returns the plan of a record's columns.
fn row<D: Dialect>(
    scope: &mut Scope<'_, D>,
    columns: &mut Columns<D>,
    node: &Node<D>,
    id: usize,
    wanted: &Wanted<'_>,
    polymorphic: bool,
) -> Option<RowPlan> {
    let shape = wanted.shape(node.table.object());
    let slot = |name: &str| shape.slot(name);
    let mut values = Vec::new();
    for (name, operand) in &wanted.values {
        values.push((slot(name)?, source(scope, columns, node, operand, polymorphic)?));
    }
    let mut parents = Vec::new();
    for (hop, wanted) in &wanted.parents {
        let candidates = parent(scope, columns, node, hop, |_| wanted)?;
        parents.push((slot(&hop.relationship)?, candidates));
    }
    for type_of in &wanted.type_ofs {
        let branches: Vec<(&Text, Wanted<'_>)> =
            type_of.branches.iter().map(|(object, paths)| (object, Wanted::paths(paths))).collect();
        let otherwise = Wanted::paths(&type_of.otherwise);
        let of = |object: &Text| {
            let branch = branches.iter().find(|(name, _)| name.eq_ignore_ascii_case(object));
            branch.map_or(&otherwise, |(_, wanted)| wanted)
        };
        let candidates = parent(scope, columns, node, &type_of.hop, of)?;
        parents.push((slot(&type_of.hop.relationship)?, candidates));
    }
    let mut lists = Vec::new();
    for children in &wanted.children {
        let (sql, plan) = children::list(scope, node, children)?;
        lists.push((slot(&children.relationship)?, columns.raw(sql), plan));
    }
    let is_rest = |(_, source): &(usize, Source)| matches!(source, Source::Rest(..));
    let rest = values
        .iter()
        .any(is_rest)
        .then(|| columns.raw(Fragment::new(scope.generator.dialect.rest(&node.alias))));
    Some(RowPlan {
        object: node.table.object().clone(),
        shape: Arc::clone(&shape),
        id: Some(id),
        rest,
        whole: false,
        values,
        parents,
        children: lists,
    })
}

/// Returns the plans of a parent, one for each object that it can be of.
fn parent<'w, 'q: 'w, D: Dialect>(
    scope: &mut Scope<'_, D>,
    columns: &mut Columns<D>,
    node: &Node<D>,
    hop: &Hop,
    wanted: impl Fn(&Text) -> &'w Wanted<'q>,
) -> Option<Vec<RowPlan>> {
    let polymorphic = hop.objects.len() > 1;
    let parents = scope.parents(node, hop)?;
    let plan = |parent: Node<D>| {
        let id = id(scope, columns, &parent);
        row(scope, columns, &parent, id, wanted(&parent.object), polymorphic)
    };
    parents.into_iter().map(plan).collect()
}

/// Returns where a value comes from; `None` if SQL cannot say it.
fn source<D: Dialect>(
    scope: &mut Scope<'_, D>,
    columns: &mut Columns<D>,
    node: &Node<D>,
    operand: &Operand,
    polymorphic: bool,
) -> Option<Source> {
    let dialect = scope.generator.dialect;
    match operand {
        Operand::Field(path) | Operand::Format(path) if path.is_own() => {
            let is_name = polymorphic && path.field.eq_ignore_ascii_case("Type");
            let name = if is_name { Value::Text(node.object.clone()) } else { Value::Null };
            let formatted = matches!(operand, Operand::Format(_));
            Some(field(dialect, columns, node, &path.field, name, formatted))
        }
        Operand::Date(part, path, _) if path.is_own() && has_no_part(node, &path.field, *part) => {
            Some(Source::Same(Value::Null))
        }
        other => {
            let typed = scope.operand_at(node, other)?;
            Some(Source::Column(columns.add(dialect, &typed), typed.decode))
        }
    }
}

/// Returns whether a field is declared with a type that has no such part.
fn has_no_part<D: Dialect>(node: &Node<D>, field: &str, part: DatePart) -> bool {
    node.table.field(field).is_some_and(|field| match field.field_type() {
        FieldType::DateTime | FieldType::Any => false,
        FieldType::Date => part == DatePart::HourInDay,
        _ => true,
    })
}

fn field<D: Dialect>(
    dialect: &D,
    columns: &mut Columns<D>,
    node: &Node<D>,
    name: &Text,
    absent: Value,
    formatted: bool,
) -> Source {
    let mut column = |typed: &Typed<D::Param>| {
        let at = columns.add(dialect, typed);
        let source: fn(usize, Decode) -> Source =
            if formatted { Source::Formatted } else { Source::Column };
        source(at, typed.decode)
    };
    if name.eq_ignore_ascii_case("Id") {
        return column(&dialect.id(&node.alias));
    }
    match (node.table.field(name), node.table.schema()) {
        (Some(field), _) => column(&dialect.field(&node.alias, field)),
        _ => Source::Rest(name.clone(), IfAbsent { value: absent, formatted }),
    }
}
