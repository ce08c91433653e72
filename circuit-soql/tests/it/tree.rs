//! What the tree of a query says.

use circuit_soql::ast::{
    Argument, Condition, Count, DateLiteral, Expression, Function, Grouping, Item, LiteralKind,
    Operator, Query, Right, SelectItem, SetOptions, With,
};
use circuit_soql::{Dialect, Options, parse_with};

use crate::support::good;

/// The condition of a query.
#[track_caller]
fn filter(condition: &str) -> Condition {
    let query = good(&format!("SELECT Id FROM Lead WHERE {condition}"), Dialect::Apex);
    query.filter.expect("a condition")
}

/// The right side of a comparison.
#[track_caller]
fn right(comparison: &str) -> Right {
    match filter(comparison) {
        Condition::Compare(comparison) => comparison.right,
        other => panic!("no comparison: {other}"),
    }
}

/// The literal on the right side of a comparison.
#[track_caller]
fn literal(comparison: &str) -> LiteralKind {
    match right(comparison) {
        Right::Literal(literal) => literal.kind,
        other => panic!("no literal: {other:?}"),
    }
}

fn rest(text: &str) -> Query {
    good(text, Dialect::Rest)
}

#[test]
fn names_keep_their_case_and_compare_without_it() {
    let query = rest("SELECT ID FROM lead");
    assert_eq!(query.to_string(), "SELECT ID FROM lead");
    assert_eq!(query, rest("select Id from LEAD"));
}

#[test]
fn keywords_and_functions_are_spelt_as_salesforce_spells_them() {
    let query = rest("select tolabel(A), CONVERTCURRENCY(B), count(Id) from c where d = today");
    let text = "SELECT toLabel(A), convertCurrency(B), COUNT(Id) FROM c WHERE d = TODAY";
    assert_eq!(query.to_string(), text);
}

#[test]
fn parts_joined_by_one_word_stand_in_one_list() {
    let Condition::And(all) = filter("A = 1 AND B = 2 AND C = 3") else { panic!("no AND") };
    assert_eq!(all.len(), 3);
}

#[test]
fn parentheses_around_a_comparison_leave_no_trace() {
    assert_eq!(filter("((A = 1))"), filter("A = 1"));
    assert_eq!(filter("(A = 1 AND B = 2)"), filter("A = 1 AND B = 2"));
}

#[test]
fn parentheses_that_group_are_kept() {
    let Condition::And(all) = filter("(A = 1 AND B = 2) AND C = 3") else { panic!("no AND") };
    assert!(matches!(&all[0], Condition::And(inner) if inner.len() == 2));
    let printed = filter("A = 1 OR (NOT (B = 2 AND C = 3))").to_string();
    assert_eq!(printed, "A = 1 OR (NOT (B = 2 AND C = 3))");
}

#[test]
fn a_text_has_its_escapes_resolved() {
    let text = |value: &str| LiteralKind::Text(value.into());
    assert_eq!(literal(r"A = 'it\'s \\ \n\u00e9\uD83D\uDE00'"), text("it's \\ \né😀"));
    assert_eq!(literal(r#"A = 'a"b\"c'"#), text("a\"b\"c"));
    assert_eq!(literal(r"A = '\N\R\T\B\F'"), text("\n\r\t\u{8}\u{c}"));
}

#[test]
fn a_pattern_keeps_the_escapes_that_belong_to_it() {
    let text = |value: &str| LiteralKind::Text(value.into());
    assert_eq!(literal(r"A LIKE '100\% \_ \\ it\'s'"), text(r"100\% \_ \\ it's"));
    let Condition::Compare(comparison) = filter(r"A LIKE 'a\\\%'") else { panic!("no comparison") };
    assert_eq!(comparison.to_string(), r"A LIKE 'a\\\%'");
}

#[test]
fn numbers_keep_their_digits() {
    for number in ["1", "-1.50", "+3", ".5", "007", "123456789012345678901234567890.10"] {
        let LiteralKind::Number(read) = literal(&format!("A = {number}")) else {
            panic!("{number}")
        };
        assert_eq!(read.0, number);
    }
}

#[test]
fn a_currency_is_split_from_its_number() {
    let LiteralKind::Currency { code, amount } = literal("A > eur12.50") else { panic!("none") };
    assert_eq!((code.as_str(), amount.0.as_str()), ("eur", "12.50"));
}

#[test]
fn words_for_days_have_their_number() {
    let range = |word, n| LiteralKind::DateRange { word, n };
    assert_eq!(literal("A = last_n_days : 7"), range(DateLiteral::LastNDays, Some(7)));
    assert_eq!(literal("A = Today"), range(DateLiteral::Today, None));
}

#[test]
fn every_word_for_days_is_read() {
    for word in DateLiteral::ALL {
        let n = word.takes_number().then_some(3);
        let number = if n.is_some() { ":3" } else { "" };
        let read = literal(&format!("A = {}{number}", word.word().to_lowercase()));
        assert_eq!(read, LiteralKind::DateRange { word: *word, n });
    }
}

#[test]
fn operators_have_one_meaning_each() {
    let operator = |text: &str| match filter(text) {
        Condition::Compare(comparison) => comparison.operator,
        other => panic!("no comparison: {other}"),
    };
    assert_eq!(operator("A <> 1"), Operator::Ne);
    assert_eq!(operator("A != 1"), Operator::Ne);
    assert_eq!(operator("A NOT IN (1)"), Operator::NotIn);
    assert_eq!(operator("A < = 1"), Operator::Le);
    assert_eq!(operator("A excludes ('a')"), Operator::Excludes);
}

#[test]
fn a_list_holds_literals_and_variables() {
    let Right::List(items, _) = right("A IN ('a', :b, null)") else { panic!("no list") };
    assert!(matches!(&items[1], Item::Bind(bind) if bind.text == "b"));
    assert!(matches!(&items[2], Item::Literal(literal) if literal.kind == LiteralKind::Null));
}

#[test]
fn a_variable_is_kept_as_it_was_written() {
    for (text, kept) in [
        ("A = :b", "b"),
        ("A = : b ", "b"),
        ("A = :b.c[0].d( 1, 'x)' ) AND E = 1", "b.c[0].d( 1, 'x)' )"),
        ("(A = :(b + c))", "(b + c)"),
        ("A IN :new Map<Id, Lead>(x).keySet() ", "new Map<Id, Lead>(x).keySet()"),
        ("A = :b + c - 1 AND D = 1", "b + c - 1"),
        ("A = :b /* c */ AND D = 1", "b"),
    ] {
        let shown = filter(text).to_string();
        assert!(shown.contains(&format!(":{kept}")), "{shown}");
    }
}

#[test]
fn count_alone_is_no_function() {
    let query = rest("SELECT COUNT() FROM Lead");
    assert!(matches!(query.select.as_slice(), [SelectItem::Count(_)]));
    let query = rest("SELECT COUNT(Id) n FROM Lead");
    let SelectItem::Expression(selected) = &query.select[0] else { panic!("no expression") };
    let Expression::Call(call) = &selected.expression else { panic!("no call") };
    assert_eq!((call.function, call.arguments.len()), (Function::Count, 1));
    assert!(selected.alias.as_ref().is_some_and(|alias| alias.is("N")));
}

#[test]
fn a_distance_has_a_field_a_place_and_a_unit() {
    let text = "DISTANCE(Location__c, GEOLOCATION(37.5, :x), 'km') < 5";
    let Condition::Compare(comparison) = filter(text) else { panic!("no comparison") };
    let Expression::Call(call) = comparison.left else { panic!("no call") };
    let [Argument::Expression(_), Argument::Expression(Expression::Call(place)), unit] =
        call.arguments.as_slice()
    else {
        panic!("no place")
    };
    assert_eq!(place.function, Function::Geolocation);
    assert!(matches!(place.arguments[1], Argument::Bind(_)));
    assert!(matches!(unit, Argument::Literal(_)));
}

#[test]
fn every_function_is_found_by_its_name() {
    for function in Function::ALL {
        assert_eq!(Function::named(&function.name().to_lowercase()), Some(*function));
    }
}

#[test]
fn spans_stand_for_their_text() {
    let text = "SELECT Id, toLabel(Status) s FROM Lead WHERE Owner.Name IN ('a', 'b') LIMIT 10";
    let query = rest(text);
    let SelectItem::Expression(selected) = &query.select[1] else { panic!("no expression") };
    let Expression::Call(call) = &selected.expression else { panic!("no call") };
    assert_eq!(&text[call.name.range()], "toLabel");
    assert_eq!(&text[call.span.range()], "toLabel(Status)");
    let Some(Condition::Compare(comparison)) = &query.filter else { panic!("no comparison") };
    assert_eq!(&text[comparison.span.range()], "Owner.Name IN ('a', 'b')");
    let Right::List(_, list) = &comparison.right else { panic!("no list") };
    assert_eq!(&text[list.range()], "('a', 'b')");
    let Some(Count::Number(10, limit)) = query.limit else { panic!("no limit") };
    assert_eq!(&text[limit.range()], "10");
}

#[test]
fn subtotals_say_which() {
    let grouping = |text: &str| rest(text).group.map(|group| group.grouping);
    assert_eq!(grouping("SELECT A FROM B GROUP BY A"), Some(Grouping::Plain));
    assert_eq!(grouping("SELECT A FROM B GROUP BY ROLLUP(A)"), Some(Grouping::Rollup));
    assert_eq!(grouping("SELECT A FROM B GROUP BY CUBE(A)"), Some(Grouping::Cube));
}

#[test]
fn several_with_are_kept_in_their_order() {
    let query = rest("SELECT A FROM B WITH DATA CATEGORY C AT d WITH SECURITY_ENFORCED");
    let Some(With::Several(all)) = query.with.as_deref() else { panic!("one WITH") };
    assert!(matches!(all.as_slice(), [With::DataCategory(_), With::SecurityEnforced]));
}

#[test]
fn with_of_another_name_is_kept_as_it_was_written() {
    let query = rest("SELECT A FROM B WITH UserId='005'");
    assert_eq!(query.to_string(), "SELECT A FROM B WITH UserId ='005'");
}

#[test]
fn options_are_a_list_or_a_variable() {
    let list = rest("SELECT A FROM B SET OPTIONS (c = true, d = 'e')").options;
    assert!(matches!(list.as_deref(), Some(SetOptions::List(all)) if all.len() == 2));
    let bind = good("SELECT A FROM B SET OPTIONS :c", Dialect::Apex).options;
    assert!(matches!(bind.as_deref(), Some(SetOptions::Bind(bind)) if bind.text == "c"));
}

#[test]
fn an_alias_of_count_or_of_a_sub_query_is_not_kept() {
    let query = rest("SELECT COUNT() total FROM Lead");
    assert_eq!(query.to_string(), "SELECT COUNT() FROM Lead");
    let query = rest("SELECT Id, (SELECT Id FROM Tasks) work FROM Lead");
    assert_eq!(query.to_string(), "SELECT Id, (SELECT Id FROM Tasks) FROM Lead");
}

#[test]
fn the_version_decides_how_deep_sub_queries_go() {
    let two = "SELECT A, (SELECT B, (SELECT C FROM D) FROM E) FROM F";
    let options = Options::new(Dialect::Rest);
    assert!(parse_with(two, &options.with_api_version(58)).is_ok());
    let errors = parse_with(two, &options.with_api_version(57)).unwrap_err();
    assert_eq!(errors.first().offset(), 21);
}

#[test]
fn the_nesting_that_is_allowed_can_be_lowered() {
    let text = "SELECT A FROM B WHERE ((C = 1))";
    let options = Options::new(Dialect::Rest);
    assert!(parse_with(text, &options.with_max_nesting(2)).is_ok());
    assert!(parse_with(text, &options.with_max_nesting(1)).is_err());
    assert_eq!(options.with_max_nesting(1 << 20).max_nesting, Options::MAX_NESTING);
}

#[test]
fn the_length_that_is_allowed_counts_characters() {
    let text = "SELECT A FROM B WHERE C = 'ééé'";
    let options = Options::new(Dialect::Rest);
    assert!(parse_with(text, &options.with_max_length(31)).is_ok());
    assert!(parse_with(text, &options.with_max_length(30)).is_err());
}
