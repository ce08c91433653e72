//! Generated code keeps to the strictest lints; clippy reads this file too.

#![deny(warnings, missing_docs, unsafe_code, clippy::pedantic)]

use circuit_core::prelude::*;
use circuit_core::{Registry, TriggerEvent};

/// A contact.
#[derive(SObject, Debug, Clone, Default)]
#[sobject("Contact")]
pub struct Contact {
    /// The id.
    pub id: Option<RecordId>,
    /// The e-mail address.
    #[sobject(unique, length = 80)]
    pub email: Option<String>,
    /// The score.
    #[sobject("vlpr_score__c", default = 0)]
    pub score: Option<i64>,
    /// The company's name.
    pub company_name: Option<Text>,
    /// The rest.
    #[sobject(flatten)]
    pub other: FieldMap,
}

/// Lower-cases e-mail addresses.
#[trigger("Contact", beforeInsert, beforeUpdate)]
async fn normalise(ctx: &mut TriggerContext<'_, Contact>) -> Result<()> {
    for contact in ctx.new_records_mut() {
        if let Some(email) = &mut contact.email {
            *email = email.trim().to_lowercase();
        }
    }
    Ok(())
}

/// Watches scores.
#[trigger("Contact", afterUpdate, order = -1, name = "watch_scores", once_per_record,
    disabled_by = "IMPORT", when = changed("vlpr_score__c") && !was("email", null))]
fn watch(ctx: &TriggerContext<'_, Contact>) -> Result<()> {
    for (new, old) in ctx.changes() {
        if new.score < old.score {
            new.add_error("a score does not fall");
        }
    }
    Ok(())
}

/// Reads the contacts of an owner.
#[trigger("Contact", afterInsert, name = "colleagues")]
async fn colleagues(ctx: &TriggerContext<'_, Contact>) -> Result<()> {
    let (ids, owner) = (ctx.ids(), "005D000000000001");
    let found = ctx.query::<Contact>(soql!(
        "SELECT Id, Email, vlpr_score__c FROM Contact WHERE OwnerId = :owner AND Id NOT IN :ids",
        owner,
        ids = &ids,
    ));
    ctx.log().info("read").with("count", found.await?.len());
    Ok(())
}

/// A query that is kept.
#[must_use]
pub fn kept() -> impl circuit_core::IntoQuery<Record> {
    soql!("SELECT Id FROM vlpr_thing__c LIMIT 1")
}

/// Handlers as methods.
#[derive(Debug)]
pub struct Guards;

#[triggers]
impl Guards {
    /// Keeps contacts with a score.
    #[trigger("Contact", beforeDelete)]
    async fn keep(&self, ctx: &TriggerContext<'_, Contact>) -> Result<()> {
        for contact in ctx.old_records().iter().filter(|contact| contact.score.is_some()) {
            contact.add_error("it has a score");
        }
        Ok(())
    }
}

#[test]
fn every_handler_is_registered_with_what_it_says() {
    let registry = Registry::from_inventory();
    let found: Vec<_> = registry
        .registrations()
        .iter()
        .map(|r| (r.name().as_str(), r.order(), r.events().len(), r.source().package))
        .collect();
    assert_eq!(
        found,
        [
            ("watch_scores", Some(-1), 1, "circuit-macros"),
            ("colleagues", None, 1, "circuit-macros"),
            ("keep", None, 1, "circuit-macros"),
            ("normalise", None, 2, "circuit-macros"),
        ]
    );
    let watch = &registry.registrations()[0];
    assert_eq!(watch.disabled_by(), Some(&Text::from("IMPORT")));
    assert!(watch.is_once_per_record());
    assert_eq!(
        watch.when().unwrap().to_string(),
        r#"changed("vlpr_score__c") && !(was("email", null))"#
    );
    assert_eq!(watch.events(), [TriggerEvent::AfterUpdate]);
}

#[test]
fn the_schema_says_what_the_struct_says() {
    let schema = Contact::schema();
    assert_eq!(Contact::OBJECT_NAME, "Contact");
    assert_eq!(Contact::COMPANY_NAME.name(), "companyName");
    assert!(schema.check().is_ok());
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["email", "vlpr_score__c", "companyName"]);
    assert_eq!(schema.field("email").unwrap().length(), Some(80));
}
