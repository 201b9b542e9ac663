//! What one signature costs, beside the hashing that no implementation can leave out.
//!
//! `cargo bench -p aws-refresh-session-core` takes about half a minute. The request is a small `DynamoDB` call: five
//! headers, a JSON body, a session token of 510 bytes. Divide `sign/headers` by `bare/hashing` to see what
//! canonicalisation adds.
#![allow(missing_docs, reason = "criterion's macros make public items without them")]

use aws_refresh_session_core::cell;
use aws_refresh_session_core::clock::{AmzDate, Millis};
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::refresh::{Policy, PolicyKind, State};
use aws_refresh_session_core::sign::key::SigningKey;
use aws_refresh_session_core::sign::{self, Algorithm, Payload, Request, Settings, dialect, engine};
use aws_refresh_session_core::wire::{self, Batch, HEADER, flag};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::hint::black_box;
use std::iter;
use std::time::Duration;

const NOW: Millis = 1_440_938_160_000;
const HOUR: Millis = 3_600_000;
const REGION: &str = "us-east-1";
const SERVICE: &str = "dynamodb";
const URL: &str = "https://dynamodb.us-east-1.amazonaws.com/";
const BODY: &[u8] = br#"{"TableName":"orders","Key":{"id":{"S":"8f14e45f-ceea-467f"}},"ConsistentRead":true}"#;
const HEADERS: [(&[u8], &[u8]); 5] = [
    (b"host", b"dynamodb.us-east-1.amazonaws.com"),
    (b"content-type", b"application/x-amz-json-1.0"),
    (b"content-length", b"85"),
    (b"x-amz-target", b"DynamoDB_20120810.GetItem"),
    (b"accept", b"application/json"),
];
const POLICY: Policy = Policy { kind: PolicyKind::Windows, advisory: 900_000, mandatory: 600_000 };

const SETTINGS: Settings<'static> = Settings {
    dialect: &dialect::AWS,
    algorithm: Algorithm::Sigv4,
    region: REGION.as_bytes(),
    service: SERVICE.as_bytes(),
    unsigned_headers: b"",
    double_encode_path: true,
    normalize_path: true,
    content_sha256_header: false,
    unsigned_payload: false,
    omit_session_token: false,
};

/// As an object of S3 is presigned.
const S3: Settings<'static> = Settings {
    service: b"s3",
    double_encode_path: false,
    normalize_path: false,
    content_sha256_header: true,
    ..SETTINGS
};

fn published() -> Published {
    let token = "IQoJb3JpZ2luX2Vj/+".repeat(29)[..510].to_owned();
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    Published::new("ASIAIOSFODNN7EXAMPLE", secret, Some(&token), Some(NOW + HOUR), NOW).expect("a whole triple")
}

fn request() -> Request<'static, impl Iterator<Item = (&'static [u8], &'static [u8])>> {
    Request { method: b"POST", url: URL.as_bytes(), headers: HEADERS.into_iter(), payload: Payload::Content(BODY) }
}

fn object(url: &[u8]) -> Request<'_, iter::Empty<(&[u8], &[u8])>> {
    Request { method: b"GET", url, headers: iter::empty(), payload: Payload::Absent }
}

/// The same request as the addon writes it.
#[allow(clippy::cast_precision_loss, reason = "a handle has at most 53 bits; the rest is small")]
fn frame(handle: cell::Handle, version: u64, expires_in: f64) -> Vec<u8> {
    let mut head = format!("{REGION}\n{SERVICE}\n\nPOST\n{URL}\n").into_bytes();
    for (name, value) in HEADERS {
        head.extend_from_slice(name);
        head.push(b'\n');
        head.extend_from_slice(value);
        head.push(b'\n');
    }
    let flags = flag::DOUBLE_ENCODE_PATH | flag::NORMALIZE_PATH | flag::BODY_TEXT;
    let numbers = [
        handle.to_bits() as f64,
        version as f64,
        NOW as f64,
        NOW as f64,
        f64::from(flags),
        HEADERS.len() as f64,
        head.len() as f64,
        BODY.len() as f64,
        expires_in,
    ];
    let mut frame: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    frame.extend_from_slice(&head);
    frame.extend_from_slice(BODY);
    frame.resize(HEADER + 4096, 0);
    frame
}

fn signing(criterion: &mut Criterion) {
    let (published, date) = (published(), AmzDate::at(NOW));
    let mut group = criterion.benchmark_group("sign");
    let mut answer = Vec::with_capacity(512);
    group.bench_function("headers", |bencher| {
        bencher.iter(|| {
            sign::sign_headers(black_box(&published), &SETTINGS, date, request(), |signed| {
                answer.clear();
                answer.extend_from_slice(signed.credential);
                answer.extend_from_slice(signed.signed_headers);
                answer.extend_from_slice(&signed.signature);
            })
        });
    });
    let handle = cell::open(POLICY).expect("opens");
    let version = cell::get(handle).expect("is open").publish(self::published(), NOW);
    let template = frame(handle, version, 0.0);
    let mut bytes = template.clone();
    let used = HEADER + 512 + BODY.len();
    group.bench_function("frame", |bencher| {
        bencher.iter(|| {
            // The answer overwrites the request, which the addon writes anew each time.
            bytes[..used].copy_from_slice(&template[..used]);
            wire::sign(black_box(&mut bytes), None)
        });
    });
    group.bench_function("aws-sigv4", |bencher| {
        bencher.iter(|| engine::sign_headers(black_box(&published), &SETTINGS, NOW, request()));
    });
    group.finish();
    cell::close(handle);
}

fn presigning(criterion: &mut Criterion) {
    let (published, date) = (published(), AmzDate::at(NOW));
    let url = |index: usize| format!("https://bucket.s3.us-east-1.amazonaws.com/photos/2015/08/{index:06}.jpg");
    let mut group = criterion.benchmark_group("presign");
    let one = url(1);
    group.bench_function("url", |bencher| {
        bencher.iter(|| {
            sign::presign(black_box(&published), &S3, date, 3600, object(one.as_bytes()), |signed| {
                signed.signature.clone()
            })
        });
    });
    group.bench_function("aws-sigv4", |bencher| {
        bencher.iter(|| engine::presign(black_box(&published), &S3, NOW, 3600, object(one.as_bytes())));
    });
    let handle = cell::open(POLICY).expect("opens");
    let version = cell::get(handle).expect("is open").publish(self::published(), NOW);
    let urls: Vec<String> = (0..1_000).map(url).collect();
    let batch = Batch::new(&frame(handle, version, 3600.0), urls.join("\n").as_bytes(), 0).expect("is open");
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("batch of 1000", |bencher| bencher.iter(|| black_box(&batch).presign()));
    group.finish();
    cell::close(handle);
}

fn keys(criterion: &mut Criterion) {
    let (published, date) = (published(), AmzDate::at(NOW));
    let mut group = criterion.benchmark_group("key");
    group.bench_function("derive", |bencher| {
        bencher.iter(|| SigningKey::derive(black_box(&published), date, REGION.as_bytes(), SERVICE.as_bytes()));
    });
    group.bench_function("used last", |bencher| {
        bencher.iter(|| SigningKey::of(black_box(&published), date, REGION.as_bytes(), SERVICE.as_bytes()));
    });
    let mut turn = false;
    group.bench_function("cached", |bencher| {
        bencher.iter(|| {
            // Two services in turn, so that neither key is the one used last.
            turn = !turn;
            let service: &[u8] = if turn { b"s3" } else { b"sts" };
            SigningKey::of(black_box(&published), date, REGION.as_bytes(), service)
        });
    });
    group.finish();
}

fn refresh(criterion: &mut Criterion) {
    let handle = cell::open(POLICY).expect("opens");
    let cell = cell::get(handle).expect("is open");
    cell.publish(published(), NOW);
    let mut state = State::new(POLICY);
    state.obtained(Some(NOW + HOUR), NOW);
    state.failed(NOW + HOUR - 300_000, true, 0.5);
    let mut group = criterion.benchmark_group("refresh");
    group.bench_function("fresh cell", |bencher| bencher.iter(|| cell.decide(black_box(NOW))));
    group.bench_function("advised cell", |bencher| bencher.iter(|| cell.decide(black_box(NOW + HOUR - 700_000))));
    group.bench_function("state backing off", |bencher| {
        bencher.iter(|| black_box(&state).decide(black_box(NOW + HOUR - 299_500)));
    });
    group.finish();
    cell::close(handle);
}

/// The hashes of the request above and nothing else: its body, its canonical request, and one HMAC from a keyed state.
fn bare(criterion: &mut Criterion) {
    let mut texts = (Vec::new(), Vec::new());
    sign::sign_headers(&published(), &SETTINGS, AmzDate::at(NOW), request(), |signed| {
        texts = (signed.canonical_request.to_vec(), signed.string_to_sign.to_vec());
    })
    .expect("signs");
    let (canonical_request, string_to_sign) = texts;
    let key = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("HMAC takes keys of any length");
    let mut group = criterion.benchmark_group("bare");
    group.bench_function("hashing", |bencher| {
        bencher.iter(|| {
            let body = Sha256::digest(black_box(BODY));
            let request = Sha256::digest(black_box(&canonical_request));
            let mut mac = key.clone();
            mac.update(black_box(&string_to_sign));
            (body, request, mac.finalize().into_bytes())
        });
    });
    group.finish();
}

fn short() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_200))
        .sample_size(50)
        .without_plots()
}

criterion_group! {
    name = benches;
    config = short();
    targets = bare, signing, presigning, keys, refresh
}
criterion_main!(benches);
