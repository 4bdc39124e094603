//! What clients asked for and all that they were told: the only evidence there is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use uuid::Uuid;

use crate::errand::Run;
use crate::story::{Story, Way, Wish};

/// Which wish: the number of its tale, of its step and its own.
pub type Id = (usize, usize, usize);

/// A story of an order as it went.
#[derive(Debug, Clone)]
pub struct Tale {
    pub story: Story,
    pub order: Uuid,
    /// What was heard of each wish: by step, then by wish.
    pub heard: Vec<Vec<Heard>>,
}

/// What a client heard of one wish. Each thing once, however often it was said.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// Whether it was asked for at all.
    pub asked: bool,
    /// Guids it was accepted under.
    pub guids: Vec<Uuid>,
    /// Answers, byte for byte.
    pub answers: Vec<Arc<str>>,
    /// How often an answer was heard.
    pub times: usize,
    /// The service said that it does not know the task, after it was accepted.
    pub unknown: bool,
    /// An answer came by itself.
    pub notification: bool,
    /// What nobody should ever be told.
    pub odd: Vec<String>,
    /// Something was heard.
    pub news: Arc<Notify>,
}

impl Tale {
    /// Each wish with what was heard of it.
    pub fn wishes(&self) -> impl Iterator<Item = (&Wish, &Heard)> {
        self.story.steps.iter().flatten().zip(self.heard.iter().flatten())
    }
}

#[derive(Default)]
struct Pages {
    tales: Vec<Tale>,
    ids: HashMap<Uuid, Id>,
    /// Notifications about tasks that nobody knows (yet).
    strays: HashMap<Uuid, Vec<Arc<str>>>,
    /// When wishes were answered first, in milliseconds from the start, in that order.
    answered_at: Vec<u32>,
    /// Of these, payments.
    payments: usize,
    errands: Vec<Run>,
}

/// Where clients write it down.
pub struct Notebook {
    started: Instant,
    pages: Mutex<Pages>,
}

/// All of it, at the end.
pub struct Evidence {
    pub tales: Vec<Tale>,
    pub strays: Vec<Uuid>,
    pub errands: Vec<Run>,
}

impl Notebook {
    pub fn new() -> Arc<Notebook> {
        Arc::new(Notebook { started: Instant::now(), pages: Mutex::default() })
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap()
    }

    /// How long it has been kept.
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Begins a tale and gives its number.
    pub fn begin(&self, story: &Story, order: Uuid) -> usize {
        let heard = story.steps.iter().map(|step| vec![Heard::default(); step.len()]);
        let mut heard: Vec<Vec<Heard>> = heard.collect();
        // A clone of a Notify is the same one.
        heard.iter_mut().flatten().for_each(|heard| heard.news = Arc::default());
        let mut pages = self.pages();
        pages.tales.push(Tale { story: story.clone(), order, heard });
        pages.tales.len() - 1
    }

    /// A request was sent, or is about to be.
    pub fn asked(&self, id: Id) {
        self.pages().heard(id).asked = true;
    }

    /// The task of a wish was accepted.
    pub fn accepted(&self, id: Id, guid: Uuid) {
        let mut pages = self.pages();
        let heard = pages.heard(id);
        if !heard.guids.contains(&guid) {
            heard.guids.push(guid);
            pages.ids.insert(guid, id);
            for text in pages.strays.remove(&guid).unwrap_or_default() {
                pages.heard(id).notification = true;
                pages.answered(id, &text, self.now());
            }
        }
    }

    /// The client was told the answer.
    pub fn answered(&self, id: Id, guid: Uuid, text: &str) {
        self.accepted(id, guid);
        self.pages().answered(id, text, self.now());
    }

    /// An answer came by itself.
    pub fn notification(&self, guid: Uuid, text: &str) {
        let mut pages = self.pages();
        match pages.ids.get(&guid).copied() {
            Some(id) => {
                pages.heard(id).notification = true;
                pages.answered(id, text, self.now());
            }
            None => pages.strays.entry(guid).or_default().push(text.into()),
        }
    }

    /// The service does not know the task.
    pub fn unknown(&self, id: Id) {
        self.pages().heard(id).unknown = true;
    }

    /// The service said something strange.
    pub fn odd(&self, id: Id, text: String) {
        let mut pages = self.pages();
        let heard = pages.heard(id);
        if !heard.odd.contains(&text) {
            heard.odd.push(text);
        }
    }

    pub fn is_answered(&self, id: Id) -> bool {
        !self.pages().heard(id).answers.is_empty()
    }

    /// Waits until a wish is answered; whether it is.
    pub async fn answer_within(&self, id: Id, patience: Duration) -> bool {
        let news = Arc::clone(&self.pages().heard(id).news);
        // What is notified before anybody waits is kept.
        let told = async {
            while !self.is_answered(id) {
                news.notified().await
            }
        };
        tokio::time::timeout(patience, told).await.is_ok()
    }

    /// When wishes were answered, in milliseconds from the start.
    pub fn answered_at(&self) -> Vec<u32> {
        self.pages().answered_at.clone()
    }

    /// The last of these, back to a moment.
    pub fn answered_since(&self, from: Duration) -> Vec<u32> {
        let (from, pages) = (millis(from), self.pages());
        let first = pages.answered_at.partition_point(|at| *at < from);
        pages.answered_at[first..].to_vec()
    }

    /// How many payments are answered.
    pub fn payments(&self) -> usize {
        self.pages().payments
    }

    /// How many answers have not come to the receiver of callbacks.
    pub fn unposted(&self) -> usize {
        let pages = self.pages();
        let wishes = pages.tales.iter().flat_map(Tale::wishes);
        wishes
            .filter(|(wish, heard)| wish.way == Way::Callback && heard.asked && !heard.notification)
            .count()
    }

    /// An errand is over.
    pub fn ran(&self, run: Run) {
        self.pages().errands.push(run);
    }

    /// Closes the book.
    pub fn evidence(&self) -> Evidence {
        let mut pages = self.pages();
        let strays = pages.strays.keys().copied().collect();
        let errands = std::mem::take(&mut pages.errands);
        Evidence { tales: std::mem::take(&mut pages.tales), strays, errands }
    }
}

impl Pages {
    fn heard(&mut self, (tale, step, wish): Id) -> &mut Heard {
        &mut self.tales[tale].heard[step][wish]
    }

    fn answered(&mut self, id: Id, text: &str, now: Duration) {
        let heard = self.heard(id);
        heard.times += 1;
        let first = heard.answers.is_empty();
        if !heard.answers.iter().any(|answer| **answer == *text) {
            heard.answers.push(text.into());
        }
        heard.news.notify_one();
        if first {
            let (tale, step, wish) = id;
            let deed = &self.tales[tale].story.steps[step][wish].deed;
            self.payments += usize::from(deed.is_payment());
            self.answered_at.push(millis(now));
        }
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
