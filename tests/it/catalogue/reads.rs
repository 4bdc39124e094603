//! What clients call first, over HTTP, compared key by key with the published shapes.

use serde_json::{Value, json};
use wsa::domain::task::ObjectId;
use wsa::protocols::whiteserver::wire::request::TASK_TYPES;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::catalogue::{document, put};
use crate::support::contract::assert_answer;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{AGENT, HASTY, OTHER_TOKEN, UNLICENSED, V1, V2};

/// A shape: the names of its keys and the kinds of their values; of a list the shape of its first entry.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("bool"),
        Value::Number(number) => json!(if number.is_i64() { "int" } else { "number" }),
        Value::String(_) => json!("string"),
        Value::Array(values) => json!(values.first().map(shape).into_iter().collect::<Vec<_>>()),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect()
        }
    }
}

fn employee() -> Value {
    json!({
        "id": "int", "name": "string", "altName": "string", "visualTypeImage": "null",
        "visualTypeBColor": "null", "visualTypeTextColor": "null", "visualTypeFlags": "null",
        "cardCode": "string", "largeImagePath": "string", "eMail": "string", "pagerCode": "string",
        "pagerType": "null", "groups": ["int"],
        "restaurantRoles": [{"restaurantId": "int", "roleId": "int", "name": "string"}],
        "brigade": "null", "defServPosition": "null", "defaultRestaurantId": "null",
        "phoneNumber": "string", "qrSberTips": "string",
    })
}

/// The published shape of each `taskResponse`.
fn shapes() -> Vec<(&'static str, Value)> {
    let menu = json!({
        "lastUpdatedAt": "string", "version": "int", "menu": {
            "categories": [{"id": "string", "name": "string"}],
            "products": [{"id": "string", "categoryId": "string", "name": "string",
                          "price": "string", "schemeId": "string"}],
            "ingredientsSchemes": [{"id": "string", "ingredientsGroups": [
                {"id": "string", "minCount": "string", "maxCount": "string"}]}],
            "ingredientsGroups": [{"id": "string", "name": "string", "ingredients": ["string"]}],
            "ingredients": [{"id": "string", "name": "string"}],
        },
    });
    vec![
        (
            "GetTableList",
            json!({"tables": [
            {"code": "int", "name": "string", "hallName": "string", "maxGuests": "int"}]}),
        ),
        (
            "GetRestaurantInfo",
            json!({"restaurant": {"guid": "string", "name": "string", "halls": [
            {"guid": "string", "name": "string", "tables": [
                {"guid": "string", "code": "int", "name": "string", "seatsCount": "int"}]}]}}),
        ),
        ("GetEmployees", json!({"Employees": [employee()]})),
        ("GetMenu", menu.clone()),
        ("GetMenuByParams", menu),
        ("UpdateMenu", json!({"status": "string"})),
        (
            "GetStopList",
            json!({"stopList": {"dishes": [
            {"id": "string", "name": "string", "type": "string"}]}}),
        ),
        ("GetVoidReasons", json!({"voidReasons": [{"code": "int", "name": "string"}]})),
        (
            "GetRestaurantAgents",
            json!([
            {"version": "string", "isOnline": "bool", "agentGuid": "string", "roles": ["string"]}]),
        ),
        ("GetRestaurantSystems", json!([{"name": "string", "type": "string"}])),
        ("IsMainSystemAvailable", json!({"isAvailable": "bool"})),
        (
            "GetAgentInfo",
            json!({
                "agentCommon": {"agentVersion": "string", "monitorVersion": "string", "operatingSystem":
                    {"name": "string", "architecture": "string", "version": "null", "partition": "null"},
                    "machineName": "null", "workingDirectory": "null"},
                "healthState": {"workingMemorySetMb": "null", "dataFolderSizeMb": "null",
                    "availableFreeDiskSpaceGb": "null"},
                "pluggedSystems": [{"name": "string", "version": "string", "instanceName": "string",
                    "connectionError": "null", "objectIdList": ["int"], "isAvailable": "bool"}],
                "plugins": [],
            }),
        ),
    ]
}

async fn reads_have_the_published_shapes(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    put(app.store(), V2, &document()).await;
    let shapes = shapes();
    let writes = |name: &str| ["Order", "Bill", "CancelTask"].iter().any(|end| name.ends_with(end));
    let reads = TASK_TYPES.iter().filter(|task_type| !writes(task_type));
    assert_eq!(
        shapes.len(),
        reads.count() - 2,
        "each of them; GetOrderState and GetOrderList have tests"
    );
    for (task_type, expected) in shapes {
        let ask = Ask::read(V2, task_type);
        let answer = app.ask(&ask).await;
        assert_eq!(code(&answer), "done", "{answer}");
        assert_eq!(shape(&answer["taskResponse"]), expected, "{task_type}");
        let common = &answer["responseCommon"];
        assert_eq!(
            (&common["taskType"], &common["objectId"], &common["agentGuid"]),
            (&json!(task_type), &json!(V2.0), &json!(AGENT)),
        );
        assert_answer(&format!("{task_type}Answer"), &answer);
        let later = app.submit(&ask).await;
        assert_eq!(common["taskGuid"].as_str().map(str::len), Some(36));
        assert_eq!(app.answer(later).await["taskResponse"], answer["taskResponse"], "{task_type}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_have_the_published_shapes_on_sqlite() {
    reads_have_the_published_shapes(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_have_the_published_shapes_on_postgres_and_rabbitmq() {
    reads_have_the_published_shapes(Stores::Postgres, Queues::Amqp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_say_what_was_loaded() {
    let app = TestApp::embedded().await;
    put(app.store(), V2, &document()).await;
    let read = async |task_type| app.ask(&Ask::read(V2, task_type)).await["taskResponse"].clone();
    let tables = read("GetTableList").await;
    assert_eq!(
        tables["tables"][1],
        json!({"code": 12, "name": "12, by the window", "hallName": "Main hall", "maxGuests": 4})
    );
    assert_eq!(tables["tables"].as_array().unwrap().len(), 3);
    let menu = read("GetMenu").await["menu"].clone();
    assert_eq!(menu["products"].as_array().unwrap().len(), 4);
    let had = read("GetMenuByParams").await["menu"].clone();
    let ids: Vec<&str> = had["products"]
        .as_array()
        .unwrap()
        .iter()
        .map(|dish| dish["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["1", "2", "3"], "not what is in the stop list");
    assert_eq!(read("GetEmployees").await["Employees"][0]["id"], 1001);
    for (system, there) in [("RKMid", true), ("RKRef", false), ("StoreHouse", false)] {
        let ask = Ask::read(V2, "IsMainSystemAvailable").with("systemType", system);
        assert_eq!(app.ask(&ask).await["taskResponse"], json!({"isAvailable": there}));
    }

    put(app.store(), V2, &json!({"stopList": [], "restaurant": {"name": "Ours"}})).await;
    assert_eq!(read("GetStopList").await, json!({"stopList": {"dishes": []}}));
    assert_eq!(read("GetMenu").await["version"], 1, "the menu is the one of the first loading");
    let made = read("GetRestaurantInfo").await;
    assert_eq!(made["restaurant"]["name"], "Ours");
    assert_eq!(made, read("GetRestaurantInfo").await, "a guid that was made stays");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_that_is_not_there_is_refused_by_the_name_of_the_parameter() {
    let app = TestApp::embedded().await;
    put(app.store(), V2, &document()).await;
    let ask = || Ask::read(V2, "GetMenuByParams");
    for (name, value) in [
        ("priceTypeId", json!(2)),
        ("tradeGroupId", json!(1)),
        ("filterByKassPresets", json!(false)),
        ("menuSelectorCode", json!("1")),
        ("orderCategoryCode", json!(3)),
    ] {
        let answer = app.ask(&ask().with(name, value)).await;
        assert_eq!(code(&answer), "WsaCommandNotSupported", "{name}");
        let desc = answer["error"]["agentError"]["desc"].as_str().unwrap();
        assert!(desc.contains(&format!("params.{name}")), "{desc}");
    }
    for (name, value) in [("priceTypeId", json!(1)), ("filterByKassPresets", json!(true))] {
        assert_eq!(code(&app.ask(&ask().with(name, value)).await), "done", "{name}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restaurant_without_a_catalogue_says_so() {
    let app = TestApp::embedded().await;
    let menu = "WsaOrderMenuIsUnknownError";
    let other = "WsaCommandNotSupported";
    let told = [
        ("GetTableList", other),
        ("GetRestaurantInfo", other),
        ("GetEmployees", other),
        ("GetMenu", menu),
        ("GetMenuByParams", menu),
        ("UpdateMenu", menu),
        ("GetStopList", other),
        ("GetVoidReasons", other),
    ];
    for (task_type, expected) in told {
        let answer = app.ask(&Ask::read(V1, task_type)).await;
        assert_eq!(code(&answer), expected, "{task_type}");
        let desc = answer["error"]["agentError"]["desc"].as_str().unwrap();
        assert!(desc.contains("has loaded no catalogue"), "{desc}");
        assert_eq!(answer["responseCommon"]["objectId"], V1.0);
        assert_answer("Refusal", &answer);
    }
    for task_type in ["GetRestaurantAgents", "GetRestaurantSystems", "GetAgentInfo"] {
        assert_eq!(code(&app.ask(&Ask::read(V1, task_type)).await), "done", "{task_type}");
    }
    put(app.store(), V1, &json!({"voidReasons": []})).await;
    let answer = app.ask(&Ask::read(V1, "GetMenu")).await;
    let desc = answer["error"]["agentError"]["desc"].as_str().unwrap();
    assert_eq!(desc, format!("the catalogue of object {V1} has no menu"));
    assert_eq!(code(&app.ask(&Ask::read(V1, "GetStopList")).await), "done", "nothing is stopped");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_sees_its_own_restaurants_and_nobody_elses_menu() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    put(app.store(), UNLICENSED, &document()).await;
    let other = app.store().aggregators().await.unwrap();
    let other = other.into_iter().find(|caller| caller.name == "other").unwrap();
    for object in [V1, HASTY] {
        assert!(app.store().remove_licence(other.id, object).await.unwrap());
    }
    let listed = async |client: &crate::support::client::Client, body: Value| -> Vec<i64> {
        let answer = client.create(&body).await.json();
        assert_answer("GetAgentListAnswer", &answer);
        assert_eq!(answer["responseCommon"], json!({"taskType": "GetAgentList"}));
        let agents = answer["taskResponse"]["agents"].as_array().unwrap();
        agents.iter().map(|agent| agent["objectId"].as_i64().unwrap()).collect()
    };
    let bare = json!({"taskType": "GetAgentList"});
    assert_eq!(listed(&app, bare.clone()).await, [V1.0, V2.0, HASTY.0]);
    assert_eq!(listed(&app, json!({"taskType": "GetAgentList", "params": {}})).await.len(), 3);
    let other = app.with_token(OTHER_TOKEN);
    assert_eq!(listed(&other, bare.clone()).await, [V2.0]);
    let nobody = app.with_token("nobody's").create(&bare).await.json();
    assert_eq!(code(&nobody), "AuthFailed");
    for (client, object) in [(&*app, UNLICENSED), (&other, V1)] {
        for (task_type, _) in shapes() {
            let answer = client.ask(&Ask::read(object, task_type)).await;
            assert_eq!(code(&answer), "License", "{task_type}");
            assert!(answer.get("taskResponse").is_none());
        }
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_has_and_we_have_not_is_told_from_what_nobody_has() {
    let app = TestApp::embedded().await;
    let ask = async |task_type: &str, object: ObjectId| {
        let body = json!({"taskType": task_type, "params": {"sync": {"objectId": object.0}}});
        app.create(&body).await.json()
    };
    for task_type in ["GetRestaurantConfig", "ExecuteRk7Query", "ShGetDocuments", "ServicePing"] {
        let answer = ask(task_type, V2).await;
        assert_eq!(answer["error"]["agentError"]["code"], "WsaCommandNotSupported", "{answer}");
        assert_eq!(answer["responseCommon"]["objectId"], V2.0);
        assert_answer("Refusal", &answer);
    }
    assert_eq!(
        ask("GetRestaurantConfig", V2).await["responseCommon"]["taskType"],
        "GetRestaurantConfig"
    );
    for task_type in ["GetWeather", "payorder", ""] {
        assert_eq!(ask(task_type, V2).await["error"]["wsError"]["code"], "BadRequest");
    }
    let nowhere = json!({"taskType": "ExecuteRk7Query", "params": {}});
    assert_eq!(code(&app.create(&nowhere).await.json()), "BadRequest");
    app.finish().await;
}
