//! The rules of errands: every word that denies an effect is held against the books.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Breach, Check};
use crate::errand::{Errand, OBJECT, Run, TOTAL, Word};
use crate::support::books::PaymentRow;

/// The rule that a word is under, and whether the order may be paid.
fn meaning(word: &Word) -> Option<(&'static str, bool)> {
    match word {
        Word::Answer(code) if code == "done" => Some(("paid as told", true)),
        Word::Answer(code) if code == "Timeout" => Some(("timeout means no", false)),
        Word::Answer(_) => Some(("refused means no", false)),
        Word::NotFound => Some(("unknown means no", false)),
        Word::NotAccepted(_) => Some(("not accepted means no", false)),
        Word::Dead => Some(("dead means no", false)),
        Word::Silence => None,
    }
}

impl Check<'_> {
    pub(super) fn errands(&mut self, runs: &[Run]) {
        let mut payments: HashMap<Uuid, Vec<&PaymentRow>> = HashMap::new();
        for payment in self.books.payments.iter().filter(|payment| payment.object == OBJECT.0) {
            payments.entry(payment.order).or_default().push(payment);
        }
        for run in runs {
            let paid = payments.remove(&run.order).unwrap_or_default();
            self.errand(run, &paid);
        }
        for payment in payments.values().flatten() {
            self.breach("unasked", format!("{payment:?}"));
        }
    }

    fn errand(&mut self, run: &Run, paid: &[&PaymentRow]) {
        let told = format!("{run:?}; the books have {paid:?}");
        for word in &run.told {
            match meaning(word) {
                Some((rule, may)) if may != (paid.len() == 1) => self.breach(rule, told.clone()),
                _ => {}
            }
        }
        let silent = run.told.contains(&Word::Silence);
        if silent && run.errand == Errand::HalfClose {
            self.breach("half-closed", told.clone());
        }
        if paid.len() > 1 || paid.iter().any(|payment| payment.amount != TOTAL) {
            self.breach("paid once", told.clone());
        }
        // Not known yet may become too late; nothing else changes.
        let settled = run.told.iter().filter(|word| !matches!(word, Word::NotFound | Word::Dead));
        let mut settled: Vec<&Word> = settled.collect();
        settled.dedup();
        if settled.len() > 1 {
            self.breach("one answer", told.clone());
        }
        self.again(run, &told);
        match self.books.orders.get(&run.order) {
            Some(order) if order.paid == paid.iter().map(|payment| payment.amount).sum::<i64>() => {
            }
            order => self.breach("sums", format!("{order:?} of {told}")),
        }
    }

    /// Whoever uses a key again hears the first answer, or that it is not kept any more.
    fn again(&mut self, run: &Run, told: &str) {
        let first = run.told.first();
        let kept_no_longer = Word::Answer("TaskExpired".into());
        let contradicts = |word: &&Word| {
            matches!(word, Word::Answer(_)) && **word != kept_no_longer && Some(*word) != first
        };
        if run.again.iter().any(|word| contradicts(&word)) {
            self.breach("forgotten", told.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;
    use crate::client_log::Observations;
    use crate::support::books::{Books, OrderRow};
    use crate::till::TillLog;

    /// The rules that an errand breaks that was told this while its order was paid so often.
    fn broken(errand: Errand, told: &[Word], again: &[Word], times: u8) -> Vec<&'static str> {
        let order = Uuid::new_v4();
        let (told, again) = (told.to_vec(), again.to_vec());
        let run = Run { told, again, guid: None, ..Run::new(errand, order) };
        let payment = |line| PaymentRow {
            object: OBJECT.0,
            task: Uuid::new_v4(),
            line,
            order,
            currency: Uuid::nil(),
            amount: TOTAL,
            written_off: 0,
            card: None,
            promised: false,
            removed_by: None,
        };
        let paid = i64::from(times) * TOTAL;
        let status = if times > 0 { "Complited" } else { "Created" }.into();
        let row = OrderRow {
            object: OBJECT.0,
            guid: order,
            status,
            total: TOTAL,
            paid,
            closed: times > 0,
        };
        let books = Books {
            orders: [(order, row)].into(),
            payments: (0..i64::from(times)).map(payment).collect(),
            tasks: HashMap::new(),
        };
        let observations = Observations {
            scenarios: Vec::new(),
            strays: Vec::new(),
            errands: vec![run],
            till: TillLog::default(),
        };
        let mut rules: Vec<_> =
            check(&observations, &books).iter().map(|b: &Breach| b.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    fn answer(code: &str) -> Word {
        Word::Answer(code.to_owned())
    }

    #[test]
    fn what_is_true_passes() {
        let nothing: [&str; 0] = [];
        assert_eq!(broken(Errand::Once, &[answer("done")], &[], 1), nothing);
        assert_eq!(broken(Errand::Once, &[Word::NotAccepted(503)], &[], 0), nothing);
        assert_eq!(broken(Errand::Expiring, &[Word::NotFound, answer("Timeout")], &[], 0), nothing);
        assert_eq!(broken(Errand::Expiring, &[Word::NotFound, Word::Dead], &[], 0), nothing);
        let gone = [Word::NotAccepted(409)];
        assert_eq!(broken(Errand::Forgotten, &[answer("done")], &gone, 1), nothing);
        assert_eq!(broken(Errand::Forgotten, &[answer("done")], &[answer("done")], 1), nothing);
        for times in [0, 1] {
            assert_eq!(broken(Errand::HangUp, &[], &[], times), nothing, "nobody was told");
        }
    }

    #[test]
    fn every_word_that_denies_a_payment_that_is_there_is_found() {
        for (word, rule) in [
            (Word::NotFound, "unknown means no"),
            (answer("Timeout"), "timeout means no"),
            (answer("WsaOrderClosed"), "refused means no"),
            (answer("InternalError"), "refused means no"),
            (Word::NotAccepted(503), "not accepted means no"),
            (Word::NotAccepted(400), "not accepted means no"),
            (Word::NotAccepted(504), "not accepted means no"),
            (Word::Dead, "dead means no"),
        ] {
            assert_eq!(broken(Errand::Expiring, &[word], &[], 1), [rule]);
        }
    }

    #[test]
    fn a_success_without_a_payment_is_found() {
        assert_eq!(broken(Errand::Once, &[answer("done")], &[], 0), ["paid as told"]);
    }

    #[test]
    fn a_payment_that_comes_after_it_was_denied_is_found() {
        let told = [Word::NotFound, answer("done")];
        assert_eq!(broken(Errand::Expiring, &told, &[], 1), ["unknown means no"]);
    }

    #[test]
    fn an_errand_paid_twice_is_found() {
        assert_eq!(broken(Errand::HangUp, &[], &[], 2), ["paid once"]);
    }

    #[test]
    fn a_half_closed_connection_without_an_answer_is_found() {
        assert_eq!(broken(Errand::HalfClose, &[Word::Silence], &[], 1), ["half-closed"]);
    }

    #[test]
    fn another_answer_to_a_forgotten_key_is_found() {
        let again = [answer("Timeout")];
        assert_eq!(broken(Errand::Forgotten, &[answer("done")], &again, 1), ["forgotten"]);
        let again = [answer("TaskExpired")];
        assert_eq!(broken(Errand::Forgotten, &[answer("done")], &again, 1), [""; 0]);
    }
}
