//! What both stores promise: every case runs on SQLite and on PostgreSQL.

/// Makes each case a test on either store. A case that is forgotten here is dead code, which the
/// compiler tells.
macro_rules! on_each_store {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                use crate::support::{place::Stores, stores::TestStore};
                super::$case(&TestStore::fresh(Stores::Sqlite).await).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                use crate::support::{place::Stores, stores::TestStore};
                super::$case(&TestStore::fresh(Stores::Postgres).await).await;
            })*
        }
    };
}

mod answers;
mod audit;
mod batches;
mod callback_order;
mod callback_replay;
mod callbacks;
mod cancel_tasks;
mod cancelling;
mod catalogues;
mod columns;
mod constraints;
mod deadlines;
mod denials;
mod discount;
mod event_types;
mod finishing;
mod foretold;
mod given_up;
mod held;
mod migrating;
mod migrations;
mod notifications;
mod order_lists;
mod order_states;
mod orders;
mod prepay_tasks;
mod prepayments;
mod queues;
mod races;
mod refusals;
mod register;
mod samples;
mod scheduled;
mod spoilt;
mod story;
mod sums;
mod times;
mod upkeep;
