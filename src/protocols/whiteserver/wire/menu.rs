//! The forms of menus, employees and reasons, for the contracts: what is answered is the catalogue's own text.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::protocols::whiteserver::command::scalar::Scalar;
use crate::protocols::whiteserver::contract::forms;

/// A menu: every value is a text, also ids and prices.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Menu")]
pub(super) struct WireMenu {
    categories: Vec<Category>,
    products: Vec<MenuProduct>,
    ingredients_schemes: Vec<Scheme>,
    ingredients_groups: Vec<Group>,
    ingredients: Vec<MenuIngredient>,
}

/// A category of dishes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MenuCategory")]
struct Category {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    parent_id: Option<String>,
}

/// A dish.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MenuProduct {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::guid")]
    guid: Option<Uuid>,
    id: String,
    category_id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    code: Option<String>,
    #[schemars(schema_with = "forms::decimal_text")]
    price: String,
    /// What can be chosen with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    scheme_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    image_urls: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Measure")]
    measure: Option<Measure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    protein: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    fat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    carbohydrates: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    kcal: Option<String>,
}

/// How much a portion is.
#[derive(Serialize, JsonSchema)]
struct Measure {
    value: String,
    unit: String,
}

/// What can be chosen with a dish.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IngredientsScheme")]
struct Scheme {
    id: String,
    ingredients_groups: Vec<GroupOfScheme>,
}

/// A group of a scheme. Without counts as many as one likes, with them so many.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GroupOfScheme {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    min_count: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    max_count: Option<String>,
}

/// Ingredients to choose from.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IngredientsGroup")]
struct Group {
    id: String,
    name: String,
    ingredients: Vec<String>,
}

/// What can be added to a dish.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MenuIngredient {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::decimal_text")]
    price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    image_urls: Option<Vec<String>>,
}

/// What cannot be had now.
#[derive(Serialize, JsonSchema)]
pub(super) struct StoppedDish {
    id: String,
    name: String,
    r#type: String,
}

/// Why a dish may be taken back.
#[derive(Serialize, JsonSchema)]
pub(super) struct VoidReason {
    code: i64,
    name: String,
}

/// Who works there. A text that was not loaded is empty, anything else is `null`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Employee {
    id: i64,
    name: String,
    alt_name: String,
    visual_type_image: Scalar,
    #[serde(rename = "visualTypeBColor")]
    visual_type_b_color: Scalar,
    visual_type_text_color: Scalar,
    visual_type_flags: Scalar,
    card_code: String,
    large_image_path: String,
    e_mail: String,
    pager_code: String,
    pager_type: Scalar,
    groups: Vec<i64>,
    restaurant_roles: Vec<Role>,
    brigade: Scalar,
    def_serv_position: Scalar,
    default_restaurant_id: Option<i64>,
    phone_number: String,
    qr_sber_tips: String,
}

/// What somebody is in a restaurant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Role {
    restaurant_id: i64,
    role_id: i64,
    name: String,
}
