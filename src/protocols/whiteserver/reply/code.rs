//! Error codes, and where each comes from.

/// Which system an error comes from; it names the branch of the wire's error container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `wsError`: this server.
    Server,
    /// `agentError`: the worker, speaking for the restaurant.
    Agent,
    /// The till door, which has one container for all: `error`.
    Till,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $source:ident;)*) => {
        /// Every error code a client can meet, with where it comes from: the one list in the code.
        /// `docs/errors.md` is the same list in prose, and a test holds the two together.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code as it stands on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => stringify!($name),)*
                }
            }

            /// The system it is reported by.
            pub fn source(self) -> Source {
                match self {
                    $(Code::$name => Source::$source,)*
                }
            }
        }
    };
}

codes! {
    /// The request cannot be read or breaks a rule of form.
    BadRequest = Server;
    /// No token, or one that nobody has.
    AuthFailed = Server;
    /// The aggregator has no right to the object.
    License = Server;
    /// No task has this guid, or its answer is older than answers are kept.
    TaskNotFound = Server;
    /// A task had this guid, and its answer is kept no longer: what it did stays done.
    TaskExpired = Server;
    /// The task is not answered yet, and its deadline has not come.
    TaskInProgress = Server;
    /// The task belongs to another aggregator.
    AccessDenied = Server;
    /// The idempotency key came with another request before.
    IdempotencyMismatch = Server;
    /// The aggregator asks faster than it may, or the object has as many open tasks as it may.
    LimitExceeded = Server;
    /// The deadline passed before the task was executed; it never will be.
    Timeout = Server;
    /// The task was cancelled before it was executed; it never will be.
    TaskCancelled = Server;
    /// The task could not be carried out, and nothing was changed; or the service cannot accept now.
    InternalError = Server;
    /// The object has no such order.
    WsaOrderNotFound = Agent;
    /// The order is closed.
    WsaOrderClosed = Agent;
    /// The order was cancelled.
    WsaOrderCanceledOnKass = Agent;
    /// The order is paid, or its bill is printed, and the object does not let such an order be cancelled.
    WsaOrderPaid = Agent;
    /// Neither the guid of an order nor that of its task was given.
    WsaNoOneGuidSpecifiedForOrderSearching = Agent;
    /// Another order of the object has the same originalOrderId.
    WsaDuplicateOrder = Agent;
    /// The order is not fully prepaid and cannot be completed.
    WsaOrderNotPaid = Agent;
    /// The task names no payment.
    WsaPaymentsEmpty = Agent;
    /// v1: more was offered than is due.
    WsaPaymentExceedsDue = Agent;
    /// v2: more or less was offered than is due.
    WsaPaymentNotEqualDue = Agent;
    /// No currency was given, and the object has none of its own for prepayments.
    WsaCurrencyNotSpecified = Agent;
    /// The object does not accept this currency.
    WsaCurrencyUnknown = Agent;
    /// A 100 % discount must be one kopeck less than what is due.
    WsaFullDiscountKopeck = Agent;
    /// A 100 % discount must be the only payment of its task.
    WsaFullDiscountMixed = Agent;
    /// The order waits for the restaurant's acceptance.
    WsaOrderNotAccepted = Agent;
    /// Nobody at the restaurant accepted the order in time.
    WsaOrderIgnoredOnPos = Agent;
    /// The bill of the order is printed, and what is on it cannot change.
    WsaOrderBillPrinted = Agent;
    /// The order would cost less than is paid.
    WsaOrderTotalBelowPaid = Agent;
    /// The object has no such task of the caller's that could be cancelled.
    WsaTaskNotFound = Agent;
    /// The task is answered, and can be cancelled no more.
    WsaTaskAnswered = Agent;
    /// The object does not list the orders of all its tables.
    WsaAllTablesNotPermitted = Agent;
    /// The object does not list closed orders.
    WsaClosedOrdersNotPermitted = Agent;
    /// The object cannot do this task, or has not loaded what it is answered from.
    WsaCommandNotSupported = Agent;
    /// The object has loaded no menu.
    WsaOrderMenuIsUnknownError = Agent;
    /// A dish of the order is not on the menu, or is in the stop list.
    WsaOrderCreationDishNotFound = Agent;
    /// A part of a dish is not on the menu, or is in the stop list.
    WsaOrderCreationComboComponentNotFound = Agent;
    /// The restaurant has no such table.
    WsaOrderCreationTableNotFound = Agent;
    /// A price of the order is not that of the menu.
    WsaOrderCreationPriceMismatch = Agent;
    /// The header `If-Match` is missing.
    VersionRequired = Till;
    /// The order has another version.
    VersionMismatch = Till;
    /// There is an order, or was a task, with the guid that a new order was to have.
    OrderExists = Till;
    /// The order would cost less than is paid.
    TotalBelowPaid = Till;
    /// The bill is printed, and what is on it cannot change.
    BillPrinted = Till;
    /// The order has no such line, or it is voided.
    LineUnknown = Till;
    /// The order waits for nobody's acceptance.
    NotWaiting = Till;
    /// The object has no currency of a kind, or several.
    CurrencyNotSpecified = Till;
    /// No event with such a number was given out yet.
    EventUnknown = Till;
    /// The order, or the path, is not there.
    NotFound = Till;
    /// The path has no such method.
    MethodNotAllowed = Till;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_code_once_with_its_container() {
        let page = include_str!("../../../../docs/errors.md");
        let listed: Vec<(&str, bool)> = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
            .map(|(code, rest)| (code, rest.starts_with("wsError")))
            .collect();
        let known: Vec<(&str, bool)> =
            Code::ALL.iter().map(|c| (c.as_str(), c.source() == Source::Server)).collect();
        assert_eq!(listed, known);
    }
}
