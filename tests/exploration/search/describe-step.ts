import { parties } from "../parties/message-book.ts";
import { verdicts } from "../parties/provider.ts";
import { answerAt, wireCalls } from "../parties/wire.ts";
import type { Local } from "../world/local.ts";
import type { Move } from "../world/moves.ts";
import type { Side, System } from "../world/system.ts";
import type { Step } from "./successors.ts";

/** One step in words: what happened, and what changed by it. */
export function describeStep(
  system: System,
  { move, before, after }: Pick<Step, "move" | "before" | "after">,
): string {
  const side = system.sides[before.mode];
  if (side === undefined) {
    return move.kind;
  }
  const changes = [
    change("reservation", reservation(side, before), reservation(side, after)),
    change("payment", payment(side, before), payment(side, after)),
    change("provider", books(system, before), books(system, after)),
    change("saga", saga(side, before), saga(side, after)),
    said(side, after),
  ].filter((text) => text !== "");
  const what = describeMove(side, move);
  return changes.length === 0 || move.kind === "crash" ? what : `${what} (${changes.join("; ")})`;
}

function describeMove(side: Side, { kind, index, by }: Move): string {
  switch (kind) {
    case "deliver":
      return `${side.book.at(index).name} → ${parties[by]}`;
    case "lose":
      return `${side.book.at(index).name} is lost`;
    case "dead-letter":
      return `${side.book.at(index).name} is dead at inventory`;
    case "read":
      return `${side.book.at(index).name} → inventory, which reads its row`;
    case "write":
      return "inventory decides by what it has read";
    case "cancel":
      return "the user cancels";
    case "deadline":
      return "the time limit passes";
    case "recover":
      return "the order says it again";
    case "call": {
      const { call, key } = wireCalls[index] ?? {};
      const verdict = call === "charge" ? `, verdict if new: ${verdicts[by]}` : "";
      return `${call} (key ${key}) → provider${verdict}`;
    }
    case "answer":
      return `the provider's answer "${answerAt(index)}" → payment`;
    case "scan":
      return "payment's scanner repeats the call";
    case "pending":
      return "payment tells that it takes longer";
    case "give-up":
      return "payment gives up by its own time limit";
    case "settle":
      return "the open charge is settled";
    case "forget":
      return "the provider forgets its keys";
    case "purge":
      return "inventory's record is purged";
    case "refund":
      return "an operator refunds the payment";
    case "call-and-die":
      return `${side.book.at(index).name} → payment, which calls and dies before its commit`;
    case "crash":
      return "payment dies";
    default:
      return kind satisfies never;
  }
}

function change(what: string, from: string, to: string): string {
  return from === to ? "" : `${what} ${to}`;
}

function reservation({ inventory }: Side, local: Local): string {
  return inventory.at(local.reservation)?.status ?? "none";
}

function payment({ payment: { at } }: Side, local: Local): string {
  return at(local.payment)?.payment.status ?? "none";
}

function books({ provider }: System, local: Local): string {
  const { entries, balance } = provider.at(local.books);
  return `${Object.values(entries).join("+") || "none"}, ${balance} taken`;
}

function saga({ order }: Side, local: Local): string {
  const { decision, standing, facts } = order.at(local.saga);
  return `${decision?.as ?? "undecided"} ${standing.status} [${facts.join(", ")}]`;
}

function said({ book }: Side, { said: mask }: Local): string {
  const names: string[] = [];
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    names.push(book.at(31 - Math.clz32(rest & -rest)).name);
  }
  return names.length === 0 ? "" : `says ${names.join(", ")}`;
}
