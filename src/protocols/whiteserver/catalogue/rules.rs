//! What must hold of a document as a whole: what is unique, and what leads where.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::document::{Document, Mistakes};
use super::sections::Section;

/// What is broken, in the order of the document.
pub(super) fn broken(document: &Document) -> Mistakes {
    let mut mistakes = Mistakes::default();
    let section = |section| document.0.get(&section).unwrap_or(&Value::Null);
    halls(section(Section::Halls), &mut mistakes);
    unique(entries(section(Section::Employees)), "employees", "id", "", &mut mistakes);
    menu(section(Section::Menu), &mut mistakes);
    for (of, key) in [
        (Section::StopList, "id"),
        (Section::PriceTypes, "id"),
        (Section::OrderTypes, "id"),
        (Section::VoidReasons, "code"),
    ] {
        unique(entries(section(of)), of.as_str(), key, "", &mut mistakes);
    }
    if document.checks() && !document.0.contains_key(&Section::Menu) {
        mistakes
            .add("checks: it is on, but there is no menu that orders could be held against".into());
    }
    mistakes
}

fn entries(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// The value as a text: keys are texts or numbers.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// That a key is there once in a list; gives the keys.
fn unique(
    list: &[Value],
    at: &str,
    key: &str,
    rule: &str,
    mistakes: &mut Mistakes,
) -> HashSet<String> {
    let mut seen = HashSet::new();
    for (number, entry) in list.iter().enumerate() {
        once(&mut seen, &entry[key], &format!("{at}[{number}].{key}"), rule, mistakes);
    }
    seen
}

fn once(seen: &mut HashSet<String>, key: &Value, at: &str, rule: &str, mistakes: &mut Mistakes) {
    let key = text(key);
    if !seen.insert(key.clone()) {
        mistakes.add(format!("{at}: {key} is there twice{rule}"));
    }
}

fn halls(halls: &Value, mistakes: &mut Mistakes) {
    unique(entries(halls), "halls", "guid", "", mistakes);
    let (mut codes, mut guids) = (HashSet::new(), HashSet::new());
    for (hall, value) in entries(halls).iter().enumerate() {
        for (table, value) in entries(&value["tables"]).iter().enumerate() {
            let at = |key: &str| format!("halls[{hall}].tables[{table}].{key}");
            once(&mut guids, &value["guid"], &at("guid"), "", mistakes);
            let rule = "; table codes are unique in a restaurant";
            once(&mut codes, &value["code"], &at("code"), rule, mistakes);
        }
    }
}

fn menu(menu: &Value, mistakes: &mut Mistakes) {
    let ids = |list: &str, mistakes: &mut Mistakes| {
        unique(entries(&menu[list]), &format!("menu.{list}"), "id", "", mistakes)
    };
    let categories = ids("categories", mistakes);
    let _ = ids("products", mistakes);
    let schemes = ids("ingredientsSchemes", mistakes);
    let groups = ids("ingredientsGroups", mistakes);
    let ingredients = ids("ingredients", mistakes);
    let there =
        |value: &Value, of: &HashSet<String>, what: &str, at: String, mistakes: &mut Mistakes| {
            if !value.is_null() && !of.contains(&text(value)) {
                mistakes.add(format!("{at}: there is no {what} {}", text(value)));
            }
        };
    for (n, category) in entries(&menu["categories"]).iter().enumerate() {
        let at = format!("menu.categories[{n}].parentId");
        there(&category["parentId"], &categories, "category", at, mistakes);
    }
    circles(entries(&menu["categories"]), mistakes);
    for (n, product) in entries(&menu["products"]).iter().enumerate() {
        let at = |key: &str| format!("menu.products[{n}].{key}");
        there(&product["categoryId"], &categories, "category", at("categoryId"), mistakes);
        there(&product["schemeId"], &schemes, "scheme", at("schemeId"), mistakes);
    }
    for (n, scheme) in entries(&menu["ingredientsSchemes"]).iter().enumerate() {
        for (g, group) in entries(&scheme["ingredientsGroups"]).iter().enumerate() {
            let at = format!("menu.ingredientsSchemes[{n}].ingredientsGroups[{g}]");
            there(&group["id"], &groups, "group", format!("{at}.id"), mistakes);
            counts(group, &at, mistakes);
        }
    }
    for (n, group) in entries(&menu["ingredientsGroups"]).iter().enumerate() {
        for (i, ingredient) in entries(&group["ingredients"]).iter().enumerate() {
            let at = format!("menu.ingredientsGroups[{n}].ingredients[{i}]");
            there(ingredient, &ingredients, "ingredient", at, mistakes);
        }
    }
}

/// Both counts of a group or neither.
fn counts(group: &Value, at: &str, mistakes: &mut Mistakes) {
    let count = |key: &str| group[key].as_str().and_then(|text| text.parse::<i64>().ok());
    match (count("minCount"), count("maxCount")) {
        (Some(least), Some(most)) if least > most => {
            mistakes.add(format!("{at}.minCount: {least} is more than maxCount, {most}"));
        }
        (Some(_), None) => mistakes.add(format!("{at}.maxCount: it is missing beside minCount")),
        (None, Some(_)) => mistakes.add(format!("{at}.minCount: it is missing beside maxCount")),
        _ => {}
    }
}

/// No category is below itself.
fn circles(categories: &[Value], mistakes: &mut Mistakes) {
    let key = |value: &Value| value.as_str().map(str::to_owned);
    let parents: HashMap<String, String> = categories
        .iter()
        .filter_map(|category| Some((key(&category["id"])?, key(&category["parentId"])?)))
        .collect();
    // Those that lead to a top, so that each is gone up to once.
    let mut well: HashSet<&str> = HashSet::new();
    for (n, category) in categories.iter().enumerate() {
        let mut path: Vec<&str> = Vec::new();
        let mut on_path: HashSet<&str> = HashSet::new();
        let mut at = category["id"].as_str();
        while let Some(id) = at.filter(|id| !well.contains(id)) {
            if !on_path.insert(id) {
                if category["id"].as_str() == Some(id) {
                    mistakes.add(format!("menu.categories[{n}].parentId: {id} is below itself"));
                }
                break;
            }
            path.push(id);
            at = parents.get(id).map(String::as_str);
        }
        if at.is_none() || at.is_some_and(|id| well.contains(id)) {
            well.extend(path);
        }
    }
}
