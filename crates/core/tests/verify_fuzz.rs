//! The short run of the fuzz: a million inputs less than `npm run fuzz` has, in every run of the tests.

#[path = "../examples/fuzz/main.rs"]
#[allow(dead_code, clippy::duplicate_mod, reason = "the program's own main is not run here")]
mod fuzz;

use std::sync::atomic::Ordering;

#[test]
fn no_input_panics_and_no_change_of_what_was_signed_is_accepted() {
    let seed = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    let plan = fuzz::Plan { canonical: 200_000, verify: 20_000, seed, from: 0, threads: 2, progress: false };
    match fuzz::run(plan) {
        Ok(result) => {
            // A run that signs nothing would prove nothing.
            assert!(result.signed.load(Ordering::Relaxed) > 50_000, "{result:?}");
            assert!(result.accepted.load(Ordering::Relaxed) > 5_000, "{result:?}");
            assert!(result.refused.load(Ordering::Relaxed) > 10_000, "{result:?}");
            assert!(result.equal.load(Ordering::Relaxed) > 50, "{result:?}");
        }
        Err(why) => panic!("{why}"),
    }
}
