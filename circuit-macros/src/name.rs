//! Names of objects.

use syn::LitStr;

use crate::error::Errors;

/// Tells what is wrong with an object's name.
pub(crate) fn check_object(object: &LitStr, errors: &mut Errors) {
    let name = object.value();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.is_empty() {
        errors.at(object, "the object's name is empty");
    } else if !name.chars().all(fits) {
        errors.at(object, "an object's name has letters, digits, `_`, `.` and `-` only");
    }
}

/// Returns the number by which the compiler compares objects: equal for names that differ in case
/// alone (FNV-1a).
pub(crate) fn object_tag(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_equal_without_regard_to_case() {
        assert_eq!(object_tag("Contact"), object_tag("CONTACT"));
        assert_ne!(object_tag("Contact"), object_tag("Contract"));
    }
}
