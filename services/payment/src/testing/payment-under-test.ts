import { create, type DescMessage, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import {
  ProcessPaymentRequestSchema,
  RefundPaymentRequestSchema,
} from "@ordersaga/gen/payment/command/v1/payment_commands";
import { OrderConfirmedSchema } from "@ordersaga/gen/order/event/v1/order_events";
import { EnvelopeSchema } from "@ordersaga/gen/saga/v1/envelope";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { hexOfUuid, readConfig, systemClock, systemRng, uuidv7 } from "@ordersaga/kernel";
import { createMemoryBus } from "@ordersaga/messaging";
import {
  createOutbox,
  type Database,
  openDatabase,
  outboxLimitsFrom,
  type Statement,
} from "@ordersaga/outbox";
import { silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase, type TestDatabase, waitFor } from "@ordersaga/testkit";

import { settings } from "../config.ts";
import { startPayments } from "../payments.ts";
import { entities, migrations } from "../persistence/index.ts";
import { createProviderClient } from "../rpc/provider-client.ts";
import type { Refund } from "../use-cases/refund.ts";

/** Payment without broker or server: messages are handed to its reactions. */
export type PaymentUnderTest = AsyncDisposable & {
  readonly database: Database;
  /** Asks for charges, one set for all sagas. */
  readonly do: (...asked: readonly Asked[]) => Promise<void>;
  readonly undo: (...asked: readonly Pick<Asked, "sagaId" | "sessionId">[]) => Promise<void>;
  readonly confirm: (...asked: readonly Pick<Asked, "sagaId" | "sessionId">[]) => Promise<void>;
  readonly refund: Refund;
  /** Short names of all outcomes that a saga was told, oldest first, such as `PaymentSucceeded`. */
  readonly told: (sagaId: string) => Promise<readonly string[]>;
  readonly statusOf: (sagaId: string) => Promise<string | undefined>;
  /** Waits until the payment is in a status. */
  readonly until: (sagaId: string, status: string) => Promise<void>;
};

/** What is asked of payment; EUR 19.99 with tok_ok in session `s` unless it says otherwise. */
export type Asked = {
  readonly sagaId: string;
  readonly token?: string;
  readonly sessionId?: string;
  readonly minorUnits?: bigint;
};

/** A database for the payments of one test file. */
export function createPaymentDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ name: "payment", entities, migrations });
}

/** Starts payment over a database and a provider, with short times. */
export async function startPaymentUnderTest(options: {
  readonly test: TestDatabase;
  readonly providerUrl: string;
  readonly environment?: Readonly<Record<string, string>>;
}): Promise<PaymentUnderTest> {
  const { test, providerUrl } = options;
  await using opened = new AsyncDisposableStack();
  const config = readConfig(settings, {
    ...shortTimes,
    ...options.environment,
    DATABASE_URL: test.url,
  });
  const log = silentLogger;
  const database = opened.use(
    await openDatabase({ url: test.url, entities, migrations, poolMax: 8, log }),
  );
  const base = { database, clock: systemClock, rng: systemRng, log };
  const bus = createMemoryBus();
  const limits = outboxLimitsFrom(config);
  const outbox = opened.use(createOutbox({ ...base, bus, service: "payment", limits }));
  const { unitsOfWork } = outbox;
  const provider = opened.use(
    createProviderClient({ baseUrl: providerUrl, timeoutMs: config.PROVIDER_TIMEOUT_MS }),
  );
  const { converse } = provider;
  const payments = opened.use(await startPayments({ ...base, config, unitsOfWork, converse }));

  async function hear<M extends DescMessage>(
    type: M,
    asked: readonly Asked[],
    payloadOf: (one: Asked) => MessageInitShape<M>,
  ): Promise<void> {
    const reaction = payments.reactions.find((candidate) => candidate.type === type);
    const events = asked.map((one) => ({
      id: uuidv7(),
      envelopeId: uuidv7(),
      type,
      payload: create(type, payloadOf(one)),
      context: contextOf(one),
      createTime: new Date(),
      attempt: 1,
    }));
    await unitsOfWork.run(async (uow) => {
      await reaction?.handle(uow, events);
    });
  }

  const statusOf = async (sagaId: string): Promise<string | undefined> => {
    const [row] = await database.query(selectStatus, [sagaId]);
    return row?.status;
  };
  const all = opened.move();
  return {
    database,
    do: (...asked) => hear(ProcessPaymentRequestSchema, asked, requestOf),
    undo: (...asked) => hear(RefundPaymentRequestSchema, asked, () => ({ cause: undoCause })),
    confirm: (...asked) => hear(OrderConfirmedSchema, asked, () => ({})),
    refund: payments.refund,
    told: async (sagaId) => {
      const rows = await test.query<{ body: Buffer }>("select body from outbox order by id");
      return rows
        .map(({ body }) => fromBinary(EnvelopeSchema, body))
        .flatMap(({ type, events }) => events.map((event) => ({ type, event })))
        .filter(({ event }) => event.sagaId === sagaId)
        .map(({ type }) => type.slice(type.lastIndexOf(".") + 1));
    },
    statusOf,
    until: async (sagaId, status) => {
      let seen: string | undefined;
      await waitFor(async () => (seen = await statusOf(sagaId)) === status, {
        withinMs: 15_000,
        describe: () => `${sagaId} to be ${status}; it is ${seen}`,
      });
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

export const undoCause = { code: "CANCELLED_BY_USER", message: "Changed my mind." };

/** A saga id as events carry it: 32 hex digits. */
export function newSagaId(): string {
  return hexOfUuid(uuidv7()) ?? "";
}

const selectStatus: Statement<{ readonly status: string }> = {
  name: "test.select-status",
  text: "select status from payment where saga_id = $1",
};

const shortTimes = {
  PROVIDER_TIMEOUT_MS: "1000",
  PROVIDER_RETRY_FIRST_MS: "50",
  PROVIDER_RETRY_MAX_MS: "200",
  PROVIDER_AWAY_FIRST_MS: "30",
  PROVIDER_AWAY_MAX_MS: "100",
  PAYMENT_SCAN_MS: "20",
  PAYMENT_PENDING_AFTER_MS: "5000",
};

function requestOf({ sagaId, token = "tok_ok", minorUnits = 1999n }: Asked) {
  return {
    orderId: sagaId,
    userId: "user-1",
    amount: { currencyCode: "EUR", minorUnits },
    paymentToken: token,
  };
}

function contextOf({ sagaId, sessionId = "s" }: Asked) {
  return {
    sagaId,
    sessionId,
    traceparent: "",
    definitionVersion: 1,
    coordination: Coordination.ORCHESTRATION,
    state: new Uint8Array(),
  };
}
