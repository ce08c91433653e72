//! What SOQL allows, for queries that were built: the parser does not see these.

use super::lower::MOST_OFFSET;
use crate::db::eval::is_same;
use crate::db::{Column, FieldPath, FieldSet, Filter, Grouping, Operand, Place, Query, Select};
use crate::error::{Error, ErrorKind, Result};

const MOST_PARENTS: usize = 5;
const MOST_KEYS: usize = 3;
const MOST_WITH_FIELDS: usize = 200;
const MOST_LEVELS: usize = 5;

/// Refuses in a resolved query what SOQL's parser refuses in a text.
///
/// # Errors
/// [`ErrorKind::InvalidQuery`] naming object and field.
pub(super) fn check(query: &Query) -> Result<()> {
    checked(query, 1)
}

/// Refuses a set of all fields of too many records; once the query is resolved, it has their names.
///
/// # Errors
/// [`ErrorKind::InvalidQuery`] naming the object.
pub(super) fn check_fields(query: &Query) -> Result<()> {
    let Select::Columns(columns) = &query.select else { return Ok(()) };
    for column in columns {
        match column {
            Column::Fields(FieldSet::All | FieldSet::Custom)
                if query.limit.is_none_or(|limit| limit > MOST_WITH_FIELDS) =>
            {
                let message = format!(
                    "FIELDS(ALL) and FIELDS(CUSTOM) need a LIMIT of {MOST_WITH_FIELDS} at most"
                );
                return Err(invalid(query, message));
            }
            Column::Children(children) => check_fields(&children.query)
                .map_err(|error| error.with("relationship", &children.relationship))?,
            _ => {}
        }
    }
    Ok(())
}

fn invalid(query: &Query, message: String) -> Error {
    Error::new(ErrorKind::InvalidQuery, message).with("object", &query.object)
}

fn checked(query: &Query, level: usize) -> Result<()> {
    if query.offset > MOST_OFFSET {
        return Err(invalid(query, format!("OFFSET is at most {MOST_OFFSET}")));
    }
    let mut allowed = Ok(());
    query.operands(&mut |operand| {
        if allowed.is_ok() {
            allowed = operand_is_allowed(query, operand);
        }
    });
    allowed?;
    if let Some(filter) = &query.filter {
        each_query(filter, &mut |list| checked(list, level))?;
    }
    if query.lock && matches!(query.select, Select::Groups(_) | Select::Count) {
        return Err(invalid(query, "groups and numbers have no rows to lock".to_owned()));
    }
    match &query.select {
        Select::Columns(columns) => {
            columns.iter().try_for_each(|column| column_is_allowed(query, column, level))
        }
        Select::Groups(groups) if let Some(key) = twice(&groups.keys) => {
            let message = "a key of GROUP BY stands there twice".to_owned();
            Err(invalid(query, message).with("field", key.name()))
        }
        Select::Groups(groups)
            if groups.grouping != Grouping::Plain && groups.keys.len() > MOST_KEYS =>
        {
            Err(invalid(query, format!("at most {MOST_KEYS} keys make subtotals")))
        }
        _ => Ok(()),
    }
}

fn twice(keys: &[Operand]) -> Option<&Operand> {
    let known = |(at, key): &(usize, &Operand)| keys[..*at].iter().any(|own| is_same(own, key));
    keys.iter().enumerate().find(known).map(|(_, key)| key)
}

fn column_is_allowed(query: &Query, column: &Column, level: usize) -> Result<()> {
    match column {
        Column::Children(children) if level == MOST_LEVELS => {
            let message = format!("at most {MOST_LEVELS} levels of records are in one another");
            Err(invalid(query, message).with("relationship", &children.relationship))
        }
        Column::Children(children) => checked(&children.query, level + 1),
        Column::TypeOf(type_of) => {
            let fields = type_of.branches.iter().flat_map(|(_, fields)| fields);
            fields.chain(&type_of.otherwise).try_for_each(|path| is_near(query, path, 1))
        }
        _ => Ok(()),
    }
}

fn operand_is_allowed(query: &Query, operand: &Operand) -> Result<()> {
    let mut problem = Ok(());
    operand.paths(&mut |path| {
        if problem.is_ok() {
            problem = is_near(query, path, 0);
        }
    });
    problem?;
    match operand {
        Operand::Distance(distance) if !is_on_earth(&distance.place) => {
            let message = "a latitude is between -90 and 90, a longitude between -180 and 180";
            Err(invalid(query, message.to_owned()).with("field", &distance.latitude))
        }
        _ => Ok(()),
    }
}

fn is_near(query: &Query, path: &FieldPath, lead: usize) -> Result<()> {
    if path.hops.len() + lead <= MOST_PARENTS {
        return Ok(());
    }
    let message = format!("at most {MOST_PARENTS} parents lead to a field");
    Err(invalid(query, message).with("field", path))
}

fn is_on_earth(place: &Place) -> bool {
    (-90.0..=90.0).contains(&place.latitude) && (-180.0..=180.0).contains(&place.longitude)
}

fn each_query(filter: &Filter, visit: &mut dyn FnMut(&Query) -> Result<()>) -> Result<()> {
    let mut problem = Ok(());
    filter.queries(&mut |query| {
        if problem.is_ok() {
            problem = visit(query);
        }
    });
    problem
}
