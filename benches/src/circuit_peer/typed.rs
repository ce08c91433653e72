//! Handlers over structs, as most users would write them.

use circuit_core::prelude::*;

use super::add_to_scores;
use crate::score::subject;
use crate::{Score, Signals};

/// The fields of a contact that are brought into form; the others stay as they are.
#[derive(Debug, SObject)]
#[sobject("Contact")]
pub(super) struct Form {
    email: Option<Text>,
    source: Option<Text>,
    country: Option<Text>,
    status: Option<Text>,
}

/// The fields of a contact that the score is made of.
#[derive(Debug, SObject)]
#[sobject("Contact")]
pub(super) struct Scored {
    id: Option<RecordId>,
    first_name: Option<Text>,
    last_name: Option<Text>,
    median_income: Option<i64>,
    owner_occupied_pct: Option<i64>,
    seniority: Option<Text>,
    company_size: Option<i64>,
    distance_km: Option<i64>,
    rating10: Option<i64>,
    page_views: Option<i64>,
    email_opens: Option<i64>,
    email_clicks: Option<i64>,
    form_submits: Option<i64>,
    demo_requested: Option<bool>,
    source: Option<Text>,
    timeline_days: Option<i64>,
    last_activity_hours: Option<i64>,
    budget: Option<i64>,
}

/// A call to make.
#[derive(Debug, SObject)]
#[sobject("Task")]
pub(super) struct Task {
    contact_id: Option<RecordId>,
    score: i64,
    grade: Text,
    next_action: Text,
    subject: String,
}

/// Trims and lower-cases e-mail addresses and sources, and fills in what is missing.
#[trigger("Contact", beforeInsert, name = "normalise")]
pub(super) fn normalise(ctx: &mut TriggerContext<'_, Form>) -> Result<()> {
    for contact in ctx.new_records_mut() {
        if let Some(email) = &mut contact.email {
            *email = email.trim_to_ascii_lowercase();
        }
        match &mut contact.source {
            Some(source) if !source.is_empty() => *source = source.trim_to_ascii_lowercase(),
            empty => *empty = Some(Text::from_static("unknown")),
        }
        default(&mut contact.country, "US");
        default(&mut contact.status, "NEW");
    }
    Ok(())
}

fn default(field: &mut Option<Text>, value: &'static str) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = Some(Text::from_static(value));
    }
}

/// Scores contacts and stores a task for each that is worth one.
#[trigger("Contact", afterInsert, name = "score")]
pub(super) async fn score(ctx: &TriggerContext<'_, Scored>) -> Result<()> {
    let (mut scores, mut tasks) = (0, Vec::new());
    for contact in ctx.new_records() {
        let score = Score::of(&contact.signals());
        scores += score.points();
        if score.wants_task() {
            tasks.push(contact.task(score));
        }
    }
    add_to_scores(scores);
    ctx.insert(tasks).await?;
    Ok(())
}

impl Scored {
    fn signals(&self) -> Signals<'_> {
        Signals {
            seniority: self.seniority.as_deref(),
            company_size: self.company_size,
            median_income: self.median_income,
            owner_occupied_pct: self.owner_occupied_pct,
            distance_km: self.distance_km,
            rating10: self.rating10,
            page_views: self.page_views,
            email_opens: self.email_opens,
            email_clicks: self.email_clicks,
            form_submits: self.form_submits,
            demo_requested: self.demo_requested,
            source: self.source.as_deref(),
            timeline_days: self.timeline_days,
            last_activity_hours: self.last_activity_hours,
            budget: self.budget,
        }
    }

    fn task(&self, score: Score) -> Task {
        Task {
            contact_id: self.id.clone(),
            score: score.points(),
            grade: Text::from_static(score.grade()),
            next_action: Text::from_static(score.next_action()),
            subject: subject(self.first_name.as_deref(), self.last_name.as_deref()),
        }
    }
}
