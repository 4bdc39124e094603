//! White Server v1/v2: `POST .../aggregators/Create` with `{"taskType", "params"}` (seed document and
//! the public White Server API v2 documentation).

pub mod answer;
mod command;
mod depth;
mod listing;
pub mod request;
mod view;
