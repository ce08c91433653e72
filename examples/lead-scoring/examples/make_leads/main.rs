//! Writes the sample leads: `cargo run -p lead-scoring --example make_leads > data/leads.jsonl`.

mod leads;

use std::io::{self, Write};

fn main() -> io::Result<()> {
    io::stdout().lock().write_all(leads::all().as_bytes())
}
