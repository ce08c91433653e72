//! Names of tables and columns. They come from users, so they are quoted, and made short enough.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The longest name that PostgreSQL keeps, in bytes; it cuts what is longer.
const LONGEST: usize = 63;

/// Returns a quoted identifier. Names match without regard to case, so they are lower-cased; one
/// that is too long keeps its beginning and gets a digest of the whole.
pub(super) fn quoted(lead: &str, name: &str) -> String {
    quote(&identifier(lead, name))
}

/// Returns a name in quotes, as it is.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Returns the quoted name of an index on a field. The length tells where the object's name ends.
pub(super) fn index(lead: &str, object: &str, field: &str) -> String {
    let object = trimmed(object);
    quoted(lead, &format!("{object} {field} {}", object.len()))
}

/// White space around an object's name is no part of it.
fn trimmed(object: &str) -> &str {
    object.trim_matches(|c: char| c.is_ascii_whitespace())
}

fn identifier(lead: &str, name: &str) -> String {
    let plain = format!("{lead}{}", name.to_ascii_lowercase());
    if plain.len() < LONGEST && !plain.contains('\0') {
        return plain;
    }
    // Exactly the longest length, which no plain name has: the two kinds never meet.
    let digest = hex(&plain, 16);
    let mut short = plain.replace('\0', "");
    let mut end = short.len().min(LONGEST - 1 - digest.len());
    while !short.is_char_boundary(end) {
        end -= 1;
    }
    short.truncate(end);
    let fill = "_".repeat(LONGEST - 1 - digest.len() - end);
    format!("{short}{fill}~{digest}")
}

/// Returns the first bytes of a text's digest in hexadecimal digits.
pub(super) fn hex(text: &str, bytes: usize) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(bytes).fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string can be written to");
        hex
    })
}

/// Where the tables are: a schema of the database, in PostgreSQL's sense of the word.
#[derive(Debug, Clone)]
pub(super) struct Namespace {
    name: String,
}

impl Namespace {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the table of an object, which does not depend on a search path.
    pub(super) fn table(&self, object: &str) -> String {
        format!("{}.{}", quote(&self.name), quoted("o_", trimmed(object)))
    }

    /// Returns one of Circuit's own tables.
    pub(super) fn own(&self, table: &str) -> String {
        format!("{}.{}", quote(&self.name), quote(table))
    }

    /// Returns an index's name where it has to say which schema it is in.
    pub(super) fn qualified(&self, index: &str) -> String {
        format!("{}.{index}", quote(&self.name))
    }

    /// Returns the number that migrations of this namespace lock.
    pub(super) fn lock(&self) -> i64 {
        let digest = Sha256::digest(format!("circuit {}", self.name).as_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[..8]);
        i64::from_be_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_stays_and_a_quote_is_doubled() {
        assert_eq!(quoted("o_", "My \"Contact\""), r#""o_my ""contact""""#);
    }

    #[test]
    fn a_long_name_fits_and_differs_from_its_neighbours() {
        let (one, two) = ("ä".repeat(40) + "1", "ä".repeat(40) + "2");
        let (one, two) = (identifier("f_", &one), identifier("f_", &two));
        assert_eq!((one.len(), two.len()), (63, 63));
        assert_ne!(one, two);
        assert_eq!(identifier("f_", &"x".repeat(60)).len(), 62);
        assert_eq!(identifier("f_", &"x".repeat(61)).len(), 63);
        assert!(identifier("f_", &"x".repeat(61)).contains('~'));
    }

    #[test]
    fn a_name_with_a_nul_has_none_in_its_identifier() {
        let name = identifier("f_", "a\0b");
        assert!(!name.contains('\0') && name.len() == 63, "{name}");
    }

    #[test]
    fn an_index_tells_object_and_field_apart() {
        assert_ne!(index("u_", "a b", "c"), index("u_", "a", "b c"));
    }
}
