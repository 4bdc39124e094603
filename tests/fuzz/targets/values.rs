//! Ids, amounts and times: single values, from JSON and from text.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use wsa::domain::money::Money;
use wsa::domain::task::{CurrencyGuid, ObjectId, OrderGuid, TaskGuid};
use wsa::domain::time_zone::TimeZone;
use wsa::protocols::activeplatform::command::{PaymentView, UtcOffset};
use wsa::protocols::activeplatform::model::{Payment, PaymentStatus};
use wsa::protocols::activeplatform::wire::answer::payment;
use wsa::protocols::whiteserver::command::order_content::{Expedition, Quantity};
use wsa::protocols::whiteserver::command::{OrderContent, TableCode};
use wsa::protocols::whiteserver::model::OrderStatus;
use wsa::protocols::whiteserver::reply::OrderView;
use wsa::protocols::whiteserver::wire::answer::write_order;

/// What is read from text is read the same from what it is shown as.
fn shown<T: FromStr<Err = String> + Display + PartialEq + Debug>(text: &str) -> Option<T> {
    match text.parse::<T>() {
        Ok(read) => {
            assert_eq!(read.to_string().parse(), Ok(&read).map(|_| text.parse::<T>().unwrap()));
            Some(read)
        }
        Err(told) => {
            wsa_fuzz::is_sentence(&told);
            None
        }
    }
}

/// What is read from JSON is read the same from what it is written as.
fn written<T: DeserializeOwned + Serialize + PartialEq + Debug>(json: &str) -> Option<T> {
    match serde_json::from_str::<T>(json) {
        Ok(read) => {
            let again = serde_json::to_string(&read).unwrap();
            assert_eq!(serde_json::from_str::<T>(&again).unwrap(), read, "{json} {again}");
            Some(read)
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

#[test]
fn ids() {
    wsa_fuzz::text("ids", |text| {
        let quoted = serde_json::to_string(text).unwrap();
        let task = shown::<TaskGuid>(text);
        assert_eq!(serde_json::from_str::<TaskGuid>(&quoted).ok(), task);
        assert_eq!(shown::<OrderGuid>(text).map(|guid| guid.0), task.map(|guid| guid.0));
        assert_eq!(shown::<CurrencyGuid>(text).map(|guid| guid.0), task.map(|guid| guid.0));
        task.map(TaskGuid::created_at);
        let made =
            text.as_bytes().first_chunk::<16>().map(|bytes| TaskGuid(Uuid::from_bytes(*bytes)));
        made.map(TaskGuid::created_at);

        let object = shown::<ObjectId>(text);
        assert!(object.is_none_or(|object| object.0 > 0));
        if let Some(read) = written::<ObjectId>(text) {
            assert!(read.0 > 0);
        }

        let from_text = TableCode::from_text(text.to_owned());
        assert_eq!(from_text.to_string(), text);
        for json in [text, &quoted] {
            if let Some(table) = written::<TableCode>(json) {
                let checked = table.check("tableCode");
                assert_eq!(TableCode::from_text(table.to_string()), table);
                if let Err(told) = checked {
                    wsa_fuzz::is_sentence(&told);
                }
            }
        }
    });
}

#[test]
fn amounts() {
    wsa_fuzz::text("amounts", |text| {
        let read = Money::parse(text);
        if let Ok(money) = read {
            assert_eq!(Decimal::from(money), text.parse::<Decimal>().unwrap(), "exactly that");
            assert_eq!(Money::parse(&money.to_string()), Ok(money));
            assert_eq!(Money::from_kopecks(money.kopecks()), Some(money));
            assert_eq!(Money::try_from(Decimal::from(money)), Ok(money));
            assert_eq!(Money::parse_positive(text).is_ok(), money > Money::ZERO);
            assert_eq!(money.checked_sub(money), Some(Money::ZERO));
            assert!(money.checked_add(money).is_none_or(|sum| sum >= money));
        }
        let quoted = serde_json::to_string(text).unwrap();
        assert_eq!(serde_json::from_str::<Money>(&quoted).ok(), read.ok(), "quoted or not");
        written::<Money>(text);
        for json in [text, &quoted] {
            if let Some(quantity) = written::<Quantity>(json) {
                let shown: Decimal = quantity.to_string().parse().unwrap();
                assert!(shown > Decimal::ZERO && shown.scale() <= 3);
            }
        }
    });
}

#[test]
fn times() {
    wsa_fuzz::text("times", |text| {
        let quoted = serde_json::to_string(text).unwrap();
        written::<Expedition>(&format!("{{\"expectedTime\":{quoted}}}"));
        let offset = text.parse::<UtcOffset>();
        if let Ok(offset) = offset {
            assert!(offset.minutes().abs() < 15 * 60);
            written::<UtcOffset>(&serde_json::to_string(&offset).unwrap());
        }
        let moment = text
            .parse::<Timestamp>()
            .ok()
            .or_else(|| Timestamp::from_microsecond(text.parse().ok()?).ok())
            .unwrap_or(Timestamp::MAX);
        for moment in [moment, Timestamp::MIN] {
            shows(moment, offset.clone().unwrap_or_default());
        }
    });
}

/// Answers show every moment that a store can hold.
fn shows(moment: Timestamp, offset: UtcOffset) {
    let order = OrderView {
        guid: OrderGuid(Uuid::nil()),
        status: OrderStatus::Created,
        bill_printed: false,
        total: Money::ZERO,
        due: Money::ZERO,
        created_at: moment,
        zone: TimeZone::default(),
        waiter: None,
        content: OrderContent::default(),
        payments: None,
    };
    let order: serde_json::Value = serde_json::from_str(&write_order(&order)).unwrap();
    let shown: DateTime = order["createdAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(shown.subsec_nanosecond(), 0);

    let paid = payment(&PaymentView { payment: a_payment(moment), offset });
    let paid: serde_json::Value = serde_json::from_str(&paid).unwrap();
    let shown = paid["data"]["attributes"]["created_at"].as_str().unwrap();
    let shown = Timestamp::strptime("%Y-%m-%dT%H:%M:%S.%f%z", shown).unwrap();
    assert_eq!(shown.as_microsecond(), moment.as_microsecond());
}

fn a_payment(moment: Timestamp) -> Payment {
    Payment {
        reseller: ObjectId(1),
        id: 1,
        account: 1,
        document: "1".into(),
        status: PaymentStatus::Waiting,
        total: Money::KOPECK,
        discount: Money::ZERO,
        currency: "RUB".into(),
        comment: String::new(),
        purpose: String::new(),
        requester_ip: None,
        external_total: None,
        external_currency: None,
        method: None,
        manager: None,
        due_date: None,
        expiration_date: None,
        created_at: moment,
        updated_at: moment,
        closed_at: None,
        orders: Vec::new(),
        invoices: Vec::new(),
        corrections: Vec::new(),
    }
}
