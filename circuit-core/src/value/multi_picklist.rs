//! The value of a multi-select picklist.

use std::fmt;
use std::sync::Arc;

use super::Text;

/// The chosen values of a multi-select picklist, in the order given.
///
/// # Examples
/// ```
/// use circuit_core::MultiPicklist;
///
/// let colours: MultiPicklist = "red;green".into();
/// assert!(colours.contains("Red"));
/// assert_eq!(colours.to_string(), "red;green");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct MultiPicklist(Arc<[Text]>);

impl MultiPicklist {
    /// Returns the values in order.
    pub fn values(&self) -> &[Text] {
        &self.0
    }

    /// Returns whether the value is chosen, without regard to case.
    pub fn contains(&self, value: &str) -> bool {
        self.0.iter().any(|own| own.eq_ignore_ascii_case(value))
    }
}

impl From<&str> for MultiPicklist {
    /// Splits at `;`, as the APIs of Salesforce write such fields.
    fn from(text: &str) -> Self {
        text.split(';').map(str::trim).filter(|value| !value.is_empty()).map(Text::from).collect()
    }
}

impl<T: Into<Text>> FromIterator<T> for MultiPicklist {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for MultiPicklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(";"))
    }
}

impl fmt::Debug for MultiPicklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
