//! `wsa pay` and `wsa task`: a client of the API for people.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use wsa_client::{Key, Look, Payment, SubmitError};

use super::answer::{self, NOT_KNOWN, REFUSED};
use super::service::{Service, not_known};
use crate::domain::money::Money;
use crate::domain::task::{CurrencyGuid, ObjectId, OrderGuid, TaskGuid};
use crate::terminal::output::{Waiting, printable};
use crate::terminal::values;

const PAY_CODES: &str = "Exit codes: 0 it is paid (with --no-wait: accepted), 1 it is refused or \
was not handed in, 3 Timeout: it is not paid and never will be by this task, 4 the outcome is not \
known: ask with `wsa task wait`, or pay again with the same --idempotency-key, which never pays twice.";

const TASK_CODES: &str = "Exit codes: 0 it was done, 1 it was refused, 3 Timeout: it was not done and \
never will be by this task, 4 the outcome is not known.";

/// `wsa pay`
#[derive(Debug, Args)]
#[command(after_help = PAY_CODES)]
pub struct Pay {
    /// The restaurant (objectId).
    #[arg(long, value_name = "ID")]
    object: ObjectId,
    /// The order.
    #[arg(long, value_name = "GUID")]
    order: OrderGuid,
    /// How much, like 449.35; once for each currency.
    #[arg(long = "amount", value_name = "AMOUNT", required = true, value_parser = values::amount)]
    amounts: Vec<Money>,
    /// In which currency of the restaurant; as many as there are amounts.
    #[arg(long = "currency", value_name = "GUID", required = true)]
    currencies: Vec<CurrencyGuid>,
    /// Ask for the whole order in the answer.
    #[arg(long)]
    full: bool,
    /// The deadline in seconds; the restaurant's or the service's own when not given.
    #[arg(long, value_name = "S", value_parser = values::timeout_s)]
    timeout: Option<i64>,
    /// The same key with the same payment is one payment, however often it is sent; a new key when not given.
    #[arg(long = "idempotency-key", value_name = "KEY", value_parser = key)]
    once: Option<Key>,
    /// Print the task's guid and do not wait for its answer.
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    service: Service,
}

/// `wsa task`
#[derive(Debug, Subcommand)]
pub enum Task {
    /// The answer of a task, or that there is none yet.
    Get(Ask),
    /// The answer of a task, once there is one.
    Wait(Ask),
}

#[derive(Debug, Args)]
#[command(after_help = TASK_CODES)]
pub struct Ask {
    /// The task (taskGuid).
    guid: TaskGuid,
    #[command(flatten)]
    service: Service,
}

fn key(text: &str) -> Result<Key, String> {
    Key::new(text).map_err(|error| error.to_string())
}

impl Pay {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let task = self.task()?;
        let client = self.service.client()?;
        let once = self.once.clone().unwrap_or_else(Key::random);
        let waiting = Waiting::begin("handing the payment in");
        let submitted = client.submit(&task, &once).await;
        drop(waiting);
        let accepted = match submitted {
            Ok(accepted) => accepted,
            Err(SubmitError::Rejected(why)) => {
                let told = format!("refused: {}", answer::reason(&why));
                return self.service.print(why.raw(), &told, REFUSED);
            }
            Err(SubmitError::AnswerExpired(why)) => {
                let told = format!("this key was used before: {}", answer::reason(&why));
                return self.service.print(why.raw(), &told, NOT_KNOWN);
            }
            Err(error @ SubmitError::NotSent(_)) => bail!("{}", printable(&error.to_string())),
            Err(error @ SubmitError::Unknown { .. }) => {
                return Ok(not_known(format!(
                    "{error}; with --idempotency-key {once} the same payment can be handed in again and is \
                     one payment"
                )));
            }
        };
        let guid = TaskGuid(accepted.task);
        if self.no_wait {
            return self.service.print(&accepted.raw, &guid.to_string(), 0);
        }
        // Before anything can go wrong: with the guid, the answer can be had from anywhere.
        eprintln!("wsa: the payment is accepted as task {guid}");
        self.service.wait(&client, guid, self.timeout).await
    }

    /// What is handed in.
    fn task(&self) -> anyhow::Result<wsa_client::Task> {
        let (amounts, currencies) = (self.amounts.len(), self.currencies.len());
        if amounts != currencies {
            bail!(
                "--amount is given {amounts} times and --currency {currencies} times: each amount \
                 must have its currency"
            );
        }
        let lines = self.amounts.iter().zip(&self.currencies);
        let payments: Result<Vec<_>, wsa_client::InvalidAmount> = lines
            .map(|(amount, currency)| Ok(Payment::new(amount.to_string().parse()?, currency.0)))
            .collect();
        let task = wsa_client::Task::pay_order(self.object.0, self.order.0, payments?);
        let task = task.with("isFullOrderRequired", self.full);
        Ok(match self.timeout.and_then(|seconds| u32::try_from(seconds).ok()) {
            Some(seconds) => task.timeout_s(seconds),
            None => task,
        })
    }
}

impl Task {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Task::Get(Ask { guid, service }) => match service.client()?.look_up(guid.0).await {
                Ok(Look::Answered(answered)) => service.show(&answered),
                Ok(Look::InProgress { description, raw }) => {
                    let told = format!("not answered yet: {}", printable(&description));
                    service.print(&raw, &told, NOT_KNOWN)
                }
                Err(error) => service.untold(&error),
            },
            Task::Wait(Ask { guid, service }) => service.wait(&service.client()?, guid, None).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        pay: Pay,
    }

    fn pay(more: &str) -> Result<String, String> {
        let guid = "00000000-0000-0000-0000-000000000001";
        let line = format!("wsa --token t --object 7 --order {guid} {more}").replace("CASH", guid);
        let line = Line::try_parse_from(line.split(' ')).map_err(|error| error.to_string())?;
        let task = line.pay.task().map_err(|error| error.to_string())?;
        Ok(format!("{task:?}"))
    }

    #[test]
    fn a_request_carries_the_amounts_as_they_were_typed() {
        let given = "--amount 449.35 --currency CASH --amount 0.1 --currency CASH --timeout 5";
        let guid = "00000000-0000-0000-0000-000000000001";
        let sent = pay(given).unwrap();
        for part in ["PayOrder", "Some(5)", "\"449.35\"", "\"0.10\"", guid] {
            assert!(sent.contains(part), "{part}: {sent}");
        }
    }

    #[test]
    fn what_cannot_be_paid_is_not_sent() {
        for (line, told) in [
            ("--amount 0 --currency CASH", "invalid value '0' for '--amount <AMOUNT>': it must be"),
            ("--amount 1.005 --currency CASH", "at most two decimals"),
            ("--amount -1 --currency CASH", "-1"),
            ("--amount 1 --amount 2 --currency CASH", "--amount is given 2 times and --currency 1"),
            ("--amount 1 --currency cash", "\"cash\" is not a currency guid"),
            ("--amount 1 --currency CASH --timeout 0", "1 to 3600"),
            ("--currency CASH", "--amount"),
            ("--amount 1 --currency CASH --idempotency-key ключ", "1 to 255 visible ASCII"),
        ] {
            let error = pay(line).unwrap_err();
            assert!(error.contains(told), "{line}: {error}");
        }
    }
}
