//! The contracts as documents: OpenAPI for HTTP, AsyncAPI for RabbitMQ, a JSON Schema for every request and
//! every answer. All of it is generated from the types that requests are read into and answers are written
//! from.

pub mod openapi;
mod operations;
pub mod schemas;

use serde_json::Value;

use self::openapi::Part;
use self::schemas::Schemas;
use crate::protocols::SURFACES;

/// The name of the OpenAPI document.
pub const OPENAPI: &str = "openapi.json";
/// The name of the AsyncAPI document.
pub const ASYNCAPI: &str = "asyncapi.json";
/// The prefix of exchanges and queues in the documents that are published with the source.
pub const PREFIX: &str = "wsa";

/// What a protocol has in the documents.
#[derive(Debug, Clone, Copy)]
pub struct Contract {
    /// Its part of the OpenAPI document.
    pub openapi: fn() -> Part,
    /// Its schemas, when it has some under names.
    pub schemas: Option<Schemas>,
    /// The AsyncAPI document of an installation whose exchanges and queues have this prefix.
    pub asyncapi: Option<fn(&str) -> Value>,
}

impl Contract {
    /// Of a protocol that is spoken over HTTP alone, with schemas that stand where they are used.
    pub(crate) const fn of(openapi: fn() -> Part) -> Contract {
        Contract { openapi, schemas: None, asyncapi: None }
    }
}

/// Every document with its path below the directory that holds them.
pub fn documents(amqp_prefix: &str) -> Vec<(String, String)> {
    let schemas = schemas::standalone();
    let schemas = schemas.into_iter().map(|(name, schema)| (schema_path(&name), text(&schema)));
    let mut documents = vec![(OPENAPI.to_owned(), text(&openapi::document()))];
    let asyncapi = SURFACES.iter().filter_map(|surface| surface.contract().asyncapi);
    documents.extend(asyncapi.map(|of| (ASYNCAPI.to_owned(), text(&of(amqp_prefix)))));
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
