//! Percent-encoding as `SigV4` defines it: unreserved characters stay, all other bytes become `%XX` in upper case.

#[allow(clippy::cast_possible_truncation, reason = "the index of a table of 256")]
const fn table(also: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    let mut index = 0;
    while index < also.len() {
        table[also[index] as usize] = true;
        index += 1;
    }
    table
}

/// RFC 3986 unreserved characters.
static UNRESERVED: [bool; 256] = table(b"");
/// The same with the separator of path segments.
static UNRESERVED_OR_SLASH: [bool; 256] = table(b"/");
/// What a WHATWG URL, and so `fetch`, leaves as it is in a path.
static SENT_IN_PATH: [bool; 256] = table(b"/!$%&'()*+,:;=@[]^|");

/// Appends `bytes`, all but unreserved characters encoded.
pub(crate) fn encode(bytes: &[u8], target: &mut Vec<u8>) {
    encode_except(&UNRESERVED, bytes, target);
}

/// Appends a path, all but unreserved characters and slashes encoded; a `%` becomes `%25`.
pub(crate) fn encode_path(path: &[u8], target: &mut Vec<u8>) {
    encode_except(&UNRESERVED_OR_SLASH, path, target);
}

/// Appends a path as an HTTP client sends it: what no request line can carry is encoded, all else stays.
pub(crate) fn encode_unsendable(path: &[u8], target: &mut Vec<u8>) {
    encode_except(&SENT_IN_PATH, path, target);
}

/// Whether every byte of a path travels as it is.
pub(crate) fn is_sendable(path: &[u8]) -> bool {
    path.iter().all(|&byte| SENT_IN_PATH[byte as usize])
}

fn encode_except(keep: &[bool; 256], bytes: &[u8], target: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| !keep[byte as usize]) {
        target.extend_from_slice(&rest[..at]);
        let byte = rest[at];
        target.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        rest = &rest[at + 1..];
    }
    target.extend_from_slice(rest);
}

/// What a `+` means where it is decoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Plus {
    /// Itself, as in a path.
    Literal,
    /// A space, as servers read it in a query.
    Space,
}

/// Appends `bytes` decoded once and encoded again, so that every spelling of a value has one form. Where slashes are kept,
/// an encoded one becomes a slash: the keys of S3 know no other.
pub(crate) fn reencode(bytes: &[u8], plus: Plus, keep_slash: bool, target: &mut Vec<u8>) {
    let keep = if keep_slash { &UNRESERVED_OR_SLASH } else { &UNRESERVED };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| !keep[byte as usize]) {
        target.extend_from_slice(&rest[..at]);
        let (byte, length) = match rest[at] {
            b'%' => decoded(&rest[at..]).map_or((b'%', 1), |byte| (byte, 3)),
            b'+' if plus == Plus::Space => (b' ', 1),
            byte => (byte, 1),
        };
        encode_except(keep, &[byte], target);
        rest = &rest[at + length..];
    }
    target.extend_from_slice(rest);
}

/// The byte that a leading `%XX` stands for; `None` when it is not one.
pub(crate) fn decoded(bytes: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(f: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut target = Vec::new();
        f(&mut target);
        String::from_utf8(target).expect("encoded text is ASCII")
    }

    #[test]
    fn encodes_all_but_unreserved() {
        assert_eq!(with(|t| encode(b"aZ09-._~", t)), "aZ09-._~");
        assert_eq!(with(|t| encode("a b/é+%".as_bytes(), t)), "a%20b%2F%C3%A9%2B%25");
        assert_eq!(with(|t| encode_path(b"/a%20b/(c)", t)), "/a%2520b/%28c%29");
    }

    #[test]
    fn every_spelling_of_a_value_has_one_form() {
        let query = |text: &[u8]| with(|t| reencode(text, Plus::Space, false, t));
        assert_eq!(query(b"a+b%2f%7e"), "a%20b%2F~");
        assert_eq!(query(b"100%"), "100%25");
        assert_eq!(query(b"%zz%4"), "%25zz%254");
        let key = |text: &[u8]| with(|t| reencode(text, Plus::Literal, true, t));
        assert_eq!(key(b"/a+b/(c)/%2f%28"), "/a%2Bb/%28c%29//%28");
    }

    #[test]
    fn only_what_cannot_travel_is_encoded_for_sending() {
        assert!(is_sendable(b"/a%20b/!$&'()*+,;=:@"));
        assert!(!is_sendable(b"/a b"));
        assert_eq!(with(|t| encode_unsendable("/ü \"<x>/%zz".as_bytes(), t)), "/%C3%BC%20%22%3Cx%3E/%zz");
    }
}
