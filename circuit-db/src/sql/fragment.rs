//! A piece of SQL with what is bound to it.

use super::template::Slot;

/// A piece of SQL and the parameters in it, from left to right.
#[derive(Debug, Clone)]
pub(crate) struct Fragment<P> {
    sql: String,
    params: Vec<Mark<P>>,
    /// Whether a condition in it is none: it always holds or never.
    constant: bool,
}

/// Where a parameter stands.
#[derive(Debug, Clone)]
struct Mark<P> {
    at: usize,
    cast: &'static str,
    param: P,
    slot: Option<Slot>,
}

/// Longer conjunctions become trees, because databases limit how deep an expression is.
const FLAT: usize = 16;

impl<P> Fragment<P> {
    pub(crate) fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), params: Vec::new(), constant: false }
    }

    /// Creates a parameter; the cast tells a database its type that asks for one.
    pub(crate) fn bound(param: P, cast: &'static str) -> Self {
        let params = vec![Mark { at: 0, cast, param, slot: None }];
        Self { sql: String::new(), params, constant: false }
    }

    /// Says which value of the query its parameter is; it has one.
    #[must_use]
    pub(super) fn of(mut self, slot: Option<Slot>) -> Self {
        self.params.iter_mut().for_each(|mark| mark.slot = slot);
        self
    }

    /// Returns its one parameter.
    pub(super) fn param(self) -> Option<P> {
        self.params.into_iter().next().map(|mark| mark.param)
    }

    pub(crate) fn constant(holds: bool) -> Self {
        Self { constant: true, ..Self::new(if holds { "TRUE" } else { "FALSE" }) }
    }

    /// Returns whether a condition in it always holds or never.
    pub(super) fn has_constant(&self) -> bool {
        self.constant
    }

    /// Adds text.
    #[must_use]
    pub(crate) fn text(mut self, sql: &str) -> Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds another piece.
    #[must_use]
    pub(crate) fn then(mut self, other: Self) -> Self {
        self.append(other);
        self
    }

    pub(crate) fn append(&mut self, other: Self) {
        let lead = self.sql.len();
        self.sql.push_str(&other.sql);
        self.constant |= other.constant;
        self.params
            .extend(other.params.into_iter().map(|mark| Mark { at: mark.at + lead, ..mark }));
    }

    /// Puts text before and after it.
    #[must_use]
    pub(crate) fn within(self, before: &str, after: &str) -> Self {
        Self::new(before).then(self).text(after)
    }

    /// Keeps what this drops, null among it.
    #[must_use]
    pub(crate) fn negated(self) -> Self {
        self.within("(", ") IS NOT TRUE")
    }

    pub(crate) fn params(&self) -> usize {
        self.params.len()
    }

    /// Puts a separator between pieces.
    pub(crate) fn list(parts: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let mut all = Self::new("");
        for (i, part) in parts.into_iter().enumerate() {
            if i > 0 {
                all.sql.push_str(separator);
            }
            all.append(part);
        }
        all
    }

    /// Joins conditions by `AND` or `OR`.
    pub(crate) fn joined(mut parts: Vec<Self>, word: &str, empty: bool) -> Self {
        match parts.len() {
            0 => Self::constant(empty),
            1 => parts.remove(0),
            2..=FLAT => Self::list(parts, word).within("(", ")"),
            n => {
                let rest = parts.split_off(n / 2);
                let halves = [Self::joined(parts, word, empty), Self::joined(rest, word, empty)];
                Self::list(halves, word).within("(", ")")
            }
        }
    }

    /// Returns the pieces as one thing to compare.
    pub(crate) fn tuple(mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 { parts.remove(0) } else { Self::list(parts, ", ").within("(", ")") }
    }

    /// Returns the text with a mark for each parameter, and the parameters.
    pub(super) fn render(
        self,
        mark: impl Fn(usize, &str) -> String,
    ) -> (String, Vec<(P, Option<Slot>)>) {
        let mut sql = String::with_capacity(self.sql.len() + 8 * self.params.len());
        let mut values = Vec::with_capacity(self.params.len());
        let mut done = 0;
        for Mark { at, cast, param, slot } in self.params {
            sql.push_str(&self.sql[done..at]);
            values.push((param, slot));
            sql.push_str(&mark(values.len(), cast));
            done = at;
        }
        sql.push_str(&self.sql[done..]);
        (sql, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(n: usize, cast: &str) -> String {
        format!("${n}{cast}")
    }

    #[test]
    fn parameters_are_numbered_from_left_to_right() {
        let one = Fragment::new("a = ").then(Fragment::bound(1, "::bigint"));
        let two = Fragment::new("b = ").then(Fragment::bound(2, ""));
        let both = Fragment::joined(vec![one, two], " AND ", true).negated();
        let (sql, values) = both.render(numbered);
        assert_eq!(sql, "((a = $1::bigint AND b = $2)) IS NOT TRUE");
        assert_eq!(values, [(1, None), (2, None)]);
    }

    #[test]
    fn a_long_conjunction_is_no_deep_one() {
        let parts = (0..1_000).map(|n| Fragment::<i32>::new(format!("c{n}"))).collect();
        let (sql, _) = Fragment::joined(parts, " AND ", true).render(numbered);
        let mut depth = 0_i32;
        let deepest = sql.chars().map(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth
        });
        assert!(deepest.max().unwrap() < 10);
    }
}
