//! Random trees: what is printed is read as the tree it was.

use std::collections::HashSet;

use circuit_soql::ast::{
    Argument, Bind, Call, CategoryFilter, CategoryOperator, Comparison, Condition, Count,
    DateLiteral, Direction, Expression, FieldSet, For, From, Function, GroupBy, Grouping, Item,
    Literal, LiteralKind, Name, Nulls, Number, Operator, OrderBy, Path, Query, Relation, Right,
    Scope, SelectItem, Selected, TypeOf, Update, When, With,
};
use circuit_soql::{Dialect, Span};

use crate::support::{Random, good};

const NAMES: &[&str] = &[
    "Id", "Name", "Group", "Order", "Case", "Data", "End", "When", "View", "Offset", "All", "Set",
    "Count", "Fields", "Today", "Format", "x__c", "ns__y__c", "USD5", "a1",
];

const TEXTS: &[&str] =
    &["", "a", "it's", "back\\slash", "\n\r\t\u{8}\u{c}", "\"", "%_", "Zoë 😀", "\\'", ":x", "--"];

const BINDS: &[&str] = &["x", "a.b", "list[0]", "o.get('a', 1)", "(a + b)", "new Set<Id>{ a }"];

fn one<T: Copy>(random: &mut Random, all: &[T]) -> T {
    all[random.below(all.len())]
}

fn some<T>(random: &mut Random, make: impl FnOnce(&mut Random) -> T) -> Option<T> {
    (random.below(3) == 0).then(|| make(random))
}

fn many<T>(random: &mut Random, most: usize, mut make: impl FnMut(&mut Random) -> T) -> Vec<T> {
    (0..=random.below(most)).map(|_| make(random)).collect()
}

fn name(random: &mut Random) -> Name {
    Name::new(one(random, NAMES))
}

fn path(random: &mut Random, most: usize) -> Path {
    Path { names: many(random, most, name).into(), span: Span::default() }
}

fn field(random: &mut Random) -> Expression {
    Expression::Path(path(random, 6))
}

fn call(random: &mut Random, functions: &[Function]) -> Expression {
    let call = Call {
        function: one(random, functions),
        arguments: vec![Argument::Expression(field(random))],
        name: Span::default(),
        span: Span::default(),
    };
    Expression::Call(call)
}

/// A function of a date, or the label of a value.
const EVERYWHERE: &[Function] =
    &[Function::CalendarYear, Function::DayOnly, Function::HourInDay, Function::ToLabel];

const AGGREGATES: &[Function] = &[
    Function::Avg,
    Function::Count,
    Function::CountDistinct,
    Function::Min,
    Function::Max,
    Function::Sum,
];

fn expression(random: &mut Random) -> Expression {
    match random.below(4) {
        0 => call(random, EVERYWHERE),
        _ => field(random),
    }
}

fn bind(random: &mut Random) -> Bind {
    Bind { text: one(random, BINDS).into(), span: Span::default() }
}

fn literal(random: &mut Random) -> Literal {
    let kind = match random.below(9) {
        0 => LiteralKind::Null,
        1 => LiteralKind::Boolean(random.below(2) == 0),
        2 | 3 => LiteralKind::Text(one(random, TEXTS).into()),
        4 => LiteralKind::Number(Number(one(random, &["0", "-1.5", "+3", ".5"]).into())),
        5 => LiteralKind::Currency {
            code: one(random, &["USD", "eur"]).into(),
            amount: Number(one(random, &["5", "10.25"]).into()),
        },
        6 => LiteralKind::Date("2024-02-29".into()),
        7 => LiteralKind::DateTime("2026-01-31T23:59:59.5+01:00".into()),
        _ => {
            let word = one(random, DateLiteral::ALL);
            let n = u32::try_from(random.below(400)).unwrap_or(1);
            LiteralKind::DateRange { word, n: word.takes_number().then_some(n) }
        }
    };
    Literal { kind, span: Span::default() }
}

fn item(random: &mut Random) -> Item {
    match random.below(3) {
        0 => Item::Bind(bind(random)),
        _ => Item::Literal(literal(random)),
    }
}

fn comparison(random: &mut Random, left: Expression) -> Condition {
    use Operator::{Eq, Excludes, Ge, Gt, In, Includes, Le, Like, Lt, Ne, NotIn};
    let operator = one(random, &[Eq, Ne, Lt, Le, Gt, Ge, Like, In, NotIn, Includes, Excludes]);
    let right = match operator {
        _ if random.below(4) == 0 => Right::Bind(bind(random)),
        In | NotIn | Includes | Excludes => Right::List(many(random, 4, item), Span::default()),
        Like => {
            let pattern = one(random, &["A%", r"100\%", r"a\_b\\", "it's", "\n_"]).to_owned();
            Right::Literal(Literal {
                kind: LiteralKind::Text(pattern.into()),
                span: Span::default(),
            })
        }
        _ => Right::Literal(literal(random)),
    };
    let span = Span::default();
    Condition::Compare(Box::new(Comparison { left, operator, right, span }))
}

fn condition(random: &mut Random, depth: usize, left: fn(&mut Random) -> Expression) -> Condition {
    if depth == 0 || random.below(3) == 0 {
        let left = left(random);
        return comparison(random, left);
    }
    let mut parts = || {
        let parts = 2 + random.below(3);
        (0..parts).map(|_| condition(random, depth - 1, left)).collect()
    };
    match depth % 3 {
        0 => Condition::And(parts()),
        1 => Condition::Or(parts()),
        _ => Condition::Not(Box::new(condition(random, depth - 1, left)), Span::default()),
    }
}

fn compared_in_having(random: &mut Random) -> Expression {
    if random.below(2) == 0 { call(random, AGGREGATES) } else { expression(random) }
}

fn type_of(random: &mut Random) -> TypeOf {
    let fields = |random: &mut Random| many(random, 3, |random| path(random, 3));
    TypeOf {
        relationship: path(random, 2),
        branches: many(random, 3, |random| When { object: name(random), fields: fields(random) }),
        otherwise: some(random, fields).unwrap_or_default(),
        span: Span::default(),
    }
}

fn select_item(random: &mut Random, depth: usize) -> SelectItem {
    match random.below(8) {
        0 if depth > 0 => SelectItem::SubQuery(Box::new(query(random, depth - 1, false))),
        1 => SelectItem::TypeOf(type_of(random)),
        2 => {
            let set = one(random, &[FieldSet::All, FieldSet::Standard, FieldSet::Custom]);
            SelectItem::Fields(set, Span::default())
        }
        3 => {
            let expression = call(random, AGGREGATES);
            SelectItem::Expression(Selected { expression, alias: some(random, name) })
        }
        _ => {
            let expression = expression(random);
            SelectItem::Expression(Selected { expression, alias: some(random, alias) })
        }
    }
}

/// A name that starts no clause.
fn alias(random: &mut Random) -> Name {
    Name::new(one(random, &["a", "b1", "Case", "Data", "End", "total"]))
}

fn order(random: &mut Random) -> OrderBy {
    let directions = [Direction::Ascending, Direction::Descending];
    OrderBy {
        expression: expression(random),
        direction: some(random, |random| one(random, &directions)),
        nulls: some(random, |random| one(random, &[Nulls::First, Nulls::Last])),
    }
}

fn count(random: &mut Random) -> Count {
    match random.below(3) {
        0 => Count::Bind(Box::new(bind(random))),
        _ => Count::Number(u32::try_from(random.below(2001)).unwrap_or(0), Span::default()),
    }
}

fn group(random: &mut Random) -> GroupBy {
    GroupBy {
        grouping: one(random, &[Grouping::Plain, Grouping::Rollup, Grouping::Cube]),
        keys: many(random, 3, expression),
        span: Span::default(),
    }
}

fn with(random: &mut Random) -> With {
    match random.below(5) {
        0 => With::SecurityEnforced,
        1 => With::UserMode,
        2 => With::SystemMode,
        3 => With::Several(vec![categories(random), With::SecurityEnforced]),
        _ => categories(random),
    }
}

fn categories(random: &mut Random) -> With {
    With::DataCategory(many(random, 2, |random| CategoryFilter {
        group: name(random),
        operator: one(
            random,
            &[
                CategoryOperator::At,
                CategoryOperator::Above,
                CategoryOperator::Below,
                CategoryOperator::AboveOrBelow,
            ],
        ),
        categories: many(random, 3, name),
    }))
}

/// An object and parents of it.
fn from(random: &mut Random) -> From {
    let object = path(random, 2);
    let relation = |random: &mut Random| {
        let parents = path(random, 2);
        let names = object.names.last().into_iter().chain(&parents.names).cloned().collect();
        Relation { path: Path { names, span: Span::default() }, alias: some(random, alias) }
    };
    let relations = some(random, |random| many(random, 2, relation)).unwrap_or_default();
    From { alias: some(random, alias), object, relations }
}

/// An alias stands once.
fn drop_second_aliases(select: &mut [SelectItem]) {
    let mut seen = HashSet::new();
    for item in select {
        if let SelectItem::Expression(selected) = item {
            selected.alias = selected.alias.take().filter(|alias| seen.insert(alias.clone()));
        }
    }
}

fn query(random: &mut Random, depth: usize, top: bool) -> Query {
    let mut select = many(random, 5, |random| select_item(random, depth));
    let group = some(random, group);
    if group.is_some() {
        select.retain(|item| !matches!(item, SelectItem::TypeOf(_)));
    }
    if select.is_empty() {
        select.push(SelectItem::Fields(FieldSet::All, Span::default()));
    }
    drop_second_aliases(&mut select);
    let one_row = group.is_none()
        && select.iter().any(|item| match item {
            SelectItem::Expression(selected) => selected.expression.is_aggregated(),
            _ => false,
        });
    Query {
        select,
        from: from(random),
        scope: some(random, |random| Box::new(Scope { name: name(random) })),
        lookup: None,
        filter: some(random, |random| condition(random, 5, expression)),
        with: some(random, with).map(Box::new),
        having: group.is_some().then(|| condition(random, 3, compared_in_having)),
        group: group.map(Box::new),
        order: some(random, |random| many(random, 3, order)).unwrap_or_default(),
        limit: some(random, count).filter(|_| !one_row),
        offset: some(random, count),
        purpose: some(random, |random| vec![one(random, &[For::View, For::Reference])])
            .unwrap_or_default(),
        update: some(random, |random| vec![one(random, &[Update::Tracking, Update::ViewStat])])
            .unwrap_or_default(),
        all_rows: top && random.below(4) == 0,
        options: None,
        span: Span::default(),
    }
}

#[test]
fn random_trees_are_read_as_they_were_printed() {
    for seed in 1..10_000 {
        let tree = query(&mut Random::new(seed * 7919), 3, true);
        assert_eq!(good(&tree.to_string(), Dialect::Apex), tree, "{seed}: {tree}");
    }
}

#[test]
fn random_trees_are_read_as_they_were_printed_on_several_lines() {
    for seed in 1..3000 {
        let tree = query(&mut Random::new(seed * 104_729), 3, true);
        let lines = tree.to_pretty_string();
        assert_eq!(good(&lines, Dialect::Apex), tree, "{seed}: {lines}");
    }
}
