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
