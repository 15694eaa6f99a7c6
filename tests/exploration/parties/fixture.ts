import type { MessageInitShape } from "@bufbuild/protobuf";
import type { OrderCreatedSchema } from "@ordersaga/gen/order/event/v1/order_events";

/**
 * All orders of a world are alike but for their coordination: one piece of one product. They meet in the
 * stock and nowhere else, so one id serves them all, and orders can change places in a state.
 */
export const sagaId = "019b76da0c007abc8def0123456789ab";
export const sessionId = "exploration";
export const productId = "p";

/** It is always this moment; time passes by deadlines and scanners, which come when they like. */
export const now = new Date("2026-01-01T00:00:00.000Z");

const price = { currencyCode: "EUR", minorUnits: 100n };

/** What every order of a world begins with. */
export const orderCreated = {
  orderId: "019b76da-0c00-7abc-8def-0123456789ab",
  userId: "u",
  lines: [{ productId, quantity: 1, unitPrice: price }],
  total: price,
  paymentToken: "tok_ok",
} as const satisfies MessageInitShape<typeof OrderCreatedSchema>;
