/** A session over a function of your own: any vault, broker or script that can answer with credentials. */
import { RefreshableSession } from "aws-refresh-session";

let asked = 0;
async function vault({ path }) {
  asked++;
  return {
    accessKeyId: `ASIAEXAMPLE${path.length}`,
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    sessionToken: "a-token",
    expiration: new Date(Date.now() + 3_600_000),
  };
}

const session = new RefreshableSession({
  method: "custom",
  customCredentialsMethod: vault,
  customCredentialsMethodArgs: { path: "aws/creds/reports" },
});

// Twenty callers at once share one refresh.
const answers = await Promise.all(Array.from({ length: 20 }, () => session.refreshableCredentials()));
console.log(`${answers.length} callers, ${asked} call of the vault`);
// Printing credentials shows no secret.
console.log(answers[0]);
session.close();
