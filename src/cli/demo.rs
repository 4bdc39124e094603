//! `wsa up --demo` and `wsa demo`: something of each protocol to try things on, and what to type.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;

use crate::boot::Running;
use crate::domain::token::{self, TokenHash};
use crate::engine::store::Store;
use crate::engine::store::journal::{Actor, Via};
use crate::ops::access::sessions::login_link;
use crate::ops::access::{Operators, Role};
use crate::protocols::ALL;
use crate::runtime::tls;
use crate::surface::store::Servers;
use crate::surface::{Demo, Instructions};
use crate::terminal::output;

/// `wsa demo`
#[derive(Debug, Args)]
pub(super) struct ShowDemo {
    #[command(flatten)]
    servers: Servers,
    /// Where the demo's API is; without it at http.listen of the settings.
    #[arg(long, value_name = "URL", env = "WSA_URL")]
    url: Option<String>,
}

impl ShowDemo {
    /// Prints what to type to try everything of a demo that `wsa up --demo` has put into a store.
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let store = Arc::new(self.servers.open_unchanged(&ALL).await?);
        if store.aggregators().await?.iter().all(|aggregator| aggregator.name != "demo") {
            bail!("this store has no demo: `wsa up --demo` puts one in");
        }
        let url = match &self.url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => self.url_of_settings()?,
        };
        let of_protocols = of_protocols(&Demo { store, url }).await?;
        let all =
            of_protocols.iter().map(|of| &*of.text).chain(of_protocols.iter().map(|of| &*of.last));
        output::line(all.collect::<String>().trim())?;
        Ok(ExitCode::SUCCESS)
    }

    fn url_of_settings(&self) -> anyhow::Result<String> {
        let http = self.servers.settings(&ALL, &[])?.http;
        let scheme = if tls::server::is_set(&http.tls)? { "https" } else { "http" };
        Ok(format!("{scheme}://{}", http.listen))
    }
}

/// Seeds once: a second call finds everything and leaves it as it is.
pub(super) async fn seed(store: &Store) -> anyhow::Result<()> {
    for surface in ALL.surfaces() {
        surface.seed(store).await?;
    }
    Ok(())
}

async fn of_protocols(demo: &Demo) -> anyhow::Result<Vec<Instructions>> {
    let mut all = Vec::new();
    for surface in ALL.surfaces() {
        all.push(surface.instructions(demo).await?);
    }
    Ok(all)
}

/// The operator of the demo. Nobody knows its token: it is logged in by a link.
const OPERATOR: &str = "demo";

/// A link that logs the demo's operator into the console, once; `None` where no operators are served.
async fn console(running: &Running) -> anyhow::Result<Option<String>> {
    let Some(url) = running.ops_url() else { return Ok(None) };
    let store = &running.app.store;
    let actor = Actor { who: "wsa up --demo".into(), role: None, via: Via::Cli };
    let (reason, nobodys) = (Some("the demo".to_owned()), TokenHash::of(&token::generate()));
    let operators = Operators::of(store);
    operators.add(&actor, reason, (OPERATOR, Role::Admin), nobodys).await?;
    // Disabled since, it stays so.
    let path = login_link(store, &actor, OPERATOR).await?;
    Ok(path.map(|path| format!("{url}{path}")))
}

/// What matters first: where the console and the API are, and one payment.
pub(super) async fn instructions(running: &Running) -> anyhow::Result<String> {
    let console = console(running).await?;
    let (app, url) = (&running.app, running.url());
    let demo = Demo { store: Arc::clone(&app.store), url: url.clone() };
    let first = of_protocols(&demo).await?.into_iter().find_map(|of| of.first);
    let mut text = String::new();
    if let Some(link) = console {
        text.push_str(&format!(
            "\nConsole (the link logs you in, once, within 15 minutes):\n  {link}\n"
        ));
    }
    let (store, queue) = (app.store.kind(), app.queue.kind());
    text.push_str(&format!("API: {url}/docs (store {store}, queue {queue})\n"));
    text.push_str(&first.map_or_else(
        || "Every demo order is paid.\n".to_owned(),
        |payment| format!("\nPay an order:\n{payment}"),
    ));
    text.push_str(&format!(
        "\nEverything else to try: {} demo{}\nStop with Ctrl-C; everything is kept.\n",
        program(),
        flags(running)
    ));
    Ok(text)
}

/// What to do with an installation that nobody can call yet; `None` where somebody can.
pub(super) async fn next_step(running: &Running) -> anyhow::Result<Option<String>> {
    let (app, url) = (&running.app, running.url());
    if !app.store.aggregators().await?.is_empty() {
        return Ok(None);
    }
    let (at, wsa) = (data_dir(running), program());
    Ok(Some(format!(
        "\nwsa is up at {url} (store {}, queue {}). Nobody can submit a task yet: add a restaurant\n\
         and a caller, or start with --demo to try it.\n  \
         {wsa} admin object add --id 1 --name 'First restaurant' --agent-version v2{at}\n  \
         {wsa} admin aggregator add --name first --object 1{at}\n",
        app.store.kind(),
        app.queue.kind()
    )))
}

/// This program, as it was called: so that what is printed runs as it stands.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "wsa".to_owned())
}

/// The flags with which `wsa demo` finds this process.
fn flags(running: &Running) -> String {
    let mut flags = data_dir(running);
    let defaults = ALL.settings(&[]).ok();
    if defaults.is_none_or(|of| format!("http://{}", of.http.listen) != running.url()) {
        flags.push_str(&format!(" --url {}", running.url()));
    }
    flags
}

/// The flag with which a command finds the embedded store, where it is not in its place.
fn data_dir(running: &Running) -> String {
    let settings = &running.app.settings;
    let usual = ALL.settings(&[]).ok().map(|defaults| defaults.store.data_dir);
    match settings.database_url().is_none() && usual.as_ref() != Some(&settings.store.data_dir) {
        true => format!(" --data-dir {}", settings.store.data_dir.display()),
        false => String::new(),
    }
}
