//! 100,000 records in one call of which one in a hundred is bad, beside the same call all good.

use circuit_benches::measure::least;
use circuit_benches::{Result, heading, line};
use circuit_core::{
    Circuit, DmlRequest, Limits, Record, Registry, RegistryBuilder, SaveMode, TriggerEvent,
    TriggerRegistration,
};
use circuit_db::Memory;
use tokio::runtime::{Builder, Runtime};

const RECORDS: usize = 100_000;
const PASSES: usize = 7;

pub(crate) fn run() -> Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let good = records(usize::MAX)?;
    let bad = records(100)?;
    heading("100,000 records in one call, two handlers, memory store; nanoseconds a record");
    let floor = time(&runtime, &good, SaveMode::AllOrNone, 0)?;
    line("all good, all or none", format_args!("{floor:>9.0}"));
    let whole = time(&runtime, &good, SaveMode::Partial, 0)?;
    line("all good, partial", format_args!("{whole:>9.0}{:>9.2}x", whole / floor));
    for (name, mode) in
        [("1 % bad, partial", SaveMode::Partial), ("1 % bad, isolate", SaveMode::Isolate)]
    {
        let spent = time(&runtime, &bad, mode, RECORDS / 100)?;
        line(name, format_args!("{spent:>9.0}{:>9.2}x of all good", spent / whole));
    }
    line("goal for partial", format_args!("{:>19}", "at most 2.50x"));
    Ok(())
}

/// Lower-cases an address and refuses marked records; reads a field after the save.
fn handlers() -> [TriggerRegistration; 2] {
    let tidy = TriggerRegistration::sync("Contact", [TriggerEvent::BeforeInsert], "tidy", |ctx| {
        for row in ctx.try_new_records_mut()? {
            let email = row.get("Email").and_then(|value| value.as_str()).map(str::to_lowercase);
            row.set("Email", email);
            if row.get("Bad").is_some() {
                row.add_error("bad");
            }
        }
        Ok(())
    });
    let look = TriggerRegistration::sync("Contact", [TriggerEvent::AfterInsert], "look", |ctx| {
        let rows = ctx.try_new_records()?;
        let sum: i64 = rows.iter().filter_map(|row| row.read::<i64>("Score").ok()).sum();
        std::hint::black_box(sum);
        Ok(())
    });
    [tidy, look]
}

fn records(one_in: usize) -> Result<Vec<Record>> {
    let record = |number: usize| {
        let id = format!("c{number:06}").parse()?;
        let contact =
            Record::new("Contact").with_id(id).with("Email", "Ada@Example.com").with("Score", 1);
        Ok(if number.is_multiple_of(one_in) && one_in < usize::MAX {
            contact.with("Bad", true)
        } else {
            contact
        })
    };
    (0..RECORDS).map(record).collect()
}

fn time(runtime: &Runtime, records: &[Record], mode: SaveMode, refused: usize) -> Result<f64> {
    let registry = handlers().into_iter().fold(Registry::builder(), RegistryBuilder::register);
    let registry = registry.build();
    let limits = Limits::circuit().with_limit_dml_rows(RECORDS as u64);
    let prepare = || {
        let builder = Circuit::builder().backend(Memory::new()).registry(registry.clone());
        let request = DmlRequest::insert(records.to_vec()).with_mode(mode);
        (builder.limits(limits.clone()).build(), request)
    };
    let work = |(circuit, request): (circuit_core::Result<Circuit>, DmlRequest)| {
        let circuit = circuit?;
        let outcome = runtime.block_on(circuit.dml(request))?;
        Ok::<_, circuit_core::Error>((circuit, outcome))
    };
    let (_, outcome) = work(prepare())?;
    let failed = outcome.results().iter().filter(|result| !result.is_success()).count();
    if failed != refused {
        return Err(format!("{failed} records were refused, not {refused}").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let records = RECORDS as f64;
    Ok(least(PASSES, prepare, work) / records)
}
