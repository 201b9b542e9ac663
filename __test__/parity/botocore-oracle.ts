/** What botocore makes of cases, in Python or in the AWS CRT. */
import { ask } from "./python-oracle.js";

/** What botocore made of a case. */
export interface OracleAnswer {
  readonly error?: string;
  readonly url: string;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly timestamp: string | null;
  readonly fields: Record<string, string> | null;
  readonly policy: Record<string, unknown> | null;
  readonly prepared: {
    readonly url: string;
    readonly headers: ReadonlyArray<readonly [string, string]>;
    readonly body: string | null;
  };
  readonly canonicalRequest: string | null;
  readonly stringToSign: string | null;
}

/** Asks botocore about every case; `pure` is its Python classes, otherwise those of the AWS CRT. */
export function askBotocore(cases: readonly object[], pure: boolean): OracleAnswer[] {
  const answers = ask<OracleAnswer>("botocore-oracle.py", cases, pure ? { BOTO_DISABLE_CRT: "true" } : {});
  if (answers.length !== cases.length) throw new Error(`botocore answered ${answers.length} of ${cases.length} cases`);
  return answers;
}
