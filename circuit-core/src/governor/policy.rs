//! Which limits a tenant has.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};

use super::Limits;

/// Which limits each tenant has: the default, by tier, by tenant.
///
/// As data it is an object of three keys; a tenant names its tier and what it has of its own:
///
/// ```
/// use circuit_core::{LimitPolicy, Limits};
///
/// let policy: LimitPolicy = serde_json::from_str(
///     r#"{
///         "default": {"profile": "circuit"},
///         "tiers": {"trial": {"profile": "circuit", "dml_rows": 500, "callouts": 5}},
///         "tenants": {"acme": {"tier": "trial", "dml_rows": 2000}}
///     }"#,
/// )?;
/// assert_eq!(policy.of("acme").limit_dml_rows(), 2_000);
/// assert_eq!(policy.of("acme").limit_callouts(), 5);
/// assert_eq!(policy.of("somebody"), &Limits::circuit());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Names that are not known are errors that tell the nearest known one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitPolicy {
    default: Limits,
    tiers: BTreeMap<String, Limits>,
    tenants: BTreeMap<String, Limits>,
}

impl LimitPolicy {
    /// Returns the limits of a tenant; those of everybody where it has none of its own.
    pub fn of(&self, tenant: &str) -> &Limits {
        self.tenants.get(tenant).unwrap_or(&self.default)
    }

    /// Returns the limits of a tier.
    pub fn tier(&self, name: &str) -> Option<&Limits> {
        self.tiers.get(name)
    }

    /// Sets the limits of a tier.
    #[must_use]
    pub fn with_tier(mut self, name: impl Into<String>, limits: Limits) -> Self {
        self.tiers.insert(name.into(), limits);
        self
    }

    /// Sets the limits of a tenant.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<String>, limits: Limits) -> Self {
        self.tenants.insert(tenant.into(), limits);
        self
    }
}

impl Default for LimitPolicy {
    fn default() -> Self {
        Limits::circuit().into()
    }
}

impl From<Limits> for LimitPolicy {
    /// The same limits for everybody.
    fn from(default: Limits) -> Self {
        Self { default, tiers: BTreeMap::new(), tenants: BTreeMap::new() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default)]
    default: Option<Limits>,
    #[serde(default)]
    tiers: BTreeMap<String, Limits>,
    #[serde(default)]
    tenants: BTreeMap<String, StoredTenant>,
}

#[derive(Deserialize)]
struct StoredTenant {
    #[serde(default)]
    tier: Option<String>,
    #[serde(flatten)]
    own: BTreeMap<String, u64>,
}

impl<'de> Deserialize<'de> for LimitPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { default, tiers, tenants } = Stored::deserialize(deserializer)?;
        let mut policy = Self { tiers, ..Self::from(default.unwrap_or_else(Limits::circuit)) };
        for (tenant, StoredTenant { tier, own }) in tenants {
            let base = match &tier {
                Some(tier) => policy.tiers.get(tier).ok_or_else(|| {
                    let known = policy.tiers.keys().cloned().collect::<Vec<_>>().join(", ");
                    let message = format!("tenant `{tenant}`: no tier `{tier}`; known: {known}");
                    de::Error::custom(message)
                })?,
                None => &policy.default,
            };
            let limits = base.clone().overridden(&own);
            let limits =
                limits.map_err(|why| de::Error::custom(format!("tenant `{tenant}`: {why}")))?;
            policy.tenants.insert(tenant, limits);
        }
        Ok(policy)
    }
}
