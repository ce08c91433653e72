//! What a query selects, as it is compared with a struct.

use std::ops::Range;

use circuit_soql::ast::{
    Argument, Call, Expression, From, Function, Name, Path, Query, SelectItem, Selected as Item,
};

/// What a query gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    Records,
    Groups,
    Number,
}

/// What is selected of an object, a parent or children, or the columns of rows.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Selected {
    /// The relationships that lead there, each with a point behind it.
    pub(super) lead: String,
    pub(super) fields: Vec<Field>,
    /// Whether there are no others.
    pub(super) complete: bool,
    /// Where they stand.
    pub(super) span: Range<usize>,
}

/// A field or a relationship that is selected.
#[derive(Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) under: Under,
    pub(super) span: Range<usize>,
}

/// What is selected of a field or a relationship.
#[derive(Debug, PartialEq)]
pub(super) enum Under {
    Value,
    Parent(Selected),
    Children(Selected),
}

impl Gives {
    pub(super) fn of(query: &Query) -> Self {
        let aggregate = |item: &SelectItem| matches!(item, SelectItem::Expression(item) if item.expression.is_aggregated());
        match query.select.as_slice() {
            [SelectItem::Count(_)] => Self::Number,
            items if query.group.is_some() || items.iter().any(aggregate) => Self::Groups,
            _ => Self::Records,
        }
    }
}

impl Selected {
    pub(super) fn of(query: &Query) -> Self {
        match Gives::of(query) {
            Gives::Records => Self::records(query, String::new()),
            Gives::Groups => Self::columns(query),
            Gives::Number => Self::default(),
        }
    }

    /// Returns how many relationships lead away at most.
    pub(super) fn depth(&self) -> usize {
        let under = self.fields.iter().map(|field| match &field.under {
            Under::Value => 0,
            Under::Parent(fields) | Under::Children(fields) => 1 + fields.depth(),
        });
        under.max().unwrap_or(0)
    }

    fn records(query: &Query, lead: String) -> Self {
        let mut selected = Self { lead, complete: true, span: span(query), ..Self::default() };
        for item in &query.select {
            selected.add(item, &query.from);
        }
        selected
    }

    fn add(&mut self, item: &SelectItem, from: &From) {
        match item {
            SelectItem::Expression(Item { alias: Some(alias), .. }) => {
                self.value(alias.text.to_string(), alias.span.range());
            }
            SelectItem::Expression(Item { expression: Expression::Path(path), .. }) => {
                self.path(&resolved(from, path, 0), path.span.range());
            }
            // What a function gives is named after its field.
            SelectItem::Expression(_) | SelectItem::Count(_) | SelectItem::Fields(..) => {
                self.complete = false;
            }
            SelectItem::TypeOf(type_of) => {
                let span = type_of.relationship.span.range();
                let mut at = &mut *self;
                for name in resolved(from, &type_of.relationship, 0) {
                    at = at.parent(name, &span);
                }
                // Which of the fields are there depends on the record.
                at.complete = false;
            }
            SelectItem::SubQuery(query) => {
                let Some(name) = query.from.object.names.last() else { return };
                let children = Self::records(query, format!("{}{name}.", self.lead));
                let (name, span) = (name.text.to_string(), name.span.range());
                self.fields.push(Field { name, under: Under::Children(children), span });
            }
        }
    }

    fn path(&mut self, names: &[&Name], span: Range<usize>) {
        let Some((field, parents)) = names.split_last() else { return };
        let mut at = self;
        for name in parents {
            at = at.parent(name, &span);
        }
        at.value(field.text.to_string(), span);
    }

    fn value(&mut self, name: String, span: Range<usize>) {
        self.fields.push(Field { name, under: Under::Value, span });
    }

    /// Returns what is selected of a parent.
    fn parent(&mut self, name: &Name, span: &Range<usize>) -> &mut Self {
        let known = |field: &Field| {
            matches!(field.under, Under::Parent(_)) && field.name.eq_ignore_ascii_case(&name.text)
        };
        let at = self.fields.iter().position(known).unwrap_or_else(|| {
            let lead = format!("{}{name}.", self.lead);
            let under = Self { lead, complete: true, span: span.clone(), ..Self::default() };
            let (name, under) = (name.text.to_string(), Under::Parent(under));
            self.fields.push(Field { name, under, span: span.clone() });
            self.fields.len() - 1
        });
        match &mut self.fields[at].under {
            Under::Parent(selected) => selected,
            Under::Value | Under::Children(_) => unreachable!("a parent was looked for"),
        }
    }

    /// Returns the columns of rows: as in Salesforce, what has no name gets a number.
    fn columns(query: &Query) -> Self {
        let mut selected = Self { complete: true, span: span(query), ..Self::default() };
        let mut unnamed = 0;
        for item in &query.select {
            let SelectItem::Expression(Item { expression, alias }) = item else { continue };
            let name = match (alias, field(expression)) {
                (Some(alias), _) => alias.text.to_string(),
                (None, Some(name)) => name.text.to_string(),
                (None, None) => {
                    unnamed += 1;
                    format!("expr{}", unnamed - 1)
                }
            };
            let alias = alias.as_ref().map(|alias| alias.span.range());
            let span = item_span(item);
            selected.value(name, span.start..alias.map_or(span.end, |alias| alias.end));
        }
        selected
    }
}

/// Returns the field whose name a column has: also where a function only shows it otherwise.
fn field(expression: &Expression) -> Option<&Name> {
    match expression {
        Expression::Path(path) => path.names.last(),
        Expression::Call(Call { function, arguments, .. }) => match (function, arguments.first()) {
            (
                Function::ToLabel | Function::ConvertCurrency | Function::Format,
                Some(Argument::Expression(inner)),
            ) => field(inner),
            _ => None,
        },
    }
}

/// Returns the relationships from the object itself, and the field: FROM names ways, too.
fn resolved<'q>(from: &'q From, path: &'q Path, depth: usize) -> Vec<&'q Name> {
    let names: Vec<&Name> = path.names.iter().collect();
    let [first, rest @ ..] = names.as_slice() else { return names };
    let own = from.alias.as_ref() == Some(*first)
        || matches!(from.object.names.as_slice(), [object] if object == *first);
    let way = from.relations.iter().find(|relation| relation.alias.as_ref() == Some(*first));
    match way {
        _ if own && (depth > 0 || !rest.is_empty()) => rest.to_vec(),
        Some(relation) if depth < 8 && (depth > 0 || !rest.is_empty()) => {
            let mut names = resolved(from, &relation.path, depth + 1);
            names.extend(rest);
            names
        }
        _ => names,
    }
}

/// Returns where the list behind SELECT stands.
fn span(query: &Query) -> Range<usize> {
    let spans = || query.select.iter().map(item_span);
    match (spans().next(), spans().next_back()) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => 0..0,
    }
}

fn item_span(item: &SelectItem) -> Range<usize> {
    match item {
        SelectItem::Expression(Item { expression: Expression::Path(path), .. }) => {
            path.span.range()
        }
        SelectItem::Expression(Item { expression: Expression::Call(call), .. }) => {
            call.span.range()
        }
        SelectItem::Count(span) | SelectItem::Fields(_, span) => span.range(),
        SelectItem::SubQuery(query) => query.span.range(),
        SelectItem::TypeOf(type_of) => type_of.relationship.span.range(),
    }
}

#[cfg(test)]
mod tests {
    use circuit_soql::{Dialect, parse};

    use super::*;

    /// Shows what is selected: `Account{Name}`, `Cases[Id]`, and `..` where there may be more.
    fn shown(selected: &Selected) -> String {
        let fields = selected.fields.iter().map(|field| match &field.under {
            Under::Value => field.name.clone(),
            Under::Parent(under) => format!("{}{{{}}}", field.name, shown(under)),
            Under::Children(under) => format!("{}[{}]", field.name, shown(under)),
        });
        let more = (!selected.complete).then(|| "..".to_owned());
        fields.chain(more).collect::<Vec<_>>().join(" ")
    }

    fn of(text: &str) -> String {
        shown(&Selected::of(&parse(text, Dialect::Apex).unwrap()))
    }

    #[test]
    fn fields_stand_under_their_relationships() {
        assert_eq!(
            of("SELECT Id, c.Email, Account.Name, c.Account.Phone, a.Fax, c.Owner.Name, \
                (SELECT Id, Owner.Name FROM Cases) FROM Contact c, c.Account a"),
            "Id Email Account{Name Phone Fax} Owner{Name} Cases[Id Owner{Name}]"
        );
        assert_eq!(of("SELECT Contact.Email, Contact FROM Contact"), "Email Contact");
        assert_eq!(
            of("SELECT u.Name, u.Profile.Name FROM Contact c, c.Account a, a.Owner u"),
            "Account{Owner{Name Profile{Name}}}"
        );
    }

    #[test]
    fn what_cannot_be_seen_is_left_open() {
        assert_eq!(of("SELECT Email, FIELDS(STANDARD) FROM Contact"), "Email ..");
        assert_eq!(of("SELECT Email, toLabel(Status) FROM Contact"), "Email ..");
        assert_eq!(of("SELECT Email, FORMAT(Size) size FROM Contact"), "Email size");
        assert_eq!(
            of("SELECT Id, TYPEOF What WHEN Account THEN Phone ELSE Name END FROM Event"),
            "Id What{..}"
        );
    }

    #[test]
    fn columns_without_a_name_are_numbered() {
        assert_eq!(
            of("SELECT COUNT(Id), Account.Name, SUM(Size) total, toLabel(Status), \
                CALENDAR_YEAR(CreatedDate) FROM Contact \
                GROUP BY Account.Name, Status, CALENDAR_YEAR(CreatedDate)"),
            "expr0 Name total Status expr1"
        );
    }

    #[test]
    fn a_query_gives_records_groups_or_a_number() {
        let gives = |text| Gives::of(&parse(text, Dialect::Apex).unwrap());
        assert_eq!(gives("SELECT Id FROM Contact"), Gives::Records);
        assert_eq!(gives("SELECT MAX(Size) FROM Contact"), Gives::Groups);
        assert_eq!(gives("SELECT Name FROM Contact GROUP BY Name"), Gives::Groups);
        assert_eq!(gives("SELECT COUNT() FROM Contact"), Gives::Number);
    }

    #[test]
    fn relationships_are_counted() {
        let depth = |text| Selected::of(&parse(text, Dialect::Apex).unwrap()).depth();
        assert_eq!(depth("SELECT Id FROM Contact"), 0);
        assert_eq!(depth("SELECT Id, (SELECT Owner.Profile.Name FROM Cases) FROM Contact"), 3);
    }
}
