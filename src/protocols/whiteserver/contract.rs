//! The contract of White Server: its part of the OpenAPI document, the AsyncAPI document, and the schemas of both.

mod answers;
mod asyncapi;
mod callbacks;
pub mod examples;
pub(crate) mod forms;
mod paths;
pub mod reads;
pub mod schemas;
mod till;

use crate::surface::Contract;

/// The contract.
pub(super) const CONTRACT: Contract = Contract {
    openapi: paths::part,
    schemas: Some(schemas::SCHEMAS),
    asyncapi: Some(asyncapi::document),
};
