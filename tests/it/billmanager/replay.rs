//! The requests of the vendor's public API guide, in its order, and the answers beside the guide's.

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// The guide's summary of an order.
const SUMMARY: &str = r#"
<list name="payment_info_list">
<elem is_json_array="yes">
<img img="m-account" width="20px" height="15px" sprite="yes" spritesvg="yes"/>
<profile size="h3">notav@example.com, физ. лицо</profile>
</elem>
<elem is_json_array="yes">
<img img="card" width="18px" height="16px" spritesvg="yes"/>
<to_pay size="h3">К оплате 20.00 RUB</to_pay>
</elem>
</list>
<list name="general_info">
<elem is_json_array="yes">
<position_count>1 позиция</position_count>
</elem>
</list>
<list name="details">
<elem is_json_array="yes">
<item>oneAddon #4176</item>
<count>1шт.</count>
<price>
<price>
<currency>RUB</currency>
<cost>20.00</cost>
</price>
</price>
<configuration>
<header name="configuration_name" color="main">Услуга</header>
<header name="configuration_value" color="main">Значение</header>
<header name="configuration_limit" color="main">Лимит</header>
<elem is_json_array="yes">
<configuration_name>oneAddon #4176</configuration_name>
<configuration_value>Базовая стоимость</configuration_value>
<configuration_price>
<price>
<currency>RUB</currency>
<cost>10.00</cost>
</price>
</configuration_price>
</elem>
<elem is_json_array="yes">
<configuration_name>числовой</configuration_name>
<configuration_value>10 Шт.</configuration_value>
<configuration_price>
<price>
<currency>RUB</currency>
<cost>10.00</cost>
</price>
</configuration_price>
</elem>
</configuration>
<extra_info>
<elem is_json_array="yes">
<autoprolong>
<input name="autoprolong_4176" type="checkbox" msg_side="left" color_on="green" color_off="red" readonly="yes"/>
</autoprolong>
</elem>
</extra_info>
</elem>
</list>
<autoprolong_4176>off</autoprolong_4176>
<list name="help_faq">
<elem is_json_array="yes">
<link internal="no" target="_blank" name="faq_link_0">https://docs.ispsystem.com/x/9JUHBQ</link>
</elem>
<elem is_json_array="yes">
<link internal="no" target="_blank" name="faq_link_1">https://docs.ispsystem.com/x/ApYHBQ</link>
</elem>
<elem is_json_array="yes">
<link internal="no" target="_blank" name="faq_link_2">https://docs.ispsystem.com/x/LJYHBQ</link>
</elem>
</list>
<list name="help_support">
<elem is_json_array="yes">
<link name="help_support_link" internal="yes" newtab="yes">func=clientticket</link>
</elem>
</list>
<elid>689</elid>
<tparams>
<elid>689</elid>
<out>xml</out>
<func>cartorder</func>
</tparams>
<saved_filters/>
"#;

/// What stands between `<doc ...>` and `</doc>`.
fn inside(answer: &Answer, func: &str) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/xml; charset=UTF-8"));
    let head = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doc lang=\"ru\" func=\"{func}\" \
         binary=\"/billmgr\" host=\"https://ubu.lxc:1500\">"
    );
    let rest = answer.text.strip_prefix(&head).unwrap_or_else(|| panic!("{answer:?}"));
    rest.strip_suffix("</doc>").unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).unwrap().0
}

/// One of the guide's curl calls; the credentials are ours.
async fn curl(app: &TestApp, func: &str, params: &[&str]) -> Answer {
    let authinfo = form(&[("authinfo", &format!("{ADMIN}:{}", password(ADMIN)))]);
    let body = format!("{authinfo}&su={ANNA}&func={func}&{}", params.join("&"));
    send(post(app, body)).await
}

macro_rules! on_all {
    ($($name:ident: $store:ident, $queue:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            the_guide_is_answered_as_it_says(Stores::$store, Queues::$queue).await;
        }
    )*};
}

on_all! {
    the_guide_is_answered_as_it_says_on_sqlite_in_process: Sqlite, InProcess;
    the_guide_is_answered_as_it_says_on_sqlite_and_rabbitmq: Sqlite, Amqp;
    the_guide_is_answered_as_it_says_on_postgres_in_process: Postgres, InProcess;
    the_guide_is_answered_as_it_says_on_postgres_and_rabbitmq: Postgres, Amqp;
}

async fn the_guide_is_answered_as_it_says(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue)
        .await
        .set("billmanager.lang", "ru")
        .set("billmanager.host", "https://ubu.lxc:1500")
        .start()
        .await;
    let shop = seed(app.store()).await;

    let order = "v2.vds.order.param";
    let flags = ["out=xml", "sok=ok", "force_use_new_cart=on"];
    let vds =
        ["datacenter=1", "pricelist=2", "addon_2=10", "order_period=1", "clicked_button=order"];
    let added = curl(&app, order, &[&flags[..], &vds[..]].concat()).await;
    assert!(added.header("x-task-guid").is_some());
    let added = inside(&added, order);
    let item = between(&added, "<lineitem.id>", "</lineitem.id>");
    assert_eq!(added, format!("<lineitem.id>{item}</lineitem.id>"));

    let payer = format!("profile_id={}", shop.payer);
    let elid = format!("elid={item}");
    let func = "cartorder.create.confirm";
    let card = ["sok=ok", &elid, "paymethod_id=3", &payer, "payment_method=bank_card"];
    let confirmed = inside(&curl(&app, func, &card).await, func);
    let order = between(&confirmed, "<billorder saveoutput=\"yes\">", "<");
    let payment = between(&confirmed, "<payment_id saveoutput=\"yes\">", "<");
    // The key is this service's own.
    let key = between(&confirmed, "&amp;key=", "<");
    assert_eq!(key.len(), 64);
    assert_eq!(
        confirmed,
        format!(
            "<billorder saveoutput=\"yes\">{order}</billorder>\
             <payment_id saveoutput=\"yes\">{payment}</payment_id>\
             <ok type=\"blank\" on_blank_redirect_action=\"func=cartorder&amp;elid={order}\">\
             /mancgi/ycpayment?elid={payment}&amp;key={key}</ok>"
        )
    );

    let elid = format!("elid={order}");
    let summary = inside(&curl(&app, "cartorder", &[&elid]).await, "cartorder");
    let guides: String = SUMMARY.lines().collect();
    assert_eq!(summary, guides.replace("4176", item).replace("689", order));

    let soft = ["out=xml", "sok=ok", "pricelist=3", "order_period=1", "clicked_button=order"];
    let free = inside(&curl(&app, "v2.soft.order.param", &soft).await, "v2.soft.order.param");
    let free = between(&free, "<lineitem.id>", "<").to_owned();
    let selected = format!("selected={free}");
    let activate = ["out=xml", "sok=ok", &selected, "clicked_button=activate"];
    let activated = inside(&curl(&app, "cart", &activate).await, "cart");
    let order = between(&activated, ">", "<");
    assert_eq!(activated, format!("<billorder saveoutput=\"yes\">{order}</billorder>"));
    assert_eq!(app.finish().await.tasks.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_is_in_english_and_in_json_for_who_asks() {
    let (app, shop) = shop().await;
    let item = add(&app, ANNA).await;
    let payer = shop.payer.to_string();
    let card = [("paymethod_id", "3"), ("profile_id", &payer), ("payment_method", "sbp")];
    let order = confirm(&app, ANNA, item, &card).await.number("billorder").to_string();
    let doc = by(&app, ANNA, "cartorder", &[("elid", &order)]).await.doc();
    assert_eq!(doc["$lang"], "en");
    let lists = doc["list"].as_array().unwrap();
    let list =
        |name: &str| lists.iter().find(|list| list["$name"] == name).unwrap()["elem"].clone();
    let payer = &list("payment_info_list")[0]["profile"];
    assert_eq!(payer["$"], "notav@example.com, individual");
    assert_eq!(list("payment_info_list")[1]["to_pay"]["$"], "To be paid: 20.00 RUB");
    assert_eq!(list("general_info")[0]["position_count"]["$"], "1 item");
    let detail = &list("details")[0];
    assert_eq!(detail["item"]["$"], format!("oneAddon #{item}"));
    assert_eq!(detail["count"]["$"], "1 pc.");
    let lines = detail["configuration"]["elem"].as_array().unwrap();
    let line = |line: &serde_json::Value| {
        let text = |value: &serde_json::Value| value["$"].as_str().unwrap().to_owned();
        let cost = text(&line["configuration_price"]["price"]["cost"]);
        (text(&line["configuration_name"]), text(&line["configuration_value"]), cost)
    };
    assert_eq!(
        lines.iter().map(line).collect::<Vec<_>>(),
        [
            (format!("oneAddon #{item}"), "Base price".into(), "10.00".into()),
            ("numeric".into(), "10 pcs.".into(), "10.00".into()),
        ]
    );
    assert_eq!(doc["tparams"]["out"]["$"], "json");
    app.finish().await;
}
