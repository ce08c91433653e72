//! Rules about contacts.

use circuit_core::prelude::*;

/// A person.
#[derive(SObject, Debug, Clone, Default)]
#[sobject("Contact")]
pub struct Contact {
    /// The id; the store or the engine gives it on insert.
    pub id: Option<RecordId>,
    /// Stored as `lastName`; matches `LastName` too.
    #[sobject(required)]
    pub last_name: Option<String>,
    /// No two contacts may have the same.
    #[sobject(unique, length = 80)]
    pub email: Option<String>,
}

/// Something to do about a contact.
#[derive(SObject, Debug, Clone, Default)]
#[sobject("Task")]
pub struct Task {
    /// The id.
    pub id: Option<RecordId>,
    /// The contact; a task goes when its contact goes.
    #[sobject(reference = "Contact", on_delete = cascade)]
    pub who_id: Option<RecordId>,
    /// What to do.
    pub subject: Option<String>,
}

/// Puts e-mail addresses into the form in which they are stored.
#[trigger("Contact", beforeInsert, beforeUpdate)]
pub fn normalise_email(ctx: &mut TriggerContext<'_, Contact>) -> Result<()> {
    for contact in ctx.new_records_mut() {
        if let Some(email) = &mut contact.email {
            *email = email.trim().to_lowercase();
        }
    }
    Ok(())
}

/// Asks for a call to each new contact: one insert for the whole chunk.
#[trigger("Contact", afterInsert, order = 10)]
pub async fn ask_for_call(ctx: &TriggerContext<'_, Contact>) -> Result<()> {
    let mut tasks = Vec::new();
    for contact in ctx.new_records() {
        tasks.push(Task {
            who_id: contact.id.clone(),
            subject: Some("Call".to_owned()),
            ..Task::default()
        });
    }
    ctx.log().info("asked for calls").with("tasks", tasks.len());
    ctx.insert(tasks).await?;
    Ok(())
}
