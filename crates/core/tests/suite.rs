//! Runs the AWS signing test suite that the installed aws-sigv4 crate carries: every case, as headers and as a query,
//! through our canonicaliser and through the second engine.
#![allow(missing_docs, reason = "tests")]

mod support;

use aws_refresh_session_core::ErrorKind;
use aws_refresh_session_core::clock::{AmzDate, Millis};
use aws_refresh_session_core::credentials::Published;
use aws_refresh_session_core::sign::v4a::AsymmetricKey;
use aws_refresh_session_core::sign::{self, Algorithm, Payload, Request, Settings, dialect, engine};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{KEY_ID, SECRET};

/// Cases of the old form: no context, no query form, and a canonical request of another day than the signature.
const OLD_FORM: [&str; 2] = ["double-encode-path", "double-url-encode"];

/// Cases whose expected path is encoded once. The suite has no field for it; the crate leaves these cases out.
const ENCODED_ONCE: [&str; 3] = ["get-space-normalized", "get-space-unnormalized", "get-utf8"];

/// Cases that the crate's own `http_request::sign` cannot sign, and how it fails. Ours signs them.
const BEYOND_THE_SECOND_ENGINE: [(&str, Failure); 2] = [
    // A URI of the `http` crate takes no blank.
    ("get-space-unnormalized", Failure::Refused),
    // It takes raw UTF-8, and single encoding then leaves it raw instead of encoding it.
    ("get-utf8", Failure::OtherSignature),
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Failure {
    Refused,
    OtherSignature,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Header,
    Query,
}

impl Form {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Query => "query",
        }
    }
}

/// A request as it stands in `request.txt`, and the credentials and settings to sign it with.
struct Case {
    name: String,
    algorithm: Algorithm,
    folder: PathBuf,
    key_id: String,
    secret: String,
    token: Option<String>,
    region: String,
    service: String,
    at: Millis,
    expires_in: u64,
    normalize: bool,
    omit_session_token: bool,
    sign_body: bool,
    raw: RawRequest,
}

/// What a signer computed.
#[derive(Debug, Eq, PartialEq)]
struct Computed {
    canonical_request: String,
    string_to_sign: String,
    signature: String,
    /// The value of `authorization`, or the parameters of the presigned URL in any order.
    result: BTreeSet<String>,
}

impl Case {
    fn read(folder: &Path, algorithm: Algorithm) -> Self {
        let name = folder.file_name().expect("a case has a name").to_string_lossy().into_owned();
        let raw = RawRequest::read(&fs::read(folder.join("request.txt")).expect("request.txt"));
        let mut case = Self {
            folder: folder.to_owned(),
            key_id: KEY_ID.to_owned(),
            secret: SECRET.to_owned(),
            token: None,
            region: "us-east-1".to_owned(),
            service: "service".to_owned(),
            at: 0,
            expires_in: 3600,
            normalize: true,
            omit_session_token: false,
            sign_body: false,
            raw,
            name,
            algorithm,
        };
        if OLD_FORM.contains(&&*case.name) {
            case.read_old_form();
        } else {
            case.read_context();
        }
        case
    }

    fn read_context(&mut self) {
        let text = fs::read_to_string(self.folder.join("context.json")).expect("context.json");
        let context: Value = serde_json::from_str(&text).expect("context.json is JSON");
        let words = |value: &Value| value.as_str().expect("text").to_owned();
        let switch = |name: &str, otherwise| context[name].as_bool().unwrap_or(otherwise);
        self.key_id = words(&context["credentials"]["access_key_id"]);
        self.secret = words(&context["credentials"]["secret_access_key"]);
        self.token = context["credentials"]["token"].as_str().map(str::to_owned);
        self.region = words(&context["region"]);
        self.service = words(&context["service"]);
        self.expires_in = context["expiration_in_seconds"].as_u64().expect("a number");
        self.normalize = switch("normalize", true);
        self.omit_session_token = switch("omit_session_token", false);
        self.sign_body = switch("sign_body", true);
        self.at = instant(&words(&context["timestamp"]).replace(['-', ':'], ""));
        let known = [
            "credentials",
            "expiration_in_seconds",
            "normalize",
            "omit_session_token",
            "region",
            "service",
            "sign_body",
            "timestamp",
        ];
        for field in context.as_object().expect("an object").keys() {
            assert!(
                known.contains(&&**field),
                "{}: the context says {field:?}, which this test does not know",
                self.name
            );
        }
    }

    /// Credentials and scope stand in the signed request; the day of the canonical request in the canonical request.
    fn read_old_form(&mut self) {
        let scope = self.expected_authorization();
        let scope: Vec<&str> = support::field(&scope, "Credential=").split('/').map(str::trim).collect();
        let [key_id, _, region, service, _] = scope[..] else { panic!("{}: {scope:?}", self.name) };
        (self.key_id, self.region, self.service) = (key_id.to_owned(), region.to_owned(), service.to_owned());
        if key_id == "ANOTREAL" {
            // The triple that the AWS SDK for Rust uses in its own tests.
            "notrealrnrELgWzOk3IfjzDKtFBhDby".clone_into(&mut self.secret);
        }
        let canonical = self.expected(Form::Header, "canonical-request");
        let date = canonical.lines().find_map(|line| line.strip_prefix("x-amz-date:")).expect("a date");
        self.at = instant(date);
    }

    fn expected_authorization(&self) -> String {
        let signed =
            RawRequest::read(&fs::read(self.folder.join("header-signed-request.txt")).expect("signed request"));
        signed.header("authorization").expect("the signed request is authorized").to_owned()
    }

    fn expected(&self, form: Form, what: &str) -> String {
        let path = self.folder.join(format!("{}-{what}.txt", form.prefix()));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.trim_end().replace("\r\n", "\n")
    }

    fn expected_result(&self, form: Form) -> BTreeSet<String> {
        match form {
            Form::Header => BTreeSet::from([self.expected_authorization()]),
            Form::Query => {
                let path = self.folder.join("query-signed-request.txt");
                let signed = RawRequest::read(&fs::read(path).expect("signed request"));
                let query = signed.target.split_once('?').expect("a presigned target has a query").1.to_owned();
                query.split('&').filter(|pair| pair.starts_with("X-Amz-")).map(str::to_owned).collect()
            }
        }
    }

    fn encodes_twice(&self) -> bool {
        !ENCODED_ONCE.contains(&&*self.name)
    }

    fn settings(&self, form: Form) -> Settings<'_> {
        Settings {
            dialect: &dialect::AWS,
            algorithm: self.algorithm,
            region: self.region.as_bytes(),
            service: self.service.as_bytes(),
            unsigned_headers: b"",
            double_encode_path: self.encodes_twice(),
            normalize_path: self.normalize,
            // In a presigned URL the suite signs the hash of the body without naming it.
            content_sha256_header: self.sign_body && form == Form::Header,
            unsigned_payload: false,
            omit_session_token: self.omit_session_token,
        }
    }

    fn published(&self) -> Published {
        Published::new(&self.key_id, &self.secret, self.token.as_deref(), None, self.at).expect("a whole triple")
    }

    fn url(&self) -> String {
        format!("https://{}{}", self.raw.header("host").expect("every case has a host"), self.raw.target)
    }

    fn request<'a>(&'a self, url: &'a str) -> Request<'a, impl Iterator<Item = (&'a [u8], &'a [u8])>> {
        let headers = self.raw.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let payload = match &*self.raw.body {
            [] => Payload::Absent,
            body => Payload::Content(body),
        };
        Request { method: self.raw.method.as_bytes(), url: url.as_bytes(), headers, payload }
    }

    fn ours(&self, form: Form) -> Result<Computed, aws_refresh_session_core::Error> {
        let (published, url, settings) = (self.published(), self.url(), self.settings(form));
        let (date, request) = (AmzDate::at(self.at), self.request(&url));
        let mut result = Vec::new();
        match form {
            Form::Header => sign::sign_headers(&published, &settings, date, request, |signed| {
                signed.write_authorization(&mut result);
                computed(
                    signed.canonical_request,
                    signed.string_to_sign,
                    &signed.signature,
                    BTreeSet::from([text(&result)]),
                )
            }),
            Form::Query => sign::presign(&published, &settings, date, self.expires_in, request, |signed| {
                signed.write_url(&mut result);
                let result = signature_parameters(&text(&result));
                computed(signed.canonical_request, signed.string_to_sign, &signed.signature, result)
            }),
        }
    }

    fn second_engine(&self, form: Form) -> Result<BTreeSet<String>, aws_refresh_session_core::Error> {
        let (published, url, settings) = (self.published(), self.url(), self.settings(form));
        match form {
            Form::Header => engine::sign_headers(&published, &settings, self.at, self.request(&url)).map(|answer| {
                // After a line feed comes the payload hash, which is not part of the header.
                BTreeSet::from([text(&answer).lines().next().expect("an answer").to_owned()])
            }),
            Form::Query => engine::presign(&published, &settings, self.at, self.expires_in, self.request(&url))
                .map(|answer| signature_parameters(&text(&answer))),
        }
    }

    /// What differs from the suite, told with both texts; empty when nothing does.
    fn complaints(&self, form: Form) -> String {
        let ours = match self.ours(form) {
            Ok(ours) => ours,
            Err(error) => return format!("refused: {error}\n"),
        };
        let expected = Computed {
            canonical_request: self.expected(form, "canonical-request"),
            string_to_sign: self.expected(form, "string-to-sign"),
            signature: self.expected(form, "signature"),
            result: self.expected_result(form),
        };
        let mut told = String::new();
        if ours != expected {
            let _ = writeln!(told, "expected {expected:#?}\nours {ours:#?}");
        }
        let second = self.second_engine(form);
        let failure = match &second {
            Err(error) if error.kind() == ErrorKind::SignEngine => Some(Failure::Refused),
            Ok(result) if *result == expected.result => None,
            _ => Some(Failure::OtherSignature),
        };
        let allowed = BEYOND_THE_SECOND_ENGINE.iter().find(|(name, _)| *name == self.name).map(|&(_, failure)| failure);
        if failure != allowed {
            let _ = writeln!(told, "second engine: expected {:#?}\nfound {second:#?}", expected.result);
        }
        told
    }

    /// As [`Case::complaints`] for `SigV4a`, whose signatures in the suite were made with random nonces: each side's is
    /// verified with the key that the other side derived.
    fn complaints_about_global(&self, form: Form) -> String {
        let ours = match self.ours(form) {
            Ok(ours) => ours,
            Err(error) => return format!("refused: {error}\n"),
        };
        let mut told = String::new();
        for (what, ours) in [("canonical-request", &ours.canonical_request), ("string-to-sign", &ours.string_to_sign)] {
            let expected = self.expected(form, what);
            if *ours != expected {
                let _ = writeln!(told, "{what}: expected {expected}\nours {ours}");
            }
        }
        let key = AsymmetricKey::from_secret(&self.key_id, &self.secret);
        let public = fs::read_to_string(self.folder.join("public-key.json")).expect("public-key.json");
        let public: Value = serde_json::from_str(&public).expect("public-key.json is JSON");
        let point = key.public_point().iter().skip(1).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        if point != format!("{}{}", public["X"].as_str().expect("x"), public["Y"].as_str().expect("y")) {
            let _ = writeln!(told, "another key: {point}");
        }
        for signature in [&self.expected(form, "signature"), &ours.signature] {
            if !key.verify(ours.string_to_sign.as_bytes(), signature.as_bytes()) {
                let _ = writeln!(told, "{signature} is not a signature of {}", ours.string_to_sign);
            }
        }
        // The suite made another signature for each of its files.
        let unsigned = |result: &BTreeSet<String>| -> BTreeSet<String> {
            result.iter().map(|part| part.split("Signature=").next().unwrap_or_default().to_owned()).collect()
        };
        let (expected, found) = (unsigned(&self.expected_result(form)), unsigned(&ours.result));
        if found != expected {
            let _ = writeln!(told, "expected {expected:#?}\nours {found:#?}");
        }
        told
    }
}

fn computed(canonical: &[u8], string_to_sign: &[u8], signature: &[u8], result: BTreeSet<String>) -> Computed {
    Computed {
        canonical_request: text(canonical),
        string_to_sign: text(string_to_sign),
        signature: text(signature),
        result,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("signatures are made of UTF-8 texts here")
}

fn signature_parameters(url: &str) -> BTreeSet<String> {
    let query = url.split_once('?').expect("a presigned URL has a query").1;
    query.split('&').filter(|pair| pair.starts_with("X-Amz-")).map(str::to_owned).collect()
}

fn instant(text: &str) -> Millis {
    AmzDate::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text:?} is not an instant"))
}

/// An HTTP/1.1 message read without judging it: the suite holds blanks, UTF-8 and folded values.
#[derive(Debug)]
struct RawRequest {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    /// Values as they were folded, before [`RawRequest::read`] replaced each fold with blanks.
    folded: Vec<String>,
    body: Vec<u8>,
}

impl RawRequest {
    fn read(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).expect("the suite is UTF-8").replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let request_line = lines.next().expect("a request line");
        // One case of the old form lacks the version.
        let (method, target) = request_line.split_once(' ').expect("a method and a target");
        let target = target.strip_suffix(" HTTP/1.1").unwrap_or(target);
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut folded = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            if line.starts_with([' ', '\t']) {
                // RFC 9112, 5.2: a fold is read as blanks.
                let (_, value) = headers.last_mut().expect("a folded line follows a header");
                folded.push(format!("{value}\n{line}"));
                value.push_str(line);
            } else {
                let (name, value) = line.split_once(':').expect("a header has a colon");
                headers.push((name.to_owned(), value.trim_start().to_owned()));
            }
        }
        let (method, target) = (method.to_owned(), target.to_owned());
        Self { method, target, headers, folded, body: body.as_bytes().to_vec() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

/// The folder with the cases, found where cargo keeps the sources of the aws-sigv4 crate.
fn suite(algorithm: Algorithm) -> Vec<Case> {
    let name = if algorithm == Algorithm::Sigv4 { "v4" } else { "v4a" };
    let metadata = metadata(&["--offline"]).or_else(|| metadata(&[])).expect("cargo metadata lists the packages");
    let folder = metadata["packages"]
        .as_array()
        .expect("a list of packages")
        .iter()
        .filter(|package| package["name"] == "aws-sigv4")
        .filter_map(|package| Path::new(package["manifest_path"].as_str()?).parent())
        .map(|package| package.join("aws-signing-test-suite").join(name))
        .find(|folder| folder.is_dir())
        .expect("the sources of aws-sigv4 hold the test suite");
    let mut folders: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the suite can be listed")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders.iter().map(|folder| Case::read(folder, algorithm)).collect()
}

/// Only packages of this machine's platform, so that cargo needs no source that the build did not need.
fn metadata(also: &[&str]) -> Option<Value> {
    let version = Command::new(env!("CARGO")).arg("-vV").output().ok()?;
    let version = String::from_utf8(version.stdout).ok()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "))?;
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--filter-platform", host])
        .args(also)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .ok()?;
    output.status.success().then(|| serde_json::from_slice(&output.stdout).ok())?
}

/// Fails with everything that differs, not with the first case only.
fn report(cases: usize, complaints: &[(String, String)]) {
    let told: Vec<String> = complaints.iter().map(|(case, what)| format!("==== {case}\n{what}")).collect();
    assert!(complaints.is_empty(), "{} of {cases} cases differ\n{}", complaints.len(), told.join("\n"));
}

fn run(form: Form) {
    let cases: Vec<Case> =
        suite(Algorithm::Sigv4).into_iter().filter(|case| !OLD_FORM.contains(&&*case.name)).collect();
    assert!(cases.len() >= 38, "the suite has 38 cases with a context, found {}", cases.len());
    let complaints: Vec<(String, String)> = cases
        .iter()
        .map(|case| (case.name.clone(), case.complaints(form)))
        .filter(|(_, complaints)| !complaints.is_empty())
        .collect();
    report(cases.len(), &complaints);
}

#[test]
fn every_case_of_the_suite_is_signed_with_headers_as_expected() {
    run(Form::Header);
}

#[test]
fn every_case_of_the_suite_is_presigned_as_expected() {
    run(Form::Query);
}

fn run_global(form: Form) {
    let cases = suite(Algorithm::Sigv4a);
    assert!(cases.len() >= 38, "the suite has 38 cases for SigV4a, found {}", cases.len());
    let complaints: Vec<(String, String)> = cases
        .iter()
        .map(|case| (case.name.clone(), case.complaints_about_global(form)))
        .filter(|(_, complaints)| !complaints.is_empty())
        .collect();
    report(cases.len(), &complaints);
}

#[test]
fn every_case_of_the_suite_is_signed_for_a_set_of_regions_with_headers_as_expected() {
    run_global(Form::Header);
}

#[test]
fn every_case_of_the_suite_is_presigned_for_a_set_of_regions_as_expected() {
    run_global(Form::Query);
}

#[test]
fn the_suite_is_whole_and_every_exception_names_a_case() {
    let names: BTreeSet<String> = suite(Algorithm::Sigv4).into_iter().map(|case| case.name).collect();
    assert!(names.len() >= 40, "40 folders are known, found {}: {names:?}", names.len());
    let exceptions = OLD_FORM.iter().chain(&ENCODED_ONCE).chain(BEYOND_THE_SECOND_ENGINE.iter().map(|(name, _)| name));
    for name in exceptions {
        assert!(names.contains(*name), "{name} is no case of the suite");
    }
}

#[test]
fn the_two_cases_of_the_old_form_are_signed_as_expected() {
    for mut case in suite(Algorithm::Sigv4).into_iter().filter(|case| OLD_FORM.contains(&&*case.name)) {
        let ours = case.ours(Form::Header).expect("signs");
        assert_eq!(ours.canonical_request, case.expected(Form::Header, "canonical-request"), "{}", case.name);
        // The signature was made at the date that the request carries.
        case.at = instant(case.raw.header("x-amz-date").expect("a date"));
        let ours = case.ours(Form::Header).expect("signs");
        if case.folder.join("header-string-to-sign.txt").exists() {
            assert_eq!(ours.string_to_sign, case.expected(Form::Header, "string-to-sign"), "{}", case.name);
        }
        assert_eq!(ours.result, case.expected_result(Form::Header), "{}", case.name);
        assert_eq!(case.second_engine(Form::Header).expect("signs"), ours.result, "{}", case.name);
        // These folders hold no query form: there the two engines have to agree with each other.
        let ours = case.ours(Form::Query).expect("presigns");
        assert_eq!(case.second_engine(Form::Query).expect("presigns"), ours.result, "{}", case.name);
    }
}

#[test]
fn a_folded_value_is_refused_when_it_is_not_unfolded_first() {
    let mut folded = 0;
    for mut case in suite(Algorithm::Sigv4).into_iter().filter(|case| !case.raw.folded.is_empty()) {
        folded += 1;
        let value = case.raw.folded[0].clone();
        case.raw.headers.push(("my-folded".to_owned(), value));
        for form in [Form::Header, Form::Query] {
            let error = case.ours(form).expect_err("no HTTP client sends a folded value");
            assert_eq!(error.kind(), ErrorKind::SignHeader, "{}", case.name);
            let error = case.second_engine(form).expect_err("no HTTP client sends a folded value");
            assert_eq!(error.kind(), ErrorKind::SignHeader, "{}", case.name);
        }
    }
    assert!(folded >= 1, "the suite has a case with a folded value");
}
