//! The words that mean something at some place.

use crate::table::Table;

/// One row per word: the variant, how it is printed, and whether it may never be a name.
macro_rules! words {
    ($($variant:ident $text:literal $reserved:literal;)+) => {
        /// A word that means something at some place, or any other word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Word {$($variant,)+
            /// A word without a meaning of its own.
            Other,
        }

        impl Word {
            /// Returns the word as it is printed.
            pub(crate) fn text(self) -> &'static str {
                match self {$(Self::$variant => $text,)+ Self::Other => "name"}
            }

            /// Returns whether the word can't be a name that stands alone.
            #[inline]
            pub(crate) fn is_reserved(self) -> bool {
                match self {$(Self::$variant => $reserved,)+ Self::Other => false}
            }

            const ALL: &[Self] = &[$(Self::$variant),+];
            const TEXTS: &[&str] = &[$($text),+];
        }
    };
}

// Reserved are the words that Salesforce's own grammar does not take as names.
words! {
    Above "ABOVE" false;
    AboveOrBelow "ABOVE_OR_BELOW" false;
    All "ALL" false;
    And "AND" true;
    As "AS" true;
    Asc "ASC" true;
    At "AT" false;
    Below "BELOW" false;
    Between "BETWEEN" false;
    Bind "BIND" true;
    By "BY" true;
    Category "CATEGORY" false;
    Cube "CUBE" true;
    Custom "CUSTOM" false;
    Data "DATA" false;
    Desc "DESC" true;
    Distinct "DISTINCT" false;
    Else "ELSE" true;
    End "END" false;
    Excludes "EXCLUDES" true;
    False "FALSE" true;
    Fields "FIELDS" false;
    First "FIRST" true;
    For "FOR" true;
    From "FROM" true;
    Group "GROUP" false;
    Having "HAVING" true;
    In "IN" true;
    Includes "INCLUDES" true;
    Inner "INNER" false;
    Is "IS" false;
    Join "JOIN" false;
    Last "LAST" true;
    Left "LEFT" false;
    Like "LIKE" true;
    Limit "LIMIT" true;
    Lookup "LOOKUP" true;
    Not "NOT" true;
    Null "NULL" true;
    Nulls "NULLS" true;
    Offset "OFFSET" false;
    Options "OPTIONS" false;
    Or "OR" true;
    Order "ORDER" false;
    Outer "OUTER" false;
    Reference "REFERENCE" false;
    Right "RIGHT" false;
    Rollup "ROLLUP" true;
    Rows "ROWS" false;
    Scope "SCOPE" false;
    SecurityEnforced "SECURITY_ENFORCED" false;
    Select "SELECT" true;
    Set "SET" false;
    Standard "STANDARD" false;
    SystemMode "SYSTEM_MODE" false;
    Then "THEN" false;
    Tracking "TRACKING" false;
    True "TRUE" true;
    TypeOf "TYPEOF" false;
    Update "UPDATE" true;
    UserMode "USER_MODE" false;
    Using "USING" true;
    View "VIEW" false;
    ViewStat "VIEWSTAT" false;
    When "WHEN" false;
    Where "WHERE" true;
    With "WITH" true;
}

static TABLE: Table<Word, 256> = Table::new(Word::TEXTS, Word::ALL);

impl Word {
    /// Finds a word of less than eight letters, digits and underscores without regard to case.
    #[inline]
    pub(crate) fn short(first: u64, length: usize) -> Self {
        TABLE.find(first, length, |_| true).unwrap_or(Self::Other)
    }

    /// Finds a word of any length; `first` holds its first bytes.
    #[inline]
    pub(crate) fn long(first: u64, word: &[u8]) -> Self {
        let same = |row: Self| row.text().as_bytes().eq_ignore_ascii_case(word);
        TABLE.find(first, word.len(), same).unwrap_or(Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk;

    fn of(text: &str) -> Word {
        Word::long(chunk::at(text.as_bytes(), 0), text.as_bytes())
    }

    #[test]
    fn words_are_found_without_regard_to_case() {
        for word in [Word::Select, Word::By, Word::SecurityEnforced, Word::AboveOrBelow] {
            assert_eq!(of(word.text()), word);
            assert_eq!(of(&word.text().to_lowercase()), word);
        }
    }

    #[test]
    fn other_words_are_none_of_them() {
        for word in ["a", "Account", "SELEC", "SELECTS", "SECURITY-ENFORCED", "B\u{19}", "O_"] {
            assert_eq!(of(word), Word::Other, "{word}");
        }
    }
}
