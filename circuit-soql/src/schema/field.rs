//! One field of an object.

/// One row per kind: the variant, its name in messages, and whether records can be filtered, sorted
/// and grouped by it and whether it can be aggregated (Salesforce's table of field types).
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $flags:literal;)+) => {
        /// What a field holds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FieldKind {$(
            $(#[doc = $doc])+
            $variant,
        )+}

        impl FieldKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the kind's name in messages, such as `date-time`.
            pub fn name(self) -> &'static str {
                match self {$(Self::$variant => $name,)+}
            }

            /// `f`, `s`, `g` and `a`: filterable, sortable, groupable, aggregatable.
            fn flags(self) -> &'static str {
                match self {$(Self::$variant => $flags,)+}
            }
        }
    };
}

kinds! {
    /// True or false.
    Boolean "boolean" "fsg";
    /// A whole number.
    Integer "integer" "fsga";
    /// A number with a fraction.
    Decimal "number" "fsga";
    /// An amount of money.
    Currency "currency" "fsga";
    /// Text of one line: e-mail addresses, phone numbers and URLs too.
    Text "text" "fsga";
    /// Text of any length.
    LongText "long text" "";
    /// Text that no filter can read.
    Encrypted "encrypted text" "";
    /// One value of a list.
    Picklist "picklist" "fsga";
    /// Several values of a list.
    MultiPicklist "multi-picklist" "f";
    /// A day.
    Date "date" "fsga";
    /// A moment.
    DateTime "date-time" "fsa";
    /// A time of day.
    Time "time" "fs";
    /// The record's own id.
    Id "id" "fsga";
    /// The id of another record.
    Reference "reference" "fsga";
    /// A place on earth.
    Location "location" "";
    /// A postal address, as a whole.
    Address "address" "";
    /// Bytes.
    Binary "binary" "";
    /// A JSON array or object.
    Json "JSON field" "";
    /// A value of any kind.
    Any "any value" "fsga";
}

impl FieldKind {
    /// Returns the name with its article: `an id`.
    pub(crate) fn article(self) -> String {
        let name = self.name();
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {name}")
    }

    /// Returns whether values are numbers.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Currency)
    }

    /// Returns whether values are text of one line.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Picklist)
    }

    /// Returns whether values are ids.
    pub fn is_id(self) -> bool {
        matches!(self, Self::Id | Self::Reference)
    }

    /// Returns whether values are days or moments.
    pub fn is_day(self) -> bool {
        matches!(self, Self::Date | Self::DateTime)
    }
}

/// One field of an object.
///
/// # Examples
/// ```
/// use circuit_soql::schema::{Field, FieldKind};
///
/// let owner = Field::to("OwnerId", ["User", "Group"], "Owner");
/// assert!(owner.is_polymorphic() && owner.groupable);
/// assert!(!Field::new("Description", FieldKind::LongText).filterable);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one word of Salesforce's describe call")]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// The name of the relationship to the record whose id it holds.
    pub relationship: Option<String>,
    /// The name by which the record that it refers to calls the records that refer to it, where
    /// the object does not list its [`children`](super::Object::children) itself.
    pub children: Option<String>,
    /// The objects whose ids it holds; several where it is polymorphic.
    pub references: Vec<String>,
    /// Whether it may stand in `WHERE`.
    pub filterable: bool,
    /// Whether it may stand in `GROUP BY`.
    pub groupable: bool,
    /// Whether it may stand in `ORDER BY`.
    pub sortable: bool,
    /// Whether aggregate functions take it.
    pub aggregatable: bool,
    /// Whether it can be null.
    pub nillable: bool,
    /// Whether the customer made it.
    pub custom: bool,
    /// Whether its value is calculated.
    pub calculated: bool,
    /// The values that its list offers.
    pub picklist: Vec<String>,
}

impl Field {
    /// Creates a field that can do what its kind can; one whose name ends with `__c` is custom.
    pub fn new(name: impl Into<String>, kind: FieldKind) -> Self {
        let name = name.into();
        let can = |flag| kind.flags().contains(flag);
        Self {
            custom: name.ends_with("__c"),
            name,
            kind,
            relationship: None,
            children: None,
            references: Vec::new(),
            filterable: can('f'),
            groupable: can('g'),
            sortable: can('s'),
            aggregatable: can('a'),
            nillable: true,
            calculated: false,
            picklist: Vec::new(),
        }
    }

    /// Creates a reference to records of these objects, by a relationship.
    pub fn to<T: Into<String>>(
        name: impl Into<String>,
        objects: impl IntoIterator<Item = T>,
        relationship: impl Into<String>,
    ) -> Self {
        Self {
            relationship: Some(relationship.into()),
            references: objects.into_iter().map(Into::into).collect(),
            ..Self::new(name, FieldKind::Reference)
        }
    }

    /// Returns whether the relationship leads to records of several objects.
    pub fn is_polymorphic(&self) -> bool {
        self.references.len() > 1
    }
}
