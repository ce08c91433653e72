//! Names in an order, found without regard to case.

use std::hash::BuildHasher;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use crate::value::Text;

/// No place: ends a probe in the index.
const EMPTY: u32 = u32::MAX;

/// Up to this number, comparing one by one is as fast as the index.
const FEW: usize = 8;

/// Field names, each of them once.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    list: Vec<Text>,
    /// Open addressing by the hash of the lower-cased name; empty for few names.
    index: Vec<u32>,
}

impl Names {
    /// Returns the names in their order.
    #[inline]
    pub(super) fn as_slice(&self) -> &[Text] {
        &self.list
    }

    /// Returns how many names there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns the place of a name.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        if self.index.is_empty() {
            return self.list.iter().position(|known| known.eq_ignore_ascii_case(name));
        }
        let mut at = hash(name) & (self.index.len() - 1);
        loop {
            match self.index[at] {
                EMPTY => return None,
                place if self.list[place as usize].eq_ignore_ascii_case(name) => {
                    return Some(place as usize);
                }
                _ => at = (at + 1) & (self.index.len() - 1),
            }
        }
    }

    /// Adds a name that is not there yet.
    pub(super) fn push(&mut self, name: Text) {
        debug_assert_eq!(self.place(&name), None);
        self.list.push(name);
        if self.list.len() * 2 <= self.index.len() {
            self.enter(self.list.len() - 1);
        } else if self.list.len() > FEW {
            // Half of the index stays empty, so that probes end soon.
            self.index = vec![EMPTY; (self.list.len() * 2).next_power_of_two()];
            (0..self.list.len()).for_each(|place| self.enter(place));
        }
    }

    fn enter(&mut self, place: usize) {
        let mut at = hash(&self.list[place]) & (self.index.len() - 1);
        while self.index[at] != EMPTY {
            at = (at + 1) & (self.index.len() - 1);
        }
        self.index[at] =
            u32::try_from(place).expect("so many names need more memory than there is");
    }

    /// Returns about how many bytes the names take.
    pub(super) fn bytes(&self) -> usize {
        const HEAP: usize = 16;
        let text = |name: &Text| size_of::<Text>() + HEAP + name.len();
        self.list.iter().map(text).sum::<usize>() + self.index.len() * size_of::<u32>()
    }
}

/// Hashes lower-cased names, eight bytes at a time; seeded, so that nobody can choose names that
/// meet in one place.
fn hash(name: &str) -> usize {
    static SEED: LazyLock<[u64; 2]> = LazyLock::new(|| {
        let random = RandomState::default();
        [random.hash_one(0), random.hash_one(1)]
    });
    let [start, factor] = *SEED;
    let bytes = name.as_bytes();
    let mix = |state: u64, word: u64| {
        let (low, high) = (state ^ lower(word)).carrying_mul(factor, 0);
        low ^ high
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let mut state = start ^ name.len() as u64;
    for word in words {
        state = mix(state, u64::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        state = mix(state, last_word(bytes));
    }
    usize::try_from(state >> 32).unwrap_or_default()
}

/// Returns the last eight bytes or, of fewer, all; with the length they tell the name.
fn last_word(bytes: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk() {
        return u64::from_le_bytes(*last);
    }
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let [first, last] = [*first, *last].map(|half| u64::from(u32::from_le_bytes(half)));
            first | last << 32
        }
        _ => bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// Lower-cases the ASCII letters among eight bytes and leaves all others as they are: the sums
/// set a byte's high bit where it is `A` or later and where it is later than `Z`.
fn lower(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let low = word & (EACH * 0x7F);
    let from_a = low + EACH * (0x80 - u64::from(b'A'));
    let after_z = low + EACH * (0x7F - u64::from(b'Z'));
    let upper = (from_a ^ after_z) & !word & (EACH * 0x80);
    word | (upper >> 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_does_to_eight_bytes_what_ascii_does_to_each() {
        for byte in 0..=u8::MAX {
            let bytes = [byte, b'A', byte, b'Z', b'[', byte, b'@', byte];
            let expected = bytes.map(|byte| byte.to_ascii_lowercase());
            assert_eq!(lower(u64::from_le_bytes(bytes)).to_le_bytes(), expected);
        }
    }

    #[test]
    fn names_that_differ_in_more_than_case_hash_apart() {
        for (one, other) in
            [("a ", "a\0"), ("a", "a\0"), ("@b", "`b"), ("[x", "{x"), ("P1", "P\u{11}")]
        {
            assert_ne!(hash(one), hash(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn names_that_differ_in_case_hash_alike_at_any_length() {
        let name = "MailingStreet__cAndMore";
        for length in 0..=name.len() {
            let (one, other) = (&name[..length], &name[..length].to_uppercase());
            assert_eq!(hash(one), hash(other), "{one}");
        }
    }

    #[test]
    fn names_are_found_whether_few_or_many() {
        let mut names = Names::default();
        for i in 0..70_000 {
            assert_eq!(names.place(&format!("field{i}")), None);
            names.push(format!("Field{i}").into());
            assert_eq!(names.place(&format!("FIELD{i}")), Some(i));
        }
        assert_eq!(names.place("field3"), Some(3));
    }
}
