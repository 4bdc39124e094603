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
    assert_eq!(ok(&app, ANNA, "usrparam", &[]).await.error(), "missed passwd");
    // The old name of what is not ordered quickly.
    let old = [("pricelist", "3"), ("order_period", "1")];
    ok(&app, ANNA, "soft.order.param", &old).await.number("lineitem.id");
    assert_eq!(cart(&app, ANNA).await.0.len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_changes_its_password_with_its_password_and_nothing_else_of_itself() {
    let (app, _) = shop().await;
    let old = password(ANNA);
    let login = [("func", "auth"), ("out", "json"), ("username", ANNA), ("password", &old)];
    let session = bare(&app, &login).await.doc()["auth"]["$"].as_str().unwrap().to_owned();
    let new = "another one & longer";
    let wish = |passwd: &'static str, confirm: &'static str, old: String| {
        let (app, session) = (&app, session.clone());
        async move {
            let params = [
                ("func", "usrparam"),
                ("out", "json"),
                ("sok", "ok"),
                ("auth", &session),
                ("passwd", passwd),
                ("confirm", confirm),
                ("old_passwd", &old),
            ];
            bare(app, &params).await
        }
    };
    assert_eq!(wish(new, "something else", old.clone()).await.error(), "value confirm");
    assert_eq!(wish("short", "short", old.clone()).await.error(), "value passwd");
    assert_eq!(wish(new, new, "no idea".into()).await.error(), "value old_passwd");
    assert_eq!(wish(new, new, String::new()).await.error(), "missed old_passwd");
    for name in ["email", "realname", "phone", "timezone", "recordlimit", "theme", "atype"] {
        assert_eq!(
            ok(&app, ANNA, "usrparam", &[(name, "x")]).await.error(),
            format!("value {name}")
        );
    }
    let params = [("su", ANNA), ("passwd", new), ("confirm", new), ("old_passwd", &old)];
    assert_eq!(ok(&app, ADMIN, "usrparam", &params).await.error(), "access su");
    assert!(by(&app, ANNA, "whoami", &[]).await.doc().get("user").is_some(), "nothing has changed");

    wish(new, new, old).await.done();
    assert_eq!(by(&app, ANNA, "whoami", &[]).await.error(), "auth badpassword");
    let of_session = [("func", "whoami"), ("out", "json"), ("auth", &session)];
    assert_eq!(bare(&app, &of_session).await.error(), "auth auth", "its sessions have ended");
    let authinfo = format!("{ANNA}:{new}");
    let with_new = [("func", "whoami"), ("out", "json"), ("authinfo", &authinfo)];
    assert_eq!(bare(&app, &with_new).await.doc()["user"]["$name"], ANNA);
    app.finish().await;
}
