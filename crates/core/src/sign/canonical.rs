//! The canonical request, by the rules of a dialect.
//!
//! Steps and names follow "Create a signed AWS API request" of the IAM user guide.

use super::Settings;
use super::dialect::{PathForm, QueryForm};
use super::escape::{self, Plus};
use super::headers::{SignedHeaders, is_token};
use crate::error::{Error, ErrorKind, Result};
use smallvec::SmallVec;
use std::borrow::Cow;

/// Buffers that one thread uses again for every signature.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The canonical request.
    pub(crate) canonical: Vec<u8>,
    /// `content-type;host;x-amz-date`.
    pub(crate) signed_headers: Vec<u8>,
    /// The third line of the canonical request.
    pub(crate) query: Vec<u8>,
    /// Text between the canonical request and the signature.
    pub(crate) string_to_sign: Vec<u8>,
    /// The headers that will be signed.
    pub(crate) headers: SignedHeaders,
    pieces: Vec<u8>,
}

impl Workspace {
    /// Writes the list of signed headers, once all of them are there.
    pub(crate) fn write_signed_headers(&mut self) {
        self.signed_headers.clear();
        self.headers.write_names(&mut self.signed_headers);
    }
}

/// Writes the canonical request into the workspace.
pub(crate) fn write(
    settings: &Settings<'_>,
    method: &[u8],
    path: &[u8],
    payload_hash: &[u8],
    workspace: &mut Workspace,
) -> Result<()> {
    let Workspace { canonical, signed_headers, query, headers, pieces, .. } = workspace;
    canonical.clear();
    if settings.dialect.upper_case_method {
        write_method(method, canonical)?;
    } else {
        canonical.extend_from_slice(checked_method(method)?);
    }
    canonical.push(b'\n');
    match settings.dialect.path {
        PathForm::AsSent => write_sent_path(settings, path, pieces, canonical),
        PathForm::AsGiven { empty } => write_given_path(settings, path, empty, canonical),
    }
    canonical.push(b'\n');
    canonical.extend_from_slice(query);
    canonical.push(b'\n');
    headers.write_lines(canonical);
    canonical.push(b'\n');
    canonical.extend_from_slice(signed_headers);
    canonical.push(b'\n');
    canonical.extend_from_slice(payload_hash);
    Ok(())
}

/// Writes the canonical form of a query into the workspace: pairs sorted, `also` among them, which is canonical already.
pub(crate) fn write_query(settings: &Settings<'_>, query: &[u8], also: &[u8], workspace: &mut Workspace) {
    let Workspace { query: target, pieces, .. } = workspace;
    target.clear();
    if query.is_empty() {
        target.extend_from_slice(also);
        return;
    }
    pieces.clear();
    let mut pairs: SmallVec<[(usize, usize, usize); 16]> = SmallVec::new();
    let as_written = settings.dialect.query == QueryForm::AsWritten;
    let write_part = |part: &[u8], pieces: &mut Vec<u8>| {
        if as_written {
            pieces.extend_from_slice(part);
        } else {
            escape::reencode(part, Plus::Space, false, pieces);
        }
    };
    // A pair of nothing is no parameter to servers; botocore signs it.
    for pair in query.split(|&byte| byte == b'&').filter(|pair| as_written || !pair.is_empty()) {
        let (name, value) = split_pair(pair);
        let start = pieces.len();
        write_part(name, pieces);
        let middle = pieces.len();
        write_part(value, pieces);
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

/// Writes the method as it is sent, in upper case; anything but an HTTP token is refused.
pub(crate) fn write_method(method: &[u8], target: &mut Vec<u8>) -> Result<()> {
    let start = target.len();
    target.extend_from_slice(checked_method(method)?);
    target[start..].make_ascii_uppercase();
    Ok(())
}

fn checked_method(method: &[u8]) -> Result<&[u8]> {
    if method.is_empty() || !method.iter().all(|&byte| is_token(byte)) {
        return Err(Error::new(ErrorKind::SignMethod, "\"method\" must be an HTTP method such as GET"));
    }
    Ok(method)
}

fn write_given_path(settings: &Settings<'_>, path: &[u8], empty: &[u8], target: &mut Vec<u8>) {
    let resolved = match (settings.normalize_path, path) {
        (true, b"") => Cow::Borrowed(empty),
        (true, path) => resolved(path),
        (false, path) => Cow::Borrowed(path),
    };
    if settings.double_encode_path {
        escape::encode_path(&resolved, target);
    } else {
        target.extend_from_slice(&resolved);
    }
}

/// The path without empty and dot segments, as the AWS SDKs for Python and JavaScript do it: a slash at the end stays only
/// if it is the last character.
fn resolved(path: &[u8]) -> Cow<'_, [u8]> {
    if path.first() == Some(&b'/') && !path.windows(2).any(|pair| matches!(pair, b"//" | b"/.")) {
        return Cow::Borrowed(path);
    }
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in path.split(|&byte| byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let first: &[u8] = if path.first() == Some(&b'/') { b"/" } else { b"" };
    let last: &[u8] = if !kept.is_empty() && path.last() == Some(&b'/') { b"/" } else { b"" };
    Cow::Owned([first, &kept.join(&b'/'), last].concat())
}

fn write_sent_path(settings: &Settings<'_>, path: &[u8], pieces: &mut Vec<u8>, target: &mut Vec<u8>) {
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
    if ends_in_slash {
        result.push(b'/');
    }
    Cow::Owned(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_as_the_sdks_do() {
        for (path, expected) in [
            ("/", "/"),
            ("/a//b/", "/a/b/"),
            ("/a/.", "/a"),
            ("/a/b/..", "/a"),
            ("/../", "/"),
            ("//", "/"),
            ("a/./b", "a/b"),
            ("./", ""),
            ("/.hidden/..x", "/.hidden/..x"),
        ] {
            assert_eq!(&*resolved(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }

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
}
