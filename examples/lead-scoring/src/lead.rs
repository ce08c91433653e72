//! The records of this crate: the contact that is scored and the task that follows from it.

use chrono::{DateTime, TimeDelta, Utc};
use circuit_core::prelude::*;

use crate::score::{Score, Signals, task_subject};

/// The fields that the rules write; they are never taken from an input.
pub const SCORE_FIELDS: [&str; 6] = [
    "vlpr_score__c",
    "vlpr_fit__c",
    "vlpr_intent__c",
    "vlpr_timing__c",
    "vlpr_grade__c",
    "vlpr_next_action__c",
];

/// Returns whether the rules write the field.
pub fn is_score_field(name: &str) -> bool {
    SCORE_FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name))
}

/// A lead: who it is, what is known about it, and its score.
#[derive(SObject, Debug, Clone, Default)]
#[sobject("Contact")]
pub struct Contact {
    /// The id that the lead's own system gave it.
    pub id: Option<RecordId>,
    /// Stored trimmed and in lower case.
    #[sobject(length = 255)]
    pub email: Option<String>,
    /// First name.
    #[sobject(length = 255)]
    pub first_name: Option<String>,
    /// Last name.
    #[sobject(length = 255)]
    pub last_name: Option<String>,
    /// Phone number.
    #[sobject(length = 255)]
    pub phone: Option<String>,
    /// Where the lead works.
    #[sobject(length = 255)]
    pub company_name: Option<String>,
    /// Where the lead came from; stored in lower case, `unknown` where nobody said.
    #[sobject(length = 255)]
    pub source: Option<String>,
    /// Country; stored as `US` where nobody said.
    #[sobject(length = 255)]
    pub country: Option<String>,
    /// Status; stored as `NEW` where nobody said.
    #[sobject(length = 255)]
    pub status: Option<String>,
    /// Postal code.
    #[sobject(length = 255)]
    pub postal_code: Option<String>,
    /// Pages seen on the web site.
    pub page_views: Option<i64>,
    /// E-mails opened.
    pub email_opens: Option<i64>,
    /// Links followed in e-mails.
    pub email_clicks: Option<i64>,
    /// Forms sent in.
    pub form_submits: Option<i64>,
    /// Whether a demonstration was asked for.
    pub demo_requested: Option<bool>,
    /// Days until the lead wants to decide.
    pub timeline_days: Option<i64>,
    /// Hours since anything was last heard.
    pub last_activity_hours: Option<i64>,
    /// Budget in dollars.
    pub budget: Option<i64>,
    /// Census: median income of the postal code.
    pub median_income: Option<i64>,
    /// Census: homes whose owners live in them, in percent.
    pub owner_occupied_pct: Option<i64>,
    /// `LinkedIn`: `C`, `VP`, `DIRECTOR`, `MANAGER`, `IC` or `UNKNOWN`.
    pub seniority: Option<String>,
    /// `LinkedIn`: people in the company.
    pub company_size: Option<i64>,
    /// Maps: distance to the nearest office.
    pub distance_km: Option<i64>,
    /// Maps: stars times ten.
    pub rating10: Option<i64>,
    /// Score, 0 to 100.
    #[sobject("vlpr_score__c")]
    pub score: Option<i64>,
    /// Fit, 0 to 40.
    #[sobject("vlpr_fit__c")]
    pub fit: Option<i64>,
    /// Intent, 0 to 40.
    #[sobject("vlpr_intent__c")]
    pub intent: Option<i64>,
    /// Timing, 0 to 20.
    #[sobject("vlpr_timing__c")]
    pub timing: Option<i64>,
    /// Grade, `A` to `F`.
    #[sobject("vlpr_grade__c")]
    pub grade: Option<String>,
    /// What to do next.
    #[sobject("vlpr_next_action__c")]
    pub next_action: Option<String>,
    /// Everything else that the lead's own system says, as it came.
    pub other: Option<serde_json::Value>,
}

impl Contact {
    /// Returns what the rules look at.
    pub fn signals(&self) -> Signals<'_> {
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

    /// Returns the change that writes a score: the id and the score fields, nothing else.
    #[must_use]
    pub fn scored(&self, score: Score) -> Self {
        Self {
            id: self.id.clone(),
            score: Some(score.total()),
            fit: Some(score.fit),
            intent: Some(score.intent),
            timing: Some(score.timing),
            grade: Some(score.grade().to_string()),
            next_action: Some(score.next_action().to_string()),
            ..Self::default()
        }
    }

    /// Brings e-mail, source, country and status into the form in which they are stored.
    pub fn normalise(&mut self) {
        if let Some(email) = &mut self.email {
            *email = email.trim_matches([' ', '\t', '\r', '\n']).to_ascii_lowercase();
        }
        if let Some(source) = &mut self.source {
            source.make_ascii_lowercase();
        }
        set_default(&mut self.source, "unknown");
        set_default(&mut self.country, "US");
        set_default(&mut self.status, "NEW");
    }
}

fn set_default(field: &mut Option<String>, default: &str) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = Some(default.to_owned());
    }
}

/// A call to make.
#[derive(SObject, Debug, Clone, Default)]
#[sobject("Task")]
pub struct Task {
    /// The id that the store gave it.
    pub id: Option<RecordId>,
    /// The lead to call.
    #[sobject(reference = "Contact", on_delete = cascade)]
    pub contact_id: Option<RecordId>,
    /// What to do, with the lead's name.
    pub subject: Option<String>,
    /// The score when the task was made.
    pub score: Option<i64>,
    /// The grade when the task was made.
    pub grade: Option<String>,
    /// What to do next.
    pub next_action: Option<String>,
    /// `OPEN` until somebody called.
    pub status: Option<String>,
    /// When the call is due: a day after the score.
    pub due: Option<DateTime<Utc>>,
}

impl Task {
    /// The status of a task until somebody called.
    pub const OPEN: &'static str = "OPEN";

    /// Makes the task for a lead with this score.
    pub fn follow_up(contact: &Contact, score: Score, now: DateTime<Utc>) -> Self {
        let first_name = contact.first_name.as_deref();
        Self {
            id: None,
            contact_id: contact.id.clone(),
            subject: Some(task_subject(first_name, contact.last_name.as_deref())),
            score: Some(score.total()),
            grade: Some(score.grade().to_string()),
            next_action: Some(score.next_action().to_string()),
            status: Some(Self::OPEN.to_owned()),
            due: Some(now + TimeDelta::days(1)),
        }
    }
}
