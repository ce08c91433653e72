//! The requests.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::{Builder, Runtime};

use super::AxiomConfig;
use super::answer::{self, Answer};
use super::config::is_this_machine;
use super::event::{self, Body};
use crate::sink::queue::{Destination, Failure, Queued, Written};

/// The most of an answer that is read, in bytes.
const MOST_READ: usize = 1 << 20;

/// Sends lines to Axiom, from the thread of the queue.
pub(super) struct Ingest {
    client: Client,
    url: Url,
    config: AxiomConfig,
    /// Made on the thread that uses it, and dropped there.
    runtime: Option<Runtime>,
    /// What was sent and not yet taken.
    body: Option<Body>,
}

impl Ingest {
    pub(super) fn new(config: AxiomConfig) -> Result<Self> {
        let url = config.ingest_url()?;
        let client = client(&config, &url)?;
        Ok(Self { client, url, config, runtime: None, body: None })
    }

    fn runtime(&mut self) -> Result<Runtime, Failure> {
        let made = || Builder::new_current_thread().enable_all().build();
        let runtime = self.runtime.take().map_or_else(made, Ok);
        runtime.map_err(|error| Failure::new(format!("the sink for Axiom cannot work: {error}")))
    }

    async fn send(&self, body: &Body) -> Answer {
        match self.exchange(body).await {
            Ok(answer) => answer,
            Err(error) => Answer::Later(Failure::new(explain(&error.without_url()))),
        }
    }

    async fn exchange(&self, body: &Body) -> reqwest::Result<Answer> {
        let request = self.client.post(self.url.clone()).body(body.bytes.clone());
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = read(response).await?;
        let secret = &self.config.token;
        Ok(answer::judge(status, &headers, &text, body.events(), secret))
    }
}

impl Destination for Ingest {
    fn write(&mut self, lines: &[Queued]) -> Result<Written, Failure> {
        let (events, bytes) = (self.config.max_events, self.config.max_bytes);
        let body = self.body.take().unwrap_or_else(|| Body::of(lines, events, bytes));
        let runtime = self.runtime()?;
        let answer = match body.events() {
            0 => Answer::Stored(0, None),
            _ => runtime.block_on(self.send(&body)),
        };
        self.runtime = Some(runtime);
        match answer {
            Answer::Stored(lost, failure) => Ok(written(&body, lost, failure)),
            Answer::Refused(failure) => Ok(written(&body, body.events(), Some(failure))),
            Answer::Later(failure) => {
                self.body = Some(body);
                Err(failure)
            }
        }
    }

    /// What Axiom has answered is there.
    fn settle(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

fn written(body: &Body, lost: u64, failure: Option<Failure>) -> Written {
    let too_long = || Failure::refused("an event is longer than the 1,000,000 bytes of Axiom");
    let failure = failure.or_else(|| (body.too_long > 0).then(too_long));
    Written { lines: body.lines, lost: failure.map(|failure| (lost + body.too_long, failure)) }
}

fn client(config: &AxiomConfig, url: &Url) -> Result<Client> {
    let headers = HeaderMap::from_iter([
        (AUTHORIZATION, config.authorization()?),
        (CONTENT_ENCODING, event::ENCODING),
        (CONTENT_TYPE, event::TYPE),
    ]);
    let mut builder = Client::builder()
        .default_headers(headers)
        .user_agent(concat!("circuit-observe/", env!("CARGO_PKG_VERSION")))
        .timeout(Duration::from_millis(config.timeout_ms))
        // The token goes to no other place.
        .redirect(Policy::none())
        .tls_backend_preconfigured(tls(url)?);
    if is_this_machine(url) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| unusable().with_source(error.without_url()))
}

/// TLS by ring, whatever provider the host has installed, with the roots of the system.
fn tls(url: &Url) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    if url.scheme() == "https" {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable().with_source(error))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn unusable() -> Error {
    Error::new(ErrorKind::Configuration, "TLS to Axiom cannot work")
}

async fn read(mut response: Response) -> reqwest::Result<Vec<u8>> {
    let mut text = Vec::new();
    while let Some(part) = response.chunk().await? {
        if text.len() + part.len() > MOST_READ {
            break;
        }
        text.extend_from_slice(&part);
    }
    Ok(text)
}

/// An error of a request says little by itself; its sources say the rest.
fn explain(error: &reqwest::Error) -> String {
    let mut text = format!("Axiom cannot be reached: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
