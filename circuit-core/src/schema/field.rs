//! The schema of one field.

use serde::{Deserialize, Serialize, Serializer};

use crate::value::{FieldType, Text, Value};

/// What one field may hold.
///
/// # Examples
/// ```
/// use circuit_core::{FieldSchema, FieldType};
///
/// let email = FieldSchema::new("Email", FieldType::Text).required().unique().with_length(80);
/// assert_eq!(email.length(), Some(80));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is one word of a schema, set by name")]
pub struct FieldSchema {
    name: Text,
    #[serde(rename = "type")]
    field_type: FieldType,
    #[serde(default, skip_serializing_if = "is_false")]
    required: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    unique: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    external_id: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    indexed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "default_value")]
    #[serde(deserialize_with = "read_default")]
    default: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    picklist: Vec<Text>,
    #[serde(default, skip_serializing_if = "is_false")]
    restricted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<Reference>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::ref_option, reason = "serde hands a reference to the field")]
fn default_value<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    value.serialize(serializer)
}

fn read_default<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<Value>, D::Error> {
    use serde::de::DeserializeSeed;

    crate::value::ValueSeed { inexact: None }.deserialize(input).map(Some)
}

/// What a field refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// The object that the id names.
    pub object: Text,
    /// What happens here when the record referred to is deleted.
    pub on_delete: OnDelete,
    /// Further objects that the id can name: the reference is polymorphic then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Text>,
    /// The name of the way to the parent in queries; see [`FieldSchema::relationship`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<Text>,
    /// The name of the way back in queries; see [`FieldSchema::children`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub children: Option<Text>,
}

impl Reference {
    /// Returns every object that the id can name.
    pub fn objects(&self) -> Vec<Text> {
        std::iter::once(&self.object).chain(&self.also).cloned().collect()
    }
}

/// What happens to a record when the one that it refers to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnDelete {
    /// A lookup: the field becomes null.
    #[default]
    Clear,
    /// Master and detail: the record is deleted too; its triggers do not run.
    Cascade,
    /// The delete is refused.
    Restrict,
}

impl FieldSchema {
    /// Declares a field of a type; everything else is off.
    pub fn new(name: impl Into<Text>, field_type: FieldType) -> Self {
        Self {
            name: name.into(),
            field_type,
            required: false,
            unique: false,
            external_id: false,
            indexed: false,
            length: None,
            default: None,
            picklist: Vec::new(),
            restricted: false,
            reference: None,
        }
    }

    /// Refuses records in which the field is null or absent.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Refuses a value that another record has; text counts without regard to case.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Lets records be upserted by this field: another system's id. As in Salesforce, it is unique
    /// only if it says so too.
    #[must_use]
    pub fn external_id(mut self) -> Self {
        self.external_id = true;
        self
    }

    /// Asks stores to keep an index of the field, so that queries by its value look at few records.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    /// Refuses text of more characters.
    #[must_use]
    pub fn with_length(mut self, characters: usize) -> Self {
        self.length = Some(characters);
        self
    }

    /// Sets the value that an inserted record gets where it says nothing about the field.
    #[must_use]
    pub fn with_default(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// Sets the values that a form offers; others are let in unless [`restricted`](Self::restricted).
    #[must_use]
    pub fn with_picklist<T: Into<Text>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.picklist = values.into_iter().map(Into::into).collect();
        self
    }

    /// Refuses values that are not in the picklist.
    #[must_use]
    pub fn restricted(mut self) -> Self {
        self.restricted = true;
        self
    }

    /// Declares that the id names a record of the object.
    #[must_use]
    pub fn with_reference(mut self, object: impl Into<Text>, on_delete: OnDelete) -> Self {
        let (also, relationship, children) = (Vec::new(), None, None);
        let object = object.into();
        self.reference = Some(Reference { object, on_delete, also, relationship, children });
        self
    }

    /// Lets a declared reference name records of another object too.
    #[must_use]
    pub fn or_reference(mut self, object: impl Into<Text>) -> Self {
        if let Some(reference) = &mut self.reference {
            reference.also.push(object.into());
        }
        self
    }

    /// Names a declared reference in queries: the way to the parent, and the way back.
    #[must_use]
    pub fn with_relationship(mut self, parent: impl Into<Text>, children: impl Into<Text>) -> Self {
        if let Some(reference) = &mut self.reference {
            (reference.relationship, reference.children) =
                (Some(parent.into()), Some(children.into()));
        }
        self
    }

    /// Returns the field's name.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Returns the declared type.
    pub fn field_type(&self) -> FieldType {
        self.field_type
    }

    /// Returns whether null and absent are refused.
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Returns whether no two records may have the same value.
    pub fn is_unique(&self) -> bool {
        self.unique
    }

    /// Returns whether the field is another system's id.
    pub fn is_external_id(&self) -> bool {
        self.external_id
    }

    /// Returns whether stores keep an index of the field: it was asked for, or the field is unique, an
    /// external id or a reference.
    pub fn is_indexed(&self) -> bool {
        self.indexed || self.unique || self.external_id || self.reference.is_some()
    }

    /// Returns the most characters that a text may have.
    pub fn length(&self) -> Option<usize> {
        self.length
    }

    /// Returns the value of a field that an inserted record says nothing about.
    pub fn default(&self) -> Option<&Value> {
        self.default.as_ref()
    }

    /// Returns the picklist's values.
    pub fn picklist(&self) -> &[Text] {
        &self.picklist
    }

    /// Returns whether values outside the picklist are refused.
    pub fn is_restricted(&self) -> bool {
        self.restricted
    }

    /// Returns what the field refers to.
    pub fn reference(&self) -> Option<&Reference> {
        self.reference.as_ref()
    }

    /// Returns the name under which queries reach the record referred to.
    ///
    /// As in Salesforce, `AccountId` leads to `Account` and `Invoice__c` to `Invoice__r`, unless the
    /// reference has a name of its own.
    ///
    /// # Examples
    /// ```
    /// use circuit_core::{FieldSchema, FieldType, OnDelete};
    ///
    /// let account = FieldSchema::new("AccountId", FieldType::Id).with_reference("Account", OnDelete::Clear);
    /// assert_eq!(account.relationship().unwrap(), "Account");
    /// assert_eq!(account.children("Contact").unwrap(), "Contacts");
    /// ```
    pub fn relationship(&self) -> Option<Text> {
        let reference = self.reference.as_ref()?;
        reference.relationship.clone().or_else(|| relationship_of(&self.name))
    }

    /// Returns the name under which queries reach the records of `object`, which has this field,
    /// from the record referred to: the object's name in the plural, unless the reference says
    /// otherwise.
    pub fn children(&self, object: &str) -> Option<Text> {
        let reference = self.reference.as_ref()?;
        Some(reference.children.clone().unwrap_or_else(|| plural(object)))
    }
}

fn relationship_of(field: &str) -> Option<Text> {
    let cut = |end: &str| {
        let at = field.len().checked_sub(end.len()).filter(|at| *at > 0)?;
        field.is_char_boundary(at).then_some(())?;
        field[at..].eq_ignore_ascii_case(end).then(|| &field[..at])
    };
    cut("__c").map(|name| format!("{name}__r").into()).or_else(|| cut("Id").map(Text::from))
}

/// `Opportunity` -> `Opportunities`, `Invoice__c` -> `Invoices__r`.
fn plural(object: &str) -> Text {
    if let Some(name) = object.strip_suffix("__c") {
        return format!("{}__r", plural(name)).into();
    }
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    match object.strip_suffix('y') {
        Some(stem) if !stem.ends_with(vowel) => format!("{stem}ies").into(),
        _ if object.ends_with(['s', 'x', 'z']) || object.ends_with("ch") => {
            format!("{object}es").into()
        }
        _ => format!("{object}s").into(),
    }
}
