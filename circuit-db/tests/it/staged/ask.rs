//! Random queries over the records.

use chrono_tz::Tz;
use circuit_core::{
    Aggregate, Column, Comparison, DatePart, FieldPath, Filter, Grouping, Groups, Hop, Operand,
    OrderBy, Query, Text, TypeOf, Value,
};
use rust_decimal::Decimal;

use super::dice::Dice;
use super::world::{AMOUNTS, NAMES, World, any_id, any_object};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Id,
    Number,
    Day,
    Moment,
    List,
}

fn paths(object: &str) -> Vec<(&'static str, Kind)> {
    let mut all = vec![
        ("Id", Kind::Id),
        ("Name", Kind::Text),
        ("Size", Kind::Number),
        ("Amount", Kind::Number),
        ("Day", Kind::Day),
        ("At", Kind::Moment),
        ("Tags", Kind::List),
    ];
    all.extend(match object {
        "Account" => vec![
            ("ParentId", Kind::Id),
            ("Parent.Name", Kind::Text),
            ("Parent.Parent.Size", Kind::Number),
            ("Parent.Day", Kind::Day),
        ],
        "Contact" => vec![
            ("AccountId", Kind::Id),
            ("Account.Name", Kind::Text),
            ("Account.Parent.Name", Kind::Text),
            ("Account.At", Kind::Moment),
        ],
        _ => vec![("WhoId", Kind::Id), ("Who.Name", Kind::Text), ("Who.Type", Kind::Text)],
    });
    all
}

/// Makes queries.
pub(super) struct Maker<'w> {
    pub(super) world: &'w World,
    pub(super) dice: Dice,
}

impl Maker<'_> {
    pub(super) fn query(&mut self) -> Query {
        let object = any_object(&mut self.dice);
        let mut query = Query::of(object);
        if self.dice.chance(25) {
            query.offset = self.dice.below(3);
        }
        query.filter = self.dice.chance(60).then(|| self.condition(object, 2));
        query.limit = self.dice.chance(30).then(|| self.dice.below(5));
        if self.dice.chance(30) {
            query = query.all_rows();
        }
        for _ in 0..self.dice.below(3) {
            let operand = self.sortable(object);
            query.order.push(self.sorted(operand));
        }
        match self.dice.below(7) {
            0 => query.count(),
            1 => query,
            2 | 3 => self.groups(query, object),
            4 if object != "Task" => self.children(query, object),
            4 => query.columns([Column::TypeOf(TypeOf {
                hop: Hop::new("Who"),
                branches: vec![("Contact".into(), vec![FieldPath::from("Account.Name")])],
                otherwise: vec![FieldPath::from("Name")],
            })]),
            _ => {
                let columns = self.columns(object);
                query.columns(columns)
            }
        }
    }

    fn field(&mut self, object: &str) -> (&'static str, Kind) {
        *self.dice.pick(&paths(object))
    }

    fn columns(&mut self, object: &str) -> Vec<Column> {
        let mut names: Vec<&str> = (0..=self.dice.below(4)).map(|_| self.field(object).0).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(Column::field).collect()
    }

    fn sorted(&mut self, operand: Operand) -> OrderBy {
        let mut key = OrderBy::by(operand);
        if self.dice.chance(50) {
            key.direction = circuit_core::Direction::Descending;
        }
        if self.dice.chance(30) { key.nulls_last() } else { key }
    }

    fn sortable(&mut self, object: &str) -> Operand {
        loop {
            let (path, kind) = self.field(object);
            if kind != Kind::List {
                return Operand::field(path);
            }
        }
    }

    fn condition(&mut self, object: &'static str, depth: usize) -> Filter {
        if depth > 0 {
            match self.dice.below(10) {
                0 | 1 => {
                    let one = self.condition(object, depth - 1);
                    return one.and(self.condition(object, depth - 1));
                }
                2 => {
                    let one = self.condition(object, depth - 1);
                    return one.or(self.condition(object, depth - 1));
                }
                3 => return self.condition(object, depth - 1).negated(),
                4 => return self.list(object, depth),
                _ => {}
            }
        }
        let (path, kind) = self.field(object);
        self.test(path, kind)
    }

    fn list(&mut self, object: &'static str, depth: usize) -> Filter {
        let (field, of, selected) = match object {
            "Account" => ("Id", "Contact", "AccountId"),
            "Contact" if self.dice.chance(50) => ("AccountId", "Account", "Id"),
            "Contact" => ("Id", "Contact", "Id"),
            _ => ("WhoId", "Contact", "Id"),
        };
        let list = Query::of(of).filter(self.condition(of, depth - 1));
        Filter::in_query(field, list.columns([Column::field(selected)]))
    }

    fn test(&mut self, path: &str, kind: Kind) -> Filter {
        let operand = Operand::field(path);
        match (kind, self.dice.below(4)) {
            (Kind::List, _) => {
                let pool = ["a", "b", "B", "c"];
                let mut sets: Vec<Vec<Text>> = Vec::new();
                for _ in 0..=self.dice.below(2) {
                    let n = 1 + self.dice.below(2);
                    sets.push((0..n).map(|_| Text::from(*self.dice.pick(&pool))).collect());
                }
                Filter::Includes { operand, sets }
            }
            (Kind::Text, 0) => {
                let pattern = *self.dice.pick(&["%a%", "A%", "_da", "%\\_%", "%b_b%", "%'%"]);
                Filter::Like { operand, pattern: pattern.into() }
            }
            (Kind::Day | Kind::Moment, 0 | 1) => {
                let period = self.dice.pick(&self.world.words).1;
                Filter::Within { operand, comparison: self.comparison(kind), period }
            }
            (Kind::Day | Kind::Moment, 2) => {
                let operand = self.part(path, kind);
                let value = match operand {
                    Operand::Date(DatePart::DayOnly, ..) => self.value(Kind::Day),
                    Operand::Date(DatePart::Year, ..) => Value::Integer(2026),
                    _ => Value::Integer(self.dice.below(13) as i64),
                };
                Filter::Compare { operand, comparison: self.comparison(kind), value }
            }
            (_, 3) => {
                let n = self.dice.below(4);
                Filter::In { operand, values: (0..n).map(|_| self.value(kind)).collect() }
            }
            _ => {
                let mut comparison = self.comparison(kind);
                let is_null = self.dice.chance(10);
                if is_null && !matches!(comparison, Comparison::Eq | Comparison::Ne) {
                    comparison = Comparison::Ne;
                }
                let value = if is_null { Value::Null } else { self.value(kind) };
                Filter::Compare { operand, comparison, value }
            }
        }
    }

    /// A part of a date; in the user's zone that of a moment alone.
    fn part(&mut self, path: &str, kind: Kind) -> Operand {
        use DatePart as P;

        let parts = [P::Month, P::Quarter, P::Year, P::DayInMonth, P::DayInWeek, P::DayInYear];
        let more = [P::DayOnly, P::HourInDay, P::WeekInMonth, P::WeekInYear];
        let is_moment = kind == Kind::Moment;
        let part = if is_moment && self.dice.chance(50) {
            *self.dice.pick(&more)
        } else {
            *self.dice.pick(&parts)
        };
        let zone = if is_moment && self.dice.chance(50) { self.world.zone } else { Tz::UTC };
        Operand::Date(part, FieldPath::from(path), zone)
    }

    fn comparison(&mut self, kind: Kind) -> Comparison {
        use Comparison::{Eq, Ge, Gt, Le, Lt, Ne};

        match kind {
            Kind::List => Eq,
            _ => *self.dice.pick(&[Eq, Eq, Ne, Lt, Le, Gt, Ge]),
        }
    }

    fn value(&mut self, kind: Kind) -> Value {
        match kind {
            Kind::Text | Kind::List => Value::from(*self.dice.pick(&NAMES)),
            Kind::Id => Value::Id(any_id(&mut self.dice)),
            Kind::Number if self.dice.chance(50) => Value::from(self.dice.below(5) as i64 - 2),
            Kind::Number => {
                let amount = self.dice.pick(&AMOUNTS);
                Value::Decimal(amount.parse::<Decimal>().unwrap())
            }
            Kind::Day => Value::Date(self.world.day(&mut self.dice)),
            Kind::Moment => Value::DateTime(self.world.moment(&mut self.dice)),
        }
    }

    fn groups(&mut self, mut query: Query, object: &str) -> Query {
        let mut keys: Vec<Operand> = Vec::new();
        for _ in 0..=self.dice.below(2) {
            let (path, kind) = self.field(object);
            let key = match kind {
                Kind::List => continue,
                Kind::Moment => self.part(path, kind),
                _ => Operand::field(path),
            };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.is_empty() {
            keys.push(Operand::field("Name"));
        }
        let named = |(n, key): (usize, &Operand)| (key.clone(), Text::from(format!("k{n}")));
        let mut columns: Vec<(Operand, Text)> = keys.iter().enumerate().map(named).collect();
        columns.push((Operand::aggregate(Aggregate::Count, "Id"), "n".into()));
        columns.push((Operand::aggregate(Aggregate::Sum, "Size"), "total".into()));
        columns.push((Operand::aggregate(Aggregate::Max, "Name"), "most".into()));
        columns.push((Operand::aggregate(Aggregate::Min, "At"), "least".into()));
        columns.push((Operand::aggregate(Aggregate::CountDistinct, "Amount"), "kinds".into()));
        if self.dice.chance(30) {
            let last = Operand::aggregate(Aggregate::Max, "At");
            columns.push((Operand::FormatOf(Box::new(last)), "latest".into()));
        }
        let grouping = *self.dice.pick(&[Grouping::Plain, Grouping::Rollup, Grouping::Cube]);
        let having = match self.dice.below(4) {
            0 | 1 => None,
            2 => Some(
                Operand::aggregate(Aggregate::Count, "Id").at_least(1 + self.dice.below(2) as i64),
            ),
            _ => Some(self.having(object)),
        };
        query.order.clear();
        if self.dice.chance(40) {
            let operand = self.dice.pick(&columns).0.clone();
            query.order.push(self.sorted(operand));
        }
        query.groups(Groups { keys, grouping, columns, having })
    }

    /// A test of an aggregate, of a parent's field too.
    fn having(&mut self, object: &str) -> Filter {
        let (path, kind) = loop {
            let (path, kind) = self.field(object);
            if matches!(kind, Kind::Text | Kind::Number | Kind::Day | Kind::Moment) {
                break (path, kind);
            }
        };
        let function = *self.dice.pick(&[Aggregate::Min, Aggregate::Max]);
        let (comparison, value) = (self.comparison(kind), self.value(kind));
        Filter::Compare { operand: Operand::aggregate(function, path), comparison, value }
    }

    fn children(&mut self, query: Query, object: &str) -> Query {
        let (relationship, of, field) = if object == "Account" {
            ("Contacts", "Contact", "Account.Name")
        } else {
            ("Tasks", "Task", "Who.Name")
        };
        let inner = Query::of("").filter(self.condition(of, 1)).limit(2);
        let inner = inner.order_by(OrderBy::descending("Name"));
        let inner = inner.columns([Column::field("Name"), Column::field(field)]);
        query.columns([Column::field("Name"), Column::children(relationship, inner)])
    }
}
