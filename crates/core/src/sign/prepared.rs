//! Signatures over requests that already hold everything that will be signed, for the dialects that put their own headers
//! and parameters on a request.

use super::canonical;
use super::key::Key;
use super::v4a::SignatureText;
use super::{Payload, Settings, finish, hex64, with_workspace};
use crate::clock::AmzDate;
use crate::credentials::Published;
use crate::error::Result;
use sha2::{Digest, Sha256};

/// A request to which nothing will be added.
#[derive(Clone, Debug)]
pub struct Prepared<'a, H> {
    /// HTTP method.
    pub method: &'a [u8],
    /// The path as it stands in the URL; may be empty.
    pub path: &'a [u8],
    /// The query as it stands in the URL, without `?`; may be empty.
    pub query: &'a [u8],
    /// All headers, `host` among them.
    pub headers: H,
    /// The body; a digest is taken as it is, whatever it is.
    pub payload: Payload<'a>,
}

/// The result of signing a prepared request, borrowed from the thread's workspace.
#[derive(Debug)]
pub struct PreparedSignature<'w> {
    /// `host;x-amz-date`.
    pub signed_headers: &'w [u8],
    /// 64 hex digits; for `SigV4a` the DER form in hex.
    pub signature: SignatureText,
    /// What ends the canonical request.
    pub hash: &'w [u8],
    /// What was hashed.
    pub canonical_request: &'w [u8],
    /// What was signed.
    pub string_to_sign: &'w [u8],
}

/// Signs a prepared request and hands the result to `use_signature`. With `content_sha256_header` alone something is added to
/// it: the hash of its body, which is made here.
pub fn sign<'a, H, R>(
    published: &Published,
    settings: &Settings<'_>,
    date: AmzDate,
    request: Prepared<'a, H>,
    use_signature: impl FnOnce(&PreparedSignature<'_>) -> R,
) -> Result<R>
where
    H: Iterator<Item = (&'a [u8], &'a [u8])>,
{
    with_workspace(|workspace| {
        let Prepared { method, path, query, headers, payload } = request;
        workspace.headers.collect_prepared(settings, headers)?;
        let made;
        let hash: &[u8] = match payload {
            Payload::Digest(text) => text,
            Payload::Content(content) => {
                made = hex64(&Sha256::digest(content).into());
                &made
            }
            Payload::Absent => super::payload::EMPTY_PAYLOAD,
            Payload::Unsigned => super::payload::UNSIGNED_PAYLOAD,
        };
        if settings.content_sha256_header {
            workspace.headers.add(b"x-amz-content-sha256", hash);
        }
        workspace.write_signed_headers();
        canonical::write_query(settings, query, &[], workspace);
        canonical::write(settings, method, path, hash, workspace)?;
        let signature = finish(&Key::of(published, settings, date), date, workspace);
        Ok(use_signature(&PreparedSignature {
            signed_headers: &workspace.signed_headers,
            signature,
            hash,
            canonical_request: &workspace.canonical,
            string_to_sign: &workspace.string_to_sign,
        }))
    })
}

/// Hands the names of the headers that a signature would cover to `use_names`.
pub fn signed_header_names<'a, R>(
    settings: &Settings<'_>,
    headers: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    use_names: impl FnOnce(&[u8]) -> R,
) -> Result<R> {
    with_workspace(|workspace| {
        workspace.headers.collect_prepared(settings, headers)?;
        workspace.write_signed_headers();
        Ok(use_names(&workspace.signed_headers))
    })
}
