//! Whether a query selects what a struct names, told while compiling.

use super::{SelectedFields, StructFields};

/// Stops the compiler where the query selects fields that the struct has no room for, or leaves
/// out fields without which it cannot be read.
#[track_caller]
pub(super) const fn agree(name: &str, fields: Option<StructFields>, selected: SelectedFields) {
    let Some(known) = fields else {
        return;
    };
    let mut message = Message { bytes: [0; LONGEST], len: 0, more: false };
    if !known.open {
        let mut i = 0;
        while i < selected.fields.len() {
            if !names(known, selected.fields[i]) {
                message = message.add("the query selects `", selected.fields[i], name, "` lacks");
            }
            i += 1;
        }
    }
    let mut i = 0;
    while i < known.fields.len() && selected.complete {
        let field = known.fields[i];
        if field.required && !has(selected.fields, field.name) {
            message = message.add("the query does not select `", field.name, name, "` needs");
        }
        i += 1;
    }
    if message.len > 0 {
        message = message.put([" (", selected.place, ")", "", "", ""], LONGEST);
    }
    assert!(message.len == 0, "{}", message.text());
}

const fn names(known: StructFields, name: &str) -> bool {
    let mut i = 0;
    while i < known.fields.len() {
        if known.fields[i].name.eq_ignore_ascii_case(name) {
            return true;
        }
        i += 1;
    }
    false
}

/// The id comes with every record.
const fn has(fields: &[&str], name: &str) -> bool {
    let mut found = name.eq_ignore_ascii_case("Id");
    let mut i = 0;
    while i < fields.len() {
        found = found || fields[i].eq_ignore_ascii_case(name);
        i += 1;
    }
    found
}

const LONGEST: usize = 800;
/// What is left for the file and the line.
const PLACE: usize = 300;

/// Text put together while compiling.
struct Message {
    bytes: [u8; LONGEST],
    len: usize,
    more: bool,
}

impl Message {
    /// Adds one mistake, where there is room for all of it.
    const fn add(self, lead: &str, field: &str, name: &str, end: &str) -> Self {
        let comma = if self.more { "; " } else { "" };
        self.put([comma, lead, field, "`, which `", name, end], LONGEST - PLACE)
    }

    /// Adds text, where so many bytes have room for all of it.
    const fn put(self, parts: [&str; 6], most: usize) -> Self {
        let (mut bytes, mut len) = (self.bytes, self.len);
        let mut i = 0;
        while i < parts.len() {
            let part = parts[i].as_bytes();
            let mut j = 0;
            while j < part.len() {
                if len == most {
                    return self;
                }
                bytes[len] = part[j];
                len += 1;
                j += 1;
            }
            i += 1;
        }
        Self { bytes, len, more: true }
    }

    const fn text(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "the query and the struct have different fields",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::StructField;
    use super::*;

    const CONTACT: StructFields = StructFields {
        fields: &[
            StructField { name: "Id", required: true },
            StructField { name: "Email", required: true },
            StructField { name: "Phone", required: false },
        ],
        open: false,
    };

    fn told(fields: &'static [&'static str], known: StructFields) -> String {
        let selected = SelectedFields { fields, complete: true, place: "lib.rs:5" };
        let check = || agree("Contact", Some(known), selected);
        let panic = std::panic::catch_unwind(check).err();
        panic.map_or(String::new(), |panic| *panic.downcast::<String>().unwrap())
    }

    #[test]
    fn every_difference_is_named() {
        assert_eq!(told(&["email"], CONTACT), "");
        assert_eq!(
            told(&["Fax", "Phone"], CONTACT),
            "the query selects `Fax`, which `Contact` lacks; the query does not select `Email`, \
             which `Contact` needs (lib.rs:5)"
        );
    }

    #[test]
    fn a_struct_with_a_rest_has_room_for_all() {
        assert_eq!(told(&["Email", "Fax"], StructFields { open: true, ..CONTACT }), "");
    }

    #[test]
    fn a_long_message_ends_with_a_whole_mistake() {
        let many = &["Field"; 60];
        assert!(told(many, CONTACT).ends_with("which `Contact` lacks (lib.rs:5)"));
    }
}
