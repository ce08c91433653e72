//! E-mail addresses.

use std::ops::Range;

/// Finds addresses: letters around an `@`, and a dot between letters behind it.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let mut free = 0;
    let mut from = 0;
    while let Some((at, behind)) = next_at(text, from) {
        let local = text[free..at].char_indices().rev().take_while(|(_, c)| is_local(*c)).last();
        let domain = text[behind..].find(|c| !is_domain(c)).map_or(text.len(), |n| behind + n);
        let domain = behind + text[behind..domain].trim_end_matches(['.', '-']).len();
        if let Some((start, _)) = local
            && text[behind..domain].trim_start_matches('.').contains('.')
        {
            found.push(free + start..domain);
            (free, from) = (domain, domain);
        } else {
            // What stands before it is looked at once, however many signs follow.
            (free, from) = (behind, behind);
        }
    }
}

/// Returns where the next `@` begins and ends.
fn next_at(text: &str, from: usize) -> Option<(usize, usize)> {
    let signs = text[from..].match_indices(['@', '%', '\u{ff20}']);
    signs.map(|(at, sign)| (from + at, sign)).find_map(|(at, sign)| match sign {
        "%" => text[at..].starts_with("%40").then_some((at, at + 3)),
        _ => Some((at, at + sign.len())),
    })
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'')
}

fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-')
}
