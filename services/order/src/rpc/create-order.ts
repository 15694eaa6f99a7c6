import type { CreateOrderRequest } from "@ordersaga/gen/order/v1/order_service";
import { AppError, invalidArgument } from "@ordersaga/kernel";
import type { CallContext } from "@ordersaga/rpc";

import { repeatedProduct, tooLarge } from "../domain/check-lines.ts";
import { idempotencyHeader, idempotencyKeyOf } from "../domain/idempotency-key.ts";
import type { WantedLine } from "../domain/order.ts";
import { requestHashOf } from "../domain/request-hash.ts";
import type { CreateOrderCall, CreateOrderResult } from "../use-cases/create-order/call.ts";
import { acceptedOrderMessage } from "./messages.ts";
import type { OrderHandlers, OrderResources } from "./order-handlers.ts";
import { refusalError } from "./refusal-error.ts";
import { oneSessionOf } from "./session.ts";

/** CreateOrder: accepts an order, or says precisely why not. */
export function createOrderHandler({
  submit,
  maxOrderBytes,
}: Pick<OrderResources, "submit" | "maxOrderBytes">): OrderHandlers["createOrder"] {
  return async (request, context) => {
    const wrong = repeatedProduct(request.lines) ?? tooLarge(request, maxOrderBytes);
    if (wrong !== undefined) {
      throw invalidArgument(wrong);
    }
    return answerOf(await submit(callOf(request, context)), context);
  };
}

function callOf(request: CreateOrderRequest, context: CallContext): CreateOrderCall {
  const header = context.headers[idempotencyHeader];
  const key = idempotencyKeyOf({ header, requestId: request.requestId });
  if (key.kind === "wrong") {
    throw invalidArgument(key.violation);
  }
  const isKeyed = key.kind === "key";
  return {
    sessionId: oneSessionOf(context),
    key: isKeyed ? key.key : undefined,
    requestHash: isKeyed ? requestHashOf(request) : "",
    userId: request.userId,
    lines: request.lines.map(wantedLineOf),
    paymentToken: request.paymentMethod?.token ?? "",
    coordination: request.coordination,
    signal: context.signal,
  };
}

function wantedLineOf(line: CreateOrderRequest["lines"][number]): WantedLine {
  const { productId, quantity, expectedUnitPrice: price } = line;
  return {
    productId,
    quantity,
    expectedUnitPrice:
      price === undefined ? undefined : { currency: price.currencyCode, minor: price.minorUnits },
  };
}

function answerOf(result: CreateOrderResult, { signal }: CallContext) {
  switch (result.kind) {
    case "accepted":
      return { order: acceptedOrderMessage(result.order) };
    case "refused":
      throw refusalError(result.refusal);
    case "key-reused":
      throw new AppError({
        code: "ALREADY_EXISTS",
        message: "the idempotency key was used for another request",
        reason: "IDEMPOTENCY_KEY_REUSED",
      });
    default:
      throw signal.reason instanceof AppError ? signal.reason : gone();
  }
}

function gone(): AppError {
  return new AppError({
    code: "CANCELLED",
    message: "the caller left before the order was accepted",
  });
}
