//! Names, paths and functions.

use super::text::TextUse;
use super::{Failed, Parsed, Parser};
use crate::ast::{
    Argument, Call, Expression, Function, FunctionKind, Literal, LiteralKind, Name, Names, Path,
};
use crate::error::{Error, ErrorKind};
use crate::lexer::{Kind, Token};
use crate::nearest::nearest;
use crate::span::Span;
use crate::word::Word;

/// The most parents between a record and a field.
const MOST_PARENTS: usize = 5;

/// The most functions in one another: `FORMAT(convertCurrency(Amount))`, and one more for `MIN`.
const MOST_CALLS: usize = 3;

impl Parser<'_> {
    /// Reads a field or a function.
    pub(crate) fn expression(&mut self, expected: &'static str) -> Parsed<Expression> {
        let token = self.name_token(expected)?;
        if self.at(Kind::Open) && token.kind != Kind::Path {
            return self.call(token);
        }
        Ok(Expression::Path(self.path_from(token)?))
    }

    /// Takes the token of a name or a path.
    #[inline]
    pub(crate) fn name_token(&mut self, expected: &'static str) -> Parsed<Token> {
        match self.token.kind {
            Kind::Word(word) if !word.is_reserved() => Ok(self.bump()),
            Kind::Path => Ok(self.bump()),
            _ => Err(self.unexpected(&[expected])),
        }
    }

    /// Reads a name without dots.
    pub(crate) fn name(&mut self, expected: &'static str) -> Parsed<Name> {
        match self.token.kind {
            Kind::Word(word) if !word.is_reserved() => {
                let token = self.bump();
                Ok(self.name_from(token))
            }
            _ => Err(self.unexpected(&[expected])),
        }
    }

    /// Reads a path.
    pub(crate) fn path(&mut self, expected: &'static str) -> Parsed<Path> {
        let token = self.name_token(expected)?;
        self.path_from(token)
    }

    /// Reads a path to where it stays.
    pub(crate) fn path_into(&mut self, path: &mut Path, expected: &'static str) -> Parsed<()> {
        let token = self.name_token(expected)?;
        if token.kind == Kind::Path || self.at(Kind::Dot) {
            *path = self.path_from(token)?;
        } else {
            self.plain_path(path, token);
        }
        Ok(())
    }

    /// Makes a path of a name alone, as most are. Not inlined: it is made where it stays then, and
    /// not moved there.
    #[inline(never)]
    fn plain_path(&self, path: &mut Path, token: Token) {
        path.names = self.name_from(token).into();
        path.span = token.span();
    }

    #[inline]
    pub(crate) fn name_from(&self, token: Token) -> Name {
        Name { text: self.copied(token), span: token.span() }
    }

    /// Makes a path of a token that was taken; in Apex, white space may stand around its dots.
    pub(crate) fn path_from(&mut self, token: Token) -> Parsed<Path> {
        if token.kind != Kind::Path && !self.at(Kind::Dot) {
            return Ok(Path { names: self.name_from(token).into(), span: token.span() });
        }
        let mut names = match token.kind {
            Kind::Path => self.split(token),
            _ => self.name_from(token).into(),
        };
        while self.at(Kind::Dot) {
            if !self.is_apex() {
                return Err(self.unexpected(&["a name behind the dot"]));
            }
            self.bump();
            match self.token.kind {
                Kind::Word(word) if word.is_reserved() => {
                    return Err(self.unexpected(&["a name"]));
                }
                Kind::Word(_) | Kind::Path => {
                    let token = self.bump();
                    self.split(token).iter().for_each(|name| names.push(name.clone()));
                }
                _ => return Err(self.unexpected(&["a name"])),
            }
        }
        let path = Path { names, span: self.span_from(token.span()) };
        if path.names.len() > MOST_PARENTS + 1 {
            self.long_paths.push(path.clone());
        }
        Ok(path)
    }

    #[inline]
    fn name_at(&self, start: usize, end: usize) -> Name {
        Name { text: self.cut(start, end), span: Span::new(start, end) }
    }

    /// The names in a token.
    fn split(&self, token: Token) -> Names {
        let text = self.text(token).as_bytes();
        let mut names = Vec::with_capacity(3);
        let mut start = token.start();
        for part in text.split(|byte| *byte == b'.') {
            let end = start + part.len();
            names.push(self.name_at(start, end));
            start = end + 1;
        }
        names.into()
    }

    /// Refuses paths with too many parents; an alias or the object in front is none.
    pub(crate) fn check_paths(&mut self, from: usize, is_object: impl Fn(&Name) -> bool) {
        if self.long_paths.len() <= from {
            return;
        }
        for path in self.long_paths.split_off(from) {
            let own = path.names.first().is_some_and(&is_object);
            if path.names.len() - usize::from(own) > MOST_PARENTS + 1 {
                let message = format!("at most {MOST_PARENTS} parents lead to a field");
                self.refuse(message, path.span);
            }
        }
    }

    /// Reads the arguments of a function; the parenthesis is here.
    pub(crate) fn call(&mut self, name: Token) -> Parsed<Expression> {
        let Some(function) = Function::named(self.text(name)) else {
            return if self.peek() == Kind::Word(Word::Select) {
                Err(self.unexpected(&[","]))
            } else {
                self.unknown_function(name)
            };
        };
        let call = self.nested(|parser| parser.arguments(function, name))?;
        Ok(Expression::Call(call))
    }

    fn arguments(&mut self, function: Function, name: Token) -> Parsed<Call> {
        self.expect(Kind::Open, "(")?;
        let arguments = match function {
            Function::Distance => self.distance()?,
            Function::Geolocation => {
                let message = "GEOLOCATION stands inside DISTANCE only";
                return Err(self.refuse(message, name.span()));
            }
            Function::Formula => vec![self.formula()?],
            Function::Count if self.at(Kind::Close) => {
                let message = "COUNT() stands alone behind SELECT; elsewhere it counts a field";
                let error = Error::new(ErrorKind::Rule, message, name.span());
                return Err(self.report(error.with_suggestion("COUNT(Id)")));
            }
            Function::Count if self.at(Kind::Star) => {
                let error = Error::new(ErrorKind::Syntax, "COUNT takes no `*`", self.token.span());
                return Err(self.report(error.with_suggestion("COUNT()")));
            }
            _ => vec![self.argument(function)?],
        };
        self.expect(Kind::Close, ")")?;
        Ok(Call { function, arguments, name: name.span(), span: self.span_from(name.span()) })
    }

    /// The one argument of most functions: a field, or a function that may stand there.
    fn argument(&mut self, outer: Function) -> Parsed<Argument> {
        let expression = self.expression("a field")?;
        if let Expression::Call(call) = &expression {
            let (inner, place) = (call.function, call.name);
            if !may_contain(outer, inner) || calls(call) >= MOST_CALLS {
                let message = format!("{} can't stand in {}", inner.name(), outer.name());
                self.refuse(message, place);
            }
        }
        Ok(Argument::Expression(expression))
    }

    /// `'Amount - ExpectedRevenue'`: fields with signs between them.
    fn formula(&mut self) -> Parsed<Argument> {
        if !self.at(Kind::Text) {
            return Err(self.unexpected(&["a text"]));
        }
        let text = self.literal(TextUse::Plain)?;
        if let LiteralKind::Text(formula) = &text.kind
            && !is_formula(formula)
        {
            self.refuse("a formula adds or subtracts fields: `'A - B'`", text.span);
        }
        Ok(Argument::Literal(text))
    }

    /// `Location__c, GEOLOCATION(37, -122), 'mi'`.
    fn distance(&mut self) -> Parsed<Vec<Argument>> {
        let field = Argument::Expression(Expression::Path(self.path("a field")?));
        self.expect(Kind::Comma, ",")?;
        let place = self.place()?;
        self.expect(Kind::Comma, ",")?;
        if self.at(Kind::Colon) {
            return Ok(vec![field, place, Argument::Bind(self.bind()?)]);
        }
        if !self.at(Kind::Text) {
            return Err(self.unexpected(&["'mi'", "'km'"]));
        }
        let unit = self.literal(TextUse::Plain)?;
        self.check_unit(&unit);
        Ok(vec![field, place, Argument::Literal(unit)])
    }

    fn check_unit(&mut self, unit: &Literal) {
        let known = match &unit.kind {
            LiteralKind::Text(text) => ["mi", "km"].iter().any(|u| text.eq_ignore_ascii_case(u)),
            _ => false,
        };
        if !known {
            self.refuse("a distance is measured in 'mi' or 'km'", unit.span);
        }
    }

    fn place(&mut self) -> Parsed<Argument> {
        if self.at(Kind::Colon) {
            return Ok(Argument::Bind(self.bind()?));
        }
        let name = self.name_token("GEOLOCATION")?;
        if !self.at(Kind::Open) {
            return Ok(Argument::Expression(Expression::Path(self.path_from(name)?)));
        }
        if Function::named(self.text(name)) != Some(Function::Geolocation) {
            return self.unknown_function(name).map(Argument::Expression);
        }
        self.bump();
        let latitude = self.coordinate()?;
        self.expect(Kind::Comma, ",")?;
        let longitude = self.coordinate()?;
        self.expect(Kind::Close, ")")?;
        let call = Call {
            function: Function::Geolocation,
            arguments: vec![latitude, longitude],
            name: name.span(),
            span: self.span_from(name.span()),
        };
        Ok(Argument::Expression(Expression::Call(call)))
    }

    fn coordinate(&mut self) -> Parsed<Argument> {
        if self.at(Kind::Colon) {
            return Ok(Argument::Bind(self.bind()?));
        }
        let start = self.token.span();
        let kind = LiteralKind::Number(self.number()?);
        Ok(Argument::Literal(Literal { kind, span: self.span_from(start) }))
    }

    /// Reports a function that is none, and skips its arguments.
    fn unknown_function(&mut self, name: Token) -> Parsed<Expression> {
        let names: Vec<&'static str> = Function::ALL.iter().map(|f| f.name()).collect();
        let message = format!("there is no function {}", self.shown(name));
        let error = Error::new(ErrorKind::Syntax, message, name.span());
        let text = self.text(name);
        let fields = Word::Fields.text();
        let error = match nearest(text, &names) {
            Some(meant) => error.with_suggestion(meant),
            None if text.eq_ignore_ascii_case(fields) => {
                Error::new(ErrorKind::Rule, "FIELDS stands behind SELECT only", name.span())
            }
            None => error,
        };
        let failed: Failed = self.report(error);
        self.skip_parentheses();
        if self.at(Kind::End) {
            return Err(failed);
        }
        Ok(Expression::Path(Path { names: self.name_from(name).into(), span: name.span() }))
    }
}

/// Whether a function may be the argument of another.
fn may_contain(outer: Function, inner: Function) -> bool {
    match (outer, inner) {
        (_, Function::Grouping | Function::Distance | Function::Formula) => false,
        (Function::Format, inner) => inner != Function::Format,
        (_, Function::Format) => false,
        (outer, Function::ConvertTimezone) => {
            outer.kind() == FunctionKind::Date && outer != Function::ConvertTimezone
        }
        (outer, inner) => outer.is_aggregate() && !inner.is_aggregate(),
    }
}

/// Whether a text is fields with `+` or `-` between them.
fn is_formula(text: &str) -> bool {
    let field = |side: &str| {
        side.trim_matches([' ', '\t', '\r', '\n']).split('.').all(|name| {
            name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    };
    text.contains(['+', '-']) && text.split(['+', '-']).all(field)
}

/// How many functions stand in one another, this one included.
fn calls(call: &Call) -> usize {
    match call.arguments.first() {
        Some(Argument::Expression(Expression::Call(inner))) => 1 + calls(inner),
        _ => 1,
    }
}
