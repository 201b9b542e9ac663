/** The tables of docs/migration.md name what exists: members of sessions, errors and classes. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test from "ava";

interface Class {
  readonly prototype: object;
}

const entry = createRequire(import.meta.url)("aws-refresh-session") as Record<string, Class | undefined>;
const text = readFileSync(new URL("../../docs/migration.md", import.meta.url), "utf8");
const start = text.indexOf("## From boto3-refresh-session");
const rows = text
  .slice(start, text.indexOf("\n## ", start))
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.split(" | ").map((cell) => cell.replaceAll("|", "").trim()))
  .filter(([python]) => python !== "Python");

const sessions = [entry.RefreshableSession, entry.IOTX509RefreshableSession];
const members = new Set(sessions.flatMap((each) => Object.getOwnPropertyNames(each?.prototype ?? {})));

/** The names after `session.` in code of one side. */
const membersIn = (code: string | undefined) =>
  [...(code ?? "").matchAll(/session\.(\w+)/g)].map(([, name]) => name as string);

test("every member of a session that the tables name is there", (t) => {
  const named = rows.flatMap(([, node]) => membersIn(node));
  t.true(named.length > 15, named.join());
  for (const name of named) t.true(members.has(name), name);
});

test("members of Python's sessions have their names in camel case, unless there is none", (t) => {
  const camel = (name: string) => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  for (const [python, node = ""] of rows) {
    for (const name of membersIn(python)) t.true(node.includes(camel(name)) || node === "nothing", `${name}: ${node}`);
  }
});

test("every class that the tables name is exported", (t) => {
  const named = rows.flatMap(([, node = ""]) => [...node.matchAll(/\bnew (\w+)/g)].map(([, name]) => name as string));
  for (const name of [...named, ...rows.flatMap(([python = ""]) => python.match(/\bBRS\w+Error\b/g) ?? [])]) {
    t.is(typeof entry[name], "function", name);
  }
});
