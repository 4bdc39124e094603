//! What log lines say of where they come from: the id of the request, and trace and span when the trace is recorded.
//! They are looked up when a line is written, so that a request without one costs nothing.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::runtime::context;

/// The fields of a line, by their names.
fn fields() -> impl Iterator<Item = (&'static str, String)> {
    let request = context::request_id().map(|id| ("http.request.id", id.as_str().to_owned()));
    let span = context::span();
    let trace = span.map(|span| ("trace_id", format!("{:032x}", span.trace_id)));
    let span = span.map(|span| ("span_id", format!("{:016x}", span.span_id)));
    [request, trace, span].into_iter().flatten()
}

/// Fields of a line for people, with these behind them.
#[derive(Debug, Default)]
pub(super) struct TextFields(DefaultFields);

impl<'w> FormatFields<'w> for TextFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, line: R) -> fmt::Result {
        self.0.format_fields(writer.by_ref(), line)?;
        fields().try_for_each(|(name, value)| write!(writer, " {name}={value}"))
    }
}

/// Lines as JSON objects, with these members in them.
#[derive(Debug)]
pub(super) struct JsonLines<F>(pub(super) F);

impl<S, N, F> FormatEvent<S, N> for JsonLines<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = fields().peekable();
        if fields.peek().is_none() {
            return self.0.format_event(context, writer, event);
        }
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let Some(object) = line.trim_end().strip_suffix('}') else {
            return writer.write_str(&line);
        };
        writer.write_str(object)?;
        // Neither has a character that JSON would escape.
        fields.try_for_each(|(name, value)| write!(writer, ",\"{name}\":\"{value}\""))?;
        writer.write_str("}\n")
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::Layer;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::domain::trace::TraceParent;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Two lines, within a trace and outside of it.
    fn written(json: bool) -> Vec<String> {
        let lines = Lines::default();
        let (kept, layer) = (lines.clone(), tracing_subscriber::fmt::layer().with_ansi(false));
        let layer = layer.with_writer(move || lines.clone());
        let layer = match json {
            true => layer.json().flatten_event(true).map_event_format(JsonLines).boxed(),
            false => layer.fmt_fields(TextFields::default()).boxed(),
        };
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let span = TraceParent::read(parent).unwrap().context;
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let say = || tracing::info!(task.guid = "g", "a \"sentence\"");
            context::said_below(Some(span), say);
            context::said_below(None, say);
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_names_its_trace_where_it_has_one() {
        let lines = written(false);
        let end = " trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7";
        assert!(lines[0].ends_with(&format!("a \"sentence\" task.guid=\"g\"{end}")), "{lines:?}");
        assert!(lines[1].ends_with("a \"sentence\" task.guid=\"g\""), "{lines:?}");

        let lines = written(true);
        let read = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        let (within, outside) = (read(&lines[0]), read(&lines[1]));
        assert_eq!(within["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(
            (&within["message"], &within["task.guid"]),
            (&outside["message"], &outside["task.guid"])
        );
        assert!(outside.get("trace_id").is_none() && lines.len() == 2, "{lines:?}");
    }
}
