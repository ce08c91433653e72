//! Records as texts that differ wherever the records do, if only in a zero behind the point; and
//! what queries do not show of themselves.

use circuit_core::{Column, Filter, Query, Record, Select, Text, Value};

/// Returns a record as text; the order of its fields does not count, nor the case of their names.
pub(crate) fn shown(record: &Record) -> String {
    let field = |(name, value): (&Text, &Value)| {
        format!("{}: {}", name.to_ascii_lowercase(), shown_value(value))
    };
    let mut fields: Vec<String> = record.iter().map(field).collect();
    fields.sort();
    format!("{} {{{}}}", record.object(), fields.join(", "))
}

fn shown_value(value: &Value) -> String {
    match value {
        Value::Record(record) => shown(record),
        Value::Records(records) => format!("{:#?}", records.iter().map(shown).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

/// Returns the values in the conditions of a query.
pub(crate) fn values(query: &Query) -> Vec<String> {
    let mut all = Vec::new();
    add_values(query, &mut all);
    all
}

fn add_values(query: &Query, all: &mut Vec<String>) {
    query.filter.iter().for_each(|filter| add_filter(filter, all));
    match &query.select {
        Select::Groups(groups) => groups.having.iter().for_each(|own| add_filter(own, all)),
        Select::Columns(columns) => {
            for column in columns {
                if let Column::Children(children) = column {
                    add_values(&children.query, all);
                }
            }
        }
        _ => {}
    }
}

fn add_filter(filter: &Filter, all: &mut Vec<String>) {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            for filter in filters {
                add_filter(filter, all);
            }
        }
        Filter::Not(filter) => add_filter(filter, all),
        Filter::Compare { value, .. } => all.push(format!("{value:?}")),
        Filter::In { values, .. } => all.push(format!("{values:?}")),
        Filter::Like { pattern, .. } => all.push(pattern.to_string()),
        Filter::Includes { sets, .. } => all.push(format!("{sets:?}")),
        Filter::InQuery { query, .. } => add_values(query, all),
        _ => {}
    }
}
