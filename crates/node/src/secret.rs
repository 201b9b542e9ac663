//! A secret on its way from JavaScript to the core or back, wiped when the call ends.

use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue, ValueType};
use napi::sys;
use zeroize::Zeroizing;

pub struct SecretString(Zeroizing<String>);

impl SecretString {
    pub(crate) fn new(secret: &str) -> Self {
        Self(Zeroizing::new(secret.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TypeName for SecretString {
    fn type_name() -> &'static str {
        "string"
    }
    fn value_type() -> ValueType {
        ValueType::String
    }
}

impl ValidateNapiValue for SecretString {}

impl FromNapiValue for SecretString {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        // SAFETY: the arguments are those that N-API gave to the generated caller of this function.
        let text = unsafe { String::from_napi_value(env, value)? };
        Ok(Self(Zeroizing::new(text)))
    }
}

impl ToNapiValue for SecretString {
    unsafe fn to_napi_value(env: sys::napi_env, secret: Self) -> napi::Result<sys::napi_value> {
        // SAFETY: the environment is that of the generated caller, which N-API gave to it.
        unsafe { ToNapiValue::to_napi_value(env, secret.as_str()) }
    }
}
