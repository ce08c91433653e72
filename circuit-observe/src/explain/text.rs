//! The form for a terminal.

use std::collections::HashMap;
use std::fmt::{self, Formatter, Write};
use std::time::Duration;

use circuit_core::{ExecutionEnd, ExecutionReport, Failure, Level, Limit, LogEntry, Quiddity};

use super::blame::{Blame, Spent};
use super::chain::depth;
use super::tree::{Node, Tree};
use super::word::{bytes, clean, count, number, percent, share, time};

/// How many cells a bar has.
const CELLS: u32 = 20;

/// How wide the tree is before its times and bars.
const TREE: usize = 66;

/// So many lines of the log are shown in one place.
const ENTRIES: usize = 5;

pub(super) fn write(f: &mut Formatter<'_>, reports: &[&ExecutionReport]) -> fmt::Result {
    if reports.len() > 1 {
        overview(f, reports)?;
    }
    for report in reports {
        if reports.len() > 1 {
            writeln!(f, "\n{}\n", "─".repeat(TREE + 34))?;
        }
        Page { report, blame: Blame::of(report) }.write(f)?;
    }
    Ok(())
}

fn overview(f: &mut Formatter<'_>, reports: &[&ExecutionReport]) -> fmt::Result {
    writeln!(f, "{} executions, each below the one whose hook started it", reports.len())?;
    for report in reports {
        let depth = depth(reports, report);
        let lead = if depth == 0 { String::new() } else { "   ".repeat(depth - 1) + "└─ " };
        let told = format!("{lead}{}", clean(&subject(report), 60));
        writeln!(f, "  {told:<50} {:<12} {}", report.outcome, time(report.duration))?;
    }
    Ok(())
}

/// Returns what an execution was about, such as `insert of 200 Contact`.
pub(super) fn subject(report: &ExecutionReport) -> String {
    let records = number(report.records);
    match (report.event, report.steps.first()) {
        (Some(event), _) => format!("{event} of {records} {} delivered", report.object),
        (None, Some(step)) if report.object.is_empty() => format!("{} {}", step.name, step.object),
        (None, _) if report.object.is_empty() => "nothing was done".to_owned(),
        (None, _) => {
            let dml = report.steps.iter().find(|step| step.kind == circuit_core::StepKind::Dml);
            let verb = dml.map_or("DML", |step| step.name.as_str());
            format!("{verb} of {records} {}", report.object)
        }
    }
}

/// Returns the facts about an execution that are known, with their names.
pub(super) fn facts(report: &ExecutionReport) -> Vec<(&'static str, String)> {
    let mut facts = vec![("began", report.start.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string())];
    let text = |name, text: &str| (!text.is_empty()).then(|| (name, clean(text, 100)));
    facts.extend(text("because of", &report.origin));
    facts.extend(
        (report.quiddity != Quiddity::Synchronous)
            .then(|| ("as", format!("{:?}", report.quiddity).to_lowercase())),
    );
    facts.extend(report.parent.map(|parent| ("started by", parent.to_string())));
    facts.extend(text("user", &report.user));
    facts.extend(text("tenant", &report.tenant));
    facts.extend(text("host", &report.host));
    facts.extend(text("build", &report.build));
    if report.reruns > 0 {
        facts.push((
            "run again",
            format!("{} because of conflicts", count(report.reruns.into(), "time")),
        ));
    }
    facts
}

/// Returns the lines that tell why an execution failed.
pub(super) fn why(failure: &Failure) -> Vec<String> {
    let mut lines = vec![format!("{} {}", failure.code, clean(&failure.message, 300))];
    let mut causes: Vec<&String> = failure.causes.iter().collect();
    causes.dedup();
    causes.retain(|cause| **cause != failure.message);
    lines.extend(causes.iter().map(|cause| format!("because: {}", clean(cause, 300))));
    lines.extend(failure.rows.iter().map(|row| format!("refused: {}", clean(row, 300))));
    let known = ["at", "cause", "field", "hook", "limit", "object", "used"];
    for (name, value) in failure.facts.iter().filter(|(name, _)| known.contains(&name.as_str())) {
        lines.push(format!("{name}: {}", clean(value, 200)));
    }
    lines
}

/// Returns what an entry says, with its values.
fn said(entry: &LogEntry) -> String {
    let mut said = clean(&entry.message, 300);
    if let Some(record) = &entry.record {
        let _ = write!(said, "  record={}", clean(record.as_str(), 60));
    }
    for (name, value) in &entry.data {
        let _ = write!(said, "  {}={}", clean(name, 60), clean(&value.to_string(), 120));
    }
    said
}

/// One execution and what to look at first.
struct Page<'a> {
    report: &'a ExecutionReport,
    blame: Blame<'a>,
}

impl Page<'_> {
    fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let end = match report.outcome {
            ExecutionEnd::RolledBack => "FAILED, rolled back".to_owned(),
            ExecutionEnd::Dropped => "DROPPED by the host".to_owned(),
            end => end.to_string(),
        };
        writeln!(f, "{}: {end} after {}", clean(&subject(report), 100), time(report.duration))?;
        if let Some(headline) = &self.blame.headline {
            writeln!(f, "▶ {}", clean(headline, 200))?;
        }
        writeln!(f, "\n  {:<11} {}", "execution", report.id)?;
        for (name, value) in facts(report) {
            writeln!(f, "  {name:<11} {value}")?;
        }
        self.why(f)?;
        self.times(f)?;
        self.budget(f)?;
        self.tree(f)
    }

    fn why(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(failure) = &self.report.error else {
            return Ok(());
        };
        writeln!(f, "\nWHY IT FAILED")?;
        for (depth, place) in self.blame.path.iter().enumerate() {
            let lead = if depth == 0 { String::new() } else { "   ".repeat(depth - 1) + "└─ " };
            writeln!(f, "  {lead}{}", clean(place, 100))?;
        }
        why(failure).iter().try_for_each(|line| writeln!(f, "  {line}"))
    }

    fn times(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.report.steps.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nWHO SPENT THE TIME")?;
        for spent in &self.blame.times {
            let share = percent(spent.own, self.report.duration);
            let name = clean(&format!("{}  {}", spent.name, spent.object), 44);
            writeln!(
                f,
                "  {name:<46}{:>10}  {} {share:>3} %{}",
                time(spent.own),
                bar(share),
                more(spent)
            )?;
        }
        Ok(())
    }

    fn budget(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (usage, limits) = (&self.report.usage, &self.report.limits);
        let used: Vec<Limit> =
            Limit::ALL.iter().copied().filter(|limit| usage.of(*limit) > 0).collect();
        if used.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nWHAT IT USED OF ITS LIMITS")?;
        for limit in used {
            let (used, most) = (usage.of(limit), limits.of(limit));
            let share = share(used, most);
            let told = amount(self.report, limit);
            let warning = if used > most {
                "  ◀ PASSED"
            } else if share >= 80 {
                "  ◀ NEAR"
            } else {
                ""
            };
            let most_by = most_by(self.report, limit);
            writeln!(
                f,
                "  {:<28}{told:>28}  {} {share:>3} %{most_by}{warning}",
                limit.noun(),
                bar(share)
            )?;
        }
        Ok(())
    }

    fn tree(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let tree = Tree::of(self.report);
        writeln!(f, "\nWHAT HAPPENED{}WHEN", " ".repeat(TREE + 11 - 13))?;
        log(f, "  ", &tree.log)?;
        for node in &tree.nodes {
            self.node(f, node, "  ", "  ")?;
        }
        if self.report.steps_left_out > 0 {
            let left_out = count(self.report.steps_left_out, "step");
            writeln!(f, "  … and {left_out} more that were not written down")?;
        }
        Ok(())
    }

    /// Writes a node behind `lead`, and what is in it behind `below`.
    fn node(&self, f: &mut Formatter<'_>, node: &Node<'_>, lead: &str, below: &str) -> fmt::Result {
        let (what, more) = node.told();
        let told = clean(format!("{lead}{what}  {more}").trim_end(), TREE - 1);
        let line = timeline(node, self.report.duration);
        writeln!(f, "{told:<TREE$}{:>10} {line}{}", time(node.duration()), self.mark(node))?;
        let is_last = node.children.is_empty();
        if let Some(failure) = node.failed().and_then(|step| step.error.as_deref())
            && node.children.iter().all(|child| child.failed().is_none())
        {
            let lead = format!("{below}{} ", if is_last { " " } else { "│" });
            why(failure).iter().try_for_each(|line| writeln!(f, "{lead}! {line}"))?;
        }
        log(f, &format!("{below}{} ", if is_last { " " } else { "│" }), &node.log)?;
        for (i, child) in node.children.iter().enumerate() {
            let (branch, rest) = if i + 1 == node.children.len() {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            self.node(f, child, &format!("{below}{branch}"), &format!("{below}{rest}"))?;
        }
        Ok(())
    }

    fn mark(&self, node: &Node<'_>) -> &'static str {
        let fatal = node.has(self.blame.fatal);
        match (fatal, node.has(self.blame.slowest), node.failed()) {
            (true, _, Some(_)) if node.is_loop() => " ◀ FAILED HERE, IN A LOOP?",
            (true, _, Some(_)) => " ◀ FAILED HERE",
            (true, _, None) => " ◀ DROPPED HERE",
            (false, true, _) => " ◀ SLOWEST HANDLER",
            (false, false, Some(_)) => " ✗",
            (false, false, None) if node.is_loop() => " ◀ IN A LOOP?",
            (false, false, None) => "",
        }
    }
}

/// Returns what was used of something, and how much there was.
pub(super) fn amount(report: &ExecutionReport, limit: Limit) -> String {
    let form = if limit == Limit::HeapSize { bytes } else { number };
    format!("{} of {}", form(report.usage.of(limit)), form(report.limits.of(limit)))
}

/// Returns the handler that used most of something, where it is not the only one.
pub(super) fn most_by(report: &ExecutionReport, limit: Limit) -> String {
    let used = report.usage.handlers().map(|name| (report.usage.by_handler(name, limit), name));
    match used.max_by_key(|(used, _)| *used) {
        Some((used, name)) if used > 0 => format!("  {} by {}", number(used), clean(name, 40)),
        _ => String::new(),
    }
}

/// Returns what else is known of a handler.
pub(super) fn more(spent: &Spent<'_>) -> String {
    let mut more = String::new();
    if spent.is_handler() {
        more = format!("  {}, {}", count(spent.runs, "run"), count(spent.rows, "row"));
    }
    if !spent.cpu.is_zero() {
        let _ = write!(more, ", CPU {}", time(spent.cpu));
    }
    if spent.peak > 0 {
        let _ = write!(more, ", memory {}", bytes(spent.peak));
    }
    more
}

fn bar(share: u32) -> String {
    let full = (share.min(100) * CELLS).div_ceil(100) as usize;
    "█".repeat(full) + &"░".repeat(CELLS as usize - full)
}

/// Shows when a node ran, from the start of the execution at the left to its end at the right.
fn timeline(node: &Node<'_>, whole: Duration) -> String {
    let mut cells = vec!['·'; CELLS as usize];
    for (_, step) in &node.steps {
        let place = |at: Duration| {
            let nanos = at.as_nanos() * u128::from(CELLS);
            usize::try_from(nanos.checked_div(whole.as_nanos()).unwrap_or_default())
                .unwrap_or(usize::MAX)
        };
        let first = place(step.start).min(cells.len() - 1);
        let last = place(step.start + step.duration).clamp(first, cells.len() - 1);
        cells[first..=last].fill('█');
    }
    cells.into_iter().collect()
}

fn log(f: &mut Formatter<'_>, lead: &str, entries: &[&LogEntry]) -> fmt::Result {
    let lines = lines(entries);
    for (level, line) in lines.iter().take(ENTRIES) {
        writeln!(f, "{lead}{} {line}", word(*level))?;
    }
    match lines.len().saturating_sub(ENTRIES) {
        0 => Ok(()),
        more => writeln!(f, "{lead}… and {} more", count(more as u64, "line")),
    }
}

/// Returns what entries say; those that say the same are one line.
pub(super) fn lines(entries: &[&LogEntry]) -> Vec<(Level, String)> {
    let mut places: HashMap<(Level, String), usize> = HashMap::new();
    let mut counted: Vec<(Level, String, u64)> = Vec::new();
    for entry in entries {
        let line = said(entry);
        let place = places.entry((entry.level, line.clone())).or_insert(counted.len());
        match counted.get_mut(*place) {
            Some((.., times)) => *times += 1,
            None => counted.push((entry.level, line, 1)),
        }
    }
    let told = |(level, line, times)| match times {
        1 => (level, line),
        _ => (level, format!("{line}  × {}", number(times))),
    };
    counted.into_iter().map(told).collect()
}

/// Returns the word for a level, in five letters.
pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Debug => "DEBUG",
        Level::Info => "INFO ",
        Level::Warn => "WARN ",
        Level::Error => "ERROR",
    }
}
