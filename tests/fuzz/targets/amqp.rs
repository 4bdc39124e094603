//! Messages: what upstream services put into properties, what workers read from their queues.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use uuid::Uuid;
use wsa::domain::outbox::Announcement;
use wsa::domain::task::{LONGEST_TIMEOUT_S, TaskGuid};
use wsa::engine::claim::Claim;
use wsa::protocols::whiteserver::amqp::{identity, terms};
use wsa::queue::Message;
use wsa::queue::amqp::{announcements, bundle, reading};

/// The RabbitMQ user of the service.
const SERVICE: &str = "wsa";
/// The salt of a caller.
const SALT: Uuid = Uuid::from_u128(1);

/// Whose a message is, which task, for how long, and where its answer goes.
#[test]
fn amqp_upstream() {
    wsa_fuzz::message("amqp_upstream", |values, _body| {
        let user = wsa_fuzz::named(values, "user_id");
        whose(user, wsa_fuzz::named(values, "x-wsa-aggregator"));
        let user = user.unwrap_or_default();
        let message_id = wsa_fuzz::named(values, "message_id");
        which_task(message_id);
        for timeout_s in [None, Some(1), Some(LONGEST_TIMEOUT_S)] {
            for_how_long(wsa_fuzz::named(values, "expiration"), timeout_s);
        }
        if let Some(queue) = wsa_fuzz::named(values, "reply_to") {
            where_to(queue, user);
        }
        if let Err(refusal) =
            terms::check_text("correlation_id", wsa_fuzz::named(values, "correlation_id"))
        {
            wsa_fuzz::is_sentence(&refusal.desc);
        }
    });
}

fn whose(user: Option<&str>, name: Option<&str>) {
    match identity::claim(user, name, SERVICE) {
        Ok(Claim::User(claimed)) => assert_eq!((Some(&*claimed), name), (user, None)),
        Ok(Claim::Name(claimed)) => assert_eq!((Some(&*claimed), user), (name, Some(SERVICE))),
        Err(refusal) => wsa_fuzz::is_sentence(&refusal.desc),
    }
}

fn which_task(message_id: Option<&str>) {
    let named = message_id.filter(|id| !id.is_empty());
    match terms::name(message_id, SALT, false) {
        Ok(name) => {
            assert_eq!(
                Ok(name),
                terms::name(message_id, SALT, true),
                "delivered twice, the same task"
            );
            match named.map(str::parse::<TaskGuid>) {
                Some(Ok(given)) => assert_eq!(name.guid, given),
                _ => assert_ne!(
                    Ok(name),
                    terms::name(message_id, Uuid::nil(), false),
                    "nobody else's"
                ),
            }
        }
        Err(refusal) => {
            assert_eq!(named, None);
            wsa_fuzz::is_sentence(&refusal.desc);
        }
    }
}

fn for_how_long(expiration: Option<&str>, timeout_s: Option<i64>) {
    match terms::timeout_s(expiration, timeout_s) {
        Ok(read) => {
            assert!(read.is_none_or(|seconds| (1..=LONGEST_TIMEOUT_S).contains(&seconds)));
            assert!(timeout_s.is_none_or(|most| read.is_some_and(|read| read <= most)));
        }
        Err(refusal) => wsa_fuzz::is_sentence(&refusal.desc),
    }
}

fn where_to(queue: &str, user: &str) {
    match identity::check_reply_to(queue, user, "wsa") {
        Ok(()) => {
            assert!(queue.starts_with("amq.") || queue.starts_with(&format!("wsa.replies.{user}")));
            // Of users whose name the broker allows, nobody else's.
            let other = format!("{user}x");
            assert!(
                queue.starts_with("amq.")
                    || identity::check_reply_to(queue, &other, "wsa").is_err()
            );
        }
        Err(refusal) => wsa_fuzz::is_sentence(&refusal.desc),
    }
}

/// A message of the task queues is the tasks that it names, or is told what is wrong with it.
#[test]
fn amqp_task() {
    wsa_fuzz::message("amqp_task", |values, body| {
        let mut properties = BasicProperties::default();
        // The client library holds no longer texts.
        let short = |name| wsa_fuzz::named(values, name).filter(|text| text.len() < 256);
        if let Some(id) = short("message_id") {
            properties = properties.with_message_id(id.into());
        }
        if let Some(kind) = short("type") {
            properties = properties.with_type(kind.into());
        }
        if let Some(object) = wsa_fuzz::named(values, "x-wsa-object-id") {
            let mut headers = FieldTable::default();
            headers.insert("x-wsa-object-id".into(), header(object));
            properties = properties.with_headers(headers);
        }
        match reading::read(&properties, body.as_bytes()) {
            Ok(keys) => {
                assert!((1..=bundle::MOST).contains(&keys.len()));
                assert!(keys.iter().all(|key| key.object.0 > 0));
            }
            Err(told) => wsa_fuzz::is_sentence(&told),
        }
    });
}

/// A number as each type that a client may send it in.
fn header(text: &str) -> AMQPValue {
    let Ok(number) = text.parse::<i64>() else { return AMQPValue::LongString(text.into()) };
    let narrow = [
        i8::try_from(number).ok().map(AMQPValue::ShortShortInt),
        i16::try_from(number).ok().map(AMQPValue::ShortInt),
        u16::try_from(number).ok().map(AMQPValue::ShortUInt),
        u32::try_from(number).ok().map(AMQPValue::LongUInt),
    ];
    narrow.into_iter().flatten().next().unwrap_or(AMQPValue::LongLongInt(number))
}

/// A bundle names one to sixty-four tasks, and is written as it was read.
#[test]
fn amqp_bundle() {
    wsa_fuzz::text("amqp_bundle", |body| match bundle::read(body) {
        Ok(keys) => {
            assert!((1..=bundle::MOST).contains(&keys.len()));
            let message = |key: &_| Message {
                key: *key,
                task_type: "PayOrder".into(),
                request: "{}".into(),
                class: Default::default(),
                fresh: true,
                trace: None,
            };
            let messages: Vec<_> = keys.iter().map(message).collect();
            let written = bundle::write(&messages.iter().collect::<Vec<_>>());
            assert_eq!(bundle::read(std::str::from_utf8(&written).unwrap()), Ok(keys));
        }
        Err(told) => wsa_fuzz::is_sentence(&told),
    });
}

/// Announcement are whole or ignored: what is read is written as the same bytes.
#[test]
fn amqp_news() {
    wsa_fuzz::bytes("amqp_news", |body| {
        let read: Option<Announcement> = announcements::read(Some(announcements::TYPE), body);
        if let Some(announcement) = read {
            assert_eq!(announcements::write(&announcement), body);
        }
    });
}
