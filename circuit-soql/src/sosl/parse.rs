//! The parser of SOSL.

use super::tree::{Find, Mode, Returning, Search, SearchGroup};
use crate::error::{Error, ErrorKind, Errors};
use crate::lexer::Kind;
use crate::options::{Dialect, Options};
use crate::parser::{Parsed, Parser, Place, check_length};
use crate::span::Span;
use crate::word::Word;

/// Reads a search.
///
/// # Errors
/// The mistakes that are found, in the order of their places.
pub fn parse(text: &str, dialect: Dialect) -> Result<Search, Errors> {
    parse_with(text, &Options::new(dialect))
}

/// Reads a search with other limits than Salesforce's.
///
/// # Errors
/// The mistakes that are found, in the order of their places.
pub fn parse_with(text: &str, options: &Options) -> Result<Search, Errors> {
    check_length(text, options)?;
    let mut parser = Parser::new(text, options);
    let search = parser.search();
    parser.finish(search)
}

impl Parser<'_> {
    /// Reads the whole statement.
    fn search(&mut self) -> Parsed<Search> {
        let start = self.token.span();
        if !self.eat_name("FIND") {
            return Err(self.unexpected(&["FIND"]));
        }
        let mut search = Search {
            find: self.find()?,
            group: None,
            returning: Vec::new(),
            with: Vec::new(),
            mode: None,
            limit: None,
            offset: None,
            update: Vec::new(),
            span: start,
        };
        if self.eat_word(Word::In) {
            search.group = Some(self.search_group()?);
        }
        if self.eat_name("RETURNING") {
            search.returning = self.returning()?;
        }
        while self.eat_word(Word::With) {
            search.with.push(self.search_with()?);
        }
        if self.eat_word(Word::Using) {
            search.mode = Some(self.mode()?);
        }
        if self.eat_word(Word::Limit) {
            search.limit = Some(self.limit()?);
        }
        if self.eat_word(Word::Offset) {
            search.offset = Some(self.offset()?);
        }
        if self.eat_word(Word::Update) {
            search.update = self.update()?;
        }
        if !self.at(Kind::End) {
            return Err(self.unexpected(expected_behind(&search)));
        }
        search.span = self.span_from(start);
        Ok(search)
    }

    /// The words in braces or quotes, or a variable.
    fn find(&mut self) -> Parsed<Find> {
        match self.token.kind {
            Kind::Colon => Ok(Find::Bind(self.bind()?)),
            Kind::Text if self.is_apex() => {
                let token = self.bump();
                let text = self.text(token);
                let words = &text[1..text.len() - 1];
                self.check_words(words, token.span())?;
                Ok(Find::Quotes(words.to_owned(), token.span()))
            }
            Kind::OpenBrace if !self.is_apex() => self.braces(),
            Kind::Text => {
                let span = self.token.span();
                let error = Error::new(ErrorKind::Syntax, "the words stand in braces", span);
                let words = self.text(self.token).trim_matches('\'').to_owned();
                Err(self.report(error.with_suggestion(format!("{{{words}}}"))))
            }
            Kind::OpenBrace => {
                let message = "in Apex the words stand in quotes";
                Err(self.report(Error::new(ErrorKind::Syntax, message, self.token.span())))
            }
            _ if self.is_apex() => Err(self.unexpected(&["a text", "a variable"])),
            _ => Err(self.unexpected(&["{"])),
        }
    }

    /// The words in braces; the first is here.
    fn braces(&mut self) -> Parsed<Find> {
        let open = self.token.span();
        let rest = &self.source()[open.end()..];
        let mut escaped = false;
        let close = rest.bytes().position(|byte| {
            let closes = byte == b'}' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(length) = close else {
            return Err(self.report(Error::new(ErrorKind::Token, "the `{` is not closed", open)));
        };
        let words = &rest[..length];
        let span = Span::new(open.start(), open.end() + length + 1);
        self.jump(span.end());
        self.check_words(words, span)?;
        Ok(Find::Braces(words.to_owned(), span))
    }

    fn check_words(&mut self, words: &str, span: Span) -> Parsed<()> {
        let empty = words.trim().is_empty();
        if empty { Err(self.refuse("there is nothing to search for", span)) } else { Ok(()) }
    }

    fn search_group(&mut self) -> Parsed<SearchGroup> {
        let groups = SearchGroup::ALL.iter().copied();
        let Some(group) = groups.clone().find(|group| self.at_name(group.word())) else {
            let words: Vec<&'static str> = groups.map(SearchGroup::word).collect();
            return Err(self.unexpected(&words));
        };
        self.bump();
        self.expect_word(Word::Fields)?;
        Ok(group)
    }

    fn returning(&mut self) -> Parsed<Vec<Returning>> {
        let mut all = Vec::new();
        loop {
            all.push(self.returned()?);
            if !self.eat(Kind::Comma) {
                return Ok(all);
            }
        }
    }

    /// One object, perhaps with fields and clauses of its own.
    fn returned(&mut self) -> Parsed<Returning> {
        let mut returning = Returning {
            object: self.name("an object")?,
            fields: Vec::new(),
            filter: None,
            list_view: None,
            lookup: None,
            order: Vec::new(),
            limit: None,
            offset: None,
        };
        if !self.eat(Kind::Open) {
            return Ok(returning);
        }
        loop {
            returning.fields.push(self.selected()?);
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.using_view(&mut returning)?;
        if self.eat_word(Word::Where) {
            returning.filter = Some(self.filter(Place::Top)?);
        }
        self.using_view(&mut returning)?;
        if self.at_word(Word::Order) {
            self.bump();
            returning.order = self.order()?;
        }
        if self.eat_word(Word::Limit) {
            returning.limit = Some(self.limit()?);
        }
        if self.eat_word(Word::Offset) {
            returning.offset = Some(self.offset()?);
        }
        if self.eat(Kind::Close) { Ok(returning) } else { Err(self.unexpected(&[",", ")"])) }
    }

    fn using_view(&mut self, returning: &mut Returning) -> Parsed<()> {
        let used = returning.list_view.is_some() || returning.lookup.is_some();
        if used || !self.eat_word(Word::Using) {
            return Ok(());
        }
        if self.at_word(Word::Lookup) {
            returning.lookup = Some(self.lookup()?);
            return Ok(());
        }
        if !self.eat_name("LISTVIEW") {
            return Err(self.unexpected(&["ListView", "LOOKUP"]));
        }
        self.expect(Kind::Eq, "=")?;
        returning.list_view = Some(self.name("a list view")?);
        Ok(())
    }

    fn mode(&mut self) -> Parsed<Mode> {
        let mode = if self.at_name("PHRASE") {
            Mode::Phrase
        } else if self.at_name("ADVANCED") {
            Mode::Advanced
        } else {
            return Err(self.unexpected(&["PHRASE", "ADVANCED"]));
        };
        self.bump();
        if self.eat_name("SEARCH") { Ok(mode) } else { Err(self.unexpected(&["SEARCH"])) }
    }

    /// Whether this word is here, without regard to case.
    pub(super) fn at_name(&self, name: &str) -> bool {
        matches!(self.token.kind, Kind::Word(_)) && self.text(self.token).eq_ignore_ascii_case(name)
    }

    /// Takes the word if it is this one.
    pub(super) fn eat_name(&mut self, name: &str) -> bool {
        let found = self.at_name(name);
        if found {
            self.bump();
        }
        found
    }
}

/// What may stand behind what was read.
fn expected_behind(search: &Search) -> &'static [&'static str] {
    const ALL: &[&str] = &["IN", "RETURNING", "WITH", "USING", "LIMIT", "OFFSET", "UPDATE"];
    let read = [
        search.group.is_some(),
        !search.returning.is_empty(),
        false,
        search.mode.is_some(),
        search.limit.is_some(),
        search.offset.is_some(),
        !search.update.is_empty(),
    ];
    let last = read.iter().rposition(|read| *read).map_or(0, |at| at + 1);
    match &ALL[last..] {
        [] => &["the end of the statement"],
        rest => rest,
    }
}
