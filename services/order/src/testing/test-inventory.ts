import {
  InventoryService,
  type StockAnswerSchema,
  type StockQuery,
} from "@ordersaga/gen/inventory/v1/inventory_service";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { AppError } from "@ordersaga/kernel";
import { type Handlers, serve, startRpcServer } from "@ordersaga/rpc";

/** What the stand-in for inventory knows of one product. */
export type TestProduct = {
  readonly minor: bigint;
  readonly available: bigint;
  readonly currency?: string;
};

/** Answers stock checks from a table that the test changes, or fails them in the way the test asks for. */
export type TestInventory = AsyncDisposable & {
  readonly url: string;
  readonly products: Map<string, TestProduct>;
  /** Runs before each answer; throw, or wait, to be out of reach. */
  beforeAnswer: () => Promise<void>;
  /** Stock checks that were answered. */
  readonly checks: { readonly sessionId: string; readonly queries: number }[];
};

export async function startTestInventory(): Promise<TestInventory> {
  const products = new Map<string, TestProduct>([
    ["laptop", { minor: 99_900n, available: 100_000n }],
    ["mouse", { minor: 1_999n, available: 100_000n }],
    ["limited-edition", { minor: 4_999n, available: 1n }],
    ["sold-out", { minor: 2_999n, available: 0n }],
    ["swiss", { minor: 500n, available: 10n, currency: "CHF" }],
    ["treasure", { minor: 2n ** 62n, available: 10n }],
  ]);
  const checks: { sessionId: string; queries: number }[] = [];
  const server = await startRpcServer({
    port: 0,
    services: [serve(InventoryService, handlers(), { needsSession: true })],
    drainMs: 10,
  });
  server.setServing(true);
  const inventory: TestInventory = {
    url: `http://127.0.0.1:${server.port}`,
    products,
    checks,
    beforeAnswer: async () => undefined,
    [Symbol.asyncDispose]: () => server.stop(),
  };
  return inventory;

  function handlers(): Handlers<typeof InventoryService> {
    return {
      checkStock: async ({ queries }, { sessionId }) => {
        await inventory.beforeAnswer();
        checks.push({ sessionId, queries: queries.length });
        return { answers: queries.map((query) => answerOf(query, products.get(query.productId))) };
      },
      listProducts: notHere,
      getProduct: notHere,
      seedProducts: notHere,
      adjustStock: notHere,
      getStats: notHere,
      listReservations: notHere,
    };
  }
}

function answerOf(
  { productId, quantity }: StockQuery,
  product: TestProduct | undefined,
): MessageInitShape<typeof StockAnswerSchema> {
  if (product === undefined) {
    return { productId, answer: { case: "unknown", value: {} } };
  }
  const { minor, available, currency = "EUR" } = product;
  const unitPrice = { currencyCode: currency, minorUnits: minor };
  const sufficient = available >= BigInt(quantity);
  return { productId, answer: { case: "found", value: { sufficient, available, unitPrice } } };
}

async function notHere(): Promise<never> {
  throw new AppError({ code: "UNIMPLEMENTED", message: "not part of the stand-in" });
}
