//! White Server: bodies of `Create` and `ListenQueue`, answers as they are read back.

use jiff::Timestamp;
use lapin::BasicProperties;
use serde::de::IgnoredAny;
use uuid::Uuid;
use wsa::domain::money::Money;
use wsa::domain::task::{LONGEST_TIMEOUT_S, OrderGuid};
use wsa::domain::time_zone::TimeZone;
use wsa::protocols::whiteserver::command::{Command, OrderContent};
use wsa::protocols::whiteserver::model::OrderStatus;
use wsa::protocols::whiteserver::reply::{Code, OrderView};
use wsa::protocols::whiteserver::wire::answer::write_order;
use wsa::protocols::whiteserver::wire::request::{
    LONGEST_WAIT_S, Request, TASK_TYPES, TaskRequest, read_command,
};
use wsa::protocols::whiteserver::wire::{answer, listen, request};
use wsa::queue::amqp::reading;

/// What the door accepts, a worker can read, from the same object; all else is refused with a sentence.
#[test]
fn whiteserver_create() {
    wsa_fuzz::text("whiteserver_create", |body| match request::read(body) {
        Ok(Request::Task(task)) => accepted(body, task),
        Ok(Request::GetTaskResponse { wait_s, .. }) => {
            assert!(wait_s <= LONGEST_WAIT_S.unsigned_abs());
        }
        Ok(Request::GetAgentList) => {}
        Err(bad) => {
            wsa_fuzz::is_sentence(&bad.refusal.desc);
            assert!(bad.object.is_none_or(|object| object.0 > 0));
            // What was told about it is written as an answer, and found in it again.
            let common = answer::Common { task_type: bad.task_type, ..Default::default() };
            let told = answer::read_error(&answer::error(&common, &bad.refusal)).unwrap();
            assert_eq!(told.code, bad.refusal.code.as_str());
            assert_eq!(told.message, bad.refusal.desc);
        }
    });
}

fn accepted(body: &str, task: TaskRequest) {
    let TaskRequest { task_type, object, timeout_s, .. } = task;
    assert!(TASK_TYPES.contains(&task_type) && object.0 > 0);
    assert!(timeout_s.is_none_or(|seconds| (1..=LONGEST_TIMEOUT_S).contains(&seconds)));

    let command = read_command(task_type, body).unwrap();
    assert_eq!(read_command(task_type, body), Ok(command.clone()), "twice read, the same");
    let _ = command.needs();
    let positive = |amount: Money| amount > Money::ZERO;
    match command {
        Command::PayOrder(pay) => assert!(pay.payments.iter().all(|line| positive(line.amount))),
        Command::AddPrepayOrder(prepay) => assert!(positive(prepay.amount)),
        Command::CreateOrder(create) => {
            assert!(positive(create.total));
            content_is_kept(create.content);
        }
        Command::UpdateOrder(update) => {
            let products = update.products.unwrap_or_default();
            let (delivery, discount_ids) = (update.delivery, update.discount_ids);
            content_is_kept(OrderContent {
                products,
                delivery,
                discount_ids,
                ..OrderContent::default()
            });
        }
        Command::PatchOrder(patch) => {
            let mut content = OrderContent::default();
            for field in &patch.fields {
                let before = content.clone();
                if let Err(told) = field.apply(&mut content) {
                    wsa_fuzz::is_sentence(&told);
                    assert_eq!(content, before, "nothing of it is done");
                }
            }
            content_is_kept(content);
        }
        _ => {}
    }

    // The same message from the queue leads to the same object, also without a header.
    let guid = Uuid::from_u128(7).to_string();
    let properties = BasicProperties::default().with_message_id(guid.into());
    let keys = reading::read(&properties, body.as_bytes()).unwrap();
    assert_eq!(keys.iter().map(|key| key.object).collect::<Vec<_>>(), [object]);
}

/// The store keeps an order's content as JSON, and answers show it.
fn content_is_kept(content: OrderContent) {
    let kept = serde_json::to_string(&content).unwrap();
    let read: OrderContent = serde_json::from_str(&kept).unwrap();
    assert_eq!(read, content, "{kept}");
    assert_eq!(serde_json::to_string(&read).unwrap(), kept);
    assert_eq!(read.check(), Ok(()));
    let view = OrderView {
        guid: OrderGuid(Uuid::from_u128(3)),
        status: OrderStatus::Created,
        bill_printed: false,
        total: Money::KOPECK,
        due: Money::ZERO,
        created_at: Timestamp::UNIX_EPOCH,
        zone: TimeZone::default(),
        waiter: None,
        content,
        payments: None,
    };
    serde_json::from_str::<IgnoredAny>(&write_order(&view)).unwrap();
}

/// A stored request of any type is read, or refused as the caller's mistake.
#[test]
fn whiteserver_stored() {
    wsa_fuzz::text("whiteserver_stored", |body| {
        for task_type in TASK_TYPES.into_iter().chain(["", "activeplatform."]) {
            let read = read_command(task_type, body);
            assert_eq!(read, read_command(task_type, body));
            if let Err(refusal) = read {
                wsa_fuzz::is_sentence(&refusal.desc);
                let code = refusal.code;
                assert!(
                    [Code::BadRequest, Code::WsaNoOneGuidSpecifiedForOrderSearching]
                        .contains(&code)
                );
            }
        }
    });
}

#[test]
fn whiteserver_listen() {
    wsa_fuzz::text("whiteserver_listen", |body| {
        if let Err(refusal) = listen::read(body) {
            wsa_fuzz::is_sentence(&refusal.desc);
        }
    });
}

/// The error of an answer is looked for in whatever an answer may be.
#[test]
fn whiteserver_answer() {
    wsa_fuzz::text("whiteserver_answer", |text| {
        assert_eq!(answer::read_error(text), answer::read_error(text));
    });
}
