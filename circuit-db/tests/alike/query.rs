//! Random queries that use everything.

use circuit_core::{
    Aggregate, Children, Column, Comparison, DatePart, Distance, DistanceUnit, FieldPath,
    FieldType, Filter, Grouping, Groups, Hop, Operand, OrderBy, Period, Place, Query, Rows, Select,
    Text, TypeOf, Value,
};

use crate::dice::Dice;
use crate::value;
use crate::world::{Field, Object, World};

const ZONES: [chrono_tz::Tz; 4] = [
    chrono_tz::UTC,
    chrono_tz::Europe::Berlin,
    chrono_tz::America::Los_Angeles,
    chrono_tz::Asia::Kathmandu,
];

const PARTS: [DatePart; 10] = [
    DatePart::Month,
    DatePart::Quarter,
    DatePart::Year,
    DatePart::DayInMonth,
    DatePart::DayInWeek,
    DatePart::DayInYear,
    DatePart::DayOnly,
    DatePart::HourInDay,
    DatePart::WeekInMonth,
    DatePart::WeekInYear,
];

/// Makes queries over one world.
pub(crate) struct Maker<'w> {
    pub(crate) world: &'w World,
    pub(crate) dice: Dice,
}

/// A path and the field where it ends.
struct Found {
    path: FieldPath,
    field: Field,
}

impl<'w> Maker<'w> {
    pub(crate) fn query(&mut self) -> Query {
        let world = self.world;
        let object = self.dice.pick(&world.objects);
        let mut query = Query::of(object.name);
        query.rows = match self.dice.below(10) {
            0 => Rows::All,
            1 => Rows::DeletedWith(value::id(&mut self.dice)),
            _ => Rows::Live,
        };
        if self.dice.chance(65) {
            query.filter = Some(self.filter(object, 2));
        }
        match self.dice.below(10) {
            0..=2 => {}
            3 => query.select = Select::Count,
            4..=6 => query.select = Select::Columns(self.columns(object, 2)),
            _ => {
                let groups = self.groups(object);
                self.group_order(&mut query, &groups);
                query.select = Select::Groups(groups);
            }
        }
        if !matches!(query.select, Select::Groups(_)) {
            query.order = self.order(object);
        }
        self.page(&mut query);
        // A sum that is too large may go unnoticed in a group that a limit leaves out.
        if sums(&query) {
            query.limit = None;
        }
        query
    }

    fn page(&mut self, query: &mut Query) {
        if self.dice.chance(30) {
            query.limit = Some(self.dice.below(5));
        }
        if self.dice.chance(20) {
            query.offset = self.dice.below(3);
        }
    }

    fn order(&mut self, object: &'w Object) -> Vec<OrderBy> {
        let n = self.dice.below(3);
        (0..n)
            .map(|_| {
                let operand = self.operand(object);
                self.sorted(operand)
            })
            .collect()
    }

    fn sorted(&mut self, operand: Operand) -> OrderBy {
        let mut key = OrderBy::by(operand);
        if self.dice.chance(50) {
            key.direction = circuit_core::Direction::Descending;
        }
        if self.dice.chance(30) { key.nulls_last() } else { key }
    }

    /// Returns a field of a record or of a parent.
    fn path(&mut self, object: &'w Object, hops: usize) -> Found {
        let mut at = object;
        let mut path = Vec::new();
        for _ in 0..hops {
            if at.references.is_empty() || !self.dice.chance(35) {
                break;
            }
            let n = self.dice.below(at.references.len());
            let parents = &at.references[n];
            path.push(Hop::new(format!("R{n}")));
            let parent: &str = self.dice.pick::<&str>(parents);
            at = self.world.object(parent);
            if parents.len() > 1 {
                if self.dice.chance(25) {
                    let field =
                        Field { name: "Type".to_owned(), kind: FieldType::Text, big: false };
                    return Found { path: FieldPath { hops: path, field: "Type".into() }, field };
                }
                break;
            }
        }
        let field = if self.dice.chance(12) {
            Field { name: "Id".to_owned(), kind: FieldType::Id, big: false }
        } else if at.declared && self.dice.chance(8) {
            let n = self.dice.below(at.references.len());
            Field { name: format!("R{n}Id"), kind: FieldType::Id, big: false }
        } else {
            self.dice.pick(&at.fields).clone()
        };
        let name =
            if self.dice.chance(20) { field.name.to_uppercase() } else { field.name.clone() };
        Found { path: FieldPath { hops: path, field: name.into() }, field }
    }

    fn operand(&mut self, object: &'w Object) -> Operand {
        self.typed_operand(object).0
    }

    /// Returns an operand and the type that it mostly has.
    fn typed_operand(&mut self, object: &'w Object) -> (Operand, Field) {
        if self.dice.chance(6) {
            let number = Field { name: String::new(), kind: FieldType::Decimal, big: false };
            return (self.distance(), number);
        }
        let mut found = self.path(object, 2);
        if self.dice.chance(25) {
            for _ in 0..6 {
                if matches!(found.field.kind, FieldType::Date | FieldType::DateTime) {
                    break;
                }
                found = self.path(object, 2);
            }
            let part = *self.dice.pick(&PARTS);
            let field_type =
                if part == DatePart::DayOnly { FieldType::Date } else { FieldType::Integer };
            let zone = *self.dice.pick(&ZONES);
            return (
                Operand::Date(part, found.path, zone),
                Field { kind: field_type, ..found.field },
            );
        }
        if self.dice.chance(5) {
            let text = Field { kind: FieldType::Text, ..found.field };
            return (Operand::Format(found.path), text);
        }
        (Operand::Field(found.path), found.field)
    }

    fn distance(&mut self) -> Operand {
        let place = Place {
            latitude: *self.dice.pick(&[0.0, 48.8566, -33.9]),
            longitude: *self.dice.pick(&[0.0, 2.3522, 151.2]),
        };
        let unit =
            if self.dice.chance(50) { DistanceUnit::Miles } else { DistanceUnit::Kilometers };
        let distance = Distance { latitude: "Lat".into(), longitude: "Lon".into(), place, unit };
        Operand::Distance(Box::new(distance))
    }

    fn value(&mut self, field: &Field) -> Value {
        match self.dice.below(12) {
            0 => Value::Null,
            1 => {
                let other = *self.dice.pick(&value::TYPES);
                value::of(&mut self.dice, other, false)
            }
            2 if field.kind == FieldType::Decimal => Value::from(1),
            2 if field.kind == FieldType::Integer => {
                value::of(&mut self.dice, FieldType::Decimal, field.big)
            }
            2 if field.kind == FieldType::Id => Value::from(value::id(&mut self.dice).as_str()),
            3 if matches!(field.kind, FieldType::Text) => Value::from(""),
            _ => value::of(&mut self.dice, field.kind, field.big),
        }
    }

    /// Gives the conditions other values: stores remember statements by what is left.
    pub(crate) fn vary(&mut self, filter: &mut Filter) {
        match filter {
            Filter::And(all) | Filter::Or(all) => all.iter_mut().for_each(|one| self.vary(one)),
            Filter::Not(inner) => self.vary(inner),
            Filter::Compare { value, .. } => *value = self.other(value),
            Filter::In { values, .. } => {
                for value in values.iter_mut() {
                    *value = self.other(value);
                }
                values.extend(self.dice.chance(30).then_some(Value::from("a")));
            }
            _ => {}
        }
    }

    /// Returns a value of mostly the same type.
    fn other(&mut self, value: &Value) -> Value {
        let kind = value::TYPES.into_iter().find(|kind| !value.is_null() && kind.admits(value));
        match (self.dice.below(12), kind) {
            (0, _) => Value::Null,
            (1, _) => Value::from(""),
            (2, _) | (_, None) => {
                let other = *self.dice.pick(&value::TYPES);
                value::of(&mut self.dice, other, false)
            }
            (3, Some(FieldType::Id)) => Value::from(value::id(&mut self.dice).as_str()),
            (4, Some(FieldType::Integer)) => value::of(&mut self.dice, FieldType::Decimal, true),
            (n, Some(kind)) => value::of(&mut self.dice, kind, n == 5),
        }
    }

    fn comparison(&mut self) -> Comparison {
        use Comparison::{Eq, Ge, Gt, Le, Lt, Ne};

        *self.dice.pick(&[Eq, Eq, Ne, Lt, Le, Gt, Ge])
    }

    pub(crate) fn filter(&mut self, object: &'w Object, depth: usize) -> Filter {
        if depth > 0 && self.dice.chance(40) {
            let n = self.dice.below(4);
            let parts: Vec<Filter> = (0..n).map(|_| self.filter(object, depth - 1)).collect();
            let joined = if self.dice.chance(50) { Filter::And(parts) } else { Filter::Or(parts) };
            return if self.dice.chance(25) { joined.negated() } else { joined };
        }
        let test = self.test(object, depth);
        if self.dice.chance(20) { test.negated() } else { test }
    }

    fn test(&mut self, object: &'w Object, depth: usize) -> Filter {
        let (operand, field) = self.typed_operand(object);
        match self.dice.below(12) {
            0 | 1 => {
                let values = (0..self.dice.below(10)).map(|_| self.value(&field)).collect();
                Filter::In { operand, values }
            }
            2 => {
                let pattern =
                    *self.dice.pick(&["%", "a%", "%B", "_", "\u{e4}%", "%\\%", "\\", "a\\_b", ""]);
                Filter::Like { operand, pattern: pattern.into() }
            }
            3 => {
                let from = value::day(&mut self.dice);
                let days = chrono::TimeDelta::days(self.dice.below(60) as i64);
                let zone = *self.dice.pick(&ZONES);
                let comparison = self.comparison();
                Filter::Within { operand, comparison, period: Period::new(from, from + days, zone) }
            }
            4 => {
                let pool = ["a", "A", "b", "\u{c4}", "", "a;b", " a", "c"];
                let set = |dice: &mut Dice| {
                    (0..dice.below(3)).map(|_| Text::from(*dice.pick(&pool))).collect()
                };
                let sets = (0..self.dice.below(3)).map(|_| set(&mut self.dice)).collect();
                Filter::Includes { operand, sets }
            }
            5 | 6 if depth > 0 => self.in_query(operand, &field, depth),
            7 => Filter::eq("Code", format!("C{}{}", object.name, self.dice.below(6))),
            8 => Filter::is_in("Id", (0..3).map(|_| value::id(&mut self.dice)).collect::<Vec<_>>()),
            _ => {
                let (comparison, value) = (self.comparison(), self.value(&field));
                Filter::Compare { operand, comparison, value }
            }
        }
    }

    fn in_query(&mut self, operand: Operand, field: &Field, depth: usize) -> Filter {
        let other = self.dice.pick(&self.world.objects);
        let mut found = self.path(other, 1);
        for _ in 0..8 {
            if found.field.kind == field.kind {
                break;
            }
            found = self.path(other, 1);
        }
        let mut query = Query::of(other.name)
            .columns([Column::Value { operand: Operand::Field(found.path), alias: None }]);
        if self.dice.chance(60) {
            query.filter = Some(self.filter(other, depth - 1));
        }
        if self.dice.chance(20) {
            query.rows = Rows::All;
        }
        if self.dice.chance(30) {
            query.order = self.order(other);
            self.page(&mut query);
        }
        Filter::InQuery { operand, query: Box::new(query) }
    }

    fn columns(&mut self, object: &'w Object, depth: usize) -> Vec<Column> {
        let mut columns = Vec::new();
        for n in 0..=self.dice.below(5) {
            let alias = self.dice.chance(20).then(|| Text::from(format!("x{n}")));
            columns.push(Column::Value { operand: self.operand(object), alias });
        }
        if depth > 0 && self.dice.chance(40) {
            columns.extend(self.children(object, depth - 1));
        }
        if self.dice.chance(25) {
            columns.extend(self.type_of(object));
        }
        columns
    }

    fn children(&mut self, object: &'w Object, depth: usize) -> Option<Column> {
        let mut ways = Vec::new();
        for child in &self.world.objects {
            for (n, parents) in child.references.iter().enumerate() {
                if parents.contains(&object.name) {
                    ways.push((child, n));
                }
            }
        }
        if ways.is_empty() {
            return None;
        }
        let (child, n) = *self.dice.pick(&ways);
        let mut query = Query::of(child.name);
        if self.dice.chance(70) {
            query.select = Select::Columns(self.columns(child, depth));
        }
        if self.dice.chance(40) {
            query.filter = Some(self.filter(child, 1));
        }
        query.order = self.order(child);
        self.page(&mut query);
        let relationship = Text::from(format!("{}Kids{n}", child.name));
        let children = Children { relationship, reference: Text::default(), query };
        Some(Column::Children(Box::new(children)))
    }

    fn type_of(&mut self, object: &'w Object) -> Option<Column> {
        let n = self.dice.below(object.references.len().max(1));
        let parents = object.references.get(n)?;
        let mut branches = Vec::new();
        for parent in parents {
            if self.dice.chance(60) {
                let of = self.world.object(parent);
                let paths = (0..2).map(|_| self.path(of, 1).path).collect();
                branches.push((Text::from(*parent), paths));
            }
        }
        let mut otherwise = Vec::new();
        for _ in 0..2 {
            let of = self.world.object(parents[0]);
            otherwise.push(self.path(of, 0).path);
        }
        Some(Column::TypeOf(TypeOf { hop: Hop::new(format!("R{n}")), branches, otherwise }))
    }

    fn groups(&mut self, object: &'w Object) -> Groups {
        let mut keys = Vec::new();
        for _ in 0..self.dice.below(4) {
            let (operand, field) = self.typed_operand(object);
            let is_new = !keys.iter().any(|key| circuit_core::eval::is_same(key, &operand));
            if is_new && field.kind != FieldType::Json {
                keys.push(operand);
            }
        }
        let grouping =
            *self.dice.pick(&[Grouping::Plain, Grouping::Plain, Grouping::Rollup, Grouping::Cube]);
        let mut columns: Vec<(Operand, Text)> = Vec::new();
        for (n, key) in keys.iter().enumerate() {
            columns.push((key.clone(), format!("k{n}").into()));
            if self.dice.chance(50) {
                columns.push((Operand::Grouping(Box::new(key.clone())), format!("g{n}").into()));
            }
        }
        for n in 0..self.dice.below(4) {
            let mut operand = self.aggregate(object).0;
            if self.dice.chance(8) {
                operand = Operand::FormatOf(Box::new(operand));
            }
            columns.push((operand, format!("a{n}").into()));
        }
        if let Some(Operand::Field(path)) = keys.first().filter(|_| self.dice.chance(8)) {
            columns.push((Operand::Format(path.clone()), "f".into()));
        }
        let having = self.dice.chance(30).then(|| {
            let (operand, field) = self.aggregate(object);
            let (comparison, value) = (self.comparison(), self.value(&field));
            let one = Filter::Compare { operand, comparison, value };
            match keys.first() {
                Some(key) if self.dice.chance(40) => {
                    let of = Operand::Grouping(Box::new(key.clone()));
                    one.or(of.eq(1)).or(key.clone().eq("a"))
                }
                _ => one,
            }
        });
        Groups { keys, grouping, columns, having }
    }

    fn group_order(&mut self, query: &mut Query, groups: &Groups) {
        for _ in 0..self.dice.below(3) {
            if groups.columns.is_empty() {
                return;
            }
            let (operand, _) = self.dice.pick(&groups.columns).clone();
            let key = self.sorted(operand);
            query.order.push(key);
        }
    }

    fn aggregate(&mut self, object: &'w Object) -> (Operand, Field) {
        let whole = Field { name: String::new(), kind: FieldType::Integer, big: false };
        let mut found = self.path(object, 2);
        if self.dice.chance(25) {
            let field = object.fields.iter().find(|field| field.big).unwrap().clone();
            let path = FieldPath { hops: Vec::new(), field: field.name.as_str().into() };
            found = Found { path, field };
        }
        let comparable = found.field.kind != FieldType::Json;
        let (aggregate, field) = match self.dice.below(8) {
            0 => return (Operand::Aggregate(Aggregate::Count, None), whole),
            2 if comparable => (Aggregate::CountDistinct, whole),
            3 if comparable => (Aggregate::Min, found.field.clone()),
            4 if comparable => (Aggregate::Max, found.field.clone()),
            5 => (Aggregate::Sum, found.field.clone()),
            6 => (Aggregate::Avg, found.field.clone()),
            _ => (Aggregate::Count, whole),
        };
        (Operand::Aggregate(aggregate, Some(found.path)), field)
    }
}

fn sums(query: &Query) -> bool {
    let Select::Groups(groups) = &query.select else { return false };
    let is_sum = |operand: &Operand| match operand {
        Operand::FormatOf(inner) => matches!(**inner, Operand::Aggregate(Aggregate::Sum, _)),
        operand => matches!(operand, Operand::Aggregate(Aggregate::Sum, _)),
    };
    let mut found = groups.columns.iter().any(|(operand, _)| is_sum(operand));
    if let Some(having) = &groups.having {
        having.operands(&mut |operand| found |= is_sum(operand));
    }
    found
}
