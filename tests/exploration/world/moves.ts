import { orderInputs } from "../parties/order.ts";
import type { Outcome } from "../parties/outcome.ts";
import { paymentInputs } from "../parties/payment.ts";
import { wireCalls } from "../parties/wire.ts";
import {
  confirmationHeardBit,
  inboxBit,
  parkedBit,
  readIn,
  refundedByRightBit,
  withRead,
} from "./extra.ts";
import type { Local } from "./local.ts";
import type { System } from "./system.ts";

/** What can happen to one order, by number. */
export const moveKinds = [
  "deliver",
  "lose",
  "dead-letter",
  "read",
  "write",
  "cancel",
  "deadline",
  "recover",
  "call",
  "answer",
  "scan",
  "pending",
  "give-up",
  "settle",
  "forget",
  "purge",
  "refund",
  "call-and-die",
  "crash",
] as const;

export type MoveKind = (typeof moveKinds)[number];

/** One thing that happens to one order. */
export type Move = {
  readonly kind: MoveKind;
  /** Which message, call or answer. */
  readonly index: number;
  /** Which party hears it, or what the provider's verdict is. */
  readonly by: number;
};

/** Numbers of the parties. */
export const order = 0;
export const inventory = 1;
export const payment = 2;

/** Does one thing to one order. The real decisions are made here; everything else only enumerates. */
export function perform(system: System, local: Local, { kind, index, by }: Move): void {
  const { sides, provider } = system;
  const side = sides[local.mode];
  if (side === undefined) {
    throw new Error(`there is no mode ${local.mode}`);
  }
  switch (kind) {
    case "deliver":
      return deliver(system, local, by, index);
    case "lose":
      local.messages &= ~(1 << index);
      return;
    case "dead-letter":
      local.messages &= ~(1 << index);
      local.extra |= system.rules.mechanisms.parksNothing ? 0 : parkedBit;
      return;
    case "read":
      local.extra = withRead(local.extra, { message: index, seen: local.reservation });
      return;
    case "write":
      return write(system, local);
    case "cancel":
    case "deadline":
      return atOrder(system, local, side.order.next(local.saga, orderInputs[kind]));
    case "recover":
      return atOrder(system, local, side.order.next(local.saga, orderInputs.recovery));
    case "call": {
      const { to, wire } = provider.call(local.books, index, by);
      local.books = to;
      local.wire |= wire;
      return;
    }
    case "answer":
      return atPayment(
        system,
        local,
        side.payment.next(local.payment, paymentInputs.answers + index),
      );
    case "scan":
    case "pending":
      return atPayment(system, local, side.payment.next(local.payment, paymentInputs[kind]));
    case "give-up":
      return atPayment(system, local, side.payment.next(local.payment, paymentInputs.giveUp));
    case "settle":
      local.books = provider.settle(local.books).to;
      return;
    case "forget":
      local.books = provider.forget(local.books).to;
      return;
    case "purge":
      local.reservation = 0;
      return;
    case "refund": {
      const isConfirmed = side.order.at(local.saga).decision?.as === "CONFIRMED";
      local.extra |= isConfirmed ? refundedByRightBit : 0;
      return atPayment(system, local, side.payment.next(local.payment, paymentInputs.refund));
    }
    case "call-and-die":
      local.wire |= side.payment.next(local.payment, index).wire;
      return;
    case "crash":
      local.wire = 0;
      return;
    default:
      return kind satisfies never;
  }
}

/** One party hears one message. */
function deliver(system: System, local: Local, party: number, message: number): void {
  const side = system.sides[local.mode];
  if (side === undefined || (party === inventory && (local.extra & parkedBit) !== 0)) {
    return;
  }
  if (system.world.may.has("inbox")) {
    const bit = inboxBit(system.deliveryOf(local.mode, party, message));
    if ((local.extra & bit) !== 0) {
      return;
    }
    local.extra |= bit;
  }
  if (party === order) {
    return atOrder(system, local, side.order.next(local.saga, message));
  }
  if (party === inventory) {
    const { reservation, available } = local;
    return atInventory(system, local, side.inventory.next(reservation, message, available));
  }
  if (side.book.at(message).triggers.payment === undefined) {
    local.extra |= confirmationHeardBit;
    return;
  }
  return atPayment(system, local, side.payment.next(local.payment, message));
}

/** Inventory ends what it began with a read. A row that changed meanwhile is a conflict: it begins anew. */
function write(system: System, local: Local): void {
  const read = readIn(local.extra);
  const side = system.sides[local.mode];
  if (read === undefined || side === undefined) {
    return;
  }
  local.extra = withRead(local.extra, undefined);
  if (system.rules.mechanisms.locksBeforeReading && read.seen !== local.reservation) {
    return;
  }
  atInventory(system, local, side.inventory.next(read.seen, read.message, local.available));
}

function atOrder(system: System, local: Local, { to, says, fault }: Outcome): void {
  local.saga = to;
  local.fault ??= fault;
  say(system, local, says, true);
}

function atInventory(system: System, local: Local, made: Outcome): void {
  const { to, says, stock, fault } = made;
  local.reservation = to;
  local.fault ??= fault;
  if (stock !== undefined) {
    local.available += stock[0];
    local.reserved += stock[1];
    local.sold += stock[2];
  }
  say(system, local, says, system.rules.mechanisms.repetitionsAreNew);
}

function atPayment(system: System, local: Local, { to, says, wire, fault }: Outcome): void {
  local.payment = to;
  local.fault ??= fault;
  local.wire |= wire;
  say(system, local, says, system.rules.mechanisms.repetitionsAreNew);
}

/** A message in a new envelope is in nobody's inbox. */
function say(system: System, local: Local, says: number, isNew: boolean): void {
  local.messages |= says;
  local.said |= says;
  if (says === 0 || !isNew || !system.world.may.has("inbox")) {
    return;
  }
  const book = system.sides[local.mode]?.book;
  for (let rest = says; rest !== 0; rest &= rest - 1) {
    const message = 31 - Math.clz32(rest & -rest);
    for (const party of [order, inventory, payment]) {
      if (book !== undefined && (book.heardBy(party) & (1 << message)) !== 0) {
        local.extra &= ~inboxBit(system.deliveryOf(local.mode, party, message));
      }
    }
  }
}

/** The calls that the provider may get, and with which verdict it makes a difference. */
export const callBits = wireCalls.map((_call, bit) => bit);
