//! The records that a query over staged writes is evaluated over.

use std::collections::HashMap;

use crate::db::eval::{Finder, Scan, Source};
use crate::db::{Filter, Rows, Stored};
use crate::engine::catalog::key;
use crate::record::RecordId;
use crate::value::Text;

/// Records by object and id; `None` for one that is known not to be there.
#[derive(Debug, Default)]
pub(super) struct Dataset {
    tables: HashMap<Text, HashMap<RecordId, Option<Stored>>>,
}

impl Dataset {
    /// Adds a record; what is there already stays: staged records are added first.
    pub(super) fn add(&mut self, object: &Text, id: RecordId, stored: Option<Stored>) {
        self.tables.entry(object.clone()).or_default().entry(id).or_insert(stored);
    }

    /// Returns whether it is known if there is such a record.
    pub(super) fn knows(&self, object: &Text, id: &RecordId) -> bool {
        self.tables.get(object).is_some_and(|table| table.contains_key(id))
    }

    /// Returns the number of records of an object, those that are not there included.
    pub(super) fn size(&self, object: &Text) -> usize {
        self.tables.get(object).map_or(0, HashMap::len)
    }

    /// Returns the records of an object.
    pub(super) fn records<'a>(
        &'a self,
        object: &str,
    ) -> impl Iterator<Item = &'a Stored> + use<'a> {
        self.tables.get(&key(object)).into_iter().flat_map(HashMap::values).flatten()
    }
}

impl Source for Dataset {
    fn scan<'a>(&'a self, object: &str, _: &Rows, _: Option<&Filter>) -> Scan<'a> {
        Scan::Found(self.records(object).collect())
    }

    fn finder<'a>(&'a self, object: &str, _: &'a Rows) -> Finder<'a> {
        let table = self.tables.get(&key(object));
        Box::new(move |id| Some(&table?.get(id)?.as_ref()?.record))
    }
}
