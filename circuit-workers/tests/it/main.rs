//! Handlers that go too far, on the host's threads and on workers; and a host that still serves.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without may fail it")]

mod handler;
mod overrun;
mod pool;
#[cfg(target_os = "linux")]
mod sandbox;
mod support;
mod trace;

use std::alloc::System;

#[global_allocator]
static ALLOCATOR: circuit_alloc::Metered<System> = circuit_alloc::Metered::new(System);
