//! Presigning many URLs with one frozen triple, here or on a thread of the pool, always on a copy.

use crate::error::{Result, to_js};
use aws_refresh_session_core::wire::Batch;
use napi::bindgen_prelude::{AsyncTask, Buffer, BufferSlice};
use napi::{Env, Task};
use napi_derive::napi;

/// Presigns the URLs (one a line) with the settings of the frame; `Batch::presign` in the core tells the answer's form.
#[napi(catch_unwind)]
pub fn presign_batch(frame: BufferSlice<'_>, urls: &[u8], first_index: u32) -> Result<Buffer> {
    Batch::new(&frame, urls, first_index as usize).and_then(|batch| batch.presign()).map(Buffer::from).map_err(to_js)
}

/// As `presignBatch`, off the calling thread.
#[napi(catch_unwind, ts_return_type = "Promise<Buffer>")]
pub fn presign_batch_later(frame: BufferSlice<'_>, urls: &[u8], first_index: u32) -> Result<AsyncTask<Presigning>> {
    Batch::new(&frame, urls, first_index as usize).map(|batch| AsyncTask::new(Presigning(batch))).map_err(to_js)
}

pub struct Presigning(Batch);

impl Task for Presigning {
    type Output = Vec<u8>;
    type JsValue = Buffer;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        // The pool's thread has no guard of its own against panics.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.0.presign()))
            .map_err(|_| napi::Error::from_reason("presigning failed in the native core"))?
            .map_err(|error| napi::Error::from_reason(format!("{}\n{error}", error.kind().code())))
    }

    fn resolve(&mut self, _env: Env, output: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(output.into())
    }
}
