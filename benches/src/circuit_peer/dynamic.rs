//! Handlers over [`Record`]: fields are found once per chunk and read by slot.

use std::sync::LazyLock;

use circuit_core::prelude::*;
use circuit_core::{HandlerError, Shape};

use super::add_to_scores;
use crate::score::subject;
use crate::{Score, Signals};

/// Trims and lower-cases e-mail addresses and sources, and fills in what is missing.
#[trigger("Contact", beforeInsert, name = "normalise")]
pub(super) fn normalise(ctx: &mut TriggerContext<'_, Record>) -> Result<()> {
    let contacts = ctx.new_records_mut();
    let Some(first) = contacts.first() else {
        return Ok(());
    };
    let slots = ["email", "source", "country", "status"].map(|name| first.shape().slot(name));
    let [Some(email), Some(source), Some(country), Some(status)] = slots else {
        return Err(HandlerError::msg("a contact lacks a field"));
    };
    for contact in contacts {
        let fields = contact.slots_mut();
        if let Some(Value::Text(text)) = &mut fields[email] {
            *text = text.trim_to_ascii_lowercase();
        }
        match &mut fields[source] {
            Some(Value::Text(text)) if !text.is_empty() => *text = text.trim_to_ascii_lowercase(),
            empty => *empty = Some(Value::Text(Text::from_static("unknown"))),
        }
        default(&mut fields[country], "US");
        default(&mut fields[status], "NEW");
    }
    Ok(())
}

fn default(field: &mut Option<Value>, value: &'static str) {
    if field.as_ref().and_then(Value::as_str).is_none_or(str::is_empty) {
        *field = Some(Value::Text(Text::from_static(value)));
    }
}

/// Scores contacts and stores a task for each that is worth one.
#[trigger("Contact", afterInsert, name = "score")]
pub(super) async fn score(ctx: &TriggerContext<'_, Record>) -> Result<()> {
    let contacts = ctx.new_records();
    let Some(first) = contacts.first() else {
        return Ok(());
    };
    let slots = Slots::of(first.shape())?;
    let (mut scores, mut tasks) = (0, Vec::new());
    for contact in contacts {
        let score = Score::of(&slots.signals(contact));
        scores += score.points();
        if score.wants_task() {
            tasks.push(slots.task(contact, score));
        }
    }
    add_to_scores(scores);
    ctx.insert(tasks).await?;
    Ok(())
}

/// Where the fields that count are in the records of a chunk.
struct Slots {
    first_name: usize,
    last_name: usize,
    terms: [usize; TERMS.len()],
}

const TERMS: [&str; 15] = [
    "seniority",
    "companySize",
    "medianIncome",
    "ownerOccupiedPct",
    "distanceKm",
    "rating10",
    "pageViews",
    "emailOpens",
    "emailClicks",
    "formSubmits",
    "demoRequested",
    "source",
    "timelineDays",
    "lastActivityHours",
    "budget",
];

impl Slots {
    fn of(shape: &Shape) -> Result<Self> {
        let find = |name: &str| {
            shape.slot(name).ok_or_else(|| HandlerError::msg(format!("no field {name}")))
        };
        let mut terms = [0; TERMS.len()];
        for (slot, name) in terms.iter_mut().zip(TERMS) {
            *slot = find(name)?;
        }
        Ok(Self { first_name: find("firstName")?, last_name: find("lastName")?, terms })
    }

    fn signals<'a>(&self, contact: &'a Record) -> Signals<'a> {
        let text = |term: usize| contact.get_slot(self.terms[term]).and_then(Value::as_str);
        let number = |term: usize| contact.get_slot(self.terms[term]).and_then(Value::as_i64);
        let flag = |term: usize| match contact.get_slot(self.terms[term]) {
            Some(Value::Boolean(flag)) => Some(*flag),
            _ => None,
        };
        Signals {
            seniority: text(0),
            company_size: number(1),
            median_income: number(2),
            owner_occupied_pct: number(3),
            distance_km: number(4),
            rating10: number(5),
            page_views: number(6),
            email_opens: number(7),
            email_clicks: number(8),
            form_submits: number(9),
            demo_requested: flag(10),
            source: text(11),
            timeline_days: number(12),
            last_activity_hours: number(13),
            budget: number(14),
        }
    }

    fn task(&self, contact: &Record, score: Score) -> Record {
        let name = |slot: usize| contact.get_slot(slot).and_then(Value::as_str);
        let mut task = TASK.clone();
        let values = [
            Value::from(contact.id()),
            score.points().into(),
            Text::from_static(score.grade()).into(),
            Text::from_static(score.next_action()).into(),
            subject(name(self.first_name), name(self.last_name)).into(),
        ];
        for (slot, value) in task.slots_mut()[1..].iter_mut().zip(values) {
            *slot = Some(value);
        }
        task
    }
}

/// What every task begins as: its shape is found once.
static TASK: LazyLock<Record> = LazyLock::new(|| {
    let fields = ["contactId", "score", "grade", "nextAction", "subject"];
    fields.iter().fold(Record::new("Task"), |task, name| task.with(name, Value::Null))
});
