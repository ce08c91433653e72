//! Which fields the next record will have.

use std::sync::Arc;

use crate::record::Shape;
use crate::value::Text;

/// The shape of the last records; the next one's values go straight into its slots.
#[derive(Debug, Clone, Default)]
pub(super) struct Guess {
    shape: Option<Arc<Shape>>,
    /// Whether the last record had few of the fields.
    missed: bool,
}

impl Guess {
    /// Returns the shape to start with.
    pub(super) fn shape(&self, object: Option<&Text>) -> Arc<Shape> {
        let first = || Shape::of(object.map_or("", Text::as_str));
        self.shape.clone().unwrap_or_else(first)
    }

    /// Takes the shape of the record that was read as the next guess.
    ///
    /// One record with few of the fields may be an exception; the second in a row is none.
    pub(super) fn learn(&mut self, read: &Arc<Shape>) {
        let few = match &self.shape {
            Some(shape) if Arc::ptr_eq(shape, read) => {
                self.missed = false;
                return;
            }
            Some(shape) => {
                shape.object() == read.object() && read.names().len() < shape.names().len()
            }
            None => false,
        };
        self.missed = few && !self.missed;
        if !self.missed {
            self.shape = Some(Arc::clone(read));
        }
    }
}
