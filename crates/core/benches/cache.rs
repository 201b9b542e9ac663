//! What a hit and a miss cost in the index of a cache, for one thread and for four behind a lock, and how much memory an entry
//! takes there.
//!
//! `cargo bench -p aws-refresh-session-core --bench cache` takes about twenty seconds.
#![allow(missing_docs, reason = "criterion's macros make public items without them")]

use aws_refresh_session_core::cache::{EvictionPolicy, Index};
use aws_refresh_session_core::digest::{Digest, KeyedHash};
use criterion::{Criterion, criterion_group, criterion_main};
use parking_lot::Mutex;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

const POLICIES: [(&str, EvictionPolicy); 2] = [("LRU", EvictionPolicy::Lru), ("LFU", EvictionPolicy::Lfu)];
/// As long as the key of a client with two options.
const KEY: &[u8] = b"c12:S3Client#1{6:regions9:eu-west-111:maxAttemptsn1:4}";

fn digests(count: u64) -> Vec<Digest> {
    let hash = KeyedHash::new(&[7; 32]);
    (0..count).map(|number| hash.digest(&number.to_le_bytes())).collect()
}

fn filled(policy: EvictionPolicy, digests: &[Digest]) -> Index {
    let mut index = Index::new(policy, digests.len());
    for digest in digests {
        index.add(*digest).expect("all differ");
    }
    index
}

fn one_thread(criterion: &mut Criterion) {
    let hash = KeyedHash::new(&[7; 32]);
    let mut group = criterion.benchmark_group("cache");
    group.bench_function("digest", |bencher| bencher.iter(|| hash.digest(black_box(KEY))));
    for (name, policy) in POLICIES {
        for size in [10, 100_000] {
            let digests = digests(size + 1);
            let (last, held) = digests.split_last().expect("there is one");
            let mut index = filled(policy, held);
            let mut turns = held.iter().cycle();
            group.bench_function(format!("{name} hit of {size}"), |bencher| {
                bencher.iter(|| index.touch(black_box(turns.next().expect("it has no end"))));
            });
            assert_eq!(index.peek(last), None);
            group.bench_function(format!("{name} newcomer to {size}"), |bencher| {
                let mut number = 0_u64;
                let mut newcomer = *last;
                bencher.iter(|| {
                    number += 1;
                    newcomer[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
                    index.add(black_box(newcomer))
                });
            });
        }
    }
    group.finish();
}

/// Hits of four threads in one index behind a lock; the time is that of one hit of each of them.
fn four_threads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cache, four threads");
    for (name, policy) in POLICIES {
        let held = digests(10);
        let index = Mutex::new(filled(policy, &held));
        group.bench_function(format!("{name} hit of 10"), |bencher| {
            bencher.iter_custom(|hits| hits_of_threads(&index, &held, hits));
        });
    }
    group.finish();
}

fn hits_of_threads(index: &Mutex<Index>, held: &[Digest], hits: u64) -> Duration {
    let start = Barrier::new(4);
    thread::scope(|scope| {
        let threads = [0; 4].map(|_| {
            scope.spawn(|| {
                start.wait();
                let began = Instant::now();
                let mut turns = held.iter().cycle();
                for _ in 0..hits {
                    black_box(index.lock().touch(turns.next().expect("it has no end")));
                }
                began.elapsed()
            })
        });
        threads.into_iter().filter_map(|thread| thread.join().ok()).max().unwrap_or_default()
    })
}

/// Printed, since criterion measures time alone.
fn memory(_: &mut Criterion) {
    const COUNT: u64 = 1_000_000;
    let digests = digests(COUNT);
    for (name, policy) in POLICIES {
        let before = resident();
        let index = filled(policy, &digests);
        if let (Some(before), Some(after)) = (before, resident()) {
            println!("cache, {name}: {} bytes for each of {} entries", (after - before) / COUNT, index.len());
        }
    }
}

/// The memory that this process has, in bytes, where the system tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

fn short() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30)
        .without_plots()
}

criterion_group! {
    name = benches;
    config = short();
    targets = memory, one_thread, four_threads
}
criterion_main!(benches);
