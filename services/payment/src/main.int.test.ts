import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  ProcessPaymentRequestSchema,
  RefundPaymentRequestSchema,
} from "@ordersaga/gen/payment/command/v1/payment_commands";
import { EnvelopeSchema, type Event } from "@ordersaga/gen/saga/v1/envelope";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { uuidv7 } from "@ordersaga/kernel";
import { connectJetStream, type MessageBus } from "@ordersaga/messaging";
import { subjectOf } from "@ordersaga/outbox";
import { silentLogger } from "@ordersaga/telemetry";
import { createTestDatabase, testNats, type TestDatabase, waitFor } from "@ordersaga/testkit";

import { newSagaId, undoCause } from "./testing/payment-under-test.ts";
import { type ProviderProcess, startProviderProcess } from "./testing/provider-process.ts";
import { type ServiceProcess, startService } from "./testing/service-process.ts";

const opened = new AsyncDisposableStack();
const heard: { readonly type: string; readonly event: Event }[] = [];
let stored: TestDatabase;
let provider: ProviderProcess;
let bus: MessageBus;
let settings: Readonly<Record<string, string>>;

before(async () => {
  stored = opened.use(await createTestDatabase({ name: "payment_process", sql: "select 1" }));
  provider = opened.use(await startProviderProcess());
  const nats = opened.use(await testNats());
  const { servers, prefix } = nats;
  bus = opened.use(await connectJetStream({ servers, prefix, name: "test", log: silentLogger }));
  settings = {
    DATABASE_URL: stored.url,
    NATS_URL: servers,
    NATS_PREFIX: prefix,
    PORT: "0",
    PAYMENT_PROVIDER_URL: provider.baseUrl,
    PROVIDER_TIMEOUT_MS: "1000",
    PROVIDER_RETRY_FIRST_MS: "50",
    PAYMENT_SCAN_MS: "50",
  };
  await bus.ensureStream({
    name: "PAYMENT",
    subjects: ["payment.>"],
    maxAgeMs: 3_600_000,
    maxBytes: 100_000_000,
  });
  for (const outcome of ["succeeded", "declined", "refunded", "pending"]) {
    const subscription = await bus.subscribe(
      {
        stream: "PAYMENT",
        durable: `test-${outcome}`,
        subject: `payment.event.v1.payment-${outcome}`,
        ackWaitMs: 10_000,
        maxAckPending: 100,
      },
      (delivery) => {
        const { type, events } = fromBinary(EnvelopeSchema, delivery.data);
        heard.push(...events.map((event) => ({ type, event })));
        delivery.ack();
      },
    );
    opened.use(subscription);
  }
});
after(() => opened.disposeAsync());

async function publish(command: "do" | "undo", sagaId: string, token = "tok_ok"): Promise<void> {
  const isDo = command === "do";
  const type = isDo ? ProcessPaymentRequestSchema : RefundPaymentRequestSchema;
  const payload = isDo
    ? toBinary(
        ProcessPaymentRequestSchema,
        create(ProcessPaymentRequestSchema, {
          userId: "user-1",
          amount: { currencyCode: "EUR", minorUnits: 500n },
          paymentToken: token,
        }),
      )
    : toBinary(
        RefundPaymentRequestSchema,
        create(RefundPaymentRequestSchema, { cause: undoCause }),
      );
  const id = uuidv7();
  const envelope = create(EnvelopeSchema, {
    id,
    type: type.typeName,
    source: "order",
    events: [
      {
        id: `${id}/0`,
        sagaId,
        sessionId: "s",
        definitionVersion: 1,
        coordination: Coordination.ORCHESTRATION,
        payload,
      },
    ],
  });
  const data = toBinary(EnvelopeSchema, envelope);
  await bus.publish({ id, subject: subjectOf(type), data, headers: {} });
}

async function told(sagaId: string, outcome: string): Promise<void> {
  await waitFor(
    () => heard.some(({ type, event }) => event.sagaId === sagaId && type.endsWith(`.${outcome}`)),
    { withinMs: 15_000, describe: `${outcome} of ${sagaId}` },
  );
}

const start = (environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> =>
  startService("payment", { ...settings, ...environment });

test("commands on the broker are carried out and answered with events", async () => {
  await using _payment = await start();
  const [kept, undone, declined] = [newSagaId(), newSagaId(), newSagaId()];
  await publish("do", kept);
  await publish("do", declined, "tok_declined");
  await publish("undo", undone);
  await publish("do", undone);
  await told(kept, "PaymentSucceeded");
  await told(declined, "PaymentDeclined");
  await told(undone, "PaymentRefunded");
  assert.equal(await provider.ledgerOf(kept), "CHARGED");
  assert.notEqual(await provider.ledgerOf(undone), "CHARGED");
});

test("killed before its call, payment has recorded what it was about to do, and does it", async () => {
  const sagaId = newSagaId();
  const dying = await start({ FAILPOINTS: "payment.before-call=kill" });
  await publish("do", sagaId);
  assert.equal(await dying.ended, "SIGKILL");
  assert.equal(await provider.ledgerOf(sagaId), "none");
  const [row] = await stored.query<{ status: string }>(
    "select status from payment where saga_id = $1",
    [sagaId],
  );
  assert.equal(row?.status, "CHARGING");

  await using _payment = await start();
  await told(sagaId, "PaymentSucceeded");
  assert.equal(await provider.ledgerOf(sagaId), "CHARGED");
});

test("killed between the charge and its record, payment finds the charge and makes no other", async () => {
  const sagaId = newSagaId();
  const dying = await start({ FAILPOINTS: "payment.after-call=kill" });
  await publish("do", sagaId);
  assert.equal(await dying.ended, "SIGKILL");
  assert.equal(await provider.ledgerOf(sagaId), "CHARGED");

  await using _payment = await start();
  await told(sagaId, "PaymentSucceeded");
  assert.equal((await provider.entryOf(sagaId))?.chargeRequests, 2);
});

test("killed between the charge and its record, and then undone, payment refunds it", async () => {
  const sagaId = newSagaId();
  const dying = await start({ FAILPOINTS: "payment.after-call=kill" });
  await publish("do", sagaId);
  assert.equal(await dying.ended, "SIGKILL");
  await publish("undo", sagaId);

  await using _payment = await start();
  await told(sagaId, "PaymentRefunded");
  assert.equal(await provider.ledgerOf(sagaId), "REFUNDED");
});

test("a configuration with mistakes is refused, all of them at once", async () => {
  await assert.rejects(
    startService("payment", { ...settings, PORT: "-1", PAYMENT_SCAN_MS: "soon" }),
    /ended before it served/,
  );
});
