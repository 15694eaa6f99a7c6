import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

import { OrderStatus } from "@ordersaga/gen/order/v1/order";
import { SagaStatus } from "@ordersaga/gen/order/v1/saga";
import { LedgerStatus } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import {
  type DeadLetter,
  DeadLetterService,
  DeadLetterStatus,
} from "@ordersaga/gen/saga/v1/dead_letter_service";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { createRpcClient, type RpcClient } from "@ordersaga/rpc";
import { waitFor } from "@ordersaga/testkit";

import { serviceTable } from "../../scripts/system/service-table.ts";
import { startTestSystem, type TestSystem } from "./system.ts";

const root = join(import.meta.dirname, "../..");
const session = { sessionId: "demo" };

describe("an operator repairs a saga that waits for a dead letter", () => {
  let system: TestSystem;
  let letters: RpcClient<typeof DeadLetterService>;
  let headers: Readonly<Record<string, string>>;
  before(async () => {
    system = await startTestSystem({
      ORDER_TIME_LIMIT_MS: "3600000",
      RECOVERY_FIRST_MS: "3600000",
      RETRY_FIRST_MS: "100",
    });
    await system.clients.inventory.seedProducts({}, session);
    headers = system.clients.operatorHeaders;
    const baseUrl = system.services.services["inventory"] ?? "";
    letters = createRpcClient(DeadLetterService, { baseUrl, timeoutMs: 10_000 });
  });
  after(async () => {
    letters?.[Symbol.dispose]();
    await system?.[Symbol.asyncDispose]();
  });

  it("by the commands of the guide, one after the other, as they are printed there", async () => {
    const [, breakIt = "", order, listSagas, list, get, repair = "", redrive, getOrder, ...more] =
      blocksOfGuide();
    assert.deepEqual(more, []);
    const [defineSql = "", breaking = ""] = breakIt.split(/\n(?=sql )/);
    await run(`${defineSql}\n${breaking}`);
    const placed = JSON.parse(await run(order)).order;
    const ids: Record<string, string> = {
      "YOUR-ORDER-ID": placed.id,
      "YOUR-SAGA-ID": placed.sagaId,
    };
    const stuck = await waitFor(
      async () => JSON.parse(await run(listSagas)).sagas?.[0] as unknown,
      { withinMs: 30_000, everyMs: 500, describe: "the saga to be listed as stuck" },
    );
    assert.deepEqual(pick(stuck, "id", "currentStep"), [placed.sagaId, "reserve-inventory"]);
    const dead = await waitFor(
      async () => {
        const { deadLetters = [] } = JSON.parse(await run(list, ids));
        return deadLetters[0]?.status === "DEAD_LETTER_STATUS_DEAD" ? deadLetters[0] : undefined;
      },
      { withinMs: 30_000, everyMs: 200, describe: "the message to be a dead letter" },
    );
    assert.deepEqual(pick(dead, "reason", "attempts"), ["ATTEMPTS_EXHAUSTED", 3]);
    assert.match(dead.error, /violates check constraint "broken"/);
    ids["YOUR-DEAD-LETTER-ID"] = dead.id;
    const looked = JSON.parse(await run(get, ids));
    assert.equal(JSON.parse(looked.decodedJson).orderId, placed.id);
    await run(`${defineSql}\n${repair}`);
    const answers = await run(redrive, ids);
    assert.match(answers, /"WOULD_REDRIVE"[^]*"REDRIVEN"/);
    await waitFor(async () => (await run(getOrder, ids)).includes("ORDER_STATUS_CONFIRMED"), {
      withinMs: 30_000,
      describe: "the order to be confirmed",
    });
    assert.equal((await letterOf(placed.sagaId))?.status, DeadLetterStatus.RESOLVED);
    const audit = await run(`${defineSql}\nsql "select * from audit"`);
    assert.match(audit, /redrive-dead-letter/);
  });

  for (const mode of ["CHOREOGRAPHY", "ORCHESTRATION"] as const) {
    it(`and the order is confirmed: ${mode}`, async () => {
      const { sagaId, orderId, letter } = await stuckOrder("keyboard", Coordination[mode]);
      await sql("alter table reservation drop constraint broken");
      assert.deepEqual(await redriven(letter), ["REDRIVEN"]);
      assert.equal(await endOf(orderId), SagaStatus.COMPLETED);
      assert.equal((await letterOf(sagaId))?.status, DeadLetterStatus.RESOLVED);
      const { order } = await system.clients.order.getOrder({ orderId }, session);
      assert.equal(order?.status, OrderStatus.CONFIRMED);
    });

    it(`too late: the order was given up, and the redriven message does nothing: ${mode}`, async () => {
      const stock = await productOf("mouse");
      const { sagaId, orderId, letter } = await stuckOrder("mouse", Coordination[mode]);
      await system.clients.order.updateOrderStatus(
        { orderId, status: OrderStatus.CANCELLED, reason: "It takes too long." },
        { ...session, headers },
      );
      assert.equal(await endOf(orderId), SagaStatus.COMPENSATED);
      await sql("alter table reservation drop constraint broken");
      assert.deepEqual(await redriven(letter), ["REDRIVEN"]);
      await waitFor(async () => (await letterOf(sagaId))?.status === DeadLetterStatus.RESOLVED, {
        withinMs: 10_000,
        describe: "the redriven message to be resolved",
      });
      assert.deepEqual(await productOf("mouse"), stock);
      const { order } = await system.clients.order.getOrder({ orderId }, session);
      assert.deepEqual([order?.status, order?.reason], [OrderStatus.CANCELLED, "ADMINISTRATOR"]);
    });
  }

  it("and gives the money of the confirmed order back, which stays confirmed", async () => {
    const { clients } = system;
    const placed = await clients.order.createOrder(orderOf("keyboard"), session);
    const orderId = placed.order?.id ?? "";
    assert.equal(await endOf(orderId), SagaStatus.COMPLETED);
    const wish = { paymentId: orderId, reason: "It arrived broken." };
    await waitFor(
      async () =>
        await clients.payment.refundPayment(wish, { ...session, headers }).then(
          () => true,
          (error: unknown) => !String(error).includes("not confirmed"),
        ),
      { withinMs: 10_000, describe: "payment to have heard that the order is confirmed" },
    );
    const entry = await waitFor(
      async () => {
        const { entries } = await clients.provider.listLedgerEntries({
          keyPrefix: placed.order?.sagaId ?? "",
        });
        return entries[0]?.status === LedgerStatus.REFUNDED ? entries[0] : undefined;
      },
      { withinMs: 10_000, describe: "the provider to give the money back" },
    );
    assert.equal(entry.amount?.minorUnits, placed.order?.total?.minorUnits);
    assert.equal(await endOf(orderId), SagaStatus.COMPLETED);
    const { order } = await clients.order.getOrder({ orderId }, session);
    assert.equal(order?.status, OrderStatus.CONFIRMED);
  });

  /** An order of a product whose reservations cannot be written down, and what inventory set aside. */
  async function stuckOrder(productId: string, coordination: Coordination) {
    await sql(
      `alter table reservation add constraint broken
         check (lines -> 0 ->> 'productId' <> '${productId}') not valid`,
    );
    const { clients } = system;
    const { order } = await clients.order.createOrder(
      { ...orderOf(productId), coordination },
      session,
    );
    const { id: orderId = "", sagaId = "" } = order ?? {};
    const letter = await waitFor(
      async () => {
        const found = await letterOf(sagaId);
        return found?.status === DeadLetterStatus.DEAD ? found : undefined;
      },
      { withinMs: 30_000, describe: "the message to be a dead letter" },
    );
    return { orderId, sagaId, letter };
  }

  async function letterOf(sagaId: string): Promise<DeadLetter | undefined> {
    const { deadLetters } = await letters.listDeadLetters({ filter: { sagaId } }, { headers });
    return deadLetters[0];
  }

  async function redriven({ id }: DeadLetter): Promise<readonly string[]> {
    const answers = letters.redriveDeadLetters({ ids: [id] }, { headers });
    return (await Array.fromAsync(answers)).map(({ outcome }) => outcome);
  }

  async function endOf(orderId: string): Promise<SagaStatus | undefined> {
    return await waitFor(
      async () => {
        const id = { case: "orderId", value: orderId } as const;
        const { saga } = await system.clients.order.getSaga({ id }, session);
        return saga?.endTime === undefined ? undefined : saga.status;
      },
      { withinMs: 30_000, describe: "the saga to end" },
    );
  }

  async function productOf(productId: string) {
    const { product } = await system.clients.inventory.getProduct({ productId }, session);
    return [product?.available, product?.reserved, product?.sold];
  }

  async function sql(statement: string): Promise<void> {
    const [, block = ""] = blocksOfGuide();
    await run(`${block.split("\n")[0]}\nsql "$STATEMENT"`, {}, { STATEMENT: statement });
  }

  /** Runs a block of the guide in a shell, against this system and with these ids. */
  async function run(
    block = "",
    ids: Readonly<Record<string, string>> = {},
    environment: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const addresses = serviceTable.map(({ name, port }): [string, string] => [
      `localhost:${port}`,
      new URL(system.services.services[name] ?? "").host,
    ]);
    const replaced = [
      ...addresses,
      ...Object.entries(ids),
      ["YOUR-TOKEN", system.operatorToken] as const,
      [".data/", `${dirname(system.logFolder)}/`] as const,
    ];
    const ready = replaced.reduce((text, [from, to]) => text.replaceAll(from, to), block);
    const { stdout } = await promisify(execFile)("sh", ["-c", `set -e\n${ready}`], {
      cwd: root,
      timeout: 60_000,
      env: { ...process.env, ...environment },
    });
    return stdout;
  }
});

function orderOf(productId: string) {
  return {
    userId: "me",
    lines: [{ productId, quantity: 1 }],
    paymentMethod: { token: "tok_ok" },
  };
}

/** The shell blocks of the guide's numbered steps, in order. */
function blocksOfGuide(): readonly string[] {
  const page = readFileSync(join(root, "docs/guides/repair-a-stuck-saga.md"), "utf8");
  return [...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) =>
    block.replaceAll(/^ {3}/gm, "").trimEnd(),
  );
}

function pick(from: unknown, ...names: readonly string[]): readonly unknown[] {
  const fields = from as Readonly<Record<string, unknown>>;
  return names.map((name) => fields[name]);
}
