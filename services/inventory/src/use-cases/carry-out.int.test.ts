import assert from "node:assert/strict";
import { after, test } from "node:test";

import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { SagaRequest } from "../domain/decide-set.ts";
import type { Request, Reservation } from "../domain/reservation.ts";
import { newSagaId, openInventoryUnderTest } from "../testing/inventory-under-test.ts";
import { carryOut } from "./carry-out.ts";

const inventory = await openInventoryUnderTest();
after(() => inventory[Symbol.asyncDispose]());

const cause = { code: "CANCELLED_BY_USER", message: "Changed their mind." };

test("a reservation holds stock, a finish sells it, an undo gives it back", async () => {
  const sessionId = "life";
  await inventory.stock(sessionId, { laptop: 5, mouse: 9 });
  const [kept, undone] = [newSagaId(), newSagaId()];
  const lines = [
    { productId: "mouse", quantity: 3 },
    { productId: "laptop", quantity: 2 },
  ];
  const dos = [kept, undone].map((sagaId) => ask(sessionId, sagaId, { kind: "do", lines }));
  assert.deepEqual(await run(dos), [
    { status: "PENDING", lines },
    { status: "PENDING", lines },
  ]);
  assert.deepEqual(await inventory.levelOf(sessionId, "laptop"), level(1, 4, 0));

  assert.deepEqual(await run([ask(sessionId, kept, { kind: "finish" })]), [
    { status: "CONFIRMED", lines },
  ]);
  assert.deepEqual(await run([ask(sessionId, undone, { kind: "undo", cause })]), [
    { status: "RELEASED", lines, cause },
  ]);
  assert.deepEqual(await inventory.levelOf(sessionId, "laptop"), level(3, 0, 2));
  assert.deepEqual(await inventory.levelOf(sessionId, "mouse"), level(6, 0, 3));
});

test("whatever is asked again is answered from the record, and nothing moves", async () => {
  const sessionId = "again";
  await inventory.stock(sessionId, { laptop: 3 });
  const [pending, refused, released, confirmed] = [1, 2, 3, 4].map(newSagaId) as [
    string,
    string,
    string,
    string,
  ];
  await run([confirmed, released, pending].map((sagaId) => reserve(sessionId, sagaId)));
  await run([reserve(sessionId, refused)]);
  await run([ask(sessionId, confirmed, { kind: "finish" })]);
  await run([ask(sessionId, released, { kind: "undo", cause })]);
  const before = await inventory.levelOf(sessionId, "laptop");

  const otherCause = { code: "TIME_LIMIT", message: "Too late." };
  for (const request of [
    { kind: "do", lines: [{ productId: "laptop", quantity: 1 }] },
    { kind: "undo", cause: otherCause },
    { kind: "finish" },
  ] as const) {
    const final = [refused, released, confirmed].map((sagaId) => ask(sessionId, sagaId, request));
    assert.deepEqual(
      (await run(final)).map((answer) => answer?.status),
      ["REFUSED", "RELEASED", "CONFIRMED"],
    );
  }
  const [repeated, shortages, oldCause] = await run(
    [pending, refused, released].map((sagaId) => reserve(sessionId, sagaId)),
  );
  assert.equal(repeated?.status, "PENDING");
  assert.deepEqual(shortages?.status === "REFUSED" && shortages.shortages, [
    { productId: "laptop", requested: 1, available: 0 },
  ]);
  assert.deepEqual(oldCause?.status === "RELEASED" && oldCause.cause, cause);
  assert.deepEqual(await inventory.levelOf(sessionId, "laptop"), before);
});

test("trace 3: a refusal is recorded, so that stock returned later does not revive it", async () => {
  const sessionId = "trace-3";
  await inventory.stock(sessionId, { "limited-edition": 1 });
  const [a, b] = [newSagaId(), newSagaId()];
  await run([reserve(sessionId, a, "limited-edition")]);
  await run([reserve(sessionId, b, "limited-edition")]);
  await run([ask(sessionId, a, { kind: "undo", cause })]);
  const [again] = await run([reserve(sessionId, b, "limited-edition")]);
  assert.equal(again?.status, "REFUSED");
  assert.deepEqual(await inventory.levelOf(sessionId, "limited-edition"), level(1, 0, 0));
});

test("an undo before its do leaves a tombstone, and the late do is refused", async () => {
  const sessionId = "tombstone";
  await inventory.stock(sessionId, { laptop: 1 });
  const sagaId = newSagaId();
  const tombstone = { status: "RELEASED", lines: [], cause };
  assert.deepEqual(await run([ask(sessionId, sagaId, { kind: "undo", cause })]), [tombstone]);
  assert.deepEqual(await run([reserve(sessionId, sagaId)]), [tombstone]);
  assert.deepEqual(await inventory.levelOf(sessionId, "laptop"), level(1, 0, 0));
});

test("trace 13: a do that is redriven long after its saga was undone changes nothing", async () => {
  const sessionId = "trace-13";
  await inventory.stock(sessionId, { laptop: 1 });
  const sagaId = newSagaId();
  const request = reserve(sessionId, sagaId);
  await run([request]);
  await run([ask(sessionId, sagaId, { kind: "undo", cause })]);
  const [redriven] = await run([request]);
  assert.equal(redriven?.status, "RELEASED");
  assert.deepEqual(await inventory.levelOf(sessionId, "laptop"), level(1, 0, 0));
});

test("trace 14: a do that saw no record is run again when an undo was written meanwhile", async () => {
  const sessionId = "trace-14";
  await inventory.stock(sessionId, { laptop: 1 });
  const sagaId = newSagaId();
  let runs = 0;
  const [answer] = await inventory.unitsOfWork.run((uow) => {
    runs += 1;
    const overtaken = runs === 1 ? afterItsFirstLook(uow, undo) : uow;
    return carryOut(overtaken, [reserve(sessionId, sagaId)]);
  });
  async function undo(): Promise<void> {
    await inventory.otherUnitsOfWork.run((uow) =>
      carryOut(uow, [ask(sessionId, sagaId, { kind: "undo", cause })]),
    );
  }
  assert.equal(runs, 2);
  assert.equal(answer?.status, "RELEASED");
  assert.deepEqual(await inventory.levelOf(sessionId, "laptop"), level(1, 0, 0));
});

test("a product that does not exist is short with nothing available", async () => {
  const [answer] = await run([reserve("nothing-here", newSagaId(), "ghost")]);
  assert.deepEqual(answer?.status === "REFUSED" && answer.shortages, [
    { productId: "ghost", requested: 1, available: 0 },
  ]);
});

test("the same saga id in another session is another reservation, of other stock", async () => {
  const sagaId = newSagaId();
  await inventory.stock("mine", { laptop: 1 });
  await inventory.stock("yours", { laptop: 7 });
  const [mine, yours] = await run([reserve("mine", sagaId), reserve("yours", sagaId)]);
  assert.deepEqual([mine?.status, yours?.status], ["PENDING", "PENDING"]);
  await run([ask("mine", sagaId, { kind: "undo", cause })]);
  assert.deepEqual(await inventory.levelOf("mine", "laptop"), level(1, 0, 0));
  assert.deepEqual(await inventory.levelOf("yours", "laptop"), level(6, 1, 0));
});

test("a finish without a reservation has no answer and leaves no record", async () => {
  const sagaId = newSagaId();
  assert.deepEqual(await run([ask("nobody", sagaId, { kind: "finish" })]), [undefined]);
  const [late] = await run([ask("nobody", sagaId, { kind: "undo", cause })]);
  assert.equal(late?.status, "RELEASED");
});

test("many sets at once from two processes reserve exactly what there is", async () => {
  const sessionId = "flash-sale";
  await inventory.stock(sessionId, { hot: 100, spare: 1000 });
  const sets = Array.from({ length: 24 }, () =>
    Array.from({ length: 10 }, () => reserve(sessionId, newSagaId(), "hot", "spare")),
  );
  const answers = await Promise.all(sets.map((set, index) => run(set, index % 2 === 0)));
  const statuses = answers.flat().map((answer) => answer?.status);
  assert.equal(statuses.filter((status) => status === "PENDING").length, 100);
  assert.equal(statuses.filter((status) => status === "REFUSED").length, 140);
  assert.deepEqual(await inventory.levelOf(sessionId, "hot"), level(0, 100, 0));
  assert.deepEqual(await inventory.levelOf(sessionId, "spare"), level(900, 100, 0));
});

test("the same undo heard by two consumers at once gives the stock back once", async () => {
  const sessionId = "twice-undone";
  await inventory.stock(sessionId, { laptop: 100 });
  const sagas = Array.from({ length: 40 }, newSagaId);
  await run(sagas.map((sagaId) => reserve(sessionId, sagaId)));
  const undos = sagas.slice(0, 20).map((sagaId) => ask(sessionId, sagaId, { kind: "undo", cause }));
  await Promise.all([run(undos), run(undos.toReversed(), true), run(undos), run(undos, true)]);
  assert.deepEqual(await inventory.levelOf(sessionId, "laptop"), level(80, 20, 0));
});

test("reserving, undoing and finishing the same sagas at once loses and makes no stock", async () => {
  const sessionId = "storm";
  await inventory.stock(sessionId, { a: 40, b: 40, c: 40 });
  const products = ["a", "b", "c"];
  const sagas = Array.from({ length: 60 }, newSagaId);
  const dos = sagas.map((sagaId, index) =>
    reserve(sessionId, sagaId, products[index % 3] ?? "", products[(index + 1) % 3] ?? ""),
  );
  const undos = sagas
    .filter((_, index) => index % 2 === 0)
    .map((sagaId) => ask(sessionId, sagaId, { kind: "undo", cause }));
  const finishes = sagas
    .filter((_, index) => index % 2 === 1)
    .map((sagaId) => ask(sessionId, sagaId, { kind: "finish" }));
  const storm = [dos, undos, dos.toReversed(), finishes, undos.toReversed(), finishes.toReversed()];
  await Promise.all(
    storm.flatMap((set, index) => chunksOf(set, 15).map((chunk) => run(chunk, index % 2 === 0))),
  );
  await run(dos);
  const undone = await run(undos);
  const finished = await run(finishes);
  assert.ok(undone.every((answer) => answer?.status === "RELEASED"));
  assert.ok(finished.every((answer) => answer?.status === "CONFIRMED"));
  for (const product of products) {
    assert.deepEqual(await inventory.levelOf(sessionId, product), level(20, 0, 20));
  }
});

test("statements are planned for the size that tables have, not for the one they had", async () => {
  const mode: Statement<{ readonly plan_cache_mode: string }> = {
    name: "test.plan-cache-mode",
    text: "show plan_cache_mode",
  };
  const [row] = await inventory.database.query(mode, []);
  assert.equal(row?.plan_cache_mode, "force_custom_plan");
});

function run(set: readonly SagaRequest[], elsewhere = false) {
  const unitsOfWork = elsewhere ? inventory.otherUnitsOfWork : inventory.unitsOfWork;
  return unitsOfWork.run((uow): Promise<readonly (Reservation | undefined)[]> =>
    carryOut(uow, set),
  );
}

function ask(sessionId: string, sagaId: string, request: Request): SagaRequest {
  return { sessionId, sagaId, request };
}

function reserve(sessionId: string, sagaId: string, ...productIds: readonly string[]): SagaRequest {
  const ids = productIds.length === 0 ? ["laptop"] : productIds;
  const lines = ids.map((productId) => ({ productId, quantity: 1 }));
  return ask(sessionId, sagaId, { kind: "do", lines });
}

/** A unit of work that somebody overtakes as soon as it has looked for its records. */
function afterItsFirstLook(uow: UnitOfWork, overtake: () => Promise<void>): UnitOfWork {
  return {
    ...uow,
    query: (statement, values) => {
      const answer = uow.query(statement, values);
      return statement.name === "reservation.lock"
        ? answer.then((rows) => overtake().then(() => rows))
        : answer;
    },
  };
}

function level(available: number, reserved: number, sold: number) {
  return { available, reserved, sold };
}

function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return items.length === 0 ? [] : [items.slice(0, size), ...chunksOf(items.slice(size), size)];
}
