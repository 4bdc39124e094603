//! White Server v1/v2: `POST .../aggregators/Create` with `{"taskType", "params"}` (the published
//! description of `PayOrder` and the public White Server API v2 documentation).

pub mod answer;
mod command;
pub mod contract;
mod envelope;
pub mod event;
pub mod listen;
mod listing;
mod params;
pub mod request;
mod view;
