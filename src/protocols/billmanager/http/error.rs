//! Refusals in the vendor's form: status 200, but for what concerns this service and not the request.

use axum::http::StatusCode;

use crate::database::StoreError;
use crate::database::error::chain;
use crate::domain::task::TaskGuid;
use crate::engine::app::App;
use crate::engine::batcher::{BatchError, LookUpError};
use crate::engine::intake::IntakeError;
use crate::protocols::billmanager::command::{Fault, FaultKind, Text};
use crate::protocols::billmanager::passwords::PasswordError;
use crate::protocols::billmanager::users::UsersError;
use crate::protocols::billmanager::wire::answer::CANCELLED;
use crate::web::problem::{Problem as Plain, UNAVAILABLE_S, result};

/// A request that is refused before, or without, a task's answer.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) fault: Fault,
    pub(super) guid: Option<TaskGuid>,
    pub(super) retry_after_s: Option<u64>,
}

impl Problem {
    /// It is not known yet whether the store can be used.
    pub(super) fn starting() -> Problem {
        Plain::unavailable("this service is starting: it waits for its store").into()
    }

    pub(super) fn with_guid(self, guid: TaskGuid) -> Problem {
        Problem { guid: Some(guid), ..self }
    }

    /// As counted in metrics.
    pub(super) fn result(&self) -> &'static str {
        let status = match self.fault.kind {
            FaultKind::Timeout => return "Timeout",
            FaultKind::Auth => StatusCode::UNAUTHORIZED,
            FaultKind::Access => StatusCode::FORBIDDEN,
            FaultKind::Limit => StatusCode::TOO_MANY_REQUESTS,
            FaultKind::Failed if self.fault.object.as_deref() == Some(CANCELLED) => {
                StatusCode::CONFLICT
            }
            FaultKind::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            FaultKind::Missed | FaultKind::Value | FaultKind::Exists => StatusCode::BAD_REQUEST,
        };
        result(status)
    }

    /// It may be accepted or not.
    pub(super) fn unconfirmed(guid: TaskGuid) -> Problem {
        let ru = "Хранилище не подтвердило запрос: он может быть принят или нет; проверьте корзину и \
                  платежи, прежде чем повторять";
        let en = "The store did not confirm the request: it may be accepted or not; look at the cart \
                  and the payments before you repeat it";
        Problem::unavailable(Text::new(ru, en)).with_guid(guid)
    }

    /// It is accepted, and its answer is not here.
    pub(super) fn unanswered(guid: TaskGuid) -> Problem {
        let ru = "Запрос принят, но дождаться ответа здесь нельзя: проверьте корзину и платежи, прежде \
                  чем повторять";
        let en = "The request was accepted, but its answer cannot be waited for here any longer: look \
                  at the cart and the payments before you repeat it";
        Problem::unavailable(Text::new(ru, en)).with_guid(guid)
    }

    fn unavailable(msg: Text) -> Problem {
        Problem {
            status: StatusCode::SERVICE_UNAVAILABLE,
            fault: Fault { kind: FaultKind::Failed, object: None, msg },
            guid: None,
            retry_after_s: Some(UNAVAILABLE_S),
        }
    }

    /// A task that was not accepted, as far as is known.
    pub(super) fn lost(app: &App, error: IntakeError, guid: TaskGuid) -> Problem {
        match &error {
            IntakeError::Full(exceeded) => Plain::limited(app, exceeded).into(),
            IntakeError::Batch(full @ BatchError::Full) => Plain::from(full).into(),
            IntakeError::Store(_) | IntakeError::Batch(BatchError::Failed) => {
                Problem::unconfirmed(guid)
            }
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        Problem { status: StatusCode::OK, fault, guid: None, retry_after_s: None }
    }
}

impl From<Plain> for Problem {
    fn from(plain: Plain) -> Problem {
        let Plain { status, message, retry_after_s, .. } = plain;
        let (kind, ru) = match status {
            StatusCode::SERVICE_UNAVAILABLE => {
                (FaultKind::Failed, "Сервис сейчас недоступен; ничего не принято, повторите запрос")
            }
            StatusCode::TOO_MANY_REQUESTS => (FaultKind::Limit, "Слишком много запросов"),
            StatusCode::PAYLOAD_TOO_LARGE => (FaultKind::Limit, "Запрос слишком велик"),
            StatusCode::REQUEST_TIMEOUT => (FaultKind::Limit, "Запрос передаётся слишком медленно"),
            _ => (FaultKind::Value, "Запрос нельзя прочитать"),
        };
        let status = match status {
            StatusCode::BAD_REQUEST => StatusCode::OK,
            other => other,
        };
        let unavailable = status == StatusCode::SERVICE_UNAVAILABLE;
        let retry_after_s = retry_after_s.or(unavailable.then_some(UNAVAILABLE_S));
        let msg = Text::new(ru, message);
        Problem { status, fault: Fault { kind, object: None, msg }, guid: None, retry_after_s }
    }
}

impl From<LookUpError> for Problem {
    fn from(error: LookUpError) -> Problem {
        Plain::from(error).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        tracing::warn!("a look-up failed: {}", chain(&error));
        Plain::unavailable("the store cannot be reached at the moment").into()
    }
}

impl From<UsersError> for Problem {
    fn from(error: UsersError) -> Problem {
        match error {
            UsersError::LookUp(error) => error.into(),
            UsersError::Password(error @ (PasswordError::Busy | PasswordError::TooOften)) => {
                Plain::unavailable(&error.to_string()).into()
            }
            UsersError::Password(PasswordError::Broken) => {
                tracing::error!("a password cannot be verified: its stored hash cannot be read");
                Plain::unavailable("the password cannot be verified").into()
            }
        }
    }
}
