//! `wsa up --demo`: something of each protocol to try things on, and what to type.

use crate::boot::Running;
use crate::protocols::SURFACES;
use crate::store::Store;

/// What to type to try a protocol.
#[derive(Debug, Default)]
pub(crate) struct Instructions {
    /// What a caller proves itself with, when the first line tells it.
    pub(crate) token: Option<String>,
    /// What to type.
    pub(crate) text: String,
    /// What to type after everything of the others.
    pub(crate) last: String,
}

impl From<String> for Instructions {
    fn from(text: String) -> Instructions {
        Instructions { text, ..Instructions::default() }
    }
}

/// Seeds once: a second call finds everything and leaves it as it is.
pub(super) async fn seed(store: &Store) -> anyhow::Result<()> {
    for surface in SURFACES {
        surface.seed(store).await?;
    }
    Ok(())
}

/// What to type.
pub(super) async fn instructions(running: &Running) -> anyhow::Result<String> {
    let mut of_protocols = Vec::with_capacity(SURFACES.len());
    for surface in SURFACES {
        of_protocols.push(surface.instructions(running).await?);
    }
    let mut text = format!(
        "\nwsa is up: store {}, queue {}",
        running.app.store.kind(),
        running.app.queue.kind()
    );
    for token in of_protocols.iter().filter_map(|of| of.token.as_deref()) {
        text.push_str(", ");
        text.push_str(token);
    }
    text.push_str(".\n");
    text.extend(of_protocols.iter().map(|of| &*of.text));
    text.extend(of_protocols.iter().map(|of| &*of.last));
    text.push_str(&format!(
        "\nA page to read and try the API: {}/docs\nStop with Ctrl-C; everything is kept.\n",
        running.url()
    ));
    Ok(text)
}
