//! Every peer gives the answers of the specification.

use circuit_benches::{Lead, generate, peers};

const SAMPLE: &str = include_str!("../../data/contacts.sample.tsv");
const CONTACTS: &str = include_str!("../../data/contacts.expected.tsv");
const TASKS: &str = include_str!("../../data/tasks.expected.tsv");

#[test]
fn every_peer_stores_what_the_specification_expects() {
    let rows = Lead::parse_file(SAMPLE).unwrap();
    for mut peer in peers().unwrap() {
        peer.prepare(&rows).unwrap();
        let summary = peer.run().unwrap();
        let dump = peer.dump().unwrap();
        assert_eq!((summary.records, summary.tasks), (1_000, 164), "{}", peer.name());
        assert!(dump.contacts_tsv() == CONTACTS, "{}: contacts differ", peer.name());
        assert!(dump.tasks_tsv() == TASKS, "{}: tasks differ", peer.name());
    }
}

#[test]
fn every_peer_counts_the_same_score() {
    let rows = generate(3_000);
    let mut summaries = Vec::new();
    for mut peer in peers().unwrap() {
        peer.prepare(&rows).unwrap();
        summaries.push(peer.run().unwrap());
    }
    assert!(summaries.iter().all(|summary| *summary == summaries[0]), "{summaries:?}");
}

#[test]
fn every_peer_refuses_an_id_that_is_there() {
    let mut rows = generate(450);
    rows[430].id = rows[3].id.clone();
    for mut peer in peers().unwrap() {
        peer.prepare(&rows).unwrap();
        assert!(peer.run().is_err(), "{}", peer.name());
    }
}

#[test]
fn every_peer_starts_each_pass_empty() {
    let rows = generate(400);
    for mut peer in peers().unwrap() {
        for _ in 0..2 {
            peer.prepare(&rows).unwrap();
            assert_eq!(peer.run().unwrap().records, 400, "{}", peer.name());
        }
    }
}
