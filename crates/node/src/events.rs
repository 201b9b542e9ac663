//! Signatures and frames of event streams.

use crate::error::{Result, closed, to_js};
use aws_refresh_session_core::sign::event;
use aws_refresh_session_core::wire::Frozen;
use napi::bindgen_prelude::{Buffer, BufferSlice};
use napi_derive::napi;

/// The signature of an event by triple, scope and date of the frame, after the signature before it.
#[napi(catch_unwind)]
pub fn sign_event(frame: BufferSlice<'_>, previous: String, headers: &[u8], payload: &[u8]) -> Result<String> {
    let frozen = Frozen::of(&frame).map_err(to_js)?;
    let key = frozen.key(frozen.date());
    let signature = event::sign_event(&key, frozen.date(), previous.as_bytes(), headers, payload);
    Ok(String::from_utf8_lossy(&signature).into_owned())
}

/// A message of an event stream with these encoded headers.
#[napi(catch_unwind)]
pub fn encode_event(headers: &[u8], payload: &[u8]) -> Result<Buffer> {
    let mut message = Vec::new();
    event::write_message(headers, payload, &mut message).map_err(to_js)?;
    Ok(message.into())
}

/// Signs the events of one stream, one after the other, with the triple that signed its request.
#[napi]
#[derive(Debug)]
pub struct EventChain(Option<event::EventChain>);

#[napi]
impl EventChain {
    /// Takes triple and scope from the frame; `seed` is the signature of the request.
    #[napi(constructor, catch_unwind)]
    pub fn new(frame: BufferSlice<'_>, seed: String) -> Result<Self> {
        let chain = Frozen::of(&frame).and_then(|frozen| event::EventChain::new(frozen, seed.as_bytes()));
        Ok(Self(Some(chain.map_err(to_js)?)))
    }

    /// The signed message around an encoded event; without bytes, the message that ends the stream.
    #[napi(catch_unwind)]
    #[allow(clippy::cast_possible_truncation, reason = "milliseconds since the epoch; the cast saturates")]
    pub fn sign_message(&mut self, at_ms: f64, event: &[u8]) -> Result<Buffer> {
        let chain = self.0.as_mut().ok_or_else(|| closed("the chain of signatures"))?;
        let mut message = Vec::new();
        chain.sign_message(at_ms as i64, event, &mut message).map_err(to_js)?;
        Ok(message.into())
    }

    /// Wipes what the chain holds; the next call throws `ERR_CLOSED`.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.0 = None;
    }
}
