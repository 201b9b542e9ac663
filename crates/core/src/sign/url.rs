//! Takes a URL apart the way it will be sent, without rewriting it.

use crate::error::{Error, ErrorKind, Result};
use memchr::{memchr, memchr2};

/// The parts of an absolute URL. The fragment is dropped: it never leaves the client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Url<'a> {
    /// `https://host:port` as written.
    pub(crate) origin: &'a [u8],
    /// Host and port as written, without a port that is the scheme's default.
    pub(crate) host: &'a [u8],
    /// The path as written; empty when the URL has none.
    pub(crate) path: &'a [u8],
    /// The query as written, without `?`; empty when the URL has none.
    pub(crate) query: &'a [u8],
}

impl<'a> Url<'a> {
    /// Splits a URL. Refused: relative ones, other schemes than http(s) and ws(s), user information, hosts that are
    /// not ASCII, and the backslash, which some clients send and others turn into a slash.
    pub(crate) fn parse(url: &'a [u8]) -> Result<Self> {
        let (scheme_length, default_port) = scheme(url)
            .ok_or_else(|| refused("\"url\" must be absolute and begin with https://, http://, wss:// or ws://"))?;
        // One vectorised pass decides that most URLs need no look at single characters.
        let is_odd = |odd, &byte: &u8| odd | (byte < b' ') | (byte == 0x7f) | (byte == b'\\') | (byte == b'#');
        let url = if url.iter().fold(false, is_odd) { checked(url)? } else { url };
        let rest = &url[scheme_length..];
        let authority_length = memchr2(b'/', b'?', rest).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(authority_length);
        let (path, query) = match memchr(b'?', target) {
            Some(at) => (&target[..at], &target[at + 1..]),
            None => (target, &[][..]),
        };
        Ok(Self { origin: &url[..scheme_length + authority_length], host: host(authority, default_port)?, path, query })
    }
}

/// The URL without its fragment, if all that is left can be sent.
fn checked(url: &[u8]) -> Result<&[u8]> {
    let url = &url[..memchr(b'#', url).unwrap_or(url.len())];
    if url.iter().any(u8::is_ascii_control) {
        return Err(refused("\"url\" holds a control character: percent-encode it"));
    }
    if url[..memchr(b'?', url).unwrap_or(url.len())].contains(&b'\\') {
        return Err(refused("\"url\" holds a backslash before its query: write it as %5C"));
    }
    Ok(url)
}

fn refused(message: &'static str) -> Error {
    Error::new(ErrorKind::SignUrl, message)
}

/// Length of `scheme://` and the scheme's default port with its colon.
fn scheme(url: &[u8]) -> Option<(usize, &'static [u8])> {
    let schemes: [(&[u8], &[u8]); 4] =
        [(b"https://", b":443"), (b"http://", b":80"), (b"wss://", b":443"), (b"ws://", b":80")];
    schemes
        .into_iter()
        .find(|(prefix, _)| url.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
        .map(|(prefix, port)| (prefix.len(), port))
}

fn host<'a>(authority: &'a [u8], default_port: &[u8]) -> Result<&'a [u8]> {
    let is_plain = |plain, &byte: &u8| {
        plain & (byte.is_ascii_lowercase() | byte.is_ascii_digit() | (byte == b'-') | (byte == b'.'))
    };
    if !authority.is_empty() && authority.iter().fold(true, is_plain) {
        return Ok(authority);
    }
    if authority.contains(&b'@') {
        return Err(refused("\"url\" must not hold user information (\"user:password@\")"));
    }
    let (name, port) = match authority.iter().rposition(|&byte| byte == b':') {
        // The colons of an IPv6 address are inside brackets.
        Some(at) if authority.last() != Some(&b']') => authority.split_at(at),
        _ => (authority, &[][..]),
    };
    let valid_name = match name {
        [b'[', address @ .., b']'] => {
            !address.is_empty() && address.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
        }
        name => {
            let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            !name.is_empty() && name.iter().all(in_name)
        }
    };
    if !valid_name {
        return Err(refused(
            "the host of \"url\" is missing or not plain ASCII (write international names in punycode)",
        ));
    }
    let digits = port.get(1..).unwrap_or_default();
    if digits.len() > 5 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(refused("the port of \"url\" is not a number"));
    }
    Ok(if port == default_port || digits.is_empty() { name } else { authority })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_without_rewriting() {
        let url = Url::parse(b"https://Example.com:8443/a/../b%20c?x=1&y=?#frag").expect("parses");
        assert_eq!(url.origin, b"https://Example.com:8443");
        assert_eq!(url.host, b"Example.com:8443");
        assert_eq!(url.path, b"/a/../b%20c");
        assert_eq!(url.query, b"x=1&y=?");
    }

    #[test]
    fn drops_default_ports_and_allows_empty_paths() {
        for (text, host) in [
            ("https://h:443", "h"),
            ("HTTP://h:80?q", "h"),
            ("http://h:443/", "h:443"),
            ("https://h:/", "h"),
            ("https://[::1]:443/", "[::1]"),
            ("https://[::1]/", "[::1]"),
            ("wss://h:443/mqtt", "h"),
        ] {
            let url = Url::parse(text.as_bytes()).expect(text);
            assert_eq!(url.host, host.as_bytes(), "{text}");
        }
    }

    #[test]
    fn refuses_what_clients_would_send_differently() {
        for text in [
            "",
            "/relative",
            "host/path",
            "ftp://h/",
            "https://",
            "https:///x",
            "https://u:p@h/",
            "https://h:x/",
            "https://h:123456/",
            "https://bücher.example/",
            "https://h/a\\b",
            "https://h/a\tb",
            "https://[::1/",
            "https://h ost/",
        ] {
            let error = Url::parse(text.as_bytes()).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::SignUrl, "{text}");
        }
    }
}
