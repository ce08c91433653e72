//! The row of the engine benchmark and its file format.

use crate::{Result, Signals};

/// A contact with what is known about it, as a plain program would hold it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns of the file")]
pub struct Lead {
    pub id: String,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub company_name: Option<String>,
    pub source: Option<String>,
    pub country: Option<String>,
    pub status: Option<String>,
    pub median_income: Option<i64>,
    pub owner_occupied_pct: Option<i64>,
    pub seniority: Option<String>,
    pub company_size: Option<i64>,
    pub distance_km: Option<i64>,
    pub rating10: Option<i64>,
    pub page_views: Option<i64>,
    pub email_opens: Option<i64>,
    pub email_clicks: Option<i64>,
    pub form_submits: Option<i64>,
    pub demo_requested: Option<bool>,
    pub timeline_days: Option<i64>,
    pub last_activity_hours: Option<i64>,
    pub budget: Option<i64>,
}

const HEADER: &str = "id\temail\tfirstName\tlastName\tphone\tcompanyName\tsource\tcountry\tstatus\t\
    medianIncome\townerOccupiedPct\tseniority\tcompanySize\tdistanceKm\trating10\tpageViews\t\
    emailOpens\temailClicks\tformSubmits\tdemoRequested\ttimelineDays\tlastActivityHours\tbudget";

impl Lead {
    /// Parses a file: the header, then one row per line, `\N` for null.
    ///
    /// # Errors
    /// If the header is another one, or a line does not fit; names the line.
    pub fn parse_file(text: &str) -> Result<Vec<Self>> {
        let mut lines = text.lines().enumerate();
        match lines.next() {
            Some((_, HEADER)) => {}
            _ => return Err("line 1: not the header of a contacts file".into()),
        }
        let parse =
            |(at, line)| Self::parse(line).map_err(|e| format!("line {}: {e}", at + 1).into());
        lines.map(parse).collect()
    }

    fn parse(line: &str) -> Result<Self> {
        let mut cells = Cells(line.split('\t'));
        let lead = Self {
            id: cells.text()?.ok_or("a row has no id")?,
            email: cells.text()?,
            first_name: cells.text()?,
            last_name: cells.text()?,
            phone: cells.text()?,
            company_name: cells.text()?,
            source: cells.text()?,
            country: cells.text()?,
            status: cells.text()?,
            median_income: cells.number()?,
            owner_occupied_pct: cells.number()?,
            seniority: cells.text()?,
            company_size: cells.number()?,
            distance_km: cells.number()?,
            rating10: cells.number()?,
            page_views: cells.number()?,
            email_opens: cells.number()?,
            email_clicks: cells.number()?,
            form_submits: cells.number()?,
            demo_requested: cells.number()?.map(|flag| flag == 1),
            timeline_days: cells.number()?,
            last_activity_hours: cells.number()?,
            budget: cells.number()?,
        };
        match cells.0.next() {
            None => Ok(lead),
            Some(_) => Err("too many columns".into()),
        }
    }

    /// Returns what the score is made of.
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
}

struct Cells<'a>(std::str::Split<'a, char>);

impl<'a> Cells<'a> {
    fn cell(&mut self) -> Result<Option<&'a str>> {
        let cell = self.0.next().ok_or("too few columns")?;
        Ok((cell != "\\N").then_some(cell))
    }

    fn text(&mut self) -> Result<Option<String>> {
        Ok(self.cell()?.map(str::to_owned))
    }

    fn number(&mut self) -> Result<Option<i64>> {
        Ok(self.cell()?.map(str::parse).transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_empty_differ() {
        let row = "c1\t\t\\N\tB".to_owned() + &"\t\\N".repeat(19);
        let rows = Lead::parse_file(&format!("{HEADER}\n{row}\n")).unwrap();
        assert_eq!(rows[0].email.as_deref(), Some(""));
        assert_eq!(rows[0].first_name, None);
    }

    #[test]
    fn a_line_that_does_not_fit_is_named() {
        let error = Lead::parse_file(&format!("{HEADER}\nc1\ta@b.c\n")).unwrap_err();
        assert_eq!(error.to_string(), "line 2: too few columns");
    }
}
