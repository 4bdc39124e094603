//! `wsa audit`: whether the store keeps the promises.

use std::process::ExitCode;

use clap::Args;

use crate::database::error::chain;
use crate::domain::task::ObjectId;
use crate::engine::store::audit::{Checked, Report, Terms};
use crate::protocols::ALL;
use crate::surface::store::StoreFlags;
use crate::terminal::colour::{self, Tone};
use crate::terminal::output;

/// The exit code of an audit that could not be made.
const NOT_CHECKED: u8 = 2;

const CODES: &str =
    "Exit codes: 0 every rule is kept, 1 a rule is broken, 2 it could not be checked.";

/// `wsa audit`
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Audit {
    /// Only what is of this restaurant (objectId) or reseller.
    #[arg(long, value_name = "ID")]
    object: Option<ObjectId>,
    /// Show so many examples of each broken rule.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = examples)]
    examples: usize,
    #[command(flatten)]
    on: StoreFlags,
}

fn examples(text: &str) -> Result<usize, String> {
    let rule = || "it must be a whole number from 0 to 10000".to_owned();
    text.parse().ok().filter(|n| *n <= 10_000).ok_or_else(rule)
}

impl Audit {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let report = match self.audit().await {
            Ok(report) => report,
            Err(error) => {
                eprintln!("wsa: the store could not be audited: {}", chain(error.as_ref()));
                return Ok(ExitCode::from(NOT_CHECKED));
            }
        };
        match self.on.json {
            true => output::json_line(&report.told())?,
            false => print(&report)?,
        }
        Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn audit(&self) -> anyhow::Result<Report> {
        let settings = self.on.settings(&ALL)?;
        let store = self.on.open_unchanged(&ALL).await?;
        let (tasks_days, mail_days) = (settings.store.retention_days, settings.mail.keep_days);
        let bar = output::steps();
        let terms = Terms::of(self.object, tasks_days, mail_days, self.examples);
        let report = store.audit(terms, |passes, number, name| {
            bar.set_length(passes as u64);
            bar.set_position(number as u64);
            bar.set_message(name);
        });
        let report = report.await;
        bar.finish_and_clear();
        Ok(report?)
    }
}

/// For people: what is broken, then what was looked at.
fn print(report: &Report) -> std::io::Result<()> {
    let red = |text: &str| colour::toned(Tone::Bad, text);
    let broken = report.checks.iter().filter(|checked| checked.broken > 0);
    for Checked { check, broken, examples } in broken.clone() {
        output::line(format_args!("{}: {broken} broken: {}", red(check.name), check.rule))?;
        for example in examples {
            output::line(format_args!("    {}", output::printable(&example.to_string())))?;
        }
    }
    let rows = report.rows.iter().map(|(name, count)| format!("{count} {name}"));
    let rows: Vec<String> = rows.collect();
    let of = report.object.map(|object| format!(" of object {object}")).unwrap_or_default();
    let verdict = match broken.count() {
        0 => "sound".to_owned(),
        1 => red("1 rule is broken"),
        n => red(&format!("{n} rules are broken")),
    };
    output::line(format_args!(
        "{verdict}: {} checks over {}{of} in {} as of {}, in {:.1} s",
        report.checks.len(),
        rows.join(", "),
        report.store,
        report.taken_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        report.took.as_secs_f64()
    ))
}
