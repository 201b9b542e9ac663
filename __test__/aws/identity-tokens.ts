/** Tokens of identity providers as the test endpoint takes them: JWTs and SAML responses that nobody signed. */

const part = (content: unknown) => Buffer.from(JSON.stringify(content)).toString("base64url");

/** A JWT that expires `exp` seconds after the epoch. */
export function jwt(claims: Record<string, unknown>): string {
  const usual = { iss: "https://idp.example.com", sub: "user-7", aud: "sts.amazonaws.com" };
  const signature = Buffer.from("unsigned, but looks like it").toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT", kid: "1" })}.${part({ ...usual, ...claims })}.${signature}`;
}

/** A SAML response in base64 that must be used before `notOnOrAfter`. */
export function samlAssertion({ notOnOrAfter, sessionName = "jane" }: { notOnOrAfter: Date; sessionName?: string }) {
  const attribute = "https://aws.amazon.com/SAML/Attributes/RoleSessionName";
  return Buffer.from(
    `<samlp:Response><saml:Issuer>https://idp.example.com/saml</saml:Issuer><saml:Assertion ID="_1"><saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">jane@example.com</saml:NameID>
      <saml:SubjectConfirmationData NotOnOrAfter="${notOnOrAfter.toISOString()}"/></saml:Subject>
      <saml:Audience>https://signin.aws.amazon.com/saml</saml:Audience>
      <saml:Attribute Name="${attribute}"><saml:AttributeValue>${sessionName}</saml:AttributeValue></saml:Attribute>
    </saml:Assertion></samlp:Response>`,
  ).toString("base64");
}
