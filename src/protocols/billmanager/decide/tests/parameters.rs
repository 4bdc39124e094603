//! How many, for which period, and what else an order says.

use super::*;
use crate::protocols::billmanager::command::Given;
use crate::protocols::billmanager::model::{Parameter, ParameterKind, Value};

fn parameter(name: &str, kind: ParameterKind, price: i64) -> Parameter {
    let value = |value: &str, price| Value {
        value: value.into(),
        title: Text::new(format!("в-{value}"), format!("v-{value}")),
        price: money(price),
    };
    Parameter {
        name: name.into(),
        kind,
        title: Text::new(format!("т-{name}"), format!("t-{name}")),
        required: false,
        price: money(price),
        least: 1,
        most: 5,
        values: vec![value("debian", 0), value("windows", 700)],
    }
}

/// A shop whose price list declares one parameter of each kind, and has the periods that are no months.
fn shop() -> Shop {
    let mut shop = Shop::with(0);
    let list = shop.ledger.pricelists.get_mut(&2).unwrap();
    list.prices.extend([(-100, money(0)), (-50, money(50)), (0, money(77_700)), (2, money(1900))]);
    list.parameters = vec![
        parameter("domain", ParameterKind::Text, 0),
        parameter("password", ParameterKind::Secret, 0),
        parameter("seats", ParameterKind::Number, 300),
        parameter("backup", ParameterKind::Flag, 40),
        parameter("ostempl", ParameterKind::Choice, 0),
    ];
    list.addons.remove(&2);
    shop
}

fn given(pairs: &[(&str, &str)]) -> Given {
    Given(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
}

fn with(period: i64, pairs: &[(&str, &str)]) -> Add {
    Add { parameters: given(pairs), ..one(period, &[]) }
}

/// What a line item costs, and that its lines are its price.
fn price(add: Add) -> Result<i64, String> {
    let mut shop = shop();
    let item = shop.add(add)?;
    let item = shop.ledger.in_cart((OBJECT, item)).unwrap();
    let lines: i64 = item.configuration.iter().map(|line| line.price.kopecks()).sum();
    assert_eq!(lines, item.price.kopecks());
    Ok(item.price.kopecks())
}

#[test]
fn a_count_multiplies_all_of_the_price() {
    let of = |count| Add { count, ..with(12, &[("ostempl", "windows"), ("seats", "2")]) };
    let each = 9999 + 12 * (700 + 300);
    assert_eq!(price(of(None)), Ok(each));
    assert_eq!(price(of(Some(1))), Ok(each));
    assert_eq!(price(of(Some(3))), Ok(3 * each));
    assert_eq!(price(of(Some(100))), Ok(100 * each));
    for count in [0, -1, 101, i64::MAX, i64::MIN] {
        assert_eq!(price(of(Some(count))).unwrap_err(), "value order_count", "{count}");
    }
    let mut shop = shop();
    let list = shop.ledger.pricelists.get_mut(&2).unwrap();
    list.prices.insert(1, money(99_999_999_999_999));
    let two = Add { count: Some(2), ..with(1, &[]) };
    assert_eq!(shop.add(two).unwrap_err(), "value order_count");
}

#[test]
fn a_count_is_charged_and_kept() {
    let mut shop = shop();
    shop.ledger.accounts.get_mut(&OBJECT).unwrap().balance = money(3500);
    let add = Add { count: Some(3), skip_basket: true, ..with(1, &[]) };
    assert!(matches!(shop.ask(Ask::Add(add.clone())), Answered::Ordered(_)));
    assert_eq!(shop.balance(), 500);
    assert!(shop.ledger.new_items().all(|(_, item)| item.count == 3 && item.price == money(3000)));
    assert_eq!(message(&shop.ask(Ask::Add(add))), "limit balance");
}

#[test]
fn what_is_declared_is_kept_and_what_is_not_is_refused_by_name() {
    let said = [
        ("backup", "on"),
        ("domain", "example.com"),
        ("ostempl", "windows"),
        ("password", "hunter2"),
        ("seats", "5"),
    ];
    let mut shop = shop();
    let item = shop.add(with(1, &said)).unwrap();
    let item = shop.ledger.in_cart((OBJECT, item)).unwrap();
    assert_eq!(item.parameters, given(&said));
    assert_eq!(item.price.kopecks(), 1000 + 40 + 700 + 300);
    let shown: Vec<_> = item.configuration.iter().map(|line| line.value.en.as_str()).collect();
    assert_eq!(shown, ["Base price", "c", "example.com", "set", "5", "On", "v-windows"]);
    assert!(!format!("{item:?}").contains("hunter2"));
    for (name, value) in [
        ("servername", "x"),
        ("recipe", "null"),
        ("order_counts", "3"),
        ("seats", "0"),
        ("seats", "6"),
        ("seats", "many"),
        ("backup", "1"),
        ("ostempl", "Windows"),
    ] {
        let wrong = price(with(1, &[(name, value)]));
        assert_eq!(wrong.unwrap_err(), format!("value {name}"), "{value}");
    }
}

#[test]
fn what_must_be_there_is_missed_by_name() {
    for (name, value, wrong) in [
        ("domain", None, Some("missed domain")),
        ("domain", Some("x"), None),
        ("backup", None, Some("missed backup")),
        ("backup", Some("off"), Some("value backup")),
        ("backup", Some("on"), None),
        ("ostempl", None, Some("missed ostempl")),
    ] {
        let mut shop = shop();
        let list = shop.ledger.pricelists.get_mut(&2).unwrap();
        list.parameters.iter_mut().for_each(|one| one.required = one.name == name);
        let said: Vec<_> = value.map(|value| (name, value)).into_iter().collect();
        assert_eq!(shop.add(with(1, &said)).err().as_deref(), wrong, "{name} {value:?}");
    }
}

#[test]
fn what_is_priced_by_the_month_is_sold_by_the_month() {
    assert_eq!(price(with(-100, &[("domain", "x")])), Ok(0));
    assert_eq!(price(with(-50, &[])), Ok(50));
    assert_eq!(price(with(0, &[("ostempl", "debian"), ("backup", "off")])), Ok(77_700));
    assert_eq!(price(with(2, &[("backup", "on")])), Ok(1900 + 2 * 40));
    for period in [-100, -50, 0] {
        for (name, value) in [("backup", "on"), ("ostempl", "windows"), ("seats", "1")] {
            let wrong = price(with(period, &[(name, value)])).unwrap_err();
            assert_eq!(wrong, format!("value {name}"), "{period}");
        }
        let add = one(period, &[(3, "on")]);
        assert_eq!(price(add).unwrap_err(), "value addon_3", "{period}");
    }
    for period in [-1, 3, 37] {
        assert_eq!(price(with(period, &[])).unwrap_err(), "value order_period", "{period}");
    }
}

#[test]
fn a_line_item_is_renewed_for_a_period_that_is_sold() {
    let renewed = |period, autoprolong_period| {
        let mut shop = shop();
        let add = Add { autoprolong: true, autoprolong_period, ..with(period, &[]) };
        let item = shop.add(add)?;
        Ok::<_, String>(shop.ledger.in_cart((OBJECT, item)).unwrap().autoprolong)
    };
    assert_eq!(renewed(12, None), Ok(Some(12)));
    assert_eq!(renewed(12, Some(1)), Ok(Some(1)));
    assert_eq!(renewed(-100, Some(1)), Ok(Some(1)));
    assert_eq!(renewed(-50, None), Ok(Some(-50)));
    for (period, months) in [(1, Some(3)), (0, None), (-100, None)] {
        assert_eq!(renewed(period, months).unwrap_err(), "value autoprolong", "{period}");
    }
    let mut shop = shop();
    let item = shop.add(with(1, &[])).unwrap();
    assert_eq!(shop.ledger.in_cart((OBJECT, item)).unwrap().autoprolong, None);
}

#[test]
fn a_payment_takes_what_its_method_has_and_nothing_else() {
    let mut shop = Shop::with(10_000);
    let method = shop.ledger.methods.get_mut(&3).unwrap();
    method.parameters = [("payment_method".into(), vec!["card".into()])].into();
    let kept: BTreeMap<_, _> = [("payment_method".into(), "card".into())].into();
    let stored = Stored { method: 3, profile: None, parameters: kept };
    shop.ledger.stored.insert((OBJECT, 90), stored);
    shop.ledger.profiles.insert((OBJECT, 7));
    let mut pay = |by, profile, pairs: &[(&str, &str)]| {
        let items = vec![shop.add(one(1, &[])).unwrap()];
        let parameters = given(pairs).0;
        let confirm = Confirm { items, by, profile, store: false, parameters };
        match shop.ask(Ask::Confirm(confirm)) {
            Answered::Ordered(made) => {
                let payment = shop.ledger.payment((OBJECT, made.payment.unwrap())).unwrap();
                format!("payer {:?}", payment.profile)
            }
            other => message(&other),
        }
    };
    let card = ("payment_method", "card");
    assert_eq!(pay(PayBy::Method(3), None, &[card]), "payer None");
    assert_eq!(pay(PayBy::Method(3), None, &[card, ("phone", "1")]), "value phone");
    assert_eq!(pay(PayBy::Stored(90), None, &[]), "payer None");
    assert_eq!(pay(PayBy::Stored(90), None, &[card]), "payer None");
    assert_eq!(pay(PayBy::Stored(90), None, &[("payment_method", "x")]), "value payment_method");
    assert_eq!(pay(PayBy::Balance, None, &[card]), "value payment_method");
    assert_eq!(pay(PayBy::Balance, Some(7), &[]), "payer Some(7)");
    assert_eq!(pay(PayBy::Balance, Some(8), &[]), "missed profile_id");
}
