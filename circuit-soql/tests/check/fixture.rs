//! The objects that the queries are checked against.

use circuit_soql::schema::{Field, FieldKind, Object, Schema};

fn object(name: &str, fields: &[(&str, FieldKind)]) -> Object {
    let standard = [
        ("Name", FieldKind::Text),
        ("CreatedDate", FieldKind::DateTime),
        ("LastModifiedDate", FieldKind::DateTime),
        ("IsDeleted", FieldKind::Boolean),
    ];
    let fields = standard.iter().chain(fields).map(|(name, kind)| Field::new(*name, *kind));
    fields.fold(Object::new(name), Object::with).with(Field::to("OwnerId", ["User"], "Owner"))
}

fn account() -> Object {
    object(
        "Account",
        &[
            ("Phone", FieldKind::Text),
            ("Industry", FieldKind::Picklist),
            ("Type", FieldKind::Picklist),
            ("Regions__c", FieldKind::MultiPicklist),
            ("Description", FieldKind::LongText),
            ("AnnualRevenue", FieldKind::Currency),
            ("NumberOfEmployees", FieldKind::Integer),
            ("BillingAddress", FieldKind::Address),
            ("BillingCity", FieldKind::Text),
            ("Location__c", FieldKind::Location),
            ("Secret__c", FieldKind::Encrypted),
            ("Active__c", FieldKind::Boolean),
            ("Founded__c", FieldKind::Date),
            ("Opens__c", FieldKind::Time),
            ("Config__c", FieldKind::Json),
        ],
    )
    .with(Field {
        calculated: true,
        groupable: false,
        ..Field::new("Rating__c", FieldKind::Decimal)
    })
    .with(Field::to("ParentId", ["Account"], "Parent"))
    .with_children("Contacts", "Contact", "AccountId")
    .with_children("Opportunities", "Opportunity", "AccountId")
    .with_children("Cases", "Case", "AccountId")
    .with_children("ChildAccounts", "Account", "ParentId")
    .with_children("Projects__r", "Project__c", "Account__c")
}

fn contact() -> Object {
    object(
        "Contact",
        &[
            ("FirstName", FieldKind::Text),
            ("LastName", FieldKind::Text),
            ("Email", FieldKind::Text),
            ("Birthdate", FieldKind::Date),
            ("LeadSource", FieldKind::Picklist),
            ("Score__c", FieldKind::Decimal),
            ("Languages__c", FieldKind::MultiPicklist),
        ],
    )
    .with(Field::to("AccountId", ["Account"], "Account"))
    .with(Field::to("ReportsToId", ["Contact"], "ReportsTo"))
    .with_children("Cases", "Case", "ContactId")
    .with_children("Tasks", "Task", "WhoId")
}

fn opportunity() -> Object {
    object(
        "Opportunity",
        &[
            ("Amount", FieldKind::Currency),
            ("StageName", FieldKind::Picklist),
            ("CloseDate", FieldKind::Date),
            ("IsClosed", FieldKind::Boolean),
            ("Probability", FieldKind::Decimal),
            ("LeadSource", FieldKind::Picklist),
        ],
    )
    .with(Field::to("AccountId", ["Account"], "Account"))
    .with_children("OpportunityLineItems", "OpportunityLineItem", "OpportunityId")
}

fn task() -> Object {
    object(
        "Task",
        &[
            ("Subject", FieldKind::Picklist),
            ("Status", FieldKind::Picklist),
            ("ActivityDate", FieldKind::Date),
            ("IsClosed", FieldKind::Boolean),
        ],
    )
    .with(Field::to("WhoId", ["Contact", "Lead"], "Who"))
    .with(Field::to("WhatId", ["Account", "Opportunity", "Case"], "What"))
}

/// The objects, and no others.
pub(crate) fn schema() -> Schema {
    let case = object(
        "Case",
        &[
            ("Subject", FieldKind::Text),
            ("Status", FieldKind::Picklist),
            ("Any__c", FieldKind::Any),
        ],
    )
    .with(Field::to("AccountId", ["Account"], "Account"))
    .with(Field::to("ContactId", ["Contact"], "Contact"))
    .with_children("CaseComments", "CaseComment", "ParentId");
    let user = Object::new("User")
        .with(Field::new("Name", FieldKind::Text))
        .with(Field::new("Email", FieldKind::Text))
        .with(Field::new("IsActive", FieldKind::Boolean))
        .with(Field::to("ManagerId", ["User"], "Manager"))
        .with(Field::to("ProfileId", ["Profile"], "Profile"));
    let lead = object("Lead", &[("Company", FieldKind::Text), ("Email", FieldKind::Text)]);
    let project = object("Project__c", &[("Budget__c", FieldKind::Currency)])
        .with(Field::to("Account__c", ["Account"], "Account__r"))
        .with(Field::to("Lead_Engineer__c", ["Contact"], "Lead_Engineer__r"))
        .with_children("Milestones__r", "Milestone__c", "Project__c");
    let milestone = object("Milestone__c", &[("Due__c", FieldKind::Date)])
        .with(Field::to("Project__c", ["Project__c"], "Project__r"))
        .with_children("Steps__r", "Step__c", "Milestone__c");
    let step = object("Step__c", &[("Done__c", FieldKind::Boolean)])
        .with(Field::to("Milestone__c", ["Milestone__c"], "Milestone__r"))
        .with_children("Notes__r", "Note__c", "Step__c");
    let note = object("Note__c", &[]).with(Field {
        children: Some("Remarks__r".to_owned()),
        ..Field::to("Step__c", ["Step__c"], "Step__r")
    });
    let objects = [account(), contact(), opportunity(), task(), case, user, lead];
    Schema::closed(objects.into_iter().chain([project, milestone, step, note]))
}
