//! Signs one request with headers and prints what has to be sent: `cargo run -p aws-refresh-session-core --example sign`.

use aws_refresh_session_core::clock::AmzDate;
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::sign::{self, Algorithm, Payload, Request, Settings, dialect};

fn main() -> aws_refresh_session_core::Result<()> {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let published = Published::new("AKIDEXAMPLE", secret, None, None, 0)?;
    let settings = Settings {
        dialect: &dialect::AWS,
        algorithm: Algorithm::Sigv4,
        region: b"us-east-1",
        service: b"iam",
        unsigned_headers: b"",
        double_encode_path: true,
        normalize_path: true,
        content_sha256_header: false,
        unsigned_payload: false,
        omit_session_token: false,
    };
    let date = AmzDate::at(1_440_938_160_000);
    let headers = [(&b"Accept"[..], &b"application/json"[..])];
    let url = b"https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08";
    let request = Request { method: b"GET", url, headers: headers.into_iter(), payload: Payload::Absent };
    sign::sign_headers(&published, &settings, date, request, |signed| {
        let text = String::from_utf8_lossy;
        println!("{}\n", text(signed.canonical_request));
        println!("x-amz-date: {}", text(date.date_time()));
        println!("authorization: AWS4-HMAC-SHA256 Credential={},", text(signed.credential));
        println!("  SignedHeaders={}, Signature={}", text(signed.signed_headers), text(&signed.signature));
    })
}
