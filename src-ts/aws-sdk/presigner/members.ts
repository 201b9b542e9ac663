/** Where members of an input travel, of operations whose requests can be told without the client. */
import { MEMBERS, OPERATIONS } from "./members-table.js";

/** In which part of a request a member travels, and what it is. */
export interface MemberBinding {
  readonly place: "query" | "header" | "headers";
  /** Name of the parameter or, in lower case, of the header; what names of headers begin with for a map. */
  readonly wireName: string;
  readonly kind: "s" | "n" | "b" | "m";
}

let table: { readonly operations: ReadonlySet<string>; readonly members: ReadonlyMap<string, MemberBinding> };

function tables(): typeof table {
  table ??= {
    operations: new Set(OPERATIONS.trim().split(/\s+/)),
    members: new Map(
      MEMBERS.trim()
        .split("\n")
        .map((line) => {
          const [name, place, wireName, kind] = line.split(" ") as [string, MemberBinding["place"], string, "s"];
          return [name, { place, wireName: place === "query" ? wireName : wireName.toLowerCase(), kind }];
        }),
    ),
  };
  return table;
}

/** Whether a command of this name is an operation of S3 on a bucket, an object or neither. */
export function isKnownCommand(commandName: string | undefined): boolean {
  return commandName !== undefined && tables().operations.has(commandName.replace(/Command$/, ""));
}

export function bindingOf(member: string): MemberBinding | undefined {
  return tables().members.get(member);
}
