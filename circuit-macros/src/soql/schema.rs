//! A folder of schema files as a catalog: a file is read when a query names its object, and once.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use circuit_soql::schema::describe::read;
use circuit_soql::schema::{Catalog, ChildRelationship, Found, IdForm, Object};

use super::manifest::Place;

/// The objects of a folder, as one query sees them.
#[derive(Debug)]
pub(super) struct Folder {
    shown: String,
    files: Arc<Files>,
    /// The files that were looked at.
    used: RefCell<BTreeSet<PathBuf>>,
    /// What is wrong with them.
    problems: RefCell<Vec<String>>,
}

/// The files of a folder by the names of their objects.
type Files = Vec<(String, PathBuf)>;
/// What a file held, and when it was last changed.
type Entry = (Option<SystemTime>, u64, Result<Arc<Object>, String>);
/// The files of a folder, and when one was last added or taken away.
type Listing = (Option<SystemTime>, Arc<Files>);

/// The compiler expands all macros of a crate in one process: a file is read once for all of them.
static READ: LazyLock<Mutex<HashMap<PathBuf, Entry>>> = LazyLock::new(Mutex::default);
static LISTED: LazyLock<Mutex<HashMap<PathBuf, Listing>>> = LazyLock::new(Mutex::default);

impl Folder {
    pub(super) fn new(place: &Place) -> Self {
        let problems = RefCell::new(Vec::new());
        let files = list(&place.path).unwrap_or_else(|problem| {
            problems.borrow_mut().push(problem);
            Arc::default()
        });
        Self { shown: format!("`{}`", place.shown), files, used: RefCell::default(), problems }
    }

    /// Returns how messages name the folder.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Returns what is wrong with the files.
    pub(super) fn problems(&self) -> Vec<String> {
        self.problems.take()
    }

    /// Returns the files that were looked at.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.used.borrow().iter().cloned().collect()
    }

    fn load(&self, name: &str, path: &Path) -> Option<Arc<Object>> {
        self.used.borrow_mut().insert(path.to_owned());
        match cached(name, path) {
            Ok(object) => Some(object),
            Err(problem) => {
                let mut problems = self.problems.borrow_mut();
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
                None
            }
        }
    }
}

impl Catalog for Folder {
    fn object(&self, name: &str) -> Found {
        let known = self.files.iter().find(|(object, _)| object.eq_ignore_ascii_case(name));
        match known {
            // What is wrong with the file is told by itself.
            Some((name, path)) => self.load(name, path).map_or(Found::Open, Found::Object),
            None => Found::Missing,
        }
    }

    fn names(&self) -> Vec<String> {
        self.files.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Salesforce's description lists the children; in Circuit's schemas their own files do.
    fn children(&self, object: &Object) -> Vec<ChildRelationship> {
        let mut children = object.children.clone();
        if object.ids == IdForm::Any {
            // What is wrong with a file is told where a query names its object.
            let others = self.files.iter().filter_map(|(name, path)| {
                self.used.borrow_mut().insert(path.clone());
                cached(name, path).ok()
            });
            children.extend(
                others.flat_map(|other| other.children_of(&object.name).collect::<Vec<_>>()),
            );
        }
        children
    }
}

/// Lists the files of a folder; `Contact.json` and `Contact.describe.json` describe `Contact`.
fn list(folder: &Path) -> Result<Arc<Files>, String> {
    let changed = fs::metadata(folder).and_then(|meta| meta.modified()).ok();
    let mut listed = LISTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, files)) = listed.get(folder)
        && *at == changed
        && changed.is_some()
    {
        return Ok(Arc::clone(files));
    }
    let entries = fs::read_dir(folder)
        .map_err(|error| format!("the folder `{}` can't be read: {error}", folder.display()))?;
    let mut files: Files = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
            let name = name.strip_suffix(".describe").unwrap_or(name).to_owned();
            Some((name, path))
        })
        .collect();
    files.sort();
    let files = Arc::new(files);
    listed.insert(folder.to_owned(), (changed, Arc::clone(&files)));
    Ok(files)
}

/// Returns what a file holds, from memory where it has not changed.
fn cached(name: &str, path: &Path) -> Result<Arc<Object>, String> {
    let meta = fs::metadata(path);
    let size = meta.as_ref().map_or(0, fs::Metadata::len);
    let changed = meta.and_then(|meta| meta.modified()).ok();
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, bytes, object)) = read.get(path)
        && (*at, *bytes) == (changed, size)
        && changed.is_some()
    {
        return object.clone();
    }
    let object = load(name, path);
    read.insert(path.to_owned(), (changed, size, object.clone()));
    object
}

fn load(name: &str, path: &Path) -> Result<Arc<Object>, String> {
    let shown = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| format!("the schema file `{shown}` can't be read: {error}"))?;
    let object = read(&text).map_err(|error| {
        format!(
            "the schema file `{shown}` is wrong: {error}\nput the right text there, or take the \
             file away"
        )
    })?;
    if !object.name.eq_ignore_ascii_case(name) {
        return Err(format!(
            "the schema file `{shown}` describes `{0}`: call it `{0}.json`",
            object.name
        ));
    }
    Ok(Arc::new(object))
}
