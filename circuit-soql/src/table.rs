//! Tables in which words are found without regard to case.

use crate::chunk;

/// Finds what a word means, by what its first letters and its length are. Empty places hold no
/// value; a word that finds its place taken stands in the next.
#[derive(Debug)]
pub(crate) struct Table<T, const PLACES: usize> {
    places: [Entry<T>; PLACES],
}

/// A word: its first letters and what it means.
#[derive(Debug, Clone, Copy)]
struct Entry<T> {
    key: u64,
    value: Option<T>,
}

impl<T: Copy, const PLACES: usize> Table<T, PLACES> {
    /// Makes a table at compile time; it needs more places than words, and a power of two of them.
    pub(crate) const fn new(words: &[&str], values: &[T]) -> Self {
        assert!(PLACES.is_power_of_two() && words.len() < PLACES && words.len() == values.len());
        let mut places = [Entry { key: 0, value: None }; PLACES];
        let mut row = 0;
        while row < words.len() {
            let word = words[row].as_bytes();
            let key = key(word);
            let mut place = Self::place(key, word.len());
            while places[place].value.is_some() {
                place = (place + 1) % PLACES;
            }
            places[place] = Entry { key, value: Some(values[row]) };
            row += 1;
        }
        Self { places }
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only as many bits as places need are left"
    )]
    const fn place(key: u64, length: usize) -> usize {
        let mixed = (key ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> (64 - PLACES.trailing_zeros())) as usize % PLACES
    }

    /// Finds a word of letters, digits and underscores; `first` holds its first bytes. `same`
    /// decides about one of eight or more: the key of a shorter one is all of it.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "the lexer asks for each word, and a call costs a third"
    )]
    pub(crate) fn find(&self, first: u64, length: usize, same: impl Fn(T) -> bool) -> Option<T> {
        let key = chunk::caseless(first, length);
        let mut place = Self::place(key, length);
        loop {
            let entry = &self.places[place];
            let value = entry.value?;
            if entry.key == key && (length < 8 || same(value)) {
                return Some(value);
            }
            place = (place + 1) % PLACES;
        }
    }

    /// Finds a word by its text; `text` tells that of a value.
    pub(crate) fn named(&self, word: &str, text: impl Fn(T) -> &'static str) -> Option<T> {
        let same = |value| word.eq_ignore_ascii_case(text(value));
        self.find(chunk::at(word.as_bytes(), 0), word.len(), same)
    }
}

/// The first eight bytes of a word, without case.
const fn key(word: &[u8]) -> u64 {
    let mut key = 0;
    let mut at = 0;
    while at < word.len() && at < 8 {
        key |= (word[at] as u64) << (8 * at);
        at += 1;
    }
    chunk::caseless(key, word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_the_same_first_letters_are_told_apart() {
        const WORDS: &[&str] = &["LAST_N_FISCAL_YEARS", "LAST_N_FISCAL_WEEKS", "LAST_N_F", "AS"];
        const TABLE: Table<usize, 8> = Table::new(WORDS, &[0, 1, 2, 3]);
        let find = |word: &str| TABLE.named(word, |row| WORDS[row]);
        for (row, word) in WORDS.iter().enumerate() {
            assert_eq!(find(word), Some(row));
            assert_eq!(find(&word.to_lowercase()), Some(row));
        }
        assert_eq!(find("AX"), None);
        assert_eq!(find("LAST_N_FISCAL_DECKS"), None);
    }
}
