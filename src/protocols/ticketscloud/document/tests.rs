use serde_json::{Value, json};

use super::*;

fn whole() -> Value {
    json!({
        "id": "56a6253df06c5a059a93802e",
        "org": {"id": "56810047f06c5a6ac62f4e1d", "desc": "A theatre", "contact": {"email": "a@example.com"}},
        "title": {"text": "Concert", "desc": "Loud"},
        "status": "hidden",
        "lifetime": {"start": "2030-05-12T20:00:00Z", "end": "2030-05-12T23:00:00+03:00"},
        "age_rating": 16,
        "tags": ["concerts"],
        "media": {"cover": {"url": "https://example.com/a.jpeg"}},
        "map": {"id": "54d79ee69cb538749c32c221"},
        "venue": {"id": "54d49b9df06c5a0dbde10e7f", "name": "Hall", "country": {"id": "RU"},
                  "city": {"id": 524901, "name": "Moscow"}, "point": [50.09, 53.19]},
        "sets": [
            {"id": "56a6254bf06c5a059b93800c", "name": "Stalls", "amount": 10, "rules": [
                {"id": "56a6254bf06c5a059b93800b", "price_org": "100.00", "price_extra": 10,
                 "end": "2030-01-01T00:00:00Z"},
                {"id": "56a6254bf06c5a059b93800a", "price_org": "120.50", "start": "2030-01-01T00:00:00Z"}]},
            {"id": "56a6254bf06c5a059b93800e", "name": "Balcony", "sector": "54d7a0409cb538783b7bf8d5",
             "rules": [{"id": "56a6254bf06c5a059b938009", "price_org": 50}],
             "tickets": [
                {"id": "56a6253df06c5a059a9380a0", "row": 1, "number": 1},
                {"id": "56a6253df06c5a059a9380a1", "row": "1", "number": "2"},
                {"id": "56a6253df06c5a059a9380a2", "row": 1, "number": 6},
                {"id": "56a6253df06c5a059a9380a3", "row": 2, "number": "A"}]},
        ],
    })
}

#[test]
fn a_document_is_read() {
    let mut document = whole();
    document["lifetime"]["end"] = json!("2030-05-13T02:00:00+03:00");
    let read = read(&document.to_string()).unwrap();
    assert_eq!((read.name.as_str(), read.on_sale), ("Concert", false));
    assert_eq!((read.country.as_deref(), read.city.as_deref()), (Some("RU"), Some("524901")));
    assert_eq!(read.venue.as_deref(), Some("54d49b9df06c5a0dbde10e7f"));
    let [stalls, balcony] = read.sets.as_slice() else { panic!("{read:?}") };
    assert_eq!((stalls.amount, stalls.rules.len(), stalls.seats.as_deref()), (10, 2, None));
    assert_eq!(stalls.rules[0].extra.to_string(), "10.00");
    assert_eq!(balcony.seats.as_deref(), Some(r#"{"1":[[1,2],[6,6]],"2":[["A","A"]]}"#));
    let place = r#"{"number":"1","row":"1","sector":"54d7a0409cb538783b7bf8d5"}"#;
    assert_eq!(balcony.tickets[0].place, place);
    let card: Value = serde_json::from_str(&read.card).unwrap();
    assert_eq!(card["venue"]["point"]["type"], "Point");
    assert_eq!(card["org"]["desc"], "A theatre");
}

#[test]
fn every_mistake_is_named_by_its_place() {
    let mut document = whole();
    document["colour"] = json!("red");
    document["id"] = json!("x");
    document["title"]["text"] = json!("");
    document["status"] = json!("open");
    document["venue"]["point"] = json!([500, 1]);
    document["venue"]["city"] = json!("Moscow");
    document["sets"][0]["rules"][0]["price_org"] = json!(100.5);
    document["sets"][0]["rules"][1]["id"] = json!("56a6254bf06c5a059b93800b");
    document["sets"][0]["amount"] = json!(-1);
    document["sets"][1]["id"] = json!("56a6254bf06c5a059b93800c");
    document["sets"][1]["tickets"][1]["row"] = Value::Null;
    document["sets"][1]["tickets"][2]["id"] = json!("56a6253df06c5a059a9380a0");
    let mistakes = read(&document.to_string()).unwrap_err();
    for expected in [
        "colour: it is not known: there are id, org",
        "id: \"x\" is not the id of an event",
        "title.text: it must be a text of 1 to 255 characters",
        "status: it must be one of public, hidden",
        "lifetime.end: 2030-05-12T20:00:00Z must be after start",
        "venue.point: it must be [longitude, latitude]",
        "venue.city: it must be an object with an id",
        "sets[0].rules[0].price_org: it must be an amount like \"120.50\"",
        "sets[0].rules[1].id: 56a6254bf06c5a059b93800b is there twice",
        "sets[0].amount: it must be a whole number from 0",
        "sets[1].id: 56a6254bf06c5a059b93800c is there twice",
        "sets[1].tickets[1].row: it is missing",
        "sets[1].tickets[2].id: 56a6253df06c5a059a9380a0 is there twice",
    ] {
        assert!(
            mistakes.iter().any(|told| told.starts_with(expected)),
            "{expected}: {mistakes:#?}"
        );
    }
    assert_eq!(mistakes.len(), 13, "{mistakes:#?}");
    for (text, mistake) in [
        ("", "the document is not JSON"),
        ("[]", "the document: it must be an object"),
        (r#"{"id": 1, "id": 2}"#, "id: the key occurs more than once"),
    ] {
        let told = read(text).unwrap_err();
        assert!(told[0].starts_with(mistake), "{told:?}");
    }
}
