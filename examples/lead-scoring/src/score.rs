//! The Virtual LPR score: whole numbers in, whole numbers out, no input or output of its own.
//!
//! A number that is missing, null or negative gives no points. Text is compared exactly, `source`
//! apart, which is compared in ASCII lower case.

use std::fmt;

/// The score from which a lead is called at once.
pub const TASK_THRESHOLD: i64 = 75;

/// What is known about a lead, as the rules want it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals<'a> {
    /// `linkedin.seniority`: `C`, `VP`, `DIRECTOR`, `MANAGER` or `IC`.
    pub seniority: Option<&'a str>,
    /// `linkedin.companySize`: people in the company.
    pub company_size: Option<i64>,
    /// `census.medianIncome` of the postal code, in dollars a year.
    pub median_income: Option<i64>,
    /// `census.ownerOccupiedPct` of the postal code.
    pub owner_occupied_pct: Option<i64>,
    /// `maps.distanceKm` to the nearest office.
    pub distance_km: Option<i64>,
    /// `maps.rating10`: stars times ten.
    pub rating10: Option<i64>,
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
    /// Where the lead came from.
    pub source: Option<&'a str>,
    /// Days until the lead wants to decide.
    pub timeline_days: Option<i64>,
    /// Hours since anything was last heard.
    pub last_activity_hours: Option<i64>,
    /// Budget in dollars.
    pub budget: Option<i64>,
}

/// The three parts of a score; the rest follows from them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// How well the lead suits us, 0 to 40.
    pub fit: i64,
    /// How much the lead has shown to want, 0 to 40.
    pub intent: i64,
    /// How soon the lead will decide, 0 to 20.
    pub timing: i64,
}

impl Score {
    /// Scores a lead.
    pub fn of(signals: &Signals<'_>) -> Self {
        Self { fit: fit(signals), intent: intent(signals), timing: timing(signals) }
    }

    /// Returns the whole score, 0 to 100.
    pub fn total(self) -> i64 {
        self.fit + self.intent + self.timing
    }

    /// Returns the grade of the whole score.
    pub fn grade(self) -> Grade {
        match self.total() {
            80.. => Grade::A,
            65.. => Grade::B,
            50.. => Grade::C,
            35.. => Grade::D,
            _ => Grade::F,
        }
    }

    /// Returns what to do with the lead next.
    pub fn next_action(self) -> NextAction {
        match self.total() {
            TASK_THRESHOLD.. => NextAction::ImmediateFollowup,
            45.. => NextAction::Nurture,
            _ => NextAction::Educate,
        }
    }

    /// Returns whether somebody has to call the lead now.
    pub fn wants_task(self) -> bool {
        self.total() >= TASK_THRESHOLD
    }
}

/// The school grade of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// 80 and more.
    A,
    /// 65 to 79.
    B,
    /// 50 to 64.
    C,
    /// 35 to 49.
    D,
    /// Less than 35.
    F,
}

impl Grade {
    /// Every grade, the best first.
    pub const ALL: [Self; 5] = [Self::A, Self::B, Self::C, Self::D, Self::F];

    /// Returns the letter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::F => "F",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What to do with a lead next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// Call now: 75 and more.
    ImmediateFollowup,
    /// Keep in touch: 45 to 74.
    Nurture,
    /// Send something to read: less than 45.
    Educate,
}

impl NextAction {
    /// Returns the value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ImmediateFollowup => "IMMEDIATE_FOLLOWUP",
            Self::Nurture => "NURTURE",
            Self::Educate => "EDUCATE",
        }
    }
}

impl fmt::Display for NextAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Returns the subject of the task for a lead; a missing name is empty.
pub fn task_subject(first_name: Option<&str>, last_name: Option<&str>) -> String {
    format!("Immediate follow-up: {} {}", first_name.unwrap_or(""), last_name.unwrap_or(""))
}

fn fit(signals: &Signals<'_>) -> i64 {
    seniority(signals.seniority)
        + at_least(signals.company_size, &[(1000, 8), (200, 7), (50, 5), (10, 3), (1, 1)])
        + capped(8, signals.median_income, |income| income / 15_000)
        + capped(4, signals.owner_occupied_pct, |percent| percent / 20)
        + at_most(signals.distance_km, &[(10, 4), (50, 3), (200, 1)])
        + capped(4, signals.rating10, |rating| rating / 12)
}

fn intent(signals: &Signals<'_>) -> i64 {
    capped(10, signals.page_views, |views| views)
        + capped(6, signals.email_opens, |opens| opens)
        + capped(8, signals.email_clicks, |clicks| clicks.saturating_mul(2))
        + capped(6, signals.form_submits, |forms| forms.saturating_mul(3))
        + if signals.demo_requested == Some(true) { 6 } else { 0 }
        + source(signals.source)
}

fn timing(signals: &Signals<'_>) -> i64 {
    at_most(signals.timeline_days, &[(7, 10), (30, 8), (90, 5), (180, 2)])
        + at_most(signals.last_activity_hours, &[(1, 6), (24, 5), (72, 3), (168, 1)])
        + at_least(signals.budget, &[(10_000, 4), (2_500, 2), (1, 1)])
}

fn seniority(seniority: Option<&str>) -> i64 {
    match seniority {
        Some("C") => 12,
        Some("VP") => 10,
        Some("DIRECTOR") => 8,
        Some("MANAGER") => 5,
        Some("IC") => 2,
        _ => 0,
    }
}

fn source(source: Option<&str>) -> i64 {
    const POINTS: [(&str, i64); 4] = [("referral", 4), ("organic", 3), ("paid", 2), ("list", 1)];
    let Some(source) = source else { return 0 };
    POINTS
        .iter()
        .find(|(name, _)| source.eq_ignore_ascii_case(name))
        .map_or(0, |(_, points)| *points)
}

/// Points of a number that counts, up to `most`.
fn capped(most: i64, number: Option<i64>, points: impl Fn(i64) -> i64) -> i64 {
    counted(number).map_or(0, |number| points(number).min(most))
}

/// Points of the first step that the number reaches; `steps` go down.
fn at_least(number: Option<i64>, steps: &[(i64, i64)]) -> i64 {
    let points = |number| steps.iter().find(|(step, _)| number >= *step).map(|(_, points)| *points);
    counted(number).and_then(points).unwrap_or(0)
}

/// Points of the first step that the number does not pass; `steps` go up.
fn at_most(number: Option<i64>, steps: &[(i64, i64)]) -> i64 {
    let points = |number| steps.iter().find(|(step, _)| number <= *step).map(|(_, points)| *points);
    counted(number).and_then(points).unwrap_or(0)
}

/// The number, if it is one that gives points at all.
fn counted(number: Option<i64>) -> Option<i64> {
    number.filter(|number| *number >= 0)
}
