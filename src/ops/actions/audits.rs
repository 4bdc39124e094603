//! Auditing the store in the background. Operators ask for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::Acting;
use crate::database::error::chain;
use crate::domain::task::ObjectId;
use crate::engine::app::App;
use crate::engine::store::audit::Terms;
use crate::ops::access::Role;
use crate::ops::problem::{Problem, conflict};

/// The role that this needs.
pub const ROLE: Role = Role::Operator;
/// How many examples of each broken rule are kept.
const EXAMPLES: usize = 10;
/// How long an audit may take.
const BOUND: Duration = Duration::from_secs(3600);

/// Begins an audit, and gives its number; 409 while another one runs.
pub async fn run(acting: &Acting<'_>, object: Option<ObjectId>) -> Result<i64, Problem> {
    let subject = object.map_or_else(|| "store".to_owned(), |object| object.to_string());
    let act = acting.act("audit.run", "audit", subject);
    let begun = acting.state.store().begin_audit_run(object, &acting.actor, act).await?;
    let Some(id) = begun else {
        return Err(conflict("an audit runs already: wait for its end"));
    };
    let app = Arc::clone(&acting.state.app);
    crate::runtime::environment::spawn(async move { audit(&app, id, object).await });
    Ok(id)
}

async fn audit(app: &App, id: i64, object: Option<ObjectId>) {
    let settings = &app.settings;
    let terms = Terms::of(object, settings.store.retention_days, settings.mail.keep_days, EXAMPLES);
    let found = tokio::select! {
        found = timeout(BOUND, app.store.audit(terms, |_, _, _| {})) => match found {
            Ok(Ok(report)) => serde_json::to_string(&report.told())
                .map(|text| (report.is_sound(), text))
                .map_err(|error| error.to_string()),
            Ok(Err(error)) => Err(chain(&error)),
            Err(_) => Err(format!("it took longer than {BOUND:?}")),
        },
        () = app.shutdown.no_new_requests.cancelled() => Err("its process has ended".to_owned()),
    };
    if let Err(error) = app.store.end_audit_run(id, found).await {
        tracing::warn!("what the audit {id} found cannot be kept: {}", chain(&error));
    }
}
