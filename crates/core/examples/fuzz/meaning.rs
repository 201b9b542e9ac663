//! What a request means, written a second time, for clearness alone.

use super::wire::Wire;

/// Everything of a request that its signature covers, and the signature itself. Two requests with one meaning are the same to
/// whoever holds the key.
pub(crate) fn meaning(wire: &Wire, service: &str) -> Vec<Vec<u8>> {
    let (path, query) = split(&wire.target, b'?');
    let mut parameters: Vec<(Vec<u8>, Vec<u8>)> = query
        .split(|&byte| byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| split(pair, b'='))
        .map(|(name, value)| (decoded(name, true), decoded(value, true)))
        .collect();
    parameters.sort();
    let authorization = values(wire, b"authorization");
    let signed_headers = match authorization.first() {
        Some(text) => after(text, b"SignedHeaders="),
        None => parameters
            .iter()
            .find(|(name, _)| is(name, b"x-amz-signedheaders"))
            .map_or(vec![], |(_, value)| value.clone()),
    };
    let path = if service == "s3" { decoded(path, false) } else { sent(path) };
    let mut meaning = vec![wire.method.to_ascii_uppercase(), path];
    for (name, value) in parameters {
        meaning.push(name);
        meaning.push(value);
    }
    for name in signed_headers.split(|&byte| byte == b';') {
        meaning.push(name.to_vec());
        meaning.push(values(wire, name).join(&b','));
    }
    meaning.push(after(authorization.first().map_or(&[], |text| &text[..]), b"Credential="));
    meaning.push(after(authorization.first().map_or(&[], |text| &text[..]), b"Signature="));
    meaning.push(signed_headers);
    meaning.push(wire.body.clone());
    meaning
}

fn is(name: &[u8], other: &[u8]) -> bool {
    name.eq_ignore_ascii_case(other)
}

fn split(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    match bytes.iter().position(|&byte| byte == at) {
        Some(place) => (&bytes[..place], &bytes[place + 1..]),
        None => (bytes, &[]),
    }
}

fn after(text: &[u8], name: &[u8]) -> Vec<u8> {
    let Some(at) = text.windows(name.len()).position(|window| window == name) else { return Vec::new() };
    text[at + name.len()..].iter().copied().take_while(|byte| !matches!(byte, b',' | b' ' | b'\t')).collect()
}

/// The values of a header as they are signed.
fn values(wire: &Wire, name: &[u8]) -> Vec<Vec<u8>> {
    let collapsed = |value: &[u8]| {
        value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(&b' ')
    };
    wire.headers.iter().filter(|(other, _)| is(other, name)).map(|(_, value)| collapsed(value)).collect()
}

fn decoded(bytes: &[u8], plus_is_space: bool) -> Vec<u8> {
    let mut result = Vec::new();
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = tail.get(..2).filter(|digits| byte == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            result.push(byte);
            rest = &tail[2..];
        } else {
            result.push(if byte == b'+' && plus_is_space { b' ' } else { byte });
            rest = tail;
        }
    }
    result
}

/// What a path is when what no client sends as it is was sent encoded.
fn sent(path: &[u8]) -> Vec<u8> {
    const AS_IT_IS: &[u8] = b"-._~/!$%&'()*+,:;=@[]^|";
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() || AS_IT_IS.contains(&byte) {
            vec![byte]
        } else {
            format!("%{byte:02X}").into_bytes()
        }
    };
    path.iter().flat_map(|&byte| encode(byte)).collect()
}
