//! What is bound to statements: single values and columns of them.
//!
//! The driver logs bound values when its log is at the level `debug`, so none of them shows itself.

use std::error::Error;
use std::fmt;

use bytes::BytesMut;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::encode::SqlType;

macro_rules! kinds {
    ($($variant:ident($type:ty) $($sql:ident)|+,)+) => {
        /// One value; numbers with a fraction and JSON travel as text.
        #[derive(Clone, PartialEq)]
        pub(super) enum Cell { Null, $($variant($type),)+ }

        /// The values of one column, a row each.
        #[derive(Clone, PartialEq)]
        pub(super) enum Array { $($variant(Vec<Option<$type>>),)+ }

        impl Array {
            /// Creates the column of a type.
            pub(super) fn of(sql_type: SqlType) -> Self {
                match sql_type { $($(SqlType::$sql)|+ => Self::$variant(Vec::new()),)+ }
            }

            /// Adds a row; what has another type than the column becomes null.
            pub(super) fn push(&mut self, cell: Cell) {
                match (self, cell) {
                    $((Self::$variant(rows), Cell::$variant(value)) => rows.push(Some(value)),)+
                    $((Self::$variant(rows), _) => rows.push(None),)+
                }
            }

            fn len(&self) -> usize {
                match self { $(Self::$variant(rows) => rows.len(),)+ }
            }
        }

        impl ToSql for Cell {
            fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
                match self {
                    Self::Null => Ok(IsNull::Yes),
                    $(Self::$variant(value) => value.to_sql_checked(to, out),)+
                }
            }

            fn accepts(_: &Type) -> bool {
                true
            }

            to_sql_checked!();
        }

        impl ToSql for Array {
            fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
                match self { $(Self::$variant(rows) => rows.to_sql_checked(to, out),)+ }
            }

            fn accepts(_: &Type) -> bool {
                true
            }

            to_sql_checked!();
        }
    };
}

kinds! {
    Boolean(bool) Boolean,
    Bigint(i64) Bigint,
    Integer(i32) Integer,
    Text(String) Text | Numeric | Jsonb,
    Date(NaiveDate) Date,
    Timestamptz(DateTime<Utc>) Timestamptz,
    Time(NaiveTime) Time,
}

impl Array {
    /// Creates a column of text.
    pub(super) fn texts<T: Into<String>>(rows: impl IntoIterator<Item = T>) -> Self {
        Self::Text(rows.into_iter().map(|row| Some(row.into())).collect())
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Null { "null" } else { "a value" })
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} values", self.len())
    }
}

/// What a statement is given.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Param {
    /// One value.
    One(Cell),
    /// A list.
    Many(Array),
}

impl ToSql for Param {
    fn to_sql(
        &self,
        to: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::One(cell) => cell.to_sql(to, out),
            Self::Many(array) => array.to_sql(to, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bound_values_do_not_show_themselves() {
        let secret = || Cell::Text("hunter2".to_owned());
        let shown =
            format!("{:?} {:?} {:?}", secret(), Array::texts(["hunter2"]), Param::One(secret()));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
