//! Opening, filling and asking credential cells. A handle is an integer that a JavaScript number holds exactly.

use crate::error::{Result, to_js};
use crate::secret::SecretString;
use aws_refresh_session_core::cell::{self, Handle};
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::refresh::{Decision, Policy, PolicyKind};
use napi_derive::napi;

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no cell answers to a number that is not a handle"
)]
fn handle(bits: f64) -> Handle {
    Handle::from_bits(bits as u64)
}

#[allow(clippy::cast_possible_truncation, reason = "milliseconds since the epoch; the cast saturates")]
fn millis(number: f64) -> i64 {
    number as i64
}

/// Opens an empty cell and returns its handle. Windows are in milliseconds.
#[napi(catch_unwind)]
#[allow(clippy::cast_precision_loss, reason = "a handle has at most 53 bits")]
pub fn open_cell(static_stability: bool, serve_valid: bool, advisory_ms: f64, mandatory_ms: f64) -> Result<f64> {
    let kind = match (static_stability, serve_valid) {
        (true, _) => PolicyKind::StaticStability,
        (false, true) => PolicyKind::WindowsServeValid,
        (false, false) => PolicyKind::Windows,
    };
    let policy = Policy { kind, advisory: millis(advisory_ms), mandatory: millis(mandatory_ms) };
    cell::open(policy).map(|handle| handle.to_bits() as f64).map_err(to_js)
}

/// Closes a cell and wipes what it holds; the handle throws `ERR_CLOSED` from then on.
#[napi(catch_unwind)]
pub fn close_cell(cell: f64) {
    cell::close(handle(cell));
}

/// Makes a triple the current one and returns its version. `expirationMs` is Infinity for one that never expires.
#[napi(catch_unwind)]
#[allow(clippy::cast_precision_loss, reason = "versions count up from one")]
pub fn publish(
    cell: f64,
    access_key_id: String,
    #[napi(ts_arg_type = "string")] secret_access_key: SecretString,
    session_token: Option<String>,
    expiration_ms: f64,
    now_ms: f64,
) -> Result<f64> {
    let cell = cell::get(handle(cell)).map_err(to_js)?;
    let now = millis(now_ms);
    // Never is infinity alone: a date that is no number must not pass for it.
    let expiration = (expiration_ms != f64::INFINITY).then(|| millis(expiration_ms));
    let published =
        Published::new(&access_key_id, secret_access_key.as_str(), session_token.as_deref(), expiration, now)
            .map_err(to_js)?;
    Ok(cell.publish(published, now) as f64)
}

/// What to do now: 0 fresh, 1 refresh advised, 2 refresh required, 3 serve what is held, 4 reject with the kept failure.
#[napi(catch_unwind)]
pub fn decide(cell: f64, now_ms: f64) -> Result<u32> {
    let cell = cell::get(handle(cell)).map_err(to_js)?;
    Ok(match cell.decide(millis(now_ms)) {
        Decision::Fresh => 0,
        Decision::RefreshAdvised => 1,
        Decision::RefreshRequired => 2,
        Decision::ServeHeld => 3,
        Decision::RejectKept => 4,
    })
}

/// Until when what is held is fresh, in milliseconds since the epoch: Infinity for ever, -Infinity when nothing is held.
#[napi(catch_unwind)]
#[allow(clippy::cast_precision_loss, reason = "milliseconds since the epoch")]
pub fn fresh_until(cell: f64) -> Result<f64> {
    let cell = cell::get(handle(cell)).map_err(to_js)?;
    Ok(match cell.fresh_until() {
        i64::MIN => f64::NEG_INFINITY,
        i64::MAX => f64::INFINITY,
        millis => millis as f64,
    })
}

/// Reports that a refresh failed; `random` in [0, 1) spreads the next attempts.
#[napi(catch_unwind)]
pub fn refresh_failed(cell: f64, now_ms: f64, recoverable: bool, random: f64) -> Result<()> {
    cell::get(handle(cell)).map_err(to_js)?.refresh_failed(millis(now_ms), recoverable, random);
    Ok(())
}

/// Drops the current triple if its access key id is the given one, or whatever is held for null.
#[napi(catch_unwind)]
pub fn invalidate(cell: f64, access_key_id: Option<String>) -> Result<bool> {
    Ok(cell::get(handle(cell)).map_err(to_js)?.invalidate(access_key_id.as_deref()))
}
