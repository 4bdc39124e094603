//! The client: submits, waits, asks, listens.

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::answer::{Accepted, Answered, Look, Refusal};
use crate::builder::{Builder, InvalidSetting};
use crate::error::{AskError, SubmitError};
use crate::key::Key;
use crate::notification::{self, Notification, Queue};
use crate::send::Failure;
use crate::task::{Mode, Task};
use crate::wire::Reading;

/// How long an answer may take beyond what the service was asked to wait.
const SLACK: Duration = Duration::from_secs(30);
/// The longest that the service waits for an answer at one request, in seconds.
const LONGEST_WAIT_S: u32 = 20;
/// How soon to try again, at first and in the end.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// A client of one service, with the token of one aggregator. A clone shares its connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) token: HeaderValue,
    pub(crate) create: Url,
    pub(crate) listen: Url,
    pub(crate) patience: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.create.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the service at this address (`http://` or `https://`), with this token.
    ///
    /// # Errors
    ///
    /// When the address is no URL, or the token cannot be sent.
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Result<Client, InvalidSetting> {
        Client::builder(url, token).build()
    }

    /// A client with settings of one's own.
    pub fn builder(url: impl Into<String>, token: impl Into<String>) -> Builder {
        Builder::new(url.into(), token.into())
    }

    /// Submits a task and waits for its answer in the same request (`params.sync`).
    ///
    /// After a lost connection, 429 or 503 the same bytes are sent again under the same key, which is the same task. The
    /// answer is not delivered to callbacks and queues as well.
    ///
    /// # Errors
    ///
    /// [`SubmitError`]. Only [`SubmitError::Unknown`] leaves open whether the task was accepted.
    pub async fn perform(&self, task: &Task, key: &Key) -> Result<Answered, SubmitError> {
        match self.send(task, key, Mode::Sync).await? {
            Reading::Answered(answered) => Ok(answered),
            Reading::Accepted(Accepted { task, .. }) => self.outcome(task).await,
            Reading::InProgress(why) => match why.task {
                Some(task) => self.outcome(task).await,
                None => Err(SubmitError::Unknown { why: why.to_string(), task: None }),
            },
            other => Err(unexpected(&other)),
        }
    }

    /// Submits a task and returns as soon as it is accepted (`params.async`).
    ///
    /// # Errors
    ///
    /// As for [`Client::perform`].
    pub async fn submit(&self, task: &Task, key: &Key) -> Result<Accepted, SubmitError> {
        match self.send(task, key, Mode::Async).await? {
            Reading::Accepted(accepted) => Ok(accepted),
            other => Err(unexpected(&other)),
        }
    }

    /// Waits for the answer of a task, for as long as it takes: a service answers each task by its deadline. A service
    /// that cannot be reached is asked again for as long as the client has patience.
    ///
    /// # Errors
    ///
    /// [`AskError`]. None of them says that the task was not done.
    pub async fn wait(&self, task: Uuid) -> Result<Answered, AskError> {
        let mut pace = Pace::new(self.patience);
        loop {
            let asked = Instant::now();
            match self.question(task, LONGEST_WAIT_S).await {
                Ok(Look::Answered(answered)) => return Ok(answered),
                Ok(Look::InProgress { .. }) => {
                    pace = Pace::new(self.patience);
                    // Should a service not wait as it was asked to.
                    if asked.elapsed() < PAUSES[0] {
                        sleep(PAUSES[0]).await;
                    }
                }
                Err((error, after)) => {
                    let passing = matches!(error, AskError::NoAnswer { passing: true, .. });
                    if !passing || !pace.again(after).await {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// Looks once whether a task is answered.
    ///
    /// # Errors
    ///
    /// [`AskError`].
    pub async fn look_up(&self, task: Uuid) -> Result<Look, AskError> {
        self.look_up_for(task, 0).await
    }

    /// The same, held by the service for up to so many seconds (0 to 20) while there is no answer.
    ///
    /// # Errors
    ///
    /// [`AskError`].
    pub async fn look_up_for(&self, task: Uuid, wait_s: u32) -> Result<Look, AskError> {
        self.question(task, wait_s.min(LONGEST_WAIT_S)).await.map_err(|(error, _)| error)
    }

    /// Listens once (`ListenQueue`): the oldest answer or event of the queue, or `None` when nothing came in 20 seconds.
    ///
    /// What is returned has left the queue, and all who listen with this token share it.
    ///
    /// # Errors
    ///
    /// [`AskError`].
    pub async fn listen(&self, queue: Queue) -> Result<Option<Notification>, AskError> {
        let body = format!(r#"{{"queueType":"{}"}}"#, queue.as_str());
        let patience = SLACK + Duration::from_secs(LONGEST_WAIT_S.into());
        let reply = self.post_text(&self.listen, None, &body, patience).await;
        let reply = reply.map_err(|failure| no_answer(failure).0)?;
        if reply.status != 200 {
            return Err(no_answer(reply.failure(&self.listen)).0);
        }
        let strange = strange(&reply.text);
        notification::read(&reply.text)
            .map_err(|refusal| refusal.map_or(strange, AskError::Rejected))
    }

    async fn outcome(&self, task: Uuid) -> Result<Answered, SubmitError> {
        self.wait(task)
            .await
            .map_err(|error| SubmitError::Unknown { why: error.to_string(), task: Some(task) })
    }

    async fn question(
        &self,
        task: Uuid,
        wait_s: u32,
    ) -> Result<Look, (AskError, Option<Duration>)> {
        let body = format!(
            r#"{{"taskType":"GetTaskResponse","params":{{"taskGuid":"{task}","wait":{wait_s}}}}}"#
        );
        let patience = SLACK + Duration::from_secs(wait_s.into());
        let reading = self.post(None, &body, patience).await.map_err(no_answer)?;
        let error = match reading {
            Reading::Answered(answered) if answered.task() == Some(task) => {
                return Ok(Look::Answered(answered));
            }
            Reading::InProgress(Refusal { description, raw, .. }) => {
                return Ok(Look::InProgress { description, raw });
            }
            // Without a word of how it stands: so some servers answer what is not done yet.
            Reading::Accepted(accepted) if accepted.task == task => {
                return Ok(Look::InProgress { description: String::new(), raw: accepted.raw });
            }
            Reading::NotFound(why) => AskError::TaskNotFound(why),
            Reading::Expired(why) => AskError::AnswerExpired(why),
            Reading::Rejected(why) => AskError::Rejected(why),
            Reading::Answered(_) | Reading::Accepted(_) | Reading::Nothing => {
                strange("the answer of something else")
            }
        };
        Err((error, None))
    }

    /// Sends a task until somebody says what became of it.
    async fn send(&self, task: &Task, key: &Key, mode: Mode) -> Result<Reading, SubmitError> {
        let body = task.body(mode).map_err(|error| SubmitError::NotSent(error.to_string()))?;
        let key = task.is_keyed().then_some(key);
        let timeout = match mode {
            Mode::Sync => SLACK + Duration::from_secs(task.longest_s()),
            Mode::Async => SLACK,
        };
        let mut pace = Pace::new(self.patience);
        // Why an attempt may have been accepted, and the task that it is then.
        let mut open: Option<(String, Option<Uuid>)> = None;
        loop {
            let failure = match self.post(key, &body, timeout).await {
                Ok(reading) => return settled(reading, open),
                Err(failure) => failure,
            };
            if !failure.unseen {
                let named = failure.task.or(open.as_ref().and_then(|(_, task)| *task));
                open = Some((failure.why.clone(), named));
            }
            // Without a key, the same bytes are a second task.
            let again = failure.passing && (key.is_some() || open.is_none());
            if !again || !pace.again(failure.after).await {
                return Err(match open {
                    Some((why, task)) => SubmitError::Unknown { why, task },
                    None => SubmitError::NotSent(failure.why),
                });
            }
        }
    }
}

/// What an answer to a submission is, when an attempt before it may have been accepted.
fn settled(reading: Reading, open: Option<(String, Option<Uuid>)>) -> Result<Reading, SubmitError> {
    match reading {
        // A refusal of this attempt tells nothing of the one before: a token may have been withdrawn in between.
        Reading::Rejected(why) | Reading::NotFound(why) => Err(match open {
            Some((lost, task)) => {
                let why = format!("{lost}; then a repetition was refused: {why}");
                SubmitError::Unknown { why, task }
            }
            None => SubmitError::Rejected(why),
        }),
        Reading::Expired(why) => Err(SubmitError::AnswerExpired(why)),
        reading => Ok(reading),
    }
}

fn unexpected(reading: &Reading) -> SubmitError {
    let task = match reading {
        Reading::Answered(answered) => answered.task(),
        Reading::InProgress(why) => why.task,
        _ => None,
    };
    SubmitError::Unknown { why: "the service answered something else than asked".into(), task }
}

fn no_answer(failure: Failure) -> (AskError, Option<Duration>) {
    let Failure { why, passing, after, .. } = failure;
    (AskError::NoAnswer { why, passing }, after)
}

fn strange(text: &str) -> AskError {
    let start: String = text.chars().take(80).collect();
    let why = format!("the service does not answer what was asked: {start:?}");
    AskError::NoAnswer { why, passing: false }
}

/// When to try again, and for how long.
struct Pace {
    until: Instant,
    pause: Duration,
}

impl Pace {
    fn new(patience: Duration) -> Pace {
        Pace { until: Instant::now() + patience, pause: PAUSES[0] }
    }

    /// Waits until it is time to try again: when the service says, else a little longer each time. `false` when that is
    /// beyond all patience.
    async fn again(&mut self, after: Option<Duration>) -> bool {
        let pause = after.unwrap_or(self.pause);
        self.pause = PAUSES[1].min(self.pause * 2);
        if Instant::now() + pause > self.until {
            return false;
        }
        sleep(pause).await;
        true
    }
}
