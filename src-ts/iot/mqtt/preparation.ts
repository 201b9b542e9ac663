/** What an attempt to connect needs: the certificate as its files have it now, or a URL signed with credentials of this moment. */
import type { Clock } from "../../defaults.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { presignIotWebSocket } from "../../signing/websockets/iot.js";
import type { ConnectMaterial } from "./connection.js";
import type { MqttPlan } from "./options.js";

/** The protocol as AWS IoT knows it in the handshake on port 443. */
const ALPN = "x-amzn-mqtt-ca";

export function preparation(
  plan: MqttPlan,
  credentials: RefreshableCredentials,
  clock: Clock | undefined,
): () => Promise<ConnectMaterial> {
  const { verifyPeer: rejectUnauthorized, certificate, region = "" } = plan;
  if (plan.transport === "x509") {
    return async () => ({
      options: {
        // In place of certificate and key, which would stand readable in the options of the client.
        secureContext: certificate.current().context,
        rejectUnauthorized,
        ...(plan.useAlpn && { ALPNProtocols: [ALPN] }),
      },
    });
  }
  const { wsOptions } = plan.clientOptions as { wsOptions?: object };
  return async () => {
    const { ca } = certificate.current();
    const { url } = await presignIotWebSocket({
      endpoint: `${plan.host}:${plan.port}`,
      region,
      credentials,
      ...(clock !== undefined && { clock }),
    });
    return { options: { wsOptions: { ...wsOptions, rejectUnauthorized, ...(ca !== undefined && { ca }) } }, url };
  };
}
