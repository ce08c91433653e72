//! Parents and children in structs.

use super::{Depth, FieldSpec, Layout, Record, RecordReader, RecordWriter, SObject, SlotCache};
use crate::error::Result;
use crate::value::Value;

/// What a `related` field of a struct can be: an `Option` of a record type for a parent, a `Vec` of
/// one for children. For generated code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a parent nor children",
    label = "neither a parent nor children",
    note = "a parent is `Option<T>` or `Option<Box<T>>`, children are `Vec<T>`, where `T` derives \
            `SObject` or is `Record`"
)]
pub trait Related: Sized {
    /// Whether it is children.
    const MANY: bool;

    /// What the record type has room for.
    type Layout<D: Depth>: Layout;

    /// Reads what a query found; `None` if it is something else. What the query did not ask for is
    /// no parent, and no children.
    ///
    /// # Errors
    /// Those of the record type.
    fn from_value(value: Option<&Value>) -> Result<Option<Self>>;
}

impl<T: SObject> Related for Option<T> {
    const MANY: bool = false;
    type Layout<D: Depth> = D::Layout<T>;

    fn from_value(value: Option<&Value>) -> Result<Option<Self>> {
        match value {
            None | Some(Value::Null) => Ok(Some(None)),
            Some(Value::Record(parent)) => parent.to().map(|parent| Some(Some(parent))),
            Some(_) => Ok(None),
        }
    }
}

/// A boxed record type is one too: a parent can be of the same type as its child.
impl<T: SObject> SObject for Box<T> {
    const OBJECT: Option<&'static str> = T::OBJECT;
    type Layout<D: Depth> = T::Layout<D>;

    fn fields() -> &'static [FieldSpec] {
        T::fields()
    }

    fn read(reader: &RecordReader<'_>) -> Result<Self> {
        T::read(reader).map(Self::new)
    }

    fn write(self, writer: &mut RecordWriter<'_>) {
        (*self).write(writer);
    }
}

impl<T: SObject> Related for Vec<T> {
    const MANY: bool = true;
    type Layout<D: Depth> = D::Layout<T>;

    fn from_value(value: Option<&Value>) -> Result<Option<Self>> {
        match value {
            None | Some(Value::Null) => Ok(Some(Self::new())),
            Some(Value::Records(children)) => {
                let mut cache = SlotCache::default();
                let read = |child: &Record| cache.read(child);
                children.iter().map(read).collect::<Result<_>>().map(Some)
            }
            Some(_) => Ok(None),
        }
    }
}
