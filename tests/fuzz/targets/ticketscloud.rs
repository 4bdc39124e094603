//! ticketscloud: bodies, and what stands in paths.

use wsa::protocols::ticketscloud::command::{Changes, Transition, Wanted, Which};
use wsa::protocols::ticketscloud::hex_id::{EventId, OrderId, PartnerId, TicketId};
use wsa::protocols::ticketscloud::http::queries::listed;
use wsa::protocols::ticketscloud::model::OrderStatus;
use wsa::protocols::ticketscloud::wire::request;
use wsa::protocols::ticketscloud::wire::request::{MOST_PROMOCODES, MOST_TICKETS, read_command};

/// An id that is there.
const ID: &str = "56a6253df06c5a059a93802e";

/// What is read from a body comes to the worker as it was, whatever it holds.
#[test]
fn ticketscloud_create() {
    wsa_fuzz::text("ticketscloud_create", |body| match request::read_create(body) {
        Ok((_, changes)) => {
            assert!(changes.wanted.is_some(), "an order without tickets");
            let which = Which::New { deal: None, reserve_s: 900 };
            is_kept(which, changes, Some(OrderStatus::Executed));
        }
        Err(told) => wsa_fuzz::is_sentence(&told),
    });
}

#[test]
fn ticketscloud_change() {
    wsa_fuzz::text("ticketscloud_change", |body| match request::read_change(body) {
        Ok((changes, status)) => {
            assert!(status.is_some() || !changes.is_empty());
            is_kept(Which::Stored(ID.parse().unwrap()), changes, status);
        }
        Err(told) => wsa_fuzz::is_sentence(&told),
    });
}

fn is_kept(which: Which, changes: Changes, status: Option<OrderStatus>) {
    match &changes.wanted {
        Some(Wanted::Tickets(ids)) => assert!((1..=MOST_TICKETS).contains(&ids.len())),
        Some(Wanted::Random(counts)) => {
            assert!((1..=MOST_TICKETS).contains(&counts.values().sum()));
        }
        None => {}
    }
    assert!(changes.promocodes.as_ref().is_none_or(|codes| codes.len() <= MOST_PROMOCODES));
    let partner = ID.parse().unwrap();
    let transition = Transition { partner, which, changes, status, payment_s: 1200, wide: false };
    let stored = serde_json::to_string(&transition).unwrap();
    assert_eq!(read_command(&stored), Ok(transition), "{stored}");
}

/// A stored request may be anything that a store came to hold.
#[test]
fn ticketscloud_stored() {
    wsa_fuzz::text("ticketscloud_stored", |text| match read_command(text) {
        Ok(transition) => {
            let again = serde_json::to_string(&transition).unwrap();
            assert_eq!(read_command(&again), Ok(transition));
        }
        Err(error) => wsa_fuzz::is_sentence(&error),
    });
}

/// Ids are shown in small letters, and are the same however they are written.
#[test]
fn ticketscloud_id() {
    wsa_fuzz::text("ticketscloud_id", |text| {
        match text.parse::<OrderId>() {
            Ok(id) => {
                assert_eq!(id.to_string(), text.to_ascii_lowercase());
                assert_eq!(id.to_string().parse(), Ok(id));
            }
            Err(told) => wsa_fuzz::is_sentence(&told),
        }
        let is_id = text.parse::<OrderId>().is_ok();
        assert_eq!(text.parse::<EventId>().is_ok(), is_id);
        assert_eq!(text.parse::<TicketId>().is_ok(), is_id);
        assert_eq!(text.parse::<PartnerId>().is_ok(), is_id);
    });
}

/// Which orders a query asks for.
#[test]
fn ticketscloud_query() {
    wsa_fuzz::text("ticketscloud_query", |query| match listed(ID.parse().unwrap(), query) {
        Ok(listed) => assert!(listed.skip >= 0 && (1..=100).contains(&listed.most)),
        Err(told) => wsa_fuzz::is_sentence(&told),
    });
}
