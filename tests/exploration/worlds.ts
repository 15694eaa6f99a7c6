import { type Happening, type Mode, world, type World } from "./world/world.ts";

/**
 * The worlds that are explored, from small to large. Those of the first list are explored whole in
 * `npm test`; `npm run explore` goes on to those of the second, within its bounds.
 */
export const smallWorlds: readonly World[] = [
  ...eachMode("one order, everything that can happen to its messages and its payment", [
    ["cancel", "deadline", "decline", "open-charge", "pending"],
  ]),
  ...eachMode("one order, messages are lost and payment dies", [
    ["cancel", "decline", "loss", "crash"],
  ]),
  ...eachMode("one order, with dead letters", [["cancel", "deadline", "decline", "dead-letter"]]),
  ...eachMode("one order, inventory works on it twice at once", [["cancel", "concurrency"]]),
  ...eachMode("one order, refunded by an operator", [["cancel", "decline", "operator-refund"]]),
  ...eachMode("one order, with inboxes", [["decline", "inbox"]]),
  ...eachMix("two orders for one piece", 2, ["cancel", "decline"]),
];

/** More than fits into a test. */
export const largeWorlds: readonly World[] = [
  ...eachMode("one order, all of it and every loss", [
    ["cancel", "deadline", "decline", "open-charge", "pending", "loss", "crash"],
  ]),
  ...eachMix("two orders, with deadlines", 2, ["cancel", "deadline", "decline", "crash"]),
  ...eachMix("two orders, with all that payment may say", 2, [
    "cancel",
    "decline",
    "open-charge",
    "pending",
  ]),
  ...eachMix("three orders for one piece", 3, ["cancel"]),
  ...eachMix("three orders, with declined payments", 3, ["cancel", "decline"]),
  ...eachMix("two orders, messages are lost", 2, ["cancel", "loss"]),
];

function eachMode(name: string, happenings: readonly (readonly Happening[])[]): World[] {
  return happenings.flatMap((may) =>
    (["choreographed", "orchestrated"] as const).map((mode) =>
      world(`${name} (${mode})`, { orders: [mode], stock: [1, 0], may }),
    ),
  );
}

/** All choreographed, all orchestrated, and mixed. */
function eachMix(name: string, orders: number, may: readonly Happening[]): World[] {
  const all = (mode: Mode) => Array.from({ length: orders }, () => mode);
  const mixed: Mode[] = ["orchestrated", ...all("choreographed").slice(1)];
  return [
    world(`${name} (choreographed)`, { orders: all("choreographed"), may }),
    world(`${name} (orchestrated)`, { orders: all("orchestrated"), may }),
    world(`${name} (mixed)`, { orders: mixed, may }),
  ];
}
