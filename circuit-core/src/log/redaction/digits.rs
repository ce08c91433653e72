//! Card and phone numbers.

use std::ops::Range;

/// The digits of a card number, at least and at most.
const CARD: Range<usize> = 13..20;

/// Finds card numbers, which begin with a digit that has none before it.
pub(super) fn cards(text: &str, found: &mut Vec<Range<usize>>) {
    if text.len() < CARD.start {
        return;
    }
    let mut at = 0;
    while let Some(start) = text[at..].find(|c| digit(c).is_some()).map(|n| at + n) {
        at = match card_at(&text[start..]) {
            Some(len) => {
                found.push(start..start + len);
                start + len
            }
            None => text[start..].find(|c| digit(c).is_none()).map_or(text.len(), |n| start + n),
        };
    }
}

/// Returns the length of the card number that the text begins with.
///
/// Both sums that a check digit may need are kept, so that every length costs one look.
fn card_at(text: &str) -> Option<usize> {
    let mut sums = [0, 0];
    let (mut count, mut gap, mut longest) = (0, 0, None);
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let Some(value) = digit(c) else {
            gap += 1;
            if gap > 2 || !is_gap(c) {
                break;
            }
            continue;
        };
        if (count == 0 && !(2..=6).contains(&value)) || count + 1 == CARD.end {
            break;
        }
        let doubled = if value > 4 { value * 2 - 9 } else { value * 2 };
        sums[count % 2] += doubled;
        sums[(count + 1) % 2] += value;
        (count, gap) = (count + 1, 0);
        let ends = rest.peek().is_none_or(|(_, next)| digit(*next).is_none());
        if ends && CARD.contains(&count) && sums[count % 2] % 10 == 0 {
            longest = Some(at + c.len_utf8());
        }
    }
    longest
}

/// Finds phone numbers: runs of digits and of what stands between their groups.
pub(super) fn phones(text: &str, found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    let begins = |c| matches!(c, '+' | '(') || digit(c).is_some();
    while let Some(start) = text[at..].find(begins).map(|n| at + n) {
        let run = Run::at(&text[start..]);
        let end = start + run.len.max(1);
        if !is_attached(&text[..start]) && run.is_phone(text[end..].chars().next()) {
            found.push(start..end);
        }
        at = end;
    }
}

/// Whether what stands before a number makes it a part of something else, such as a UUID.
fn is_attached(before: &str) -> bool {
    let mut before = before.chars().rev();
    match before.next() {
        Some('-' | '.') => before.next().is_some_and(char::is_alphanumeric),
        Some(c) => c.is_alphanumeric() || c == '_',
        None => false,
    }
}

/// Digits and what stands between them.
#[derive(Default)]
struct Run<'a> {
    text: &'a str,
    /// Up to the last digit.
    len: usize,
    digits: usize,
    groups: usize,
    first: Option<u32>,
}

impl<'a> Run<'a> {
    fn at(text: &'a str) -> Self {
        let mut run = Self { text, ..Self::default() };
        // A `+` or `(` before the first digit is no gap.
        let lead = text.chars().take(2).take_while(|c| matches!(c, '+' | '(')).count();
        let (mut gap, mut within) = (0, false);
        for (at, c) in text.char_indices().skip(lead) {
            if let Some(value) = digit(c) {
                run.first.get_or_insert(value);
                run.groups += usize::from(!within);
                (gap, within) = (0, true);
                run.digits += 1;
                run.len = at + c.len_utf8();
            } else {
                (gap, within) = (gap + 1, false);
                if gap > 3 || !(is_gap(c) || matches!(c, '/' | '(' | ')')) {
                    break;
                }
            }
        }
        run
    }

    fn is_phone(&self, next: Option<char>) -> bool {
        if next.is_some_and(|c| c == ':' || c == '_' || (c.is_alphanumeric() && c != 'x')) {
            return false;
        }
        match self.digits {
            7.. if self.text.starts_with('+') => true,
            9.. if self.first == Some(0) => true,
            10.. if self.groups > 1 => !self.is_date(),
            10 => !self.text.starts_with(['0', '1']),
            11 => self.text.starts_with('1'),
            _ => false,
        }
    }

    /// Whether it begins with a year.
    fn is_date(&self) -> bool {
        let bytes = self.text.as_bytes();
        (self.text.starts_with("19") || self.text.starts_with("20"))
            && bytes.get(2..4).is_some_and(|year| year.iter().all(u8::is_ascii_digit))
            && matches!(bytes.get(4), Some(b'-' | b'/' | b'.'))
    }
}

/// The value of a digit, also of a wide one.
fn digit(c: char) -> Option<u32> {
    match c {
        '\u{ff10}'..='\u{ff19}' => Some(u32::from(c) - 0xff10),
        _ => c.to_digit(10),
    }
}

/// What stands between the groups of a number.
fn is_gap(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '.' | '\t' | '\u{a0}' | '\u{2010}'..='\u{2013}' | '\u{2009}' | '\u{202f}'
    )
}
