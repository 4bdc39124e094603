//! An audit beside a working service: one moment, and nobody waits.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{paid, terms};
use crate::support::soon;
use crate::support::stores::TestStore;

on_each_store![an_audit_reads_one_moment_and_no_writer_waits];

async fn an_audit_reads_one_moment_and_no_writer_waits(store: &TestStore) {
    paid(store).await;
    let (begun, has_begun) = oneshot::channel();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let audited = Arc::clone(&store.store);
    let auditing = tokio::task::spawn_blocking(move || {
        let mut begun = Some(begun);
        let report = audited.audit(terms(), |_, number, _| {
            // In the middle, until the writers are done.
            if number == 3
                && let Some(begun) = begun.take()
            {
                begun.send(()).unwrap();
                gone.recv().unwrap();
            }
        });
        tokio::runtime::Handle::current().block_on(report).unwrap()
    });
    soon("the audit is in the middle", has_begun).await.unwrap();
    soon("others pay meanwhile", paid(store)).await;
    go.send(()).unwrap();
    let report = soon("the audit ends", auditing).await.unwrap();
    assert!(report.is_sound());
    let counted =
        |name| report.rows.iter().find(|(table, _)| *table == name).map(|(_, rows)| *rows);
    let counted = ["orders", "payments", "tasks"].map(counted);
    assert_eq!(counted, [Some(1); 3], "as it was when it began");
}
