//! "Did you mean": the known name that differs least from a wrong one.

use crate::nearest::distance;

/// Returns the known name that is nearest, if it is near at all.
pub(super) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = wrong.to_ascii_lowercase();
    let scored = known.into_iter().filter_map(|name| Some((score(&lower, name)?, name)));
    scored
        .filter(|(distance, name)| *distance <= (name.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A name that lacks nothing but the end of custom names is as near as one wrong letter.
fn score(lower: &str, name: &str) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    let plain = name.strip_suffix("__c").or_else(|| name.strip_suffix("__r")).unwrap_or(&name);
    if plain == lower { Some(1) } else { distance(lower, &name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanged_letters_count_once() {
        assert_eq!(nearest("Emial", ["Name", "Email"]), Some("Email"));
        assert_eq!(nearest("Nmae", ["Name"]), Some("Name"));
    }

    #[test]
    fn a_custom_name_is_found_without_its_end() {
        assert_eq!(nearest("Score", ["Source", "Score__c"]), Some("Score__c"));
    }

    #[test]
    fn a_far_name_is_not_suggested() {
        assert_eq!(nearest("Colour", ["Name", "Email"]), None);
    }
}
