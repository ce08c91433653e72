//! What is searched for.

use chrono::{DateTime, Utc};
use circuit_core::{Error, ErrorKind, ExecutionEnd, Level, RecordId, RecordKey, Result, Text};
use uuid::Uuid;

use super::row;
use super::summary::Summary;

/// How many are answered if nothing is said.
const USUAL: i64 = 100;

/// How many different words a search may have, and how many other terms.
const WORDS: usize = 64;
const TERMS: usize = 50;

/// Which executions are searched for: those to which all that is named applies.
///
/// # Examples
/// ```
/// use circuit_core::{ExecutionEnd, Level};
/// use circuit_observe::Search;
///
/// let failed = Search::new()
///     .handler("score_contacts")
///     .outcome(ExecutionEnd::RolledBack)
///     .level(Level::Warn)
///     .text("no owner")
///     .limit(20);
/// assert_ne!(failed, Search::new());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Kinds and values; those that few executions have come first.
    pub(super) terms: Vec<(String, String)>,
    pub(super) words: Vec<String>,
    /// The first and the last moment, in microseconds since 1970.
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) before: i64,
    /// The most; `None` for what is usual.
    pub(super) limit: Option<i64>,
}

impl Default for Search {
    fn default() -> Self {
        let (terms, words) = (Vec::new(), Vec::new());
        Self { terms, words, from: i64::MIN, to: i64::MAX, before: i64::MAX, limit: None }
    }
}

impl Search {
    /// Searches for all executions; 100 are answered at a time.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only this execution; also by the id of a run that a conflict ended.
    #[must_use]
    pub fn execution(self, id: Uuid) -> Self {
        self.rare(row::term("execution", &id))
    }

    /// Only executions that hooks of this one started.
    #[must_use]
    pub fn started_by(self, parent: Uuid) -> Self {
        self.rare(row::term("parent", &parent))
    }

    /// Only executions about this record: it was given to a DML call, written, delivered, or named
    /// in a log entry. Both forms of a Salesforce id find it.
    #[must_use]
    pub fn record(self, id: &RecordId) -> Self {
        self.rare(row::record(id))
    }

    /// Only executions about records with this value of a field that the host indexes; case and
    /// white space at the ends do not matter.
    #[must_use]
    pub fn value(self, object: impl Into<Text>, field: impl Into<Text>, value: &str) -> Self {
        self.rare(row::key(&RecordKey::of_value(object, field, value)))
    }

    /// Only executions in which this handler ran.
    #[must_use]
    pub fn handler(mut self, name: &str) -> Self {
        self.terms.push(row::term("handler", &name));
        self
    }

    /// Only executions with a log entry of this level or a higher one.
    #[must_use]
    pub fn level(mut self, least: Level) -> Self {
        self.terms.push(row::level(least));
        self
    }

    /// Only executions that ended so.
    #[must_use]
    pub fn outcome(mut self, outcome: ExecutionEnd) -> Self {
        self.terms.push(row::term("outcome", &outcome));
        self
    }

    /// Only executions that began from the first moment on and before the second one.
    #[must_use]
    pub fn between(mut self, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        self.from = from.timestamp_micros();
        self.to = to.timestamp_micros().saturating_sub(1);
        self
    }

    /// Only executions whose messages have all these words, anywhere: those of the log, of errors
    /// with their causes and rows, and the origin.
    ///
    /// A word is a run of letters and digits. Case does not matter, order neither; a part of a word
    /// does not find it. Nothing in the text has another meaning, so anybody's text can be given.
    /// A search has at most 64 different words.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        for word in row::words(text) {
            if !self.words.contains(&word) {
                self.words.push(word);
            }
            if self.words.len() > WORDS {
                break;
            }
        }
        self
    }

    /// Answers so many at most; without it 100, and an export all.
    #[must_use]
    pub fn limit(mut self, most: usize) -> Self {
        self.limit = Some(i64::try_from(most).unwrap_or(i64::MAX));
        self
    }

    /// Goes on after the last one of the page before.
    #[must_use]
    pub fn after(mut self, last: &Summary) -> Self {
        self.before = last.place;
        self
    }

    /// Refuses what would keep the database busy for long.
    pub(super) fn check(&self) -> Result<()> {
        let refused = |message, most: usize| {
            Err(Error::new(ErrorKind::InvalidInput, message).with("most", most))
        };
        if self.words.len() > WORDS {
            return refused("a search has too many words", WORDS);
        }
        if self.terms.len() > TERMS {
            return refused("a search asks for too much at once", TERMS);
        }
        Ok(())
    }

    /// Adds a term that few executions have.
    fn rare(mut self, term: (String, String)) -> Self {
        self.terms.insert(0, term);
        self
    }
}

/// A value of a statement.
pub(super) enum Bound {
    Number(i64),
    Text(String),
}

/// How a database says what the other one says otherwise.
pub(super) struct Dialect {
    /// The condition for words, where `$` stands for the place of the value.
    pub(super) words_are: &'static str,
    /// The same where nothing else leads, with what it takes from where.
    pub(super) words_lead: &'static str,
    /// The place of a report there.
    pub(super) words_place: &'static str,
    /// What stands before and behind each word, and between two, where all are wanted.
    pub(super) quote: char,
    pub(super) and: &'static str,
}

impl Dialect {
    fn all_of(&self, words: &[String]) -> String {
        quoted(words, self.quote, self.and)
    }
}

/// Quotes words, which have no quotes in them.
pub(super) fn quoted<'a>(
    words: impl IntoIterator<Item = &'a String>,
    quote: char,
    between: &str,
) -> String {
    let quoted: Vec<_> = words.into_iter().map(|word| format!("{quote}{word}{quote}")).collect();
    quoted.join(between)
}

/// A statement in the making: its text and values, each used once and in order.
#[derive(Default)]
struct Statement {
    sql: String,
    values: Vec<Bound>,
}

impl Statement {
    fn add(&mut self, sql: &str, value: Bound) {
        self.values.push(value);
        let place = format!("${}", self.values.len());
        self.sql += &sql.replace('$', &place);
    }
}

impl Search {
    /// Returns the statement for a column, with its values in order.
    ///
    /// The first term leads, or the words: their rows stand in the order of the answer, so that no
    /// more are read than asked for.
    pub(super) fn statement(&self, column: &str, dialect: &Dialect) -> (String, Vec<Bound>) {
        let mut statement = Statement::default();
        let mut terms = self.terms.iter();
        let mut words = (!self.words.is_empty()).then(|| dialect.all_of(&self.words));
        statement.sql = format!("SELECT r.seq, r.{column} FROM circuit_reports r");
        let place = if let Some((kind, value)) = terms.next() {
            statement.sql += " JOIN circuit_report_terms t ON t.seq = r.seq";
            statement.add(" WHERE t.kind = $", Bound::Text(kind.clone()));
            statement.add(" AND t.value = $", Bound::Text(value.clone()));
            "t.seq"
        } else if let Some(words) = words.take() {
            statement.add(dialect.words_lead, Bound::Text(words));
            dialect.words_place
        } else {
            statement.sql += " WHERE TRUE";
            "r.seq"
        };
        for (kind, value) in terms {
            let exists = " AND EXISTS (SELECT 1 FROM circuit_report_terms o WHERE o.seq = r.seq";
            statement.add(&format!("{exists} AND o.kind = $"), Bound::Text(kind.clone()));
            statement.add(" AND o.value = $)", Bound::Text(value.clone()));
        }
        if let Some(words) = words {
            statement.add(dialect.words_are, Bound::Text(words));
        }
        if self.from > i64::MIN || self.to < i64::MAX {
            statement.add(" AND r.started >= $", Bound::Number(self.from));
            statement.add(" AND r.started <= $", Bound::Number(self.to));
        }
        if self.before < i64::MAX {
            statement.add(&format!(" AND {place} < $"), Bound::Number(self.before));
        }
        let most = Bound::Number(self.limit.unwrap_or(USUAL));
        statement.add(&format!(" ORDER BY {place} DESC LIMIT $"), most);
        (statement.sql, statement.values)
    }
}
