import type { PaymentService } from "@ordersaga/gen/payment/v1/payment_service";
import type { Database } from "@ordersaga/outbox";
import { decodePageToken, encodePageToken, type Handlers, pageSizeOf } from "@ordersaga/rpc";

import { listPayments } from "../use-cases/read-payments.ts";
import { paymentMessage, statusFilterOf } from "./payment-message.ts";
import { anySession, sessionPattern } from "./session.ts";

/** `ListPayments`: the newest first. */
export function createListPayments(
  database: Database,
): Handlers<typeof PaymentService>["listPayments"] {
  return async ({ pageSize, pageToken, status: asked }, context) => {
    const limit = pageSizeOf(pageSize, { default: 50, max: 1000 });
    const status = statusFilterOf(asked);
    const filter = { list: "payments", session: context.sessionId, status };
    const key = decodePageToken(pageToken, { filter, key: [uuidPattern, sessionPattern] });
    const payments = await listPayments(database, {
      sessionId: anySession(context),
      status,
      after: key && { sagaId: key[0] ?? "", sessionId: key[1] ?? "" },
      limit: limit + 1,
    });
    const shown = payments.slice(0, limit);
    const last = payments.length > limit ? shown.at(-1) : undefined;
    return {
      payments: shown.map(paymentMessage),
      nextPageToken: last ? encodePageToken({ key: [last.sagaId, last.sessionId], filter }) : "",
    };
  };
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
