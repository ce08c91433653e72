//! One handler for each way to go too far; each belongs to an object of its own.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use circuit_core::prelude::*;
use circuit_core::{Callout, Query, Record};

#[trigger("Fine", beforeInsert)]
fn fine(ctx: &mut TriggerContext<'_>) -> Result<()> {
    for record in ctx.new_records_mut() {
        record.set("Seen", true);
    }
    Ok(())
}

#[trigger("BigVector", beforeInsert)]
async fn big_vector(_: &TriggerContext<'_>) -> Result<()> {
    let big = black_box(vec![1_u8; 200 << 20]);
    tokio::task::yield_now().await;
    assert!(big[0] == 2, "the handler went on behind the await");
    Ok(())
}

#[trigger("BriefVector", beforeInsert)]
fn brief_vector(_: &TriggerContext<'_>) -> Result<()> {
    drop(black_box(vec![1_u8; 200 << 20]));
    Ok(())
}

/// The most megabytes that [`many_vectors`] came to hold.
pub(crate) static MEGABYTES: AtomicU64 = AtomicU64::new(0);

#[trigger("ManyVectors", beforeInsert)]
fn many_vectors(_: &TriggerContext<'_>) -> Result<()> {
    let mut all = Vec::new();
    for _ in 0..200 {
        all.push(black_box(vec![1_u8; 1 << 20]));
        MEGABYTES.store(all.len() as u64, Ordering::SeqCst);
    }
    Ok(())
}

#[trigger("Budgeted", beforeInsert, limits(heap_size = 10_000_000))]
fn budgeted(_: &TriggerContext<'_>) -> Result<()> {
    drop(black_box(vec![1_u8; 20_000_000]));
    Ok(())
}

#[trigger("Spinning", beforeInsert)]
fn spinning(_: &TriggerContext<'_>) -> Result<()> {
    let mut number = 1_u64;
    while number != 0 {
        number = black_box(number.wrapping_mul(3) | 1);
    }
    Ok(())
}

#[trigger("SpinningWithin", beforeInsert, limits(cpu_time = 100))]
fn spinning_within(_: &TriggerContext<'_>) -> Result<()> {
    let mut number = 1_u64;
    while number != 0 {
        number = black_box(number.wrapping_mul(3) | 1);
    }
    Ok(())
}

/// Uses processor time, then brings itself about.
#[trigger("Nested", afterInsert)]
async fn nested(ctx: &TriggerContext<'_>) -> Result<()> {
    let began = circuit_alloc::ThreadClock::now();
    while circuit_alloc::ThreadClock::now().saturating_sub(began) < Duration::from_millis(100) {
        black_box(began);
    }
    ctx.insert(vec![Record::new("Nested")]).await?;
    Ok(())
}

#[trigger("HoldsAndWaits", beforeInsert)]
async fn holds_and_waits(_: &TriggerContext<'_>) -> Result<()> {
    let big = black_box(vec![1_u8; 200 << 20]);
    std::future::pending::<()>().await;
    drop(big);
    Ok(())
}

/// Sleeps, where it is asked to.
#[trigger("Sleeping", beforeInsert)]
fn sleeping(ctx: &mut TriggerContext<'_>) -> Result<()> {
    let milliseconds = ctx.new_records()[0].get("Ms").and_then(Value::as_i64).unwrap_or_default();
    std::thread::sleep(Duration::from_millis(milliseconds.try_into()?));
    Ok(())
}

/// Leaves a hook that inserts the same object again.
#[trigger("HookChain", afterInsert)]
async fn hook_chain(ctx: &TriggerContext<'_>) -> Result<()> {
    let again = |committed: circuit_core::Committed| async move {
        let outcome = committed.session.insert(vec![Record::new("HookChain")]).await?;
        outcome.into_clean()?;
        Ok(())
    };
    ctx.after_commit("again", again).await?;
    Ok(())
}

#[trigger("SpinningAwaits", beforeInsert)]
async fn spinning_awaits(_: &TriggerContext<'_>) -> Result<()> {
    // No loop of the handler's own: only the polls are seen.
    yields_for_ever().await;
    Ok(())
}

async fn yields_for_ever() {
    loop {
        black_box((0..10_000_u64).fold(0, u64::wrapping_add));
        tokio::task::yield_now().await;
    }
}

#[trigger("Hanging", beforeInsert)]
async fn hanging(_: &TriggerContext<'_>) -> Result<()> {
    std::future::pending::<()>().await;
    Ok(())
}

/// Lets [`library_call`] end.
pub(crate) static RELEASED: AtomicBool = AtomicBool::new(false);

#[trigger("LibraryCall", beforeInsert)]
fn library_call(_: &TriggerContext<'_>) -> Result<()> {
    somebody_elses();
    Ok(())
}

/// Code without checkpoints.
fn somebody_elses() {
    while !RELEASED.load(Ordering::SeqCst) {
        std::hint::spin_loop();
    }
}

/// The gates that are open, a bit each.
static GATES: AtomicU64 = AtomicU64::new(0);

/// A gate in front of [`blocking`], by its number; open once this is dropped.
pub(crate) struct Gate(pub(crate) i64);

impl Drop for Gate {
    fn drop(&mut self) {
        GATES.fetch_or(1 << self.0, Ordering::SeqCst);
    }
}

#[trigger("Blocking", beforeInsert)]
fn blocking(ctx: &mut TriggerContext<'_>) -> Result<()> {
    let gate = ctx.new_records()[0].get("Gate").and_then(Value::as_i64).unwrap_or_default();
    blocks_until_open(gate);
    Ok(())
}

/// Code without checkpoints.
fn blocks_until_open(gate: i64) {
    while GATES.load(Ordering::SeqCst) & (1 << gate) == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[trigger("Endless", afterInsert)]
async fn endless(ctx: &TriggerContext<'_>) -> Result<()> {
    ctx.insert(vec![Record::new("Endless")]).await?;
    Ok(())
}

#[trigger("ManyRows", afterInsert)]
async fn many_rows(ctx: &TriggerContext<'_>) -> Result<()> {
    ctx.insert((0..10_000).map(|_| Record::new("Fine")).collect::<Vec<_>>()).await?;
    Ok(())
}

#[trigger("ManyCallouts", beforeInsert)]
async fn many_callouts(ctx: &TriggerContext<'_>) -> Result<()> {
    for _ in 0..51 {
        ctx.callout(Callout::to("census"), std::future::ready(())).await?;
    }
    Ok(())
}

#[trigger("HangingCallout", beforeInsert)]
async fn hanging_callout(ctx: &TriggerContext<'_>) -> Result<()> {
    let census = Callout::to("census").with_timeout(Duration::from_millis(50));
    ctx.callout(census, std::future::pending::<()>()).await?;
    Ok(())
}

#[trigger("Swallowing", beforeInsert)]
async fn swallowing(ctx: &TriggerContext<'_>) -> Result<()> {
    for _ in 0..1_000 {
        drop(ctx.count(Query::of("Fine")).await);
        drop(std::panic::catch_unwind(circuit_core::checkpoint));
    }
    Ok(())
}

#[trigger("Beside", beforeInsert)]
async fn beside(ctx: &TriggerContext<'_>) -> Result<()> {
    let big = ctx.spawn(async {
        let big = black_box(vec![1_u8; 200 << 20]);
        tokio::task::yield_now().await;
        big.len()
    });
    drop(big.await);
    Ok(())
}

/// Whether work that [`leaves_work`] spawned is still there.
pub(crate) static LEFT: AtomicU64 = AtomicU64::new(0);

struct Left;

impl Drop for Left {
    fn drop(&mut self) {
        LEFT.fetch_sub(1, Ordering::SeqCst);
    }
}

#[trigger("LeavesWork", beforeInsert)]
async fn leaves_work(ctx: &TriggerContext<'_>) -> Result<()> {
    LEFT.fetch_add(1, Ordering::SeqCst);
    let left = Left;
    std::mem::forget(ctx.spawn(async move {
        let _left = left;
        std::future::pending::<()>().await;
    }));
    Ok(())
}

#[trigger("Traced", beforeInsert)]
async fn traced(ctx: &TriggerContext<'_>) -> Result<()> {
    tracing::info!(target: "library", "seen");
    ctx.count(Query::of("Fine")).await?;
    Ok(())
}

/// The thread that [`tells_thread`] ran on.
pub(crate) static THREAD: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());

#[trigger("TellsThread", beforeInsert)]
fn tells_thread(_: &TriggerContext<'_>) -> Result<()> {
    let thread = std::thread::current();
    thread.name().unwrap_or_default().clone_into(&mut THREAD.lock().unwrap());
    Ok(())
}

#[trigger("Touching", beforeInsert)]
async fn touching(ctx: &mut TriggerContext<'_>) -> Result<()> {
    let outside = ctx.on_host(async { std::fs::read_dir("/").is_ok() }).await?;
    for record in ctx.new_records_mut() {
        let kind = |error: std::io::Error| format!("{:?}", error.kind());
        let file = std::fs::read_dir("/").map_or_else(kind, |_| "open".to_owned());
        let port = record.get("Port").and_then(Value::as_i64).unwrap_or_default();
        let port = u16::try_from(port).unwrap_or_default();
        let tcp = std::net::TcpStream::connect(("127.0.0.1", port));
        let tcp = tcp.map_or_else(kind, |_| "connected".to_owned());
        let program = std::process::Command::new("/bin/true").status();
        let program = program.map_or_else(kind, |_| "ran".to_owned());
        record.set("File", file);
        record.set("Tcp", tcp);
        record.set("Program", program);
        record.set("Outside", outside);
    }
    Ok(())
}
