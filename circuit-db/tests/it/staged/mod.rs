//! A query inside an execution answers as the same query after the commit, and as its text does.
//!
//! A bounded set of cases runs each time; `CIRCUIT_SLOW=1` asks 20,000 queries of each store.

#![expect(clippy::cast_possible_wrap, reason = "the numbers are small")]

mod ask;
mod day;
#[path = "../../alike/dice.rs"]
mod dice;
#[path = "../../alike/exact.rs"]
mod exact;
mod text;
mod world;

use std::cell::Cell;
use std::sync::Arc;

use circuit_core::{
    Circuit, CircuitDB, Error, Execution, IntoAggregate, IntoQuery, IntoRows, Query, Record,
    Registry, Select, Session,
};
use circuit_db::{Memory, MemoryBuilder, Sqlite, SqliteBuilder, Synchronous};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use ask::Maker;
use dice::Dice;
use text::Asked;
use world::{Step, World, schemas};

/// The rows that a query finds, or their number.
type Answer = Result<(usize, Vec<String>), Refused>;

/// Why a query is refused; the kinds count alone.
#[derive(Debug)]
struct Refused(Error);

impl PartialEq for Refused {
    fn eq(&self, other: &Self) -> bool {
        self.0.kind() == other.0.kind()
    }
}

/// A question as a query, and as text where SOQL has words for it.
struct Question {
    query: Query,
    text: Option<Asked>,
}

impl Question {
    fn new(seed: u64, world: &World) -> Self {
        let query = Maker { world, dice: Dice::new(seed) }.query();
        Self { text: Asked::new(&query, world, seed), query }
    }

    async fn asked(&self, execution: &Execution) -> Answer {
        self.answer(execution, self.query.clone()).await
    }

    async fn asked_as_text(&self, execution: &Execution) -> Option<Answer> {
        Some(match self.text.as_ref()?.soql() {
            Ok(soql) => self.answer(execution, soql).await,
            Err(error) => panic!("{}: {error}", self.shown()),
        })
    }

    async fn answer<Q>(&self, execution: &Execution, query: Q) -> Answer
    where
        Q: IntoRows + IntoAggregate<Record> + IntoQuery<Record>,
    {
        let records: circuit_core::Result<Vec<Record>> = match self.query.select {
            Select::Count => {
                let count = execution.count(query).await.map_err(Refused)?;
                return Ok((count, Vec::new()));
            }
            Select::Groups(_) => execution.aggregate(query).await,
            _ => execution.query(query).await,
        };
        let records = records.map_err(Refused)?;
        Ok((records.len(), records.iter().map(exact::shown).collect()))
    }

    fn shown(&self) -> String {
        match &self.text {
            Some(text) => text.shown(),
            None => format!("{:#?} {:?}", self.query, exact::values(&self.query)),
        }
    }
}

/// What happens in one case.
struct Case {
    world: &'static World,
    stored: Vec<Step>,
    staged: Vec<Step>,
    questions: Vec<Question>,
}

impl Case {
    /// Asks inside the execution that writes, and after its commit.
    async fn check(&self, store: Arc<dyn CircuitDB>) -> Result<Vec<Answer>, TestCaseError> {
        let circuit = Circuit::builder().backend(store).registry(Registry::default());
        let circuit = circuit.clock(self.world).build().unwrap();
        let session = circuit.session().with_time_zone(self.world.zone);
        self.run(&session, &self.stored, false).await;
        let inside = self.run(&session, &self.staged, true).await;
        let after = self.run(&session, &[], true).await;
        for ((question, inside), after) in self.questions.iter().zip(&inside).zip(&after) {
            let steps = (&self.stored, &self.staged);
            let what = format!("{}\nafter {steps:#?}", question.shown());
            prop_assert_eq!(&inside.0, &after.0, "inside is not as after: {}", what);
            for text in [&inside.1, &after.1].into_iter().flatten() {
                prop_assert_eq!(&inside.0, text, "the text is not as the query: {}", what);
            }
        }
        Ok(inside.into_iter().map(|(answer, _)| answer).collect())
    }

    async fn run(
        &self,
        session: &Session,
        steps: &[Step],
        asks: bool,
    ) -> Vec<(Answer, Option<Answer>)> {
        let outcome = session.run(|execution| async move {
            for step in steps {
                step.apply(&execution).await;
            }
            let mut answers = Vec::new();
            for question in self.questions.iter().filter(|_| asks) {
                let answer = question.asked(&execution).await;
                answers.push((answer, question.asked_as_text(&execution).await));
            }
            Ok(answers)
        });
        outcome.await.unwrap().value
    }
}

/// The most questions of one case: each is asked twice, and an execution may ask 100.
const QUESTIONS: usize = 40;

/// Runs some cases, or 20,000 questions with `CIRCUIT_SLOW`.
#[expect(clippy::print_stdout, reason = "says how much was compared")]
fn run<F>(cases: u32, open: impl Fn() -> F)
where
    F: Future<Output = Arc<dyn CircuitDB>>,
{
    let is_slow = std::env::var_os("CIRCUIT_SLOW").is_some();
    let config = ProptestConfig {
        max_shrink_iters: 300,
        failure_persistence: None,
        ..ProptestConfig::with_cases(if is_slow { 500 } else { cases })
    };
    let questions = if is_slow { QUESTIONS..QUESTIONS + 1 } else { 4..9 };
    let mut seed = [5; 32];
    if let Ok(text) = std::env::var("CIRCUIT_SEED") {
        seed[..8].copy_from_slice(&text.parse::<u64>().unwrap().to_le_bytes());
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let any = any::<u64>;
    let seeds = (any(), vec(any(), 8..24), vec(any(), 1..9), vec(any(), questions));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (asked, as_text, found) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&seeds, |(world, stored, staged, questions)| {
        // One for each case, in a test that ends.
        let world: &World = Box::leak(Box::new(World::new(world)));
        let step = |seed: u64| Step::new(seed, world);
        let case = Case {
            world,
            stored: stored.into_iter().map(step).collect(),
            staged: staged.into_iter().map(step).collect(),
            questions: questions.into_iter().map(|seed| Question::new(seed, world)).collect(),
        };
        let answers = runtime.block_on(async { case.check(open().await).await })?;
        asked.set(asked.get() + answers.len());
        let texts = case.questions.iter().filter(|question| question.text.is_some());
        as_text.set(as_text.get() + texts.count());
        let some = answers.iter().filter(|answer| matches!(answer, Ok((1.., _))));
        found.set(found.get() + some.count());
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (asked, as_text, found) = (asked.get(), as_text.get(), found.get());
    println!("{asked} queries, {as_text} as text too, {found} found something");
    // A generator that gave up would make the comparison worthless.
    assert!(as_text * 2 > asked, "only {as_text} of {asked} were asked as text too");
    assert!(found * 3 > asked, "only {found} of {asked} found something");
}

#[test]
fn a_query_sees_in_memory_what_will_be_committed() {
    run(400, || async {
        let builder = schemas().into_iter().fold(Memory::builder(), MemoryBuilder::schema);
        Arc::new(builder.build().unwrap()) as Arc<dyn CircuitDB>
    });
}

#[test]
fn a_query_sees_in_sqlite_what_will_be_committed() {
    let folder = tempfile::tempdir().unwrap();
    let number = Cell::new(0);
    run(40, || {
        number.set(number.get() + 1);
        let file = folder.path().join(format!("{}.db", number.get()));
        async move {
            let builder = schemas().into_iter().fold(Sqlite::builder(), SqliteBuilder::schema);
            let builder = builder.synchronous(Synchronous::Normal).readers(1);
            Arc::new(builder.open(file).await.unwrap()) as Arc<dyn CircuitDB>
        }
    });
}

#[test]
fn a_query_sees_in_postgres_what_will_be_committed() {
    run(25, || async { Arc::new(crate::postgres::open(schemas()).await) as Arc<dyn CircuitDB> });
}
