//! The printer of SOSL.

use std::fmt;

use super::tree::{Find, Mode, Returning, Search, SearchWith};
use crate::ast::{Item, With};
use crate::print::{Layout, Printer};

impl Printer<'_> {
    fn search(&mut self, search: &Search) -> fmt::Result {
        self.text("FIND ")?;
        match &search.find {
            Find::Braces(words, _) => self.enclosed('{', words, '}')?,
            Find::Quotes(words, _) => self.enclosed('\'', words, '\'')?,
            Find::Bind(bind) => self.bind(bind)?,
        }
        if let Some(group) = search.group {
            self.clause("IN ")?;
            self.text(group.word())?;
            self.text(" FIELDS")?;
        }
        if !search.returning.is_empty() {
            self.clause("RETURNING ")?;
            self.list(&search.returning, Self::returned)?;
        }
        for with in &search.with {
            self.clause("WITH ")?;
            self.search_with(with)?;
        }
        match search.mode {
            Some(Mode::Phrase) => self.clause("USING PHRASE SEARCH")?,
            Some(Mode::Advanced) => self.clause("USING ADVANCED SEARCH")?,
            None => {}
        }
        self.page(search.limit.as_ref(), search.offset.as_ref())?;
        self.update(&search.update)
    }

    fn enclosed(&mut self, open: char, text: &str, close: char) -> fmt::Result {
        self.character(open)?;
        self.text(text)?;
        self.character(close)
    }

    fn returned(&mut self, returning: &Returning) -> fmt::Result {
        self.short(&returning.object.text)?;
        if returning.fields.is_empty() {
            return Ok(());
        }
        self.text("(")?;
        self.inner(|printer| {
            printer.list(&returning.fields, Self::item)?;
            if let Some(filter) = &returning.filter {
                printer.clause("WHERE ")?;
                printer.condition(filter)?;
            }
            if let Some(view) = &returning.list_view {
                printer.clause("USING ListView = ")?;
                printer.short(&view.text)?;
            }
            if let Some(lookup) = &returning.lookup {
                printer.clause("USING LOOKUP ")?;
                printer.path(&lookup.field)?;
                printer.lookup_binds(Some(lookup))?;
            }
            if !returning.order.is_empty() {
                printer.clause("ORDER BY ")?;
                printer.list(&returning.order, Self::order)?;
            }
            printer.page(returning.limit.as_ref(), returning.offset.as_ref())
        })?;
        self.text(")")
    }

    fn search_with(&mut self, with: &SearchWith) -> fmt::Result {
        match with {
            SearchWith::DataCategory(filters) => self.with(&With::DataCategory(filters.clone())),
            SearchWith::Division(value) => self.setting("DIVISION = ", value),
            SearchWith::Highlight => self.text("HIGHLIGHT"),
            SearchWith::Metadata(value) => self.setting("METADATA = ", value),
            SearchWith::Network(all) => match all.as_slice() {
                [one] => self.setting("NETWORK = ", one),
                all => {
                    self.text("NETWORK IN (")?;
                    self.list(all, Self::member)?;
                    self.text(")")
                }
            },
            SearchWith::Pricebook(value) => self.setting("PricebookId = ", value),
            SearchWith::Snippet(None) => self.text("SNIPPET"),
            SearchWith::Snippet(Some(length)) => {
                self.text("SNIPPET (target_length = ")?;
                self.number(*length)?;
                self.text(")")
            }
            SearchWith::SpellCorrection(true) => self.text("SPELL_CORRECTION = true"),
            SearchWith::SpellCorrection(false) => self.text("SPELL_CORRECTION = false"),
            SearchWith::UserMode => self.text("USER_MODE"),
            SearchWith::SystemMode => self.text("SYSTEM_MODE"),
        }
    }

    fn setting(&mut self, name: &str, value: &Item) -> fmt::Result {
        self.text(name)?;
        self.member(value)
    }
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer::print(f, Layout::Line, |printer| printer.search(self))
    }
}

impl Search {
    /// Prints the search on several lines, one per clause.
    pub fn to_pretty_string(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` never fails.
        let _ = Printer::print(&mut text, Layout::Lines, |printer| printer.search(self));
        text
    }
}
