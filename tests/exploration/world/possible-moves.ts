import { isEnd } from "@ordersaga/saga";

import { verdicts } from "../parties/provider.ts";
import { wireAnswers } from "../parties/wire.ts";
import { confirmationHeardBit, readIn } from "./extra.ts";
import type { Local } from "./local.ts";
import {
  callBits,
  inventory,
  type Move,
  type MoveKind,
  moveKinds,
  order,
  payment,
} from "./moves.ts";
import type { Side, System } from "./system.ts";

/** Calls `visit` with everything that may happen to one order now. */
export function possibleMoves(system: System, local: Local, visit: (move: Move) => void): void {
  const side = system.sides[local.mode];
  if (side === undefined) {
    return;
  }
  const { may } = system.world;
  for (const party of [order, inventory, payment]) {
    for (let rest = local.messages & side.book.heardBy(party); rest !== 0; rest &= rest - 1) {
      visit(moveOf("deliver", 31 - Math.clz32(rest & -rest), party));
    }
  }
  if (may.has("loss")) {
    for (let rest = local.messages; rest !== 0; rest &= rest - 1) {
      visit(moveOf("lose", 31 - Math.clz32(rest & -rest)));
    }
  }
  const { decision, standing } = side.order.at(local.saga);
  if (!isEnd(standing)) {
    visit(moveOf("recover"));
  }
  if (may.has("cancel") && (decision === undefined || decision.as === "CONFIRMED")) {
    visit(moveOf("cancel"));
  }
  if (may.has("deadline") && decision === undefined) {
    visit(moveOf("deadline"));
  }
  movesOfPayment(system, local, visit);
  movesOfInventory(system, local, side, visit);
}

/** Payment, the provider, and what is between them. */
export function movesOfPayment(system: System, local: Local, visit: (move: Move) => void): void {
  const { world, rules, provider, sides } = system;
  const { mechanisms } = rules;
  for (const call of callBits) {
    if ((local.wire & (1 << call)) !== 0) {
      visit(moveOf("call", call, 0));
      if (provider.isFirst(local.books, call)) {
        verdicts.forEach((verdict, by) => {
          if (world.may.has(verdict === "PENDING" ? "open-charge" : "decline") && by > 0) {
            visit(moveOf("call", call, by));
          }
        });
      }
    }
  }
  for (const { bit } of wireAnswers) {
    if ((local.wire & (1 << bit)) !== 0) {
      visit(moveOf("answer", bit - callBits.length));
    }
  }
  const { entries } = provider.at(local.books);
  if (world.may.has("open-charge") && Object.values(entries).includes("PENDING")) {
    visit(moveOf("settle"));
  }
  if (!mechanisms.keysAreKept && Object.keys(entries).length > 0) {
    visit(moveOf("forget"));
  }
  if (!mechanisms.callsAfterCommit && local.payment === 0) {
    const heard = local.messages & (sides[local.mode]?.book.heardBy(payment) ?? 0);
    for (let rest = heard; rest !== 0; rest &= rest - 1) {
      visit(moveOf("call-and-die", 31 - Math.clz32(rest & -rest)));
    }
  }
  const status = sides[local.mode]?.payment.at(local.payment)?.payment.status;
  const isOpen = status === "CHARGING" || status === "UNDOING";
  if (isOpen && mechanisms.callsAreResumed) {
    visit(moveOf("scan"));
  }
  if (status === "CHARGING" && world.may.has("pending")) {
    visit(moveOf("pending"));
  }
  if (status === "CHARGING" && !mechanisms.paymentIsPatient) {
    visit(moveOf("give-up"));
  }
  const mayRefund =
    !mechanisms.refundsAwaitConfirmation || (local.extra & confirmationHeardBit) !== 0;
  if (world.may.has("operator-refund") && status === "SUCCEEDED" && mayRefund) {
    visit(moveOf("refund"));
  }
}

function movesOfInventory(
  system: System,
  local: Local,
  side: Side,
  visit: (move: Move) => void,
): void {
  const { world, rules } = system;
  const heard = local.messages & side.book.heardBy(inventory);
  const isReading = readIn(local.extra) !== undefined;
  for (let rest = heard; rest !== 0; rest &= rest - 1) {
    const message = 31 - Math.clz32(rest & -rest);
    if (world.may.has("dead-letter")) {
      visit(moveOf("dead-letter", message));
    }
    if (world.may.has("concurrency") && !isReading) {
      visit(moveOf("read", message));
    }
  }
  if (world.may.has("concurrency") && isReading) {
    visit(moveOf("write"));
  }
  const { decision, standing } = side.order.at(local.saga);
  const isOver = isEnd(standing) && decision?.as !== "CONFIRMED";
  if (!rules.mechanisms.recordsAreKept && isOver && local.reservation !== 0) {
    visit(moveOf("purge"));
  }
}

const known: Move[] = [];
const numbers = new Map(moveKinds.map((kind, number) => [kind, number]));

/** There are few different moves, so each is made once. */
export function moveOf(kind: MoveKind, index = 0, by = 0): Move {
  const number = ((numbers.get(kind) ?? 0) * 32 + index) * 4 + by;
  return (known[number] ??= { kind, index, by });
}
