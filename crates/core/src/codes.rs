//! Codes of MFA devices that were sent of late, over all threads: AWS takes each code once, whoever sends it.

use crate::clock::Millis;
use parking_lot::Mutex;
use std::collections::VecDeque;

/// AWS takes the code of the present step, and of the ones before and behind it.
const REMEMBERED: Millis = 90_000;
/// More than are used in that time; the oldest are forgotten first.
const CAPACITY: usize = 1_000;

/// A digest that tells a code and its device apart from others, and when it was sent.
struct Sent {
    digest: String,
    at: Millis,
}

/// In the order in which they were sent. Clocks of sessions may differ, so time alone makes nothing be forgotten.
static SENT: Mutex<VecDeque<Sent>> = Mutex::new(VecDeque::new());

/// Notes that a code is about to be sent at `now`. False when that was done within 90 seconds: then it must not be sent.
#[must_use]
pub fn take(digest: String, now: Millis) -> bool {
    let mut sent = SENT.lock();
    if let Some(index) = sent.iter().position(|known| known.digest == digest) {
        if now.abs_diff(sent[index].at) < REMEMBERED.unsigned_abs() {
            return false;
        }
        sent.remove(index);
    }
    if sent.len() == CAPACITY {
        sent.pop_front();
    }
    sent.push_back(Sent { digest, at: now });
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_once_in_ninety_seconds_by_either_clock() {
        let code = || "once".to_owned();
        assert!(take(code(), 1_000_000));
        assert!(!take(code(), 1_000_000));
        assert!(!take(code(), 1_089_999));
        assert!(!take(code(), 910_001));
        assert!(take(code(), 1_090_000));
        assert!(!take(code(), 1_090_001));
    }

    #[test]
    fn threads_that_bring_the_same_code_send_it_once() {
        let taken = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| take("raced".to_owned(), 0))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).filter(|won| *won).count()
        });
        assert_eq!(taken, 1);
    }
}
