//! Answers to what a transaction has not asked yet: looked up together with what it asked before.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Look, Row, Rows, Statement};

/// Answers by what they are answers to. They hold until the transaction writes.
#[derive(Debug, Default)]
pub(super) struct Ahead(Mutex<Vec<(Look, Vec<Row>)>>);

impl Ahead {
    /// Keeps these.
    pub(super) fn keep(&self, answers: impl Iterator<Item = (Look, Vec<Row>)>) {
        self.known().extend(answers);
    }

    /// The answer to this very question; it is given once.
    pub(super) fn take(&self, statement: &'static Statement, rows: &Rows) -> Option<Vec<Row>> {
        let mut known = self.known();
        if !known.is_empty() && !statement.looks() {
            known.clear();
        }
        let is_it =
            |((of, batch), _): &(Look, Vec<Row>)| std::ptr::eq(*of, statement) && batch == rows;
        let place = known.iter().position(is_it)?;
        Some(known.swap_remove(place).1)
    }

    /// Something is written: what was read before may not hold any more.
    pub(super) fn forget(&self) {
        self.known().clear();
    }

    fn known(&self) -> MutexGuard<'_, Vec<(Look, Vec<Row>)>> {
        // Each change is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{Type, row};

    static LOOK: Statement = Statement::read(&[("id", Type::Int)], "SELECT id FROM batch");
    static LOCK: Statement = Statement::write(
        &[("id", Type::Int)],
        "SELECT o.id FROM batch b {one orders o: id} {lock o}",
    );
    static PAY: Statement = Statement::write(
        &[("id", Type::Int)],
        "UPDATE orders SET paid = 1 FROM batch b {these orders: id} RETURNING orders.id",
    );

    fn known(answers: &[(&'static Statement, i64)]) -> Ahead {
        let ahead = Ahead::default();
        let answer = |(of, id): &(&'static Statement, i64)| ((*of, vec![row![*id]]), Vec::new());
        ahead.keep(answers.iter().map(answer));
        ahead
    }

    #[test]
    fn an_answer_is_that_of_the_same_question_and_given_once() {
        let ahead = known(&[(&LOOK, 1), (&LOCK, 1)]);
        assert!(ahead.take(&LOOK, &vec![row![2_i64]]).is_none(), "of another row");
        assert!(ahead.take(&LOOK, &vec![row![1_i64], row![2_i64]]).is_none(), "of one row of two");
        assert!(ahead.take(&LOOK, &vec![row![1_i64]]).is_some());
        assert!(ahead.take(&LOOK, &vec![row![1_i64]]).is_none(), "it was given");
        assert!(ahead.take(&LOCK, &vec![row![1_i64]]).is_some());
    }

    #[test]
    fn what_is_written_makes_answers_old() {
        let ahead = known(&[(&LOOK, 1)]);
        ahead.forget();
        assert!(ahead.take(&LOOK, &vec![row![1_i64]]).is_none());
        let ahead = known(&[(&LOOK, 1)]);
        assert!(ahead.take(&PAY, &vec![row![1_i64]]).is_none());
        assert!(ahead.take(&LOOK, &vec![row![1_i64]]).is_none(), "a statement with rows wrote");
    }
}
