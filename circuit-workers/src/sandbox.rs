//! What the operating system keeps a worker from.

use circuit_core::Sandbox;

/// Whether workers are restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Wanted {
    #[default]
    No,
    WherePossible,
    Always,
}

/// Restricts the calling thread, for good; answers what it is kept from.
#[cfg(target_os = "linux")]
pub(crate) fn restrict() -> Result<Sandbox, String> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
        RulesetStatus,
    };
    // Of what the kernel cannot do, the most is taken that it can.
    let restricted = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V4))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI::V4)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    match restricted.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => Ok(Sandbox::FilesNetworkPrograms),
        Ok(RulesetStatus::PartiallyEnforced) => Ok(Sandbox::FilesPrograms),
        Ok(RulesetStatus::NotEnforced) => Err("the kernel has no Landlock".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Restricts the calling thread: not here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn restrict() -> Result<Sandbox, String> {
    Err("only Linux has Landlock".to_owned())
}
