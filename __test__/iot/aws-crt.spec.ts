/** AWS's own client of the credentials provider at the same door: what it asks for is what we ask for, and it takes the answer. */
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { ExecutionContext } from "ava";
import { auth, http, io } from "aws-crt";
import { certificates, iotTest, openDoor } from "./iot-doors.js";

/** AWS's client knows no port but 443, so it gets a proxy that leads to the door. */
async function proxyTo(t: ExecutionContext, doorPort: number): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer();
  proxy.on("connect", (request, client: Socket) => {
    asked.push(request.url ?? "");
    const door = connect(doorPort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(door).pipe(client);
    });
    for (const socket of [client, door]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.teardown(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (proxy.address() as AddressInfo).port, asked };
}

iotTest("AWS's own client gets its credentials from the door, by the same request", async (t) => {
  const { endpoint, door, open } = await openDoor(t);
  const { device, ca } = await certificates();
  const proxy = await proxyTo(t, Number(new URL(door.endpoint).port));

  const tls = io.TlsContextOptions.create_client_with_mtls(device.cert, device.key);
  tls.override_default_trust_store(ca.cert);
  const provider = auth.AwsCredentialsProvider.newX509({
    endpoint: "localhost",
    thingName: "device",
    roleAlias: "test-role-alias",
    tlsContext: new io.ClientTlsContext(tls),
    httpProxyOptions: new http.HttpProxyOptions(
      "127.0.0.1",
      proxy.port,
      http.HttpProxyAuthenticationType.None,
      undefined,
      undefined,
      undefined,
      http.HttpProxyConnectionType.Tunneling,
    ),
  });
  const { host } = new URL(endpoint.url);
  const signed = await auth.aws_sign_request(
    new http.HttpRequest("GET", "/telemetry", new http.HttpHeaders([["host", host]])),
    {
      algorithm: auth.AwsSigningAlgorithm.SigV4,
      signature_type: auth.AwsSignatureType.HttpRequestViaHeaders,
      provider,
      region: "eu-west-1",
      service: "execute-api",
    },
  );
  const response = await fetch(`${endpoint.url}/telemetry`, {
    headers: [...signed.headers] as Array<[string, string]>,
  });
  t.is(response.status, 200);
  t.deepEqual(proxy.asked, ["localhost:443"]);

  await open({
    thingName: "device",
    endpoint: door.endpoint.replace("127.0.0.1", "localhost"),
  }).refreshableCredentials();
  t.is(door.requests[1]?.serverName, "localhost");
  const [theirs, ours] = door.requests.map(({ remotePort, ...request }) => request);
  t.deepEqual(ours, theirs);
});
