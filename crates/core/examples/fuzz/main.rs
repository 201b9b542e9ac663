//! Random requests against the canonicaliser and the verifier: no input makes them panic, what was signed is accepted, and
//! every change of what was signed is refused.
//!
//! `cargo run --release -p aws-refresh-session-core --example fuzz -- --canonical 10000000 --verify 1000000 --seed 1`.
//! A failure prints the seed and the number of its input, which `--seed` and `--from` repeat.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for developers")]

mod canonical;
mod chunks;
mod meaning;
mod texts;
mod verify;
mod wire;

use aws_refresh_session_core::credentials::Published;
use canonical::canonical_input;
use fastrand::Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use verify::verify_input;

const KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "AQoDYXdzEPT//wEXAMPLEtc764bNrC9SAPBSM22+";
const NOW: i64 = 1_440_938_160_000;

type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// What one run does, and how much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) canonical: u64,
    pub(crate) verify: u64,
    pub(crate) seed: u64,
    pub(crate) from: u64,
    pub(crate) threads: usize,
    pub(crate) progress: bool,
}

/// What a run saw, so that a run that tested nothing can be told.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Inputs that were signed.
    pub(crate) signed: AtomicU64,
    /// Signatures that were accepted as they were.
    pub(crate) accepted: AtomicU64,
    /// Changed requests that were refused.
    pub(crate) refused: AtomicU64,
    /// Changed requests that mean the same, and were accepted.
    pub(crate) equal: AtomicU64,
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [signed, accepted, refused, equal] =
            [&self.signed, &self.accepted, &self.refused, &self.equal].map(|counter| counter.load(Ordering::Relaxed));
        write!(
            f,
            "{signed} requests signed, {accepted} signatures accepted, {refused} changes refused, {equal} changes that mean the \
             same accepted"
        )
    }
}

impl Seen {
    fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Runs the plan; the first failure is told by its seed and number.
pub(crate) fn run(plan: Plan) -> Result<Seen, String> {
    let seen = Seen::default();
    phase("canonical", plan, plan.canonical, &seen, canonical_input)?;
    phase("verify", plan, plan.verify, &seen, verify_input)?;
    Ok(seen)
}

type Input = fn(&mut Rng, &Keys, &Seen) -> Result<(), String>;

fn phase(name: &str, plan: Plan, total: u64, seen: &Seen, input: Input) -> Result<(), String> {
    let done = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.threads as u64)
            .map(|thread| {
                let done = &done;
                scope.spawn(move || {
                    let keys = Keys::new();
                    for index in (plan.from + thread..plan.from + total).step_by(plan.threads) {
                        // Each input has a generator of its own, so that it can be repeated alone.
                        let mut rng = Rng::with_seed(plan.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ index);
                        let result = catch_unwind(AssertUnwindSafe(|| input(&mut rng, &keys, seen)))
                            .unwrap_or_else(|_| Err("it panicked".to_owned()));
                        result.map_err(|why| format!("{name}, --seed {} --from {index}: {why}", plan.seed))?;
                        let count = done.fetch_add(1, Ordering::Relaxed) + 1;
                        if plan.progress && count.is_multiple_of((total / 20).max(1)) {
                            println!("{name}: {count} of {total}");
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread ended".to_owned())?)
    })
}

struct Keys {
    plain: Published,
    temporary: Published,
}

impl Keys {
    fn new() -> Self {
        let published = |token| Published::new(KEY_ID, SECRET, token, None, NOW).unwrap();
        Self { plain: published(None), temporary: published(Some(TOKEN)) }
    }

    fn of(&self, rng: &mut Rng) -> &Published {
        if rng.bool() { &self.plain } else { &self.temporary }
    }
}

#[allow(dead_code, reason = "a test includes this file for the functions above")]
fn main() {
    let mut plan =
        Plan { canonical: 10_000_000, verify: 1_000_000, seed: fastrand::u64(..), from: 0, threads: 0, progress: true };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let Some(number) = arguments.next().and_then(|text| text.parse::<u64>().ok()) else {
            println!("{name} needs a number");
            std::process::exit(2);
        };
        match &name[..] {
            "--canonical" => plan.canonical = number,
            "--verify" => plan.verify = number,
            "--seed" => plan.seed = number,
            "--from" => plan.from = number,
            "--threads" => plan.threads = usize::try_from(number).unwrap(),
            _ => {
                println!("{name} is none of --canonical, --verify, --seed, --from, --threads");
                std::process::exit(2);
            }
        }
    }
    if plan.threads == 0 {
        plan.threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    }
    println!("{} canonical, {} verify, --seed {}", plan.canonical, plan.verify, plan.seed);
    let started = std::time::Instant::now();
    match run(plan) {
        Ok(seen) => println!("no failure in {:.1} s: {seen}", started.elapsed().as_secs_f64()),
        Err(why) => {
            println!("FAILED {why}");
            std::process::exit(1);
        }
    }
}
