//! What clients ask first: what is sold, who they are, and what they have.

use super::shop::*;
use crate::support::app::TestApp;

/// The texts of a column of every element of this name.
async fn texts(
    app: &TestApp,
    login: Option<&str>,
    func: &str,
    params: &[(&str, &str)],
    (element, column): (&str, &str),
) -> Vec<String> {
    let answer = match login {
        Some(login) => by(app, login, func, params).await,
        None => bare(app, &[&[("out", "json"), ("func", func)], params].concat()).await,
    };
    let doc = answer.doc();
    assert!(doc.get("error").is_none(), "{func} {params:?}: {doc}");
    let found = doc[element].as_array().cloned().unwrap_or_default();
    found.iter().map(|one| one[column]["$"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sold_and_what_one_has_are_told_before_anything_is_ordered() {
    let (app, shop) = shop().await;
    deposit(&app, shop.anna, "12.50").await;
    let export = |params: &'static [(&'static str, &'static str)]| {
        texts(&app, None, "pricelist.export", params, ("pricelist", "id"))
    };
    assert_eq!(export(&[("itemtype", "vds")]).await, ["2", "5", "6", "7", "8"]);
    assert_eq!(export(&[("itemtype", "vds"), ("onlyavailable", "on")]).await, ["2", "5", "6", "8"]);
    assert_eq!(export(&[("elid", "9")]).await, ["9"]);
    assert_eq!(export(&[("itemtype", "nothing")]).await, [""; 0]);
    let doc =
        bare(&app, &[("out", "json"), ("func", "pricelist.export"), ("elid", "9")]).await.doc();
    let one = &doc["pricelist"][0];
    assert_eq!(
        (&one["itemtype"]["$"], &one["currency"]["$"]),
        (&"instances".into(), &"RUB".into())
    );
    assert_eq!(
        (&one["price"][0]["$period"], &one["price"][0]["$"]),
        (&"-100".into(), &"0.00".into())
    );
    let su = [("out", "json"), ("func", "pricelist.export"), ("su", ANNA)];
    assert_eq!(bare(&app, &su).await.error(), "auth auth");

    let offered =
        |column| texts(&app, Some(ANNA), "v2.instances.order.pricelist", &[], ("elem", column));
    assert_eq!(
        (offered("id").await, offered("cost").await),
        (vec!["9".into()], vec!["10.00".into()])
    );
    let had = |column| texts(&app, Some(ANNA), "subaccount", &[], ("elem", column));
    assert_eq!(
        (had("balance").await, had("currency").await),
        (vec!["12.50".into()], vec!["RUB".into()])
    );
    let of_boris = texts(&app, Some(BORIS), "subaccount", &[("project", "1")], ("elem", "balance"));
    assert_eq!(of_boris.await, ["0.00"]);
    assert_eq!(by(&app, ADMIN, "subaccount", &[]).await.error(), "access su");
    for (login, su, name, level) in
        [(ANNA, None, ANNA, "16"), (ADMIN, None, ADMIN, "30"), (ADMIN, Some(ANNA), ANNA, "16")]
    {
        let su: Vec<(&str, &str)> = su.map(|su| ("su", su)).into_iter().collect();
        let user = by(&app, login, "whoami", &su).await.doc()["user"].clone();
        assert_eq!((&user["$name"], &user["$level"]), (&name.into(), &level.into()), "{login}");
    }
    assert_eq!(by(&app, ANNA, "usrparam", &[]).await.doc()["name"]["$"], ANNA);
    assert_eq!(ok(&app, ANNA, "usrparam", &[]).await.error(), "value sok");
    // The old name of what is not ordered quickly.
    let old = [("pricelist", "3"), ("order_period", "1")];
    ok(&app, ANNA, "soft.order.param", &old).await.number("lineitem.id");
    assert_eq!(cart(&app, ANNA).await.0.len(), 1);
    app.finish().await;
}
