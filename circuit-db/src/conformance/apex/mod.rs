//! Apex's trigger semantics as behaviours, each shown by running triggers over a store.
//!
//! A behaviour is a sentence, the section of the reference that it comes from, and what it rests
//! on. `docs/conformance.md` is the list of them with the result on each store.

mod attempt;
mod bypass;
mod callout;
mod callout_time;
mod chunk;
mod chunk_mixed;
mod commit;
mod context;
mod context_image;
mod corner;
mod corner_late;
mod delete;
mod delivery;
mod dry_run;
mod error;
mod error_final;
mod governor;
mod hook;
mod isolate;
mod job;
mod limit;
mod merge;
mod partial;
mod recursion;
mod savepoint;
mod self_dml;
mod self_dml_own;
mod stage;
mod transaction;
mod undelete;
mod upsert;
mod validation;
mod validation_late;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use circuit_core::{CircuitDB, ObjectSchema};

use super::{Broken, Shown, Verdict};
use stage::Stage;
pub use stage::schemas;

/// What a behaviour rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Salesforce's guides say so.
    Documented,
    /// It follows from what the guides say, or practitioners observed it.
    Inferred,
    /// The guides are silent or contradict themselves, or Circuit does something else on purpose.
    Chosen,
}

type Run = fn(Stage) -> Pin<Box<dyn Future<Output = Shown> + Send>>;

/// One sentence about how triggers behave.
#[derive(Clone, Copy)]
pub struct Behaviour {
    /// The sentence, in snake case.
    pub name: &'static str,
    /// The section of the reference, such as `A7`.
    pub section: &'static str,
    /// What it rests on.
    pub basis: Basis,
    run: Run,
}

impl fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.section, self.name)
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Inferred => "inferred",
            Self::Chosen => "Circuit chooses",
        })
    }
}

/// Names the functions of a module as behaviours of their sections.
macro_rules! name_behaviours {
    ($($section:literal: $($basis:ident $name:ident,)+)+) => {
        pub(super) const BEHAVIOURS: &[$crate::conformance::apex::Behaviour] = &[$($(
            $crate::conformance::apex::Behaviour {
                name: stringify!($name),
                section: $section,
                basis: $crate::conformance::apex::Basis::$basis,
                run: |stage| Box::pin($name(stage)),
            },
        )+)+];
    };
}
pub(crate) use name_behaviours;

/// Returns all behaviours, in the order of the reference.
pub fn behaviours() -> Vec<Behaviour> {
    let mut all = [
        context::BEHAVIOURS,
        context_image::BEHAVIOURS,
        self_dml::BEHAVIOURS,
        self_dml_own::BEHAVIOURS,
        chunk::BEHAVIOURS,
        chunk_mixed::BEHAVIOURS,
        validation::BEHAVIOURS,
        validation_late::BEHAVIOURS,
        recursion::BEHAVIOURS,
        error::BEHAVIOURS,
        error_final::BEHAVIOURS,
        partial::BEHAVIOURS,
        attempt::BEHAVIOURS,
        isolate::BEHAVIOURS,
        transaction::BEHAVIOURS,
        savepoint::BEHAVIOURS,
        hook::BEHAVIOURS,
        callout::BEHAVIOURS,
        callout_time::BEHAVIOURS,
        upsert::BEHAVIOURS,
        merge::BEHAVIOURS,
        delete::BEHAVIOURS,
        undelete::BEHAVIOURS,
        bypass::BEHAVIOURS,
        governor::BEHAVIOURS,
        limit::BEHAVIOURS,
        job::BEHAVIOURS,
        delivery::BEHAVIOURS,
        dry_run::BEHAVIOURS,
        commit::BEHAVIOURS,
        corner::BEHAVIOURS,
        corner_late::BEHAVIOURS,
    ]
    .concat();
    all.sort_by_key(|behaviour| section_number(behaviour.section));
    all
}

fn section_number(section: &str) -> u32 {
    section.trim_start_matches('A').parse().unwrap_or(u32::MAX)
}

/// Runs every behaviour, each on a new store that `open` makes with [`schemas`].
///
/// The store has to be transactional: it commits whole plans, checks versions, lets callers choose
/// ids, and has a recycle bin.
pub async fn run<F, Fut>(open: F) -> Vec<(Behaviour, Verdict)>
where
    F: Fn(Vec<ObjectSchema>) -> Fut,
    Fut: Future<Output = Arc<dyn CircuitDB>>,
{
    let mut verdicts = Vec::new();
    for behaviour in behaviours() {
        let stage = Stage::new(open(schemas()).await);
        let shown = (behaviour.run)(stage).await;
        verdicts.push((behaviour, shown.map_or_else(Verdict::Broken, |()| Verdict::Holds)));
    }
    verdicts
}

/// Returns a verdict for a condition that has to hold, with what was seen.
fn shown(holds: bool, seen: impl fmt::Debug) -> Shown {
    if holds { Ok(()) } else { Err(Broken(format!("{seen:?}"))) }
}
