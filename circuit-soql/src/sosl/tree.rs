//! The syntax tree of SOSL. What it shares with SOQL is in [`ast`](crate::ast).

use crate::ast::{
    Bind, CategoryFilter, Condition, Count, Item, Lookup, Name, OrderBy, SelectItem, Update,
};
use crate::span::Span;

/// A search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Search {
    /// What is searched for.
    pub find: Find,
    /// `IN`: which fields are searched.
    pub group: Option<SearchGroup>,
    /// `RETURNING`: which objects are searched.
    pub returning: Vec<Returning>,
    /// `WITH`, each with a word of its own.
    pub with: Vec<SearchWith>,
    /// `USING`: how the words are read.
    pub mode: Option<Mode>,
    /// `LIMIT` over all objects.
    pub limit: Option<Count>,
    /// `OFFSET` over all objects.
    pub offset: Option<Count>,
    /// `UPDATE`.
    pub update: Vec<Update>,
    /// Where the search stands.
    pub span: Span,
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Find {
    /// `{Acme*}`, over REST: the words as they were written, escapes included.
    Braces(String, Span),
    /// `'Acme*'`, in Apex: the words as they were written, escapes included.
    Quotes(String, Span),
    /// A variable, in Apex.
    Bind(Bind),
}

/// Which fields are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchGroup {
    /// `ALL`.
    All,
    /// `EMAIL`.
    Email,
    /// `NAME`.
    Name,
    /// `PHONE`.
    Phone,
    /// `SIDEBAR`.
    Sidebar,
}

/// How the words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// `PHRASE SEARCH`.
    Phrase,
    /// `ADVANCED SEARCH`.
    Advanced,
}

/// One object that is searched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Returning {
    /// The object.
    pub object: Name,
    /// The fields that are returned; the id alone where none is named.
    pub fields: Vec<SelectItem>,
    /// `WHERE`.
    pub filter: Option<Condition>,
    /// `USING ListView`.
    pub list_view: Option<Name>,
    /// `USING LOOKUP`, with `BIND`.
    pub lookup: Option<Lookup>,
    /// `ORDER BY`.
    pub order: Vec<OrderBy>,
    /// `LIMIT`.
    pub limit: Option<Count>,
    /// `OFFSET`.
    pub offset: Option<Count>,
}

/// One `WITH`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SearchWith {
    /// `DATA CATEGORY`, all of these.
    DataCategory(Vec<CategoryFilter>),
    /// `DIVISION = 'Global'`.
    Division(Item),
    /// `HIGHLIGHT`.
    Highlight,
    /// `METADATA = 'LABELS'`.
    Metadata(Item),
    /// `NETWORK = '0DB...'` or `NETWORK IN ('0DB...', '0DB...')`; never empty.
    Network(Vec<Item>),
    /// `PricebookId = '01s...'`.
    Pricebook(Item),
    /// `SNIPPET`, perhaps with its length: `SNIPPET (target_length = 120)`.
    Snippet(Option<u32>),
    /// `SPELL_CORRECTION = false`.
    SpellCorrection(bool),
    /// `USER_MODE`.
    UserMode,
    /// `SYSTEM_MODE`.
    SystemMode,
}

impl SearchGroup {
    /// All groups.
    pub const ALL: &[Self] = &[Self::All, Self::Email, Self::Name, Self::Phone, Self::Sidebar];

    /// Returns the word of the group.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Email => "EMAIL",
            Self::Name => "NAME",
            Self::Phone => "PHONE",
            Self::Sidebar => "SIDEBAR",
        }
    }
}
