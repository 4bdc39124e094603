use jiff::Timestamp;

use super::times::{MICROSECOND, later};
use super::*;

fn of<T>(
    what: Read,
    query: &str,
    rest: impl FnOnce(&mut Parameters) -> Result<T, BadParameter>,
) -> Result<T, String> {
    super::read(what, query, rest).map(|(_, rest)| rest).map_err(|bad| bad.to_string())
}

fn read(query: &str) -> Result<PaymentsAsked, String> {
    let zone = "+0300".parse().unwrap();
    of(Read::Payments, query, |given| PaymentsAsked::take(ObjectId(1), given, zone))
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn a_value_without_a_zone_is_in_the_platforms_and_has_a_length() {
    for (value, from, until) in [
        ("2019-11-01", "2019-10-31T21:00:00Z", "2019-11-01T21:00:00Z"),
        ("2019-11-01T04:34:42", "2019-11-01T01:34:42Z", "2019-11-01T01:34:43Z"),
        ("2019-11-01T04:34:42Z", "2019-11-01T04:34:42Z", "2019-11-01T04:34:43Z"),
        ("2019-11-01T04:34:42%2B05:00", "2019-10-31T23:34:42Z", "2019-10-31T23:34:43Z"),
        // As answers write it.
        (
            "2019-11-01T04:34:42.986099%2B0300",
            "2019-11-01T01:34:42.986099Z",
            "2019-11-01T01:34:42.986100Z",
        ),
    ] {
        let created = read(&format!("filter[created_at]={value}")).unwrap().created;
        assert_eq!(created, Times { from: at(from), until: at(until) }, "{value}");
        let updated = format!("filter[updated_at][gt]={value}&filter[updated_at][lt]={value}");
        let updated = read(&updated).unwrap().updated;
        let after = later(from.parse().unwrap(), MICROSECOND);
        assert_eq!(updated, Times { from: Some(after), until: at(from) }, "{value}");
    }
}

#[test]
fn what_is_closed_was_created_before_and_not_updated_since() {
    let asked = read("filter[closed_at]=2019-11-01T00:00:00Z").unwrap();
    assert_eq!(asked.updated, Times { from: asked.closed.from, until: None });
    assert_eq!(asked.created, Times { from: None, until: asked.closed.until });
    let narrower = "filter[created_at][lt]=2018-01-01&filter[updated_at][gt]=2020-01-01";
    let asked = read(&format!("filter[closed_at]=2019-11-01&{narrower}")).unwrap();
    assert_eq!(asked.created.until, at("2017-12-31T21:00:00Z"));
    assert_eq!(asked.updated.from, at("2019-12-31T21:00:00.000001Z"));
}

#[test]
fn a_list_reads_the_index_that_fits_it() {
    for (query, axis, order) in [
        ("", Axis::Ids, Sort::Id),
        ("sort=-id", Axis::Ids, Sort::IdDown),
        ("sort=-created_at", Axis::Created, Sort::CreatedDown),
        ("sort=updated_at&filter[status]=expired", Axis::Updated, Sort::Updated),
        ("filter[status]=expired", Axis::Status, Sort::Id),
        ("filter[account_id]=5&sort=-updated_at", Axis::Account, Sort::UpdatedDown),
        ("filter[document_id]=5&filter[account_id]=5", Axis::Document, Sort::Id),
        ("filter[updated_at][gt]=2019-11-01", Axis::Updated, Sort::Updated),
        ("filter[closed_at][gt]=2019-11-01", Axis::Updated, Sort::Updated),
        ("filter[closed_at][lt]=2019-11-01", Axis::Created, Sort::Created),
        ("filter[created_at]=2019-11-01&sort=id", Axis::Created, Sort::Id),
    ] {
        let asked = read(query).unwrap();
        assert_eq!((asked.axis(), asked.order()), (axis, order), "{query}");
    }
}

#[test]
fn a_page_has_a_size_and_a_number_and_both_have_an_end() {
    let page = read("page[size]=20&page[number]=3").unwrap().page;
    assert_eq!((page.size, page.skipped()), (20, 40));
    assert_eq!(read("").unwrap().page, Page { size: PAGE, number: 1 });
    assert_eq!(read("page[size]=200&page[number]=500").unwrap().page.skipped(), DEEPEST - 200);
}

#[test]
fn what_is_wrong_with_a_query_is_named() {
    for (query, message) in [
        ("page[size]=0", "page[size]: \"0\" must be a whole number from 1 to 200"),
        ("page[size]=201", "page[size]"),
        ("page[size]=", "page[size]: \"\""),
        (
            "page[size]=200&page[number]=501",
            "page[number]: \"501\" must be a whole number from 1 to 500",
        ),
        ("page[number]=-1", "page[number]"),
        ("page=2", "page: it is refused: pages are"),
        ("sort=total", "sort: \"total\" is none of: id, -id, created_at"),
        ("sort=id,total", "sort: "),
        ("filter[status]=paid", "filter[status]: \"paid\" is none of: waiting_for_payment"),
        ("filter[status]=expired,completed", "filter[status]: "),
        ("filter[account_id]=x", "filter[account_id]: \"x\""),
        ("filter[id][gt]=-1", "filter[id][gt]: "),
        ("filter[document_id]=", "filter[document_id]: \"\" is not the number of a document"),
        ("filter[total]=1", "filter[total]: it is refused: "),
        ("filter[created_at][ge]=2019-11-01", "filter[created_at][ge]: it is not known here"),
        (
            "filter[status]=expired&filter[status]=expired",
            "filter[status]: this parameter was sent twice",
        ),
        ("include=owner", "include: "),
        ("fields[payments]=price", "fields[payments]: "),
    ] {
        let error = read(query).unwrap_err();
        assert!(error.starts_with(message), "{query}: {error}");
    }
    for value in [
        "",
        "2019",
        "2019-11",
        "2019-11-31",
        "20191101",
        "2019-11-01Z",
        "2019-11-01T04:34",
        "2019-11-01T04:34:42+03:00",
        "2019-11-01%2004:34:42",
        "2019-11-01T04:34:42.1234567",
        "2019-11-01T04:34:42.",
        "2019-11-01T04:34:42%2B3",
        "0000-11-01",
        "9999-11-01",
        "2019-11-01T25:00:00",
        "yesterday",
        "é019-11-01T04:34:42",
    ] {
        for name in ["filter[created_at]", "filter[updated_at][gt]", "filter[closed_at][lt]"] {
            let error = read(&format!("{name}={value}")).unwrap_err();
            assert!(error.starts_with(&format!("{name}: ")), "{value}: {error}");
        }
    }
}

#[test]
fn one_entry_more_than_a_page_says_that_there_is_a_next_one() {
    let page = Page { size: 2, number: 1 };
    for (mut found, left, next) in
        [(vec![1], 1, false), (vec![1, 2], 2, false), (vec![1, 2, 3], 2, true)]
    {
        assert_eq!((page.cut(&mut found), found.len()), (next, left));
    }
}

#[test]
fn other_lists_know_their_page_and_ids_alone() {
    let plain = |query: &str| of(Read::Accounts, query, PlainAsked::take);
    let asked = plain("page[size]=1&filter[id][gt]=0&filter[id][lt]=9").unwrap();
    assert_eq!(asked.ids, Ids { after: 0, before: 9 });
    for query in ["sort=id", "filter[email]=a@example.com", "filter[inn]=1", "filter[payment_id]=1"]
    {
        assert!(plain(query).is_err(), "{query}");
    }
    let asked = of(Read::Corrections, "filter[payment_id]=7", CorrectionsAsked::take);
    assert_eq!(asked.unwrap().payment, Some(7));
    let one = |query: &str| {
        let take = |given: &mut Parameters| CorrectionsAsked::of_payment(7, given);
        of(Read::PaymentCorrections, query, take)
    };
    assert_eq!(one("").unwrap().payment, Some(7));
    assert!(one("filter[payment_id]=8").is_err());
}
