import type { Clock, ConfigOf, Rng } from "@ordersaga/kernel";
import type { Database, Reaction, UnitsOfWork } from "@ordersaga/outbox";
import type { Logger } from "@ordersaga/telemetry";

import type { settings } from "./config.ts";
import { awayPolicyFrom, callerLimitsFrom, scheduleLimitsFrom } from "./limits.ts";
import { createOrderConfirmedReaction } from "./messaging/order-confirmed.ts";
import { createPlaceOrderParticipant } from "./messaging/place-order.participant.ts";
import { makeCallsDue } from "./persistence/make-calls-due.ts";
import { repeat } from "./repeat.ts";
import { createHear } from "./use-cases/hear.ts";
import { createOutage } from "./use-cases/outage.ts";
import { createPostpone } from "./use-cases/postpone.ts";
import { type Converse, ProviderCaller } from "./use-cases/provider-caller.ts";
import { createRefund, type Refund } from "./use-cases/refund.ts";
import { scan } from "./use-cases/scan.ts";

/** All of payment that runs without being called: what it reacts to, its calls and its scanner. */
export type Payments = AsyncDisposable & {
  readonly reactions: readonly Reaction[];
  readonly refund: Refund;
};

export type PaymentsOptions = {
  readonly config: ConfigOf<typeof settings>;
  readonly database: Database;
  readonly unitsOfWork: UnitsOfWork;
  readonly converse: Converse;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
};

/**
 * Ties payments and provider together and starts the scanner, which takes up at once what an earlier
 * process left open. What reactions emit is published when the outbox runs.
 */
export async function startPayments(options: PaymentsOptions): Promise<Payments> {
  const { config, database, unitsOfWork, converse, clock, rng, log } = options;
  const limits = scheduleLimitsFrom(config);
  const provider = new ProviderCaller({
    converse,
    record: (answers) => unitsOfWork.run((uow) => hear(uow, answers)),
    postpone: createPostpone({ unitsOfWork, limits, clock, rng }),
    outage: createOutage({ policy: awayPolicyFrom(config), clock, rng }),
    limits: callerLimitsFrom(config),
    log,
  });
  const participant = createPlaceOrderParticipant((uow, set) => hear(uow, set));
  const { tell } = participant;
  const hear = createHear({ provider, tell, limits, clock, rng });

  await database.query(makeCallsDue, [clock.now()]);
  const scanner = repeat({
    everyMs: config.PAYMENT_SCAN_MS,
    round: (signal) => scan({ unitsOfWork, provider, tell, limits, clock }, signal),
    onFailure: "payments that wait could not be looked at",
    log,
  });
  return {
    reactions: [...participant.reactions, createOrderConfirmedReaction(clock)],
    refund: createRefund({ unitsOfWork, hear }),
    [Symbol.asyncDispose]: async () => {
      await scanner[Symbol.asyncDispose]();
      await provider.stop();
    },
  };
}
