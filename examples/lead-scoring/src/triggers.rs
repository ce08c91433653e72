//! The triggers: what happens to a contact before and after it is stored.

use std::collections::HashSet;

use circuit_core::prelude::*;

use crate::lead::{Contact, Task};
use crate::score::Score;

/// Brings new and changed contacts into the form in which they are stored.
#[trigger("Contact", beforeInsert, beforeUpdate)]
pub fn normalise(ctx: &mut TriggerContext<'_, Contact>) -> Result<()> {
    for contact in ctx.new_records_mut() {
        contact.normalise();
    }
    Ok(())
}

/// Scores new contacts and asks for a call where the score is high.
#[trigger("Contact", afterInsert, order = 10)]
pub async fn score_contacts(ctx: &TriggerContext<'_, Contact>) -> Result<()> {
    let now = ctx.now();
    let mut changes = Vec::with_capacity(ctx.size());
    let mut tasks = Vec::new();
    for contact in ctx.new_records() {
        let score = Score::of(&contact.signals());
        changes.push(contact.scored(score));
        if score.wants_task() {
            tasks.push(Task::follow_up(contact, score, now));
        }
    }
    ctx.log().info("scored").with("contacts", changes.len()).with("tasks", tasks.len());
    ctx.update(changes).await?;
    ctx.insert(tasks).await?;
    Ok(())
}

/// Scores contacts again when something that counts has changed.
///
/// The score itself is written by an update too; it changes no signal, so that ends there.
#[trigger("Contact", afterUpdate, order = 10)]
pub async fn rescore_contacts(ctx: &TriggerContext<'_, Contact>) -> Result<()> {
    let counts =
        |new: &Contact, old: &Contact| new.score.is_none() || new.signals() != old.signals();
    let moved = ctx.changes().filter(|(new, old)| counts(new, old));
    let scored: Vec<_> = moved.map(|(new, _)| (new, Score::of(&new.signals()))).collect();
    let hot = scored.iter().filter(|(_, score)| score.wants_task());
    let called =
        with_open_task(ctx, hot.clone().filter_map(|(contact, _)| contact.id.clone())).await?;
    let now = ctx.now();
    let tasks: Vec<Task> = hot
        .filter(|(contact, _)| contact.id.as_ref().is_some_and(|id| !called.contains(id)))
        .map(|(contact, score)| Task::follow_up(contact, *score, now))
        .collect();
    let changes: Vec<Contact> =
        scored.iter().map(|(contact, score)| contact.scored(*score)).collect();
    if !changes.is_empty() {
        ctx.log().info("scored again").with("contacts", changes.len()).with("tasks", tasks.len());
    }
    ctx.update(changes).await?;
    ctx.insert(tasks).await?;
    Ok(())
}

/// Returns which of the contacts have a task that is still open.
async fn with_open_task<P>(
    ctx: &TriggerContext<'_, Contact, P>,
    contacts: impl Iterator<Item = RecordId>,
) -> Result<HashSet<RecordId>> {
    let contacts: Vec<RecordId> = contacts.collect();
    if contacts.is_empty() {
        return Ok(HashSet::new());
    }
    let open = Filter::is_in(Task::CONTACT_ID, contacts).and(Filter::eq(Task::STATUS, Task::OPEN));
    let tasks: Vec<Task> = ctx.query(Query::of(Task::OBJECT_NAME).filter(open)).await?;
    Ok(tasks.into_iter().filter_map(|task| task.contact_id).collect())
}
