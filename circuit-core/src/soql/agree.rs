//! Whether a query selects what a struct names, told while compiling.

use super::{Selected, SelectedField, SelectedFields, Spot, Under};
use crate::record::{Holds, StructField, StructFields};

/// Stops the compiler where the query selects what the struct has no room for, or leaves out fields
/// without which it cannot be read. The id comes with every record.
#[track_caller]
pub(super) const fn agree(known: Option<&StructFields>, selected: &Selected) {
    compare_all(known, selected, "Id");
}

/// As [`agree`], for rows of groups: they have no id but the one that is selected.
#[track_caller]
pub(super) const fn agree_columns(known: Option<&StructFields>, selected: &Selected) {
    compare_all(known, selected, "");
}

#[track_caller]
const fn compare_all(known: Option<&StructFields>, selected: &Selected, given: &str) {
    let mut message = Message { bytes: [0; LONGEST], len: 0, full: false, query: *selected };
    if let Some(known) = known {
        compare(&mut message, known, &selected.fields, given);
    }
    assert!(message.len == 0, "{}", message.text());
}

/// Compares what is selected of one object with the struct for it.
const fn compare(
    message: &mut Message,
    known: &StructFields,
    selected: &SelectedFields,
    given: &str,
) {
    let mut i = 0;
    while i < selected.fields.len() {
        let field = &selected.fields[i];
        match find(known, field.name) {
            Some(held) => fit(message, known, selected, field, held.holds, given),
            None if known.open => {}
            None => {
                let lead = ["the query selects `", selected.lead, field.name];
                message.add(&lead, &["`, which `", known.name, "` lacks"], field.at);
            }
        }
        i += 1;
    }
    let mut i = 0;
    while i < known.fields.len() && selected.complete {
        let field = &known.fields[i];
        if field.required && !has(selected.fields, field.name, given) {
            let lead = ["the query does not select `", selected.lead, field.name];
            let why = ["`, which `", known.name, "` needs: its type is no `Option`"];
            message.add(&lead, &why, selected.at);
        }
        i += 1;
    }
}

/// Compares what is selected of a field or a relationship with what the struct holds there.
const fn fit(
    message: &mut Message,
    known: &StructFields,
    selected: &SelectedFields,
    field: &SelectedField,
    holds: Holds,
    given: &str,
) {
    let (what, needs) = match (field.under, holds) {
        (Under::Parent(under), Holds::Parent(Some(known)))
        | (Under::Children(under), Holds::Children(Some(known))) => {
            return compare(message, known, under, given);
        }
        (_, Holds::Any)
        | (Under::Value, Holds::Value)
        | (Under::Parent(_), Holds::Parent(None))
        | (Under::Children(_), Holds::Children(None)) => return,
        (Under::Value, _) => ("field", "a field without `#[sobject(related)]`"),
        (Under::Parent(_), _) => ("parent", "an `Option` marked `#[sobject(related)]`"),
        (Under::Children(_), _) => ("children", "a `Vec` marked `#[sobject(related)]`"),
    };
    let lead = ["the query selects the ", what, " `", selected.lead, field.name];
    message.add(&lead, &["`, for which `", known.name, "` needs ", needs], field.at);
}

const fn find(known: &StructFields, name: &str) -> Option<&'static StructField> {
    let mut i = 0;
    while i < known.fields.len() {
        if known.fields[i].name.eq_ignore_ascii_case(name) {
            return Some(&known.fields[i]);
        }
        i += 1;
    }
    None
}

const fn has(fields: &[SelectedField], name: &str, given: &str) -> bool {
    let mut found = name.eq_ignore_ascii_case(given);
    let mut i = 0;
    while i < fields.len() {
        found = found || fields[i].name.eq_ignore_ascii_case(name);
        i += 1;
    }
    found
}

const LONGEST: usize = 4_000;

/// Text put together while compiling: the mistakes, each with its place in the file and in the query.
struct Message {
    bytes: [u8; LONGEST],
    len: usize,
    full: bool,
    query: Selected,
}

impl Message {
    /// Adds one mistake, where there is room for all of it.
    const fn add(&mut self, what: &[&str], why: &[&str], at: Spot) {
        let before = self.len;
        if before > 0 {
            self.put("\n");
        }
        self.put_all(what);
        self.put_all(why);
        let [file, line] = self.query.place;
        let place = if at.place.is_empty() { line } else { at.place };
        self.put_all(&["\n --> ", file, ":", place, "\n"]);
        self.quote(at);
        if self.full {
            self.len = before;
        }
    }

    /// Adds the line of the query, and carets under the place.
    const fn quote(&mut self, at: Spot) {
        let text = self.query.text.as_bytes();
        let (mut start, mut end) = (at.start, at.start);
        while start > 0 && text[start - 1] != b'\n' {
            start -= 1;
        }
        while end < text.len() && text[end] != b'\n' && text[end] != b'\r' {
            end += 1;
        }
        self.put("  | ");
        self.put(self.query.text.split_at(end).0.split_at(start).1);
        self.put("\n  | ");
        let mut i = start;
        while i < at.end && i < end {
            // Of a letter of several bytes, the first counts.
            if text[i] & 0xC0 != 0x80 {
                self.put(if i < at.start { " " } else { "^" });
            }
            i += 1;
        }
    }

    const fn put_all(&mut self, parts: &[&str]) {
        let mut i = 0;
        while i < parts.len() {
            self.put(parts[i]);
            i += 1;
        }
    }

    const fn put(&mut self, part: &str) {
        let part = part.as_bytes();
        self.full = self.full || part.len() > LONGEST - self.len;
        let mut i = 0;
        while i < part.len() && !self.full {
            self.bytes[self.len] = part[i];
            self.len += 1;
            i += 1;
        }
    }

    const fn text(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) if !text.is_empty() => text,
            _ => "the query and the struct have different fields",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn field(name: &'static str, required: bool, holds: Holds) -> StructField {
        StructField { name, required, holds }
    }

    const ACCOUNT: StructFields = StructFields {
        name: "Account",
        fields: &[field("Id", true, Holds::Value), field("Name", true, Holds::Value)],
        open: false,
    };

    const CONTACT: StructFields = StructFields {
        name: "Contact",
        fields: &[
            field("Id", true, Holds::Value),
            field("Email", true, Holds::Value),
            field("Phone", false, Holds::Value),
            field("Account", false, Holds::Parent(Some(&ACCOUNT))),
            field("Cases", false, Holds::Children(None)),
        ],
        open: false,
    };

    const TEXT: &str = "SELECT Email,\n  Fäx, Phone\nFROM Contact";

    fn spot(of: &str) -> Spot {
        let start = TEXT.find(of).unwrap();
        Spot { start, end: start + of.len(), place: "" }
    }

    fn value(name: &'static str) -> SelectedField {
        SelectedField { name, under: Under::Value, at: spot("Email") }
    }

    fn all(lead: &'static str, fields: Vec<SelectedField>) -> SelectedFields {
        SelectedFields { lead, fields: fields.leak(), complete: true, at: spot("Email") }
    }

    /// Returns the message, each mistake without its place.
    fn told(known: StructFields, fields: Vec<SelectedField>) -> Vec<String> {
        let whole = whole(known, fields, agree);
        let lines = whole.lines().filter(|line| !line.starts_with(' '));
        lines.map(str::to_owned).collect()
    }

    fn whole(
        known: StructFields,
        fields: Vec<SelectedField>,
        agree: fn(Option<&StructFields>, &Selected),
    ) -> String {
        let selected = Selected { text: TEXT, place: ["lib.rs", "5"], fields: all("", fields) };
        let check = move || agree(Some(&known), &selected);
        let panic = std::panic::catch_unwind(check).err();
        panic.map_or(String::new(), |panic| *panic.downcast::<String>().unwrap())
    }

    #[test]
    fn every_difference_is_named() {
        assert!(told(CONTACT, vec![value("email")]).is_empty());
        assert_eq!(
            told(CONTACT, vec![value("Fax"), value("Phone")]),
            [
                "the query selects `Fax`, which `Contact` lacks",
                "the query does not select `Email`, which `Contact` needs: its type is no `Option`",
            ]
        );
    }

    #[test]
    fn a_mistake_is_shown_in_the_line_of_the_query() {
        let at = Spot { place: "7:3", ..spot("Fäx") };
        let fax = SelectedField { at, ..value("Fäx") };
        assert_eq!(
            whole(CONTACT, vec![value("Email"), fax], agree),
            "the query selects `Fäx`, which `Contact` lacks\n --> lib.rs:7:3\n  |   Fäx, Phone\n  |   ^^^"
        );
        let here = whole(CONTACT, vec![value("Email"), value("Fax")], agree);
        assert!(here.contains("\n --> lib.rs:5\n"), "{here}");
    }

    #[test]
    fn fields_of_parents_and_children_are_compared_too() {
        let parent = all("Account.", vec![value("Fax")]).leaked();
        let account = SelectedField { under: Under::Parent(parent), ..value("account") };
        assert_eq!(
            told(CONTACT, vec![value("Email"), account]),
            [
                "the query selects `Account.Fax`, which `Account` lacks",
                "the query does not select `Account.Name`, which `Account` needs: its type is no \
                 `Option`",
            ]
        );
        let cases = SelectedField { under: Under::Children(parent), ..value("Cases") };
        assert!(told(CONTACT, vec![value("Email"), cases]).is_empty(), "they take any");
    }

    #[test]
    fn a_relationship_needs_a_field_of_its_kind() {
        let inner = all("", vec![]).leaked();
        let under = |name, under| SelectedField { under, ..value(name) };
        assert_eq!(
            told(
                CONTACT,
                vec![
                    value("Email"),
                    under("Phone", Under::Parent(inner)),
                    under("Account", Under::Children(inner)),
                    value("Cases"),
                ]
            ),
            [
                "the query selects the parent `Phone`, for which `Contact` needs an `Option` \
                 marked `#[sobject(related)]`",
                "the query selects the children `Account`, for which `Contact` needs a `Vec` \
                 marked `#[sobject(related)]`",
                "the query selects the field `Cases`, for which `Contact` needs a field without \
                 `#[sobject(related)]`",
            ]
        );
    }

    #[test]
    fn rows_of_groups_have_no_id_by_themselves() {
        assert_eq!(whole(ACCOUNT, vec![value("Name")], agree), "");
        let message = whole(ACCOUNT, vec![value("Name")], agree_columns);
        assert!(message.starts_with("the query does not select `Id`"), "{message}");
    }

    #[test]
    fn a_struct_with_a_rest_has_room_for_all() {
        let open = StructFields { open: true, ..CONTACT };
        assert!(told(open, vec![value("Email"), value("Fax")]).is_empty());
    }

    #[test]
    fn a_long_message_ends_with_a_whole_mistake() {
        let many = (0..200).map(|_| value("Field")).collect();
        assert!(whole(CONTACT, many, agree).ends_with("SELECT Email,\n  |        ^^^^^"));
    }

    impl SelectedFields {
        fn leaked(self) -> &'static Self {
            Box::leak(Box::new(self))
        }
    }
}
