//! ActivePlatform: bodies, and what stands in paths.

use wsa::domain::money::Money;
use wsa::domain::task::ObjectId;
use wsa::engine::protocol::stored::{self, Stored};
use wsa::protocols::activeplatform::command::{Complete, Which};
use wsa::protocols::activeplatform::listing::{self, DEEPEST, LARGEST_PAGE, PaymentsAsked};
use wsa::protocols::activeplatform::reads::Read;
use wsa::protocols::activeplatform::wire::answer;
use wsa::protocols::activeplatform::wire::request;
use wsa::protocols::activeplatform::wire::request::LONGEST_ID;
use wsa::protocols::activeplatform::wire::request::read_command;
use wsa::protocols::activeplatform::wire::shown::DEEPEST_PATH;

/// What is read from a body comes to the worker as it was, whatever it holds.
#[test]
fn activeplatform_complete() {
    wsa_fuzz::text("activeplatform_complete", |body| match request::read(body) {
        Ok(attributes) => {
            assert!(attributes.payment_method_id > 0);
            let amount = attributes.amount();
            assert!(amount.is_none_or(|amount| amount > Money::ZERO));
            let transaction = attributes.external_transaction_id;
            assert!(transaction.as_deref().is_none_or(request::is_name));
            let complete = Complete {
                which: Which::Payment(7),
                method: attributes.payment_method_id,
                manager: 1,
                amount,
                currency: attributes.currency_code,
                transaction,
                offset: "+0300".parse().unwrap(),
            };
            is_kept(complete);
        }
        Err(bad) => {
            assert!([400, 422].contains(&bad.status));
            wsa_fuzz::is_sentence(&bad.title);
            serde_json::from_str::<serde_json::Value>(&answer::error(bad.status, &bad.title))
                .unwrap();
        }
    });
}

fn is_kept(complete: Complete) {
    let stored = serde_json::to_string(&complete).unwrap();
    assert_eq!(read_command(&stored), Ok(complete), "{stored}");
}

/// A number or a document of a path, and what is stored of it.
#[test]
fn activeplatform_path() {
    wsa_fuzz::text("activeplatform_path", |text| {
        let complete = |which| Complete {
            which,
            method: 1,
            manager: 1,
            amount: None,
            currency: None,
            transaction: None,
            offset: "+0300".parse().unwrap(),
        };
        if let Some(id) = request::path_id(text) {
            assert!(id > 0);
            is_kept(complete(Which::Payment(id)));
        }
        if request::is_name(text) {
            assert!(text.len() <= 4 * LONGEST_ID && !text.contains('\0'));
            is_kept(complete(Which::Document(text.into())));
        }
    });
}

/// Which payments a query asks for.
#[test]
fn activeplatform_query() {
    wsa_fuzz::text("activeplatform_query", |query| {
        let zone = "+0300".parse().unwrap();
        let take = |given: &mut _| PaymentsAsked::take(ObjectId(1), given, zone);
        match listing::read(Read::Payments, query, take) {
            Ok((shown, asked)) => {
                assert!(shown.paths().iter().all(|path| path.len() <= DEEPEST_PATH));
                assert!((1..=LARGEST_PAGE).contains(&asked.page.size));
                assert!((0..DEEPEST).contains(&asked.page.skipped()));
                assert!(asked.document.as_deref().is_none_or(request::is_name));
            }
            Err(bad) => wsa_fuzz::is_sentence(&bad.to_string()),
        }
    });
}

/// A stored request, and a stored answer, may be anything that a store came to hold.
#[test]
fn activeplatform_stored() {
    wsa_fuzz::text("activeplatform_stored", |text| {
        match read_command(text) {
            Ok(complete) => is_kept(complete),
            Err(error) => wsa_fuzz::is_sentence(&error),
        }
        if let Some(answer) = Stored::read(text) {
            let again = stored::write(answer.status, answer.body);
            assert_eq!(Stored::read(&again), Some(answer));
        }
    });
}
