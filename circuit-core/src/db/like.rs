//! The pattern match of SOQL's LIKE.

/// Returns whether a text matches a pattern: `%` any characters, `_` one, `\` takes the next as is.
///
/// Letters match without regard to case. The time is at most the product of the two lengths.
///
/// # Examples
/// ```
/// use circuit_core::like;
///
/// assert!(like("Ada Lovelace", "ada%"));
/// assert!(like("100%", r"100\%"));
/// assert!(!like("1000", r"100\%"));
/// ```
pub fn like(text: &str, pattern: &str) -> bool {
    LikePattern::new(pattern).matches(text)
}

/// A pattern that is ready to look at many texts.
#[derive(Debug)]
pub struct LikePattern(Vec<Token>);

impl LikePattern {
    /// Makes a pattern ready.
    pub fn new(pattern: &str) -> Self {
        Self(tokens(pattern))
    }

    /// Returns whether a text matches.
    pub fn matches(&self, text: &str) -> bool {
        if text.is_ascii() {
            let lower = |at: usize| {
                text.as_bytes().get(at).map(|byte| char::from(byte.to_ascii_lowercase()))
            };
            return self.walk(lower);
        }
        let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        self.walk(|at| text.get(at).copied())
    }

    fn walk(&self, text: impl Fn(usize) -> Option<char>) -> bool {
        let (mut t, mut p) = (0, 0);
        let mut retry = None;
        while let Some(c) = text(t) {
            match self.0.get(p) {
                Some(Token::Any) => {
                    retry = Some((p, t));
                    p += 1;
                }
                Some(Token::One) => (t, p) = (t + 1, p + 1),
                Some(Token::Char(wanted)) if *wanted == c => (t, p) = (t + 1, p + 1),
                _ => match &mut retry {
                    Some((any, from)) => {
                        *from += 1;
                        (t, p) = (*from, *any + 1);
                    }
                    None => return false,
                },
            }
        }
        self.0[p..].iter().all(|token| matches!(token, Token::Any))
    }
}

#[derive(Debug)]
enum Token {
    Any,
    One,
    Char(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => tokens.push(Token::Any),
            '_' => tokens.push(Token::One),
            c => {
                let literal = if c == '\\' { chars.next().unwrap_or('\\') } else { c };
                tokens.extend(literal.to_lowercase().map(Token::Char));
            }
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_matches_nothing_too() {
        assert!(like("", "%"));
        assert!(like("ab", "%a%b%"));
        assert!(!like("a", "%b%"));
    }

    #[test]
    fn underscore_matches_one_character() {
        assert!(like("ä", "_"));
        assert!(!like("", "_"));
        assert!(!like("ab", "_"));
    }

    #[test]
    fn hostile_patterns_end() {
        let text = "a".repeat(2_000);
        assert!(!like(&text, &("%a".repeat(200) + "b")));
    }
}
