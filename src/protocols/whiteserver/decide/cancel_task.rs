//! `CancelTask`: a task that is not answered yet never will be executed. The engine has cancelled it already, or found why
//! it could not; here that is told.

use super::Decision;
use crate::domain::task::{Cancellation, ObjectId, TaskGuid};
use crate::protocols::whiteserver::reply::{Code, Refusal, Reply};

pub(super) fn decide(
    object: ObjectId,
    target: TaskGuid,
    cancellation: Option<Cancellation>,
) -> Decision {
    let (code, desc) = match cancellation {
        Some(Cancellation::Cancelled) => return Ok(Reply::Cancelled),
        Some(Cancellation::Answered(outcome)) => (
            Code::WsaTaskAnswered,
            format!("task {target} is answered already (outcome: {outcome}) and stays as it is"),
        ),
        // Another caller's task is as good as none.
        Some(Cancellation::Foreign | Cancellation::Unknown) | None => {
            (Code::WsaTaskNotFound, format!("you have no other task {target} at object {object}"))
        }
    };
    Err(Refusal::new(code, desc))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::task::Outcome;

    #[test]
    fn what_became_of_the_target_is_told() {
        let code = |cancellation| {
            decide(ObjectId(7), TaskGuid(Uuid::from_u128(1)), cancellation)
                .map_err(|told| told.code)
        };
        assert_eq!(code(Some(Cancellation::Cancelled)), Ok(Reply::Cancelled));
        let done = Cancellation::Answered(Outcome::Done);
        assert_eq!(code(Some(done)), Err(Code::WsaTaskAnswered));
        assert_eq!(code(Some(Cancellation::Foreign)), Err(Code::WsaTaskNotFound));
        assert_eq!(code(Some(Cancellation::Unknown)), Err(Code::WsaTaskNotFound));
        assert_eq!(code(None), Err(Code::WsaTaskNotFound));
    }
}
