import { isEnd } from "@ordersaga/saga";

import { brokenByOrder } from "./invariants.ts";
import { copyLocal, emptyLocal, type Local, packRecords, packWire } from "./local.ts";
import { inventory, type Move, order, payment, perform } from "./moves.ts";
import { moveOf, movesOfPayment } from "./possible-moves.ts";
import type { System } from "./system.ts";

/**
 * Says whether one round of recovery ends an order's saga although everything in flight is lost: what the
 * order says of it and all that this causes, each delivered once and in any order, and one look of
 * payment's scanner. Undefined when it always does; otherwise what is left, and how that came.
 */
export type Recovery = (local: Local) => Unrecovered | undefined;

/** A recovery that fails, with every step that it took. */
export type Unrecovered = { readonly what: string; readonly steps: readonly RecoveryStep[] };

export type RecoveryStep = {
  readonly move: Move;
  readonly before: Local;
  readonly after: Local;
};

/** Makes one that remembers: what becomes of an order depends on its records and the free stock only. */
export function createRecovery(system: System): Recovery {
  const known = new Map<number, Unrecovered | undefined>();
  return (local) => {
    const records = packRecords(local) * 4 + Math.min(3, local.available);
    const key = records + local.extra * 2 ** 31;
    if (!known.has(key)) {
      known.set(key, recover(system, local));
    }
    return known.get(key);
  };
}

/** What is still to be delivered: one mask of messages for each party. */
type Node = {
  readonly local: Local;
  readonly waiting: readonly [number, number, number];
  /** The step that led here, and from where. */
  readonly last?: { readonly move: Move; readonly from: Node };
};

function recover(system: System, from: Local): Unrecovered | undefined {
  const local = cloned(from);
  local.messages = 0;
  local.wire = 0;
  const seen = new Set<string>();
  const open: Node[] = [];
  const add = (node: Node) => {
    const key = `${packRecords(node.local)} ${packWire(node.local)} ${node.local.available} ${node.waiting.join(" ")}`;
    if (!seen.has(key)) {
      seen.add(key);
      open.push(node);
    }
  };
  add(scanned(system, after(system, { local, waiting: [0, 0, 0] }, moveOf("recover"))));
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const moves = movesOf(system, node);
    for (const move of moves) {
      const next = after(system, node, move);
      const broken = next.local.fault ?? brokenByOrder(system, next.local);
      if (broken !== undefined) {
        return { what: broken, steps: stepsTo(next) };
      }
      add(next);
    }
    const standing = system.sides[from.mode]?.order.at(node.local.saga).standing;
    if (moves.length === 0 && standing !== undefined && !isEnd(standing)) {
      const { status, currentStep } = standing;
      const what = `a saga is stuck: one round of recovery leaves it ${status}, waiting for ${currentStep}`;
      return { what, steps: stepsTo(node) };
    }
  }
  return undefined;
}

function stepsTo(end: Node): RecoveryStep[] {
  const steps: RecoveryStep[] = [];
  for (let node = end; node.last !== undefined; node = node.last.from) {
    const { move, from } = node.last;
    steps.unshift({ move, before: from.local, after: node.local });
  }
  return steps;
}

/** Deliveries and the provider; when all is quiet, an open charge is settled and the scanner looks again. */
function movesOf(system: System, { local, waiting }: Node): Move[] {
  const moves: Move[] = [];
  for (const party of [order, inventory, payment]) {
    for (let rest = waiting[party] ?? 0; rest !== 0; rest &= rest - 1) {
      moves.push(moveOf("deliver", 31 - Math.clz32(rest & -rest), party));
    }
  }
  movesOfPayment(system, local, (move) => {
    if (move.kind === "call" || move.kind === "answer" || move.kind === "settle") {
      moves.push(move);
    }
  });
  return moves;
}

function after(system: System, node: Node, move: Move): Node {
  const local = cloned(node.local);
  const waiting: [number, number, number] = [...node.waiting];
  if (move.kind === "deliver") {
    waiting[move.by] = (waiting[move.by] ?? 0) & ~(1 << move.index);
  }
  if (move.kind === "call") {
    local.wire &= ~(1 << move.index);
  }
  if (move.kind === "answer") {
    local.wire &= ~(1 << (move.index + 4));
  }
  perform(system, local, move);
  const book = system.sides[local.mode]?.book;
  for (const party of [order, inventory, payment]) {
    waiting[party] = (waiting[party] ?? 0) | (local.said & (book?.heardBy(party) ?? 0));
  }
  const next = { local, waiting, last: { move, from: node } } as const;
  return move.kind === "settle" ? scanned(system, next) : next;
}

function scanned(system: System, node: Node): Node {
  return system.rules.mechanisms.callsAreResumed ? after(system, node, moveOf("scan")) : node;
}

function cloned(from: Local): Local {
  const local = emptyLocal();
  copyLocal(from, local);
  return local;
}
