//! ActivePlatform API v3, as the vendor's public API guide describes it: completing payments of resellers.
//! JSON:API, except that an error is one object and no array.

pub mod answer;
pub mod request;

/// The prefix of this protocol's task types.
pub const PREFIX: &str = "activeplatform.";
/// Complete a payment by its id.
pub const COMPLETE_PAYMENT: &str = "activeplatform.CompletePayment";
/// Complete a payment by the number of its document.
pub const COMPLETE_BY_DOCUMENT: &str = "activeplatform.CompleteByDocument";

/// The media type of everything here.
pub const MEDIA_TYPE: &str = "application/vnd.api+json";

/// Whether a task is of this protocol.
pub fn is(task_type: &str) -> bool {
    task_type.starts_with(PREFIX)
}
