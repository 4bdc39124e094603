//! Tasks: found, and told.

use std::collections::HashSet;

use serde_json::Value;
use wsa::ops::access::Role;

use super::{Ops, on};
use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::reference::{CASH, V1, V2};

/// Eight payments: of two objects, each fourth one refused. Their guids, the oldest first.
async fn payments(app: &TestApp) -> Vec<String> {
    let mut guids = Vec::new();
    for number in 0..8 {
        let object = if number % 2 == 0 { V1 } else { V2 };
        let order = app.order(object, "10.00").await;
        let amount = if number % 4 == 0 { "11.00" } else { "10.00" };
        let guid = app.submit(&Ask::pay(object, order, &[(amount, CASH)])).await;
        app.answer(guid).await;
        guids.push(guid.to_string());
    }
    guids
}

fn guids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|task| task["taskGuid"].as_str().unwrap().to_owned()).collect()
}

async fn tasks_are_found_by_what_is_known_of_them(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    let all = payments(&app).await;
    let newest: Vec<String> = all.iter().rev().cloned().collect();
    let find = async |query: &str| ops.get(&format!("/ops/v1/tasks{query}")).await.ok();
    assert_eq!(guids(&find("").await), newest);
    let of_v1: Vec<_> = newest.iter().skip(1).step_by(2).cloned().collect();
    assert_eq!(guids(&find(&format!("?object={V1}")).await), of_v1);
    let refused: Vec<_> = [4, 0].map(|n: usize| all[n].clone()).into();
    let page = find("?state=refused").await;
    assert_eq!(guids(&page), refused);
    let code = page["items"][0]["code"].as_str().unwrap().to_owned();
    assert_eq!(guids(&find(&format!("?code={code}")).await), refused);
    assert_eq!(guids(&find("?code=Another").await), [""; 0]);
    assert_eq!(guids(&find("?state=open").await), [""; 0]);
    assert_eq!(guids(&find("?type=PayOrder&caller=main&state=done").await).len(), 6);
    assert_eq!(guids(&find(&format!("?taskGuid={}", all[4])).await), all[4..5]);
    let at = find(&format!("?taskGuid={}", all[4])).await["items"][0]["registeredAt"].clone();
    let at = at.as_str().unwrap();
    assert_eq!(guids(&find(&format!("?to={at}")).await), newest[4..]);
    assert_eq!(guids(&find(&format!("?from={at}")).await), newest[..4]);
    app.finish().await;
}

async fn pages_hold_each_task_once(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    let all = payments(&app).await;
    for filter in ["", "state=refused&", "caller=main&type=PayOrder&", "state=done&"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..10 {
            let page = ops.get(&format!("/ops/v1/tasks?{filter}limit=2{cursor}")).await.ok();
            seen.extend(guids(&page));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let unique: HashSet<_> = seen.iter().collect();
        assert_eq!(unique.len(), seen.len(), "{filter}: {seen:?}");
        let expected = ops.get(&format!("/ops/v1/tasks?{filter}limit=500")).await.ok();
        assert_eq!(seen, guids(&expected), "{filter}");
    }
    let page = ops.get("/ops/v1/tasks?limit=2").await.ok();
    let next = page["next"].as_str().unwrap();
    let other = ops.get(&format!("/ops/v1/tasks?limit=2&state=done&cursor={next}")).await;
    assert!(other.refused(400).contains("none of this list with this filter"));
    assert_eq!(all.len(), 8);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_query_is_named() {
    let app = on(Stores::Sqlite).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    for (query, said) in [
        ("objekt=1", "objekt: it is not known here: there are object,"),
        ("object=x", "object: \"x\" is not an objectId"),
        ("object=1&object=2", "object: it was sent twice"),
        ("state=late", "state: \"late\" is none of"),
        ("limit=0", "limit: \"0\" is no whole number from 1 to 500"),
        ("limit=501", "limit"),
        ("from=yesterday", "from: \"yesterday\" is no moment"),
        ("caller=nobody", "caller: there is no caller \"nobody\""),
        ("cursor=x", "cursor: it is none of this list"),
        ("type=", "type: it is empty"),
        ("taskGuid=1", "taskGuid: \"1\" is not a task guid"),
        ("idempotencyKey=a&correlationId=b", "one can be looked up at once"),
    ] {
        let told = ops.get(&format!("/ops/v1/tasks?{query}")).await.refused(400);
        assert!(told.contains(said), "{query}: {told}");
    }
    let guid = "0191d5e0-0000-7000-8000-000000000001";
    let told = ops.get(&format!("/ops/v1/tasks/{guid}")).await.refused(404);
    assert!(told.contains(guid), "{told}");
    ops.get("/ops/v1/tasks/x").await.refused(400);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_task_tells_its_way() {
    let app = on(Stores::Sqlite).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    let all = payments(&app).await;
    let task = ops.get(&format!("/ops/v1/tasks/{}", all[0])).await.ok();
    assert_eq!((&task["state"], &task["caller"]), (&"refused".into(), &"main".into()));
    let steps = task["timeline"].as_array().unwrap();
    let what: Vec<_> = steps.iter().map(|step| step["what"].as_str().unwrap()).collect();
    assert!(what.starts_with(&["accepted"]) && what.contains(&"answered"), "{what:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_found_by_what_is_known_of_them_on_sqlite() {
    tasks_are_found_by_what_is_known_of_them(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_found_by_what_is_known_of_them_on_postgres() {
    tasks_are_found_by_what_is_known_of_them(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_each_task_once_on_sqlite() {
    pages_hold_each_task_once(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_each_task_once_on_postgres() {
    pages_hold_each_task_once(Stores::Postgres).await;
}
