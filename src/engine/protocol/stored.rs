//! Answers with a status of their own, as protocols over plain HTTP have them: `{"status":200,"body":{...}}`.

const STATUS: &str = "{\"status\":";
const BODY: &str = ",\"body\":";

/// An answer as it is stored: what its caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored<'a> {
    /// The status.
    pub status: u16,
    /// The body, as it goes out: JSON.
    pub body: &'a str,
}

impl<'a> Stored<'a> {
    /// Takes apart what [`write()`] put together, which costs no parsing; `None` for any other text.
    pub fn read(text: &'a str) -> Option<Stored<'a>> {
        let (status, body) = text.strip_prefix(STATUS)?.split_once(BODY)?;
        Some(Stored { status: status.parse().ok()?, body: body.strip_suffix('}')? })
    }
}

/// Puts one together; the body is JSON.
pub fn write(status: u16, body: &str) -> String {
    format!("{STATUS}{status}{BODY}{body}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        for body in ["{}", "null", "{\n  \"body\": \",\\\"body\\\":\"\n}"] {
            let text = write(422, body);
            assert_eq!(Stored::read(&text), Some(Stored { status: 422, body }));
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(json["status"], 422);
        }
    }

    #[test]
    fn what_is_no_answer_is_not_taken_for_one() {
        let texts = [
            "",
            "{}",
            "{\"status\":x,\"body\":{}}",
            "{\"status\":99999,\"body\":{}}",
            "{\"status\":1,\"body\":",
        ];
        for text in texts {
            assert_eq!(Stored::read(text), None, "{text}");
        }
    }
}
