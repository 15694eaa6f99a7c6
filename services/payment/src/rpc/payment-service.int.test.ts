import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { PaymentService, PaymentStatus } from "@ordersaga/gen/payment/v1/payment_service";
import { DeadLetterService } from "@ordersaga/gen/saga/v1/dead_letter_service";
import { type ErrorCode, readConfig, uuidOf } from "@ordersaga/kernel";
import { createRpcClient, type RpcClient } from "@ordersaga/rpc";
import { silentLogger } from "@ordersaga/telemetry";
import { testNats, type TestDatabase } from "@ordersaga/testkit";

import { startApp } from "../app.ts";
import { settings } from "../config.ts";
import { createPaymentDatabase, newSagaId } from "../testing/payment-under-test.ts";

const opened = new AsyncDisposableStack();
const operator = { authorization: "Bearer test-operator" };
let stored: TestDatabase;
let baseUrl: string;
let payments: RpcClient<typeof PaymentService>;

before(async () => {
  stored = opened.use(await createPaymentDatabase());
  const nats = opened.use(await testNats());
  const config = readConfig(settings, {
    DATABASE_URL: stored.url,
    NATS_URL: nats.servers,
    NATS_PREFIX: nats.prefix,
    PORT: "0",
    OPERATOR_TOKEN: "test-operator",
    PAYMENT_PROVIDER_URL: "http://127.0.0.1:9",
  });
  const app = await startApp(config, { log: silentLogger });
  opened.defer(app.stop);
  baseUrl = `http://127.0.0.1:${app.port}`;
  payments = opened.use(createRpcClient(PaymentService, { baseUrl, timeoutMs: 5000 }));
});
after(() => opened.disposeAsync());

/** Writes payments as they are stored; returns their saga ids, oldest first. */
async function store(
  sessionId: string,
  ...statuses: readonly ("SUCCEEDED" | "DECLINED" | "REFUNDED" | "TOMBSTONE")[]
): Promise<readonly string[]> {
  const ids = statuses.map(newSagaId).toSorted();
  for (const [index, status] of statuses.entries()) {
    const isTombstone = status === "TOMBSTONE";
    const isRefunded = isTombstone || status === "REFUNDED";
    const charge = isTombstone ? [null, null, null, null] : ["user-1", "EUR", 1999, "tok_ok"];
    await stored.query(
      `insert into payment (saga_id, session_id, status, user_id, currency_code, minor_units, token,
         decline_code, cause_code, cause_message, traceparent, definition_version, coordination,
         saga_state, attempts, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, '', 1, 1, '', 0, now(), now())`,
      [
        ids[index],
        sessionId,
        isTombstone ? "REFUNDED" : status,
        ...charge,
        status === "DECLINED" ? "insufficient_funds" : null,
        isRefunded ? "TIME_LIMIT" : null,
      ],
    );
  }
  return ids;
}

function rejects(call: Promise<unknown>, code: ErrorCode, field?: string): Promise<void> {
  return assert.rejects(call, (error: unknown) => {
    const { code: actual, details } = error as {
      code?: string;
      details?: { fields?: readonly { field: string }[] };
    };
    assert.equal(actual, code);
    if (field !== undefined) {
      assert.deepEqual(
        details?.fields?.map((violation) => violation.field),
        [field],
      );
    }
    return true;
  });
}

describe("GetPayment", () => {
  test("finds a payment by its own id and by its order's, with and without dashes", async () => {
    const sessionId = "get";
    const [sagaId = ""] = await store(sessionId, "SUCCEEDED");
    const dashed = uuidOf(sagaId) ?? "";
    for (const value of [sagaId, dashed]) {
      for (const id of ["paymentId", "orderId"] as const) {
        const { payment } = await payments.getPayment({ id: { case: id, value } }, { sessionId });
        assert.equal(payment?.id, dashed);
        assert.equal(payment?.orderId, dashed);
        assert.equal(payment?.sagaId, sagaId);
        assert.equal(payment?.status, PaymentStatus.SUCCEEDED);
        assert.equal(payment?.amount?.minorUnits, 1999n);
        assert.equal(payment?.userId, "user-1");
      }
    }
  });

  test("shows why a payment failed, and no amount of one that was never asked for", async () => {
    const sessionId = "details";
    const [declined = "", tombstone = ""] = await store(sessionId, "DECLINED", "TOMBSTONE");
    const get = async (value: string) =>
      (await payments.getPayment({ id: { case: "paymentId", value } }, { sessionId })).payment;
    const failed = await get(declined);
    assert.equal(failed?.status, PaymentStatus.FAILED);
    assert.equal(failed?.declineCode, "insufficient_funds");
    const never = await get(tombstone);
    assert.equal(never?.status, PaymentStatus.REFUNDED);
    assert.equal(never?.amount, undefined);
  });

  test("of another session's payment is NOT_FOUND", async () => {
    const [value = ""] = await store("theirs", "SUCCEEDED");
    const id = { case: "paymentId" as const, value };
    await rejects(payments.getPayment({ id }, { sessionId: "mine" }), "NOT_FOUND");
    await rejects(
      payments.getPayment({ id: { case: "orderId", value } }, { sessionId: "mine" }),
      "NOT_FOUND",
    );
    const found = await payments.getPayment({ id }, { sessionId: "*", headers: operator });
    assert.equal(found.payment?.sagaId, value);
  });

  test("with a malformed id, or none, is INVALID_ARGUMENT", async () => {
    const mine = { sessionId: "mine" };
    const get = (value: string) => payments.getPayment({ id: { case: "paymentId", value } }, mine);
    await rejects(get("payment-1"), "INVALID_ARGUMENT", "payment_id");
    await rejects(get(""), "INVALID_ARGUMENT", "payment_id");
    await rejects(
      payments.getPayment({ id: { case: "orderId", value: "1" } }, mine),
      "INVALID_ARGUMENT",
      "order_id",
    );
    await rejects(payments.getPayment({}, mine), "INVALID_ARGUMENT", "id");
  });
});

describe("ListPayments", () => {
  test("pages through the session's payments, the newest first, each once", async () => {
    const sessionId = "pages";
    const ids = await store(sessionId, ...Array.from({ length: 7 }, () => "SUCCEEDED" as const));
    await store("other-pages", "SUCCEEDED");
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await payments.listPayments({ pageSize: 3, pageToken }, { sessionId });
      assert.ok(page.payments.length <= 3);
      seen.push(...page.payments.map(({ sagaId }) => sagaId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.deepEqual(seen, ids.toReversed());
  });

  test("filters by status", async () => {
    const sessionId = "filter";
    const [, declined] = await store(sessionId, "SUCCEEDED", "DECLINED", "REFUNDED");
    const status = PaymentStatus.FAILED;
    const page = await payments.listPayments({ status }, { sessionId });
    assert.deepEqual(
      page.payments.map(({ sagaId }) => sagaId),
      [declined],
    );
  });

  test("shows an operator the payments of all sessions, page by page", async () => {
    const [one] = await store("all-1", "REFUNDED");
    const [two] = await store("all-2", "REFUNDED");
    const seen: string[] = [];
    let pageToken = "";
    do {
      const request = { pageSize: 1, pageToken, status: PaymentStatus.REFUNDED };
      const page = await payments.listPayments(request, { sessionId: "*", headers: operator });
      seen.push(...page.payments.map(({ sagaId }) => sagaId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.ok(one !== undefined && two !== undefined);
    assert.ok(seen.includes(one) && seen.includes(two));
    assert.equal(new Set(seen).size, seen.length);
  });

  test("takes no page token of another session, filter or origin", async () => {
    const sessionId = "tokens";
    await store(sessionId, "SUCCEEDED", "SUCCEEDED");
    const { nextPageToken: pageToken } = await payments.listPayments(
      { pageSize: 1 },
      { sessionId },
    );
    assert.notEqual(pageToken, "");
    const status = PaymentStatus.FAILED;
    const wrong = [
      payments.listPayments({ pageToken }, { sessionId: "tokens-2" }),
      payments.listPayments({ pageToken, status }, { sessionId }),
      payments.listPayments({ pageToken: "made-up" }, { sessionId }),
    ];
    for (const call of wrong) {
      await rejects(call, "INVALID_ARGUMENT", "page_token");
    }
  });

  test("with a negative page size or an unknown status is INVALID_ARGUMENT", async () => {
    const mine = { sessionId: "mine" };
    await rejects(payments.listPayments({ pageSize: -1 }, mine), "INVALID_ARGUMENT", "page_size");
    const status = 99 as PaymentStatus;
    await rejects(payments.listPayments({ status }, mine), "INVALID_ARGUMENT", "status");
  });
});

describe("every call", () => {
  test("needs a session, and all sessions need the operator's token", async () => {
    await rejects(payments.listPayments({}), "INVALID_ARGUMENT", "x-session-id");
    await rejects(payments.listPayments({}, { sessionId: "a b" }), "INVALID_ARGUMENT");
    await assert.rejects(payments.listPayments({}, { sessionId: "*" }));
  });
});

describe("RefundPayment", () => {
  const reason = "by mistake";

  test("is for operators, with an id and a reason", async () => {
    const sessionId = "refund-mine";
    const [paymentId = ""] = await store(sessionId, "SUCCEEDED");
    const refund = (request: { paymentId: string; reason: string }, headers = operator) =>
      payments.refundPayment(request, { sessionId, headers });
    const users = payments.refundPayment({ paymentId, reason }, { sessionId });
    await rejects(users, "PERMISSION_DENIED");
    await rejects(refund({ paymentId, reason: "" }), "INVALID_ARGUMENT", "reason");
    await rejects(refund({ paymentId, reason: " \n" }), "INVALID_ARGUMENT", "reason");
    await rejects(refund({ paymentId: "1", reason }), "INVALID_ARGUMENT", "payment_id");
    await rejects(refund({ paymentId: newSagaId(), reason }), "NOT_FOUND");
  });

  test("is refused until the order is known to be confirmed, whatever became of the money", async () => {
    const sessionId = "refund-unconfirmed";
    const ids = await store(sessionId, "SUCCEEDED", "DECLINED", "REFUNDED", "TOMBSTONE");
    for (const paymentId of ids) {
      const call = payments.refundPayment({ paymentId, reason }, { sessionId, headers: operator });
      await rejects(call, "FAILED_PRECONDITION");
    }
  });

  test("begins, and answers the same when it is asked again", async () => {
    const sessionId = "refund-confirmed";
    const [paymentId = ""] = await store(sessionId, "SUCCEEDED");
    await stored.query("update payment set confirmed_at = now() where saga_id = $1", [paymentId]);
    const elsewhere = { sessionId: "refund-other", headers: operator };
    await rejects(payments.refundPayment({ paymentId, reason }, elsewhere), "NOT_FOUND");
    for (const session of [sessionId, "*", sessionId]) {
      const { payment } = await payments.refundPayment(
        { paymentId, reason: ` ${reason} ` },
        { sessionId: session, headers: operator },
      );
      assert.equal(payment?.status, PaymentStatus.REFUNDING);
      assert.equal(payment?.sagaId, paymentId);
    }
    const audits = await stored.query<{ action: string; session_id: string; reason: string }>(
      "select action, session_id, reason from audit where target::uuid = $1",
      [paymentId],
    );
    assert.deepEqual(audits, [{ action: "refund-payment", session_id: sessionId, reason }]);
  });
});

describe("DeadLetterService", () => {
  test("is offered to operators", async () => {
    using letters = createRpcClient(DeadLetterService, { baseUrl, timeoutMs: 5000 });
    const { deadLetters } = await letters.listDeadLetters({}, { headers: operator });
    assert.deepEqual(deadLetters, []);
    await rejects(letters.listDeadLetters({}), "PERMISSION_DENIED");
  });
});
