//! Random texts that have a meaning somewhere.

use fastrand::Rng;

pub(crate) const PIECES: &[&[u8]] = &[
    b"/",
    b"//",
    b"/./",
    b"/../",
    b"..",
    b"%2F",
    b"%2f",
    b"%",
    b"%%",
    b"%zz",
    b"%C3%BC",
    b"\xc3\xbc",
    b"\xff",
    b"+",
    b" ",
    b"=",
    b"&",
    b"&&",
    b"?",
    b"#",
    b";",
    b":",
    b",",
    b"\t",
    b"~",
    b"*",
    b"a",
    b"A",
    b"b",
    b"x-amz-",
    b"X-Amz-Date",
    b"X-Amz-Signature",
    b"X-Amz-Security-Token",
    b"X-Amz-Expires",
    b"\xe2\x80\x83",
    b"\x00",
    b"\r",
    b"\x7f",
    b"'",
    b"\"",
    b"[",
    b"@",
    b"\\",
];

/// A text of pieces that have a meaning somewhere, or of any bytes.
pub(crate) fn text(rng: &mut Rng, most: usize) -> Vec<u8> {
    let length = rng.usize(0..=most);
    let mut bytes = Vec::new();
    for _ in 0..length {
        if rng.u8(0..8) == 0 {
            bytes.push(rng.u8(..));
        } else {
            bytes.extend_from_slice(PIECES[rng.usize(0..PIECES.len())]);
        }
    }
    bytes
}

/// The same without what no request can carry.
pub(crate) fn sendable(rng: &mut Rng, most: usize, also_not: &[u8]) -> Vec<u8> {
    let mut bytes = text(rng, most);
    bytes.retain(|byte| *byte > b' ' && *byte != 0x7f && *byte != b'\\' && !also_not.contains(byte));
    bytes
}

pub(crate) fn token(rng: &mut Rng) -> Vec<u8> {
    const NAMES: &[&[u8]] = &[
        b"x-a",
        b"X-B",
        b"content-type",
        b"range",
        b"x-amz-meta-a",
        b"X-Amz-Meta-B",
        b"accept",
        b"cookie",
        b"x-!#$%&'*+.^_`|~",
    ];
    NAMES[rng.usize(0..NAMES.len())].to_vec()
}

pub(crate) fn value(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = text(rng, 6);
    bytes.retain(|byte| (*byte >= b' ' || *byte == b'\t') && *byte != 0x7f);
    bytes
}
