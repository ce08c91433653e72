//! The leads that ship with the example.

#[path = "../../examples/make_leads/leads.rs"]
mod leads;

use crate::Rows;

const SHIPPED: &str = include_str!("../../data/leads.jsonl");

#[test]
fn the_shipped_file_is_what_the_generator_writes() {
    let same = leads::all() == SHIPPED;
    assert!(same, "run: cargo run -p lead-scoring --example make_leads > data/leads.jsonl");
}

#[test]
fn every_shipped_lead_can_be_used() {
    let rows = Rows::of_file("leads.jsonl", SHIPPED);
    assert_eq!(rows.leads.len(), 1_000);
    assert!(rows.rejected.is_empty(), "{:?}", rows.rejected);
}
