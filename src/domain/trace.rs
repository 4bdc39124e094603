//! The context of a trace, as W3C Trace Context writes it: in which trace something happens, and below which span.
//!
//! Only what is sampled has one. A task that is not sampled carries nothing.

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};

/// The name of the header, over HTTP and over AMQP.
pub const TRACEPARENT: &str = "traceparent";

/// The most contexts of one list: 64 KiB of text, which is half of what an AMQP frame holds.
const MOST: usize = 1024;

/// A span of a trace that is recorded: what is below it is recorded as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: NonZeroU128,
    /// The span.
    pub span_id: NonZeroU64,
}

/// What a caller says of its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// Its span, below which ours would be.
    pub context: TraceContext,
    /// Whether it records the trace.
    pub sampled: bool,
}

impl TraceParent {
    /// Reads a `traceparent`; `None` when it is not valid, which is as good as none.
    pub fn read(text: &str) -> Option<TraceParent> {
        let text = text.trim_matches([' ', '\t']);
        let lower_hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f' | b'-');
        let head = text.get(..55)?;
        if !head.bytes().all(lower_hex) {
            return None;
        }
        let mut parts = head.split('-');
        let (version, trace_id) = (parts.next()?, parts.next()?);
        let (span_id, flags) = (parts.next()?, parts.next()?);
        let lengths = [version.len(), trace_id.len(), span_id.len(), flags.len()];
        // A later version may say more behind another hyphen.
        let rest = &text.as_bytes()[55..];
        let whole = rest.is_empty() || (version != "00" && rest[0] == b'-');
        if parts.next().is_some() || lengths != [2, 32, 16, 2] || version == "ff" || !whole {
            return None;
        }
        let trace_id = NonZeroU128::new(u128::from_str_radix(trace_id, 16).ok()?)?;
        let span_id = NonZeroU64::new(u64::from_str_radix(span_id, 16).ok()?)?;
        let sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        Some(TraceParent { context: TraceContext { trace_id, span_id }, sampled })
    }
}

/// As a `traceparent`.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.trace_id, self.span_id)
    }
}

/// The contexts of some of several tasks, each with the place of its task among them, as one header.
pub fn write_list(contexts: impl Iterator<Item = (usize, TraceContext)>) -> Option<String> {
    let mut text = String::new();
    for (place, context) in contexts.take(MOST) {
        let space = if text.is_empty() { "" } else { " " };
        text.push_str(&format!("{space}{place}={context}"));
    }
    (!text.is_empty()).then_some(text)
}

/// Reads such a header. What is no context of one of `tasks` tasks is left out: nothing but a trace is lost with it.
pub fn read_list(text: &str, tasks: usize) -> Vec<(usize, TraceContext)> {
    let one = |entry: &str| {
        let (place, parent) = entry.split_once('=')?;
        let place = place.parse().ok().filter(|place| *place < tasks)?;
        let parent = TraceParent::read(parent).filter(|parent| parent.sampled)?;
        Some((place, parent.context))
    };
    text.split(' ').take(MOST).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_is_read_as_it_is_written() {
        let parent = TraceParent::read(PARENT).unwrap();
        assert!(parent.sampled);
        assert_eq!(parent.context.to_string(), PARENT);
        let unsampled = format!("{}00", &PARENT[..53]);
        assert!(!TraceParent::read(&unsampled).unwrap().sampled);
        let later = format!("01{}-more", &PARENT[2..]);
        assert_eq!(TraceParent::read(&later).unwrap().context, parent.context);
        assert_eq!(TraceParent::read(&format!("01{}", &PARENT[2..])), Some(parent));
    }

    #[test]
    fn what_is_no_traceparent_is_none() {
        for wrong in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            "004bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-é",
        ] {
            assert_eq!(TraceParent::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_list_comes_back_without_what_is_none() {
        let context = TraceParent::read(PARENT).unwrap().context;
        let text = write_list([(0, context), (7, context)].into_iter()).unwrap();
        assert_eq!(read_list(&text, 8), [(0, context), (7, context)]);
        assert_eq!(read_list(&text, 7), [(0, context)]);
        let unsampled = format!("0={}00 x={PARENT} 1={PARENT} {PARENT}", &PARENT[..53]);
        assert_eq!(read_list(&unsampled, 8), [(1, context)]);
        assert_eq!(read_list("", 8), []);
        assert_eq!(write_list(std::iter::empty()), None);
        let many = write_list((0..5000).map(|place| (place, context))).unwrap();
        assert!(many.len() < 65_536, "{}", many.len());
        assert_eq!(read_list(&many, 5000).len(), MOST);
    }
}
