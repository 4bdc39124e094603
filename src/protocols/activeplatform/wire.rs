//! ActivePlatform API v3, as the vendor's public API guide describes it: completing payments of resellers.
//! JSON:API, except that an error is one object and no array.

pub mod answer;
pub mod lists;
pub(crate) mod members;
pub mod page;
pub mod query;
pub mod request;
mod resources;
pub mod shown;

/// Complete a payment by its id.
pub const COMPLETE_PAYMENT: &str = "activeplatform.CompletePayment";
/// Complete a payment by the number of its document.
pub const COMPLETE_BY_DOCUMENT: &str = "activeplatform.CompleteByDocument";

/// The media type of everything here.
pub const MEDIA_TYPE: &str = "application/vnd.api+json";

/// The types of its tasks.
pub const TASK_TYPES: &[&str] = &[COMPLETE_PAYMENT, COMPLETE_BY_DOCUMENT];
