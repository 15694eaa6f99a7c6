import assert from "node:assert/strict";
import { after, test } from "node:test";

import { fromBinary } from "@bufbuild/protobuf";
import { ProductChangedSchema } from "@ordersaga/gen/inventory/event/v1/inventory_events";

import { defaultCatalogue } from "../domain/catalogue.ts";
import { newSagaId } from "../testing/inventory-under-test.ts";
import { carryOut } from "../use-cases/carry-out.ts";
import { openRpcUnderTest, operator, refuses } from "../testing/rpc-under-test.ts";

const rpc = await openRpcUnderTest();
after(() => rpc[Symbol.asyncDispose]());
const { client } = rpc;

test("seeding nothing seeds the default catalogue, as often as one likes", async () => {
  const session = { sessionId: "catalogue" };
  const first = await client.seedProducts({}, session);
  assert.deepEqual(await client.seedProducts({}, session), first);
  const stockOf = new Map(first.products.map(({ id, available }) => [id, available]));
  assert.ok(stockOf.size >= 8);
  for (const id of ["laptop", "mouse", "keyboard", "monitor", "headphones", "webcam"]) {
    assert.ok((stockOf.get(id) ?? 0n) > 1n);
  }
  assert.deepEqual([stockOf.get("limited-edition"), stockOf.get("sold-out")], [1n, 0n]);
  assert.ok(first.products.every(({ unitPrice }) => unitPrice?.currencyCode === "EUR"));
  assert.equal((await changesIn("catalogue")).length, defaultCatalogue.length);
});

test("seeding sets price and free stock back, and leaves what is reserved alone", async () => {
  const session = { sessionId: "set-back" };
  await client.seedProducts({ products: [lamp({ available: 3n })] }, session);
  await reserveOne("set-back", "lamp");
  await client.adjustStock({ productId: "lamp", delta: -2n }, session);
  const { products } = await client.seedProducts({ products: [lamp({ available: 9n })] }, session);
  const [product] = products;
  assert.deepEqual(
    [product?.available, product?.reserved, product?.stock, product?.version],
    [9n, 1n, 10n, 1n],
  );
});

test("a product's first price and every change of name or price are told, nothing else", async () => {
  const session = { sessionId: "prices" };
  const seed = async (product: ReturnType<typeof lamp>) =>
    await client.seedProducts({ products: [product] }, session);
  await seed(lamp());
  await seed(lamp({ available: 8n }));
  await seed(lamp({ unitPrice: { currencyCode: "EUR", minorUnits: 2000n } }));
  await seed(lamp({ unitPrice: { currencyCode: "USD", minorUnits: 2000n } }));
  await seed(lamp({ unitPrice: { currencyCode: "USD", minorUnits: 2000n }, name: "Light" }));
  await client.adjustStock({ productId: "lamp", delta: 5n }, session);
  assert.deepEqual(
    (await changesIn("prices")).map(({ name, unitPrice, version }) => [
      name,
      unitPrice?.minorUnits,
      unitPrice?.currencyCode,
      version,
    ]),
    [
      ["Lamp", 1999n, "EUR", 1n],
      ["Lamp", 2000n, "EUR", 2n],
      ["Lamp", 2000n, "USD", 3n],
      ["Light", 2000n, "USD", 4n],
    ],
  );
});

test("the products come back in the order in which they were sent", async () => {
  const ids = ["c", "a", "b"];
  const products = ids.map((id) => lamp({ id }));
  const answer = await client.seedProducts({ products }, { sessionId: "order" });
  assert.deepEqual(answer.products.map(idOf), ids);
});

test("seeding one session from many calls at once ends well", async () => {
  const session = { sessionId: "at-once" };
  const ids = Array.from({ length: 30 }, (_, index) => `p${index}`);
  await Promise.all(
    Array.from({ length: 8 }, async (_, call) => {
      const products = (call % 2 === 0 ? ids : ids.toReversed()).map((id) => lamp({ id }));
      await client.seedProducts({ products }, session);
    }),
  );
  assert.equal((await changesIn("at-once")).length, 30);
});

test("bad products are refused by the paths of their fields, and none is kept", async () => {
  const session = { sessionId: "bad-seed" };
  const wrong = [
    [[lamp(), lamp()], "products[1].id"],
    [[lamp({ id: "Lamp" })], "products[0].id"],
    [[lamp({ id: "" })], "products[0].id"],
    [[lamp(), lamp({ id: "b", name: "" })], "products[1].name"],
    [[lamp({ name: "a\u0000b" })], "products[0].name"],
    [[lamp({ name: "x".repeat(201) })], "products[0].name"],
    [[lamp({ available: -1n })], "products[0].available"],
    [[lamp({ available: 1_000_000_001n })], "products[0].available"],
    [[lamp({ unitPrice: undefined })], "products[0].unit_price"],
    [
      [lamp({ unitPrice: { currencyCode: "EUR", minorUnits: -1n } })],
      "products[0].unit_price.minor_units",
    ],
    [
      [lamp({ unitPrice: { currencyCode: "euro", minorUnits: 1n } })],
      "products[0].unit_price.currency_code",
    ],
    [Array.from({ length: 1001 }, (_, index) => lamp({ id: `p${index}` })), "products"],
  ] as const;
  for (const [products, field] of wrong) {
    const call = client.seedProducts({ products: [...products] }, session);
    await refuses(call, { code: "INVALID_ARGUMENT", field });
  }
  assert.deepEqual((await client.listProducts({}, session)).products, []);
});

test("stock is added and taken, but no more than is free", async () => {
  const session = { sessionId: "adjust" };
  await client.seedProducts({ products: [lamp({ available: 5n })] }, session);
  await reserveOne("adjust", "lamp");
  const { product } = await client.adjustStock({ productId: "lamp", delta: 6n }, session);
  assert.deepEqual([product?.available, product?.reserved, product?.stock], [10n, 1n, 11n]);
  await refuses(client.adjustStock({ productId: "lamp", delta: -11n }, session), {
    code: "FAILED_PRECONDITION",
    reason: "INSUFFICIENT_STOCK",
    metadata: { product_id: "lamp", available: "10", requested: "11" },
  });
  const emptied = await client.adjustStock({ productId: "lamp", delta: -10n }, session);
  assert.equal(emptied.product?.available, 0n);
  await refuses(client.adjustStock({ productId: "lamp", delta: -1_000_000_001n }, session), {
    code: "INVALID_ARGUMENT",
    field: "delta",
  });
  await refuses(client.adjustStock({ productId: "", delta: 1n }, session), {
    code: "INVALID_ARGUMENT",
    field: "product_id",
  });
});

test("stock can not be added without end", async () => {
  const session = { sessionId: "no-end" };
  await rpc.stock("no-end", { lamp: 999_999_999_999 });
  await client.adjustStock({ productId: "lamp", delta: 1n }, session);
  await refuses(client.adjustStock({ productId: "lamp", delta: 1n }, session), {
    code: "FAILED_PRECONDITION",
    reason: "STOCK_LIMIT",
  });
});

test("taking from one product at once never takes more than there is", async () => {
  const session = { sessionId: "take" };
  await client.seedProducts({ products: [lamp({ available: 10n })] }, session);
  const taken = await Promise.allSettled(
    Array.from({ length: 30 }, () =>
      client.adjustStock({ productId: "lamp", delta: -1n }, session),
    ),
  );
  assert.equal(taken.filter(({ status }) => status === "fulfilled").length, 10);
  assert.equal((await rpc.levelOf("take", "lamp")).available, 0);
});

test("a product is read; one that is not there, or in another session, is NOT_FOUND", async () => {
  await client.seedProducts({ products: [lamp({ available: 4n })] }, { sessionId: "here" });
  const { product } = await client.getProduct({ productId: "lamp" }, { sessionId: "here" });
  assert.equal(product?.name, "Lamp");
  assert.deepEqual([product?.unitPrice?.minorUnits, product?.available], [1999n, 4n]);
  const notFound = { code: "NOT_FOUND", metadata: { product_id: "lamp" } } as const;
  const elsewhere = { sessionId: "elsewhere" };
  await refuses(client.getProduct({ productId: "lamp" }, elsewhere), notFound);
  await refuses(client.adjustStock({ productId: "lamp", delta: 1n }, elsewhere), notFound);
  const { answers } = await client.checkStock({ queries: [{ productId: "lamp" }] }, elsewhere);
  assert.equal(answers[0]?.answer.case, "unknown");
  await refuses(client.getProduct({ productId: "No!" }, elsewhere), {
    code: "INVALID_ARGUMENT",
    field: "product_id",
  });
});

test("products are listed by id in pages, and each session sees its own", async () => {
  const ids = ["a", "b", "b.2", "c-1", "c_1"];
  const products = ids.map((id) => lamp({ id }));
  await client.seedProducts({ products }, { sessionId: "pages" });
  await client.seedProducts({ products: [lamp({ id: "other" })] }, { sessionId: "pages2" });
  const seen: string[] = [];
  let pageToken = "";
  let pages = 0;
  do {
    const page = await client.listProducts({ pageSize: 2, pageToken }, { sessionId: "pages" });
    seen.push(...page.products.map(idOf));
    pageToken = page.nextPageToken;
    pages++;
  } while (pageToken !== "");
  assert.deepEqual(seen, ["a", "b", "b.2", "c-1", "c_1"]);
  assert.equal(pages, 3);
});

test("a page token is good for its own list and session only", async () => {
  const session = { sessionId: "tokens" };
  const products = ["a", "b", "c"].map((id) => lamp({ id }));
  await client.seedProducts({ products }, session);
  const { nextPageToken } = await client.listProducts({ pageSize: 1 }, session);
  assert.notEqual(nextPageToken, "");
  const wrongToken = { code: "INVALID_ARGUMENT", field: "page_token" } as const;
  await refuses(client.listProducts({ pageToken: "nonsense" }, session), wrongToken);
  await refuses(
    client.listProducts({ pageToken: nextPageToken }, { sessionId: "tokens2" }),
    wrongToken,
  );
  await refuses(client.listReservations({ pageToken: nextPageToken }, session), wrongToken);
  await refuses(client.listProducts({ pageSize: -1 }, session), {
    code: "INVALID_ARGUMENT",
    field: "page_size",
  });
});

test("an operator lists the products of all sessions, and changes none of them", async () => {
  const everywhere = { sessionId: "*", headers: operator };
  await client.seedProducts({ products: [lamp()] }, { sessionId: "zz-last" });
  const seen: string[] = [];
  let pageToken = "";
  do {
    const page = await client.listProducts({ pageSize: 40, pageToken }, everywhere);
    seen.push(...page.products.map(idOf));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  assert.deepEqual(seen.slice(-1), ["lamp"]);
  assert.equal(BigInt(seen.length), (await client.getStats({}, everywhere)).products?.total);
  const oneOnly = { code: "INVALID_ARGUMENT", field: "x-session-id" } as const;
  await refuses(client.seedProducts({}, everywhere), oneOnly);
  await refuses(client.adjustStock({ productId: "lamp", delta: 1n }, everywhere), oneOnly);
  await refuses(client.getProduct({ productId: "lamp" }, everywhere), oneOnly);
  await refuses(client.checkStock({ queries: [{ productId: "lamp" }] }, everywhere), oneOnly);
});

test("without a session, or with all of them but no operator's token, nothing is answered", async () => {
  const missing = { code: "INVALID_ARGUMENT", field: "x-session-id" } as const;
  const everybody = { sessionId: "*" };
  for (const call of [
    client.seedProducts.bind(undefined, {}),
    client.adjustStock.bind(undefined, { productId: "lamp", delta: 1n }),
    client.getProduct.bind(undefined, { productId: "lamp" }),
    client.checkStock.bind(undefined, { queries: [{ productId: "lamp" }] }),
    client.listProducts.bind(undefined, {}),
    client.listReservations.bind(undefined, {}),
    client.getStats.bind(undefined, {}),
  ]) {
    await refuses(call(), missing);
    await refuses(call(everybody), { code: "PERMISSION_DENIED" });
  }
});

function lamp(changed: object = {}) {
  const unitPrice = { currencyCode: "EUR", minorUnits: 1999n };
  return { id: "lamp", name: "Lamp", unitPrice, available: 5n, ...changed };
}

async function reserveOne(sessionId: string, productId: string): Promise<void> {
  const lines = [{ productId, quantity: 1 }];
  const request = { kind: "do", lines } as const;
  const [reservation] = await rpc.unitsOfWork.run((uow) =>
    carryOut(uow, [{ sagaId: newSagaId(), sessionId, request }]),
  );
  assert.equal(reservation?.status, "PENDING");
}

async function changesIn(sessionId: string) {
  const events = await rpc.emitted(sessionId);
  return events
    .filter(({ type }) => type === ProductChangedSchema.typeName)
    .map(({ payload, sagaId }) => {
      assert.equal(sagaId, "");
      return fromBinary(ProductChangedSchema, payload);
    });
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}
