//! Where the parser stands in the text, and what it has found wrong so far.

use crate::ast::{Path, ROOM, Text};
use crate::error::{Error, ErrorKind, Errors};
use crate::lexer::{Kind, Lexer, Token};
use crate::options::{Dialect, Options};
use crate::span::Span;
use crate::word::Word;

/// The sign that something can't be read; the error is reported already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed;

/// What is read, or nothing.
pub(crate) type Parsed<T> = Result<T, Failed>;

/// The most errors that are reported; behind the last of them nothing is read, so that a text full
/// of mistakes takes no longer than another.
const MOST_ERRORS: usize = 50;

/// Reads a text token by token.
#[derive(Debug)]
pub(crate) struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The token that is looked at.
    pub(crate) token: Token,
    /// Where the token before it ends.
    last_end: usize,
    /// How many parentheses are open.
    pub(crate) open: usize,
    /// How deep conditions, functions and queries are nested.
    depth: usize,
    /// The last alias.
    pub(crate) alias: Option<Token>,
    /// Paths that are too long unless they start with an alias.
    pub(crate) long_paths: Vec<Path>,
    errors: Vec<Error>,
    /// Whether reading was given up: nothing is reported any more.
    given_up: bool,
    pub(crate) options: Options,
    /// The last bytes of the text with some more behind them, so that as many as a short [`Text`]
    /// has can be copied from everywhere.
    tail: [u8; 2 * ROOM],
    tail_start: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str, options: &Options) -> Self {
        let mut lexer = Lexer::new(text, options.dialect);
        let token = lexer.next();
        let tail_start = text.len().saturating_sub(ROOM);
        let mut parser = Self {
            lexer,
            token,
            last_end: 0,
            open: 0,
            depth: 0,
            alias: None,
            long_paths: Vec::new(),
            errors: Vec::new(),
            given_up: false,
            options: *options,
            tail: [0; 2 * ROOM],
            tail_start,
        };
        match (parser.tail.first_chunk_mut(), text.as_bytes().last_chunk::<ROOM>()) {
            (Some(copy), Some(last)) => *copy = *last,
            _ => parser.tail[..text.len()].copy_from_slice(text.as_bytes()),
        }
        parser
    }

    /// Returns what was read, or the errors.
    pub(crate) fn finish<T>(&mut self, parsed: Parsed<T>) -> Result<T, Errors> {
        match parsed {
            Ok(parsed) if self.errors.is_empty() => Ok(parsed),
            _ => Err(self.take_errors()),
        }
    }

    #[cold]
    fn take_errors(&mut self) -> Errors {
        Errors::new(std::mem::take(&mut self.errors)).unwrap_or_else(|| {
            let span = Span::default();
            Error::new(ErrorKind::Syntax, "the statement can't be read", span).into()
        })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.lexer.dialect()
    }

    pub(crate) fn is_apex(&self) -> bool {
        self.dialect() == Dialect::Apex
    }

    /// The whole text.
    pub(crate) fn source(&self) -> &'a str {
        self.lexer.text()
    }

    /// The text of a token.
    pub(crate) fn text(&self, token: Token) -> &'a str {
        &self.lexer.text()[token.start()..token.end()]
    }

    /// A part of the text, to be kept.
    #[inline]
    pub(crate) fn cut(&self, start: usize, end: usize) -> Text {
        let whole = self.source().as_bytes().get(start..).and_then(<[u8]>::first_chunk);
        let chunk = whole.or_else(|| {
            let start = start.wrapping_sub(self.tail_start);
            self.tail.get(start..).and_then(<[u8]>::first_chunk)
        });
        chunk.and_then(|chunk| Text::short(chunk, end - start)).unwrap_or_else(|| {
            let part: &str = &self.source()[start..end];
            part.into()
        })
    }

    /// The text of a token, to be kept.
    pub(crate) fn copied(&self, token: Token) -> Text {
        self.cut(token.start(), token.end())
    }

    /// The word at this place; [`Word::Other`] where no word stands.
    pub(crate) fn word(&self) -> Word {
        match self.token.kind {
            Kind::Word(word) => word,
            _ => Word::Other,
        }
    }

    /// The alias in front of this token: perhaps it is a keyword with a slip.
    pub(crate) fn last_alias(&self) -> Option<Token> {
        self.alias.filter(|alias| alias.end() == self.last_end)
    }

    /// Takes the token and looks at the next.
    pub(crate) fn bump(&mut self) -> Token {
        let token = self.token;
        self.last_end = token.end();
        match token.kind {
            Kind::Open => self.open += 1,
            Kind::Close => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        self.token = self.lexer.next();
        token
    }

    /// Goes on at another place of the text, behind an expression of the host's language.
    pub(crate) fn jump(&mut self, at: usize) {
        self.lexer.jump(at);
        self.last_end = at;
        self.token = self.lexer.next();
    }

    /// Looks at the token behind this one.
    pub(crate) fn peek(&self) -> Kind {
        { self.lexer }.next().kind
    }

    pub(crate) fn at(&self, kind: Kind) -> bool {
        self.token.kind == kind
    }

    /// Takes the token if it is this one.
    pub(crate) fn eat(&mut self, kind: Kind) -> bool {
        let found = self.at(kind);
        if found {
            self.bump();
        }
        found
    }

    pub(crate) fn at_word(&self, word: Word) -> bool {
        self.at(Kind::Word(word))
    }

    /// Takes the word if it is this one.
    pub(crate) fn eat_word(&mut self, word: Word) -> bool {
        self.eat(Kind::Word(word))
    }

    /// Takes this token or reports what is there.
    pub(crate) fn expect(&mut self, kind: Kind, name: &'static str) -> Parsed<Token> {
        if self.at(kind) { Ok(self.bump()) } else { Err(self.unexpected(&[name])) }
    }

    /// Takes this word or reports what is there.
    pub(crate) fn expect_word(&mut self, word: Word) -> Parsed<Token> {
        self.expect(Kind::Word(word), word.text())
    }

    /// The place from a start to the end of the token before this one.
    pub(crate) fn span_from(&self, start: Span) -> Span {
        start.to(Span::new(start.start(), self.last_end))
    }

    /// The empty place behind the token before this one.
    pub(crate) fn behind(&self) -> Span {
        Span::new(self.last_end, self.last_end)
    }

    /// Reports an error.
    #[cold]
    pub(crate) fn report(&mut self, error: Error) -> Failed {
        if self.errors.len() < MOST_ERRORS && !self.given_up {
            self.errors.push(error);
        }
        if self.errors.len() >= MOST_ERRORS {
            self.give_up();
        }
        Failed
    }

    /// Reports that the language does not allow this.
    pub(crate) fn refuse(&mut self, message: impl Into<String>, span: Span) -> Failed {
        self.report(Error::new(ErrorKind::Rule, message, span))
    }

    /// How many errors were reported.
    pub(crate) fn error_count(&self) -> usize {
        self.errors.len()
    }

    /// Reads nothing more, and reports nothing more.
    fn give_up(&mut self) {
        self.given_up = true;
        self.jump(self.source().len());
    }

    /// Reads something one level deeper.
    pub(crate) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= self.options.max_nesting {
            let message = format!("nested too deep: at most {} levels", self.options.max_nesting);
            let span = self.token.span();
            let failed = self.report(Error::new(ErrorKind::TooDeep, message, span));
            // What follows is as deep: it is not looked at.
            self.give_up();
            return Err(failed);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Skips tokens until `stop` says so, the parenthesis around this level closes or the text
    /// ends. What stands in further parentheses is skipped as a whole.
    pub(crate) fn skip_until(&mut self, level: usize, stop: impl Fn(&Self) -> bool) {
        while !self.at(Kind::End) {
            let here = self.open <= level;
            if here && (stop(self) || (self.at(Kind::Close) && level > 0)) {
                return;
            }
            self.bump();
        }
    }

    /// Skips what stands in parentheses; the first one is here.
    pub(crate) fn skip_parentheses(&mut self) {
        let level = self.open + 1;
        self.bump();
        self.skip_until(level, |_| false);
        self.eat(Kind::Close);
    }
}
