//! The contracts as documents: OpenAPI for HTTP, AsyncAPI for RabbitMQ, a JSON Schema for every request and
//! every answer. All of it is generated from the types that requests are read into and answers are written
//! from.

pub mod decimals;
pub mod openapi;
mod operations;
pub mod schemas;

use serde_json::Value;

use crate::ops::contract::{self, OPS};
use crate::surface::ProtocolList;

/// The name of the OpenAPI document.
pub const OPENAPI: &str = "openapi.json";
/// The name of the OpenAPI document for clients that read numbers with a fraction as text.
pub const CLIENTS: &str = "clients.json";
/// The name of the AsyncAPI document.
pub const ASYNCAPI: &str = "asyncapi.json";
/// The prefix of exchanges and queues in the documents that are published with the source.
pub const PREFIX: &str = "wsa";

/// Every document of these protocols with its path below the directory that holds them.
pub fn documents(list: &ProtocolList, amqp_prefix: &str) -> Vec<(String, String)> {
    let schemas = schemas::standalone(list);
    let schemas = schemas.into_iter().map(|(name, schema)| (schema_path(&name), text(&schema)));
    let openapi = openapi::document(list);
    let clients = text(&decimals::as_text(&openapi));
    let mut documents = vec![(OPENAPI.to_owned(), text(&openapi)), (CLIENTS.to_owned(), clients)];
    let asyncapi = list.surfaces().filter_map(|surface| surface.contract().asyncapi);
    documents.extend(
        asyncapi.map(|of| (ASYNCAPI.to_owned(), text(&of(amqp_prefix, schemas::components(list))))),
    );
    documents.push((OPS.to_owned(), text(&contract::document())));
    documents.extend(schemas);
    documents
}

/// `schemas/PayOrderRequest.json`
pub fn schema_path(name: &str) -> String {
    format!("schemas/{name}.json")
}

/// A document as it is served and written to a file.
fn text(document: &Value) -> String {
    // `{:#}` of a JSON value is the value, indented.
    format!("{document:#}\n")
}
