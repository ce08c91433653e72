//! The form for a browser: one page, without scripts, that loads nothing.

use std::fmt::Write;
use std::time::Duration;

use circuit_core::{ExecutionEnd, ExecutionReport, Level, Limit, LogEntry, Step, StepKind};

use super::blame::Blame;
use super::chain::depth;
use super::text::{amount, facts, lines, more, most_by, subject, why, word};
use super::tree::{Node, Tree};
use super::word::{clean, count, percent, share, time};

/// So many lines of the log in one place, or single runs of a line, are shown.
const MOST: usize = 50;

/// So many of the steps that a line stands for are shown on its time line.
const MARKS: usize = 500;

/// The longest name that is shown whole.
const LONGEST: usize = 300;

pub(super) fn page(reports: &[&ExecutionReport]) -> String {
    let title = reports.first().map_or_else(String::new, |first| subject(first));
    let mut page = Html(String::new());
    page.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
    page.text(&title);
    page.raw("</title><style>\n").raw(include_str!("style.css")).raw("</style></head><body>\n");
    if reports.len() > 1 {
        overview(&mut page, reports);
    }
    for report in reports {
        Section { page: &mut page, report, blame: Blame::of(report) }.write();
    }
    page.raw("</body></html>\n");
    page.0
}

fn overview(page: &mut Html, reports: &[&ExecutionReport]) {
    page.raw("<nav><h2>Executions, each below the one whose hook started it</h2>");
    for report in reports {
        let indent = depth(reports, report) * 2;
        let _ = write!(page.0, "<p style=\"margin-left:{indent}rem\"><a href=\"#{}\">", report.id);
        page.text(&subject(report)).raw("</a> ").pill(report);
        page.raw(" ").text(&time(report.duration)).raw("</p>");
    }
    page.raw("</nav>");
}

/// A page in the making. What is foreign goes through `text`.
struct Html(String);

impl Html {
    fn raw(&mut self, html: &str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// Adds text that cannot become markup.
    fn text(&mut self, text: &str) -> &mut Self {
        for c in clean(text, LONGEST).chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Adds an element with text in it.
    fn element(&mut self, tag: &str, class: &str, text: &str) -> &mut Self {
        let _ = write!(self.0, "<{tag} class=\"{class}\">");
        self.text(text);
        let _ = write!(self.0, "</{tag}>");
        self
    }

    fn pill(&mut self, report: &ExecutionReport) -> &mut Self {
        let class = match report.outcome {
            ExecutionEnd::Committed if report.error.is_none() => "pill good",
            ExecutionEnd::DryRun if report.error.is_none() => "pill",
            _ => "pill bad",
        };
        self.element("span", class, &report.outcome.to_string())
    }

    fn bar(&mut self, share: u32, class: &str) -> &mut Self {
        let width = share.min(100);
        let _ = write!(
            self.0,
            "<span class=\"bar {class}\"><i style=\"width:{width}%\"></i></span>\
             <span class=\"n\">{share} %</span>"
        );
        self
    }

    fn log(&mut self, entries: &[&LogEntry]) {
        let lines = lines(entries);
        for (level, line) in lines.iter().take(MOST) {
            let class = match level {
                Level::Error => "log error",
                Level::Warn => "log warn",
                _ => "log",
            };
            let _ = write!(self.0, "<p class=\"{class}\">");
            self.element("b", "", word(*level).trim_end()).raw(" ").text(line).raw("</p>");
        }
        if lines.len() > MOST {
            let more = count((lines.len() - MOST) as u64, "line");
            self.element("p", "log", &format!("… and {more} more"));
        }
    }
}

/// One execution on the page.
struct Section<'p, 'a> {
    page: &'p mut Html,
    report: &'a ExecutionReport,
    blame: Blame<'a>,
}

impl Section<'_, '_> {
    fn write(&mut self) {
        let report = self.report;
        let _ = write!(self.page.0, "<section id=\"{}\"><header><h1>", report.id);
        self.page.text(&subject(report)).raw("</h1> ").pill(report);
        self.page.element("span", "total", &time(report.duration)).raw("</header>");
        if let Some(headline) = &self.blame.headline {
            let failed = report.error.is_some() || report.outcome == ExecutionEnd::Dropped;
            let class = if failed { "headline bad" } else { "headline slow" };
            self.page.element("p", class, headline);
        }
        self.why();
        self.page.raw("<div class=\"columns\">");
        self.times();
        self.budget();
        self.page.raw("</div>");
        self.tree();
        self.facts();
        self.page.raw("</section>\n");
    }

    fn facts(&mut self) {
        self.page.raw("<h2>About this execution</h2><dl>");
        let id = ("execution", self.report.id.to_string());
        for (name, value) in std::iter::once(id).chain(facts(self.report)) {
            self.page.element("dt", "", name).element("dd", "", &value);
        }
        self.page.raw("</dl>");
    }

    fn why(&mut self) {
        let Some(failure) = &self.report.error else {
            return;
        };
        self.page.raw("<div class=\"why\"><div>");
        for (depth, place) in self.blame.path.iter().enumerate() {
            let arrow = if depth == 0 { "" } else { " → " };
            let class = if depth + 1 == self.blame.path.len() { "place last" } else { "place" };
            self.page.raw(arrow).element("span", class, place);
        }
        self.page.raw("</div>");
        for line in why(failure) {
            self.page.element("p", "", &line);
        }
        self.page.raw("</div>");
    }

    fn times(&mut self) {
        self.page.raw("<div><h2>Who spent the time</h2><table>");
        let whole = self.report.duration;
        for spent in &self.blame.times {
            let class = if spent.is_handler() { "who" } else { "who rest" };
            self.page.raw("<tr>").raw("<td>").element("span", class, spent.name);
            self.page.element("small", "", &format!(" {}{}", spent.object, more(spent)));
            self.page.raw("</td>").element("td", "n", &time(spent.own)).raw("<td>");
            let class = if spent.is_slowest(&self.blame) { "slow" } else { "" };
            self.page.bar(percent(spent.own, whole), class).raw("</td></tr>");
        }
        self.page.raw("</table></div>");
    }

    fn budget(&mut self) {
        let (usage, limits) = (&self.report.usage, &self.report.limits);
        self.page.raw("<div><h2>What it used of its limits</h2><table>");
        for limit in Limit::ALL.iter().copied().filter(|limit| usage.of(*limit) > 0) {
            let (used, most) = (usage.of(limit), limits.of(limit));
            let class = match share(used, most) {
                _ if used > most => "bad",
                80.. => "slow",
                _ => "",
            };
            self.page.raw("<tr><td>").text(limit.noun());
            self.page.element("small", "", &most_by(self.report, limit)).raw("</td>");
            self.page.element("td", "n", &amount(self.report, limit)).raw("<td>");
            self.page.bar(share(used, most), class).raw("</td></tr>");
        }
        self.page.raw("</table></div>");
    }

    fn tree(&mut self) {
        let tree = Tree::of(self.report);
        self.page.raw("<h2>What happened, and when</h2><div class=\"tree\">");
        self.page.log(&tree.log);
        tree.nodes.iter().for_each(|node| self.node(node));
        if self.report.steps_left_out > 0 {
            let left_out = count(self.report.steps_left_out, "step");
            self.page.element("p", "log", &format!("… and {left_out} more, not written down"));
        }
        self.page.raw("</div>");
    }

    fn node(&mut self, node: &Node<'_>) {
        let is_fatal = node.has(self.blame.fatal);
        let class = if is_fatal { " class=\"fatal\"" } else { "" };
        let _ = write!(self.page.0, "<details open{class}><summary><span class=\"what\">");
        let (what, more) = node.told();
        self.page.element("b", kind(node.step().kind), &what);
        if !more.is_empty() {
            self.page.raw(" ").element("small", "", &more);
        }
        self.marks(node, is_fatal);
        self.page.raw("</span>").element("span", "n", &time(node.duration()));
        self.track(node);
        self.page.raw("</summary>");
        let failure = node.failed().and_then(|step| step.error.as_deref());
        let is_innermost = node.children.iter().all(|child| child.failed().is_none());
        for line in failure.filter(|_| is_innermost).map(why).unwrap_or_default() {
            self.page.element("p", "log error", &line);
        }
        self.page.log(&node.log);
        node.children.iter().for_each(|child| self.node(child));
        self.runs(node);
        self.page.raw("</details>");
    }

    fn marks(&mut self, node: &Node<'_>, is_fatal: bool) {
        let failed = node.failed().is_some();
        let marks = [
            (is_fatal && failed, "mark bad", "failed here"),
            (is_fatal && !failed, "mark bad", "was under way when it was dropped"),
            (node.has(self.blame.slowest), "mark slow", "slowest handler"),
            (node.is_loop(), "mark slow", "in a loop?"),
            (failed && !is_fatal, "mark", "failed"),
        ];
        for (_, class, text) in marks.iter().filter(|(shown, ..)| *shown) {
            self.page.raw(" ").element("span", class, text);
        }
    }

    /// Shows when the steps ran, from the start of the execution to its end.
    fn track(&mut self, node: &Node<'_>) {
        self.page.raw("<span class=\"track\">");
        let class = match (node.has(self.blame.fatal), node.has(self.blame.slowest)) {
            (true, _) => "bad",
            (_, true) => "slow",
            _ => kind(node.step().kind),
        };
        for (_, step) in node.steps.iter().take(MARKS) {
            let left = part(step.start, self.report.duration);
            let width = part(step.duration, self.report.duration).min(100.0 - left);
            let _ = write!(
                self.page.0,
                "<i class=\"{class}\" style=\"left:min({left:.2}%,100% - 2px);width:max({width:.2}%,2px)\"></i>"
            );
        }
        self.page.raw("</span>");
    }

    /// Lists the single runs of a handler that are shown as one.
    fn runs(&mut self, node: &Node<'_>) {
        if node.steps.len() == 1 || node.step().kind != StepKind::Handler {
            return;
        }
        self.page.raw("<details class=\"runs\"><summary>each run</summary><table>");
        let longest = node.steps.iter().map(|(_, step)| step.duration).max().unwrap_or_default();
        for (_, step) in node.steps.iter().take(MOST) {
            self.page.raw("<tr>").element("td", "", &run(step));
            self.page.element("td", "n", &time(step.duration)).raw("<td>");
            let class = if step.error.is_some() { "bad" } else { "" };
            self.page.bar(percent(step.duration, longest), class).raw("</td></tr>");
        }
        self.page.raw("</table></details>");
    }
}

fn run(step: &Step) -> String {
    let chunk = step.chunk.map(|(number, of)| format!("chunk {number} of {of}, "));
    let failed = if step.error.is_some() { ", failed" } else { "" };
    format!("{}{}{failed}", chunk.unwrap_or_default(), count(step.rows, "row"))
}

/// Returns the class of a kind of step.
fn kind(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Handler => "handler",
        StepKind::Hook => "hook",
        StepKind::Query | StepKind::Callout => "asks",
        _ => "writes",
    }
}

/// Returns the part of the whole, from 0 to 100.
fn part(part: Duration, whole: Duration) -> f64 {
    if whole.is_zero() {
        0.0
    } else {
        (part.as_secs_f64() / whole.as_secs_f64() * 100.0).min(100.0)
    }
}
