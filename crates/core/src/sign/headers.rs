//! The headers of the canonical request: read, filtered, brought into their canonical form and order.

use super::dialect::WhiteSpace;
use super::{Algorithm, Settings};
use crate::error::{Error, ErrorKind, Result};

/// A stretch of the bytes of [`SignedHeaders`].
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
}

/// One header that will be signed.
#[derive(Clone, Copy, Debug)]
struct SignedHeader {
    /// First eight bytes of the name: they tell almost any two names apart without a call.
    prefix: u64,
    name: Span,
    value: Span,
}

/// The headers that will be signed, sorted by name. Repeated ones keep the order in which they were given.
#[derive(Debug, Default)]
pub(crate) struct SignedHeaders {
    /// Names and values in canonical form; one buffer for all of them, used again for every signature.
    bytes: Vec<u8>,
    list: Vec<SignedHeader>,
}

/// What the caller's headers say besides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'a> {
    /// `x-amz-content-sha256` as the caller gave it.
    pub(crate) declared_hash: Option<&'a [u8]>,
    pub(crate) has_host: bool,
}

impl SignedHeaders {
    /// Begins anew with the caller's headers. Those of an earlier signature are dropped, those that clients and proxies
    /// change are left unsigned.
    pub(crate) fn collect<'a>(
        &mut self,
        settings: &Settings<'_>,
        headers: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<Given<'a>> {
        self.clear();
        let mut given = Given { declared_hash: None, has_host: false };
        for (name, value) in headers {
            let start = self.bytes.len();
            push_lower_case(name, &mut self.bytes)?;
            let lower = &self.bytes[start..];
            let value = FieldValue::new(settings.dialect.white_space, value, lower)?;
            match lower {
                b"authorization" | b"x-amz-date" | b"x-amz-security-token" => {}
                b"x-amz-region-set" if settings.algorithm == Algorithm::Sigv4a => {}
                b"x-amz-content-sha256" => given.declared_hash = Some(value.text),
                _ if !settings.signs(lower) => {}
                _ => {
                    given.has_host |= lower == b"host";
                    self.insert(start, value);
                    continue;
                }
            }
            self.bytes.truncate(start);
        }
        Ok(given)
    }

    /// Begins anew with all headers of a request that already holds those of its signature.
    pub(crate) fn collect_prepared<'a>(
        &mut self,
        settings: &Settings<'_>,
        headers: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<()> {
        self.clear();
        for (name, value) in headers {
            let start = self.bytes.len();
            match name.strip_prefix(b":") {
                Some(pseudo) if settings.dialect.pseudo_headers => {
                    self.bytes.push(b':');
                    push_lower_case(pseudo, &mut self.bytes)?;
                }
                _ => push_lower_case(name, &mut self.bytes)?,
            }
            let lower = &self.bytes[start..];
            if settings.signs(lower) {
                let value = FieldValue::new(settings.dialect.white_space, value, lower)?;
                self.insert(start, value);
            } else {
                self.bytes.truncate(start);
            }
        }
        Ok(())
    }

    /// Begins anew with the named headers of a received request; `false` when it lacks one of them.
    pub(crate) fn collect_named<'a>(
        &mut self,
        names: impl Iterator<Item = &'a [u8]>,
        headers: &[(&[u8], &[u8])],
    ) -> Result<bool> {
        self.clear();
        for name in names {
            let mut found = false;
            for (_, value) in headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)) {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(name);
                self.insert(start, FieldValue::new(WhiteSpace::Strict, value, name)?);
                found = true;
            }
            if !found {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds a header that signing itself puts on the request; name and value are canonical already.
    pub(crate) fn add(&mut self, name: &[u8], value: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        self.insert(start, FieldValue { text: value, white_space: WhiteSpace::Strict, is_canonical: true });
    }

    /// Writes `content-type;host;x-amz-date`.
    pub(crate) fn write_names(&self, target: &mut Vec<u8>) {
        let mut before: Option<&[u8]> = None;
        for header in &self.list {
            let name = self.text(header.name);
            if before == Some(name) {
                continue;
            }
            if before.is_some() {
                target.push(b';');
            }
            target.extend_from_slice(name);
            before = Some(name);
        }
    }

    /// Writes `name:value` lines, the values of repeated headers joined by commas.
    pub(crate) fn write_lines(&self, target: &mut Vec<u8>) {
        let mut before: Option<&[u8]> = None;
        for header in &self.list {
            let name = self.text(header.name);
            if before == Some(name) {
                target.push(b',');
            } else {
                if before.is_some() {
                    target.push(b'\n');
                }
                target.extend_from_slice(name);
                target.push(b':');
            }
            target.extend_from_slice(self.text(header.value));
            before = Some(name);
        }
        target.push(b'\n');
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.list.clear();
    }

    fn text(&self, span: Span) -> &[u8] {
        &self.bytes[span.start..span.end]
    }

    /// Takes in the header whose name stands at the end of the bytes, from `start`.
    fn insert(&mut self, start: usize, value: FieldValue<'_>) {
        let name = Span { start, end: self.bytes.len() };
        if value.is_canonical {
            self.bytes.extend_from_slice(value.text);
        } else {
            write_collapsed(value.white_space, value.text, &mut self.bytes);
        }
        let value = Span { start: name.end, end: self.bytes.len() };
        let text = self.text(name);
        let mut first = [0; 8];
        let length = text.len().min(8);
        first[..length].copy_from_slice(&text[..length]);
        let prefix = u64::from_be_bytes(first);
        // From the end, and past equal names only.
        let is_before = |header: &SignedHeader| {
            header.prefix < prefix || (header.prefix == prefix && self.text(header.name) <= text)
        };
        let at = self.list.iter().rposition(is_before).map_or(0, |before| before + 1);
        self.list.insert(at, SignedHeader { prefix, name, value });
    }
}

/// A header value, and whether it has to be rewritten for its canonical form.
#[derive(Clone, Copy)]
struct FieldValue<'a> {
    text: &'a [u8],
    white_space: WhiteSpace,
    is_canonical: bool,
}

impl<'a> FieldValue<'a> {
    fn new(white_space: WhiteSpace, value: &'a [u8], name: &[u8]) -> Result<Self> {
        // One vectorised pass decides that most values need no second look.
        let is_odd = |odd, &byte: &u8| odd | (byte <= b' ') | (byte == 0x7f);
        let is_plain = match white_space {
            WhiteSpace::Unicode => !value.iter().fold(false, |odd, byte| is_odd(odd, byte) | !byte.is_ascii()),
            WhiteSpace::Strict | WhiteSpace::Lines => !value.iter().fold(false, is_odd),
        };
        if is_plain {
            return Ok(Self { text: value, white_space, is_canonical: true });
        }
        if white_space != WhiteSpace::Strict {
            return Ok(Self { text: value, white_space, is_canonical: false });
        }
        if let Some(byte) = value.iter().find(|&&byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
            return Err(Error::new(
                ErrorKind::SignHeader,
                format!(
                    "the value of header \"{}\" holds the control character 0x{byte:02x}, which no request can carry",
                    String::from_utf8_lossy(name)
                ),
            ));
        }
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let start = value.iter().position(|byte| !blank(byte)).unwrap_or(value.len());
        let end = value.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
        let text = &value[start..end];
        let is_canonical = !text.contains(&b'\t') && !text.windows(2).any(|pair| pair == b"  ");
        Ok(Self { text, white_space, is_canonical })
    }
}

/// Writes a value with every run of white space as one space, and none at its ends.
fn write_collapsed(white_space: WhiteSpace, value: &[u8], target: &mut Vec<u8>) {
    let start = target.len();
    let mut write = |word: &[u8]| {
        if !word.is_empty() {
            if target.len() > start {
                target.push(b' ');
            }
            target.extend_from_slice(word);
        }
    };
    match white_space {
        WhiteSpace::Strict => value.split(|byte| matches!(byte, b' ' | b'\t')).for_each(&mut write),
        WhiteSpace::Lines => value.split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).for_each(&mut write),
        WhiteSpace::Unicode => {
            let text = String::from_utf8_lossy(value);
            text.split(is_python_white_space).for_each(|word| write(word.as_bytes()));
        }
    }
}

/// What Python's `str.split()` splits at: Unicode's white space and the four separators of ASCII.
fn is_python_white_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

/// Characters of an HTTP token, each mapped to its lower case; all others are zero.
#[allow(clippy::cast_possible_truncation, reason = "the index of a table of 256")]
static TOKEN: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        let character = byte as u8;
        if character.is_ascii_alphanumeric() || contains(b"!#$%&'*+-.^_`|~", character) {
            table[byte] = character.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// Whether a byte may stand in an HTTP token.
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize] != 0
}

const fn contains(set: &[u8], byte: u8) -> bool {
    let mut index = 0;
    while index < set.len() {
        if set[index] == byte {
            return true;
        }
        index += 1;
    }
    false
}

fn push_lower_case(name: &[u8], names: &mut Vec<u8>) -> Result<()> {
    // Most names arrive as they are signed, which one vectorised pass can tell.
    let is_plain = |plain, &byte: &u8| plain & (byte.is_ascii_lowercase() | byte.is_ascii_digit() | (byte == b'-'));
    if !name.is_empty() && name.iter().fold(true, is_plain) {
        names.extend_from_slice(name);
        return Ok(());
    }
    let start = names.len();
    names.extend(name.iter().map(|&byte| TOKEN[byte as usize]));
    if name.is_empty() || names[start..].contains(&0) {
        return Err(Error::new(
            ErrorKind::SignHeader,
            format!("\"{}\" is not a header name", String::from_utf8_lossy(name).escape_debug()),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_trimmed_and_control_characters_refused() {
        let value = FieldValue::new(WhiteSpace::Strict, b" \t a  b\tc ", b"x").expect("blank space is allowed");
        let mut written = Vec::new();
        write_collapsed(value.white_space, value.text, &mut written);
        assert_eq!(written, b"a b c");
        for bad in [&b"a\rb"[..], b"a\nb", b"a\0b", b"\x7f"] {
            assert_eq!(
                FieldValue::new(WhiteSpace::Strict, bad, b"x").err().map(|error| error.kind()),
                Some(ErrorKind::SignHeader)
            );
        }
    }

    #[test]
    fn white_space_is_what_the_dialect_says() {
        let collapsed = |white_space, value: &str| {
            let mut headers = SignedHeaders::default();
            headers.bytes.extend_from_slice(b"x");
            headers.insert(0, FieldValue::new(white_space, value.as_bytes(), b"x").expect("is taken"));
            let mut line = Vec::new();
            headers.write_lines(&mut line);
            String::from_utf8(line).expect("UTF-8 stays UTF-8")
        };
        assert_eq!(collapsed(WhiteSpace::Lines, " a\r\n\tb\x01\u{a0} c "), "x:a b\x01\u{a0} c\n");
        assert_eq!(collapsed(WhiteSpace::Unicode, "\u{a0}a\x1c\u{2003}b\x01\x0bé "), "x:a b\x01 é\n");
    }

    #[test]
    fn names_are_sorted_and_repeated_headers_joined_in_the_order_given() {
        let mut headers = SignedHeaders::default();
        for (name, value) in [("b", "1"), ("x-amz-content-b", "2"), ("a", "3"), ("b", "0"), ("x-amz-content-a", "4")] {
            headers.add(name.as_bytes(), value.as_bytes());
        }
        let (mut names, mut lines) = (Vec::new(), Vec::new());
        headers.write_names(&mut names);
        headers.write_lines(&mut lines);
        assert_eq!(names, b"a;b;x-amz-content-a;x-amz-content-b");
        assert_eq!(lines, b"a:3\nb:1,0\nx-amz-content-a:4\nx-amz-content-b:2\n");
    }
}
