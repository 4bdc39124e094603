//! Words and sentences in both languages.

use crate::protocols::billmanager::command::{Fault, FaultKind, Text};
use crate::protocols::billmanager::model::{DAY, ENDLESS, PaymentStatus, ServiceStatus, TRIAL};
use crate::protocols::billmanager::sql::reference::ProfileKind;

/// `1 позиция`, `2 позиции`, `5 позиций`.
pub fn positions(count: usize) -> Text {
    let ru = match (count % 10, count % 100) {
        (1, n) if n != 11 => "позиция",
        (2..=4, n) if !(12..=14).contains(&n) => "позиции",
        _ => "позиций",
    };
    let en = if count == 1 { "item" } else { "items" };
    Text::new(format!("{count} {ru}"), format!("{count} {en}"))
}

/// A period.
pub fn period(period: i64) -> Text {
    match period {
        TRIAL => Text::new("пробный период", "trial"),
        DAY => Text::new("1 день", "1 day"),
        ENDLESS => Text::new("бессрочно", "without end"),
        months => self::months(months),
    }
}

fn months(count: i64) -> Text {
    let ru = match (count % 10, count % 100) {
        (1, n) if n != 11 => "месяц",
        (2..=4, n) if !(12..=14).contains(&n) => "месяца",
        _ => "месяцев",
    };
    let en = if count == 1 { "month" } else { "months" };
    Text::new(format!("{count} {ru}"), format!("{count} {en}"))
}

/// What a payer is.
pub fn profile_kind(kind: ProfileKind) -> Text {
    match kind {
        ProfileKind::Person => Text::new("физ. лицо", "individual"),
        ProfileKind::Entrepreneur => Text::new("ИП", "sole proprietor"),
        ProfileKind::Company => Text::new("юр. лицо", "legal entity"),
    }
}

/// Where a payment stands.
pub fn payment_status(status: PaymentStatus) -> Text {
    match status {
        PaymentStatus::New => Text::new("Новый", "New"),
        PaymentStatus::InProgress => Text::new("Оплачивается", "In progress"),
        PaymentStatus::Pledged => Text::new("Под честное слово", "Pledged"),
        PaymentStatus::Credited => Text::new("Зачислен", "Credited"),
        PaymentStatus::PendingReturn => Text::new("Возвращается", "Pending return"),
        PaymentStatus::Returned => Text::new("Возвращён", "Returned"),
        PaymentStatus::Fraudulent => Text::new("Мошеннический", "Fraudulent"),
    }
}

/// Where a service is in its life.
pub fn service_status(status: ServiceStatus) -> Text {
    match status {
        ServiceStatus::Ordered => Text::new("Заказана", "Ordered"),
        ServiceStatus::Active => Text::new("Активна", "Active"),
        ServiceStatus::Suspended => Text::new("Остановлена", "Suspended"),
        ServiceStatus::Expired => Text::new("Истекла", "Expired"),
        ServiceStatus::Deleted => Text::new("Удалена", "Deleted"),
    }
}

/// The balance, as a way to pay.
pub fn balance() -> Text {
    Text::new("Лицевой счёт", "Account balance")
}

/// A task could not be carried out through no fault of the caller's.
pub fn failed() -> Text {
    Text::new(
        "Запрос не удалось выполнить, ничего не изменено",
        "The request could not be carried out and nothing was changed",
    )
}

/// A deadline passed, perhaps while the account was paused.
pub fn timed_out(deadline: &str, paused: bool) -> Text {
    let (ru, en) = match paused {
        true => (
            "; учётная запись приостановлена оператором этого сервиса",
            "; the account is paused by the operator of this service",
        ),
        false => ("", ""),
    };
    Text::new(
        format!("Запрос не выполнен к сроку {deadline} и уже не будет выполнен{ru}"),
        format!("The request was not executed by its deadline {deadline} and never will be{en}"),
    )
}

/// An operator has cancelled it.
pub fn cancelled() -> Text {
    Text::new(
        "Запрос отменён оператором этого сервиса: он не выполнен и не будет выполнен",
        "The request was cancelled by the operator of this service: it was not executed and never will be",
    )
}

/// A name and password that nobody has; which of the two is wrong is not told.
pub fn bad_password() -> Fault {
    let ru = "Неверное имя пользователя или пароль";
    let en = "The user name or the password is wrong";
    Fault::new(FaultKind::Auth, "badpassword", ru.into(), en.into())
}

/// A session that there is not.
pub fn no_session() -> Fault {
    let ru = "Сессия не найдена или истекла: войдите снова";
    let en = "There is no such session, or it has expired: log in again";
    Fault::new(FaultKind::Auth, "auth", ru.into(), en.into())
}

/// Too many passwords were tried.
pub fn too_many_attempts() -> Fault {
    let ru = "Слишком много попыток входа: попробуйте через минуту";
    let en = "Too many attempts to log in: try again in a minute";
    Fault::new(FaultKind::Limit, "authinfo", ru.into(), en.into())
}

/// Something the caller may not do.
pub fn no_access(object: &str, ru: &str, en: &str) -> Fault {
    Fault::new(FaultKind::Access, object, ru.into(), en.into())
}

/// What an entry of a balance is for.
pub fn entry_kind(kind: &str) -> Text {
    match kind {
        "deposit" => Text::new("Пополнение", "Deposit"),
        "payment" => Text::new("Платёж", "Payment"),
        "order" => Text::new("Заказ", "Order"),
        "renewal" => Text::new("Продление", "Renewal"),
        _ => Text::new("Возврат", "Refund"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_forms() {
        for (count, ru) in [
            (1, "1 позиция"),
            (2, "2 позиции"),
            (5, "5 позиций"),
            (11, "11 позиций"),
            (12, "12 позиций"),
            (21, "21 позиция"),
            (111, "111 позиций"),
        ] {
            assert_eq!(positions(count).ru, ru);
        }
        assert_eq!((positions(1).en, positions(2).en), ("1 item".into(), "2 items".into()));
        for (count, ru) in [(1, "1 месяц"), (3, "3 месяца"), (12, "12 месяцев"), (24, "24 месяца")]
        {
            assert_eq!(months(count).ru, ru);
        }
    }
}
