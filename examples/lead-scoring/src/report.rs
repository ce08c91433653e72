//! The summary for people.

use std::io::{self, Write};
use std::time::Duration;

use lead_scoring::score::{Grade, TASK_THRESHOLD};

use crate::tally::Tally;

/// The longest bar of the chart, in characters.
const BAR: u64 = 40;

/// How many rejected rows are listed for one cause.
const PLACES: usize = 10;

/// Prints the summary.
pub(crate) fn print(
    out: &mut impl Write,
    tally: &Tally,
    input: &str,
    database: &str,
) -> io::Result<()> {
    writeln!(out, "Scored {} of {input}\n", counted(tally.scored(), "lead"))?;
    chart(out, tally)?;
    let (inserted, updated) = (grouped(tally.inserted), grouped(tally.updated));
    writeln!(out, "Stored    {inserted} new, {updated} updated")?;
    let tasks = grouped(tally.tasks);
    writeln!(out, "Tasks     {tasks} created, for scores of {TASK_THRESHOLD} and more")?;
    rejected(out, tally)?;
    skipped(out, tally)?;
    governor(out, tally)?;
    let micros = grouped_wide(tally.micros_per_lead());
    writeln!(out, "Time      {}, {micros} µs a lead", time(tally.time))?;
    writeln!(out, "Database  {database}")
}

fn chart(out: &mut impl Write, tally: &Tally) -> io::Result<()> {
    let most = tally.grades.values().copied().max().unwrap_or(0).max(1);
    for grade in Grade::ALL {
        let count = tally.grades.get(&grade).copied().unwrap_or(0);
        let bar = "█".repeat(usize::try_from((count * BAR).div_ceil(most)).unwrap_or(0));
        let share = tenths(count * 1_000, tally.scored());
        let count = grouped(count);
        let width = usize::try_from(BAR).unwrap_or(0);
        writeln!(out, "  {grade}  {bar:width$} {count:>9}  {share:>5} %")?;
    }
    writeln!(out)
}

fn rejected(out: &mut impl Write, tally: &Tally) -> io::Result<()> {
    let causes = tally.causes();
    if causes.is_empty() {
        return writeln!(out, "Rejected  none");
    }
    writeln!(out, "Rejected  {}", counted(tally.rejected.len() as u64, "row"))?;
    for (cause, rows) in causes {
        writeln!(out, "  {:>6}  {cause}", grouped(rows.len() as u64))?;
        for row in rows.iter().take(PLACES) {
            writeln!(out, "            {}", row.origin)?;
        }
        if rows.len() > PLACES {
            let more = grouped((rows.len() - PLACES) as u64);
            writeln!(out, "            and {more} more, which --json lists")?;
        }
    }
    Ok(())
}

fn skipped(out: &mut impl Write, tally: &Tally) -> io::Result<()> {
    if tally.skipped.is_empty() {
        return Ok(());
    }
    let count = tally.skipped.values().sum();
    writeln!(out, "Skipped   {}", counted(count, "payload"))?;
    for (reason, count) in &tally.skipped {
        writeln!(out, "  {:>6}  {reason}", grouped(*count))?;
    }
    Ok(())
}

fn governor(out: &mut impl Write, tally: &Tally) -> io::Result<()> {
    let executions = grouped(tally.usage.executions());
    writeln!(out, "Governor  most used by one execution, of {executions}")?;
    for (noun, used, limit) in tally.usage.rows().filter(|(_, used, _)| *used > 0) {
        writeln!(out, "  {:>6}  of {} {noun}", grouped(used), grouped(limit))?;
    }
    Ok(())
}

/// A thousandth of the whole as percent with one digit, rounded.
fn tenths(thousandfold: u64, whole: u64) -> String {
    let whole = whole.max(1);
    let tenths = (thousandfold * 2 + whole) / (whole * 2);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn time(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{:.1} ms", time.as_secs_f64() * 1_000.0),
        _ => format!("{:.2} s", time.as_secs_f64()),
    }
}

fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

fn grouped(number: u64) -> String {
    grouped_wide(number.into())
}

/// Puts a comma before each three digits.
fn grouped_wide(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        let grouped = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn shares_are_rounded_to_a_tenth_of_a_percent() {
        assert_eq!(tenths(1_000, 3), "33.3");
        assert_eq!(tenths(2_000, 3), "66.7");
        assert_eq!(tenths(0, 0), "0.0");
    }
}
