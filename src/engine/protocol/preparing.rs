//! What a protocol makes of its share of a batch.

use jiff::Timestamp;

use super::{Answered, Decided, Delivered, Prepared, Protocol};
use crate::database::{StoreError, Tx};
use crate::domain::task::Undone;

/// Loads and decides, task by task; `now` by the database's clock.
pub(super) async fn prepare<P: Protocol>(
    tx: &Tx,
    batch: Vec<Delivered>,
    now: Timestamp,
) -> Result<Prepared, StoreError> {
    let parse = |Delivered { task, request }| {
        let command = P::parse(&task.task_type, &request);
        (task, command)
    };
    let tasks: Vec<_> = batch.into_iter().map(parse).collect();
    let readable: Vec<_> =
        tasks.iter().filter_map(|(task, command)| Some((task, command.as_ref().ok()?))).collect();
    let mut state = P::load(tx, &readable).await?;
    let mut answers = Vec::with_capacity(tasks.len());
    for (task, command) in tasks {
        let decided = if task.deadline <= now {
            let why = Undone::TimedOut;
            let reply = <P as Protocol>::undone(&task, why);
            P::note_undone(&mut state, &task, &reply);
            Decided { outcome: why.outcome(), reply }
        } else {
            match command {
                Ok(command) => P::decide(&mut state, now, &task, &command),
                Err(refused) => {
                    P::note_undone(&mut state, &task, &refused.reply);
                    refused
                }
            }
        };
        let answer = P::render(&task, &decided.reply);
        answers.push(Answered { task, outcome: decided.outcome, answer });
    }
    Ok(Prepared { answers, writes: P::write(tx, state, now).await? })
}
