//! The contract of a store as tests, for every backend and wrapper.
//!
//! A claim is a sentence and a function that shows it. Each runs on a new store, which is opened
//! with [`schemas`]. A claim that a store's capability takes back is not applicable, and says so.

pub mod apex;
mod bin;
mod commit;
mod db;
mod filter;
mod id;
mod open;
mod page;
mod people;
mod placeholder;
mod query_child;
mod query_date;
mod query_group;
mod query_list;
mod query_parent;
mod record;
mod reference;
mod support;
mod unique;
mod version;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use circuit_core::{Capability, CircuitDB, Error, ObjectSchema};

use db::Db;
pub use page::{Column, page};
pub use support::schemas;

/// Why a claim does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self(format!("{error:?}"))
    }
}

/// The answer of a claim.
pub type Shown = Result<(), Broken>;

type Run = fn(Db) -> Pin<Box<dyn Future<Output = Shown> + Send>>;

/// One sentence about every store.
#[derive(Clone, Copy)]
pub struct Claim {
    /// The sentence, in snake case.
    pub name: &'static str,
    /// The part of the contract.
    pub section: &'static str,
    /// What a store must be able to do for it.
    needs: fn(&Capability) -> bool,
    run: Run,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.section, self.name)
    }
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// The store's capability says beforehand that it does not.
    NotApplicable,
    /// It does not hold.
    Broken(Broken),
}

/// What became of every claim on one store.
#[derive(Debug, Clone)]
pub struct Report {
    /// The claims and their verdicts, in order.
    pub verdicts: Vec<(Claim, Verdict)>,
}

impl Report {
    /// Returns the claims that do not hold, a line each.
    pub fn broken(&self) -> Vec<String> {
        let line = |(claim, verdict): &(Claim, Verdict)| match verdict {
            Verdict::Broken(why) => Some(format!("{claim:?}: {why}")),
            _ => None,
        };
        self.verdicts.iter().filter_map(line).collect()
    }

    /// Returns the number of claims that hold.
    pub fn held(&self) -> usize {
        self.verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Holds).count()
    }
}

/// Names the functions of a module as claims.
macro_rules! name_claims {
    ($section:literal, $needs:expr, $($name:ident),+ $(,)?) => {
        pub(super) const CLAIMS: &[$crate::conformance::Claim] = &[$(
            $crate::conformance::Claim {
                name: stringify!($name),
                section: $section,
                needs: $needs,
                run: |db| Box::pin($name(db)),
            },
        )+];
    };
}
pub(crate) use name_claims;

/// Returns all claims.
pub fn claims() -> Vec<Claim> {
    [
        record::CLAIMS,
        open::CLAIMS,
        filter::CLAIMS,
        query_parent::CLAIMS,
        query_child::CLAIMS,
        query_group::CLAIMS,
        query_list::CLAIMS,
        query_date::CLAIMS,
        commit::CLAIMS,
        version::CLAIMS,
        bin::CLAIMS,
        id::CLAIMS,
        placeholder::CLAIMS,
        unique::CLAIMS,
        reference::CLAIMS,
    ]
    .concat()
}

/// Runs every claim, each on a store that `open` makes with [`schemas`].
pub async fn run<F, Fut>(open: F) -> Report
where
    F: Fn(Vec<ObjectSchema>) -> Fut,
    Fut: Future<Output = Arc<dyn CircuitDB>>,
{
    let mut verdicts = Vec::new();
    for claim in claims() {
        let db = open(schemas()).await;
        let verdict = if (claim.needs)(db.capability()) {
            (claim.run)(Db::new(db)).await.map_or_else(Verdict::Broken, |()| Verdict::Holds)
        } else {
            Verdict::NotApplicable
        };
        verdicts.push((claim, verdict));
    }
    Report { verdicts }
}
