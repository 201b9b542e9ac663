//! A request as it travels, how it is verified, and how it is changed on its way.

use super::texts::PIECES;
use super::{Headers, KEY_ID, NOW, SECRET};
use aws_refresh_session_core::Result;
use aws_refresh_session_core::verify::{Expected, PayloadProof, Received};
use fastrand::Rng;

/// A request as it travels.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    pub(crate) fn lines(&self) -> Vec<u8> {
        let mut lines = [&self.method[..], b"\n", &self.target, b"\n"].concat();
        for (name, value) in &self.headers {
            lines.extend_from_slice(&[name, &b"\n"[..], value, b"\n"].concat());
        }
        lines
    }

    pub(crate) fn verified(&self, expected: &Expected<'_>) -> Result<PayloadProof> {
        let lines = self.lines();
        let received = Received::parse(&lines)?;
        let claim = received.claim()?;
        // The secret of another key id is another; a lookup would know none of these.
        let secret_access_key = if claim.access_key_id == KEY_ID { SECRET } else { "unknown" };
        let expected = Expected { secret_access_key, ..*expected };
        received.verify(&claim, &expected, Some(&self.body)).map(|verification| verification.payload)
    }
}

pub(crate) fn expected<'a>(service: &'a str, token: Option<&'a str>, allow_unsigned: bool) -> Expected<'a> {
    Expected {
        service,
        region: "us-east-1",
        hosts: "host.example",
        secret_access_key: SECRET,
        session_token: token,
        now: NOW,
        max_skew: 900_000,
        allow_unsigned,
        allow_sigv4: true,
        allow_sigv4a: true,
        late_token: false,
        max_chunk: 1 << 20,
    }
}

pub(crate) fn shown(wire: &Wire) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&wire.lines()).escape_debug(), wire.body.escape_ascii())
}

/// One change, of a byte or of a whole part.
pub(crate) fn change(rng: &mut Rng, wire: &mut Wire) {
    let at = rng.usize(0..wire.headers.len());
    let part = match rng.u8(0..8) {
        0 => &mut wire.method,
        1..=3 => &mut wire.target,
        4 => &mut wire.headers[at].0,
        5 | 6 => &mut wire.headers[at].1,
        _ => &mut wire.body,
    };
    if part.is_empty() {
        part.push(rng.u8(..));
        return;
    }
    let place = rng.usize(0..part.len());
    match rng.u8(0..8) {
        0 => {
            part.remove(place);
        }
        1 => part.insert(place, rng.u8(..)),
        2 => {
            let end = (place + rng.usize(1..8)).min(part.len());
            let again = part[place..end].to_vec();
            part.splice(place..place, again);
        }
        3 => part[place] ^= 0x20,
        4 => {
            let piece = PIECES[rng.usize(0..PIECES.len())];
            part.splice(place..place, piece.iter().copied());
        }
        5 if part[place] != b'%' => {
            let encoded = format!("%{:02x}", part[place]);
            part.splice(place..=place, encoded.bytes());
        }
        6 => {
            let other = wire.headers[rng.usize(0..wire.headers.len())].clone();
            wire.headers.push(other);
        }
        _ => part[place] = rng.u8(..),
    }
}
