//! Reads objects from files: the answer of Salesforce's describe call, and Circuit's own schemas.

use std::fmt;

use serde_json::Value;

use super::{ChildRelationship, Field, FieldKind, IdForm, Object};

/// What is wrong with the description of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeError(String);

impl fmt::Display for DescribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DescribeError {}

const WANTED: &str = "expected the answer of Salesforce's describe call (`sf sobject describe \
                      --sobject Contact`) or the JSON of an `ObjectSchema`";

/// Longer text areas are long text, which nothing can be filtered by.
const LONGEST_TEXT: u64 = 255;

/// Reads one object: what Salesforce's describe call answers, with or without the envelope of its
/// command line, or the JSON of Circuit's `ObjectSchema`.
///
/// # Errors
/// [`DescribeError`] that says what the text is instead, or which part of it is wrong.
///
/// # Examples
/// ```
/// use circuit_soql::schema::describe::read;
///
/// let contact = read(r#"{"object": "Contact", "fields": [{"name": "Email", "type": "text"}]}"#)?;
/// assert!(contact.field("email").is_some());
/// # Ok::<(), circuit_soql::schema::describe::DescribeError>(())
/// ```
pub fn read(json: &str) -> Result<Object, DescribeError> {
    let json: Value = serde_json::from_str(json)
        .map_err(|error| DescribeError(format!("the text is no JSON: {error}")))?;
    let json = json.get("result").unwrap_or(&json);
    if let Some(message) = json.get(0).and_then(|row| row.get("message")).and_then(Value::as_str) {
        return Err(DescribeError(format!("this is an error, not an object: {message}")));
    }
    if json.get("sobjects").is_some() {
        let message = "this is the list of all objects: describe each one by itself";
        return Err(DescribeError(message.to_owned()));
    }
    let Some(fields) = json.get("fields").and_then(Value::as_array) else {
        return Err(DescribeError(WANTED.to_owned()));
    };
    if let Some(name) = text(json, "object") {
        own(&name, fields)
    } else if let Some(name) = text(json, "name") {
        described(&name, json, fields)
    } else {
        Err(DescribeError(WANTED.to_owned()))
    }
}

/// Reads Salesforce's description.
fn described(name: &str, json: &Value, fields: &[Value]) -> Result<Object, DescribeError> {
    let mut object = Object { fields: Vec::new(), ..Object::new(name) };
    object.label = text(json, "label");
    for (i, field) in fields.iter().enumerate() {
        let (Some(name), Some(kind)) = (text(field, "name"), text(field, "type")) else {
            return Err(DescribeError(format!("field {i} of {name} has no name or no type")));
        };
        let mut read = Field::new(name, kind_of(&kind, field));
        read.relationship = text(field, "relationshipName");
        read.references = texts(field.get("referenceTo"));
        read.picklist = list(field.get("picklistValues"))
            .iter()
            .filter(|value| value.get("active") != Some(&Value::Bool(false)))
            .filter_map(|value| text(value, "value"))
            .collect();
        let flags = [
            ("filterable", &mut read.filterable),
            ("groupable", &mut read.groupable),
            ("sortable", &mut read.sortable),
            ("aggregatable", &mut read.aggregatable),
            ("nillable", &mut read.nillable),
            ("custom", &mut read.custom),
            ("calculated", &mut read.calculated),
        ];
        for (name, flag) in flags {
            if let Some(value) = field.get(name).and_then(Value::as_bool) {
                *flag = value;
            }
        }
        object.fields.push(read);
    }
    for child in list(json.get("childRelationships")) {
        // Some relationships have no name: they lead from the child to the parent only.
        if let (Some(name), Some(object_name), Some(field)) =
            (text(child, "relationshipName"), text(child, "childSObject"), text(child, "field"))
        {
            object.children.push(ChildRelationship { name, object: object_name, field });
        }
    }
    Ok(object)
}

/// Salesforce's types of fields; one that is not known yet may be anything.
fn kind_of(name: &str, field: &Value) -> FieldKind {
    let long = field.get("length").and_then(Value::as_u64).is_some_and(|n| n > LONGEST_TEXT);
    match name {
        "boolean" => FieldKind::Boolean,
        "int" | "long" => FieldKind::Integer,
        "double" | "percent" => FieldKind::Decimal,
        "currency" => FieldKind::Currency,
        "textarea" if long => FieldKind::LongText,
        "string" | "textarea" | "email" | "phone" | "url" => FieldKind::Text,
        "encryptedstring" => FieldKind::Encrypted,
        "picklist" | "combobox" => FieldKind::Picklist,
        "multipicklist" => FieldKind::MultiPicklist,
        "date" => FieldKind::Date,
        "datetime" => FieldKind::DateTime,
        "time" => FieldKind::Time,
        "id" => FieldKind::Id,
        "reference" => FieldKind::Reference,
        "location" => FieldKind::Location,
        "address" => FieldKind::Address,
        "base64" => FieldKind::Binary,
        "json" => FieldKind::Json,
        _ => FieldKind::Any,
    }
}

/// Reads Circuit's own schema.
fn own(object_name: &str, fields: &[Value]) -> Result<Object, DescribeError> {
    let mut object = Object { ids: IdForm::Any, ..Object::new(object_name) };
    for (i, field) in fields.iter().enumerate() {
        let (Some(name), Some(kind)) = (text(field, "name"), text(field, "type")) else {
            let message = format!("field {i} of {object_name} has no name or no type");
            return Err(DescribeError(message));
        };
        let Some(kind) = own_kind(&kind, field) else {
            let message = format!("field `{name}` of {object_name} has the unknown type `{kind}`");
            return Err(DescribeError(message));
        };
        let mut read = Field::new(name, kind);
        read.picklist = texts(field.get("picklist"));
        read.nillable = field.get("required") != Some(&Value::Bool(true));
        if let Some(reference) = field.get("reference").filter(|value| value.is_object()) {
            let relationship = text(reference, "relationship");
            read.relationship = relationship.or_else(|| relationship_of(&read.name));
            let children = text(reference, "children");
            read.children = Some(children.unwrap_or_else(|| plural(object_name)));
            read.references = text(reference, "object").into_iter().collect();
            read.references.extend(texts(reference.get("also")));
        }
        object.fields.push(read);
    }
    Ok(object)
}

/// The types of `FieldType`.
fn own_kind(name: &str, field: &Value) -> Option<FieldKind> {
    let has = |name| field.get(name).is_some_and(|value| !value.is_null());
    Some(match name {
        "any" => FieldKind::Any,
        "boolean" => FieldKind::Boolean,
        "integer" => FieldKind::Integer,
        "decimal" => FieldKind::Decimal,
        "text" if has("picklist") => FieldKind::Picklist,
        "text" => FieldKind::Text,
        "date" => FieldKind::Date,
        "dateTime" => FieldKind::DateTime,
        "time" => FieldKind::Time,
        "id" if has("reference") => FieldKind::Reference,
        "id" => FieldKind::Id,
        "multiPicklist" => FieldKind::MultiPicklist,
        "json" => FieldKind::Json,
        _ => return None,
    })
}

/// `AccountId` leads by `Account`, `Project__c` by `Project__r`.
fn relationship_of(field: &str) -> Option<String> {
    let cut = |end: &str| {
        let lead = field.len().checked_sub(end.len())?;
        let fits = lead > 0 && field.get(lead..)?.eq_ignore_ascii_case(end);
        fits.then(|| &field[..lead])
    };
    cut("__c").map(|name| format!("{name}__r")).or_else(|| cut("Id").map(str::to_owned))
}

/// `Opportunity` has the children `Opportunities`, `Invoice__c` has `Invoices__r`.
fn plural(object: &str) -> String {
    if let Some(name) = object.strip_suffix("__c") {
        return format!("{}__r", plural(name));
    }
    match object.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if object.ends_with(['s', 'x', 'z']) || object.ends_with("ch") => format!("{object}es"),
        _ => format!("{object}s"),
    }
}

fn text(json: &Value, name: &str) -> Option<String> {
    json.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn list(json: Option<&Value>) -> &[Value] {
    json.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn texts(json: Option<&Value>) -> Vec<String> {
    list(json).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_describe_answer_is_read() {
        let object = read(
            r#"{"status": 0, "result": {"name": "Contact", "label": "Contact",
            "fields": [
                {"name": "Id", "type": "id", "nillable": false},
                {"name": "Description", "type": "textarea", "length": 32000, "filterable": false},
                {"name": "OwnerId", "type": "reference", "relationshipName": "Owner",
                 "referenceTo": ["User", "Group"], "groupable": true},
                {"name": "Level__c", "type": "picklist", "custom": true, "picklistValues": [
                    {"value": "High", "active": true}, {"value": "Old", "active": false}]}],
            "childRelationships": [
                {"childSObject": "Case", "field": "ContactId", "relationshipName": "Cases"},
                {"childSObject": "Other", "field": "X", "relationshipName": null}]}}"#,
        )
        .unwrap();
        assert_eq!(object.label.as_deref(), Some("Contact"));
        assert_eq!(object.field("description").unwrap().kind, FieldKind::LongText);
        assert!(object.parent("Owner").unwrap().is_polymorphic());
        assert_eq!(object.field("Level__c").unwrap().picklist, ["High"]);
        assert_eq!(object.child("cases").unwrap().object, "Case");
        assert_eq!((object.children.len(), object.ids), (1, IdForm::Salesforce));
    }

    #[test]
    fn an_own_schema_is_read() {
        let object = read(
            r#"{"object": "Contact", "fields": [
                {"name": "Email", "type": "text", "required": true},
                {"name": "AccountId", "type": "id", "reference":
                    {"object": "Account", "onDelete": "clear", "children": "Contacts"}},
                {"name": "Project__c", "type": "id", "reference":
                    {"object": "Project__c", "onDelete": "clear", "also": ["Task"]}}]}"#,
        )
        .unwrap();
        assert_eq!(object.field("id").unwrap().kind, FieldKind::Id);
        assert!(!object.field("Email").unwrap().nillable);
        assert_eq!(object.parent("Account").unwrap().name, "AccountId");
        assert!(object.parent("Project__r").unwrap().is_polymorphic());
        let children: Vec<_> = object.children_of("account").collect();
        assert_eq!(children[0].name, "Contacts");
        assert_eq!(plural("Milestone__c"), "Milestones__r");
        assert_eq!(plural("Opportunity"), "Opportunities");
        assert_eq!(object.ids, IdForm::Any);
    }

    #[test]
    fn a_wrong_file_says_what_it_is() {
        let of = |json| read(json).unwrap_err().to_string();
        assert!(of("{").starts_with("the text is no JSON: "));
        assert!(of(r#"{"sobjects": []}"#).contains("list of all objects"));
        assert!(of(r#"[{"message": "Session expired", "errorCode": "X"}]"#).contains("Session"));
        assert_eq!(of("{}"), WANTED);
        assert_eq!(
            of(r#"{"object": "A", "fields": [{"name": "b", "type": "float"}]}"#),
            "field `b` of A has the unknown type `float`"
        );
    }
}
