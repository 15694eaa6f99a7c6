import { paymentBits } from "../parties/payment.ts";
import { booksBits } from "../parties/provider.ts";
import { reservationBits } from "../parties/inventory.ts";
import { sagaBits } from "../parties/order.ts";
import { wireBits } from "../parties/wire.ts";

/**
 * One order of a state, unpacked, with the stock it shares with the others. Records are numbers that the
 * parties give out; sets are masks. It is reused for every transition, so it is the one thing that changes.
 */
export type Local = {
  mode: number;
  /** Messages in flight. Delivery leaves them there: each may come again, and in any order. */
  messages: number;
  saga: number;
  reservation: number;
  payment: number;
  books: number;
  wire: number;
  /** What the mechanisms around the decisions remember; see `extra.ts`. */
  extra: number;
  available: number;
  reserved: number;
  sold: number;
  /** What was sent last, for those who do not look at `messages`. */
  said: number;
  /** The rule that was broken on the way, if one was. */
  fault: string | undefined;
};

/** Words that an order takes in a packed state. */
export const wordsOfOrder = 3;

/** An order with nothing in it. */
export function emptyLocal(): Local {
  return {
    mode: 0,
    messages: 0,
    saga: 0,
    reservation: 0,
    payment: 0,
    books: 0,
    wire: 0,
    extra: 0,
    available: 0,
    reserved: 0,
    sold: 0,
    said: 0,
    fault: undefined,
  };
}

/** Copies everything. */
export function copyLocal(from: Local, to: Local): void {
  to.mode = from.mode;
  to.messages = from.messages;
  to.saga = from.saga;
  to.reservation = from.reservation;
  to.payment = from.payment;
  to.books = from.books;
  to.wire = from.wire;
  to.extra = from.extra;
  to.available = from.available;
  to.reserved = from.reserved;
  to.sold = from.sold;
  to.said = 0;
  to.fault = undefined;
}

const reservationAt = sagaBits + 1;
const paymentAt = reservationAt + reservationBits;
const booksAt = paymentAt + paymentBits;

/** All records of an order in one number. */
export function packRecords(local: Local): number {
  return (
    local.saga |
    (local.mode << sagaBits) |
    (local.reservation << reservationAt) |
    (local.payment << paymentAt) |
    (local.books << booksAt)
  );
}

/** Takes apart what {@link packRecords} made. */
export function unpackRecords(word: number, local: Local): void {
  local.saga = word & ((1 << sagaBits) - 1);
  local.mode = (word >>> sagaBits) & 1;
  local.reservation = (word >>> reservationAt) & ((1 << reservationBits) - 1);
  local.payment = (word >>> paymentAt) & ((1 << paymentBits) - 1);
  local.books = (word >>> booksAt) & ((1 << booksBits) - 1);
}

/** Wire and extra in one number. */
export function packWire({ wire, extra }: Local): number {
  return wire | (extra << wireBits);
}

/** Takes apart what {@link packWire} made. */
export function unpackWire(word: number, local: Local): void {
  local.wire = word & ((1 << wireBits) - 1);
  local.extra = word >>> wireBits;
}
