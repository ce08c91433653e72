//! Eight bytes of a text at once, the first in the lowest place.

/// The highest bit of each of the eight bytes.
const HIGH: u64 = EACH * 0x80;

/// One in each of the eight bytes.
const EACH: u64 = 0x0101_0101_0101_0101;

/// Takes the eight bytes that stand at a place.
#[inline]
pub(crate) fn whole(text: &[u8], place: usize) -> Option<u64> {
    text.get(place..).and_then(<[u8]>::first_chunk).map(|bytes| u64::from_le_bytes(*bytes))
}

/// Takes the bytes that stand at a place; behind the end of the text stand zeros.
#[inline]
pub(crate) fn at(text: &[u8], place: usize) -> u64 {
    whole(text, place).unwrap_or_else(|| at_end(text, place))
}

/// Does the same where less than eight bytes are left.
#[inline(never)]
fn at_end(text: &[u8], place: usize) -> u64 {
    let left = text.len().saturating_sub(place);
    match text.last_chunk() {
        Some(_) if left == 0 => 0,
        Some(last) => u64::from_le_bytes(*last) >> (64 - 8 * left),
        None => text.iter().skip(place).rev().fold(0, |chunk, byte| chunk << 8 | u64::from(*byte)),
    }
}

/// Returns how many letters, digits and underscores stand in front of the first other byte.
#[inline]
pub(crate) fn word_length(chunk: u64) -> usize {
    (others(chunk).trailing_zeros() / 8) as usize
}

/// Returns the end of the letters, digits and underscores that start at a place.
#[inline]
pub(crate) fn word_end(text: &[u8], mut place: usize) -> usize {
    loop {
        let length = word_length(at(text, place));
        place += length;
        if length < 8 {
            return place;
        }
    }
}

/// Returns the first bytes as they are where letters have no case; the others are zeros.
#[inline]
pub(crate) const fn caseless(chunk: u64, length: usize) -> u64 {
    let kept = if length < 8 { !(u64::MAX << (8 * length)) } else { u64::MAX };
    (chunk | (EACH * 0x20)) & kept
}

/// Sets the highest bit of each byte that is no letter, no digit and no underscore; the others say
/// nothing. No sum reaches the next byte: what is added to is below 128.
const fn others(chunk: u64) -> u64 {
    let low = chunk & !HIGH;
    let lower = low | (EACH * 0x20);
    let letter = (lower + EACH * (0x80 - b'a' as u64)) & !(lower + EACH * (0x7f - b'z' as u64));
    let digit = (low + EACH * (0x80 - b'0' as u64)) & !(low + EACH * (0x7f - b'9' as u64));
    let underscore = !((low ^ (EACH * b'_' as u64)) + EACH * 0x7f);
    (!(letter | digit | underscore) | chunk) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_at_once_are_told_apart_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut bytes = [b'a'; 8];
                bytes[place] = byte;
                let inside = byte.is_ascii_alphanumeric() || byte == b'_';
                assert_eq!(word_end(&bytes, 0), if inside { 8 } else { place }, "{byte}");
            }
        }
    }

    #[test]
    fn zeros_stand_behind_the_end() {
        let text = b"SELECT Id_9";
        for end in 0..=text.len() {
            for place in 0..=end + 1 {
                let mut bytes = [0; 8];
                let rest = text[..end].get(place..).unwrap_or_default();
                bytes.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                assert_eq!(at(&text[..end], place), u64::from_le_bytes(bytes), "{place}..{end}");
            }
        }
    }
}
