//! "Did you mean": the known name that differs least from a wrong one.

/// Returns the known name that is nearest, if it is near at all.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = wrong.to_ascii_lowercase();
    known
        .into_iter()
        .map(|name| (distance(&lower, &name.to_ascii_lowercase()), name))
        .filter(|(distance, name)| *distance <= name.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Returns `unknown KIND `NAME`; did you mean `X`?` and what is accepted.
pub(crate) fn unknown(kind: &str, wrong: &str, known: &[&str]) -> String {
    let hint = nearest(wrong, known.iter().copied());
    let hint = hint.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
    format!("unknown {kind} `{wrong}`{hint}\naccepted: {}", known.join(", "))
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = ["beforeInsert", "afterInsert"];
        assert_eq!(nearest("afterInsrt", known), Some("afterInsert"));
        assert_eq!(nearest("AFTERINSERT", known), Some("afterInsert"));
        assert_eq!(nearest("onCreate", known), None);
    }
}
