//! What is due although nobody asks for it: services whose time has ended, and orders that nobody has paid. Each is
//! one task, as everything else that changes a balance; what it comes to is decided when it is settled.

use super::command::Ask;
use super::sql::Tables;
use super::sql::due::Due;
use super::wire::task_type;
use crate::database::{Db, StoreError};
use crate::domain::task::{NewTask, RequestDigest, TaskGuid, TaskKey};

/// The tasks, at most `most` of each kind.
pub(super) async fn tasks(db: &Db, days: i64, most: usize) -> Result<Vec<NewTask>, StoreError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let tables = Tables { db };
    let services = tables.take_due_services(most).await?;
    let mut tasks: Vec<NewTask> =
        services.into_iter().filter_map(|due| task(&due, &Ask::Renew(due.number), None)).collect();
    if days > 0 {
        for due in tables.unpaid_orders(days * 86_400, most).await? {
            // One at a time: an order is not put off when it is taken.
            let subject = format!("order {}", due.number);
            tasks.extend(task(&due, &Ask::ExpireOrder(due.number), Some(subject)));
        }
    }
    Ok(tasks)
}

/// Of the client whose it is. It is drawn anew each time: a task that came to nothing is followed by another.
fn task(due: &Due, ask: &Ask, subject: Option<String>) -> Option<NewTask> {
    // Numbers: nothing that cannot be written.
    let request = serde_json::to_string(ask).ok()?;
    let key = TaskKey { object: due.object, guid: TaskGuid::new() };
    let digest = RequestDigest::of([request.as_str()]);
    let task = NewTask::of_request((key, false), due.aggregator, task_type(ask), request, digest);
    Some(NewTask { subject, ..task })
}
