import assert from "node:assert/strict";

import type { Saga } from "@ordersaga/gen/order/v1/saga";
import { OrderService } from "@ordersaga/gen/order/v1/order_service";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { AppError, readConfig } from "@ordersaga/kernel";
import { outboxLimitsFrom } from "@ordersaga/outbox";
import { createRpcClient, type RpcClient } from "@ordersaga/rpc";
import type { App } from "@ordersaga/service";
import { createLogger } from "@ordersaga/telemetry";
import { createTestDatabase, type TestDatabase, testNats, waitFor } from "@ordersaga/testkit";

import { startApp } from "../app.ts";
import { settings } from "../config.ts";
import { entities, migrations } from "../persistence/index.ts";
import { startTestInventory, type TestInventory } from "./test-inventory.ts";
import { startTestParticipants, type TestParticipants } from "./test-participants.ts";

/** The whole order service on real servers, with stand-ins for its neighbours. */
export type World = AsyncDisposable & {
  readonly client: RpcClient<typeof OrderService>;
  readonly inventory: TestInventory;
  readonly participants: TestParticipants;
  readonly tables: TestDatabase;
  readonly port: number;
  /** Starts another instance of the service on the same database and broker. */
  readonly startAnother: (settings?: Environment) => Promise<Instance>;
};

export type Instance = AsyncDisposable & {
  readonly client: RpcClient<typeof OrderService>;
  readonly app: App;
};

type Environment = Readonly<Record<string, string>>;

export const operatorToken = "the-operators-token";

/** Starts everything. The settings are those of production, but with the patience of a test. */
export async function createWorld(environment: Environment = {}): Promise<World> {
  await using opening = new AsyncDisposableStack();
  const inventory = opening.use(await startTestInventory());
  const tables = opening.use(await createTestDatabase({ name: "order", entities, migrations }));
  const { servers, prefix } = opening.use(await testNats());
  const around = {
    ...patience,
    PORT: "0",
    DATABASE_URL: tables.url,
    NATS_URL: servers,
    NATS_PREFIX: prefix,
    INVENTORY_URL: inventory.url,
    OPERATOR_TOKEN: operatorToken,
    ...environment,
  };
  const limits = outboxLimitsFrom(readConfig(settings, around));
  const participants = opening.use(await startTestParticipants({ servers, prefix, limits }));
  const startAnother = (more: Environment = {}) => startInstance({ ...around, ...more });
  const { app, client } = opening.use(await startAnother());
  const opened = opening.move();
  return {
    client,
    inventory,
    participants,
    tables,
    port: app.port,
    startAnother,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const patience: Environment = {
  LOG_LEVEL: "error",
  DATABASE_POOL_MAX: "8",
  OUTBOX_SWEEP_EVERY_MS: "100",
  OUTBOX_SWEEP_AFTER_MS: "500",
  // A busy machine is not an inventory that is away.
  CHECK_STOCK_WITHIN_MS: "5000",
  RETRY_FIRST_MS: "50",
  SAGA_SCAN_EVERY_MS: "50",
  WATCH_POLL_MS: "100",
};

async function startInstance(environment: Environment): Promise<Instance> {
  const config = readConfig(settings, environment);
  const log = createLogger({ service: "order", level: config.LOG_LEVEL, isPretty: true });
  const app = await startApp(config, { log });
  const client = createRpcClient(OrderService, {
    baseUrl: `http://127.0.0.1:${app.port}`,
    timeoutMs: 15_000,
  });
  return {
    app,
    client,
    [Symbol.asyncDispose]: async () => {
      client[Symbol.dispose]();
      await app.stop();
    },
  };
}

/** A request that is accepted, and what is to be different about it. */
export function orderOf(
  different: {
    readonly lines?: readonly { readonly productId: string; readonly quantity: number }[];
    readonly token?: string;
    readonly userId?: string;
    readonly requestId?: string;
  } = {},
) {
  return {
    userId: different.userId ?? "ada",
    lines: [...(different.lines ?? [{ productId: "mouse", quantity: 2 }])],
    paymentMethod: { token: different.token ?? "tok_ok" },
    requestId: different.requestId ?? "",
  };
}

/** What a call is refused with: code and reason, or code and the first wrong field. */
export async function refusalOf(call: Promise<unknown>): Promise<AppError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "the call was not refused" });
}

/** Such as `INVALID_ARGUMENT lines[0].quantity` or `NOT_FOUND UNKNOWN_ORDER`. */
export async function sayingOf(call: Promise<unknown>): Promise<string> {
  const { code, details } = await refusalOf(call);
  return [code, details.fields?.[0]?.field ?? details.reason].filter(Boolean).join(" ");
}

type Session = { readonly sessionId: string };
type Client = World["client"];

/** Places an order and returns its id. */
export async function place(
  client: Client,
  session: Session,
  {
    coordination = Coordination.UNSPECIFIED,
    ...different
  }: Parameters<typeof orderOf>[0] & {
    readonly coordination?: Coordination;
  } = {},
): Promise<string> {
  const request = { ...orderOf(different), coordination };
  return (await client.createOrder(request, session)).order?.id ?? "";
}

/** The saga of an order, once it has ended. */
export async function endOf(client: Client, session: Session, orderId: string): Promise<Saga> {
  return await waitFor(
    async () => {
      const { saga } = await client.getSaga(byOrder(orderId), session);
      return saga?.endTime === undefined ? undefined : saga;
    },
    { withinMs: 15_000, describe: `the saga of ${orderId} to end` },
  );
}

export function byOrder(orderId: string) {
  return { id: { case: "orderId", value: orderId } } as const;
}
