//! The records that a query over staged writes is evaluated over.

use std::collections::HashMap;

use crate::db::eval::{Finder, Scan, Source};
use crate::db::{Filter, Rows, Stored};
use crate::engine::catalog::key;
use crate::record::RecordId;
use crate::value::Text;

/// Records by object and id.
#[derive(Debug, Default)]
pub(super) struct Dataset {
    tables: HashMap<Text, HashMap<RecordId, Known>>,
}

/// What is known of a record.
#[derive(Debug)]
struct Known {
    /// `None` if it is not there.
    stored: Option<Stored>,
    /// Whether it is a record that a query is over, and not only somebody's parent. What is around
    /// a mere parent is not fetched, so no condition may be asked of it.
    scanned: bool,
}

impl Dataset {
    /// Adds a record that a query is over; what is there already stays: staged records are added
    /// first.
    pub(super) fn add(&mut self, object: &Text, id: RecordId, stored: Option<Stored>) {
        let known = self.tables.entry(object.clone()).or_default().entry(id);
        known.or_insert(Known { stored, scanned: true }).scanned = true;
    }

    /// Adds a record that is somebody's parent; what is there already stays.
    pub(super) fn add_parent(&mut self, object: &Text, id: RecordId, stored: Option<Stored>) {
        let table = self.tables.entry(object.clone()).or_default();
        table.entry(id).or_insert(Known { stored, scanned: false });
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
        self.known(object).filter_map(|known| known.stored.as_ref())
    }

    fn known<'a>(&'a self, object: &str) -> impl Iterator<Item = &'a Known> + use<'a> {
        self.tables.get(&key(object)).into_iter().flat_map(HashMap::values)
    }
}

impl Source for Dataset {
    fn scan<'a>(&'a self, object: &str, _: &Rows, _: Option<&Filter>) -> Scan<'a> {
        let scanned = self.known(object).filter(|known| known.scanned);
        Scan::Found(scanned.filter_map(|known| known.stored.as_ref()).collect())
    }

    fn finder<'a>(&'a self, object: &str, _: &'a Rows) -> Finder<'a> {
        let table = self.tables.get(&key(object));
        Box::new(move |id| Some(&table?.get(id)?.stored.as_ref()?.record))
    }
}
