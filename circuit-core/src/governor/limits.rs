//! The limits: one table, from which all else derives.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::profile::Profile;
use crate::schema::nearest;
use crate::value::Text;

macro_rules! limits {
    (profiles: $($profile:ident),+; $((
        $variant:ident, $used:ident, $limit:ident, $with:ident, $noun:literal, $adds:ident,
        $($most:literal),+
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

            /// Returns what the uses of several handlers make together.
            pub(super) fn sums(self) -> Sums {
                match self { $(Self::$variant => Sums::$adds,)+ }
            }
        }

        impl Limits {
            /// Returns the limits of a profile.
            pub(super) const fn of_profile(profile: &'static Profile) -> Self {
                Self { profile, most: [$([$($most),+][profile.column],)+] }
            }

            $(
                #[doc = concat!("Returns the most ", $noun, " that an execution may use.")]
                pub fn $limit(&self) -> u64 {
                    self.of(Limit::$variant)
                }

                #[doc = concat!("Sets the most ", $noun, " that an execution may use.")]
                #[must_use]
                pub fn $with(self, most: u64) -> Self {
                    self.with(Limit::$variant, most)
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

/// What the uses of several calls make together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sums {
    /// Their sum.
    Sum,
    /// The greatest of them.
    Greatest,
}

/// How much an execution may use.
///
/// As data it is an object of names and numbers over a profile, such as
/// `{"profile":"apex_v67","dml_rows":500}`; the profile is `circuit` where none is named.
///
/// # Examples
/// ```
/// use circuit_core::Limits;
///
/// let trial = Limits::circuit().with_limit_dml_rows(500);
/// assert_eq!(trial.limit_dml_rows(), 500);
/// assert_eq!(trial.limit_queries(), Limits::apex_v67().limit_queries());
///
/// let stored: Limits = serde_json::from_str(r#"{"profile":"circuit","dml_rows":500}"#)?;
/// assert_eq!(stored, trial);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Limits {
    profile: &'static Profile,
    most: [u64; Limit::ALL.len()],
}

impl Limits {
    /// Returns the most that may be used of something.
    pub fn of(&self, limit: Limit) -> u64 {
        self.most[limit as usize]
    }

    /// Sets the most that may be used of something.
    #[must_use]
    pub fn with(mut self, limit: Limit, most: u64) -> Self {
        self.most[limit as usize] = most;
        self
    }

    /// Returns the profile that these limits began as.
    pub fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// Takes what an object of names and numbers says, over these limits.
    ///
    /// # Errors
    /// A message that names the unknown limit and the nearest known one.
    pub(super) fn overridden(mut self, named: &BTreeMap<String, u64>) -> Result<Self, String> {
        for (name, most) in named {
            let known = Limit::ALL.iter().find(|limit| limit.name() == name);
            let limit = known.ok_or_else(|| unknown("limit", name, Limit::ALL, Limit::name))?;
            self = self.with(*limit, *most);
        }
        Ok(self)
    }
}

/// Says that a name is not known, and which are.
pub(super) fn unknown<T: Copy>(
    what: &str,
    name: &str,
    known: &[T],
    name_of: impl Fn(T) -> &'static str,
) -> String {
    let texts: Vec<Text> = known.iter().map(|t| Text::from_static(name_of(*t))).collect();
    let all = texts.join(", ");
    match nearest(texts.iter(), name) {
        Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`? known: {all}"),
        None => format!("unknown {what} `{name}`; known: {all}"),
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        map.entry(&"profile", &self.profile.name);
        map.entries(Limit::ALL.iter().map(|limit| (limit.name(), self.of(*limit)))).finish()
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default)]
    profile: Option<String>,
    #[serde(flatten)]
    most: BTreeMap<String, u64>,
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = Limit::ALL.iter().map(|limit| (limit.name().to_owned(), self.of(*limit)));
        let profile = Some(self.profile.name.to_owned());
        Stored { profile, most: named.collect() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { profile, most } = Stored::deserialize(deserializer)?;
        let limits = match profile {
            Some(name) => Profile::named(&name).map_err(de::Error::custom)?.limits(),
            None => Self::circuit(),
        };
        limits.overridden(&most).map_err(de::Error::custom)
    }
}

limits! {
    profiles: apex_v67, apex_v67_async, apex_v68, apex_v68_async, circuit;
    // variant, used, limit, setter, noun, how calls add up, and the most in each profile
    (Queries, queries, limit_queries, with_limit_queries, "queries", Sum, 100, 200, 100, 200, 100),
    (SubQueries, sub_queries, limit_sub_queries, with_limit_sub_queries, "sub-queries", Sum, 300, 600, 300, 600, 300),
    (QueryRows, query_rows, limit_query_rows, with_limit_query_rows, "query rows", Sum, 50_000, 50_000, 50_000, 50_000, 50_000),
    (DmlStatements, dml_statements, limit_dml_statements, with_limit_dml_statements, "DML statements", Sum, 150, 150, 150, 150, 150),
    (DmlRows, dml_rows, limit_dml_rows, with_limit_dml_rows, "DML rows", Sum, 10_000, 10_000, 10_000, 10_000, 10_000),
    (Callouts, callouts, limit_callouts, with_limit_callouts, "callouts", Sum, 100, 100, 100, 100, 50),
    (CalloutTime, callout_time, limit_callout_time, with_limit_callout_time, "milliseconds of callouts", Sum, 120_000, 120_000, 120_000, 120_000, 120_000),
    (QueueableJobs, queueable_jobs, limit_queueable_jobs, with_limit_queueable_jobs, "after-commit hooks", Sum, 50, 1, 50, 1, 50),
    (Depth, depth, limit_depth, with_limit_depth, "levels of triggers", Greatest, 16, 16, 16, 16, 16),
    (HookDepth, hook_depth, limit_hook_depth, with_limit_hook_depth, "levels of executions begun by hooks", Greatest, 5, 5, 5, 5, 5),
    (CpuTime, cpu_time, limit_cpu_time, with_limit_cpu_time, "milliseconds of processor time", Sum, 10_000, 60_000, 10_000, 60_000, 10_000),
    (HeapSize, heap_size, limit_heap_size, with_limit_heap_size, "bytes of memory", Greatest, 6_000_000, 12_000_000, 10_000_000, 25_000_000, 134_217_728),
    (WallClock, wall_clock, limit_wall_clock, with_limit_wall_clock, "milliseconds of wall clock", Greatest, 600_000, 600_000, 600_000, 600_000, 30_000),
}
