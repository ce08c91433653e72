//! Values that fit their fields, and those of which the compiler does not know whether they do.

#![deny(warnings, clippy::pedantic)]
#![forbid(unused_imports)]

use std::collections::{BTreeSet, HashSet};

use circuit_core::prelude::*;
use circuit_core::{BindValue, ConversionError, FieldType, FieldValue, IntoBind};

/// A field type of somebody's own.
#[derive(Clone)]
struct Money(i64);

impl FieldValue for Money {
    const TYPE: FieldType = FieldType::Decimal;

    fn from_value(value: Option<&Value>) -> std::result::Result<Self, ConversionError> {
        i64::from_value(value).map(Self)
    }

    fn into_value(self) -> Option<Value> {
        self.0.into_value()
    }
}

fn one(value: impl BindValue) {
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue = :value", value);
}

fn many<T>(values: &[T])
where
    for<'a> &'a [T]: circuit_core::BindList,
{
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue IN :values", values);
}

fn main() -> Result<()> {
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue > :size", size = 5);
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue > :size", size = 5_usize);
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue > :size", size = None::<i64>);
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue > :size", size = &Some(5_i64));
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue > :size", size = Money(5));
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue > :size", size = Value::from("5"));
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue IN :sizes", sizes = vec![Value::Null]);
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue IN :sizes", sizes = BTreeSet::from([1]));
    let id: RecordId = "003D000000IRFma".parse()?;
    let _ = soql!("SELECT Id FROM Contact WHERE AccountId = :id OR Name = :id", id = &id);
    let _ = soql!("SELECT Id FROM Contact WHERE AccountId IN :ids", ids = HashSet::from([id]));
    let _ = soql!("SELECT Id FROM Contact WHERE AccountId IN :ids", ids = &["003D000000IRFma"][..]);
    let _ = soql!("SELECT Id FROM Contact WHERE Email LIKE :one OR Email LIKE :many", one = "a%", many = ["b%"]);
    let _ = soql!("SELECT Id FROM Contact WHERE Email IN (:a, 'b')", a = Some("x").map(str::to_owned).as_ref());
    let made = soql!("SELECT Id FROM Contact WHERE Email = :made", made = String::from("x").as_str());
    assert!(made.bind("made").is_some());
    one(5);
    many(&[5]);
    let _ = "x".into_bind();
    Ok(())
}
