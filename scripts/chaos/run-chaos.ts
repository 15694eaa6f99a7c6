import { setTimeout as sleep } from "node:timers/promises";

import type { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { seedLoadCatalogue } from "../load/catalogue.ts";
import { waitForEnd } from "../load/read-sagas.ts";
import { checkSession } from "../load/witness.ts";
import { keepLogs } from "../system/keep-logs.ts";
import { startTemporarySystem, type TemporarySystem } from "../system/temporary-system.ts";
import { type Databases, openDatabases } from "../witness/databases.ts";
import { examine } from "../witness/examine.ts";
import { type Finding, noCaseOf, violationsOf } from "../witness/finding.ts";
import { checkClients, type ClientSummary } from "./check-clients.ts";
import { type ClientOrder, drawOrder, placeOrder, runClient, scarceProduct } from "./clients.ts";
import { inflict } from "./inflict.ts";
import { type Fault, planFaults } from "./plan-faults.ts";
import { between, seededRng } from "./random.ts";
import { chaosSettings } from "./settings.ts";
import { countSometimes, type Sometimes, sometimesNames } from "./sometimes.ts";
import { watchDecisions } from "./watch-decisions.ts";
import { type Recovery, watchRestarts } from "./watch-restarts.ts";

export type ChaosOptions = {
  readonly sagas: number;
  readonly faults: number;
  readonly seed: number;
  /** Of each order; drawn for each when unspecified. */
  readonly coordination: Coordination;
  readonly onFault: (number: number, fault: Fault) => void;
};

export type ChaosReport = {
  readonly seed: number;
  readonly sagas: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly clients: ClientSummary;
  readonly ends: Readonly<Record<string, number>>;
  readonly sometimes: Sometimes;
  readonly findings: readonly Finding[];
  /** From a service's restart until its sagas moved again. */
  readonly recoveries: readonly Recovery[];
  /** From the last fault until every saga had ended. */
  readonly settledMs: number;
  readonly elapsedMs: number;
};

const products = 20;
const clientsGiveUpAfterMs = 120_000;
const endsWithinMs = 120_000;
/** A run as large as this must have seen everything that happens now and then. */
const largeRun = { sagas: 300, faults: 60 };

/** Places orders while faults happen, waits until all sagas have ended, and examines everything. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  await using system = await startTemporarySystem({
    settings: chaosSettings,
    supervision: { restartAfterMs: 100, isKilledOnPurpose: true },
    withCables: true,
  });
  await using databases = openDatabases(system.servers.directDatabaseUrls);
  try {
    const report = await run(system, databases, options);
    if (violationsOf(report.findings).length > 0) {
      keepLogs(system, "chaos");
    }
    return report;
  } catch (error) {
    keepLogs(system, "chaos");
    throw error;
  }
}

async function run(
  system: TemporarySystem,
  databases: Databases,
  options: ChaosOptions,
): Promise<ChaosReport> {
  const { sagas, faults: faultCount, seed } = options;
  const { clients } = system;
  const startedAt = performance.now();
  const sessionId = `chaos-${seed}`;
  const stockOfEach = sagas * 6;
  const catalogue = await seedLoadCatalogue(clients, { sessionId, products, stockOfEach });
  const scarce = Math.max(1, Math.floor(sagas / 40));
  await seedLoadCatalogue(clients, {
    sessionId,
    products: [scarceProduct],
    stockOfEach: scarce,
  });
  const restarts = watchRestarts(databases);
  const decisions = watchDecisions(databases);

  const plan = planFaults(seededRng(seed), faultCount);
  const rng = seededRng(seed + 1);
  const told: Promise<ClientOrder>[] = [];
  const place = async (requestId: string): Promise<void> => {
    const request = drawOrder(rng, {
      productIds: catalogue.productIds,
      coordination: options.coordination,
    });
    const waitMs = between(rng, [0, 1500]);
    const untilMs = performance.now() + clientsGiveUpAfterMs;
    told.push(
      sleep(waitMs).then(() => runClient(clients, { sessionId, requestId, request, untilMs })),
    );
  };
  for (const [index, fault] of plan.entries()) {
    const until = Math.ceil((sagas * (index + 1)) / plan.length);
    while (told.length < until) {
      await place(`request-${told.length}`);
    }
    await sleep(fault.afterMs);
    options.onFault(index + 1, fault);
    await inflict(system, fault, restarts.began);
  }
  const lastFaultAt = performance.now();
  const answers = await settleUnknown(system, sessionId, await Promise.all(told));
  const stuck = await waitForEnd(clients, {
    sessionId,
    withinMs: endsWithinMs,
    onWaiting: () => undefined,
  }).then(
    () => [],
    (error: unknown) => [String(error)],
  );
  const settledMs = performance.now() - lastFaultAt;

  const stockOf = new Map(catalogue.productIds.map((id) => [id, stockOfEach]));
  stockOf.set(scarceProduct, scarce);
  const { summary, findings } = await checkClients(clients, { sessionId, told: answers });
  const sometimes = await countSometimes(databases, system.logFolder);
  const isLarge = sagas >= largeRun.sagas && faultCount >= largeRun.faults;
  const booksToo = { ...catalogue, stockOfAll: products * stockOfEach + scarce };
  return {
    seed,
    sagas,
    faults: countBy(plan.map(({ kind }) => kind)),
    clients: summary,
    ends: countBy(
      (
        await databases.rows<{ as: string }>(
          "order",
          "select status || ' ' || coalesce(cause_code, '') as as from saga",
        )
      ).map((row) => row.as.trim()),
    ),
    sometimes,
    findings: [
      noCaseOf("every saga ends", stuck, `${Math.round(settledMs)} ms after the last fault`),
      ...findings,
      await decisions.end(),
      ...(await checkSession(clients, booksToo)),
      ...(await examine(system.servers, { withinMs: 30_000, began: { sessionId, stockOf } })),
      noCaseOf(
        "everything that happens now and then has happened",
        isLarge ? sometimesNames.filter((name) => sometimes[name] === 0) : [],
        isLarge ? `${sometimesNames.length} things` : "not asked of a run so small",
      ),
    ],
    recoveries: await restarts.measurements(),
    settledMs,
    elapsedMs: performance.now() - startedAt,
  };
}

/** Asks once more, now that everything runs, for the orders whose clients never heard an answer. */
async function settleUnknown(
  { clients }: TemporarySystem,
  sessionId: string,
  told: readonly ClientOrder[],
): Promise<readonly ClientOrder[]> {
  const untilMs = performance.now() + 30_000;
  return await Promise.all(
    told.map(async (order) =>
      order.answer === undefined
        ? { ...order, answer: await placeOrder(clients, { ...order, sessionId, untilMs }) }
        : order,
    ),
  );
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) {
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
