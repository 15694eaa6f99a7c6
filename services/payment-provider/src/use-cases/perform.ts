import { AppError, type Clock, type Rng } from "@ordersaga/kernel";

import { firstVerdict } from "../domain/first-verdict.ts";
import type { Instruction, Outcome } from "../domain/instruction.ts";
import { isSameCharge } from "../domain/ledger-entry.ts";
import type { LedgerOperation, LedgerResult } from "../domain/ledger-operation.ts";
import { behaviourOf } from "../domain/token-behaviour.ts";
import type { LedgerQueue } from "./ledger-queue.ts";

/** How the simulated provider behaves. */
export type ProviderBehaviour = {
  /** Share of keys that are declined when the token leaves it open. */
  readonly declineRate: number;
  /** Every call waits a time between these two before it is worked on. */
  readonly delayMs: { readonly min: number; readonly max: number };
  /** How long a slow charge of a new key takes to reach the ledger. */
  readonly slowMs: number;
  /** How long a charge that was answered PENDING stays so. */
  readonly webhookDelayMs: number;
  /** Instructions that may be in the house at once; more are RESOURCE_EXHAUSTED. */
  readonly maxInProgress: number;
};

export type ProviderDependencies = {
  readonly behaviour: ProviderBehaviour;
  readonly queue: LedgerQueue;
  /** Those of the keys that the ledger knows. */
  readonly findKnownKeys: (keys: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly sleep: (delayMs: number) => Promise<void>;
};

/**
 * Begins work on a set of instructions and returns a few promises, which together hold one outcome for
 * each. They resolve as soon as their part is known.
 */
export type Perform = (instructions: readonly Instruction[]) => readonly Promise<Outcomes>[];
export type Outcomes = readonly Outcome[];

/**
 * Makes the one way into the provider, for single calls and for sets. What was begun is finished and made
 * durable also when the caller has gone away. Throws RESOURCE_EXHAUSTED when too much is in progress.
 */
export function createPerform(dependencies: ProviderDependencies): Perform {
  const { behaviour, sleep, rng } = dependencies;
  let inProgress = 0;

  return (instructions) => {
    if (inProgress + instructions.length > behaviour.maxInProgress) {
      throw tooMuchInProgress(behaviour.maxInProgress);
    }
    inProgress += instructions.length;
    const { min, max } = behaviour.delayMs;
    const arrival = max === 0 ? Promise.resolve() : sleep(min + rng() * (max - min));
    const parts = partsOf(dependencies, instructions, arrival);
    void Promise.allSettled(parts).then(() => (inProgress -= instructions.length));
    return parts;
  };
}

function partsOf(
  dependencies: ProviderDependencies,
  instructions: readonly Instruction[],
  arrival: Promise<void>,
): readonly Promise<Outcomes>[] {
  const by = Map.groupBy(instructions, deliveryOf);
  const unreachable = by.get("unreachable") ?? [];
  const slow = by.get("slow") ?? [];
  const others = [...(by.get("prompt") ?? []), ...(by.get("first-answer-lost") ?? [])];

  const parts: Promise<Outcomes>[] = [];
  if (others.length > 0) {
    parts.push(arrival.then(() => write(dependencies, others)));
  }
  if (slow.length > 0) {
    parts.push(...slowParts(dependencies, slow, arrival));
  }
  if (unreachable.length > 0) {
    parts.push(arrival.then(() => unreachable.map(() => ({ kind: "unreachable" }))));
  }
  return parts;
}

/** A slow charge of a key that is known already is answered from the record at once. */
function slowParts(
  dependencies: ProviderDependencies,
  slow: readonly Instruction[],
  arrival: Promise<void>,
): readonly Promise<Outcomes>[] {
  const { findKnownKeys, sleep, behaviour } = dependencies;
  const known = arrival.then(() => findKnownKeys(slow.map(({ key }) => key)));
  return [
    known.then((keys) =>
      write(
        dependencies,
        slow.filter(({ key }) => keys.has(key)),
      ),
    ),
    known.then(async (keys) => {
      const unknown = slow.filter(({ key }) => !keys.has(key));
      if (unknown.length > 0) {
        await sleep(behaviour.slowMs);
      }
      return write(dependencies, unknown);
    }),
  ];
}

async function write(
  dependencies: ProviderDependencies,
  instructions: readonly Instruction[],
): Promise<Outcomes> {
  if (instructions.length === 0) {
    return [];
  }
  const operations = instructions.map((instruction) => operationOf(dependencies, instruction));
  const results = await dependencies.queue.submit(operations);
  return instructions.map((instruction, index) => outcomeOf(instruction, results[index]));
}

function operationOf(
  { behaviour, clock }: ProviderDependencies,
  instruction: Instruction,
): LedgerOperation {
  if (instruction.kind === "cancel") {
    return instruction;
  }
  const { key, amount, token } = instruction;
  return {
    kind: "charge",
    key,
    amount,
    verdict: firstVerdict({ key, token, declineRate: behaviour.declineRate }),
    dueAt: new Date(clock.now().getTime() + behaviour.webhookDelayMs),
  };
}

function outcomeOf(instruction: Instruction, result: LedgerResult | undefined): Outcome {
  if (result === undefined) {
    throw new Error("the ledger returned fewer results than it was given operations");
  }
  const { entry, wasCreated } = result;
  if (instruction.kind === "charge" && !isSameCharge(entry, instruction.amount)) {
    return { kind: "key-reused" };
  }
  if (wasCreated && deliveryOf(instruction) === "first-answer-lost") {
    return { kind: "answer-lost" };
  }
  return { kind: "answered", entry };
}

function deliveryOf(instruction: Instruction) {
  return instruction.kind === "charge" ? behaviourOf(instruction.token).delivery : "prompt";
}

function tooMuchInProgress(maxInProgress: number): AppError {
  return new AppError({
    code: "RESOURCE_EXHAUSTED",
    message: `more than ${maxInProgress} instructions are in progress; try again a little later`,
    reason: "QUEUE_FULL",
    retryAfterMs: 1000,
  });
}
