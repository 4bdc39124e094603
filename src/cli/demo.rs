//! `wsa up --demo`: something of each protocol to try things on, and what to type.

use crate::boot::Running;
use crate::engine::store::Store;
use crate::protocols::ALL;
use crate::surface::Demo;

/// Seeds once: a second call finds everything and leaves it as it is.
pub(super) async fn seed(store: &Store) -> anyhow::Result<()> {
    for surface in ALL.surfaces() {
        surface.seed(store).await?;
    }
    Ok(())
}

/// What to type.
pub(super) async fn instructions(running: &Running) -> anyhow::Result<String> {
    let demo = Demo { app: running.app.clone(), url: running.url() };
    let mut of_protocols = Vec::new();
    for surface in ALL.surfaces() {
        of_protocols.push(surface.instructions(&demo).await?);
    }
    let (store, queue) = (demo.app.store.kind(), demo.app.queue.kind());
    let mut text = format!("\nwsa is up: store {store}, queue {queue}");
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
