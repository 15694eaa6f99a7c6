import { randomFillSync } from "node:crypto";

import { type Clock, systemClock } from "./clock.ts";

const pool = Buffer.allocUnsafe(8192);
let used = pool.length;

/**
 * Makes a UUIDv7 with dashes: 48 bits of milliseconds, then random bits. Ids made later sort later,
 * to the millisecond. Source: RFC 9562, section 5.7.
 */
export function uuidv7(clock: Clock = systemClock): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const time = clock.now().getTime().toString(16).padStart(12, "0");
  pool[used] = ((pool[used] ?? 0) & 0x0f) | 0x70;
  pool[used + 2] = ((pool[used + 2] ?? 0) & 0x3f) | 0x80;
  const random = pool.toString("hex", used, used + 10);
  used += 10;
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-${random.slice(0, 4)}` +
    `-${random.slice(4, 8)}-${random.slice(8)}`
  );
}

/** Milliseconds since 1970 that a UUIDv7 was made at; undefined for any other string. */
export function timeOfUuidv7(id: string): number | undefined {
  const hex = hexOfUuid(id);
  return hex !== undefined && hex[12] === "7" ? Number.parseInt(hex.slice(0, 12), 16) : undefined;
}

const dashed = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const plain = /^[0-9a-f]{32}$/;

/** The 32 hex digits of a UUID given with or without dashes; undefined for any other string. */
export function hexOfUuid(id: string): string | undefined {
  if (plain.test(id)) {
    return id;
  }
  return dashed.test(id) ? id.replaceAll("-", "") : undefined;
}

/** The dashed form of a UUID given with or without dashes; undefined for any other string. */
export function uuidOf(id: string): string | undefined {
  if (dashed.test(id)) {
    return id;
  }
  return plain.test(id)
    ? id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    : undefined;
}
