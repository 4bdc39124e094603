//! `wsa up --demo`: something of each protocol to try things on, and what to type.

use crate::boot::Running;
use crate::domain::token::{self, TokenHash};
use crate::engine::store::Store;
use crate::engine::store::journal::{Actor, Via};
use crate::ops::access::sessions::login_link;
use crate::ops::access::{Operators, Role};
use crate::protocols::ALL;
use crate::surface::Demo;

/// Seeds once: a second call finds everything and leaves it as it is.
pub(super) async fn seed(store: &Store) -> anyhow::Result<()> {
    for surface in ALL.surfaces() {
        surface.seed(store).await?;
    }
    Ok(())
}

/// The operator of the demo. Nobody knows its token: it is logged in by a link.
const OPERATOR: &str = "demo";

/// A link that logs the demo's operator into the console, once; empty where no operators are served.
async fn console(running: &Running) -> anyhow::Result<String> {
    let Some(url) = running.ops_url() else { return Ok(String::new()) };
    let store = &running.app.store;
    let actor = Actor { who: "wsa up --demo".into(), role: None, via: Via::Cli };
    let (reason, nobodys) = (Some("the demo".to_owned()), TokenHash::of(&token::generate()));
    let operators = Operators::of(store);
    operators.add(&actor, reason, (OPERATOR, Role::Admin), nobodys).await?;
    // Disabled since, it stays so.
    let Some(path) = login_link(store, &actor, OPERATOR).await? else { return Ok(String::new()) };
    Ok(format!("\nThe console; the link logs you in, once, within 15 minutes:\n  {url}{path}\n"))
}

/// What to type.
pub(super) async fn instructions(running: &Running) -> anyhow::Result<String> {
    let console = console(running).await?;
    let demo = Demo { app: running.app.clone(), url: running.url() };
    let mut of_protocols = Vec::new();
    for surface in ALL.surfaces() {
        of_protocols.push(surface.instructions(&demo).await?);
    }
    let (store, queue) = (demo.app.store.kind(), demo.app.queue.kind());
    let mut text = format!("{console}\nwsa is up: store {store}, queue {queue}");
    for token in of_protocols.iter().filter_map(|of| of.token.as_deref()) {
        text.push_str(", ");
        text.push_str(token);
    }
    text.push_str(".\n");
    text.extend(of_protocols.iter().map(|of| &*of.text));
    text.extend(of_protocols.iter().map(|of| &*of.last));
    text.push_str(&format!(
        "\nA page to read and try the API: {}/docs\nStop with Ctrl-C; everything is kept.\n",
        demo.url
    ));
    Ok(text)
}
