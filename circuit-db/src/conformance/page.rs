//! The results as a page: `docs/conformance.md` is made by it.

use std::fmt::Write;

use super::apex::Behaviour;
use super::{Report, Verdict};

/// What came out on one store.
#[derive(Debug, Clone)]
pub struct Column {
    /// The store's name.
    pub store: &'static str,
    /// The contract of stores.
    pub contract: Report,
    /// The behaviours of triggers.
    pub behaviours: Vec<(Behaviour, Verdict)>,
}

/// Returns a page in Markdown: each behaviour and claim with its result per store.
///
/// # Panics
/// If there is no column.
pub fn page(columns: &[Column]) -> String {
    let first = columns.first().expect("a page has a column");
    let stores: Vec<&str> = columns.iter().map(|column| column.store).collect();
    let mut page = format!(
        "# Conformance\n\n\
         How Circuit behaves where Apex's triggers are the model, shown by running triggers over each \
         store,\nand what every store promises. `cargo xtask conformance` writes this page from what \
         came out;\n`cargo xtask test` fails if it is out of date.\n\n\
         *Section* names the part of the reference: A1 events and context, A2 mutability and DML on \
         one's own\nrecords, A3 bulk and chunks, A4 the order of the save, A5 recursion and re-fire, \
         A6 errors, A7 partial\nsuccess, A8 transactions, A9 callouts, A10 operations, A12 limits, \
         A13 work after the commit, A14 event\ntriggers, A15 and A16 what carries over. *Basis* tells \
         what a line rests on: Salesforce's guides\n(documented), what follows from them or was \
         observed (inferred), or Circuit's own choice, which\n[Differences from \
         Apex](apex-differences.md) explains.\n\n\
         {} behaviours and {} claims, on {}.\n\n## Triggers\n",
        first.behaviours.len(),
        first.contract.verdicts.len(),
        listed(&stores),
    );
    let head = |page: &mut String, lead: &str| {
        line(page, &format!("| {lead} | {} |", stores.join(" | ")));
        let dashes = "--- | ".repeat(lead.matches('|').count() + 1 + stores.len());
        line(page, &format!("| {}", dashes.trim_end()));
    };
    let mut section = "";
    for (i, (behaviour, _)) in first.behaviours.iter().enumerate() {
        if section != behaviour.section {
            section = behaviour.section;
            line(&mut page, &format!("\n### {section}\n"));
            head(&mut page, "behaviour | basis");
        }
        let verdicts = columns.iter().map(|column| &column.behaviours[i].1);
        row(&mut page, &format!("{} | {}", sentence(behaviour.name), behaviour.basis), verdicts);
    }
    line(&mut page, "\n## Stores");
    let mut section = "";
    for (i, (claim, _)) in first.contract.verdicts.iter().enumerate() {
        if section != claim.section {
            section = claim.section;
            line(&mut page, &format!("\n### {section}\n"));
            head(&mut page, "claim");
        }
        let verdicts = columns.iter().map(|column| &column.contract.verdicts[i].1);
        row(&mut page, &sentence(claim.name), verdicts);
    }
    page
}

/// Joins names as a sentence does.
fn listed(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

fn row<'a>(page: &mut String, lead: &str, verdicts: impl Iterator<Item = &'a Verdict>) {
    let words: Vec<&str> = verdicts
        .map(|verdict| match verdict {
            Verdict::Holds => "holds",
            Verdict::NotApplicable => "not applicable",
            Verdict::Broken(_) => "**broken**",
        })
        .collect();
    line(page, &format!("| {lead} | {} |", words.join(" | ")));
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("a string can be written to");
}

fn sentence(name: &str) -> String {
    name.replace('_', " ")
}
