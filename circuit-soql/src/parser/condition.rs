//! Conditions: `WHERE` and `HAVING`.

use super::query::Place;
use super::text::TextUse;
use super::{Parsed, Parser};
use crate::ast::{
    Comparison, Condition, Expression, Function, Item, LiteralKind, Operator, Right, SelectItem,
};
use crate::error::{Error, ErrorKind};
use crate::lexer::Kind;
use crate::word::Word;

/// Which clause a condition belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clause {
    /// `WHERE` of a query.
    Where(Place),
    /// `HAVING`.
    Having,
}

/// How the parts of a condition are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joiner {
    And,
    Or,
}

impl Parser<'_> {
    /// Reads the condition behind `WHERE`.
    pub(crate) fn filter(&mut self, place: Place) -> Parsed<Condition> {
        self.condition(Clause::Where(place))
    }

    /// Reads a condition: one operand, or several joined by one and the same word.
    ///
    /// Salesforce refuses AND, OR and NOT beside each other; here that is reported, and read on.
    pub(crate) fn condition(&mut self, clause: Clause) -> Parsed<Condition> {
        let start_not = self.at_word(Word::Not);
        let first = self.operand(clause)?;
        let Some(joiner) = self.joiner() else { return Ok(first) };
        let mut mixed = start_not;
        if start_not {
            self.refuse_mix("NOT beside AND or OR needs parentheses around it");
        }
        let mut all = vec![first];
        while let Some(next) = self.joiner() {
            if next != joiner && !mixed {
                mixed = true;
                self.refuse_mix("AND and OR beside each other need parentheses");
            }
            self.bump();
            if self.at_word(Word::Not) && !mixed {
                mixed = true;
                self.refuse_mix("NOT beside AND or OR needs parentheses around it");
            }
            all.push(self.operand(clause)?);
        }
        Ok(if joiner == Joiner::And { Condition::And(all) } else { Condition::Or(all) })
    }

    fn refuse_mix(&mut self, message: &str) {
        self.refuse(message, self.token.span());
    }

    /// The word between two operands, also as other languages write it.
    fn joiner(&mut self) -> Option<Joiner> {
        match self.token.kind {
            Kind::Word(Word::And) => Some(Joiner::And),
            Kind::Word(Word::Or) => Some(Joiner::Or),
            Kind::DoubleAnd => Some(self.joiner_sign(Word::And, Joiner::And)),
            Kind::DoubleOr => Some(self.joiner_sign(Word::Or, Joiner::Or)),
            _ => None,
        }
    }

    /// Reports a sign of other languages; it is read as the word that it stands for.
    #[cold]
    fn joiner_sign(&mut self, word: Word, joiner: Joiner) -> Joiner {
        self.unexpected(&[word.text()]);
        self.token.kind = Kind::Word(word);
        joiner
    }

    /// `NOT` and what it belongs to, a condition in parentheses, or a comparison.
    fn operand(&mut self, clause: Clause) -> Parsed<Condition> {
        let start = self.token.span();
        if !self.eat_word(Word::Not) {
            return self.plain_operand(clause);
        }
        if self.at_word(Word::Not) {
            self.refuse_mix("NOT behind NOT needs parentheses around it");
            while self.eat_word(Word::Not) {}
        }
        let inner = self.plain_operand(clause)?;
        Ok(Condition::Not(Box::new(inner), self.span_from(start)))
    }

    fn plain_operand(&mut self, clause: Clause) -> Parsed<Condition> {
        if !self.at(Kind::Open) {
            return self.comparison(clause);
        }
        self.nested(|parser| {
            parser.bump();
            let condition = parser.condition(clause)?;
            parser.close()?;
            Ok(condition)
        })
    }

    /// Takes the closing parenthesis of a condition.
    fn close(&mut self) -> Parsed<()> {
        if self.eat(Kind::Close) { Ok(()) } else { Err(self.unexpected(&["AND", "OR", ")"])) }
    }

    fn comparison(&mut self, clause: Clause) -> Parsed<Condition> {
        let start = self.token.span();
        let left = self.expression("a field")?;
        self.check_left(clause, &left);
        let place = self.token.span();
        let operator = self.operator()?;
        self.check_distance(&left, operator, place);
        let right = match operator {
            Operator::In | Operator::NotIn => self.members(clause)?,
            Operator::Includes | Operator::Excludes => self.choices()?,
            Operator::Like => self.pattern()?,
            _ => self.value()?,
        };
        let span = self.span_from(start);
        Ok(Condition::Compare(Box::new(Comparison { left, operator, right, span })))
    }

    /// Refuses functions that the clause does not know.
    fn check_left(&mut self, clause: Clause, left: &Expression) {
        let Expression::Call(call) = left else { return };
        let Clause::Where(_) = clause else { return self.refuse_misplaced(left) };
        let message = match call.function {
            function if function.is_aggregate() || function == Function::Grouping => {
                "aggregates are compared in HAVING, not in WHERE"
            }
            Function::ConvertCurrency | Function::Format => "this function can't stand in WHERE",
            Function::ConvertTimezone => return self.refuse_misplaced(left),
            _ => return,
        };
        self.refuse(message, call.name);
    }

    /// Refuses functions that can't stand where they stand: `FORMULA` outside `WHERE`, and
    /// `convertTimezone` outside another function.
    pub(crate) fn refuse_misplaced(&mut self, expression: &Expression) {
        let Expression::Call(call) = expression else { return };
        match call.function {
            Function::Formula => self.refuse("FORMULA stands in WHERE only", call.name),
            Function::ConvertTimezone => {
                self.refuse("convertTimezone stands in a date function only", call.name)
            }
            _ => return,
        };
    }

    fn operator(&mut self) -> Parsed<Operator> {
        const EXPECTED: &[&str] = &["a comparison such as `=`", "LIKE", "IN", "INCLUDES"];
        let operator = match self.token.kind {
            Kind::Eq => Operator::Eq,
            Kind::Ne => Operator::Ne,
            Kind::Lt => Operator::Lt,
            Kind::Le => Operator::Le,
            Kind::Gt => Operator::Gt,
            Kind::Ge => Operator::Ge,
            Kind::Word(Word::Like) => Operator::Like,
            Kind::Word(Word::In) => Operator::In,
            Kind::Word(Word::Includes) => Operator::Includes,
            Kind::Word(Word::Excludes) => Operator::Excludes,
            Kind::Word(Word::Not) => return self.not_operator(),
            Kind::DoubleEq => {
                self.unexpected(EXPECTED);
                Operator::Eq
            }
            _ => return Err(self.unexpected(EXPECTED)),
        };
        self.bump();
        // Salesforce takes white space inside `<=` and `>=`.
        Ok(match operator {
            Operator::Lt if self.eat(Kind::Eq) => Operator::Le,
            Operator::Gt if self.eat(Kind::Eq) => Operator::Ge,
            operator => operator,
        })
    }

    /// `NOT IN`.
    fn not_operator(&mut self) -> Parsed<Operator> {
        let not = self.bump();
        if self.eat_word(Word::In) {
            return Ok(Operator::NotIn);
        }
        if self.at_word(Word::Like) {
            let message = "NOT stands in front of the field: `NOT Name LIKE 'A%'`";
            let span = not.span().to(self.token.span());
            self.report(Error::new(ErrorKind::Syntax, message, span));
            self.bump();
            return Ok(Operator::Like);
        }
        Err(self.unexpected(&["IN"]))
    }

    /// One value: a literal or a variable.
    fn value(&mut self) -> Parsed<Right> {
        match self.token.kind {
            Kind::Colon => Ok(Right::Bind(self.bind()?)),
            Kind::DoubleEq => Err(self.unexpected(&["a value"])),
            _ => Ok(Right::Literal(self.literal(TextUse::Plain)?)),
        }
    }

    /// What stands behind `LIKE`.
    fn pattern(&mut self) -> Parsed<Right> {
        if self.at(Kind::Colon) {
            return Ok(Right::Bind(self.bind()?));
        }
        let literal = self.literal(TextUse::Pattern)?;
        if !matches!(literal.kind, LiteralKind::Text(_) | LiteralKind::Null) {
            self.refuse("a text stands behind LIKE", literal.span);
        }
        Ok(Right::Literal(literal))
    }

    /// What stands behind `IN`: a list, a query or a variable.
    fn members(&mut self, clause: Clause) -> Parsed<Right> {
        if self.at(Kind::Colon) {
            return Ok(Right::Bind(self.bind()?));
        }
        if self.at(Kind::Open) && self.peek() == Kind::Word(Word::Select) {
            return self.semi_join(clause);
        }
        self.list()
    }

    /// What stands behind `INCLUDES` and `EXCLUDES`.
    fn choices(&mut self) -> Parsed<Right> {
        if self.at(Kind::Colon) { Ok(Right::Bind(self.bind()?)) } else { self.list() }
    }

    fn list(&mut self) -> Parsed<Right> {
        let start = self.token.span();
        if !self.eat(Kind::Open) {
            return Err(self.unexpected(&["("]));
        }
        let mut items = Vec::new();
        loop {
            items.push(match self.token.kind {
                Kind::Colon => Item::Bind(self.bind()?),
                _ => Item::Literal(self.literal(TextUse::Plain)?),
            });
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        if !self.eat(Kind::Close) {
            return Err(self.unexpected(&[",", ")"]));
        }
        Ok(Right::List(items, self.span_from(start)))
    }

    /// A query behind `IN`; the parenthesis is here.
    fn semi_join(&mut self, clause: Clause) -> Parsed<Right> {
        if matches!(clause, Clause::Having) {
            let failed = self.refuse("HAVING has no sub-query", self.token.span());
            self.skip_parentheses();
            return Err(failed);
        }
        let level = match clause {
            Clause::Where(Place::SemiJoin(level)) => level + 1,
            _ => 1,
        };
        let most = self.most_sub_queries().max(2);
        if level > most {
            let message = format!("sub-queries may be nested {most} deep");
            let failed = self.refuse(message, self.token.span());
            self.skip_parentheses();
            return Err(failed);
        }
        let query = self.query_in_parentheses(Place::SemiJoin(level))?;
        let one_field = match query.select.as_slice() {
            [] => true,
            [SelectItem::Expression(selected)] => selected.alias.is_none(),
            _ => false,
        };
        if !one_field {
            self.refuse("a sub-query of WHERE selects exactly one field", query.span);
        }
        Ok(Right::Query(query))
    }
}
