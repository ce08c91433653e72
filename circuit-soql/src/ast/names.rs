//! The names of a path.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

use super::Name;

/// The names of a path, read as a slice; a single one, as in most paths, costs no allocation.
///
/// # Examples
/// ```
/// use circuit_soql::ast::{Name, Names};
///
/// let names: Names = ["Account", "Name"].map(Name::new).into_iter().collect();
/// assert_eq!(names.len(), 2);
/// assert_eq!(names[1], Name::new("name"));
/// ```
#[derive(Debug, Clone)]
pub struct Names(Repr);

#[derive(Debug, Clone)]
enum Repr {
    One(Name),
    Many(Vec<Name>),
}

impl Names {
    /// Returns the names.
    #[inline]
    pub fn as_slice(&self) -> &[Name] {
        match &self.0 {
            Repr::One(name) => std::slice::from_ref(name),
            Repr::Many(names) => names,
        }
    }

    /// Adds a name at the end.
    pub(crate) fn push(&mut self, name: Name) {
        let mut names = match std::mem::take(self).0 {
            Repr::One(first) => vec![first],
            Repr::Many(names) => names,
        };
        names.push(name);
        self.0 = Repr::Many(names);
    }
}

impl Default for Names {
    fn default() -> Self {
        Self(Repr::Many(Vec::new()))
    }
}

impl Deref for Names {
    type Target = [Name];

    #[inline]
    fn deref(&self) -> &[Name] {
        self.as_slice()
    }
}

impl From<Name> for Names {
    #[inline]
    fn from(name: Name) -> Self {
        Self(Repr::One(name))
    }
}

impl From<Vec<Name>> for Names {
    fn from(names: Vec<Name>) -> Self {
        Self(Repr::Many(names))
    }
}

impl FromIterator<Name> for Names {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> Self {
        Self(Repr::Many(names.into_iter().collect()))
    }
}

impl<'a> IntoIterator for &'a Names {
    type Item = &'a Name;
    type IntoIter = std::slice::Iter<'a, Name>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Names {}

impl Hash for Names {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_equals_a_list_of_one() {
        let mut names = Names::from(Name::new("Account"));
        assert_eq!(names, Names::from(vec![Name::new("ACCOUNT")]));
        names.push(Name::new("Owner"));
        names.push(Name::new("Name"));
        let all: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
        assert_eq!(all, ["Account", "Owner", "Name"]);
    }

    #[test]
    fn a_list_is_no_larger_than_a_name() {
        assert_eq!(size_of::<Names>(), size_of::<Name>());
    }
}
