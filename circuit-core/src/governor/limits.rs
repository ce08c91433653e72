//! The limits: one table, from which all else derives.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! limits {
    ($((
        $variant:ident, $used:ident, $limit:ident, $with:ident, $noun:literal,
        $sync:literal, $asynchronous:literal, $circuit:literal
    ),)+) => {
        /// Something that an execution may use only so much of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Limit { $(#[doc = concat!("The ", $noun, ".")] $variant,)+ }

        impl Limit {
            /// Every limit, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the name in Rust and in stored records, such as `dml_rows`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($used),)+ }
            }

            /// Returns what is counted, for messages.
            pub fn noun(self) -> &'static str {
                match self { $(Self::$variant => $noun,)+ }
            }
        }

        impl Limits {
            /// Returns the limits of Circuit: those of a synchronous Apex transaction, but with 30
            /// seconds of wall clock and 50 callouts.
            pub fn circuit() -> Self {
                Self([$($circuit,)+])
            }

            /// Returns the limits of a synchronous Apex transaction at API version 67.
            pub fn apex_v67() -> Self {
                Self([$($sync,)+])
            }

            /// Returns the limits of an asynchronous Apex transaction at API version 67.
            pub fn apex_v67_async() -> Self {
                Self([$($asynchronous,)+])
            }

            $(
                #[doc = concat!("Returns the most ", $noun, " that an execution may use.")]
                pub fn $limit(&self) -> u64 {
                    self.of(Limit::$variant)
                }

                #[doc = concat!("Sets the most ", $noun, " that an execution may use.")]
                #[must_use]
                pub fn $with(mut self, most: u64) -> Self {
                    self.0[Limit::$variant as usize] = most;
                    self
                }
            )+
        }

        impl super::Usage {
            $(
                #[doc = concat!("Returns the ", $noun, " used.")]
                pub fn $used(&self) -> u64 {
                    self.of(Limit::$variant)
                }
            )+
        }

        impl super::Governor {
            $(
                #[doc = concat!("Returns the ", $noun, " used up to now.")]
                pub fn $used(&self) -> u64 {
                    self.used(Limit::$variant)
                }

                #[doc = concat!("Returns the most ", $noun, " that this execution may use.")]
                pub fn $limit(&self) -> u64 {
                    self.limits().of(Limit::$variant)
                }
            )+
        }
    };
}

/// How much an execution may use.
///
/// # Examples
/// ```
/// use circuit_core::Limits;
///
/// let trial = Limits::circuit().with_limit_dml_rows(500);
/// assert_eq!(trial.limit_dml_rows(), 500);
/// assert_eq!(trial.limit_queries(), Limits::apex_v67().limit_queries());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits([u64; Limit::ALL.len()]);

impl Limits {
    /// Returns the most that may be used of something.
    pub fn of(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Limit::ALL.iter().map(|limit| (limit.name(), self.of(*limit))))
    }
}

impl<'de> Deserialize<'de> for Limits {
    /// Takes the limits that are not named from [`Limits::circuit`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let named = BTreeMap::<String, u64>::deserialize(deserializer)?;
        let mut limits = Self::circuit();
        for limit in Limit::ALL {
            if let Some(most) = named.get(limit.name()) {
                limits.0[*limit as usize] = *most;
            }
        }
        Ok(limits)
    }
}

limits! {
    // variant, used, limit, setter, noun, Apex synchronous, Apex asynchronous, Circuit
    (Queries, queries, limit_queries, with_limit_queries, "queries", 100, 200, 100),
    (QueryRows, query_rows, limit_query_rows, with_limit_query_rows, "query rows", 50_000, 50_000, 50_000),
    (DmlStatements, dml_statements, limit_dml_statements, with_limit_dml_statements, "DML statements", 150, 150, 150),
    (DmlRows, dml_rows, limit_dml_rows, with_limit_dml_rows, "DML rows", 10_000, 10_000, 10_000),
    (Callouts, callouts, limit_callouts, with_limit_callouts, "callouts", 100, 100, 50),
    (CalloutTime, callout_time, limit_callout_time, with_limit_callout_time, "milliseconds of callouts", 120_000, 120_000, 120_000),
    (QueueableJobs, queueable_jobs, limit_queueable_jobs, with_limit_queueable_jobs, "after-commit hooks", 50, 1, 50),
    (Depth, depth, limit_depth, with_limit_depth, "levels of triggers", 16, 16, 16),
    (WallClock, wall_clock, limit_wall_clock, with_limit_wall_clock, "milliseconds of wall clock", 600_000, 600_000, 30_000),
}
