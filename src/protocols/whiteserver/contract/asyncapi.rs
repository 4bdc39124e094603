//! The AsyncAPI 3.0 document: tasks published to RabbitMQ, and their answers.

use serde_json::{Map, Value, json};

use super::{answers, examples};
use crate::protocols::whiteserver::wire::request::TASK_TYPES;
use crate::surface::contract::naming::name_schemas;
use crate::surface::contract::refer;

const ABOUT: &str = "\
The bodies are those of HTTP: a task is published as it would be sent to Create, and its answer is the one \
that GetTaskResponse gives. `sync` and `async` make no difference here. Publish with confirms, `mandatory` and \
persistent; the broker must know the `user_id`, which names the aggregator. The dead letters are the \
operator's and not described.";

/// The document of an installation whose exchanges and queues have this prefix.
pub(super) fn document(prefix: &str, components: Map<String, Value>) -> Value {
    let message = |channel: &str, name: &str| json!({"$ref": format!("#/channels/{channel}/messages/{name}")});
    let channel = |name: &str| json!({"$ref": format!("#/channels/{name}")});
    let answered = |name: &str, summary: &str| {
        json!({
            "action": "receive", "channel": channel(name), "summary": summary,
            "messages": [message(name, "answer")],
        })
    };
    let answer = json!({"answer": {"$ref": "#/components/messages/answer"}});
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "wsa over RabbitMQ",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {"rabbitmq": {
            "host": "localhost:5672",
            "protocol": "amqp",
            "protocolVersion": "0.9.1",
            "description": "The operator's RabbitMQ; the user and the password are the aggregator's own.",
            "security": [{"$ref": "#/components/securitySchemes/user"}],
        }},
        "channels": {
            "tasks": {
                "address": format!("{prefix}.tasks"),
                "description": "An exchange, with the routing key `in`.",
                "messages": {"task": {"$ref": "#/components/messages/task"}},
                "bindings": {"amqp": {
                    "is": "routingKey",
                    "exchange": {
                        "name": format!("{prefix}.tasks"), "type": "direct", "durable": true,
                        "autoDelete": false, "vhost": "/",
                    },
                    "bindingVersion": "0.3.0",
                }},
            },
            "results": {
                "address": format!("{prefix}.results.{{aggregator}}"),
                "description": "A queue: every answer of the aggregator's asynchronous tasks, however they \
                    were handed in.",
                "messages": answer,
                "parameters": {"aggregator": {"description": "The aggregator's name."}},
                "bindings": {"amqp": {
                    "is": "queue",
                    "queue": {
                        "name": format!("{prefix}.results.{{aggregator}}"), "durable": true,
                        "exclusive": false, "autoDelete": false, "vhost": "/",
                    },
                    "bindingVersion": "0.3.0",
                }},
            },
            "replies": {
                "address": null,
                "description": format!(
                    "A queue of the caller's: `amq.rabbitmq.reply-to`, `amq.gen-...`, or \
                     `{prefix}.replies.<user>`, alone or with `:` and anything."
                ),
                "messages": answer,
            },
        },
        "operations": {
            "submit": {
                "action": "send",
                "channel": channel("tasks"),
                "summary": "Hand in a task",
                "messages": [message("tasks", "task")],
                "bindings": {"amqp": {
                    "cc": ["in"], "deliveryMode": 2, "mandatory": true, "ack": true,
                    "bindingVersion": "0.3.0",
                }},
                "reply": {
                    "address": {"location": "$message.header#/reply_to"},
                    "channel": channel("replies"),
                    "messages": [message("replies", "answer")],
                },
            },
            "results": answered("results", "Answers of the aggregator's tasks"),
        },
        "components": {
            "messages": {"task": task(), "answer": answer_message()},
            "schemas": schemas(components),
            "securitySchemes": {"user": {"type": "userPassword"}},
        },
    });
    name_schemas(&mut document);
    document
}

fn task() -> Value {
    let examples: Vec<Value> = examples::requests()
        .into_iter()
        .filter(|example| TASK_TYPES.contains(&example.task_type))
        .map(|example| {
            json!({
                "name": example.name, "summary": example.summary,
                "headers": {"user_id": "kiosk", "message_id": example.name},
                "payload": example.request,
            })
        })
        .collect();
    json!({
        "title": "A task",
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "description": "Properties of the message; `x-wsa-aggregator` is a header of it.",
            "properties": {
                "user_id": {
                    "type": "string",
                    "description": "Your RabbitMQ user; the broker refuses another's. A message without it is \
                        a dead letter, and nobody is told.",
                },
                "message_id": {
                    "type": "string", "minLength": 1, "maxLength": 255,
                    "description": "Your name for the task, required of every task that changes something. A guid is \
                        the taskGuid itself; of any other text one is made. A name is used once.",
                },
                "reply_to": {
                    "type": "string", "maxLength": 255,
                    "description": "Where the answer is sent: see the channel `replies`.",
                },
                "correlation_id": {
                    "type": "string", "maxLength": 255,
                    "description": "Stands on the answer; without it, message_id does.",
                },
                "expiration": {
                    "type": "string", "pattern": "^[0-9]+$",
                    "description": "Milliseconds: the task's timeout is no longer than this.",
                },
                "x-wsa-aggregator": {
                    "type": "string",
                    "description": "Only for the service's own user: the aggregator that it acts for.",
                },
            },
            "required": ["user_id"],
        },
        "payload": refer("TaskRequest"),
        "examples": examples,
    })
}

fn answer_message() -> Value {
    json!({
        "title": "An answer",
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "description": "Properties of the message.",
            "properties": {
                "message_id": {
                    "type": "string",
                    "description": "The taskGuid: an answer that comes twice has the same.",
                },
                "correlation_id": {"type": "string", "description": "That of the task."},
                "type": {"type": "string", "description": "The taskType."},
                "app_id": {"type": "string", "const": "wsa"},
            },
        },
        "payload": refer("TaskAnswer"),
        "examples": [{"name": "refused", "payload": answers::refused()}],
    })
}

/// The schemas of HTTP that apply here, with two of its own.
fn schemas(mut all: Map<String, Value>) -> Map<String, Value> {
    // Not over HTTP: asking, listening, what a URL is posted.
    let others = [
        "CreateRe",
        "GetTaskResponse",
        "GetAgentList",
        "ListenQueue",
        "Accepted",
        "Event",
        "NoOperations",
        "Ping",
        "Readiness",
    ];
    all.retain(|name, _| !others.iter().any(|other| name.starts_with(other)));
    let each = |end: &str| -> Vec<Value> {
        TASK_TYPES.iter().map(|task_type| refer(&format!("{task_type}{end}"))).collect()
    };
    let any_answer: Vec<Value> = [refer("Refusal")].into_iter().chain(each("Done")).collect();
    all.insert("TaskRequest".into(), json!({"description": "A task.", "oneOf": each("Request")}));
    all.insert("TaskAnswer".into(), json!({"description": "An answer.", "oneOf": any_answer}));
    all
}
