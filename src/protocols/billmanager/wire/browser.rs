//! The pages of the cart, as a browser reads them. Every text is escaped by the templates; there are no scripts.

use maud::{DOCTYPE, Markup, html};
use url::form_urlencoded::Serializer;

use super::params::Params;
use super::{summary, words};
use crate::domain::money::Money;
use crate::domain::string_enum::string_enum;
use crate::protocols::billmanager::command::Lang;
use crate::protocols::billmanager::model::{Item, Method};
use crate::protocols::billmanager::sql::choosing::Ways;
use crate::protocols::billmanager::sql::reference::ProfileKind;
use crate::protocols::billmanager::sql::views::Summary;

/// Where its forms post to.
pub const CART_PAGE: &str = "/mancgi/cart";
/// Its style sheet.
pub const CART_STYLE: &str = "/mancgi/cart.css";

/// The forms of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A login and a password.
    Login,
    /// A new payer.
    Payer,
    /// The order, and how it is paid.
    Order,
}

string_enum!(Step { Login = "login", Payer = "payer", Order = "order" });

/// What is shown to a client.
pub enum View {
    /// Line items, and how they can be paid.
    Cart(Box<Shown>),
    /// An order that was made.
    Order(Ordered),
}

/// Line items of a cart.
pub struct Shown {
    /// By their numbers.
    pub items: Vec<(i64, Item)>,
    /// How they can be paid.
    pub ways: Ways,
}

/// An order.
pub struct Ordered {
    number: i64,
    total: Money,
    currency: String,
    paid: bool,
}

impl Ordered {
    /// From its summary.
    pub fn of(number: i64, summary: &Summary) -> Ordered {
        let currency = summary.currency.clone();
        Ordered { number, total: summary.total, currency, paid: summary.paid }
    }
}

fn say<'a>(lang: Lang, ru: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Ru => ru,
        Lang::En => en,
    }
}

/// The page again, with the same selection.
pub fn back(params: &Params, lang: Lang) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("startform", "cart");
    if let Some(selected) = params.get("selected") {
        query.append_pair("selected", selected);
    }
    format!("{CART_PAGE}?{}", query.append_pair("lang", lang.as_str()).finish())
}

/// The page of an order.
pub fn order_link(order: i64, lang: Lang) -> String {
    format!("{CART_PAGE}?order={order}&lang={lang}")
}

fn whole(lang: Lang, title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href=(CART_STYLE);
            }
            body { h1 { (title) } (body) }
        }
    };
    page.into_string()
}

/// A page that says what is wrong.
pub fn message(text: &str, lang: Lang) -> String {
    whole(lang, say(lang, "Корзина", "Cart"), &html! { p.error id="error" { (text) } })
}

/// What every form of the page sends.
fn common(step: &str, selected: &str, lang: Lang) -> Markup {
    html! {
        input type="hidden" name="step" value=(step);
        input type="hidden" name="selected" value=(selected);
        input type="hidden" name="lang" value=(lang);
    }
}

/// The form to log in, and what was wrong with the one before.
pub fn login(params: &Params, lang: Lang, wrong: Option<&str>) -> String {
    let other = match lang {
        Lang::Ru => Lang::En,
        Lang::En => Lang::Ru,
    };
    let body = html! {
        @if let Some(wrong) = wrong { p.error id="error" { (wrong) } }
        form id="login" method="post" action=(CART_PAGE) {
            (common("login", params.get("selected").unwrap_or_default(), lang))
            label { (say(lang, "Имя пользователя", "User name")) " "
                input name="username" autocomplete="username" required; }
            label { (say(lang, "Пароль", "Password")) " "
                input name="password" type="password" autocomplete="current-password" required; }
            button type="submit" { (say(lang, "Войти", "Log in")) }
        }
        p { a id="language" href=(back(params, other)) { (say(lang, "English", "По-русски")) } }
    };
    whole(lang, say(lang, "Вход", "Log in"), &body)
}

/// What a client is shown. `key`: of the form of the order.
pub fn shown(params: &Params, lang: Lang, login: &str, view: &View, key: &str) -> String {
    let (title, body) = match view {
        View::Cart(shown) => (say(lang, "Корзина", "Cart").to_owned(), cart(shown, lang, key)),
        View::Order(order) => {
            let title = say(lang, "Заказ", "Order");
            (format!("{title} {}", order.number), ordered(order, lang))
        }
    };
    let body = html! {
        p { (say(lang, "Вы вошли как", "You are logged in as")) " " b id="who" { (login) } }
        (body)
        @if params.get("order").is_none() {
            @let other = if lang == Lang::Ru { Lang::En } else { Lang::Ru };
            p { a id="language" href=(back(params, other)) { (say(lang, "English", "По-русски")) } }
        }
    };
    whole(lang, &title, &body)
}

fn ordered(order: &Ordered, lang: Lang) -> Markup {
    let state = match order.paid {
        true => say(lang, "Оплачен", "Paid"),
        false => say(lang, "Ждёт оплаты", "Waits for its payment"),
    };
    html! { p id="state" { (state) ": " (order.total) " " (order.currency) } }
}

fn cart(shown: &Shown, lang: Lang, key: &str) -> Markup {
    let Shown { items, ways } = shown;
    let sum = items.iter().try_fold(Money::ZERO, |sum, (_, item)| sum.checked_add(item.cost()));
    let ids: Vec<String> = items.iter().map(|(id, _)| id.to_string()).collect();
    let selected = ids.join(",");
    html! {
        @if items.is_empty() {
            p id="empty" { (say(lang, "Корзина пуста", "The cart is empty")) }
        } @else {
            table id="items" {
                thead { tr {
                    th { (say(lang, "Услуга", "Service")) }
                    th { (say(lang, "Период", "Period")) }
                    th { (say(lang, "Количество", "Count")) }
                    th { (say(lang, "Стоимость", "Cost")) }
                } }
                tbody { @for (id, item) in items {
                    tr {
                        td { (summary::named(*id, item, lang)) }
                        td { (words::period(item.period).of(lang)) }
                        td { (item.count) }
                        td.sum { (item.cost()) " " (item.currency) }
                    }
                } }
            }
            @if let Some(sum) = sum {
                p { (say(lang, "Итого", "Total")) ": " b id="total" { (sum) " " (ways.currency) } }
            }
            (payer(&selected, lang))
            (order(&selected, ways, lang, key))
        }
    }
}

/// The form of a new payer.
fn payer(selected: &str, lang: Lang) -> Markup {
    html! {
        form id="payer" method="post" action=(CART_PAGE) {
            (common("payer", selected, lang))
            fieldset {
                legend { (say(lang, "Новый плательщик", "A new payer")) }
                label { (say(lang, "Кто это", "What it is")) " "
                    select name="kind" { @for kind in ProfileKind::ALL {
                        option value=(kind) { (words::profile_kind(*kind).of(lang)) }
                    } }
                }
                label { (say(lang, "Имя или название", "Name")) " "
                    input name="name" maxlength="255" required; }
                button type="submit" { (say(lang, "Добавить плательщика", "Add the payer")) }
            }
        }
    }
}

/// The form of the order: how it is paid, and by whom.
fn order(selected: &str, ways: &Ways, lang: Lang, key: &str) -> Markup {
    let balance = words::balance();
    html! {
        form id="order" method="post" action=(CART_PAGE) {
            (common("order", selected, lang))
            input type="hidden" name="key" value=(key);
            fieldset {
                legend { (say(lang, "Способ оплаты", "How to pay")) }
                label { input type="radio" name="method" value="0" required; " "
                    (balance.of(lang)) " (" (ways.balance) " " (ways.currency) ")" }
                @for (id, of) in &ways.methods { (method(*id, of, lang)) }
                @for (id, stored) in &ways.stored {
                    @if let Some(of) = ways.methods.get(&stored.method) {
                        label { input type="radio" name="method" value={ "stored-" (id) } required; " "
                            (of.name.of(lang)) " " (say(lang, "(сохранённый)", "(stored)")) " " (id) }
                    }
                }
            }
            label { (say(lang, "Плательщик", "Payer")) " "
                select name="profile_id" {
                    option value="" { (say(lang, "не указан", "none")) }
                    @for payer in &ways.profiles {
                        option value=(payer.id) selected[ways.profiles.len() == 1] {
                            (payer.name) ", " (words::profile_kind(payer.kind).of(lang))
                        }
                    }
                }
            }
            @if ways.methods.values().any(|method| method.storable) {
                label { input type="checkbox" name="store_paymethod" value="on"; " "
                    (say(lang, "Сохранить способ оплаты", "Store the way to pay")) }
            }
            button type="submit" { (say(lang, "Заказать и оплатить", "Order and pay")) }
        }
    }
}

fn method(id: i64, method: &Method, lang: Lang) -> Markup {
    html! {
        label { input type="radio" name="method" value=(id) required; " " (method.name.of(lang)) }
        @for (name, values) in &method.parameters {
            label { (name) " "
                @if values.is_empty() {
                    input name={ "of_" (id) "_" (name) };
                } @else {
                    select name={ "of_" (id) "_" (name) } {
                        @for value in values { option value=(value) { (value) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_text_holds_it_stays_a_text() {
        let hostile = "\"><script>alert(1)</script><a href='x'>&";
        let params = Params::read("selected=%22%3E%3Cscript%3Ex", "").unwrap();
        for page in [
            message(hostile, Lang::En),
            login(&params, Lang::Ru, Some(hostile)),
            shown(
                &params,
                Lang::En,
                hostile,
                &View::Order(Ordered {
                    number: 1,
                    total: Money::ZERO,
                    currency: hostile.into(),
                    paid: true,
                }),
                hostile,
            ),
        ] {
            assert!(!page.contains("<script") && !page.contains("<a href='x'>"), "{page}");
        }
    }
}
