//! A client of White Server v1/v2, as `wsa` serves it: submits tasks, waits for their answers, and checks
//! the signatures of callbacks.
//!
//! It keeps three rules, so that its users need not:
//!
//! - **One payment.** Each submission carries an `Idempotency-Key`. After a lost connection the same bytes are sent again
//!   under the same key, which is the same task. Nothing that might have been accepted is sent again without a key.
//! - **A refusal is never a success.** [`Answered`] has a variant for each outcome, and only [`Answered::Done`] has a
//!   response. What cannot be read is an error.
//! - **No floats.** An [`Amount`] is a decimal, is sent as its digits and is read from its digits.
//!
//! # Paying an order
//!
//! ```no_run
//! use wsa_client::{Answered, Client, Key, Payment, SubmitError, Task};
//!
//! # async fn pay() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("http://127.0.0.1:8080", "demo")?;
//! let order = "019abc5c-0000-7000-8000-000000000001".parse()?;
//! let cash = "00000000-0000-4000-8000-00000000ca54".parse()?;
//! let task = Task::pay_order(199_990_246, order, [Payment::new("518.85".parse()?, cash)]);
//!
//! // Keep the key with the payment before you send it: after a crash, the same key is the same payment.
//! let key = Key::random();
//! match client.perform(&task, &key).await {
//!     Ok(Answered::Done(done)) => println!("paid: {:?}", done.price()),
//!     Ok(Answered::Refused(why)) => println!("not paid: {why}"),
//!     Ok(Answered::TimedOut(_) | Answered::Cancelled(_)) => println!("not paid, and never will be"),
//!     Err(SubmitError::Unknown { why, .. }) => println!("send it again with the same key: {why}"),
//!     Err(error) => println!("nothing was accepted: {error}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`Client::submit`] returns as soon as the task is accepted; [`Client::wait`] and [`Client::look_up`] ask for its answer.
//!
//! # Checking a callback
//!
//! ```
//! use std::time::SystemTime;
//! use wsa_client::callback::{Secret, Verifier};
//!
//! # fn handle(header: impl Fn(&str) -> Option<&'static str>, body: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = Verifier::new(Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?);
//! let verified = verifier.check(header, body, SystemTime::now())?;
//! // The same in each attempt to deliver it: answer 200 to an id that you have seen.
//! println!("{}", verified.id);
//! # Ok(())
//! # }
//! ```

#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod amount;
mod answer;
mod builder;
pub mod callback;
mod client;
mod error;
mod key;
mod notification;
mod send;
mod task;
mod wire;

pub use self::amount::{Amount, InvalidAmount, Price};
pub use self::answer::{Accepted, Answered, Done, Look, Refusal, Source};
pub use self::builder::{Builder, InvalidSetting};
pub use self::client::Client;
pub use self::error::{AskError, SubmitError};
pub use self::key::{InvalidKey, Key};
pub use self::notification::{Event, Notification, Queue};
pub use self::task::{Payment, Task};

pub use reqwest;
pub use rust_decimal::Decimal;
pub use uuid::Uuid;

#[cfg(test)]
mod testing;
