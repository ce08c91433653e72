//! Tokens, keys and passwords in texts.

use std::ops::Range;

use super::Redaction;

/// How tokens of services begin, and how long they are at least behind that.
const MARKS: &[(&str, usize)] = &[
    ("sk-", 16),
    ("sk_", 16),
    ("rk_", 16),
    ("pk_live_", 16),
    ("whsec_", 16),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghs_", 16),
    ("ghu_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
    ("glpat-", 16),
    ("pit-", 16),
    ("xoxa-", 10),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xapp-", 10),
    ("xaat-", 16),
    ("xapt-", 16),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ya29.", 16),
    ("npm_", 16),
    ("hf_", 16),
    ("SG.", 16),
    ("eyJ", 16),
];

/// The first bytes of the marks, one bit each.
const FIRST: u128 = {
    let mut first = 0;
    let mut at = 0;
    while at < MARKS.len() {
        first |= 1 << MARKS[at].0.as_bytes()[0];
        at += 1;
    }
    first | 1 << b'B' | 1 << b'b' | 1 << b'0'
};

/// How long a name before `=` may be; what stands further in front makes no difference.
const LONGEST_NAME: usize = 64;

/// How long the name of a wrapper such as `Some(` may be, and how many may stand around a value: a
/// text that is made of them is still looked through once.
const LONGEST_WRAPPER: usize = 64;
const WRAPPERS: usize = 8;

/// Finds what is a secret by its look or by the name before it.
pub(super) fn find(redaction: &Redaction, text: &str, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let (mut at, mut in_word) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        let word = byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
        let secret = match byte {
            b'=' => named(redaction, text, at),
            // `std::token::Kind` names no value.
            b':' if bytes.get(at + 1) == Some(&b':') || text[..at].ends_with(':') => None,
            b':' => named(redaction, text, at).or_else(|| in_url(text, at)),
            b'(' | b',' => printed(redaction, text, at),
            _ if word && !in_word && byte.is_ascii() && FIRST >> byte & 1 == 1 => token(text, at),
            _ => None,
        };
        (at, in_word) = match secret {
            Some(range) => {
                let end = range.end;
                found.push(range);
                (end, false)
            }
            None => (at + 1, word),
        };
    }
}

/// Returns the token that begins here, or that is told of here.
fn token(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    if let Some(len) = scheme(rest) {
        let start = at + len + rest[len..].len() - rest[len..].trim_start().len();
        let end = start + token_len(&text[start..]);
        let told = &text[start..end];
        let secret = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '=';
        let basic = rest.starts_with(['B', 'b']) && rest[1..].starts_with(['a', 'A']);
        let is_secret = told.len() >= 8 && (!basic || told.contains(secret));
        return (start > at + len && is_secret).then_some(start..end);
    }
    let (mark, least) =
        MARKS.iter().find(|(mark, _)| rest.starts_with(mark)).copied().or_else(|| session(rest))?;
    let len = token_len(&rest[mark.len()..]);
    (len >= least).then(|| at..at + mark.len() + len)
}

/// The session id of Salesforce: the organisation's id, and behind `!` what is secret.
fn session(rest: &str) -> Option<(&str, usize)> {
    let len = [15, 18].into_iter().find(|len| rest.as_bytes().get(*len) == Some(&b'!'))?;
    let organisation = rest.get(..=len).filter(|_| rest.starts_with("00D"))?;
    let letters = organisation[..len].bytes().all(|byte| byte.is_ascii_alphanumeric());
    letters.then_some((organisation, 16))
}

/// Returns the length of the word for a way to authorise that the text begins with.
fn scheme(text: &str) -> Option<usize> {
    let begins = |word: &&&str| {
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !text[word.len()..].starts_with(|c: char| c.is_alphanumeric())
    };
    ["bearer", "basic", "token", "digest"].iter().find(begins).map(|word| word.len())
}

fn token_len(text: &str) -> usize {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

/// Finds the bodies of private keys as files have them; what is not closed goes to the end.
pub(super) fn keys(text: &str, found: &mut Vec<Range<usize>>) {
    const BEGIN: &str = "-----BEGIN ";
    // Most texts are too short to be searched.
    if text.len() < BEGIN.len() + "PRIVATE KEY-----".len() {
        return;
    }
    let mut from = 0;
    while let Some(at) = text[from..].find(BEGIN).map(|at| from + at + BEGIN.len()) {
        from = at;
        let head = &text[at..text.floor_char_boundary(at + LONGEST_NAME)];
        let Some((kind, _)) = head.split_once("-----") else { continue };
        if kind.contains("PRIVATE KEY") {
            let start = at + kind.len() + "-----".len();
            from = text[start..].find("-----END").map_or(text.len(), |len| start + len);
            found.push(start..from);
        }
    }
}

/// Returns the value behind `=` or `:` where what stands before it ends with a name.
fn named(redaction: &Redaction, text: &str, at: usize) -> Option<Range<usize>> {
    let name = name(text, at);
    if !redaction.covers(name) {
        return None;
    }
    let value = value(text, at + 1)?;
    if !is_cookie(name) || text[..value.start].ends_with(['"', '\'']) {
        return Some(value);
    }
    // One header has many cookies.
    let end = text[value.end..].find(['\r', '\n']).map_or(text.len(), |len| value.end + len);
    Some(value.start..end)
}

/// Returns the end of what stands before a place.
fn name(text: &str, at: usize) -> &str {
    &text[text.ceil_char_boundary(at.saturating_sub(LONGEST_NAME))..at]
}

fn is_cookie(name: &str) -> bool {
    let name = name.trim_end_matches(|c: char| !c.is_alphabetic());
    let name = name.strip_suffix(['s', 'S']).unwrap_or(name).as_bytes();
    name.last_chunk::<6>().is_some_and(|end| end.eq_ignore_ascii_case(b"cookie"))
}

/// Returns the value of `Token("..")` at its parenthesis, and of `("token", "..")` at its comma.
fn printed(redaction: &Redaction, text: &str, at: usize) -> Option<Range<usize>> {
    let is_pair = text.as_bytes()[at] == b',';
    if (is_pair && !text[..at].ends_with(['"', '\''])) || !redaction.covers(name(text, at)) {
        return None;
    }
    let from = text.len() - text[at + 1..].trim_start().len();
    let is_number = is_pair && text[from..].starts_with(|c: char| c.is_ascii_digit());
    (is_number || quote(text, from).is_some()).then(|| value(text, from))?
}

/// Returns the value that begins here: in quotes, or up to what ends a word.
fn value(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = text[from..].trim_start_matches(['=', '>', ' ', '\t', '\\']);
    let start = text.len() - rest.len();
    // What is printed over several lines is in quotes.
    if let Some(at) = quote(text, text.len() - rest.trim_start().len()) {
        let (inner, escaped) = (&text[at + 1..], text[..at].ends_with('\\'));
        let quote = char::from(text.as_bytes()[at]);
        let len = if escaped { escaped_len(inner, quote) } else { quoted_len(inner, quote) };
        return (len > 0).then(|| at + 1..at + 1 + len);
    }
    let ends = |c: char| c.is_whitespace() || ",;&)]}\"'<|".contains(c);
    let word = |text: &str| text.find(ends).unwrap_or(text.len());
    let within = unwrapped(text, start) - start;
    let mut len = within + word(&rest[within..]);
    if scheme(rest) == Some(len) {
        let next = rest[len..].trim_start();
        len = rest.len() - next.len() + word(next);
    }
    (len > 0).then(|| start..start + len)
}

/// Returns where the quote is that a value begins with, behind wrappers such as `Some(`.
fn quote(text: &str, from: usize) -> Option<usize> {
    let rest = &text[unwrapped(text, from)..];
    let bytes = rest.strip_prefix('b').unwrap_or(rest).trim_start_matches('\\');
    bytes.starts_with(['"', '\'']).then(|| text.len() - bytes.len())
}

/// Returns where the value begins that stands in wrappers such as `Some(`.
fn unwrapped(text: &str, from: usize) -> usize {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    let mut at = from;
    for _ in 0..WRAPPERS {
        let rest = &text[at..];
        let name = rest.bytes().take(LONGEST_WRAPPER).take_while(is_name).count();
        let Some(inner) = rest[name..].strip_prefix('(') else { break };
        at = text.len() - inner.trim_start().len();
    }
    at
}

/// Returns the length up to the closing quote, or to the end.
fn quoted_len(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text.char_indices().find(|(_, c)| {
        let closes = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    end.map_or(text.len(), |(at, _)| at)
}

/// The same where the quotes are escaped themselves, as in text that is JSON inside of JSON.
fn escaped_len(text: &str, quote: char) -> usize {
    let quotes = text.match_indices(quote).map(|(at, _)| &text[..at]);
    let mut ends = quotes.filter_map(|before| before.strip_suffix('\\'));
    ends.find(|before| !before.ends_with('\\')).map_or(text.len(), str::len)
}

/// Returns the password of a URL whose `://` begins here.
fn in_url(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at + text[at..].starts_with("://").then_some(3)?;
    let authority =
        text[start..].split(|c: char| c.is_whitespace() || "/?#\"'<>".contains(c)).next()?;
    let who = &authority[..authority.rfind('@')?];
    let password = start + who.find(':')? + 1;
    (password < start + who.len()).then(|| password..start + who.len())
}
