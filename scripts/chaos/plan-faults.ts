import type { Rng } from "@ordersaga/kernel";

import { between, deal, oneOf } from "./random.ts";

/** One thing that goes wrong, when and for how long. */
export type Fault = {
  readonly kind: FaultKind;
  /** Services or a cable; empty for the servers. */
  readonly targets: readonly string[];
  /** After the fault before. */
  readonly afterMs: number;
  readonly lastsMs: number;
};

export type FaultKind = (typeof kinds)[number]["kind"];

/** All that a seed decides about faults: the same seed, the same plan. Every kind occurs in a long one. */
export function planFaults(rng: Rng, count: number): readonly Fault[] {
  return deal(rng, { items: kinds, count }).map(({ kind, targets, lasts }) => ({
    kind,
    targets: targets(rng),
    afterMs: between(rng, [0, 400]),
    lastsMs: between(rng, lasts),
  }));
}

const services = ["order", "inventory", "payment", "payment-provider"] as const;
const cables = [
  ...services.map((service) => `${service}/postgres`),
  ...services.slice(0, 3).map((service) => `${service}/nats`),
];

const nothing = (): readonly string[] => [];
const service = (rng: Rng): readonly string[] => [oneOf(rng, services)];
const cable = (rng: Rng): readonly string[] => [oneOf(rng, cables)];
const twoServices = (rng: Rng): readonly string[] => {
  const one = oneOf(rng, services);
  return [
    one,
    oneOf(
      rng,
      services.filter((name) => name !== one),
    ),
  ];
};

/** Pauses outlast the acknowledgement wait of a second. */
const kinds = [
  { kind: "kill", share: 26, targets: service, lasts: [0, 0] },
  { kind: "kill-two", share: 6, targets: twoServices, lasts: [0, 0] },
  { kind: "terminate", share: 6, targets: service, lasts: [0, 0] },
  { kind: "pause", share: 12, targets: service, lasts: [1200, 2500] },
  { kind: "cut", share: 16, targets: cable, lasts: [50, 1500] },
  { kind: "stall", share: 12, targets: cable, lasts: [200, 2500] },
  { kind: "restart-postgres", share: 4, targets: nothing, lasts: [0, 0] },
  { kind: "kill-postgres", share: 4, targets: nothing, lasts: [0, 1000] },
  { kind: "kill-nats", share: 5, targets: nothing, lasts: [0, 1500] },
  { kind: "wipe-nats", share: 5, targets: nothing, lasts: [0, 1000] },
  { kind: "kill-and-wipe-nats", share: 4, targets: service, lasts: [0, 500] },
] as const satisfies readonly {
  readonly kind: string;
  readonly share: number;
  readonly targets: (rng: Rng) => readonly string[];
  readonly lasts: readonly [number, number];
}[];
