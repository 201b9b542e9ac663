//! Bytes as base64 text, of RFC 4648.

/// With padding, as headers have it.
pub(crate) fn padded(bytes: &[u8]) -> String {
    let mut text = encode(bytes, *b"+/");
    text.extend(std::iter::repeat_n('=', (3 - bytes.len() % 3) % 3));
    text
}

/// With letters that are safe in URLs and file names, without padding.
pub(crate) fn for_url(bytes: &[u8]) -> String {
    encode(bytes, *b"-_")
}

fn encode(bytes: &[u8], last_digits: [u8; 2]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            let [.., digit] = (number >> (18 - 6 * place)).to_be_bytes();
            text.push(char::from(match digit & 63 {
                digit @ 0..26 => b'A' + digit,
                digit @ 26..52 => b'a' + (digit - 26),
                digit @ 52..62 => b'0' + (digit - 52),
                digit => last_digits[usize::from(digit - 62)],
            }));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 10 of RFC 4648.
    #[test]
    fn texts_are_those_of_the_standard() {
        let expected = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (length, expected) in expected.into_iter().enumerate() {
            assert_eq!(padded(&b"foobar"[..length]), expected);
            assert_eq!(for_url(&b"foobar"[..length]), expected.trim_end_matches('='));
        }
        assert_eq!((padded(&[0xfb, 0xff]), for_url(&[0xfb, 0xff])), ("+/8=".to_owned(), "-_8".to_owned()));
    }
}
