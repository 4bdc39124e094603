use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn fault(text: &str) -> String {
    check(text).unwrap_err().to_string()
}

#[test]
fn ordinary_json_passes() {
    for text in [
        "null",
        " [1, -0, 0.5, 1e3, 1E+300, 1e-300, 9007199254740993.01] ",
        r#"{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}], "": "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00😀"}"#,
        "{}",
        "[]",
        r#""\uffef\ufdcf\ufdf0""#,
        "0e999",
    ] {
        assert_eq!(check(text), Ok(()), "{text}");
        assert_eq!(repaired(text), text);
    }
}

#[test]
fn what_is_not_is_named_by_place_and_rule() {
    let deep = format!("{}{}", r#"{"a":"#.repeat(20), "[".repeat(20));
    for (text, message) in [
        (r#"{"a": 1, "\u0061": 2}"#, "a: the key occurs more than once"),
        (r#"{"x": [{}, {"b": {"k": 1, "k": 1}}]}"#, "x[1].b.k: the key occurs more"),
        (r#"{"a": {"+7 900": 1, "+7 900": 1}}"#, "a[…]: the key"),
        (r#"{"a": "\ud800"}"#, "a: the text holds half of a surrogate pair"),
        (r#"{"a": "\ud800x"}"#, "a: the text holds half"),
        (r#"{"a": "\ud800\ud800"}"#, "a: the text holds half"),
        (r#"{"a": ["\udc00\ud800"]}"#, "a[0]: the text holds half"),
        (r#"{"a": {"\udfff": 1}}"#, "half of a surrogate"),
        (r#"{"a": "\u0000"}"#, "a: the text holds U+0000"),
        (r#"{"a": "\uFFFE"}"#, "a: the text holds U+FFFE, which is no character"),
        (r#"{"a": "\ud83f\udfff"}"#, "a: the text holds U+1FFFF"),
        ("{\"a\": \"\u{fdd0}\"}", "a: the text holds U+FDD0"),
        (r#"{"a": 1e999999999}"#, "a: 1e999999999 is beyond what readers"),
        (r#"{"a": 1e400}"#, "a: 1e400 is beyond"),
        (r#"{"a": 1e-400}"#, "a: 1e-400 is beyond"),
        (r#"{"a": 1e0001}"#, "a: 1e0001 is beyond"),
        (&format!("[{}]", "1".repeat(65)), "[0]: a number of 65 characters"),
        ("\u{feff}{}", "the body: it begins with a byte order mark"),
        (&deep, "the body is nested too deeply: at most 32"),
        ("", "the body is not JSON: EOF while parsing a value"),
        ("{} x", "the body is not JSON: trailing characters at line 1"),
        ("{'a': 1}", "the body is not JSON: key must be a string"),
        ("[01]", "the body is not JSON"),
        ("[1,]", "the body is not JSON: expected value"),
        ("\"\t\"", "the body is not JSON: control character"),
        ("[NaN]", "the body is not JSON"),
        ("\u{a0}{}", "the body is not JSON"),
    ] {
        let told_us = fault(text);
        assert!(told_us.starts_with(message) || told_us.contains(message), "{text}: {told_us}");
    }
}

#[test]
fn brackets_count_only_outside_of_strings() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(check(&nested(DEEPEST)), Ok(()));
    assert_eq!(check(&nested(DEEPEST + 1)).unwrap_err().rule, Rule::Depth);
    assert_eq!(check(&"[".repeat(1_000_000)).unwrap_err().rule, Rule::Depth);
    assert_eq!(check(&format!(r#""\"{}""#, "[".repeat(100))), Ok(()));
}

#[test]
fn nothing_that_looks_like_data_stands_in_a_fault() {
    for text in [
        r#"{"customer": {"phone": 790012345670000000000000e400}}"#,
        r#"{"customer": {"phone": "79001234567\ud800"}}"#,
        r#"{"customer": {"79001234567": 1, "79001234567": 2}}"#,
    ] {
        assert!(!fault(text).contains("79001234567"), "{}", fault(text));
    }
}

#[test]
fn what_was_kept_before_is_made_readable() {
    for (kept, out) in [
        (
            r#"{"a": "x\ud800", "b": 1e999999999, "c": 449.30}"#,
            r#"{"a": "x\ufffd", "b": "1e999999999", "c": 449.30}"#,
        ),
        (
            r#"["\udc00\ud83d\ude00\\ud800", "\u0000", -1e-999]"#,
            r#"["\ufffd\ud83d\ude00\\ud800", "\ufffd", "-1e-999"]"#,
        ),
        ("[\"\u{ffff}é\", \"\\\"\\ud800\"]", "[\"\\ufffdé\", \"\\\"\\ufffd\"]"),
    ] {
        assert_eq!(repaired(kept), out);
        assert_eq!(check(out), Ok(()));
    }
}

/// JSON texts, and texts that nearly are.
fn texts() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        r#"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?"#,
        r#""([ -!#-\[\]-~é😀]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}|\\ud83d\\ude0[0-9]){0,4}""#,
        "true|false|null|NaN|01|\\+1|1\\.|\\.5|'a'|\u{feff}| ",
    ];
    token.prop_recursive(4, 40, 5, |inner| {
        let key = r#""([ab]|\\u006[12]|\\ud[89c]00)""#;
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec((key, inner), 0..4).prop_map(|all| {
                let all: Vec<String> = all.into_iter().map(|(k, v)| format!("{k}:{v}")).collect();
                format!("{{{}}}", all.join(", "))
            }),
        ]
    })
}

/// What two readers agree on: numbers by their values, all else as it is.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|b| same(v, b)))
        }
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn what_passes_is_read_by_the_library_and_is_never_mended(text in texts()) {
        if check(&text).is_ok() {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
            prop_assert_eq!(repaired(&text), text.as_str());
        }
    }

    #[test]
    fn what_was_json_to_the_store_is_readable_when_mended(text in texts()) {
        if serde_json::from_str::<IgnoredAny>(&text).is_ok() {
            let repaired = repaired(&text);
            prop_assert!(serde_json::from_str::<Value>(&repaired).is_ok(), "{} {}", text, repaired);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}|[\\[\\]{}\":,a-z0-9\\\\ud8]{0,200}") {
        let _ = (check(&text), repaired(&text));
    }
}

/// Another reader, which takes nothing that is not JSON.
const PYTHON: &str = r#"
import json, sys
def no(word): raise ValueError(word)
for line in sys.stdin:
    print(json.dumps(json.loads(json.loads(line), parse_constant=no)))
"#;

#[test]
fn python_reads_what_passes_as_we_do() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let Ok(mut python) = Command::new("python3")
        .args(["-c", PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    else {
        eprintln!("no python3 here: nothing to compare with");
        return;
    };
    let mut runner = TestRunner::deterministic();
    let generated = (0..20_000).map(|_| texts().new_tree(&mut runner).unwrap().current());
    let passing: Vec<String> = generated.filter(|text| check(text).is_ok()).collect();
    assert!(passing.len() > 1000, "{}", passing.len());
    let lines: Vec<String> =
        passing.iter().map(|text| Value::from(text.as_str()).to_string()).collect();
    let mut stdin = python.stdin.take().unwrap();
    let writing = std::thread::spawn(move || stdin.write_all((lines.join("\n") + "\n").as_bytes()));
    let output = python.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success());
    let read = String::from_utf8(output.stdout).unwrap();
    assert_eq!(read.lines().count(), passing.len());
    for (text, read) in passing.iter().zip(read.lines()) {
        let (ours, theirs): (Value, Value) =
            (serde_json::from_str(text).unwrap(), serde_json::from_str(read).unwrap());
        assert!(same(&ours, &theirs), "{text}: {ours} and {theirs}");
    }
}
