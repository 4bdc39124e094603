//! The till door: bodies, queries and versions that a till sends, and the catalogue that it loads.

use serde::Serialize;
use wsa::protocols::whiteserver::catalogue;
use wsa::protocols::whiteserver::command::till::{Action, OrderChange, TillCommand};
use wsa::protocols::whiteserver::reply::Refusal;
use wsa::protocols::whiteserver::wire::till::error;
use wsa::protocols::whiteserver::wire::till::request::{self, LONGEST_WAIT_S, cursor_of};

/// What the door accepts is kept so that a worker reads the same; all else is refused with a sentence.
#[test]
fn till_body() {
    wsa_fuzz::text("till_body", |body| {
        if let Some(new) = read(request::new_order(body)) {
            // The guid that it is to have is the task's.
            let mut kept = new.clone();
            kept.order_guid = None;
            is_kept(&TillCommand::Open(kept));
            let content = serde_json::to_string(&new.content()).unwrap();
            assert_eq!(serde_json::from_str(&content).ok(), Some(new.content()), "{content}");
        }
        let actions = [
            read(request::edit(body)).map(Action::Edit),
            read(request::void(body)).map(Action::Void),
            read(request::rejection(body)).map(Action::Reject),
        ];
        for action in actions.into_iter().flatten() {
            let order = uuid::Uuid::from_u128(7).to_string().parse().unwrap();
            is_kept(&TillCommand::Change(OrderChange { order, version: 1, action }));
        }
        read(request::payment(body));
        read(request::acknowledgement(body));
        read(request::read_command(body));
    });
}

fn is_kept(command: &TillCommand) {
    let kept = serde_json::to_string(command).unwrap();
    assert_eq!(request::read_command(&kept).as_ref(), Ok(command), "{kept}");
}

/// What was read; of a refusal, that it can be told.
fn read<T>(read: Result<T, Refusal>) -> Option<T> {
    let refusal = match read {
        Ok(read) => return Some(read),
        Err(refusal) => refusal,
    };
    wsa_fuzz::is_sentence(&refusal.desc);
    let told: serde_json::Value = serde_json::from_str(&error(&refusal)).unwrap();
    assert_eq!(told["error"]["code"], refusal.code.as_str());
    None
}

/// A query, and a version as `If-Match` has it.
#[test]
fn till_query() {
    wsa_fuzz::text("till_query", |query| {
        if let Some(list) = read(request::list_query(query))
            && let Some((moment, guid)) = list.after
        {
            let again = request::list_query(&format!("cursor={}", cursor_of(moment, guid)));
            assert_eq!(again.map(|list| list.after), Ok(Some((moment, guid))));
        }
        if let Some((after, wait_s)) = read(request::events_query(query)) {
            assert!(after.is_none_or(|after| after >= 0));
            assert!(wait_s <= LONGEST_WAIT_S.unsigned_abs());
        }
        if let Some(version) = read(request::version(Some(query))) {
            assert_eq!(request::version(Some(&format!("\"{version}\""))), Ok(version));
        }
    });
}

/// A document is read into a form that is read as itself; its mistakes can be told.
#[test]
fn till_catalogue() {
    wsa_fuzz::text("till_catalogue", |text| match catalogue::read(text) {
        Ok(part) => {
            let document = catalogue::Document::default().with(&part);
            let kept = json(&document.to_value());
            let again = catalogue::read(&kept).unwrap_or_else(|told| panic!("{kept}: {told}"));
            let again = catalogue::Document::default().with(&again);
            assert_eq!(again, document, "{kept}");
            assert_eq!(again.mistakes().told(), document.mistakes().told());
        }
        Err(mistakes) => assert!(!mistakes.is_empty() && !mistakes.to_string().is_empty()),
    });
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}
