//! What a catalogue may hold, how it is kept, and what an order may ask of it.

use serde_json::{Value, json};

use super::*;
use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::command::OrderContent;
use crate::protocols::whiteserver::contract::reads::CATALOGUE;

fn document(text: &str) -> Document {
    Document::default().with(&read(text).unwrap_or_else(|wrong| panic!("{wrong}")))
}

/// Everything that is wrong with a document alone and as a whole.
fn wrong(value: Value) -> String {
    let text = value.to_string();
    match read(&text) {
        Ok(part) => Document::default().with(&part).mistakes().to_string(),
        Err(mistakes) => mistakes.to_string(),
    }
}

fn demo() -> Value {
    serde_json::from_str(CATALOGUE).unwrap()
}

#[test]
fn the_catalogue_of_the_demo_is_one() {
    let document = document(CATALOGUE);
    assert!(document.mistakes().is_empty(), "{}", document.mistakes());
    let again = document.to_value().to_string();
    assert_eq!(self::document(&again), document, "what is kept can be loaded again");
    assert!(differences(&document, &self::document(&again)).is_empty());
}

#[test]
fn what_is_kept_has_one_spelling() {
    let kept = document(
        r#"{"menu": {"categories": [{"id": 5, "name": "Kitchen", "parentId": null}],
                     "products": [{"id": 7, "categoryId": "5", "name": "Pie", "price": 120.5}]},
            "stopList": [{"id": 7, "name": "Pie"}], "checks": "on",
            "onlineCurrency": "7F9C24E83B124A3C9D5E0B6A2F1C8D47"}"#,
    );
    let kept = kept.to_value();
    assert_eq!(
        kept["menu"]["products"][0],
        json!({"id": "7", "categoryId": "5", "name": "Pie", "price": "120.50"})
    );
    assert_eq!(kept["menu"]["categories"][0], json!({"id": "5", "name": "Kitchen"}));
    assert_eq!(kept["menu"]["ingredients"], json!([]));
    assert_eq!(kept["stopList"][0], json!({"id": "7", "name": "Pie", "type": ""}));
    assert_eq!(kept["onlineCurrency"], "7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47");
    fn texts(value: &Value) -> bool {
        match value {
            Value::Array(values) => values.iter().all(texts),
            Value::Object(fields) => fields.values().all(texts),
            other => other.is_string(),
        }
    }
    let menu = &document(CATALOGUE).to_value()["menu"];
    assert!(texts(menu), "every value of a menu is a text: {menu}");
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let mut value = demo();
    value["halls"][0]["tables"][1]["code"] = json!(11);
    value["halls"][1]["tables"][0]["code"] = json!(11);
    value["menu"]["products"][0]["schemeId"] = json!("51");
    value["menu"]["products"][1]["id"] = json!("1");
    value["menu"]["products"][2]["categoryId"] = json!(99);
    value["menu"]["categories"][0]["parentId"] = json!("11");
    value["menu"]["ingredientsSchemes"][0]["ingredientsGroups"] =
        json!([{"id": "60", "minCount": 3, "maxCount": 2}, {"id": "62", "minCount": 1}]);
    value["menu"]["ingredientsGroups"][0]["ingredients"] = json!(["9", "10"]);
    value["employees"][1]["id"] = json!(1001);
    value["voidReasons"][1]["code"] = json!(1);
    insta::assert_snapshot!(wrong(value), @r"
    halls[0].tables[1].code: 11 is there twice; table codes are unique in a restaurant
    halls[1].tables[0].code: 11 is there twice; table codes are unique in a restaurant
    employees[1].id: 1001 is there twice
    menu.products[1].id: 1 is there twice
    menu.categories[0].parentId: 10 is below itself
    menu.categories[1].parentId: 11 is below itself
    menu.products[0].schemeId: there is no scheme 51
    menu.products[2].categoryId: there is no category 99
    menu.ingredientsSchemes[0].ingredientsGroups[0].minCount: 3 is more than maxCount, 2
    menu.ingredientsSchemes[0].ingredientsGroups[1].id: there is no group 62
    menu.ingredientsSchemes[0].ingredientsGroups[1].maxCount: it is missing beside minCount
    menu.ingredientsGroups[0].ingredients[1]: there is no ingredient 10
    voidReasons[1].code: 1 is there twice
    ");
}

#[test]
fn a_form_that_is_wrong_is_told_with_its_place_its_value_and_its_rule() {
    insta::assert_snapshot!(wrong(json!({
        "menus": {},
        "restaurant": {"name": " ", "adress": "Nevsky 1", "guid": "x"},
        "halls": [{"guid": "7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47", "tables": [{
            "guid": 7, "code": "twelve", "name": "a\nb", "seatsCount": -1,
        }]}],
        "menu": {"products": [
            {"id": 1.5, "categoryId": {}, "name": "Pie", "price": "1,5"},
            {"id": "", "categoryId": "1", "name": "Pie", "price": 0.001, "weather": 1},
        ], "ingredients": {}},
        "checks": "perhaps",
        "onlineCurrency": 7,
        "employees": [{"id": 1, "name": "M", "groups": ["a"], "pagerType": []}],
    })));
    assert_eq!(wrong(json!({})), "the document: it has no section");
    assert_eq!(wrong(json!([])), "the document: it must be a JSON object");
    assert_eq!(
        wrong(json!({"checks": "on"})),
        "checks: it is on, but there is no menu that orders could be held against"
    );
    let twice = read(r#"{"checks": "on", "checks": "off"}"#).unwrap_err().to_string();
    assert_eq!(twice, "checks: the key occurs more than once: it must occur once");
    let large = read(&" ".repeat(LARGEST + 1)).unwrap_err().to_string();
    assert!(large.contains("8388609 bytes") && large.contains("at most 8388608"), "{large}");
}

#[test]
fn a_part_replaces_its_sections_and_null_takes_one_away() {
    let whole = document(CATALOGUE);
    let part = read(r#"{"stopList": [], "orderTypes": null}"#).unwrap();
    let after = whole.clone().with(&part);
    assert_eq!(after.0[&Section::StopList], json!([]));
    assert!(!after.0.contains_key(&Section::OrderTypes));
    assert_eq!(after.0[&Section::Menu], whole.0[&Section::Menu]);
}

#[test]
fn a_difference_is_told_by_its_place() {
    let before = document(CATALOGUE);
    let mut value = demo();
    value["menu"]["products"][0]["price"] = json!("350.00");
    value["menu"]["products"].as_array_mut().unwrap().remove(2);
    value["stopList"] = json!([]);
    value["halls"][0]["tables"][0]["seatsCount"] = json!(3);
    value["checks"] = json!("on");
    let told: Vec<String> = differences(&before, &document(&value.to_string()))
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

fn hold(order: Value) -> Result<OrderContent, String> {
    let document = document(CATALOGUE);
    let section = |section| document.0[&section].to_string();
    let (menu, stop, halls) =
        (section(Section::Menu), section(Section::StopList), section(Section::Halls));
    let offer = Offer::read(&menu, Some(&stop), Some(&halls)).unwrap();
    let mut content: OrderContent = serde_json::from_str(&order.to_string()).unwrap();
    offer
        .hold(ObjectId(7), &mut content)
        .map_err(|refusal| format!("{}: {}", refusal.code.as_str(), refusal.desc))?;
    Ok(content)
}

#[test]
fn an_order_is_held_against_menu_stop_list_and_tables() {
    let good = hold(json!({"tableCode": "12", "products": [
        {"id": 2, "quantity": 1, "ingredients": [{"id": "9", "quantity": 1}, {"id": "3", "quantity": 1, "price": 5}]},
        {"id": "3", "name": "Kvas", "price": "108.85", "quantity": 2},
    ]}))
    .unwrap();
    let shown = serde_json::to_value(&good.products).unwrap();
    assert_eq!((&shown[0]["name"], &shown[0]["price"]), (&json!("Pelmeni"), &json!(410.0)));
    assert_eq!(shown[0]["ingredients"][0]["name"], "Sour cream");
    assert_eq!(shown[1]["name"], "Kvas", "a name that was said stays");

    let one = |product: Value| hold(json!({"products": [product]})).unwrap_err();
    let told = [
        one(json!({"id": "99", "quantity": 1})),
        one(json!({"id": "4", "quantity": 1})),
        one(json!({"id": "1", "quantity": 1, "price": 340})),
        one(json!({"id": "1", "quantity": 1, "price": 0})),
        one(json!({"id": "1", "quantity": 1, "ingredients": [{"id": "99", "quantity": 1}]})),
        one(json!({"id": "1", "quantity": 1, "ingredients": [
            {"id": "3", "quantity": 1, "ingredients": [{"id": "9", "quantity": 1, "price": 1}]}]})),
        hold(json!({"tableCode": 13})).unwrap_err(),
        hold(json!({"tableCode": "terrace"})).unwrap_err(),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    WsaOrderCreationDishNotFound: params.order.products[0].id: the menu has no dish 99
    WsaOrderCreationDishNotFound: params.order.products[0].id: dish 4, Sbiten, is in the stop list
    WsaOrderCreationPriceMismatch: params.order.products[0].price: 340.00 was sent, but 1, Borscht, costs 340.50 on the menu
    WsaOrderCreationPriceMismatch: params.order.products[0].price: 0.00 was sent, but 1, Borscht, costs 340.50 on the menu
    WsaOrderCreationComboComponentNotFound: params.order.products[0].ingredients[0].id: the menu has no ingredient 99
    WsaOrderCreationPriceMismatch: params.order.products[0].ingredients[0].ingredients[0].price: 1.00 was sent, but 9, Sour cream, costs 0.00 on the menu
    WsaOrderCreationTableNotFound: params.order.tableCode: object 7 has no table 13
    WsaOrderCreationTableNotFound: params.order.tableCode: object 7 has no table terrace
    ");
}
