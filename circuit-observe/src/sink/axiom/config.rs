//! Where Axiom is, and how much goes there at a time.

use std::fmt;
use std::time::Duration;

use circuit_core::Result;
use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::sink::QueueConfig;
use crate::sink::queue::{milliseconds, unusable};

/// The most events that Axiom takes at a time.
const MOST_EVENTS: usize = 10_000;

/// Which of Axiom's two ingest calls is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AxiomEndpoint {
    /// `/v1/datasets/{dataset}/ingest`, that of `https://api.axiom.co`.
    #[default]
    Datasets,
    /// `/v1/ingest/{dataset}`, that of an edge deployment such as
    /// `https://eu-central-1.aws.edge.axiom.co`.
    Edge,
}

/// Where Axiom is, and how much goes there at a time.
///
/// The token is neither shown by `Debug` nor written when the configuration is.
///
/// # Examples
/// ```
/// use circuit_observe::AxiomConfig;
///
/// let config = AxiomConfig::new("circuit", "xaat-1234");
/// assert_eq!(config.url, "https://api.axiom.co");
/// assert!(!format!("{config:?}").contains("xaat"));
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AxiomConfig {
    /// Where Axiom is; `https://api.axiom.co`. Without TLS only on this machine.
    pub url: String,
    /// Which call is used.
    pub endpoint: AxiomEndpoint,
    /// The dataset.
    pub dataset: String,
    /// An API token that may ingest into the dataset.
    #[serde(skip_serializing)]
    pub token: String,
    /// The most events sent at a time, up to 10,000; 1,000.
    pub max_events: usize,
    /// The most bytes sent at a time, before compression; 1 MiB. An event that is longer itself
    /// goes alone.
    pub max_bytes: usize,
    /// How long an event waits for others, in milliseconds; 1,000.
    pub linger_ms: u64,
    /// How long a request may take, in milliseconds; 10,000.
    pub timeout_ms: u64,
    /// What is held back while Axiom is slow or away.
    pub queue: QueueConfig,
}

impl Default for AxiomConfig {
    fn default() -> Self {
        Self {
            url: "https://api.axiom.co".to_owned(),
            endpoint: AxiomEndpoint::default(),
            dataset: String::new(),
            token: String::new(),
            max_events: 1_000,
            max_bytes: 1 << 20,
            linger_ms: 1_000,
            timeout_ms: 10_000,
            queue: QueueConfig::default(),
        }
    }
}

impl AxiomConfig {
    /// Starts with the defaults, a dataset and a token that may ingest into it.
    pub fn new(dataset: impl Into<String>, token: impl Into<String>) -> Self {
        Self { dataset: dataset.into(), token: token.into(), ..Self::default() }
    }

    /// Sets where Axiom is, and which of its calls is used there.
    #[must_use]
    pub fn with_url(mut self, url: impl Into<String>, endpoint: AxiomEndpoint) -> Self {
        self.url = url.into();
        self.endpoint = endpoint;
        self
    }

    /// Sets the most events and bytes sent at a time.
    #[must_use]
    pub fn with_batch(mut self, events: usize, bytes: usize) -> Self {
        self.max_events = events;
        self.max_bytes = bytes;
        self
    }

    /// Sets how long an event waits for others.
    #[must_use]
    pub fn with_linger(mut self, linger: Duration) -> Self {
        self.linger_ms = milliseconds(linger);
        self
    }

    /// Sets how long a request may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout_ms = milliseconds(timeout);
        self
    }

    /// Sets the bounds of the queue.
    #[must_use]
    pub fn with_queue(mut self, queue: QueueConfig) -> Self {
        self.queue = queue;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let name = self.dataset.trim_start_matches('.');
        if name.is_empty() || self.dataset.len() > 128 || !self.dataset.chars().all(is_safe) {
            return Err(unusable("Axiom's dataset takes 1 to 128 of A-Z a-z 0-9 - _ .")
                .with("dataset", &self.dataset));
        }
        if !(1..=MOST_EVENTS).contains(&self.max_events) || self.max_bytes == 0 {
            return Err(unusable("Axiom takes 1 to 10000 events at a time, and some bytes")
                .with("max_events", self.max_events)
                .with("max_bytes", self.max_bytes));
        }
        if self.timeout_ms == 0 {
            return Err(unusable("a request to Axiom needs some time").with("timeout_ms", 0));
        }
        self.authorization()?;
        self.ingest_url()?;
        self.queue.check()
    }

    /// Returns the value of the header; it says itself that it is secret.
    pub(super) fn authorization(&self) -> Result<HeaderValue> {
        let value = HeaderValue::try_from(format!("Bearer {}", self.token));
        let mut value = value
            .ok()
            .filter(|_| !self.token.is_empty() && self.token.bytes().all(|b| b.is_ascii_graphic()))
            .ok_or_else(|| unusable("Axiom's token is missing, or has characters no token has"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    pub(super) fn ingest_url(&self) -> Result<Url> {
        // A URL that cannot be used is not shown: it may hold a password.
        let mut url = Url::parse(&self.url)
            .ok()
            .filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none())
            .filter(|url| url.query().is_none() && url.fragment().is_none())
            .ok_or_else(|| unusable("Axiom's url is to be like https://api.axiom.co, without user, query and fragment"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_this_machine(&url)) {
            return Err(unusable(
                "Axiom's token goes over TLS only: the url must begin with https",
            )
            .with("host", url.host_str().unwrap_or_default()));
        }
        let path = match self.endpoint {
            AxiomEndpoint::Datasets => format!("v1/datasets/{}/ingest", self.dataset),
            AxiomEndpoint::Edge => format!("v1/ingest/{}", self.dataset),
        };
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        Ok(url)
    }
}

pub(super) fn is_this_machine(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

impl fmt::Debug for AxiomConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AxiomConfig")
            .field("url", &self.url)
            .field("endpoint", &self.endpoint)
            .field("dataset", &self.dataset)
            .field("max_events", &self.max_events)
            .field("max_bytes", &self.max_bytes)
            .field("linger_ms", &self.linger_ms)
            .field("timeout_ms", &self.timeout_ms)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
