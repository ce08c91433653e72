//! What SQL cannot say: its parts are asked for, and the evaluator of `circuit-core` answers.
//!
//! No input and output happens here: a store asks what is wanted next and gives what it found, all
//! from one state of the database.

use std::collections::{HashMap, HashSet, VecDeque};

use circuit_core::eval::{self, Finder, Scan, Source};
use circuit_core::{
    Children, Column, FieldPath, Filter, Groups, Hop, Operand, Query, QueryAnswer, Record,
    RecordId, Result, Rows, Select, Stored, Text, Value,
};

/// What Circuit does where the lists that queries find make a query one that SQL can say.
pub(crate) const LISTS: &str = "puts the values found into a list";

/// What Circuit does with all other queries that SQL cannot say.
pub(crate) const LOADS: &str = "loads what belongs to the records, then filters, sorts and cuts";

/// A query that SQL does not answer alone.
#[derive(Debug)]
pub(crate) struct Finish {
    query: Query,
    changed: bool,
    found: Dataset,
    wanted: VecDeque<Wanted>,
    loading: Option<Wanted>,
}

/// A record as a store has it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) stored: Stored,
    pub(crate) deleted: bool,
    pub(crate) deleted_with: Option<RecordId>,
    /// Whether it is a record that a query is over, and not only somebody's parent. What is around
    /// a mere parent is not loaded, so no condition may be asked of it.
    pub(crate) scanned: bool,
}

/// Records to load, and what is wanted around them.
#[derive(Debug)]
struct Wanted {
    query: Query,
    scanned: bool,
    needs: Needs,
}

#[derive(Debug, Default)]
struct Needs {
    paths: Vec<FieldPath>,
    children: Vec<Children>,
}

impl Finish {
    pub(crate) fn new(query: Query) -> Self {
        let (found, wanted) = (Dataset::default(), VecDeque::new());
        Self { query, changed: false, found, wanted, loading: None }
    }

    /// Returns the next query inside that finds a list, with its value under the name `v`.
    pub(crate) fn list(&self) -> Option<Query> {
        let mut list = first_list(&self.query)?.clone();
        if let Select::Columns(columns) = &mut list.select {
            for column in columns {
                if let Column::Value { alias, .. } = column {
                    *alias = Some(Text::from_static("v"));
                }
            }
        }
        Some(list)
    }

    /// Puts the list that was found in the place of the query.
    pub(crate) fn give_list(&mut self, found: &QueryAnswer) {
        let value = |stored: &Stored| stored.record.get("v").cloned();
        let empty = |value: &Value| value.is_null() || value.as_str() == Some("");
        let values = found.records.iter().filter_map(value).filter(|value| !empty(value));
        let mut values = Some(values.collect());
        replace_list(&mut self.query, &mut values);
        self.changed = true;
    }

    /// Returns the query with lists in it, if there were queries for lists: SQL may say it now.
    pub(crate) fn rewritten(&self) -> Option<&Query> {
        self.changed.then_some(&self.query)
    }

    /// Starts to load what the evaluator needs.
    pub(crate) fn start(&mut self) {
        let mut query = Query::of(&self.query.object);
        (query.rows, query.filter) = (self.query.rows.clone(), self.query.filter.clone());
        let needs = self.needs_of(&self.query);
        self.wanted.push_back(Wanted { query, scanned: true, needs });
    }

    /// Returns what a query looks at, and what others over the same object do: each may meet the
    /// records of the other.
    fn needs_of(&self, query: &Query) -> Needs {
        let mut own = needs(query);
        own.paths.clear();
        add_paths(&self.query, &query.object, &mut own.paths);
        own
    }

    /// Returns the next query for whole records; its filter may be left open.
    pub(crate) fn next(&mut self) -> Option<&Query> {
        self.loading = self.wanted.pop_front();
        self.loading.as_ref().map(|wanted| &wanted.query)
    }

    /// Takes the records that were found.
    pub(crate) fn give(&mut self, mut rows: Vec<Loaded>) {
        let Some(wanted) = self.loading.take() else { return };
        for row in &mut rows {
            row.scanned = wanted.scanned;
        }
        self.want_parents(&wanted, &rows);
        self.want_children(&wanted, &rows);
        self.found.add(&wanted.query.object, rows);
    }

    fn want_parents(&mut self, wanted: &Wanted, rows: &[Loaded]) {
        let mut hops: Vec<(&Hop, Vec<FieldPath>)> = Vec::new();
        for path in &wanted.needs.paths {
            let Some((hop, rest)) = path.hops.split_first() else { continue };
            // The branches of a TYPEOF have references of one name to several objects.
            let is_known = |(known, _): &(&Hop, _)| {
                known.reference.eq_ignore_ascii_case(&hop.reference) && known.objects == hop.objects
            };
            let at = hops.iter().position(is_known).unwrap_or_else(|| {
                hops.push((hop, Vec::new()));
                hops.len() - 1
            });
            if !rest.is_empty() {
                hops[at].1.push(FieldPath { hops: rest.to_vec(), field: path.field.clone() });
            }
        }
        for (hop, paths) in hops {
            let ids: HashSet<RecordId> = rows
                .iter()
                .filter_map(|row| reference(&row.stored.record, &hop.reference))
                .collect();
            if ids.is_empty() {
                continue;
            }
            let filter = Filter::is_in("Id", ids);
            for object in &hop.objects {
                let mut query = Query::of(object).filter(filter.clone());
                if wanted.query.rows == Rows::All {
                    query = query.all_rows();
                }
                let needs = Needs { paths: paths.clone(), children: Vec::new() };
                self.wanted.push_back(Wanted { query, scanned: false, needs });
            }
        }
    }

    fn want_children(&mut self, wanted: &Wanted, rows: &[Loaded]) {
        let ids: Vec<RecordId> =
            rows.iter().filter_map(|row| row.stored.record.id().cloned()).collect();
        for children in &wanted.needs.children {
            let mut of_these = vec![Filter::is_in(&children.reference, ids.iter().cloned())];
            of_these.extend(children.query.filter.clone());
            let mut query = Query::of(&children.query.object).filter(Filter::And(of_these));
            query.rows = children.query.rows.clone();
            let needs = self.needs_of(&children.query);
            self.wanted.push_back(Wanted { query, scanned: true, needs });
        }
    }

    /// Answers the query.
    pub(crate) fn answer(&self) -> Result<QueryAnswer> {
        eval::evaluate(&self.query, &self.found)
    }
}

/// Adds the paths of every query in a query that is over an object.
fn add_paths(query: &Query, object: &Text, paths: &mut Vec<FieldPath>) {
    if query.object.eq_ignore_ascii_case(object) {
        paths.extend(needs(query).paths);
    }
    for children in children(query) {
        add_paths(&children.query, object, paths);
    }
}

fn reference(record: &Record, field: &str) -> Option<RecordId> {
    match record.get(field)? {
        Value::Id(id) => Some(id.clone()),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// Returns what a query looks at around the records of its object.
fn needs(query: &Query) -> Needs {
    let mut needs = Needs::default();
    let mut add = |operand: &Operand| {
        operand.paths(&mut |path| {
            if !path.is_own() {
                needs.paths.push(path.clone());
            }
        });
    };
    query.order.iter().for_each(|key| add(&key.operand));
    if let Some(filter) = &query.filter {
        filter.operands(&mut |operand| add(operand));
    }
    match &query.select {
        Select::Groups(Groups { keys, columns, having, .. }) => {
            keys.iter().chain(columns.iter().map(|(operand, _)| operand)).for_each(&mut add);
            if let Some(having) = having {
                having.operands(&mut |operand| add(operand));
            }
        }
        Select::Columns(columns) => {
            for column in columns {
                add_column(column, &mut needs);
            }
        }
        _ => {}
    }
    needs
}

fn add_column(column: &Column, needs: &mut Needs) {
    match column {
        Column::Value { operand, .. } => operand.paths(&mut |path| {
            if !path.is_own() {
                needs.paths.push(path.clone());
            }
        }),
        Column::Children(children) => needs.children.push(Children::clone(children)),
        Column::TypeOf(type_of) => {
            let hop = &type_of.hop;
            let id = FieldPath { hops: Vec::new(), field: Text::from_static("Id") };
            let paths = type_of.branches.iter().flat_map(|(_, paths)| paths).chain([&id]);
            needs.paths.extend(paths.map(|path| {
                let hops = std::iter::once(hop).chain(&path.hops).cloned().collect();
                FieldPath { hops, field: path.field.clone() }
            }));
        }
        Column::Fields(_) | _ => {}
    }
}

fn children(query: &Query) -> impl Iterator<Item = &Children> {
    let columns = match &query.select {
        Select::Columns(columns) => columns.as_slice(),
        _ => &[],
    };
    columns.iter().filter_map(|column| match column {
        Column::Children(children) => Some(&**children),
        _ => None,
    })
}

/// Returns the first query for a list in a query: those of HAVING find nothing.
fn first_list(query: &Query) -> Option<&Query> {
    let mut found = None;
    if let Some(filter) = &query.filter {
        filter.queries(&mut |list| found = found.or(Some(list)));
    }
    found.or_else(|| children(query).find_map(|children| first_list(&children.query)))
}

/// Puts values in the place of the first query for a list.
fn replace_list(query: &mut Query, values: &mut Option<Vec<Value>>) {
    if let Some(filter) = &mut query.filter {
        replace_in(filter, values);
    }
    if let Select::Columns(columns) = &mut query.select {
        for column in columns {
            if let Column::Children(children) = column {
                replace_list(&mut children.query, values);
            }
        }
    }
}

fn replace_in(filter: &mut Filter, values: &mut Option<Vec<Value>>) {
    match filter {
        Filter::InQuery { operand, .. } => {
            if let Some(values) = values.take() {
                *filter = Filter::In { operand: operand.clone(), values };
            }
        }
        Filter::And(all) | Filter::Or(all) => {
            for filter in all {
                replace_in(filter, values);
            }
        }
        Filter::Not(inner) => replace_in(inner, values),
        _ => {}
    }
}

/// Returns every object that a query names, maybe more than once.
#[cfg(feature = "postgres")]
pub(crate) fn objects(query: &Query) -> Vec<Text> {
    let mut all = vec![query.object.clone()];
    let needs = needs(query);
    for hop in needs.paths.iter().flat_map(|path| &path.hops) {
        all.extend(hop.objects.iter().cloned());
    }
    if let Some(filter) = &query.filter {
        filter.queries(&mut |list| all.extend(objects(list)));
    }
    for children in children(query) {
        all.extend(objects(&children.query));
    }
    all
}

/// The records that were loaded.
#[derive(Debug, Default)]
struct Dataset {
    tables: HashMap<Text, HashMap<RecordId, Loaded>>,
}

impl Dataset {
    fn add(&mut self, object: &Text, rows: Vec<Loaded>) {
        let table = self.tables.entry(object.trim_to_ascii_lowercase()).or_default();
        for row in rows {
            if let Some(id) = row.stored.record.id().cloned() {
                let scanned = row.scanned || table.get(&id).is_some_and(|known| known.scanned);
                table.insert(id, Loaded { scanned, ..row });
            }
        }
    }
}

impl Source for Dataset {
    fn scan<'a>(&'a self, object: &str, rows: &Rows, _: Option<&Filter>) -> Scan<'a> {
        let is_of = |row: &&Loaded| match rows {
            Rows::Live => !row.deleted,
            Rows::DeletedWith(root) => row.deleted && row.deleted_with.as_ref() == Some(root),
            _ => true,
        };
        let table = self.tables.get(&Text::from(object).trim_to_ascii_lowercase());
        let all = table.into_iter().flat_map(HashMap::values);
        let found = all.filter(|row| row.scanned).filter(is_of);
        Scan::Found(found.map(|row| &row.stored).collect())
    }

    fn finder<'a>(&'a self, object: &str, rows: &'a Rows) -> Finder<'a> {
        let table = self.tables.get(&Text::from(object).trim_to_ascii_lowercase());
        Box::new(move |id| {
            let row = table?.get(id)?;
            (!row.deleted || *rows == Rows::All).then_some(&row.stored.record)
        })
    }
}
