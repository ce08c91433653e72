//! From the syntax tree of SOQL to what a store is asked.

mod condition;
mod date;
mod expression;
mod literal;
mod select;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use circuit_soql::ast;

use super::Bind;
use crate::db::{Direction, FieldPath, Filter, Hop, Nulls, OrderBy, Query, Rows};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{Text, Value};

/// As in Salesforce, also where a variable gives the number.
pub(super) const MOST_OFFSET: usize = 2_000;

/// When, where and for whom a query runs: what its words for dates and owners mean.
#[derive(Debug, Clone)]
pub(crate) struct QueryTime {
    /// The moment.
    pub now: DateTime<Utc>,
    /// The user's time zone.
    pub zone: Tz,
    /// The user's id, as `USING SCOPE Mine` compares it with owners.
    pub user: Option<Text>,
}

impl QueryTime {
    fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }
}

/// Turns a syntax tree into a query; names stay names until the query is resolved.
///
/// # Errors
/// [`ErrorKind::InvalidQuery`] for variables without a fitting value, [`ErrorKind::Unsupported`] for
/// what Circuit has no meaning for, such as data categories.
pub(crate) fn lower<'b>(
    query: &ast::Query,
    binds: &dyn Fn(&str) -> Option<&'b Bind>,
    time: &QueryTime,
) -> Result<Query> {
    Lower { binds, time, root: &query.from }.query(query)
}

/// One statement on its way down.
struct Lower<'a, 'b> {
    binds: &'a dyn Fn(&str) -> Option<&'b Bind>,
    time: &'a QueryTime,
    /// The object whose fields names without a lead are.
    root: &'a ast::From,
}

impl<'a, 'b> Lower<'a, 'b> {
    /// Looks at an inner query.
    fn inner<'c>(&self, query: &'c ast::Query) -> Lower<'c, 'b>
    where
        'a: 'c,
    {
        Lower { binds: self.binds, time: self.time, root: &query.from }
    }

    fn query(&self, query: &ast::Query) -> Result<Query> {
        let mut made = Query::of(self.object());
        made.rows = if query.all_rows { Rows::All } else { Rows::Live };
        self.refuse(query)?;
        let filter = query.filter.as_ref().map(|own| self.condition(own)).transpose()?;
        made.filter = match (filter, self.scope(query)?) {
            (Some(filter), Some(scope)) => Some(scope.and(filter)),
            (filter, scope) => filter.or(scope),
        };
        made.select = self.select(query)?;
        made.order = query.order.iter().map(|key| self.order(key)).collect::<Result<_>>()?;
        made.limit = query.limit.as_ref().map(|count| self.count(count)).transpose()?;
        made.offset = query.offset.as_ref().map_or(Ok(0), |count| self.count(count))?;
        made.lock = query.purpose.contains(&ast::For::Update);
        Ok(made)
    }

    /// Returns the name of the object, or of the child relationship.
    fn object(&self) -> &'a str {
        self.root.object.names.last().map_or("", |name| name.text.as_str())
    }

    fn invalid(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::InvalidQuery, message).with("object", self.object())
    }

    fn unsupported(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Unsupported, message).with("object", self.object())
    }

    /// Refuses clauses that would promise what Circuit does not do.
    fn refuse(&self, query: &ast::Query) -> Result<()> {
        let Some(with) = query.with.as_deref() else { return Ok(()) };
        let all = match with {
            ast::With::Several(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        };
        all.iter().try_for_each(|with| self.refuse_with(with))
    }

    fn refuse_with(&self, with: &ast::With) -> Result<()> {
        let message = match with {
            ast::With::SystemMode => return Ok(()),
            ast::With::SecurityEnforced | ast::With::UserMode => {
                "Circuit knows no permissions on objects and fields; leave the WITH clause out"
            }
            ast::With::DataCategory(_) => "Circuit knows no data categories",
            _ => "Circuit knows no such WITH clause",
        };
        Err(self.unsupported(message))
    }

    fn scope(&self, query: &ast::Query) -> Result<Option<Filter>> {
        let Some(scope) = &query.scope else { return Ok(None) };
        if scope.name.is("Everything") {
            return Ok(None);
        }
        if !scope.name.is("Mine") {
            let message =
                format!("Circuit knows the scopes Mine and Everything, not {}", scope.name);
            return Err(self.unsupported(message));
        }
        match &self.time.user {
            Some(user) => Ok(Some(Filter::eq("OwnerId", user.clone()))),
            None => Err(self.invalid("USING SCOPE Mine needs the user of the execution")),
        }
    }

    fn order(&self, key: &ast::OrderBy) -> Result<OrderBy> {
        Ok(OrderBy {
            operand: self.operand(&key.expression)?,
            direction: match key.direction {
                Some(ast::Direction::Descending) => Direction::Descending,
                _ => Direction::Ascending,
            },
            nulls: match key.nulls {
                Some(ast::Nulls::Last) => Nulls::Last,
                _ => Nulls::First,
            },
        })
    }

    fn count(&self, count: &ast::Count) -> Result<usize> {
        match count {
            ast::Count::Number(number, _) => Ok(*number as usize),
            ast::Count::Bind(bind) => match self.bind(bind)? {
                Bind::One(Value::Integer(number)) => usize::try_from(*number).map_err(|_| {
                    self.invalid("LIMIT and OFFSET are not negative").with("bind", &bind.text)
                }),
                _ => Err(self.invalid("LIMIT and OFFSET take an integer").with("bind", &bind.text)),
            },
        }
    }

    fn bind(&self, bind: &ast::Bind) -> Result<&'b Bind> {
        (self.binds)(bind.text.trim()).ok_or_else(|| {
            self.invalid("a variable of the query has no value").with("bind", &bind.text)
        })
    }

    /// Returns the one value of a variable.
    fn one(&self, bind: &ast::Bind) -> Result<&'b Value> {
        match self.bind(bind)? {
            Bind::One(value) => Ok(value),
            Bind::Many(_) => {
                let message = "a list is compared with IN, NOT IN, INCLUDES or EXCLUDES";
                Err(self.invalid(message).with("bind", &bind.text))
            }
        }
    }

    /// Resolves the names at the start of a path that FROM has given.
    fn path(&self, path: &ast::Path) -> FieldPath {
        let names = &path.names;
        let (field, leads) = names.split_last().expect("a path has a name");
        let mut hops: Vec<Hop> = Vec::new();
        let mut rest = leads;
        if let Some((first, after)) = leads.split_first()
            && let Some(known) = self.named(first, 0)
        {
            hops.extend(known);
            rest = after;
        }
        hops.extend(rest.iter().map(|name| Hop::new(&*name.text)));
        FieldPath { hops, field: field.text.as_str().into() }
    }

    /// Returns the way to what a name in FROM stands for: none for the object itself.
    fn named(&self, name: &ast::Name, depth: usize) -> Option<Vec<Hop>> {
        let own = self.root.alias.as_ref().is_some_and(|alias| alias == name);
        if own || self.root.object.names.len() == 1 && self.root.object.names[0] == *name {
            return Some(Vec::new());
        }
        let is_named = |relation: &&ast::Relation| relation.alias.as_ref() == Some(name);
        let relation = self.root.relations.iter().find(is_named).filter(|_| depth < 8)?;
        let (first, rest) = relation.path.names.split_first()?;
        let mut hops = self.named(first, depth + 1);
        let rest = match &mut hops {
            Some(_) => rest,
            None => relation.path.names.as_slice(),
        };
        let mut hops = hops.unwrap_or_default();
        hops.extend(rest.iter().map(|name| Hop::new(&*name.text)));
        Some(hops)
    }
}
