//! `wsa pay` and `wsa task`: a client of the API for people.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use secrecy::SecretString;
use serde::Serialize;

use super::answer::{Answer, NOT_KNOWN, REFUSED, Reading};
use super::api_client::{Client, SubmitError};
use crate::domain::money::Money;
use crate::domain::task::{CurrencyGuid, ObjectId, OrderGuid, TaskGuid};
use crate::runtime::tls::ClientTls;
use crate::terminal::output::{self, Waiting};
use crate::terminal::values;

const PAY_CODES: &str = "Exit codes: 0 it is paid (with --no-wait: accepted), 1 it is refused or \
was not handed in, 3 Timeout: it is not paid and never will be by this task, 4 the outcome is not \
known: ask with `wsa task wait` before paying again.";

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

/// Which service, and as whom.
#[derive(Debug, Args)]
struct Service {
    /// The service.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Your token.
    #[arg(long, env = "WSA_TOKEN", hide_env_values = true)]
    token: SecretString,
    /// Trust these authorities instead of the system's, when the URL is https://.
    #[arg(long, value_name = "FILE", env = "WSA_CA")]
    ca: Option<PathBuf>,
    /// The certificate to show to a service that asks for one.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its key.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// Print the answer as it came.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    task_type: &'a str,
    params: Params,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    r#async: Target,
    order_guid: OrderGuid,
    payments: Vec<Line>,
    is_full_order_required: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    object_id: ObjectId,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<i64>,
}

#[derive(Serialize)]
struct Line {
    amount: Money,
    currency: CurrencyGuid,
}

impl Pay {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let request = self.request()?;
        let client = self.service.client()?;
        let waiting = Waiting::begin("handing the payment in");
        let submitted = client.submit(request).await;
        drop(waiting);
        let answer = match submitted {
            Ok(answer) => answer,
            Err(error @ SubmitError::NotSent(_)) => bail!(error),
            Err(error @ SubmitError::NotKnown(_)) => return Ok(not_known(error)),
        };
        let Reading::Accepted(guid) = answer.reading else {
            return match &answer.reading {
                Reading::Refused(why) | Reading::Untold(why) => {
                    self.service.print(&answer.raw, &format!("refused: {why}"), REFUSED)
                }
                other => self.service.print(&answer.raw, &other.told(), other.exit_code()),
            };
        };
        if self.no_wait {
            return self.service.print(&answer.raw, &guid.to_string(), 0);
        }
        // Before anything can go wrong: with the guid, the answer can be had from anywhere.
        eprintln!("wsa: the payment is accepted as task {guid}");
        self.service.wait(&client, guid, self.timeout).await
    }

    /// The body of the request.
    fn request(&self) -> anyhow::Result<String> {
        let (amounts, currencies) = (self.amounts.len(), self.currencies.len());
        if amounts != currencies {
            bail!(
                "--amount is given {amounts} times and --currency {currencies} times: each amount \
                 must have its currency"
            );
        }
        let lines = self.amounts.iter().zip(&self.currencies);
        let params = Params {
            r#async: Target { object_id: self.object, timeout: self.timeout },
            order_guid: self.order,
            payments: lines.map(|(&amount, &currency)| Line { amount, currency }).collect(),
            is_full_order_required: self.full,
        };
        Ok(serde_json::to_string(&Request { task_type: "PayOrder", params })?)
    }
}

impl Task {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Task::Get(Ask { guid, service }) => {
                let client = service.client()?;
                match client.ask(guid).await {
                    Ok(answer) => service.show(&answer),
                    Err(error) => Ok(not_known(error)),
                }
            }
            Task::Wait(Ask { guid, service }) => service.wait(&service.client()?, guid, None).await,
        }
    }
}

impl Service {
    fn client(&self) -> anyhow::Result<Client> {
        let file = |named: &Option<PathBuf>| named.clone().unwrap_or_default();
        let [ca, certificate, key] = [&self.ca, &self.certificate, &self.key].map(file);
        Client::new(&self.url, &self.token, &ClientTls { ca, certificate, key })
    }

    async fn wait(
        &self,
        client: &Client,
        guid: TaskGuid,
        timeout_s: Option<i64>,
    ) -> anyhow::Result<ExitCode> {
        let waiting = Waiting::begin(format!("waiting for the answer of task {guid}"));
        let answer = client.wait(guid, timeout_s, &waiting).await;
        drop(waiting);
        match answer {
            Ok(answer) => self.show(&answer),
            Err(error) => Ok(not_known(format!(
                "{error:#}; the outcome is not known, `wsa task wait {guid}` asks again"
            ))),
        }
    }

    fn show(&self, Answer { raw, reading }: &Answer) -> anyhow::Result<ExitCode> {
        self.print(raw, &reading.told(), reading.exit_code())
    }

    fn print(&self, raw: &str, told: &str, code: u8) -> anyhow::Result<ExitCode> {
        output::line(if self.json { raw } else { told })?;
        Ok(ExitCode::from(code))
    }
}

/// Ends a command after which nobody may think that nothing was done.
fn not_known(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("wsa: {error:#}");
    ExitCode::from(NOT_KNOWN)
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
        line.pay.request().map_err(|error| error.to_string())
    }

    #[test]
    fn a_request_carries_the_amounts_as_they_were_typed() {
        let given = "--amount 449.35 --currency CASH --amount 0.1 --currency CASH --timeout 5";
        let guid = "00000000-0000-0000-0000-000000000001";
        let sent = r#"{"taskType":"PayOrder","params":{"async":{"objectId":7,"timeout":5},
            "orderGuid":"GUID","payments":[{"amount":449.35,"currency":"GUID"},
            {"amount":0.10,"currency":"GUID"}],"isFullOrderRequired":false}}"#;
        let sent: String = sent.replace("GUID", guid).split_whitespace().collect();
        assert_eq!(pay(given), Ok(sent));
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
        ] {
            let error = pay(line).unwrap_err();
            assert!(error.contains(told), "{line}: {error}");
        }
    }
}
