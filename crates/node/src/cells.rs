//! Opening, filling and asking credential cells. A handle is an integer that a JavaScript number holds exactly.

use crate::error::{Result, to_js};
use crate::secret::SecretString;
use aws_refresh_session_core::cell::{self, Cell, Handle, Opening, Shared, Since};
use aws_refresh_session_core::codes;
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::refresh::{Decision, Policy, PolicyKind};
use napi::Env;
use napi_derive::napi;
use std::cell::RefCell;
use std::sync::Arc;

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast saturates, and no cell answers to a number that is not a handle, a lease or a version of its own"
)]
const fn whole(number: f64) -> u64 {
    number as u64
}

#[allow(
    clippy::cast_precision_loss,
    reason = "handles have at most 53 bits; cells, leases and versions count up from one"
)]
const fn number(whole: u64) -> f64 {
    whole as f64
}

#[allow(clippy::cast_possible_truncation, reason = "milliseconds since the epoch; the cast saturates")]
const fn millis(number: f64) -> i64 {
    number as i64
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds since the epoch or of a lifetime")]
const fn from_millis(millis: i64) -> f64 {
    millis as f64
}

fn handle(bits: f64) -> Handle {
    Handle::from_bits(whole(bits))
}

fn find(cell: f64) -> Result<Arc<Cell>> {
    cell::get(handle(cell)).map_err(to_js)
}

thread_local! {
    /// The environments whose end is waited for; a thread has one of its own as a rule.
    static ENVIRONMENTS: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// The owner of what is opened in an environment. Its handles are closed when it ends, since a thread that is terminated
/// runs no finalizers: its leases are free then, and what it held last is wiped.
fn owner(env: Env) -> Result<u64> {
    let owner = env.raw() as usize as u64;
    ENVIRONMENTS.with_borrow_mut(|known| {
        if known.contains(&owner) {
            return Ok(owner);
        }
        env.add_env_cleanup_hook(owner, |owner| {
            cell::close_all(owner);
            // The address may come back with another environment. None is left where the thread's own end came first.
            let _ = ENVIRONMENTS.try_with(|known| known.borrow_mut().retain(|known| *known != owner));
        })
        .map_err(|error| napi::Error::new("GenericFailure", error.reason.clone()))?;
        known.push(owner);
        Ok(owner)
    })
}

/// When a cell is refreshed, and with whom it is shared.
#[napi(object, object_to_js = false)]
pub struct CellOptions {
    pub static_stability: bool,
    pub serve_valid: bool,
    pub advisory_ms: f64,
    pub mandatory_ms: f64,
    pub name: Option<String>,
    /// Lines of an option's name, a space and a digest of its value; with `name`.
    pub fingerprint: Option<String>,
}

/// A triple as it crosses; `expirationMs` is Infinity for one that never expires.
#[napi(object)]
pub struct Triple {
    pub access_key_id: String,
    #[napi(ts_type = "string")]
    pub secret_access_key: SecretString,
    #[napi(ts_type = "string")]
    pub session_token: Option<SecretString>,
    pub expiration_ms: f64,
    pub account_id: Option<String>,
    /// Milliseconds to add to the local clock.
    pub clock_offset_ms: f64,
}

/// The triple that is current, and its version.
#[napi(object, object_from_js = false)]
pub struct VersionedTriple {
    pub version: f64,
    pub triple: Triple,
}

/// Opens a cell, or joins the one of that name, and returns a handle. It is closed with the environment at the latest.
#[napi(catch_unwind)]
pub fn open_cell(env: Env, options: CellOptions) -> Result<f64> {
    let kind = match (options.static_stability, options.serve_valid) {
        (true, _) => PolicyKind::StaticStability,
        (false, true) => PolicyKind::WindowsServeValid,
        (false, false) => PolicyKind::Windows,
    };
    let policy = Policy { kind, advisory: millis(options.advisory_ms), mandatory: millis(options.mandatory_ms) };
    let fingerprint = options.fingerprint.unwrap_or_default();
    let shared = options.name.map(|name| Shared { name, fingerprint });
    let handle = cell::open(Opening { policy, owner: owner(env)?, shared }).map_err(to_js)?;
    Ok(number(handle.to_bits()))
}

/// Closes a handle, which throws `ERR_CLOSED` from then on; the last one of a cell wipes what it holds.
#[napi(catch_unwind)]
pub fn close_cell(cell: f64) {
    cell::close(handle(cell));
}

/// The number of a cell, the same behind all its handles.
#[napi(catch_unwind)]
pub fn cell_id(cell: f64) -> Result<f64> {
    Ok(number(find(cell)?.id()))
}

/// How many handles are open in the process, and how many cells are shared by name: for tests of leaks.
#[napi(catch_unwind)]
pub fn count_cells() -> Vec<u32> {
    let (handles, shared) = cell::counts();
    [handles, shared].map(|count| u32::try_from(count).unwrap_or(u32::MAX)).to_vec()
}

/// Notes that the MFA code behind a digest is about to be sent. False when any thread sent it within 90 seconds.
#[napi(catch_unwind)]
pub fn take_code(digest: String, now_ms: f64) -> bool {
    codes::take(digest, millis(now_ms))
}

/// Makes a triple the current one and returns its version. With a lease other than 0 it is what a refresh fetched, and
/// nothing happens when the lease was lost: the answer is 0 then.
#[napi(catch_unwind)]
pub fn publish(cell: f64, lease: f64, triple: Triple, now_ms: f64) -> Result<f64> {
    let cell = find(cell)?;
    let now = millis(now_ms);
    // Never is infinity alone: a date that is no number must not pass for it.
    let expiration = (triple.expiration_ms != f64::INFINITY).then(|| millis(triple.expiration_ms));
    let token = triple.session_token.as_ref().map(SecretString::as_str);
    let published = Published::new(&triple.access_key_id, triple.secret_access_key.as_str(), token, expiration, now)
        .map_err(to_js)?
        .told_by_source(triple.account_id.as_deref(), millis(triple.clock_offset_ms));
    Ok(number(match whole(lease) {
        0 => cell.publish(published, now),
        lease => cell.refreshed(lease, published, now).unwrap_or_default(),
    }))
}

/// The triple that is current, whoever published it.
#[napi(catch_unwind)]
pub fn current_triple(cell: f64) -> Result<Option<VersionedTriple>> {
    Ok(find(cell)?.current().map(|published| {
        let credentials = published.credentials();
        let triple = Triple {
            access_key_id: credentials.access_key_id().to_owned(),
            secret_access_key: SecretString::new(credentials.secret_access_key()),
            session_token: published.session_token().map(SecretString::new),
            expiration_ms: published.expiration().map_or(f64::INFINITY, from_millis),
            account_id: published.account_id().map(str::to_owned),
            clock_offset_ms: from_millis(published.clock_offset()),
        };
        VersionedTriple { version: number(published.version()), triple }
    }))
}

/// What to do now: eight times the version of the triple for which that holds, and 0 fresh, 1 refresh advised, 2 refresh
/// required, 3 serve what is held, 4 reject with the kept failure.
#[napi(catch_unwind)]
pub fn decide(cell: f64, now_ms: f64) -> Result<f64> {
    let (decision, version) = find(cell)?.decide_with_version(millis(now_ms));
    let decision = match decision {
        Decision::Fresh => 0,
        Decision::RefreshAdvised => 1,
        Decision::RefreshRequired => 2,
        Decision::ServeHeld => 3,
        Decision::RejectKept => 4,
    };
    Ok(number(version * 8 + decision))
}

/// Until when what is held is fresh, in milliseconds since the epoch: Infinity for ever, -Infinity when nothing is held.
#[napi(catch_unwind)]
pub fn fresh_until(cell: f64) -> Result<f64> {
    Ok(match find(cell)?.fresh_until() {
        i64::MIN => f64::NEG_INFINITY,
        i64::MAX => f64::INFINITY,
        millis => from_millis(millis),
    })
}

/// What somebody who wants a refresh has to do.
#[napi(object, object_from_js = false)]
pub struct Turn {
    /// 0 refresh under this lease; 1 another refreshes under it: ask again, naming it, at a notice or after `waitMs`;
    /// 2 what is held will do, since a refresh has ended; 3 the kept failure is the answer.
    pub kind: u32,
    pub lease: f64,
    pub wait_ms: f64,
    /// Whether the last triple was given up, so that a source which keeps its answers must be asked anew.
    pub anew: bool,
}

/// Asks for the lease of a refresh. `shared_now_ms` is by a clock that all threads share; `awaited` is the lease that the
/// caller waited for, or 0; `version` that of the triple for which it decided to refresh, or negative where a refresh is
/// wanted in any case.
#[napi(catch_unwind)]
pub fn begin_refresh(
    cell: f64,
    shared_now_ms: f64,
    ttl_ms: f64,
    awaited: f64,
    version: f64,
    now_ms: f64,
) -> Result<Turn> {
    let since = (version >= 0.0).then(|| Since { version: whole(version), now: millis(now_ms) });
    let turn = find(cell)?.begin_refresh(handle(cell), millis(shared_now_ms), millis(ttl_ms), whole(awaited), since);
    let (kind, lease, wait, anew) = match turn {
        cell::Turn::Yours { lease, anew } => (0, lease, 0, anew),
        cell::Turn::Wait { lease, millis } => (1, lease, millis, false),
        cell::Turn::Published => (2, 0, 0, false),
        cell::Turn::Failed => (3, 0, 0, false),
    };
    Ok(Turn { kind, lease: number(lease), wait_ms: from_millis(wait), anew })
}

/// Reports that the refresh under a lease failed; `random` in [0, 1) spreads the next attempts, `failure` is kept for all
/// who share the cell. Returns false, and nothing happens, when the lease was lost.
#[napi(catch_unwind)]
pub fn refresh_failed(
    cell: f64,
    lease: f64,
    now_ms: f64,
    recoverable: bool,
    random: f64,
    failure: String,
) -> Result<bool> {
    Ok(find(cell)?.refresh_failed(whole(lease), millis(now_ms), recoverable, random, &failure))
}

/// Why the newest refresh failed, and its lease.
#[napi(object, object_from_js = false)]
pub struct Failure {
    pub lease: f64,
    pub failure: String,
}

/// The failure of the newest refresh that ended, if that one failed.
#[napi(catch_unwind)]
pub fn kept_failure(cell: f64) -> Result<Option<Failure>> {
    let failure = find(cell)?.failure();
    Ok(failure.map(|kept| Failure { lease: number(kept.lease), failure: kept.text.to_string() }))
}

/// Drops the current triple if its access key id is the given one, or whatever is held for null.
#[napi(catch_unwind)]
pub fn invalidate(cell: f64, access_key_id: Option<String>) -> Result<bool> {
    Ok(find(cell)?.invalidate(access_key_id.as_deref()))
}
