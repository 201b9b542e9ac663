/** Mosquitto, a broker of MQTT 3.1.1 and 5: how it is started, in the clear or under mutual TLS. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Certificates } from "../support/certificates.js";
import type { ServerProgram } from "./server-program.js";

const lib = fileURLToPath(new URL("../../.servers/debian/mosquitto/usr/lib/", import.meta.url));
const libraries = existsSync(lib) ? readdirSync(lib).map((folder) => join(lib, folder)) : [];

/**
 * With certificates it takes only clients that its authority vouches for, and takes their common names for user names; with "nobody" it
 * refuses every client by a code of MQTT.
 */
export function mosquitto(takes: Certificates | "everybody" | "nobody" = "everybody"): ServerProgram {
  const certificates = typeof takes === "string" ? undefined : takes;
  return {
    name: "Mosquitto",
    program: "debian/mosquitto/usr/sbin/mosquitto",
    args: (port, folder) => {
      const tls = certificates && [
        `cafile ${certificates.ca.certFile}`,
        `certfile ${certificates.server.certFile}`,
        `keyfile ${certificates.server.keyFile}`,
        "require_certificate true",
        "use_identity_as_username true",
      ];
      const lines = [
        `listener ${port} 127.0.0.1`,
        ...(tls ?? [`allow_anonymous ${takes === "everybody"}`]),
        "persistence false",
      ];
      // Started by root it would become a user that is not there.
      if (process.getuid?.() === 0) lines.push("user root");
      const file = join(folder, "mosquitto.conf");
      writeFileSync(file, `${lines.join("\n")}\n`);
      return ["-c", file];
    },
    env: () => ({ LD_LIBRARY_PATH: libraries.join(":") }),
  };
}
