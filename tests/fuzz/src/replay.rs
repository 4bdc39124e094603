//! Without an engine: the corpus, then mutations of it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::corpus;

/// How many mutations are tried.
const CASES: u32 = 1_000;

/// Reads every input of the corpus, then mutations of them.
pub(crate) fn run(target: &str, check: &dyn Fn(&[u8])) {
    let inputs = kept(target);
    for (name, input) in &inputs {
        if catch_unwind(AssertUnwindSafe(|| check(input))).is_err() {
            panic!("{target}: the input {name} of its corpus");
        }
    }
    let inputs = inputs.into_iter().map(|(_, input)| input).collect();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    // The same in each run: it is the engine that looks for new ones.
    let same = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, same);
    let tried = runner.run(&mutations(inputs), |input| {
        check(&input.0);
        Ok(())
    });
    if let Err(failure) = tried {
        panic!("{target}: {failure}");
    }
}

/// The corpus of a target, by the names of its files.
fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = corpus(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has no corpus");
    files
        .into_iter()
        .map(|file| (file.display().to_string(), std::fs::read(file).unwrap()))
        .collect()
}

/// The words of the dictionary, in libFuzzer's form: one a line, quoted.
fn words() -> Vec<Vec<u8>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionary");
    let text = std::fs::read_to_string(file).unwrap();
    let quoted = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    quoted.map(unescaped).collect()
}

/// `\\`, `\"` and `\x0a`.
fn unescaped(word: &str) -> Vec<u8> {
    let mut bytes = word.bytes();
    let mut read = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next().unwrap() {
                b'x' => {
                    let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                    read.extend(hex::decode(digits).unwrap());
                }
                quoted => read.push(quoted),
            },
            plain => read.push(plain),
        }
    }
    read
}

/// An input, shown as the bytes of a Rust literal.
#[derive(Clone)]
struct Input(Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// One change. Places are chosen within what the input has grown to by then.
#[derive(Debug, Clone)]
enum Edit {
    /// Takes some bytes out.
    Remove(Index, usize),
    /// Puts these in the place of some bytes.
    Put(Index, usize, Vec<u8>),
    /// Turns a bit.
    Turn(Index, u8),
    /// Repeats what begins there, so often.
    Repeat(Index, usize, usize),
}

impl Edit {
    fn apply(self, input: &mut Vec<u8>) {
        let from = |at: Index, input: &[u8]| at.index(input.len() + 1);
        let range = |from: usize, length: usize, input: &[u8]| from..input.len().min(from + length);
        match self {
            Edit::Remove(at, length) => {
                drop(input.drain(range(from(at, input), length, input)));
            }
            Edit::Put(at, length, bytes) => {
                drop(input.splice(range(from(at, input), length, input), bytes));
            }
            Edit::Turn(at, bit) if !input.is_empty() => {
                let at = at.index(input.len());
                input[at] ^= 1 << bit;
            }
            Edit::Turn(..) => {}
            Edit::Repeat(at, length, times) => {
                let at = from(at, input);
                let part = input[range(at, length, input)].repeat(times);
                drop(input.splice(at..at, part));
            }
        }
    }
}

fn edit(inputs: Vec<Vec<u8>>) -> impl Strategy<Value = Edit> {
    let place = any::<Index>;
    let part = (select(inputs), place(), 0..64_usize).prop_map(|(input, at, length)| {
        let from = at.index(input.len() + 1);
        input[from..input.len().min(from + length)].to_vec()
    });
    prop_oneof![
        (place(), 1..16_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        (place(), 0..8_usize, select(words())).prop_map(|(at, n, word)| Edit::Put(at, n, word)),
        (place(), 0..32_usize, part).prop_map(|(at, n, part)| Edit::Put(at, n, part)),
        (place(), 0..4_usize, vec(any::<u8>(), 1..4))
            .prop_map(|(at, n, new)| Edit::Put(at, n, new)),
        (place(), 0..8_u8).prop_map(|(at, bit)| Edit::Turn(at, bit)),
        (place(), 1..16_usize, 1..200_usize).prop_map(|(at, n, times)| Edit::Repeat(at, n, times)),
    ]
}

fn mutations(inputs: Vec<Vec<u8>>) -> impl Strategy<Value = Input> {
    (select(inputs.clone()), vec(edit(inputs), 1..6)).prop_map(|(mut input, edits)| {
        edits.into_iter().for_each(|edit| edit.apply(&mut input));
        Input(input)
    })
}
