/** Reads the end of validity of credentials: a Date, or strict ISO 8601 text that names its zone. */

const ISO_8601 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)$/;

/** Completes the sentence "<field> must be ...". */
export const EXPIRATION_FORM = 'a Date or ISO 8601 text with a zone, such as "2030-01-31T12:00:00Z"';

/**
 * Answers undefined for everything that is not one exact instant: text without a zone (its meaning would change with the
 * machine), other formats, numbers (seconds or milliseconds?), days that do not exist, invalid Dates.
 */
export function parseExpiration(value: unknown): Date | undefined {
  // A copy, since a Date can be changed in place by whoever made it.
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : new Date(value.getTime());
  if (typeof value !== "string") return undefined;
  const parts = ISO_8601.exec(value);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as Fields;
  const milliseconds = Math.floor(Number(`0.${parts[7] ?? 0}`) * 1000);
  const offset = zoneMinutes(parts[8] as string);
  if (offset === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  const local = new Date(0);
  // Unlike Date.UTC, this takes years before 100 as they are.
  local.setUTCFullYear(year, month - 1, day);
  // A day that does not exist, such as 30 February, has moved into the next month.
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined;
  local.setUTCHours(hour, minute, second, milliseconds);
  return new Date(local.getTime() - offset * 60_000);
}

type Fields = [number, number, number, number, number, number];

function zoneMinutes(zone: string): number | undefined {
  if (zone === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(":", "") || 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
