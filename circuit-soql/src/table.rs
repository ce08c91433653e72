//! Tables in which words are found without regard to case.

/// Finds the row of a word among those of a fixed list, by what its first letters and its length
/// are. Empty places hold [`NONE`]; a word that finds its place taken stands in the next.
#[derive(Debug)]
pub(crate) struct Table<const PLACES: usize> {
    places: [Entry; PLACES],
}

/// A word: its first letters, its length and its row.
#[derive(Debug, Clone, Copy)]
struct Entry {
    key: u64,
    length: usize,
    row: u8,
}

/// The row of a place where no word stands.
const NONE: u8 = u8::MAX;

impl<const PLACES: usize> Table<PLACES> {
    /// Makes a table at compile time; it needs more places than words, and a power of two of them.
    pub(crate) const fn new(words: &[&str]) -> Self {
        assert!(PLACES.is_power_of_two() && words.len() < PLACES && words.len() < NONE as usize);
        let mut places = [Entry { key: 0, length: 0, row: NONE }; PLACES];
        let mut row: u8 = 0;
        while (row as usize) < words.len() {
            let bytes = words[row as usize].as_bytes();
            let key = pack(bytes);
            let mut place = Self::place(key, bytes.len());
            while places[place].row != NONE {
                place = (place + 1) % PLACES;
            }
            places[place] = Entry { key, length: bytes.len(), row };
            row += 1;
        }
        Self { places }
    }

    const fn place(key: u64, length: usize) -> usize {
        let mixed = (key ^ (length as u64) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 40) as usize % PLACES
    }

    /// Finds the row of a word with these first letters, packed by [`pack`], and this length; `same`
    /// decides about what stands behind them.
    #[inline]
    pub(crate) fn find(
        &self,
        key: u64,
        length: usize,
        same: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let mut place = Self::place(key, length);
        loop {
            let Entry { key: first, length: whole, row } = self.places[place];
            if row == NONE {
                return None;
            }
            if first == key && whole == length && same(usize::from(row)) {
                return Some(usize::from(row));
            }
            place = (place + 1) % PLACES;
        }
    }
}

/// Packs the first eight letters, digits and underscores into a number, without regard to case.
pub(crate) const fn pack(bytes: &[u8]) -> u64 {
    let mut packed = 0;
    let mut at = 0;
    while at < bytes.len() && at < 8 {
        packed = packed << 8 | (bytes[at] | 0x20) as u64;
        at += 1;
    }
    packed
}

/// Does the same for a word in the midst of a text, all at once where enough follows it.
#[inline]
pub(crate) fn pack_at(text: &[u8], start: usize, length: usize) -> u64 {
    const CASE: u64 = 0x2020_2020_2020_2020;
    match text.get(start..).and_then(<[u8]>::first_chunk::<8>) {
        Some(first) if length > 0 => {
            let unused = 64 - 8 * length.min(8);
            (u64::from_be_bytes(*first) | CASE) >> unused
        }
        _ => pack(text.get(start..start + length).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_packed_alike_wherever_it_stands() {
        let text = b"SELECT Id, a_B9 FROM REFERENCEs";
        for start in 0..text.len() {
            for end in start..text.len() {
                let packed = pack_at(text, start, end - start);
                assert_eq!(packed, pack(&text[start..end]), "{start}..{end}");
            }
        }
    }

    #[test]
    fn words_with_the_same_first_letters_are_told_apart() {
        const WORDS: &[&str] = &["LAST_N_FISCAL_YEARS", "LAST_N_FISCAL_WEEKS", "LAST_N_F", "AS"];
        const TABLE: Table<8> = Table::new(WORDS);
        for (row, word) in WORDS.iter().enumerate() {
            let found = TABLE.find(pack(word.as_bytes()), word.len(), |row| WORDS[row] == *word);
            assert_eq!(found, Some(row));
        }
        assert_eq!(TABLE.find(pack(b"AX"), 2, |_| true), None);
    }
}
