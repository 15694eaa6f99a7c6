/**
 * What mechanisms around the decisions remember of one order, in 21 bits: an order parked at inventory, a
 * confirmation that payment has heard, an operator's refund; then either inbox entries or a read that
 * inventory has under way.
 */
export const parkedBit = 1;
export const confirmationHeardBit = 2;
export const refundedByRightBit = 4;
const sharedAt = 3;

/** Deliveries that inboxes may remember in one world. */
export const inboxSize = 18;

/** The bit of an inbox entry. */
export function inboxBit(delivery: number): number {
  return 1 << (sharedAt + delivery);
}

/** A read that inventory has under way: of which message, and what it saw. */
export type Read = { readonly message: number; readonly seen: number };

const readBits = 0b111_1111_1111 << sharedAt;

/** The read under way, if there is one. */
export function readIn(extra: number): Read | undefined {
  const bits = (extra & readBits) >>> sharedAt;
  return bits === 0 ? undefined : { message: (bits & 0b11_1111) - 1, seen: bits >>> 6 };
}

/** The same with this read, or with none. */
export function withRead(extra: number, read: Read | undefined): number {
  const bits = read === undefined ? 0 : (read.message + 1) | (read.seen << 6);
  return (extra & ~readBits) | (bits << sharedAt);
}
