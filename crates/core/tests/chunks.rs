//! Chunk and trailer signatures against the S3 guide's published values and against the aws-sigv4 crate; checksums against
//! the check values of their catalogue.
#![allow(missing_docs, reason = "tests")]

mod support;

use aws_credential_types::Credentials;
use aws_refresh_session_core::ErrorKind;
use aws_refresh_session_core::cell;
use aws_refresh_session_core::clock::AmzDate;
use aws_refresh_session_core::sign::checksum::{Checksum, ChecksumAlgorithm};
use aws_refresh_session_core::sign::chunk::{ChunkChain, sign_chunk, sign_trailer};
use aws_refresh_session_core::sign::key::SigningKey;
use aws_refresh_session_core::wire::Frozen;
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::http::Headers;
use bytes::Bytes;
use fastrand::Rng;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use support::{Frame, KEY_ID, NOW, SECRET, WINDOWS, setting, triple};

/// The credentials and the date of the examples of the S3 guide.
const GUIDE_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const GUIDE_DATE: i64 = 1_369_353_600_000;

fn guide_key() -> Arc<SigningKey> {
    let date = AmzDate::at(GUIDE_DATE);
    Arc::new(SigningKey::from_secret("AKIAIOSFODNN7EXAMPLE", GUIDE_SECRET, date, b"us-east-1", b"s3"))
}

fn text(signature: [u8; 64]) -> String {
    String::from_utf8(signature.to_vec()).expect("hex")
}

/// "Transferring payload in multiple chunks": 65 KiB of "a".
#[test]
fn the_chunks_of_the_guide_have_the_published_signatures() {
    let seed = b"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    let mut chain = ChunkChain::new(guide_key(), AmzDate::at(GUIDE_DATE), seed).expect("a seed");
    // In pieces, as they come.
    let chunk = vec![b'a'; 65_536];
    for piece in [&chunk[..65_000], &[], &chunk[65_000..]] {
        chain.update(piece);
    }
    assert_eq!(text(chain.sign_chunk()), "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
    chain.update(&[b'a'; 1024]);
    assert_eq!(text(chain.sign_chunk()), "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
    assert_eq!(text(chain.sign_chunk()), "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}

/// "... Including trailing headers": the same, with a CRC-32C.
#[test]
fn the_trailer_of_the_guide_has_the_published_signature() {
    let seed = b"106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    let mut chain = ChunkChain::new(guide_key(), AmzDate::at(GUIDE_DATE), seed).expect("a seed");
    let mut checksum = Checksum::new(ChecksumAlgorithm::Crc32c);
    let chunk = vec![b'a'; 65_536];
    chain.update(&chunk);
    checksum.update(&chunk);
    assert_eq!(text(chain.sign_chunk()), "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2");
    chain.update(&[b'a'; 1024]);
    checksum.update(&[b'a'; 1024]);
    assert_eq!(text(chain.sign_chunk()), "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7");
    assert_eq!(text(chain.sign_chunk()), "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
    // sOO8/Q== in base64.
    assert_eq!(checksum.digest()[..], [0xb0, 0xe3, 0xbc, 0xfd]);
    let trailer = chain.sign_trailer(b"x-amz-checksum-crc32c:sOO8/Q==\n");
    assert_eq!(text(trailer), "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
}

#[test]
fn random_chunks_and_trailers_are_signed_as_the_crate_signs_them() {
    let seed = setting("SEED", || fastrand::u64(..));
    println!("SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    for _ in 0..500 {
        let at = rng.i64(0..4_102_444_800_000);
        let date = AmzDate::at(at);
        let secret: String = (0..40).map(|_| rng.alphanumeric()).collect();
        let key = Arc::new(SigningKey::from_secret(KEY_ID, &secret, date, b"eu-west-3", b"s3"));
        let identity = Credentials::from_keys(KEY_ID, &*secret, None).into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-3")
            .name("s3")
            .time(SystemTime::UNIX_EPOCH + Duration::from_millis(at.unsigned_abs()))
            .settings(())
            .build()
            .expect("whole parameters");
        let mut previous: [u8; 64] = std::array::from_fn(|_| b"0123456789abcdef"[rng.usize(..16)]);
        let mut chain = ChunkChain::new(Arc::clone(&key), date, &previous).expect("a seed");
        for _ in 0..rng.usize(1..5) {
            let chunk: Vec<u8> = (0..rng.usize(..600)).map(|_| rng.u8(..)).collect();
            let theirs = v4::sign_chunk(&Bytes::from(chunk.clone()), &text(previous), &parameters).expect("signs");
            let ours = sign_chunk(&key, date, &previous, &chunk);
            assert_eq!(text(ours), theirs.signature());
            for piece in chunk.chunks(rng.usize(1..700)) {
                chain.update(piece);
            }
            assert_eq!(chain.sign_chunk(), ours);
            previous = ours;
        }
        let mut headers = Headers::new();
        let mut trailer = Vec::new();
        for name in ["x-amz-checksum-crc32", "x-amz-checksum-sha256", "x-amz-meta-z"] {
            let value: String = (0..rng.usize(1..30)).map(|_| rng.alphanumeric()).collect();
            trailer.extend_from_slice(format!("{name}:{value}\n").as_bytes());
            headers.insert(name, value);
        }
        let theirs = v4::sign_trailer(&headers, &text(previous), &parameters).expect("signs");
        assert_eq!(text(sign_trailer(&key, date, &previous, &trailer)), theirs.signature());
        assert_eq!(text(chain.sign_trailer(&trailer)), theirs.signature());
    }
}

#[test]
fn a_chain_begins_with_a_signature_and_with_nothing_else() {
    let date = AmzDate::at(GUIDE_DATE);
    for seed in [&b""[..], &[b'a'; 63], &[b'a'; 65], &[b'A'; 64], &[b'g'; 64], &[0; 64]] {
        let error = ChunkChain::new(guide_key(), date, seed).expect_err("must be refused");
        assert_eq!(error.kind(), ErrorKind::SignPayload);
    }
}

#[test]
fn a_refresh_does_not_change_who_signs_the_rest_of_a_body() {
    let handle = cell::open(WINDOWS).expect("opens");
    let cell = cell::get(handle).expect("is open");
    let version = cell.publish(triple(KEY_ID, SECRET, None), NOW);
    let frozen = Frozen::of(&Frame::new(handle, version, "").bytes()).expect("the current triple");
    let date = frozen.date();
    let seed = [b'0'; 64];
    let mut chain = ChunkChain::new(frozen.key(date), date, &seed).expect("a seed");
    let key = SigningKey::from_secret(KEY_ID, SECRET, date, b"us-east-1", b"service");
    chain.update(b"before");
    let first = chain.sign_chunk();
    assert_eq!(first, sign_chunk(&key, date, &seed, b"before"));
    cell.publish(triple("AKIDOTHER", "another secret", None), NOW);
    cell::close(handle);
    chain.update(b"after");
    assert_eq!(chain.sign_chunk(), sign_chunk(&key, date, &first, b"after"));
}

#[test]
fn a_chain_shows_neither_key_nor_signature() {
    let chain = ChunkChain::new(guide_key(), AmzDate::at(GUIDE_DATE), &[b'a'; 64]).expect("a seed");
    let shown = format!("{chain:?} {:?}", Checksum::new(ChecksumAlgorithm::Sha256));
    assert!(!shown.contains("97, 97, 97") && !shown.contains("aaaa"), "{shown}");
}

/// The check values of the catalogue of CRCs, and of FIPS 180, for "123456789".
#[test]
fn checksums_have_the_values_of_their_definitions() {
    let cases = [
        ("crc32", "cbf43926"),
        ("crc32c", "e3069283"),
        ("crc64nvme", "ae8b14860a799888"),
        ("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ("sha256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ];
    for (name, expected) in cases {
        let algorithm = ChecksumAlgorithm::named(name).expect("one of the five");
        for cut in 0..=9 {
            let mut checksum = Checksum::new(algorithm);
            let (one, two) = b"123456789".split_at(cut);
            checksum.update(one);
            // Asking on the way changes nothing.
            let _ = checksum.digest();
            checksum.update(two);
            assert_eq!(support::hex(&checksum.digest()), expected, "{name} cut at {cut}");
        }
    }
    assert_eq!(ChecksumAlgorithm::named("md5"), None);
    assert_eq!(ChecksumAlgorithm::named("CRC32"), None);
}

/// Long bodies take other code than short ones: vectors, and processors without them.
#[test]
fn long_checksums_do_not_depend_on_how_the_body_is_cut() {
    let seed = setting("SEED", || fastrand::u64(..));
    println!("SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let body: Vec<u8> = (0..100_000).map(|_| rng.u8(..)).collect();
    for name in ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] {
        let algorithm = ChecksumAlgorithm::named(name).expect("one of the five");
        let mut whole = Checksum::new(algorithm);
        whole.update(&body);
        let mut cut = Checksum::new(algorithm);
        let mut rest = &body[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rng.usize(1..=rest.len().min(5000)));
            cut.update(piece);
            rest = after;
        }
        assert_eq!(whole.digest(), cut.digest(), "{name}");
    }
}
