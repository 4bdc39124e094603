//! A name is used once: also after retention has deleted the task that had it, through every door, in every
//! protocol.

mod keys;
mod messages;
mod settings;

use crate::support::app::TestApp;

/// Deletes every answered task and every notification, as retention does when its time has come.
async fn forget(app: &TestApp) {
    while app.store().forget_notifications(0, 100).await.unwrap() {}
    while app.store().forget(0, 100).await.unwrap() > 0 {}
}

async fn tasks(app: &TestApp) -> i64 {
    app.place.number("SELECT count(*) FROM tasks").await
}
