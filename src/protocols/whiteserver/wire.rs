//! White Server v1/v2: `POST .../aggregators/Create` with `{"taskType", "params"}` (the published
//! description of `PayOrder` and the public White Server API v2 documentation).

pub mod answer;
mod applied;
mod changes;
mod command;
pub mod contract;
mod envelope;
pub mod event;
pub mod listen;
mod listing;
mod menu;
mod more;
mod params;
mod read_forms;
mod reading;
mod reads;
pub mod request;
pub mod till;
mod vendor;
mod view;

use crate::domain::task::RequestDigest;

/// What a caller sent: the body, byte for byte, through whichever door it came.
pub fn digest(body: &str) -> RequestDigest {
    RequestDigest::of(["whiteserver", body])
}

/// Whether a task of this type only reads: done twice, it is as if it were done once.
pub fn only_reads(task_type: &str) -> bool {
    [request::GET_ORDER, request::GET_ORDER_STATE, request::GET_ORDER_LIST, request::VALIDATE_ORDER]
        .contains(&task_type)
        || reading::TASK_TYPES.contains(&task_type)
}

/// Whether a task of this type is a till's.
fn is_till(task_type: &str) -> bool {
    till::TASK_TYPES.contains(&task_type)
}
