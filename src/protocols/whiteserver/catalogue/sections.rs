//! The sections of a catalogue, and the form of each.

use serde::Deserialize;
use uuid::Uuid;

use super::shape::Shape::{
    self, Amount, Code, Count, Figure, Guid, Name, Number, Scalar, Text, Word,
};
use super::shape::{list, object};
use crate::domain::string_enum::string_enum;

/// A part of a catalogue that is loaded and read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// The restaurant itself.
    Restaurant,
    /// Its halls with their tables.
    Halls,
    /// Who works there.
    Employees,
    /// Dishes, their categories, and what can be added to them.
    Menu,
    /// What is on the menu and cannot be had now.
    StopList,
    /// Kinds of prices.
    PriceTypes,
    /// Kinds of orders.
    OrderTypes,
    /// Why a dish may be taken back.
    VoidReasons,
    /// What an order that is paid already is paid with: a currency of the object.
    OnlineCurrency,
    /// Whether new orders are held against the menu.
    Checks,
}

string_enum!(Section {
    Restaurant = "restaurant",
    Halls = "halls",
    Employees = "employees",
    Menu = "menu",
    StopList = "stopList",
    PriceTypes = "priceTypes",
    OrderTypes = "orderTypes",
    VoidReasons = "voidReasons",
    OnlineCurrency = "onlineCurrency",
    Checks = "checks",
});

impl Section {
    /// Its form.
    pub(super) fn shape(self) -> &'static Shape {
        match self {
            Section::Restaurant => &RESTAURANT,
            Section::Halls => &HALLS,
            Section::Employees => &EMPLOYEES,
            Section::Menu => &MENU,
            Section::StopList => &STOP_LIST,
            Section::PriceTypes | Section::OrderTypes => &TYPES,
            Section::VoidReasons => &VOID_REASONS,
            Section::OnlineCurrency => &Guid,
            Section::Checks => &CHECKS,
        }
    }
}

static RESTAURANT: Shape = object! {
    "guid" May Guid,
    "name" Must Name,
    "address" May Text,
    "phone" May Text,
    "legalName" May Text,
    "taxNumber" May Text,
};

static HALLS: Shape = list!(object! {
    "guid" Must Guid,
    "name" Must Name,
    "tables" Must list!(object! {
        "guid" Must Guid,
        "code" Must Number,
        "name" Must Name,
        "seatsCount" Must Number,
    }),
});

static EMPLOYEES: Shape = list!(object! {
    "id" Must Number,
    "name" Must Name,
    "altName" OrText Text,
    "visualTypeImage" OrNull Scalar,
    "visualTypeBColor" OrNull Scalar,
    "visualTypeTextColor" OrNull Scalar,
    "visualTypeFlags" OrNull Scalar,
    "cardCode" OrText Text,
    "largeImagePath" OrText Text,
    "eMail" OrText Text,
    "pagerCode" OrText Text,
    "pagerType" OrNull Scalar,
    "groups" OrNone list!(Number),
    "restaurantRoles" OrNone list!(object! {
        "restaurantId" Must Number,
        "roleId" Must Number,
        "name" Must Name,
    }),
    "brigade" OrNull Scalar,
    "defServPosition" OrNull Scalar,
    "defaultRestaurantId" OrNull Number,
    "phoneNumber" OrText Text,
    "qrSberTips" OrText Text,
});

static MENU: Shape = object! {
    "categories" OrNone list!(object! {
        "id" Must Code,
        "name" Must Name,
        "parentId" May Code,
    }),
    "products" Must list!(object! {
        "guid" May Guid,
        "id" Must Code,
        "categoryId" Must Code,
        "name" Must Name,
        "code" May Code,
        "price" Must Amount,
        "schemeId" May Code,
        "description" May Text,
        "imageUrls" May list!(Text),
        "measure" May object! {
            "value" Must Figure,
            "unit" Must Text,
        },
        "protein" May Figure,
        "fat" May Figure,
        "carbohydrates" May Figure,
        "kcal" May Figure,
    }),
    "ingredientsSchemes" OrNone list!(object! {
        "id" Must Code,
        "ingredientsGroups" Must list!(object! {
            "id" Must Code,
            "minCount" May Count,
            "maxCount" May Count,
        }),
    }),
    "ingredientsGroups" OrNone list!(object! {
        "id" Must Code,
        "name" Must Name,
        "ingredients" Must list!(Code),
    }),
    "ingredients" OrNone list!(object! {
        "id" Must Code,
        "name" Must Name,
        "price" May Amount,
        "code" May Code,
        "description" May Text,
        "imageUrls" May list!(Text),
    }),
};

static STOP_LIST: Shape = list!(object! {
    "id" Must Code,
    "name" Must Name,
    "type" OrText Text,
});

static TYPES: Shape = list!(object! {
    "id" Must Number,
    "name" Must Name,
    "code" May Number,
});

static VOID_REASONS: Shape = list!(object! {
    "code" Must Number,
    "name" Must Name,
});

static CHECKS: Shape = Word(&["off", "on"]);

/// The section `restaurant`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Restaurant {
    /// Its own guid, when it was given.
    pub guid: Option<Uuid>,
    /// Its name.
    pub name: String,
}

/// An entry of the section `halls`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Hall {
    pub guid: Uuid,
    pub name: String,
    pub tables: Vec<Table>,
}

/// A table of a hall.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Table {
    pub guid: Uuid,
    pub code: i64,
    pub name: String,
    pub seats_count: i64,
}
