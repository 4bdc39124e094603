//! Passwords of people: hashed slowly, so verified sparingly.
//!
//! Verifying takes tens of milliseconds and megabytes on purpose. A caller that proves itself on each call
//! must not be able to spend this server's time: a few are verified at once, a login may be tried a few
//! times a minute, and what was verified is remembered for a minute. The memory is keyed by a random key of
//! this process and bound to the stored hash, which is read anew each time: a changed password holds at
//! once.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use governor::{DefaultKeyedRateLimiter, Quota};
use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::web::presence::caller_is_gone;

/// How long what was verified is remembered.
const REMEMBERED: Duration = Duration::from_secs(60);
/// How much is remembered at most.
const MOST_REMEMBERED: usize = 10_000;
/// How long a caller waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// When logins that nobody tries any more are forgotten.
const MANY_LOGINS: usize = 10_000;
/// What a verification takes before one was measured.
const FIRST_GUESS: Duration = Duration::from_millis(30);

/// Why a password was not verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The login was tried too often.
    #[error("the login was tried too often")]
    TooOften,
    /// Too many others wait to be verified.
    #[error("too many passwords wait to be verified")]
    Busy,
    /// The stored hash cannot be read, or this process is ending.
    #[error("the password cannot be verified")]
    Broken,
}

/// Verifies passwords, for one process.
pub struct Passwords {
    key: [u8; 32],
    remembered: Mutex<HashMap<[u8; 32], Instant>>,
    turns: Semaphore,
    attempts: DefaultKeyedRateLimiter<[u8; 32]>,
    /// What the last verification took, in microseconds.
    took_us: AtomicU64,
}

impl Passwords {
    /// Nothing is remembered yet. `at_once` are verified at the same time; a login may be tried
    /// `attempts_per_min` times.
    pub fn new(at_once: usize, attempts_per_min: u32) -> Passwords {
        let attempts = NonZeroU32::new(attempts_per_min).unwrap_or(NonZeroU32::MIN);
        Passwords {
            key: rand::rng().random(),
            remembered: Mutex::default(),
            turns: Semaphore::new(at_once),
            attempts: DefaultKeyedRateLimiter::keyed(Quota::per_minute(attempts)),
            took_us: AtomicU64::new(FIRST_GUESS.as_micros() as u64),
        }
    }

    /// Whether it is the password of a login whose stored hash this is; `None` for a login that nobody has.
    pub async fn is_right(
        &self,
        login: &str,
        password: &str,
        hash: Option<&str>,
    ) -> Result<bool, PasswordError> {
        let Some(hash) = hash else {
            self.count_attempt(login)?;
            // As long as if there was something to verify, without spending as much.
            sleep(Duration::from_micros(self.took_us.load(Ordering::Relaxed))).await;
            return Ok(false);
        };
        let proof = self.proof(login, password, hash);
        if self.is_remembered(&proof) {
            return Ok(true);
        }
        let turn = tokio::select! {
            biased;
            turn = timeout(PATIENCE, self.turns.acquire()) => turn,
            // Who has left keeps nobody else waiting.
            () = caller_is_gone() => return Err(PasswordError::Busy),
        };
        let _turn = turn.map_err(|_| PasswordError::Busy)?.map_err(|_| PasswordError::Broken)?;
        // Somebody with the same password was before.
        if self.is_remembered(&proof) {
            return Ok(true);
        }
        self.count_attempt(login)?;
        let (password, hash) = (password.to_owned(), hash.to_owned());
        let started = Instant::now();
        let right = crate::runtime::environment::blocking(move || verify(&password, &hash)).await;
        let right = right.map_err(|_| PasswordError::Broken)??;
        let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.took_us.store(took, Ordering::Relaxed);
        if right {
            self.remember(proof);
        }
        Ok(right)
    }

    fn count_attempt(&self, login: &str) -> Result<(), PasswordError> {
        if self.attempts.len() > MANY_LOGINS {
            self.attempts.retain_recent();
        }
        let login: [u8; 32] = Sha256::digest(login.as_bytes()).into();
        self.attempts.check_key(&login).map_err(|_| PasswordError::TooOften)
    }

    /// What is remembered: nothing that a password could be found by without the key.
    fn proof(&self, login: &str, password: &str, hash: &str) -> [u8; 32] {
        // A key of 32 bytes is never too long or too short.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return [0; 32] };
        for part in [login, password, hash] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }

    fn is_remembered(&self, proof: &[u8; 32]) -> bool {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.get(proof).is_some_and(|at| at.elapsed() < REMEMBERED)
    }

    fn remember(&self, proof: [u8; 32]) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MOST_REMEMBERED {
            remembered.retain(|_, at| at.elapsed() < REMEMBERED);
        }
        if remembered.len() < MOST_REMEMBERED {
            remembered.insert(proof, Instant::now());
        }
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

fn verify(password: &str, hash: &str) -> Result<bool, PasswordError> {
    use argon2::password_hash::Error;
    match Argon2::default().verify_password(password.as_bytes(), hash) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(PasswordError::Broken),
    }
}

/// Argon2id of a password with a random salt, as a PHC string. Takes its time: where it may block.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_is_right_until_another_is_stored() {
        let passwords = Passwords::new(1, 10);
        let (first, second) = (hash("one").unwrap(), hash("two").unwrap());
        assert!(first.starts_with("$argon2id$") && first != hash("one").unwrap());
        assert_eq!(passwords.is_right("a", "one", Some(&first)).await, Ok(true));
        assert_eq!(passwords.is_right("a", "two", Some(&first)).await, Ok(false));
        assert_eq!(passwords.is_right("a", "one", Some(&second)).await, Ok(false));
        assert_eq!(passwords.is_right("a", "one", None).await, Ok(false));
        let broken = passwords.is_right("a", "one", Some("plain")).await;
        assert_eq!(broken, Err(PasswordError::Broken));
    }

    #[tokio::test]
    async fn a_login_is_tried_a_few_times_and_one_that_is_known_not_at_all() {
        let passwords = Passwords::new(2, 3);
        let stored = hash("right").unwrap();
        assert_eq!(passwords.is_right("a", "right", Some(&stored)).await, Ok(true));
        for _ in 0..2 {
            assert_eq!(passwords.is_right("a", "wrong", Some(&stored)).await, Ok(false));
        }
        let too_often = Err(PasswordError::TooOften);
        assert_eq!(passwords.is_right("a", "wrong", Some(&stored)).await, too_often);
        assert_eq!(passwords.is_right("a", "right", Some(&stored)).await, Ok(true));
        // Nobody's login is treated the same, and apart.
        for _ in 0..3 {
            assert_eq!(passwords.is_right("b", "x", None).await, Ok(false));
        }
        assert_eq!(passwords.is_right("b", "x", None).await, too_often);
    }

    #[tokio::test]
    async fn many_at_once_with_one_password_are_verified_once() {
        let passwords = Passwords::new(1, 1);
        let stored = hash("right").unwrap();
        let calls = (0..50).map(|_| passwords.is_right("a", "right", Some(&stored)));
        for right in futures_util::future::join_all(calls).await {
            assert_eq!(right, Ok(true));
        }
    }
}
