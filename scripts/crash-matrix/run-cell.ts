import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { type Order, OrderStatus } from "@ordersaga/gen/order/v1/order";
import { diedAt } from "@ordersaga/kernel";

import { seedLoadCatalogue } from "../load/catalogue.ts";
import { waitForEnd } from "../load/read-sagas.ts";
import { checkSession } from "../load/witness.ts";
import type { TemporarySystem } from "../system/temporary-system.ts";
import { violationsOf } from "../witness/finding.ts";
import { type Cell, coordinationOf } from "./cells.ts";
import { type Placed, placeStories, productsOf, stockOfEach } from "./place-stories.ts";

/** What became of a cell: it is good when it was reached and nothing is wrong. */
export type CellResult = {
  readonly cell: Cell;
  /** Every life ended by SIGKILL at its failpoint, and said so. */
  readonly isReached: boolean;
  readonly wrong: readonly string[];
  readonly orders: number;
  /** From the first death until every saga had ended. */
  readonly recoveredMs: number;
};

const roundsMax = 4;
const roundMs = 5000;
const endsWithinMs = 30_000;

/**
 * Gives the service its lives, places orders until it has died at each failpoint, waits for the end of all
 * sagas and checks how they ended and the books.
 */
export async function runCell(system: TemporarySystem, cell: Cell): Promise<CellResult> {
  const { clients, servers } = system;
  const sessionId = sessionOf(cell);
  const catalogue = await seedLoadCatalogue(clients, {
    sessionId,
    products: productsOf(roundsMax),
    stockOfEach,
  });
  const lives = liveThrough(system, cell);
  await lives.isArmed;
  const placed: Placed[] = [];
  try {
    for (let round = 1; round <= roundsMax && !lives.areOver(); round++) {
      const stories = placeStories(clients, {
        sessionId,
        coordination: coordinationOf[cell.coordination],
        number: round,
        withTimeLimit: cell.lives.includes("saga.after-claim"),
      });
      if (cell.broker === "wipe") {
        await servers.nats.stop();
        servers.nats.wipe();
        await servers.nats.restart();
      }
      placed.push(...(await stories));
      await Promise.race([lives.over, sleep(roundMs)]);
    }
    await waitForEnd(clients, { sessionId, withinMs: endsWithinMs, onWaiting: () => undefined });
  } catch (error) {
    return { cell, ...lives.report(), wrong: [String(error)], orders: placed.length };
  }
  const { isReached, recoveredMs } = lives.report();
  const wrong = [
    ...(await wrongEnds(system, { sessionId, placed })),
    ...violationsOf(await checkSession(clients, catalogue)),
  ];
  return { cell, isReached, wrong, orders: placed.length, recoveredMs };
}

/** Starts the service once for each failpoint; the life after the last is an ordinary one. */
function liveThrough(system: TemporarySystem, { service, lives }: Cell) {
  const supervised = system.services.process(service);
  const log = join(system.logFolder, `${service}.log`);
  const armed = Promise.withResolvers<void>();
  let reached = 0;
  let diedFirstAt: number | undefined;

  const live = async (): Promise<void> => {
    await supervised.stop();
    for (const failpoint of lives) {
      const logged = statSync(log).size;
      supervised.start({ FAILPOINTS: `${failpoint}=kill` });
      const ended = supervised.ended();
      await Promise.race([system.services.waitUntilServing(service), ended]);
      armed.resolve();
      const { signal } = await ended;
      diedFirstAt ??= performance.now();
      const said = readFileSync(log).subarray(logged).toString("utf8");
      reached += signal === "SIGKILL" && said.includes(`${diedAt(failpoint)}\n`) ? 1 : 0;
    }
  };
  const over = live();
  over.catch(armed.reject);
  let isOver = false;
  void over.finally(() => {
    isOver = true;
  });
  return {
    isArmed: armed.promise,
    over,
    areOver: () => isOver,
    report: () => ({
      isReached: reached === lives.length,
      recoveredMs: diedFirstAt === undefined ? Number.NaN : performance.now() - diedFirstAt,
    }),
  };
}

async function wrongEnds(
  { clients }: TemporarySystem,
  { sessionId, placed }: { readonly sessionId: string; readonly placed: readonly Placed[] },
): Promise<readonly string[]> {
  const { orders } = await clients.order.listOrders({ pageSize: 1000 }, { sessionId });
  const byId = new Map<string, Order>(orders.map((order) => [order.id, order]));
  const known = placed.filter(({ orderId }) => orderId !== undefined);
  const wrong = known.flatMap(({ story, orderId = "", mayEnd }) => {
    const order = byId.get(orderId);
    return order !== undefined && mayEnd.includes(order.status)
      ? []
      : [`${story} ${orderId} is ${order === undefined ? "lost" : nameOfStatus(order.status)}`];
  });
  return known.length === orders.length
    ? wrong
    : [...wrong, `${orders.length} orders, ${known.length} of them are known`];
}

function nameOfStatus(status: OrderStatus): string {
  const found = Object.entries(OrderStatus).find(([, value]) => value === status);
  return found?.[0] ?? String(status);
}

let cells = 0;

function sessionOf({ service, coordination }: Cell): string {
  cells += 1;
  return `crash-${coordination}-${service}-${cells}`;
}
