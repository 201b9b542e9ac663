/** The errors of `RequestSigner` that botocore knows by name. */
import { BRSConfigurationError, BRSCredentialError, type BRSErrorOptions, SigningError } from "../../errors.js";

/** No signature version of this name exists. */
export class UnknownSignatureVersionError extends SigningError {
  static override readonly code: string = "ERR_SIGN_UNKNOWN_VERSION";
}

/** The signature version exists, but not for this way of signing; or none of those offered can be made here. */
export class UnsupportedSignatureVersionError extends SigningError {
  static override readonly code: string = "ERR_SIGN_UNSUPPORTED_VERSION";
}

/** A signature needs a region and the signer was given none. */
export class NoRegionError extends BRSConfigurationError {
  static override readonly code: string = "ERR_NO_REGION";

  constructor(message = 'no region to sign for: give RequestSigner a "region"', options?: BRSErrorOptions) {
    super(message, { param: "region", ...options });
  }
}

/** A signature needs credentials and the signer was given none. */
export class NoCredentialsError extends BRSCredentialError {
  static override readonly code: string = "ERR_NO_CREDENTIALS";

  constructor(
    message = 'no credentials to sign with: give RequestSigner "credentials", or the request "context.signing.requestCredentials"',
    options?: BRSErrorOptions,
  ) {
    super(message, { param: "credentials", ...options });
  }
}

/** Bearer authorization needs a token and there is none. */
export class NoAuthTokenError extends BRSCredentialError {
  static override readonly code: string = "ERR_NO_AUTH_TOKEN";

  constructor(message = 'no token to authorize with: give RequestSigner an "authToken"', options?: BRSErrorOptions) {
    super(message, { param: "authToken", ...options });
  }
}

/** The bearer token is past its expiration. */
export class AuthTokenExpiredError extends BRSCredentialError {
  static override readonly code: string = "ERR_AUTH_TOKEN_EXPIRED";
}

/** A body has to be sent again and cannot be rewound. */
export class UnseekableStreamError extends SigningError {
  static override readonly code: string = "ERR_SIGN_UNSEEKABLE";
}
