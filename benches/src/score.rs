//! The Virtual LPR score, in integers.

/// What the score is made of; numbers that are missing or negative give no points.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are the terms of the rules")]
pub struct Signals<'a> {
    pub seniority: Option<&'a str>,
    pub company_size: Option<i64>,
    pub median_income: Option<i64>,
    pub owner_occupied_pct: Option<i64>,
    pub distance_km: Option<i64>,
    pub rating10: Option<i64>,
    pub page_views: Option<i64>,
    pub email_opens: Option<i64>,
    pub email_clicks: Option<i64>,
    pub form_submits: Option<i64>,
    pub demo_requested: Option<bool>,
    pub source: Option<&'a str>,
    pub timeline_days: Option<i64>,
    pub last_activity_hours: Option<i64>,
    pub budget: Option<i64>,
}

/// The score of a lead, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score(i64);

impl Score {
    /// Scores a lead.
    #[inline]
    pub fn of(signals: &Signals<'_>) -> Self {
        Self(fit(signals) + intent(signals) + timing(signals))
    }

    /// Returns the points.
    pub fn points(self) -> i64 {
        self.0
    }

    /// Returns whether the lead is worth a task.
    pub fn wants_task(self) -> bool {
        self.0 >= 75
    }

    /// Returns the grade.
    pub fn grade(self) -> &'static str {
        match self.0 {
            80.. => "A",
            65.. => "B",
            50.. => "C",
            35.. => "D",
            _ => "F",
        }
    }

    /// Returns what to do next.
    pub fn next_action(self) -> &'static str {
        match self.0 {
            75.. => "IMMEDIATE_FOLLOWUP",
            45.. => "NURTURE",
            _ => "EDUCATE",
        }
    }
}

/// Returns the subject of the task for a lead; a missing name is empty.
pub(crate) fn subject(first_name: Option<&str>, last_name: Option<&str>) -> String {
    let (first, last) = (first_name.unwrap_or_default(), last_name.unwrap_or_default());
    format!("Immediate follow-up: {first} {last}")
}

fn fit(s: &Signals<'_>) -> i64 {
    let seniority = match s.seniority {
        Some("C") => 12,
        Some("VP") => 10,
        Some("DIRECTOR") => 8,
        Some("MANAGER") => 5,
        Some("IC") => 2,
        _ => 0,
    };
    let size = match s.company_size.unwrap_or(0) {
        1000.. => 8,
        200.. => 7,
        50.. => 5,
        10.. => 3,
        1.. => 1,
        _ => 0,
    };
    let distance = match s.distance_km {
        Some(0..=10) => 4,
        Some(11..=50) => 3,
        Some(51..=200) => 1,
        _ => 0,
    };
    let income = up_to(8, number(s.median_income) / 15_000);
    let owners = up_to(4, number(s.owner_occupied_pct) / 20);
    seniority + size + income + owners + distance + up_to(4, number(s.rating10) / 12)
}

fn intent(s: &Signals<'_>) -> i64 {
    let demo = if s.demo_requested == Some(true) { 6 } else { 0 };
    let source = s.source.unwrap_or_default();
    let points = [("referral", 4), ("organic", 3), ("paid", 2), ("list", 1)];
    let source = points.iter().find(|(name, _)| name.eq_ignore_ascii_case(source));
    up_to(10, number(s.page_views))
        + up_to(6, number(s.email_opens))
        + up_to(8, number(s.email_clicks).saturating_mul(2))
        + up_to(6, number(s.form_submits).saturating_mul(3))
        + demo
        + source.map_or(0, |(_, points)| *points)
}

fn timing(s: &Signals<'_>) -> i64 {
    let timeline = match s.timeline_days {
        Some(0..=7) => 10,
        Some(8..=30) => 8,
        Some(31..=90) => 5,
        Some(91..=180) => 2,
        _ => 0,
    };
    let activity = match s.last_activity_hours {
        Some(0..=1) => 6,
        Some(2..=24) => 5,
        Some(25..=72) => 3,
        Some(73..=168) => 1,
        _ => 0,
    };
    let budget = match s.budget.unwrap_or(0) {
        10_000.. => 4,
        2_500.. => 2,
        1.. => 1,
        _ => 0,
    };
    timeline + activity + budget
}

fn number(value: Option<i64>) -> i64 {
    value.unwrap_or(0).max(0)
}

fn up_to(most: i64, points: i64) -> i64 {
    points.min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_negative_numbers_give_no_points() {
        let nothing = Signals::default();
        let negative = Signals {
            distance_km: Some(-1),
            timeline_days: Some(-1),
            page_views: Some(i64::MIN),
            last_activity_hours: Some(-5),
            ..nothing
        };
        assert_eq!(Score::of(&nothing).points(), 0);
        assert_eq!(Score::of(&negative).points(), 0);
    }

    #[test]
    fn the_best_lead_has_a_hundred_points() {
        let best = Signals {
            seniority: Some("C"),
            company_size: Some(1000),
            median_income: Some(i64::MAX),
            owner_occupied_pct: Some(100),
            distance_km: Some(0),
            rating10: Some(50),
            page_views: Some(10),
            email_opens: Some(6),
            email_clicks: Some(i64::MAX),
            form_submits: Some(2),
            demo_requested: Some(true),
            source: Some("Referral"),
            timeline_days: Some(0),
            last_activity_hours: Some(0),
            budget: Some(10_000),
        };
        assert_eq!(Score::of(&best).points(), 100);
        assert_eq!(Score::of(&best).grade(), "A");
        assert_eq!(Score::of(&best).next_action(), "IMMEDIATE_FOLLOWUP");
    }
}
