//! Which word was perhaps meant.

/// The longest word that is compared.
const LONGEST: usize = 32;

/// Returns the candidate that is nearest to a word, if it is near enough to be a slip.
pub(crate) fn nearest(word: &str, candidates: &[&'static str]) -> Option<&'static str> {
    let near = candidates.iter().filter_map(|candidate| {
        // Of `GROUP BY`, the first word is the one that was misspelt.
        let first = candidate.split(' ').next()?;
        let allowed = match first.len() {
            0..=2 => return None,
            3 => 1,
            4..=5 => 2,
            length => 1 + length / 5,
        };
        let distance = distance(word, first)?;
        (distance > 0 && distance <= allowed).then_some((distance, *candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// How many letters must be changed, added, left out or swapped, without regard to case.
pub(crate) fn distance(from: &str, to: &str) -> Option<usize> {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    if from.len() > LONGEST || to.len() > LONGEST || from.len().abs_diff(to.len()) > 4 {
        return None;
    }
    let mut before = [0; LONGEST + 1];
    let mut last = [0; LONGEST + 1];
    let mut row = [0; LONGEST + 1];
    for (at, cell) in last.iter_mut().enumerate() {
        *cell = at;
    }
    for i in 1..=from.len() {
        row[0] = i;
        for j in 1..=to.len() {
            let same = |a: usize, b: usize| from[a - 1].eq_ignore_ascii_case(&to[b - 1]);
            let change = last[j - 1] + usize::from(!same(i, j));
            let mut best = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && same(i, j - 1) && same(i - 1, j) {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best;
        }
        (before, last) = (last, row);
    }
    Some(last[to.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &[&str] = &["FROM", "WHERE", "GROUP BY", "LIMIT", "AND", "OR"];

    #[test]
    fn slips_find_their_word() {
        for (slip, word) in [
            ("FORM", "FROM"),
            ("frm", "FROM"),
            ("WERE", "WHERE"),
            ("wheer", "WHERE"),
            ("GRUOP", "GROUP BY"),
            ("LIMITT", "LIMIT"),
            ("ADN", "AND"),
        ] {
            assert_eq!(nearest(slip, WORDS), Some(word), "{slip}");
        }
    }

    #[test]
    fn other_words_find_nothing() {
        for word in ["Name", "Account", "x", "", "FROM", "or", "a".repeat(100).as_str()] {
            assert_eq!(nearest(word, WORDS), None, "{word}");
        }
    }

    #[test]
    fn a_swap_of_neighbours_is_one_slip() {
        assert_eq!(distance("FORM", "FROM"), Some(1));
        assert_eq!(distance("abc", "abc"), Some(0));
        assert_eq!(distance("", "abc"), Some(3));
    }
}
