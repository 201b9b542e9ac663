/** IAM authentication of API Gateway for plain HTTP requests. */
import { SigningError } from "../errors.js";
import type { HttpSigning } from "./outgoing-request.js";
import { SignedHttp } from "./signed-http.js";

export class ApiGateway extends SignedHttp {
  constructor(_options: object) {
    super(undefined as unknown as HttpSigning);
    throw new SigningError("not built");
  }
}
