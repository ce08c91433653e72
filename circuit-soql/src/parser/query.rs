//! A whole query: its clauses, their order, and where reading goes on after a mistake.

use super::condition::Clause as ConditionClause;
use super::rule::Places;
use super::{Failed, Parsed, Parser};
use crate::ast::{For, From, Names, Path, Query, With};
use crate::error::{Error, ErrorKind};
use crate::lexer::{Kind, Token};
use crate::nearest::nearest;
use crate::span::Span;
use crate::word::Word;

/// Where a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is the statement.
    Top,
    /// It selects children, this many levels below the statement.
    Child(usize),
    /// It gives the list behind `IN`.
    SemiJoin(usize),
}

/// The clauses behind the list of fields, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clause {
    Select,
    From,
    Scope,
    Where,
    With,
    Group,
    Having,
    Order,
    Limit,
    Offset,
    Bind,
    For,
    Update,
    AllRows,
    Options,
}

impl Clause {
    const ALL: [Self; 14] = [
        Self::From,
        Self::Scope,
        Self::Where,
        Self::With,
        Self::Group,
        Self::Having,
        Self::Order,
        Self::Limit,
        Self::Offset,
        Self::Bind,
        Self::For,
        Self::Update,
        Self::AllRows,
        Self::Options,
    ];

    /// The word that the clause starts with.
    fn word(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::From => "FROM",
            Self::Scope => "USING SCOPE",
            Self::Where => "WHERE",
            Self::With => "WITH",
            Self::Group => "GROUP BY",
            Self::Having => "HAVING",
            Self::Order => "ORDER BY",
            Self::Limit => "LIMIT",
            Self::Offset => "OFFSET",
            Self::Bind => "BIND",
            Self::For => "FOR",
            Self::Update => "UPDATE",
            Self::AllRows => "ALL ROWS",
            Self::Options => "SET OPTIONS",
        }
    }

    /// The clause that a word starts.
    fn of(word: Word) -> Option<Self> {
        Some(match word {
            Word::From => Self::From,
            Word::Using => Self::Scope,
            Word::Where => Self::Where,
            Word::With => Self::With,
            Word::Group => Self::Group,
            Word::Having => Self::Having,
            Word::Order => Self::Order,
            Word::Limit => Self::Limit,
            Word::Offset => Self::Offset,
            Word::Bind => Self::Bind,
            Word::For => Self::For,
            Word::Update => Self::Update,
            Word::All => Self::AllRows,
            Word::Set => Self::Options,
            _ => return None,
        })
    }

    /// Whether the clause may stand behind another: `ALL ROWS` also in front of `FOR`, and `WITH`
    /// and `FOR` again and again.
    fn may_follow(self, last: Self) -> bool {
        self > last
            || (last == Self::AllRows && matches!(self, Self::For | Self::Update))
            || (self == last && matches!(self, Self::For | Self::With))
    }
}

impl Parser<'_> {
    /// Reads the whole statement.
    pub(crate) fn statement(&mut self, query: &mut Query) -> Parsed<()> {
        if !self.at_word(Word::Select) {
            self.start()?;
        }
        self.query(Place::Top, query);
        if query.select.is_empty() { Err(Failed) } else { Ok(()) }
    }

    /// Reports a statement that does not start with `SELECT`; goes on where that was meant.
    fn start(&mut self) -> Parsed<()> {
        let near = match self.token.kind {
            Kind::Word(_) => nearest(self.text(self.token), &["SELECT"]),
            _ => None,
        };
        if self.text(self.token).eq_ignore_ascii_case("FIND") {
            let message = "this is SOSL; `sosl::parse` reads it";
            return Err(self.report(Error::new(ErrorKind::Syntax, message, self.token.span())));
        }
        let failed = self.unexpected(&["SELECT"]);
        if near.is_none() {
            return Err(failed);
        }
        self.token.kind = Kind::Word(Word::Select);
        Ok(())
    }

    /// Reads a query into an empty one, where it stays: it is large. `SELECT` is here. Mistakes are
    /// reported, and leave a query with gaps.
    fn query(&mut self, place: Place, query: &mut Query) {
        let level = self.open;
        let paths = self.long_paths.len();
        let started = self.error_count();
        let start = self.bump().span();
        query.from.object.span = self.behind();
        let mut last = Clause::Select;
        if self.select_list(place, &mut query.select).is_err() {
            query.select.clear();
            self.skip_to_from(level);
        }
        let before = self.error_count();
        let mut places = Places::default();
        while !self.at_end(level) {
            let Some(clause) = self.clause() else {
                self.stray(last, query, level);
                continue;
            };
            self.check_order(clause, &mut last, query, place);
            // Behind another mistake, GROUP BY may be there and misspelt.
            let alone = clause == Clause::Having && query.group.is_none();
            if alone && self.error_count() == before {
                self.refuse("HAVING needs GROUP BY", self.token.span());
            }
            let token = self.bump();
            match clause {
                Clause::Group => places.group = Some(token.span()),
                Clause::Order => places.order = Some(token.span()),
                _ => {}
            }
            if self.read_clause(clause, token, place, query).is_err() {
                self.skip_to_clause(level, last);
            }
            if places.lock.is_none() && query.purpose.contains(&For::Update) {
                places.lock = Some(token.span());
            }
        }
        if last < Clause::From && self.error_count() == before && !query.select.is_empty() {
            self.unexpected(&[",", "FROM"]);
        }
        query.span = self.span_from(start);
        self.check_select(&query.select, places.group, places.order);
        if self.error_count() == started {
            self.check_together(query, &places);
        }
        let From { object, alias, relations } = &query.from;
        self.check_paths(paths, |name| {
            // Where no object could be read, nothing is known about the first name.
            let own = object.names.last().is_none_or(|last| last == name);
            own || alias.as_ref() == Some(name)
                || relations.iter().any(|relation| relation.alias.as_ref() == Some(name))
        });
    }

    /// Reads a query in parentheses; the first one is here.
    pub(crate) fn query_in_parentheses(&mut self, place: Place) -> Parsed<Box<Query>> {
        self.nested(|parser| {
            parser.bump();
            let before = parser.error_count();
            let mut query = Box::new(empty());
            parser.query(place, &mut query);
            if parser.eat(Kind::Close) {
                Ok(query)
            } else if parser.error_count() > before {
                Err(Failed)
            } else {
                Err(parser.unexpected(&[")"]))
            }
        })
    }

    /// Whether the query ends here: the text does, or the parenthesis around it.
    fn at_end(&self, level: usize) -> bool {
        self.at(Kind::End) || (level > 0 && self.at(Kind::Close) && self.open <= level)
    }

    /// The clause that starts here.
    fn clause(&self) -> Option<Clause> {
        let clause = Clause::of(self.word())?;
        let second = match clause {
            Clause::AllRows => Word::Rows,
            Clause::Options => Word::Options,
            _ => return Some(clause),
        };
        (self.peek() == Kind::Word(second)).then_some(clause)
    }

    /// Reports a token that starts no clause, and goes to the next that does.
    fn stray(&mut self, last: Clause, query: &Query, level: usize) {
        let mut expected = Vec::new();
        if last == Clause::Select {
            expected.extend([",", "FROM"]);
        } else {
            let open = matches!(last, Clause::Where | Clause::Having);
            expected.extend(if open { &["AND", "OR"][..] } else { &[] });
            let follows = |clause: &Clause| {
                clause.may_follow(last)
                    && (*clause != Clause::Having || query.group.is_some())
                    && (*clause != Clause::Bind || query.lookup.is_some())
            };
            let clauses = Clause::ALL.into_iter().filter(follows).map(Clause::word);
            expected.extend(clauses);
            let apex = self.is_apex();
            expected.retain(|word| apex || *word != Clause::AllRows.word());
        }
        if expected.is_empty() {
            expected.push("the end of the statement");
        }
        self.unexpected(&expected);
        if last == Clause::Select {
            self.skip_to_from(level);
        } else {
            self.skip_to_clause(level, last);
        }
    }

    /// Reports a clause that stands twice, too late, or where it can't.
    fn check_order(&mut self, clause: Clause, last: &mut Clause, query: &Query, place: Place) {
        let before = *last;
        if before == Clause::Select && clause != Clause::From {
            if !query.select.is_empty() {
                self.unexpected(&[",", "FROM"]);
            }
            *last = clause;
            return;
        }
        let follows = clause.may_follow(before);
        *last = if follows { clause } else { before.max(clause) };
        let problem =
            if (clause == before && !follows) || (clause == Clause::AllRows && query.all_rows) {
                "stands here twice"
            } else if !follows {
                "must stand in front of "
            } else if matches!(place, Place::SemiJoin(_)) && clause >= Clause::With {
                "can't stand in a sub-query of WHERE"
            } else {
                return;
            };
        let other = if follows || clause == before { "" } else { before.word() };
        self.refuse(format!("{} {problem}{other}", clause.word()), self.token.span());
    }

    /// Reads one clause; its first word is taken.
    fn read_clause(
        &mut self,
        clause: Clause,
        word: Token,
        place: Place,
        query: &mut Query,
    ) -> Parsed<()> {
        match clause {
            Clause::Select => {}
            Clause::From => self.from(&mut query.from)?,
            Clause::Scope => self.using(query)?,
            Clause::Where => query.filter = Some(self.filter(place)?),
            Clause::With => {
                let place = self.token.span();
                let with = self.with()?;
                self.check_with(query.with.as_deref(), &with, place);
                query.with = Some(Box::new(match query.with.take().map(|with| *with) {
                    Some(With::Several(mut all)) => {
                        all.push(with);
                        With::Several(all)
                    }
                    Some(first) => With::Several(vec![first, with]),
                    None => with,
                }));
            }
            Clause::Group => query.group = Some(Box::new(self.group(word.span())?)),
            Clause::Having => query.having = Some(self.condition(ConditionClause::Having)?),
            Clause::Order => query.order = self.order()?,
            Clause::Limit => query.limit = Some(self.limit()?),
            Clause::Offset => query.offset = Some(self.offset()?),
            Clause::Bind => self.late_binds(word, query)?,
            Clause::For => self.purpose(place, &mut query.purpose)?,
            Clause::Update => query.update = self.update()?,
            Clause::AllRows => query.all_rows = self.all_rows(word, place)?,
            Clause::Options => query.options = Some(Box::new(self.set_options(word, place)?)),
        }
        Ok(())
    }

    fn skip_to_from(&mut self, level: usize) {
        self.skip_until(level, |parser| parser.at_word(Word::From));
    }

    /// Skips to a clause that may follow the one that went wrong.
    fn skip_to_clause(&mut self, level: usize, last: Clause) {
        self.skip_until(level, |parser| {
            let clause = parser.clause();
            let real = match clause {
                Some(Clause::Group | Clause::Order) => parser.peek() == Kind::Word(Word::By),
                _ => true,
            };
            real && clause.is_some_and(|clause| clause > last)
        });
    }
}

/// A query in which nothing is said yet.
pub(super) fn empty() -> Query {
    let object = Path { names: Names::default(), span: Span::default() };
    Query {
        select: Vec::with_capacity(4),
        from: From { object, alias: None, relations: Vec::new() },
        scope: None,
        lookup: None,
        filter: None,
        with: None,
        group: None,
        having: None,
        order: Vec::new(),
        limit: None,
        offset: None,
        purpose: Vec::new(),
        update: Vec::new(),
        all_rows: false,
        options: None,
        span: Span::default(),
    }
}
