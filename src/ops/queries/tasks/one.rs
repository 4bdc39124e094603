//! One task, with all that the store knows of its way.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Step, TaskSummary, steps};
use crate::callback::url::without_values;
use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::dead_letters::LetterFilter;
use crate::engine::store::tasks::story::{Story, TaskContent};
use crate::ops::problem::{Problem, not_found};
use crate::ops::queries::callbacks::Tried;
use crate::ops::queries::letters::Letter;
use crate::ops::queries::masking::masked;
use crate::ops::queries::records::{Masks, Record, look_up_as};
use crate::ops::state::OpsState;
use crate::surface::Surface;
use crate::surface::shown::Find;

/// The most dead letters of one task that are shown.
const MOST_LETTERS: i64 = 100;

/// A task and its way.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskDetail {
    /// The task.
    #[serde(flatten)]
    pub task: TaskSummary,
    /// The protocol whose it is.
    pub protocol: Option<&'static str>,
    /// Whether its caller chose the guid: an `Idempotency-Key`, a `message_id`.
    pub named: bool,
    /// Whether its caller waited for the answer in the request that submitted it.
    pub sync: bool,
    /// Where a task that came over RabbitMQ wanted its answer.
    pub reply_to: Option<String>,
    /// Under which correlation id.
    pub correlation_id: Option<String>,
    /// How often it was handed to the queue.
    pub published: i64,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Since when its object is paused, where it is.
    pub paused_since: Option<Timestamp>,
    /// Whether what is personal is shown. Else it is masked.
    pub revealed: bool,
    /// What was asked for; `None` where it cannot be masked.
    pub request: Option<Value>,
    /// What was answered; `None` while it is open, or where it cannot be masked.
    pub answer: Option<Value>,
    /// What its protocol keeps of it: the order that it names, its payments.
    pub related: Vec<Record>,
    /// The attempts to post its answer.
    pub attempts: Vec<Tried>,
    /// Its dead letters.
    pub letters: Vec<Letter>,
    /// What happened, in its order.
    pub timeline: Vec<Step>,
}

/// A task and its way, with what is personal masked; 404 when the store has none with this guid.
pub async fn task(state: &OpsState, guid: TaskGuid) -> Result<TaskDetail, Problem> {
    read(state, guid, false).await
}

/// The same with what is personal: for whoever has entered in the journal that he looks, and nobody else.
pub async fn task_as_it_is(state: &OpsState, guid: TaskGuid) -> Result<TaskDetail, Problem> {
    read(state, guid, true).await
}

async fn read(state: &OpsState, guid: TaskGuid, reveal: bool) -> Result<TaskDetail, Problem> {
    let store = state.store();
    let (Some(mut story), Some(content)) = (store.story(guid).await?, store.content(guid).await?)
    else {
        return Err(not_found(format!(
            "there is no task {guid}: none was accepted, or its answer is kept no longer (store.retention_days)"
        )));
    };
    let filter = LetterFilter { guid: Some(guid), most: MOST_LETTERS, ..LetterFilter::default() };
    let letters = store.dead_letters(&filter).await?;
    if !reveal {
        let waiting = story.waiting.iter_mut().filter_map(|waiting| waiting.url.as_mut());
        let urls = story.attempts.iter_mut().map(|attempt| &mut attempt.url).chain(waiting);
        urls.for_each(|url| *url = without_values(url));
    }
    let timeline = steps(&story, &letters);
    let surface = surface(state, &content.task_type);
    let object = story.task.key.object;
    let masks = if reveal { Masks::Off } else { Masks::Kept };
    let related = related(state, surface, &content, (object, guid), masks).await?;
    // A type that no protocol has any more: nobody knows what in it is personal.
    let show = |text: &str| match (surface, reveal) {
        (None, false) => None,
        (_, true) => masked(text, &[]),
        (Some(surface), false) => masked(text, surface.shown().personal),
    };
    let pauses = store.pauses().await?;
    let paused = pauses.iter().find(|pause| pause.object == object);
    let Story { task, named, sync, reply_to, correlation_id, published, .. } = story;
    Ok(TaskDetail {
        task: task.into(),
        protocol: surface.map(|surface| surface.protocol().name()),
        named,
        sync,
        reply_to,
        correlation_id,
        published,
        answered_at: story.answered_at,
        paused_since: paused.map(|pause| pause.since),
        revealed: reveal,
        request: show(&content.request),
        answer: content.answer.as_deref().and_then(show),
        related,
        attempts: story.attempts.into_iter().map(Tried::from).collect(),
        letters: letters.into_iter().map(Letter::from).collect(),
        timeline,
    })
}

/// The protocol that tasks of this type are of.
fn surface(state: &OpsState, task_type: &str) -> Option<&'static dyn Surface> {
    let is_of =
        |surface: &&'static dyn Surface| surface.protocol().task_types().contains(&task_type);
    state.list.surfaces().find(is_of)
}

/// What a protocol keeps of a task: what its task has made, and what its request names.
async fn related(
    state: &OpsState,
    surface: Option<&'static dyn Surface>,
    content: &TaskContent,
    (object, guid): (ObjectId, TaskGuid),
    masks: Masks,
) -> Result<Vec<Record>, Problem> {
    let Some(surface) = surface else { return Ok(Vec::new()) };
    let (of, shown, mut found) =
        ((surface.protocol().name(), surface), surface.shown(), Vec::new());
    let request: Value = serde_json::from_str(&content.request).unwrap_or_default();
    for (member, class, by) in shown.references {
        let Some(id) = member_named(&request, member) else { continue };
        for list in shown.lists.iter().filter(|list| list.class == *class) {
            let asked = (*by, &*id, Some(object));
            found.extend(look_up_as(state.store(), of, list, asked, masks).await?);
        }
    }
    for list in shown.lists {
        let guid = guid.to_string();
        let asked = (Find::Task, &*guid, None);
        found.extend(look_up_as(state.store(), of, list, asked, masks).await?);
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|record| seen.insert(serde_json::to_string(record).unwrap_or_default()));
    Ok(found)
}

/// The text or number that stands under this name, at any depth.
fn member_named(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::Object(members) => {
            let own = members.get(name).and_then(|member| match member {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
            own.or_else(|| members.values().find_map(|below| member_named(below, name)))
        }
        Value::Array(items) => items.iter().find_map(|below| member_named(below, name)),
        _ => None,
    }
}
