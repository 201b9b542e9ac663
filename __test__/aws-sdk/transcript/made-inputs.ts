/** Inputs of SDK commands, made by their schema: every kind of member is filled with what is awkward to sign. */
import { Readable } from "node:stream";
import { NormalizedSchema } from "@smithy/core/schema";
import { NumericValue } from "@smithy/core/serde";
import type { SchemaRef } from "@smithy/types";
import type { Choices } from "../../parity/smithy-random.js";
import { checkedMembers } from "./checked-members.js";

/** How much of an input is filled: all members, or the required ones and some or none of the others. */
export type Filling = "full" | "sparse";

export interface Making {
  readonly choose: Choices;
  readonly filling: Filling;
  readonly service: string;
  /** Of the client; ARNs are of its region. */
  readonly region: string;
}

interface Shared extends Making {
  /** Of the members that may be left out. */
  readonly share: number;
}

/** Characters that signers have got wrong, in places where any text may stand. */
const TEXTS = [
  "plain",
  "a b",
  "a+b",
  "a%20b%",
  "a/b//c/",
  "~-_.*!'()",
  "é日本/😀",
  "a=b&c;d:e,f@g$h",
  '?#"<x>&amp;\\',
  "..",
  " two  spaces ",
  "x".repeat(300),
];
/** What a header can carry; keys become names of headers in places, so they are tokens. */
const HEADER_TEXTS = ["plain", " a  b\t c ", 'quoted "a, b"', "k=v; q=0.5", "é", "%20+~*", "a,b , c"];
const KEYS = ["note", "With-Case", "x-y", "a.b", "n1"];

/** Members nest without end in places (filters of filters): what is below is left out, or filled as little as may be. */
const DEEPEST = 5;
const DEEPEST_OPTIONAL = 3;

/** The input of a command. */
export function madeInput(schema: SchemaRef, making: Making): Record<string, unknown> {
  const input = NormalizedSchema.of(schema);
  if (input.isUnitSchema()) return {};
  const share = making.filling === "full" ? 1 : making.choose.one([0, 0.2, 0.5]);
  return madeStructure(input, { ...making, share }, 0);
}

function madeStructure(schema: NormalizedSchema, making: Shared, depth: number): Record<string, unknown> {
  const { choose, share } = making;
  const members = [...schema.structIterator()];
  if (schema.isUnionSchema()) {
    const [name, member] = choose.one(members);
    return { [name]: madeMember(name, member, making, depth) };
  }
  const structure: Record<string, unknown> = {};
  for (const [index, [name, member]] of members.entries()) {
    const isRequired = index < requiredOf(schema) || isLabel(member) || member.isStreaming();
    // Without a value the client makes a token of its own.
    if (!isRequired && member.isIdempotencyToken() && choose.chance(0.5)) continue;
    const isWanted = depth < DEEPEST_OPTIONAL && choose.chance(share);
    if (!isRequired && !isWanted) continue;
    const value = madeMember(name, member, making, depth);
    if (value !== undefined) structure[name] = value;
  }
  return structure;
}

/** The required members come first, and their number follows the list of members. */
function requiredOf(schema: NormalizedSchema): number {
  return Number((schema.getSchema() as readonly unknown[])[6] ?? 0);
}

const isLabel = (member: NormalizedSchema): boolean => member.getMergedTraits().httpLabel === 1;
const isEventStream = (member: NormalizedSchema): boolean => member.isStreaming() && member.isStructSchema();

function madeMember(name: string, member: NormalizedSchema, making: Shared, depth: number): unknown {
  const checked = checkedMembers(making)[name];
  if (checked !== undefined) return making.choose.one(checked);
  if (isEventStream(member)) return madeEvents(member, making);
  if (member.isStreaming()) return madeStream(making.choose);
  return madeValue(name, member, making, depth);
}

function madeValue(name: string, schema: NormalizedSchema, making: Shared, depth: number): unknown {
  const { choose } = making;
  if (schema.isStringSchema()) return madeText(name, schema, making);
  if (schema.isBooleanSchema()) return choose.chance(0.5);
  if (schema.isNumericSchema()) return choose.below(5000);
  if (schema.isBigIntegerSchema()) return BigInt(choose.below(5000));
  if (schema.isBigDecimalSchema()) return new NumericValue(`${choose.below(5000)}.5`, "bigDecimal");
  if (schema.isTimestampSchema()) return new Date(choose.below(4_102_444_800) * 1000);
  if (schema.isBlobSchema()) return madeBytes(choose, choose.below(200));
  if (schema.isDocumentSchema()) return { text: choose.one(TEXTS), list: [1, true, null, { deep: choose.one(TEXTS) }] };
  if (schema.isListSchema()) return madeList(name, schema, making, depth);
  if (schema.isMapSchema()) return madeMap(name, schema, making, depth);
  if (schema.isStructSchema()) return depth < DEEPEST ? madeStructure(schema, making, depth + 1) : {};
  throw new Error(`a member of a kind that is not known: ${name}, ${schema.getName(true)}`);
}

function madeText(name: string, schema: NormalizedSchema, { choose, service, region }: Shared): string {
  if (/arns?$/i.test(name)) return `arn:aws:${service}:${region}:123456789012:thing/${choose.one(TEXTS)}`;
  return choose.one(schema.getMergedTraits().httpHeader === undefined ? TEXTS : HEADER_TEXTS);
}

function madeList(name: string, schema: NormalizedSchema, making: Shared, depth: number): unknown[] {
  const length = depth < DEEPEST ? 1 + making.choose.below(2) : 0;
  return Array.from({ length }, () => madeValue(name, schema.getValueSchema(), making, depth));
}

function madeMap(name: string, schema: NormalizedSchema, making: Shared, depth: number): Record<string, unknown> {
  const inHeaders = schema.getMergedTraits().httpPrefixHeaders !== undefined;
  const map: Record<string, unknown> = {};
  for (const key of making.choose.some(inHeaders ? KEYS : [...KEYS, ...TEXTS], depth < DEEPEST ? 3 : 0)) {
    map[key] = inHeaders ? making.choose.one(HEADER_TEXTS) : madeValue(name, schema.getValueSchema(), making, depth);
  }
  return map;
}

function madeBytes(choose: Choices, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => choose.below(256));
}

/** A body as users give it; the length of one that streams is not known to the client. */
function madeStream(choose: Choices): unknown {
  const pieces = [1, 70, 900, 3].map((length) => Buffer.from(madeBytes(choose, length)));
  if (choose.chance(0.5)) return Readable.from(pieces);
  return choose.one<() => unknown>([
    () => Buffer.concat(pieces),
    () => new Uint8Array(Buffer.concat(pieces)),
    () => choose.one(TEXTS),
    () => "",
  ])();
}

/** Three events, each of a kind that the stream knows. */
async function* madeEvents(member: NormalizedSchema, making: Shared): AsyncGenerator<unknown> {
  for (let index = 0; index < 3; index++) yield madeStructure(member, making, 1);
}
