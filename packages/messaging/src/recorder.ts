import { setTimeout as delay } from "node:timers/promises";

import type { Delivery } from "./message-bus.ts";

/** For tests: takes every delivery, answers it as told, and waits for what should come. */
export class Recorder {
  readonly deliveries: Delivery[] = [];
  readonly onDelivery: (delivery: Delivery) => void;

  constructor(answer: (delivery: Delivery) => void = (delivery) => delivery.ack()) {
    this.onDelivery = (delivery) => {
      this.deliveries.push(delivery);
      answer(delivery);
    };
  }

  /** `Nats-Msg-Id` of every delivery, in the order in which they came. */
  get ids(): readonly string[] {
    return this.deliveries.map(idOf);
  }

  /** Waits until so many deliveries have come, or fails after `withinMs`. */
  async received(count: number, withinMs = 10_000): Promise<readonly Delivery[]> {
    await until(() => this.deliveries.length >= count, {
      withinMs,
      otherwise: () => `${count} deliveries were expected, these came: ${this.ids.join(", ")}`,
    });
    return this.deliveries;
  }
}

export function idOf(delivery: Delivery): string {
  return delivery.headers["Nats-Msg-Id"] ?? "";
}

/** Waits for a condition, with a deadline. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  options: { readonly withinMs: number; readonly otherwise: () => string },
): Promise<void> {
  const deadline = performance.now() + options.withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(options.otherwise());
    }
    await delay(5);
  }
}
