//! What operators are shown of a protocol: lists of its own tables, and what in them and in its tasks is personal.

use crate::database::{Column, Statement, Type};

/// What operators are shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// Members of its requests, answers and lists whose values may be personal: they are masked until somebody reveals
    /// them.
    pub personal: &'static [&'static str],
    /// Its lists.
    pub lists: &'static [RecordList],
    /// Members of its requests that name something of its lists, and how that is found.
    pub references: &'static [(&'static str, Class, Find)],
    /// What its tasks are about, in money; `None`: nothing.
    pub amounts: Option<Amounts>,
}

/// Where the amounts of a protocol's tasks stand.
#[derive(Debug, Clone, Copy)]
pub struct Amounts {
    /// What its books have of tasks that were done. The batch is [`TASKS_ASKED`]; the rows are `task_guid` and `amount`.
    pub kept: &'static Statement,
    /// For each type of task whose request says an amount, the member that has it, at any depth.
    pub asked: &'static [(&'static str, &'static str)],
    /// Whether several amounts of one task are parts of one payment, whose sum counts as well.
    pub summed: bool,
}

/// Tasks by their keys.
pub const TASKS_ASKED: &[Column] = &[("object_id", Type::Int), ("task_guid", Type::Uuid)];

impl Shown {
    /// Nothing.
    pub const NOTHING: Shown = Shown { personal: &[], lists: &[], references: &[], amounts: None };
}

/// What a list is of, in the words that protocols share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// What tasks are for: a restaurant, an event, an account.
    Object,
    /// What is paid.
    Order,
    /// What pays it.
    Payment,
    /// What is to be ordered.
    Cart,
    /// What was ordered, as long as it lasts.
    Service,
    /// What is sold.
    Ticket,
    /// Where money stands.
    Account,
}

crate::domain::string_enum::string_enum!(Class {
    Object = "objects",
    Order = "orders",
    Payment = "payments",
    Cart = "carts",
    Service = "services",
    Ticket = "tickets",
    Account = "accounts",
});

/// By what rows are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find {
    /// By nothing: those behind the place, of all objects.
    Newest,
    /// By their object: those behind the place.
    Object,
    /// By their own id.
    Id,
    /// By their client's id of them.
    Original,
    /// By the id of their order.
    Order,
    /// By the task that made them.
    Task,
}

/// The batch of every such statement: one row. An id stands in the column of its type; where rows are listed, that is the
/// place that they come behind, going down.
pub const RECORDS_ASKED: &[Column] = &[
    ("object_id", Type::Int),
    ("guid", Type::Uuid),
    ("number", Type::Int),
    ("word", Type::Text),
    ("most", Type::Int),
];

/// A list of one table. Its statements give `id`, `object_id` and the columns.
#[derive(Debug, Clone, Copy)]
pub struct RecordList {
    /// What it is of.
    pub class: Class,
    /// Of what type an id is: a guid, a number or a text.
    pub id: Type,
    /// What each row has beside its id and its object.
    pub columns: &'static [Column],
    /// The column by whose amount rows are asked for.
    pub amount: Option<&'static str>,
    /// How its rows are found.
    pub queries: &'static [(Find, &'static Statement)],
}

impl RecordList {
    /// What finds rows so.
    pub fn query(&self, by: Find) -> Option<&'static Statement> {
        self.queries.iter().find(|(find, _)| *find == by).map(|(_, statement)| *statement)
    }
}

/// The name of a column as JSON has it: `created_at` is `createdAt`.
pub fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
