//! Text that is cheap to clone.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Immutable text: up to 23 bytes in place, more behind a shared pointer.
///
/// Structs may use `String` or `Text` for text fields; `Text` saves a copy for each read.
///
/// # Examples
/// ```
/// use circuit_core::Text;
///
/// let text = Text::from(" Ada@Example.COM ");
/// assert_eq!(text.trim_to_ascii_lowercase(), "ada@example.com");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(SmolStr);

impl Text {
    /// Creates text at compile time.
    pub const fn from_static(text: &'static str) -> Self {
        Self(SmolStr::new_static(text))
    }

    pub(crate) const fn of_small(text: SmolStr) -> Self {
        Self(text)
    }

    /// Returns the text as a string slice.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text without ASCII white space at its ends, in ASCII lower case.
    ///
    /// Costs nothing where the text is that already, and one allocation at most.
    #[must_use]
    pub fn trim_to_ascii_lowercase(&self) -> Self {
        let trimmed = self.0.trim_matches(|c: char| c.is_ascii_whitespace());
        if trimmed.len() == self.0.len() && !trimmed.bytes().any(|b| b.is_ascii_uppercase()) {
            return self.clone();
        }
        lowercase(trimmed)
    }
}

/// Lower-cases in place after the one copy that is needed.
fn lowercase(text: &str) -> Text {
    const INLINE: usize = 23;
    if text.len() <= INLINE {
        let mut bytes = [0_u8; INLINE];
        let bytes = &mut bytes[..text.len()];
        bytes.copy_from_slice(text.as_bytes());
        bytes.make_ascii_lowercase();
        return Text(SmolStr::new_inline(
            std::str::from_utf8(bytes).expect("lower-casing ASCII keeps UTF-8 valid"),
        ));
    }
    let mut shared: std::sync::Arc<str> = text.into();
    if let Some(text) = std::sync::Arc::get_mut(&mut shared) {
        text.make_ascii_lowercase();
    }
    Text(SmolStr::from(shared))
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(SmolStr::new(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(SmolStr::from(text))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self(SmolStr::new(text))
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.into()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.as_str(), f)
    }
}
