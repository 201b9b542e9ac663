/** Times the candidates for the shape of the native call; docs/architecture.md quotes the table. Needs a Rust toolchain. */
import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compare, sync } from "./rounds.mjs";

const folder = fileURLToPath(new URL("boundary/", import.meta.url));
execFileSync("cargo", ["build", "--release", "--quiet"], { cwd: folder, stdio: "inherit" });
const addon = `${folder}target/release/boundary.node`;
copyFileSync(`${folder}target/release/libboundary_candidates.so`, addon);
const native = createRequire(import.meta.url)(addon);

const headers = {
  host: "dynamodb.us-east-1.amazonaws.com",
  "content-type": "application/x-amz-json-1.0",
  "content-length": "88",
  "x-amz-target": "DynamoDB_20120810.GetItem",
};
const body = JSON.stringify({ TableName: "orders", Key: { pk: { S: "customer#1" }, sk: { S: "order#0123456789" } } });
const parts = ["POST", "https://dynamodb.us-east-1.amazonaws.com/", ...Object.entries(headers).flat(), body];
const built = () => {
  let text = `${parts[0]}\n${parts[1]}\n`;
  for (const name in headers) text += `${name}\n${headers[name]}\n`;
  return text + body;
};
const frame = Buffer.alloc(1 << 16);
const signer = new native.Signer();
const inScratch = (text) => {
  frame.write(text, 72);
  return frame.toString("latin1", 72, 72 + native.scratch(frame));
};
const flat = Buffer.from(built()).toString();

const contender = (name, run) => ({ name, each: 1, run: sync(run) });
const found = await compare([
  contender("free function doing nothing", () => native.nothing() ?? ""),
  contender("the same without catch_unwind", () => native.nothingWithoutGuard() ?? ""),
  contender("free function with a handle and four numbers", () => native.handleAndNumbers(1, 2, 3, 4, 5)),
  contender("class method doing nothing", () => signer.nothing()),
  contender("one text in and out, class method", () => signer.text(flat)),
  contender("one text in and out, free function", () => native.text(flat)),
  contender("one Latin-1 text in, text out", () => native.latin1Text(flat)),
  contender("seven strings in, text out", () => native.strings(...parts.slice(0, 7))),
  contender("array of strings in and out", () => native.array(parts)),
  contender("object in and out", () => native.object(headers)),
  contender("scratch buffer in and out", () => inScratch(flat)),
  contender("building the text alone", built),
  contender("building it, one text in and out", () => native.text(built())),
  contender("building it, scratch buffer in and out", () => inScratch(built())),
]);
for (const [name, nanoseconds] of found) console.log(`${name.padEnd(46)} ${nanoseconds.toFixed(0).padStart(6)} ns`);
