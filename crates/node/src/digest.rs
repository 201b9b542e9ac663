//! The key of the process, and texts of JavaScript that are digested under it as they arrive.

use aws_refresh_session_core::digest::{Digest, KeyedHash, to_text};
use napi::bindgen_prelude::{FromNapiValue, TypeName, ValidateNapiValue, ValueType};
use napi::sys;
use napi_derive::napi;
use std::cell::RefCell;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// The digest of a text under a key that is made anew in each process and shared by its threads; in base64url.
#[napi(catch_unwind)]
pub fn keyed_digest(#[napi(ts_arg_type = "string")] text: DigestedText) -> String {
    to_text(&text.0)
}

/// The keyed digest of an argument, which is read once, hashed and wiped.
///
/// It is read as the 16-bit units that it has: in UTF-8 all lone surrogates would be the same, and reading it so takes
/// JavaScript longer.
#[derive(Debug)]
pub struct DigestedText(pub(crate) Digest);

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch { units: vec![0; 1024], bytes: Vec::new() });
}

/// What a text is read into, used again for the next one.
struct Scratch {
    units: Vec<u16>,
    bytes: Vec<u8>,
}

impl Scratch {
    fn digest(&mut self, len: usize) -> Digest {
        let units = &mut self.units[..len];
        // Without a branch, so that the compiler vectorises it.
        let narrow = units.iter().fold(0, |all, &unit| all | unit) < 256;
        if narrow {
            #[allow(clippy::cast_possible_truncation, reason = "they are below 256")]
            self.bytes.extend(units.iter().map(|&unit| unit as u8));
        } else {
            self.bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        }
        // Tells the bytes of one form from those of the other.
        self.bytes.push(u8::from(narrow));
        let digest = process_hash().digest(&self.bytes);
        // The buffers live on, so these writes cannot be left out as those to a dying one could.
        units.fill(0);
        self.bytes.fill(0);
        self.bytes.clear();
        digest
    }
}

/// The hash of the process, whose key nobody knows and all its threads share.
fn process_hash() -> &'static KeyedHash {
    static HASH: OnceLock<KeyedHash> = OnceLock::new();
    HASH.get_or_init(|| {
        let mut key = Zeroizing::new([0; 32]);
        // Without the error, whose texts would be of no use to anybody.
        assert!(getrandom::fill(key.as_mut_slice()).is_ok(), "the system gives no random bytes");
        KeyedHash::new(&key)
    })
}

impl TypeName for DigestedText {
    fn type_name() -> &'static str {
        "string"
    }
    fn value_type() -> ValueType {
        ValueType::String
    }
}

impl ValidateNapiValue for DigestedText {}

impl FromNapiValue for DigestedText {
    // Its callers are four, and each would have a copy.
    #[inline(never)]
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        SCRATCH.with_borrow_mut(|scratch| {
            loop {
                let room = scratch.units.len();
                let mut len = 0;
                // SAFETY: environment and value are those that N-API gave to the generated caller of this function, and there
                // is room for that many units, the last of which becomes zero.
                let status = unsafe {
                    sys::napi_get_value_string_utf16(env, value, scratch.units.as_mut_ptr(), room, &raw mut len)
                };
                if status != sys::Status::napi_ok {
                    return Err(napi::Error::new(napi::Status::StringExpected, "a text is expected"));
                }
                if len + 1 < room {
                    return Ok(Self(scratch.digest(len)));
                }
                // It may be longer than there was room for. What was read is wiped first: growing leaves the old memory behind.
                scratch.units.fill(0);
                scratch.units.resize(room * 4, 0);
            }
        })
    }
}
