//! The profiles of limits: which there are, and where their numbers come from.

use std::fmt;

use super::Limits;
use super::limits::unknown;

/// A named set of limits: a version of somebody's rules, with its source and date.
///
/// # Examples
/// ```
/// use circuit_core::{Limits, Profile};
///
/// let names: Vec<_> = Profile::ALL.iter().map(|profile| profile.name).collect();
/// assert!(names.contains(&"apex_v67"));
/// assert_eq!(Profile::named("apex_v67")?.limits(), Limits::apex_v67());
/// assert!(Profile::named("apex_v66").unwrap_err().to_string().contains("apex_v67"));
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// The name, such as `apex_v67`.
    pub name: &'static str,
    /// Where the numbers come from.
    pub source: &'static str,
    /// The day on which they were looked up, or the month, such as `2026-11`.
    pub date: &'static str,
    /// Its column in the table of limits.
    pub(super) column: usize,
}

impl Profile {
    /// Returns the limits.
    pub fn limits(&'static self) -> Limits {
        Limits::of_profile(self)
    }

    /// Returns the profile of a name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming those that there are.
    pub fn named(name: &str) -> crate::Result<&'static Self> {
        let found = Self::ALL.iter().find(|profile| profile.name == name);
        found.copied().ok_or_else(|| {
            let message = unknown("profile", name, Self::ALL, |profile| profile.name);
            crate::Error::new(crate::ErrorKind::InvalidInput, message)
        })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.name, self.source, self.date)
    }
}

macro_rules! profiles {
    ($($(#[doc = $doc:literal])+ $name:ident: $column:literal, $source:literal, $date:literal;)+) => {
        impl Profile {
            /// Every profile.
            pub const ALL: &'static [&'static Self] = &[$({
                static PROFILE: Profile = Profile {
                    name: stringify!($name),
                    source: $source,
                    date: $date,
                    column: $column,
                };
                &PROFILE
            },)+];
        }

        impl Limits {
            $(
                $(#[doc = $doc])+
                pub fn $name() -> Self {
                    Self::of_profile(Profile::ALL[$column])
                }
            )+
        }
    };
}

profiles! {
    /// Returns the limits of a synchronous Apex transaction at API version 67.
    apex_v67: 0, "Apex Developer Guide 262, Execution Governors and Limits", "2026-11";
    /// Returns the limits of an asynchronous Apex transaction at API version 67.
    apex_v67_async: 1, "Apex Developer Guide 262, Execution Governors and Limits", "2026-11";
    /// Returns the limits of a synchronous Apex transaction at API version 68: more memory.
    apex_v68: 2, "Winter '27 release notes, from copies of them", "2026-11";
    /// Returns the limits of an asynchronous Apex transaction at API version 68: more memory.
    apex_v68_async: 3, "Winter '27 release notes, from copies of them", "2026-11";
    /// Returns the limits of Circuit: those of a synchronous Apex transaction, but with 30 seconds
    /// of wall clock, 128 MiB of memory and 50 callouts.
    circuit: 4, "Circuit's own choice", "2026-11";
}
