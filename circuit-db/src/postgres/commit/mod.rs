//! Commits: one short transaction per plan.
//!
//! 1. `BEGIN`, the plan's mark, then all records that are written except new ones are locked, in
//!    the order of their objects and keys, and read with their versions and unique keys.
//! 2. Circuit compares the versions; the first that moved is the conflict.
//! 3. The writes go out together with `COMMIT`, a statement for each object and kind, each given
//!    one array per column. If one fails, the transaction is broken and `COMMIT` stores nothing.
//!
//! Ids and unique values are first tried: the indexes refuse what is taken. Then the plan starts
//! over and asks who holds which value, so that every write at fault is named.

mod batch;
mod check;

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use circuit_core::{CommitOutcome, CommitPlan, Error, ErrorKind, Result, Text};
use deadpool_postgres::{Client, ClientWrapper};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error as PgError, Row, Statement};

use super::Inner;
use super::error::{is_collision, is_locked_out, is_lost, is_taken, mapped, pooled};
use super::mark::Mark;
use super::query::prepare;
use super::value::Array;
use batch::Batch;
use check::Seen;

/// How often a plan is tried while others get in its way.
const ROUNDS: u32 = 8;

/// What one attempt came to.
enum Attempt {
    Answer(CommitOutcome),
    /// An id or a unique value is taken.
    Taken,
    /// Another transaction got in the way.
    Collision,
}

/// Stores a plan whole or not at all.
pub(super) async fn commit(inner: &Inner, plan: CommitPlan) -> Result<CommitOutcome> {
    if plan.writes.is_empty() {
        return Ok(CommitOutcome::Committed { ids: HashMap::new() });
    }
    let batch = Batch::new(inner, plan).await?;
    let mut ask_holders = !batch.problems.is_empty();
    for round in 0..ROUNDS {
        match attempt(inner, &batch, ask_holders).await? {
            Attempt::Answer(outcome) => return Ok(outcome),
            Attempt::Taken => ask_holders = true,
            Attempt::Collision => {
                tokio::time::sleep(Duration::from_millis(1 << round)).await;
            }
        }
    }
    // Others were always faster: run again by whoever knows how to.
    Ok(CommitOutcome::Conflict { write: 0 })
}

/// Why an attempt has no answer.
enum Failed {
    /// What the server said, and the object that it was about where that is known.
    Server(PgError, Option<Text>),
    Store(Error),
}

impl From<PgError> for Failed {
    fn from(error: PgError) -> Self {
        Self::Server(error, None)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

async fn attempt(inner: &Inner, batch: &Batch, ask_holders: bool) -> Result<Attempt> {
    let client = inner.pool.get().await.map_err(pooled)?;
    let mark = inner.marks.next();
    let tried = try_once(inner, &client, batch, &mark, ask_holders).await;
    if matches!(tried, Ok(Attempt::Answer(CommitOutcome::Committed { .. }))) {
        inner.marks.stored(&mark);
        return Ok(committed());
    }
    inner.marks.kept(mark);
    if client.batch_execute("ROLLBACK").await.is_err() {
        // Not even that: the pool must not hand it out again.
        drop(Client::take(client));
    }
    match tried {
        Ok(attempt) => Ok(attempt),
        Err(Failed::Server(error, object)) => collided(error, object),
        Err(Failed::Store(error)) => Err(error),
    }
}

fn committed() -> Attempt {
    Attempt::Answer(CommitOutcome::Committed { ids: HashMap::new() })
}

async fn try_once(
    inner: &Inner,
    client: &ClientWrapper,
    batch: &Batch,
    mark: &Mark,
    ask_holders: bool,
) -> Result<Attempt, Failed> {
    let seen = look(inner, client, batch, mark, ask_holders).await?;
    if let Some(write) = seen.conflict(batch) {
        return Ok(Attempt::Answer(CommitOutcome::Conflict { write }));
    }
    let problems = seen.problems(batch, ask_holders);
    if !problems.is_empty() {
        return Ok(Attempt::Answer(CommitOutcome::Refused(problems)));
    }
    write(inner, client, batch, mark, &seen).await
}

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// Begins the transaction, locks the records and reads what the plan is checked against.
async fn look(
    inner: &Inner,
    client: &ClientWrapper,
    batch: &Batch,
    mark: &Mark,
    ask_holders: bool,
) -> Result<Seen, Failed> {
    let put = prepare(client, inner.marks.put()).await?;
    let questions = batch.questions(ask_holders);
    let mut statements = Vec::with_capacity(questions.len());
    for question in &questions {
        statements.push(prepare(client, question.sql).await?);
    }
    let mut requests: Vec<Request<'_>> = Vec::with_capacity(questions.len() + 2);
    requests.push(Box::pin(control(client, BEGIN)));
    requests.push(Box::pin(async {
        client.query(&put, &[inner.marks.store(), &mark.plan, &mark.answered]).await
    }));
    for (statement, question) in statements.iter().zip(&questions) {
        requests.push(Box::pin(run(client, statement, std::slice::from_ref(&question.keys))));
    }
    let answers = in_order(requests).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    // The first two answer the beginning and the mark.
    Ok(Seen::new(questions, &answers[2..])?)
}

/// Sends all writes and the commit.
///
/// The transaction has begun, so a write that fails breaks it, and `COMMIT` ends a broken one by
/// storing nothing.
async fn write(
    inner: &Inner,
    client: &ClientWrapper,
    batch: &Batch,
    mark: &Mark,
    seen: &Seen,
) -> Result<Attempt, Failed> {
    let releases = seen.releases(batch);
    let steps: Vec<_> = releases.iter().chain(&batch.steps).collect();
    let mut statements = Vec::with_capacity(steps.len());
    for step in &steps {
        statements.push(prepare(client, batch.sql(step)).await?);
    }
    let mut requests: Vec<Request<'_>> = Vec::with_capacity(steps.len() + 1);
    for (statement, step) in statements.iter().zip(&steps) {
        requests.push(Box::pin(run(client, statement, &step.arrays)));
    }
    requests.push(Box::pin(control(client, "COMMIT")));
    let mut answers = in_order(requests).await.into_iter().enumerate();
    let failed = answers.find_map(|(at, answer)| Some((at, answer.err()?)));
    let Some((at, error)) = failed else {
        return Ok(committed());
    };
    if is_lost(&error) && inner.marks.fate(&inner.pool, mark.plan).await? {
        return Ok(committed());
    }
    let object = steps.get(at).map(|step| batch.tables[step.place].object.clone());
    Err(Failed::Server(error, object))
}

/// Tells what another transaction did to this one, or maps the error.
fn collided(error: PgError, object: Option<Text>) -> Result<Attempt> {
    if is_taken(&error) {
        Ok(Attempt::Taken)
    } else if is_collision(&error) {
        Ok(Attempt::Collision)
    } else if is_locked_out(&error) {
        Ok(Attempt::Answer(CommitOutcome::Conflict { write: 0 }))
    } else if is_lost(&error) {
        let message = "the connection to PostgreSQL was lost in a commit; nothing is stored";
        Err(Error::new(ErrorKind::Unavailable, message).with_source(mapped(error)))
    } else {
        let error = mapped(error);
        Err(match object {
            Some(object) => error.with("object", object),
            None => error,
        })
    }
}

type Request<'a> = Pin<Box<dyn Future<Output = Result<Vec<Row>, PgError>> + Send + 'a>>;

async fn run(
    client: &ClientWrapper,
    statement: &Statement,
    arrays: &[Array],
) -> Result<Vec<Row>, PgError> {
    let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as _).collect();
    client.query(statement, &params).await
}

async fn control(client: &ClientWrapper, sql: &str) -> Result<Vec<Row>, PgError> {
    client.batch_execute(sql).await.map(|()| Vec::new())
}

/// Sends the requests one after the other without waiting in between, then waits for all answers.
///
/// The first poll of a request sends it, so polling in order sends in order.
async fn in_order(requests: Vec<Request<'_>>) -> Vec<Result<Vec<Row>, PgError>> {
    let mut requests: Vec<_> = requests.into_iter().map(|request| (request, None)).collect();
    poll_fn(|context| {
        let mut is_done = true;
        for (request, answer) in requests.iter_mut().filter(|(_, answer)| answer.is_none()) {
            match request.as_mut().poll(context) {
                Poll::Ready(ready) => *answer = Some(ready),
                Poll::Pending => is_done = false,
            }
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    requests.into_iter().filter_map(|(_, answer)| answer).collect()
}
