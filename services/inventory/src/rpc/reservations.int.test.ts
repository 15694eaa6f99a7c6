import assert from "node:assert/strict";
import { after, test } from "node:test";

import { timestampDate } from "@bufbuild/protobuf/wkt";
import { ReservationStatus } from "@ordersaga/gen/inventory/v1/inventory_service";
import { uuidOf } from "@ordersaga/kernel";

import type { Request } from "../domain/reservation.ts";
import { newSagaId } from "../testing/inventory-under-test.ts";
import { carryOut } from "../use-cases/carry-out.ts";
import { openRpcUnderTest, operator, refuses } from "../testing/rpc-under-test.ts";

const rpc = await openRpcUnderTest();
after(() => rpc[Symbol.asyncDispose]());
const { client } = rpc;
const everywhere = { sessionId: "*", headers: operator };
const reserve: Request = { kind: "do", lines: [{ productId: "laptop", quantity: 2 }] };
const undo: Request = { kind: "undo", cause: { code: "TIME_LIMIT", message: "Too late." } };

test("reservations and stock are counted by session, and over all of them for operators", async () => {
  const before = await client.getStats({}, everywhere);
  await rpc.stock("counted", { laptop: 7, mouse: 10 });
  await carry("counted", [newSagaId()], reserve);
  await carry("counted", [newSagaId()], reserve, undo);
  await carry("counted", [newSagaId()], reserve, { kind: "finish" });
  await carry("counted", [newSagaId()], reserve);
  await carry("counted", [newSagaId()], reserve);
  const { products, reservations } = await client.getStats({}, { sessionId: "counted" });
  const { $typeName: _p, ...pieces } = products ?? {};
  const { $typeName: _r, ...rows } = reservations ?? {};
  assert.deepEqual(pieces, { total: 2n, stock: 15n, reserved: 4n, available: 11n, sold: 2n });
  assert.deepEqual(rows, { pending: 2n, confirmed: 1n, total: 5n });
  const now = await client.getStats({}, everywhere);
  assert.equal((now.products?.total ?? 0n) - (before.products?.total ?? 0n), 2n);
  assert.equal((now.reservations?.total ?? 0n) - (before.reservations?.total ?? 0n), 5n);
});

test("a session without anything counts nothing", async () => {
  const { products, reservations } = await client.getStats({}, { sessionId: "empty" });
  assert.deepEqual([products?.total, products?.stock, reservations?.total], [0n, 0n, 0n]);
});

test("a reservation is listed with its order, its lines and its times", async () => {
  await rpc.stock("one", { laptop: 7 });
  const sagaId = newSagaId();
  await carry("one", [sagaId], reserve, undo);
  const { reservations } = await client.listReservations({}, { sessionId: "one" });
  const [reservation] = reservations;
  assert.ok(reservation?.createTime && reservation.updateTime);
  assert.deepEqual([reservation.sagaId, reservation.orderId], [sagaId, uuidOf(sagaId)]);
  assert.equal(reservation.status, ReservationStatus.RELEASED);
  assert.deepEqual(
    reservation.lines.map(({ productId, quantity }) => [productId, quantity]),
    [["laptop", 2]],
  );
  const [created, updated] = [reservation.createTime, reservation.updateTime].map(timestampDate);
  assert.ok(created && updated && created < updated);
});

test("reservations are listed in pages, the newest first, by status if asked", async () => {
  const session = { sessionId: "listed" };
  await rpc.stock("listed", { laptop: 100 });
  const sagas = Array.from({ length: 7 }, newSagaId).toSorted();
  await carry("listed", sagas, reserve);
  await carry("listed", sagas.slice(0, 3), undo);
  await rpc.stock("unlisted", { laptop: 100 });
  await carry("unlisted", [newSagaId()], reserve);
  assert.deepEqual(await pagesOf({ pageSize: 3 }, session), sagas.toReversed());
  assert.deepEqual(
    await pagesOf({ pageSize: 2, status: ReservationStatus.RELEASED }, session),
    sagas.slice(0, 3).toReversed(),
  );
  assert.deepEqual(await pagesOf({ status: ReservationStatus.CONFIRMED }, session), []);
});

test("an operator lists those of all sessions, each once", async () => {
  const sagaId = newSagaId();
  await carry("twin-a", [sagaId], undo);
  await carry("twin-b", [sagaId], undo);
  const all = await pagesOf({ pageSize: 1 }, everywhere);
  assert.deepEqual(all.slice(0, 2), [sagaId, sagaId]);
  const { reservations } = await client.getStats({}, everywhere);
  assert.equal(BigInt(all.length), reservations?.total);
});

test("a page token is good for its own filter only", async () => {
  const session = { sessionId: "tokens" };
  await carry("tokens", [newSagaId(), newSagaId()], undo);
  const { nextPageToken: pageToken } = await client.listReservations({ pageSize: 1 }, session);
  assert.notEqual(pageToken, "");
  const wrongToken = { code: "INVALID_ARGUMENT", field: "page_token" } as const;
  const status = ReservationStatus.RELEASED;
  await refuses(client.listReservations({ pageToken, status }, session), wrongToken);
  await refuses(client.listReservations({ pageToken }, { sessionId: "other" }), wrongToken);
  await refuses(client.listReservations({ pageToken: `${pageToken}A` }, session), wrongToken);
  await refuses(client.listReservations({ pageToken: "x".repeat(513) }, session), wrongToken);
  await refuses(client.listReservations({ pageSize: -1 }, session), {
    code: "INVALID_ARGUMENT",
    field: "page_size",
  });
  await refuses(client.listReservations({ status: 99 as ReservationStatus }, session), {
    code: "INVALID_ARGUMENT",
    field: "status",
  });
});

test("dead letters are for operators", async () => {
  await refuses(rpc.deadLetters.listDeadLetters({}), { code: "PERMISSION_DENIED" });
  const { deadLetters } = await rpc.deadLetters.listDeadLetters({}, { headers: operator });
  assert.deepEqual(deadLetters, []);
});

/** Carries out each of some requests for some sagas, one unit of work after the other. */
async function carry(
  sessionId: string,
  sagas: readonly string[],
  ...requests: readonly Request[]
): Promise<void> {
  for (const request of requests) {
    await rpc.unitsOfWork.run((uow) =>
      carryOut(
        uow,
        sagas.map((sagaId) => ({ sagaId, sessionId, request })),
      ),
    );
  }
}

async function pagesOf(
  request: { readonly pageSize?: number; readonly status?: ReservationStatus },
  options: { readonly sessionId: string },
): Promise<readonly string[]> {
  const seen: string[] = [];
  let pageToken = "";
  do {
    const page = await client.listReservations({ ...request, pageToken }, options);
    seen.push(...page.reservations.map(({ sagaId }) => sagaId));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return seen;
}
