//! The canonical request of the `aws` dialect: what a verifying server computes for the request as it is sent.
//!
//! Steps and names follow "Create a signed AWS API request" of the IAM user guide.

use super::escape::{self, Plus};
use super::url::Url;
use super::{Payload, Request, Settings};
use crate::error::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};
use smallvec::SmallVec;
use std::borrow::Cow;

/// SHA-256 of nothing.
const EMPTY_PAYLOAD: &[u8] = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const UNSIGNED_PAYLOAD: &[u8] = b"UNSIGNED-PAYLOAD";

/// Buffers that one thread uses again for every signature.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The canonical request.
    pub(crate) canonical: Vec<u8>,
    /// `content-type;host;x-amz-date`.
    pub(crate) signed_headers: Vec<u8>,
    /// The third line of the canonical request.
    pub(crate) query: Vec<u8>,
    /// The query parameters that presigning adds, in canonical order and encoding.
    pub(crate) presign_parameters: Vec<u8>,
    /// Text between the canonical request and the signature.
    pub(crate) string_to_sign: Vec<u8>,
    names: Vec<u8>,
    pieces: Vec<u8>,
}

/// One header that will be signed.
struct SignedHeader<'a> {
    /// First eight bytes of the name: they tell almost any two names apart without a call.
    prefix: u64,
    name: (usize, usize),
    value: &'a [u8],
    has_extra_spaces: bool,
}

/// The hash that the canonical request ends with, and whether it travels as `x-amz-content-sha256`.
pub(crate) struct PayloadHash<'a> {
    text: HashText<'a>,
    pub(crate) travels: bool,
}

enum HashText<'a> {
    Given(&'a [u8]),
    /// Made here; kept in place, since an allocation would cost as much as the signature's hexadecimal digits.
    Made([u8; 64]),
}

impl PayloadHash<'_> {
    pub(crate) fn text(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl HashText<'_> {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Given(text) => text,
            Self::Made(text) => text,
        }
    }
}

/// The headers of a request, sorted and filtered, before anything is added.
pub(crate) struct Headers<'a> {
    list: SmallVec<[SignedHeader<'a>; 24]>,
    /// `x-amz-content-sha256` as the caller gave it.
    declared_hash: Option<&'a [u8]>,
    has_host: bool,
}

impl<'a> Headers<'a> {
    /// Reads the caller's headers. Those of an earlier signature are dropped, those that clients and proxies change
    /// are left unsigned.
    pub(crate) fn collect<'i: 'a>(
        settings: &Settings<'_>,
        headers: impl Iterator<Item = (&'i [u8], &'i [u8])>,
        workspace: &mut Workspace,
    ) -> Result<Self> {
        workspace.names.clear();
        let mut collected = Self { list: SmallVec::new(), declared_hash: None, has_host: false };
        for (name, value) in headers {
            let start = workspace.names.len();
            push_lower_case(name, &mut workspace.names)?;
            let lower = &workspace.names[start..];
            let value = FieldValue::new(value, lower)?;
            match lower {
                b"authorization" | b"x-amz-date" | b"x-amz-security-token" => continue,
                b"x-amz-content-sha256" => {
                    collected.declared_hash = Some(value.text);
                    continue;
                }
                b"host" => collected.has_host = true,
                _ if is_never_signed(lower) || settings.leaves_unsigned(lower) => continue,
                _ => {}
            }
            collected.insert((start, workspace.names.len()), value, &workspace.names);
        }
        Ok(collected)
    }

    /// The named headers of a received request, in the order of the names; `None` names one that it does not have.
    pub(crate) fn named<'i: 'a>(
        names: impl Iterator<Item = &'i [u8]>,
        headers: &[(&'i [u8], &'i [u8])],
        workspace: &mut Workspace,
    ) -> Result<Option<Self>> {
        workspace.names.clear();
        let mut collected = Self { list: SmallVec::new(), declared_hash: None, has_host: false };
        for name in names {
            let mut found = false;
            for (_, value) in headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)) {
                let start = workspace.names.len();
                workspace.names.extend_from_slice(name);
                let value = FieldValue::new(value, name)?;
                collected.insert((start, workspace.names.len()), value, &workspace.names);
                found = true;
            }
            if !found {
                return Ok(None);
            }
        }
        Ok(Some(collected))
    }

    /// Adds a header that signing itself puts on the request.
    pub(crate) fn add(&mut self, name: &[u8], value: &'a [u8], workspace: &mut Workspace) {
        let start = workspace.names.len();
        workspace.names.extend_from_slice(name);
        let value = FieldValue { text: value, has_extra_spaces: false };
        self.insert((start, workspace.names.len()), value, &workspace.names);
    }

    /// Whether the caller gave a host header.
    pub(crate) const fn has_host(&self) -> bool {
        self.has_host
    }

    fn insert(&mut self, name: (usize, usize), value: FieldValue<'a>, names: &[u8]) {
        let text = &names[name.0..name.1];
        let mut first = [0; 8];
        let length = text.len().min(8);
        first[..length].copy_from_slice(&text[..length]);
        let prefix = u64::from_be_bytes(first);
        // From the end, and past equal names only: repeated headers keep the order in which they were given.
        let at = self
            .list
            .iter()
            .rposition(|header| {
                header.prefix < prefix || (header.prefix == prefix && &names[header.name.0..header.name.1] <= text)
            })
            .map_or(0, |before| before + 1);
        self.list
            .insert(at, SignedHeader { prefix, name, value: value.text, has_extra_spaces: value.has_extra_spaces });
    }

    /// Writes the names of the signed headers into the workspace.
    pub(crate) fn write_names(&self, workspace: &mut Workspace) {
        let Workspace { signed_headers, names, .. } = workspace;
        signed_headers.clear();
        let mut before: Option<&[u8]> = None;
        for header in &self.list {
            let name = &names[header.name.0..header.name.1];
            if before == Some(name) {
                continue;
            }
            if before.is_some() {
                signed_headers.push(b';');
            }
            signed_headers.extend_from_slice(name);
            before = Some(name);
        }
    }

    /// The payload hash of a request, by what the caller gave and what the settings say.
    pub(crate) fn payload_hash<'p>(
        &self,
        settings: &Settings<'_>,
        payload: &Payload<'p>,
        presigned: bool,
    ) -> Result<PayloadHash<'p>>
    where
        'a: 'p,
    {
        let declared = self.declared_hash.map(checked_payload_hash).transpose()?;
        let text = match (payload, declared) {
            // A name such as UNSIGNED-PAYLOAD is a decision; a hash may be left from an earlier signature.
            (Payload::Absent, Some(declared)) => declared,
            (Payload::Content(_), Some(declared)) if declared.as_bytes().len() != 64 => declared,
            (Payload::Digest(digest), _) => checked_payload_hash(digest)?,
            (Payload::Unsigned, _) => HashText::Given(UNSIGNED_PAYLOAD),
            (Payload::Absent | Payload::Content(_), _) if settings.unsigned_payload => {
                HashText::Given(UNSIGNED_PAYLOAD)
            }
            // S3 cannot know the body of a URL that somebody else will send.
            (Payload::Absent, None) if presigned && settings.content_sha256_header => HashText::Given(UNSIGNED_PAYLOAD),
            (Payload::Absent, None) => HashText::Given(EMPTY_PAYLOAD),
            (Payload::Content(content), _) if content.is_empty() => HashText::Given(EMPTY_PAYLOAD),
            (Payload::Content(content), _) => HashText::Made(super::hex64(&Sha256::digest(content).into())),
        };
        let is_hash = text.as_bytes().len() == 64;
        let travels = if presigned {
            // S3 takes an absent parameter for UNSIGNED-PAYLOAD; other services take it for the hash of the body.
            is_hash == settings.content_sha256_header
        } else {
            settings.content_sha256_header || declared_travels(self.declared_hash) || !is_hash
        };
        Ok(PayloadHash { text, travels })
    }
}

/// A hash that the caller put on the request is part of it and is signed like any other header.
const fn declared_travels(declared: Option<&[u8]>) -> bool {
    declared.is_some()
}

/// Writes the canonical request into the workspace.
pub(crate) fn write<H>(
    settings: &Settings<'_>,
    request: &Request<'_, H>,
    url: &Url<'_>,
    headers: &Headers<'_>,
    payload_hash: &[u8],
    workspace: &mut Workspace,
) -> Result<()> {
    let Workspace { canonical, signed_headers, query, names, pieces, .. } = workspace;
    canonical.clear();
    write_method(request.method, canonical)?;
    canonical.push(b'\n');
    write_path(settings, url.path, pieces, canonical);
    canonical.push(b'\n');
    canonical.extend_from_slice(query);
    canonical.push(b'\n');
    let mut before: Option<&[u8]> = None;
    for header in &headers.list {
        let name = &names[header.name.0..header.name.1];
        if before == Some(name) {
            canonical.push(b',');
        } else {
            if before.is_some() {
                canonical.push(b'\n');
            }
            canonical.extend_from_slice(name);
            canonical.push(b':');
        }
        if header.has_extra_spaces {
            write_collapsed(header.value, canonical);
        } else {
            canonical.extend_from_slice(header.value);
        }
        before = Some(name);
    }
    canonical.extend_from_slice(b"\n\n");
    canonical.extend_from_slice(signed_headers);
    canonical.push(b'\n');
    canonical.extend_from_slice(payload_hash);
    Ok(())
}

/// Writes the canonical form of a query into `target`: pairs decoded, encoded again and sorted, `also` among them,
/// which is canonical already.
pub(crate) fn write_query(query: &[u8], also: &[u8], workspace: &mut Workspace) {
    let Workspace { query: target, pieces, .. } = workspace;
    target.clear();
    if query.is_empty() {
        target.extend_from_slice(also);
        return;
    }
    pieces.clear();
    let mut pairs: SmallVec<[(usize, usize, usize); 16]> = SmallVec::new();
    for pair in query.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = split_pair(pair);
        let start = pieces.len();
        escape::reencode(name, Plus::Space, false, pieces);
        let middle = pieces.len();
        escape::reencode(value, Plus::Space, false, pieces);
        pairs.push((start, middle, pieces.len()));
    }
    for pair in also.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = split_pair(pair);
        let start = pieces.len();
        pieces.extend_from_slice(name);
        let middle = pieces.len();
        pieces.extend_from_slice(value);
        pairs.push((start, middle, pieces.len()));
    }
    pairs.sort_by(|one, two| {
        let of = |&(start, middle, end): &(usize, usize, usize)| (&pieces[start..middle], &pieces[middle..end]);
        of(one).cmp(&of(two))
    });
    for (index, &(start, middle, end)) in pairs.iter().enumerate() {
        if index > 0 {
            target.push(b'&');
        }
        target.extend_from_slice(&pieces[start..middle]);
        target.push(b'=');
        target.extend_from_slice(&pieces[middle..end]);
    }
}

/// Splits `name=value` at the first `=`; without one the value is empty.
pub(crate) fn split_pair(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|&byte| byte == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, &[]),
    }
}

fn write_method(method: &[u8], target: &mut Vec<u8>) -> Result<()> {
    if method.is_empty() || !method.iter().all(|&byte| TOKEN[byte as usize] != 0) {
        return Err(Error::new(ErrorKind::SignMethod, "\"method\" must be an HTTP method such as GET"));
    }
    let start = target.len();
    target.extend_from_slice(method);
    target[start..].make_ascii_uppercase();
    Ok(())
}

fn write_path(settings: &Settings<'_>, path: &[u8], pieces: &mut Vec<u8>, target: &mut Vec<u8>) {
    if path.is_empty() || path == b"/" {
        target.push(b'/');
        return;
    }
    pieces.clear();
    let sent: &[u8] = if escape::is_sendable(path) {
        path
    } else {
        escape::encode_unsendable(path, pieces);
        pieces
    };
    let normalized = if settings.normalize_path { normalized(sent) } else { Cow::Borrowed(sent) };
    if settings.double_encode_path {
        escape::encode_path(&normalized, target);
    } else {
        escape::reencode(&normalized, Plus::Literal, true, target);
    }
}

/// The path without empty segments and dot segments (RFC 3986, 5.2.4, with runs of slashes taken for one).
pub(crate) fn normalized(path: &[u8]) -> Cow<'_, [u8]> {
    if !path.windows(2).any(|pair| matches!(pair, b"//" | b"/.")) {
        return Cow::Borrowed(path);
    }
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut ends_in_slash = false;
    for segment in path.split(|&byte| byte == b'/') {
        ends_in_slash = matches!(segment, b"" | b"." | b"..");
        match segment {
            b"" | b"." => {}
            b".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let mut result = Vec::with_capacity(path.len());
    for segment in &kept {
        result.push(b'/');
        result.extend_from_slice(segment);
    }
    if ends_in_slash || kept.is_empty() {
        result.push(b'/');
    }
    Cow::Owned(result)
}

fn checked_payload_hash(text: &[u8]) -> Result<HashText<'_>> {
    if let Ok(mut hash) = <[u8; 64]>::try_from(text)
        && hash.iter().all(u8::is_ascii_hexdigit)
    {
        hash.make_ascii_lowercase();
        return Ok(HashText::Made(hash));
    }
    if text == UNSIGNED_PAYLOAD || text.starts_with(b"STREAMING-") && text.iter().all(u8::is_ascii_graphic) {
        return Ok(HashText::Given(text));
    }
    Err(Error::new(
        ErrorKind::SignPayload,
        "the payload hash must be 64 hex digits, UNSIGNED-PAYLOAD or one of the STREAMING- names",
    ))
}

/// Headers that clients, proxies and connections change on the way.
pub(crate) fn is_never_signed(name: &[u8]) -> bool {
    matches!(
        name,
        b"authorization"
            | b"connection"
            | b"expect"
            | b"keep-alive"
            | b"proxy-authenticate"
            | b"proxy-authorization"
            | b"te"
            | b"trailer"
            | b"transfer-encoding"
            | b"upgrade"
            | b"user-agent"
            | b"x-amzn-trace-id"
    )
}

/// A header value without the white space around it.
struct FieldValue<'a> {
    text: &'a [u8],
    has_extra_spaces: bool,
}

impl<'a> FieldValue<'a> {
    fn new(value: &'a [u8], name: &[u8]) -> Result<Self> {
        // One vectorised pass decides that most values need no second look.
        if !value.iter().fold(false, |odd, &byte| odd | (byte <= b' ') | (byte == 0x7f)) {
            return Ok(Self { text: value, has_extra_spaces: false });
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
        let has_extra_spaces = text.contains(&b'\t') || text.windows(2).any(|pair| pair == b"  ");
        Ok(Self { text, has_extra_spaces })
    }
}

fn write_collapsed(value: &[u8], target: &mut Vec<u8>) {
    let words = value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            target.push(b' ');
        }
        target.extend_from_slice(word);
    }
}

/// Characters of an HTTP token, each mapped to its lower case; all others are zero.
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
    fn paths_are_normalized_as_rfc_3986_says() {
        for (path, expected) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a//b/", "/a/b/"),
            ("/a/./b/../c", "/a/c"),
            ("/a/.", "/a/"),
            ("/a/b/..", "/a/"),
            ("/..", "/"),
            ("//", "/"),
            ("/.hidden/..x", "/.hidden/..x"),
        ] {
            assert_eq!(&*normalized(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }

    #[test]
    fn values_are_trimmed_and_control_characters_refused() {
        let value = FieldValue::new(b" \t a  b\tc ", b"x").expect("blank space is allowed");
        let mut written = Vec::new();
        write_collapsed(value.text, &mut written);
        assert_eq!(written, b"a b c");
        for bad in [&b"a\rb"[..], b"a\nb", b"a\0b", b"\x7f"] {
            assert_eq!(FieldValue::new(bad, b"x").err().map(|error| error.kind()), Some(ErrorKind::SignHeader));
        }
    }
}
