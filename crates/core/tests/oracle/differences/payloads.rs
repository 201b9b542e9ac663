//! Where ours and aws-sigv4 differ on the hash of the body, and on how it travels.

use super::{agreed, class, is_header, is_query, pairs, put, with_query, without};
use crate::random::{header_value, one_of};
use crate::requests::{Body, Case};

/// Servers write the hash of a body in lower case. The crate signs it as given.
#[test]
fn digests_are_signed_in_lower_case() {
    class(
        |rng| {
            let mut case = agreed(rng, |case| matches!(case.payload, Body::Digest(_)));
            case.payload = Body::Digest("ABCDEF0123456789".repeat(4));
            case
        },
        |case| Case { payload: Body::Digest("abcdef0123456789".repeat(4)), ..case.clone() },
    );
}

/// A server takes the body for signed unless a header tells otherwise. The crate sends that header only when told to
/// send a hash always.
#[test]
fn an_unsigned_body_is_declared_in_a_header() {
    class(
        |rng| {
            let mut case = agreed(rng, |case| is_header(case) && !case.content_sha256_header);
            if rng.bool() {
                case.payload = Body::Unsigned;
            } else {
                case.unsigned_payload = true;
                case.payload = Body::Content(b"content".to_vec());
            }
            case
        },
        |case| Case { content_sha256_header: true, ..case.clone() },
    );
}

/// Of a presigned URL S3 takes the body for unsigned and other services take it for signed, unless a parameter tells
/// otherwise. The crate leaves that parameter to its callers; in the URL it is signed like any other.
#[test]
fn a_body_that_a_presigned_url_cannot_imply_is_declared_in_a_parameter() {
    const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    class(
        |rng| {
            let mut case = agreed(rng, is_query);
            case.payload = if case.content_sha256_header { Body::Digest(DIGEST.to_owned()) } else { Body::Unsigned };
            case
        },
        |case| {
            let value = if case.content_sha256_header { DIGEST } else { "UNSIGNED-PAYLOAD" };
            with_query(case, &format!("{}&X-Amz-Content-Sha256={value}", pairs(case)))
        },
    );
}

/// A payload hash that the caller put on the request is what will be sent, so it is what is signed: always without a
/// body, and with a body when it is a name such as UNSIGNED-PAYLOAD. The crate hashes the body whatever the header says.
#[test]
fn a_payload_hash_declared_by_the_caller_is_signed() {
    const NAMES: [&str; 3] =
        ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"];
    class(
        |rng| {
            let mut case = agreed(rng, is_header);
            case.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("x-amz-content-sha256"));
            (case.payload, case.unsigned_payload) = (Body::Absent, false);
            let digest = "9".repeat(64);
            let mut declared = one_of(rng, &[&digest, NAMES[0], NAMES[1], NAMES[2]]);
            if rng.bool() {
                case.payload = Body::Content(header_value(rng).into_bytes());
                declared = one_of(rng, &NAMES);
            }
            put(&mut case, "X-Amz-Content-Sha256", declared);
            case
        },
        |case| {
            let declared = case.headers.last().expect("the case has the header").1.clone();
            let seen = without(case, "x-amz-content-sha256");
            Case { payload: Body::Digest(declared), content_sha256_header: true, ..seen }
        },
    );
}

/// A stale hash beside a body is replaced, and signed like any header that is sent. The crate signs the stale one.
#[test]
fn a_stale_payload_hash_is_replaced() {
    class(
        |rng| {
            let mut case = agreed(rng, |case| is_header(case) && !case.content_sha256_header);
            case.payload = Body::Content(header_value(rng).into_bytes());
            put(&mut case, "x-amz-content-sha256", &"9".repeat(64));
            case
        },
        |case| Case { content_sha256_header: true, ..without(case, "x-amz-content-sha256") },
    );
}
